"""The databases of the program, in Django's words: connections, router, transactions, errors.

A thin face over ``runtime`` and ``routing``. ``from manybase.db import models`` works too.
"""

from __future__ import annotations

from manybase.db import transaction
from manybase.db.connections import close_old_connections, connection, connections, reset_queries
from manybase.errors import (
    CrossDatabaseError,
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    InternalError,
    MissingTable,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from manybase.errors import DatabaseError as Error
from manybase.errors import UnknownAlias as ConnectionDoesNotExist
from manybase.routing.router import router

DEFAULT_DB_ALIAS = "default"
"""The alias that Django's programs expect to exist; here none is obligatory."""

__all__ = [
    "DEFAULT_DB_ALIAS",
    "ConnectionDoesNotExist",
    "CrossDatabaseError",
    "DataError",
    "DatabaseError",
    "Error",
    "IntegrityError",
    "InterfaceError",
    "InternalError",
    "MissingTable",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "close_old_connections",
    "connection",
    "connections",
    "reset_queries",
    "router",
    "transaction",
]
