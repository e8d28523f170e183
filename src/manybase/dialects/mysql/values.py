"""How MariaDB and MySQL keep values: moments in UTC, durations as microseconds, UUIDs as hex."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from manybase.dialects import codec
from manybase.dialects.base import storage_of
from manybase.dialects.converter import Converter, call
from manybase.dialects.hooks_time import zone_of
from manybase.meta.storage import Storage

_NAMES: dict[str, object] = {"utc": datetime.UTC, "midnight": datetime.datetime(2000, 1, 1)}  # noqa: DTZ001
_AWARE_READER = Converter("{v}.replace(tzinfo=utc)", _NAMES)
_AWARE_WRITER = Converter("{v}.astimezone(utc).replace(tzinfo=None)", _NAMES)
_READERS: dict[str, Converter] = {
    "boolean": codec.BOOLEAN_READER,
    # The drivers give a TIME as the time since midnight.
    "time": Converter("(midnight + {v}).time()", _NAMES),
    "duration": codec.DURATION_READER,
    "uuid": codec.UUID_READER,
}
_WRITERS: dict[str, Converter] = {
    "duration": codec.DURATION_WRITER,
    "uuid": codec.UUID_WRITER,
    "binary": codec.BINARY_WRITER,
}


def _decimal(value: Any) -> Decimal:
    # Rounding gives whole numbers, and sums of mixed kinds doubles.
    return value if type(value) is Decimal else Decimal(str(value))


_COMPUTED = {
    "integer": codec.INTEGER_READER,
    "float": codec.FLOAT_READER,
    "decimal": call(_decimal),
}


def reader(storage: Storage, computed: bool, use_tz: bool) -> Converter | None:
    """See ``Dialect.reader``."""
    family = storage.family
    if family == "datetime":
        return _AWARE_READER if use_tz else None
    if family == "json":
        return codec.json_reader(storage.decoder)
    if computed and family in _COMPUTED:
        return _COMPUTED[family]
    return _READERS.get(family)


def writer(storage: Storage, use_tz: bool) -> Converter | None:
    """See ``Dialect.writer``."""
    if storage.family == "datetime":
        return _AWARE_WRITER if use_tz else None
    if storage.family == "json":
        return codec.json_writer(storage.encoder)
    return _WRITERS.get(storage.family)


def zoned_reader(tz: str) -> Converter:
    """How a moment is read that is kept on the clock of a zone."""
    zone = zone_of(tz)

    def moment_in_zone(wall: datetime.datetime) -> datetime.datetime:
        return wall.replace(tzinfo=zone).astimezone(datetime.UTC)

    return call(moment_in_zone)


def zoned_writer(tz: str) -> Converter:
    """How a moment is written that is kept on the clock of a zone."""
    zone = zone_of(tz)

    def wall_in_zone(moment: datetime.datetime) -> datetime.datetime:
        return moment.astimezone(zone).replace(tzinfo=None)

    return call(wall_in_zone)


def column_type(described: Any) -> TypeEngine[Any]:
    """See ``Dialect.column_type``."""
    storage = storage_of(described)
    if storage.family == "integer":
        return _INTEGERS[storage.size or 4]
    if storage.family == "text":
        if storage.size:
            return mysql.VARCHAR(storage.size, collation=storage.collation)
        return mysql.LONGTEXT(collation=storage.collation)
    if storage.family == "decimal":
        return sqlalchemy.Numeric(storage.precision, storage.scale)
    return _TYPES[storage.family]


def cast_type(described: Any) -> TypeEngine[Any]:
    """See ``Dialect.cast_type``: CAST knows fewer types than a column."""
    family = storage_of(described).family
    return _CASTS.get(family) or column_type(described)


_INTEGERS: dict[int, TypeEngine[Any]] = {
    2: sqlalchemy.SmallInteger(),
    4: sqlalchemy.Integer(),
    8: sqlalchemy.BigInteger(),
}
_TYPES: dict[str, TypeEngine[Any]] = {
    "float": mysql.DOUBLE(asdecimal=False),
    "boolean": sqlalchemy.Boolean(),
    "date": sqlalchemy.Date(),
    "time": mysql.TIME(fsp=6),
    "datetime": mysql.DATETIME(fsp=6),
    "duration": sqlalchemy.BigInteger(),
    "uuid": sqlalchemy.CHAR(32),
    "binary": mysql.LONGBLOB(),
    "json": mysql.JSON(),
    "ip": sqlalchemy.CHAR(39),
}
_CASTS: dict[str, TypeEngine[Any]] = {
    "integer": sqlalchemy.BigInteger(),
    "boolean": sqlalchemy.BigInteger(),
    "text": sqlalchemy.String(),
    "binary": sqlalchemy.LargeBinary(),
}
