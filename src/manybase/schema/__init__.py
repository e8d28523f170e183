"""Which tables models need, as SQLAlchemy tables and as SQL text; pure, sends nothing.

Loads SQLAlchemy: import its modules where tables are made, not at start-up.
"""
