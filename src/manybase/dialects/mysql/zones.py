"""The offsets of a time zone as a list in SQL, for servers whose time zone tables are empty.

Pure; covers the years that a zone's rules are known for, 1970 to 2037.
"""

from __future__ import annotations

import datetime
import functools
import itertools
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, func, literal_column

from manybase.dialects.hooks_time import zone_of

_FIRST = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_DAYS = 68 * 365 + 17


def offset_seconds(moment: ColumnElement[Any], tz: str) -> ColumnElement[int]:
    """Return the seconds that a zone is ahead of UTC at a moment kept in UTC."""
    (_, first), *later = transitions(tz)
    return _chosen(moment, first, later)


def offset_of_wall(wall: ColumnElement[Any], tz: str) -> ColumnElement[int]:
    """Return the seconds that a zone is ahead of UTC when its clock shows a time.

    Of a time that the clock shows twice it is the first one's.
    """
    changes = transitions(tz)
    later = [
        (at + datetime.timedelta(seconds=max(before, after)), after)
        for (_, before), (at, after) in itertools.pairwise(changes)
    ]
    return _chosen(wall, changes[0][1], later)


def _chosen(
    time: ColumnElement[Any], first: int, later: list[tuple[datetime.datetime, int]]
) -> ColumnElement[int]:
    """The offset at a time; the time stands in it once, as it may be a long expression."""
    if not later:
        return _number(first)
    place = func.interval(func.to_seconds(time), *[_number(_seconds(at)) for at, _ in later])
    offsets = [_number(first), *[_number(offset) for _, offset in later]]
    return cast(func.elt(place + _number(1), *offsets), Integer)


def _seconds(at: datetime.datetime) -> int:
    """The seconds since the year 0, as TO_SECONDS() counts them."""
    midnight = at.replace(hour=0, minute=0, second=0)
    return (at.toordinal() + 365) * 86_400 + int((at - midnight).total_seconds())


@functools.lru_cache(maxsize=32)
def transitions(tz: str) -> tuple[tuple[datetime.datetime, int], ...]:
    """Return the moments in UTC from which a zone has a new offset, with its seconds."""
    zone = zone_of(tz)
    found = [(_FIRST, _offset(_FIRST, zone))]
    for number in range(1, _DAYS):
        day = _FIRST + datetime.timedelta(days=number)
        if _offset(day, zone) != found[-1][1]:
            start = day - datetime.timedelta(days=1)
            found.append(_first_change(start, day, found[-1][1], zone))
    return tuple(found)


def _first_change(
    low: datetime.datetime, high: datetime.datetime, before: int, zone: datetime.tzinfo
) -> tuple[datetime.datetime, int]:
    while high - low > datetime.timedelta(seconds=1):
        middle = low + datetime.timedelta(seconds=(high - low) // datetime.timedelta(seconds=2))
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high, _offset(high, zone)


def _offset(moment: datetime.datetime, zone: datetime.tzinfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer)
