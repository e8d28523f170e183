"""Functions in Python that every SQLite connection gets, for what its SQL lacks.

Plain functions over the driver's own values; None gives None. The dialect's hooks call them by
the names in ``FUNCTIONS``. No SQLAlchemy here: connections need it at start-up.
"""

from __future__ import annotations

import datetime
import functools
import re
import zoneinfo
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from manybase.dialects.sqlite.documents import DOCUMENT_FUNCTIONS
from manybase.dialects.sqlite.numbers import NUMBER_FUNCTIONS
from manybase.dialects.sqlite.rows import AGGREGATES

_microsecond = datetime.timedelta(microseconds=1)


def upper(text: Any) -> str | None:
    """Return a text in upper case, letter by letter as servers do it ("ß" stays)."""
    if text is None:
        return None
    text = text if type(text) is str else str(text)
    if text.isascii():
        return str(text.upper())
    return "".join([u if len(u := letter.upper()) == 1 else letter for letter in text])


def lower(text: Any) -> str | None:
    """Return a text in lower case, letter by letter as servers do it."""
    if text is None:
        return None
    text = text if type(text) is str else str(text)
    if text.isascii():
        return str(text.lower())
    return "".join([w if len(w := letter.lower()) == 1 else letter for letter in text])


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def regexp(pattern: Any, text: Any) -> bool | None:
    """Say whether a regular expression is found in a text: the operator REGEXP."""
    if pattern is None or text is None:
        return None
    return _compiled(pattern).search(text if type(text) is str else str(text)) is not None


@functools.lru_cache(maxsize=64)
def _zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


def local(text: str | None, zone: str) -> str | None:
    """Return a moment, kept in UTC, as the clock of a zone shows it."""
    if text is None:
        return None
    moment = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    return moment.astimezone(_zone(zone)).replace(tzinfo=None).isoformat(" ")


def add(kind: str, text: str | None, microseconds: float | None) -> str | None:
    """Return a date, time or datetime moved by a duration."""
    if text is None or microseconds is None:
        return None
    moved = datetime.timedelta(microseconds=round(microseconds))
    if kind == "time":
        start = datetime.datetime.combine(
            datetime.date(2000, 1, 1), datetime.time.fromisoformat(text)
        )
        return (start + moved).time().isoformat()
    value = datetime.datetime.fromisoformat(text) + moved
    return value.date().isoformat() if kind == "date" else value.isoformat(" ")


def difference(kind: str, one: str | None, other: str | None) -> int | None:
    """Return the microseconds between two dates, times or datetimes."""
    if one is None or other is None:
        return None
    if kind == "time":
        one, other = f"2000-01-01 {one}", f"2000-01-01 {other}"
    return (
        datetime.datetime.fromisoformat(one) - datetime.datetime.fromisoformat(other)
    ) // _microsecond


def now() -> str:
    """Return this moment in UTC, as datetimes are kept."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None).isoformat(" ")


def moment(text: str | None, zone: str) -> str | None:
    """Return the moment, in UTC, at which the clock of a zone shows a wall-clock time."""
    if text is None:
        return None
    found = datetime.datetime.fromisoformat(text).replace(tzinfo=_zone(zone))
    return found.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(" ")


def compare_decimals(one: str, other: str) -> int:
    """Order two numbers that are kept as text because they are too long for a float."""
    try:
        left, right = Decimal(one), Decimal(other)
    except InvalidOperation:
        return (one > other) - (one < other)
    return (left > right) - (left < right)


#: Name in SQL, number of arguments, function, whether equal arguments give equal results.
FUNCTIONS: tuple[tuple[str, int, Callable[..., Any], bool], ...] = (
    ("manybase_upper", 1, upper, True),
    ("manybase_lower", 1, lower, True),
    ("regexp", 2, regexp, True),
    ("manybase_local", 2, local, True),
    ("manybase_add", 3, add, True),
    ("manybase_difference", 3, difference, True),
    ("manybase_now", 0, now, False),
    ("manybase_moment", 2, moment, True),
    *NUMBER_FUNCTIONS,
    *DOCUMENT_FUNCTIONS,
)
COLLATIONS = (("manybase_decimal", compare_decimals),)


def install(connection: Any) -> None:
    """Give a connection of the standard library's driver all functions and collations."""
    for name, arguments, function, deterministic in FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=deterministic)
    for name, arguments, made, windows in AGGREGATES:
        if windows:
            connection.create_window_function(name, arguments, made)
        else:
            connection.create_aggregate(name, arguments, made)
    for name, compare in COLLATIONS:
        connection.create_collation(name, compare)
