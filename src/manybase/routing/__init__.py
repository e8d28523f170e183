"""Which database a statement goes to, and what may meet what.

Pure decisions over settings, routers and the places of objects: nothing here opens a connection
or runs a query. ``models``, ``ops`` and ``db`` ask; ``runtime`` obeys.
"""
