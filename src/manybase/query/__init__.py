"""From recorded calls to plans: shapes, names, conditions, compilation, hydration.

Pure: nothing here opens a connection or executes a statement. Only ``query.compile`` and the
modules in it import SQLAlchemy, and they are loaded when a shape is seen for the first time.
"""
