"""How PostgreSQL keeps values: in its own types, which psycopg reads and writes in C.

Only JSON needs work: connections hand it over as text, so that a field's decoder can see it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from manybase.dialects import codec
from manybase.dialects.base import storage_of
from manybase.dialects.converter import Converter
from manybase.meta.storage import Storage

_COMPUTED = {"integer": codec.INTEGER_READER, "float": codec.FLOAT_READER}


def reader(storage: Storage, computed: bool) -> Converter | None:
    """See ``Dialect.reader``."""
    if storage.family == "json":
        return codec.json_reader(storage.decoder)
    return _COMPUTED.get(storage.family) if computed else None


def writer(storage: Storage) -> Converter | None:
    """See ``Dialect.writer``."""
    return codec.json_writer(storage.encoder) if storage.family == "json" else None


def column_type(described: Any, use_tz: bool) -> TypeEngine[Any]:
    """See ``Dialect.column_type``."""
    storage = storage_of(described)
    family = storage.family
    if family == "integer":
        return _INTEGERS[storage.size or 4]
    if family == "text":
        if storage.size:
            return sqlalchemy.String(storage.size, collation=storage.collation)
        return sqlalchemy.Text(collation=storage.collation)
    if family == "decimal":
        return sqlalchemy.Numeric(storage.precision, storage.scale)
    if family == "datetime":
        return _MOMENT if use_tz else _WALL
    return _TYPES[family]


def bind_type(described: Any, use_tz: bool) -> TypeEngine[Any]:
    """See ``Dialect.bind_type``: wide enough that a large value is no error of the server."""
    family = storage_of(described).family
    if family == "integer":
        return _INTEGERS[8]
    if family == "text":
        return _TEXT
    if family == "decimal":
        return _NUMBER
    return column_type(described, use_tz)


_INTEGERS: dict[int, TypeEngine[Any]] = {
    2: sqlalchemy.SmallInteger(),
    4: sqlalchemy.Integer(),
    8: sqlalchemy.BigInteger(),
}
_TEXT = sqlalchemy.String()
_NUMBER: TypeEngine[Any] = sqlalchemy.Numeric()
_MOMENT = postgresql.TIMESTAMP(timezone=True)
_WALL = postgresql.TIMESTAMP(timezone=False)
_TYPES: dict[str, TypeEngine[Any]] = {
    "float": postgresql.DOUBLE_PRECISION(),
    "boolean": sqlalchemy.Boolean(),
    "date": sqlalchemy.Date(),
    "time": postgresql.TIME(timezone=False),
    "duration": postgresql.INTERVAL(),
    "uuid": postgresql.UUID(as_uuid=True),
    "binary": postgresql.BYTEA(),
    "json": postgresql.JSONB(),
    "ip": postgresql.INET(),
}
