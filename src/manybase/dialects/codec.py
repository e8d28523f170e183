"""Conversions that several databases share: UUIDs from text, JSON, decimals, durations.

Written for speed: generated code calls them for every row. No database is named here.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from manybase.dialects.converter import Converter, call
from manybase.fields.json import JSON_NULL

_new_uuid = uuid.UUID.__new__
_set_int = uuid.UUID.__dict__["int"].__set__
_set_safe = uuid.UUID.__dict__["is_safe"].__set__
_unknown_safety = uuid.SafeUUID.unknown


_moment = datetime.datetime.fromisoformat
_UTC = datetime.UTC


def uuid_from_hex(text: str) -> uuid.UUID:
    """Return the UUID of 32 hexadecimal digits, at a third of the price of ``uuid.UUID(text)``."""
    made = _new_uuid(uuid.UUID)
    try:
        _set_int(made, int(text, 16))
    except ValueError:
        _set_int(made, int(text.replace("-", ""), 16))
    _set_safe(made, _unknown_safety)
    return made


def moment_from_text(text: str) -> datetime.datetime:
    """Return the moment of an ISO text in UTC.

    Parsing the offset too costs a tenth of setting it afterwards.
    """
    try:
        found = _moment(text + "+00:00")
        if found.tzinfo is _UTC:
            return found
    except ValueError:
        pass  # written by another program: with an offset, or a date alone
    found = _moment(text)
    return found.replace(tzinfo=_UTC) if found.tzinfo is None else found.astimezone(_UTC)


UUID_READER = call(uuid_from_hex)
UUID_WRITER = Converter("{v}.hex")
BINARY_READER = Converter("bytes({v})", {"bytes": bytes})
BINARY_WRITER = BINARY_READER
DURATION_READER = Converter("timedelta(0, 0, round({v}))", {"timedelta": datetime.timedelta})
DURATION_WRITER = Converter(
    "({v} // microsecond)", {"microsecond": datetime.timedelta(microseconds=1)}
)
BOOLEAN_READER = Converter("({v} == 1)")
FLOAT_READER = Converter("float({v})", {"float": float})
INTEGER_READER = Converter("int({v})", {"int": int})


def decimal_from_number(scale: int | None) -> Converter:
    """Return a reader of decimals that the driver gives as int or float."""
    if scale is None:
        return Converter("Decimal(str({v}))", {"Decimal": Decimal, "str": str})
    return Converter(f"Decimal('%.{scale}f' % {{v}})", {"Decimal": Decimal})


def decimal_from_any(scale: int | None) -> Converter:
    """Return a reader of decimals that the driver gives as text, int or float."""

    def decimal_from(value: Any) -> Decimal:
        if type(value) is str:
            return Decimal(value)
        return Decimal(str(value) if scale is None else f"{value:.{scale}f}")

    return call(decimal_from)


def json_writer(encoder: Any) -> Converter:
    """Return how values become JSON text, with a JSONEncoder class or a function for the rest."""
    if encoder is None:
        return _JSON_WRITER
    return call(_writer_of(encoder))


def _null(value: Any) -> None:
    """Write null for the mark that stands for it; nothing else is unknown to JSON."""
    if value is not JSON_NULL:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


_JSON_WRITER = Converter("json_dumps({v})", {"json_dumps": json.JSONEncoder(default=_null).encode})


def json_reader(decoder: Any) -> Converter:
    """Return how JSON text becomes values, with a JSONDecoder class or a function."""
    if decoder is None:
        return Converter("json_loads({v})", {"json_loads": json.loads})
    if isinstance(decoder, type) and issubclass(decoder, json.JSONDecoder):
        return call(lambda text: json.loads(text, cls=decoder), foreign=True)
    return call(decoder, foreign=True)


def _writer_of(encoder: Any) -> Callable[[Any], str]:
    if isinstance(encoder, type) and issubclass(encoder, json.JSONEncoder):
        return lambda value: "null" if value is JSON_NULL else json.dumps(value, cls=encoder)
    made: Callable[[Any], str] = encoder
    return made
