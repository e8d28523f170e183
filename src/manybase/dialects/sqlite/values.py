"""How SQLite keeps values: dates as ISO text, durations as microseconds, decimals as numbers.

Decimals of up to 15 digits are numbers, which holds them exactly enough that reading gives back
what was written; longer ones are text under a collation that compares numbers.
"""

from __future__ import annotations

import datetime
import math
from decimal import Decimal
from typing import Any

import sqlalchemy
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeEngine

from manybase.dialects import codec
from manybase.dialects.base import storage_of
from manybase.dialects.converter import Converter, call
from manybase.dialects.hooks_time import zone_of
from manybase.meta.storage import Storage

FLOAT_DIGITS = 15
"""Decimal digits that a double keeps for certain."""

_FROM_TEXT: dict[str, object] = {
    "date_from_text": datetime.date.fromisoformat,
    "time_from_text": datetime.time.fromisoformat,
    "datetime_from_text": datetime.datetime.fromisoformat,
    "utc": datetime.UTC,
}
_ISO = Converter("{v}.isoformat()")
_ISO_SPACE = Converter('{v}.isoformat(" ")')
NAIVE_READER = Converter("datetime_from_text({v})", _FROM_TEXT)


def _short_decimal(value: Any) -> Decimal:
    # Sums of doubles are off by less than the last of the digits that a double keeps.
    return Decimal(format(value, f".{FLOAT_DIGITS}g") if type(value) is float else str(value))


def _beyond(value: Any) -> Any:
    """A whole number of more than 8 bytes as a double, which SQLite compares exactly."""
    if type(value) is not int or -(2**63) <= value < 2**63:
        return value
    try:
        made = float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    # The next below the least number of 8 bytes would be rounded to it.
    return min(made, _BELOW) if value < 0 else made


_BELOW = math.nextafter(-(2.0**63), -math.inf)
BEYOND_WRITER = call(_beyond)
_SHORT_DECIMAL = call(_short_decimal)
_READERS: dict[str, Converter] = {
    "boolean": codec.BOOLEAN_READER,
    "date": Converter("date_from_text({v})", _FROM_TEXT),
    "time": Converter("time_from_text({v})", _FROM_TEXT),
    "duration": codec.DURATION_READER,
    "uuid": codec.UUID_READER,
}
_AWARE_READER = Converter("moment_from_text({v})", {"moment_from_text": codec.moment_from_text})
_AWARE_WRITER = Converter('{v}.astimezone(utc).replace(tzinfo=None).isoformat(" ")', _FROM_TEXT)
_WRITERS: dict[str, Converter] = {
    "date": _ISO,
    "time": _ISO,
    "duration": codec.DURATION_WRITER,
    "uuid": codec.UUID_WRITER,
    "binary": codec.BINARY_WRITER,
}


class LongDecimal(sqlalchemy.Numeric[Any]):
    """A decimal of more digits than a double holds."""

    cache_ok = True


@compiles(LongDecimal, "sqlite")
def _long_decimal(type_: LongDecimal, compiler: Any, **_: Any) -> str:
    return "TEXT COLLATE manybase_decimal"


def is_long(storage: Storage) -> bool:
    """Whether a decimal column has more digits than a double holds."""
    return (storage.precision or 0) > FLOAT_DIGITS


def reader(storage: Storage, computed: bool, use_tz: bool) -> Converter | None:
    """See ``Dialect.reader``."""
    family = storage.family
    if family == "datetime":
        return _AWARE_READER if use_tz else NAIVE_READER
    if family == "decimal":
        if computed and storage.scale is None:
            return _SHORT_DECIMAL
        plain = not computed and not is_long(storage)
        make = codec.decimal_from_number if plain else codec.decimal_from_any
        return make(storage.scale)
    if family == "json":
        return codec.json_reader(storage.decoder)
    if family == "float":
        return codec.FLOAT_READER if computed else None
    return _READERS.get(family)


def writer(storage: Storage, use_tz: bool) -> Converter | None:
    """See ``Dialect.writer``."""
    family = storage.family
    if family == "datetime":
        return _AWARE_WRITER if use_tz else _ISO_SPACE
    if family == "decimal":
        if is_long(storage):
            return Converter("str({v})", {"str": str})
        return codec.FLOAT_READER
    if family == "json":
        return codec.json_writer(storage.encoder)
    return _WRITERS.get(family)


def zoned_reader(tz: str) -> Converter:
    """How a moment is read that is kept on the clock of a zone."""
    zone = zone_of(tz)

    def moment_in_zone(text: str) -> datetime.datetime:
        found = datetime.datetime.fromisoformat(text)
        moment = found if found.tzinfo is not None else found.replace(tzinfo=zone)
        return moment.astimezone(datetime.UTC)

    return call(moment_in_zone)


def zoned_writer(tz: str) -> Converter:
    """How a moment is written that is kept on the clock of a zone."""
    zone = zone_of(tz)

    def text_in_zone(moment: datetime.datetime) -> str:
        return moment.astimezone(zone).replace(tzinfo=None).isoformat(" ")

    return call(text_in_zone)


def column_type(described: Any) -> TypeEngine[Any]:
    """See ``Dialect.column_type``."""
    storage = storage_of(described)
    family = storage.family
    if family == "integer":
        if getattr(described, "primary_key", False) and described.has_db_default():
            return sqlalchemy.BigInteger()  # the row's own number would never take its default
        return _integer(storage)
    if family == "text":
        if storage.size:
            return sqlalchemy.String(storage.size, collation=storage.collation)
        return sqlalchemy.Text(collation=storage.collation)
    if family == "decimal":
        made = LongDecimal if is_long(storage) else sqlalchemy.Numeric
        return made(storage.precision, storage.scale)
    return _TYPES[family]


def _integer(storage: Storage) -> TypeEngine[Any]:
    if storage.auto or storage.size == 4:
        return sqlalchemy.Integer()  # only this spelling names the row's own number
    return sqlalchemy.SmallInteger() if storage.size == 2 else sqlalchemy.BigInteger()


_TYPES: dict[str, TypeEngine[Any]] = {
    "float": sqlalchemy.REAL(),
    "boolean": sqlalchemy.Boolean(),
    "date": sqlalchemy.Date(),
    "time": sqlalchemy.Time(),
    "datetime": sqlalchemy.DateTime(),
    "duration": sqlalchemy.BigInteger(),
    "uuid": sqlalchemy.CHAR(32),
    "binary": sqlalchemy.LargeBinary(),
    "json": sqlalchemy.Text(),
    "ip": sqlalchemy.CHAR(39),
}
