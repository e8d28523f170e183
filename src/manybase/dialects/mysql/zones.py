"""The offsets of a time zone as a CASE in SQL, for servers whose time zone tables are empty.

Pure; covers the years that a zone's rules are known for, 1970 to 2037.
"""

from __future__ import annotations

import datetime
import functools
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, case, literal_column

from manybase.dialects.hooks_time import zone_of

_FIRST = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_DAYS = 68 * 365 + 17


def offset_seconds(moment: ColumnElement[Any], tz: str) -> ColumnElement[int]:
    """Return the seconds that a zone is ahead of UTC at a moment kept in UTC."""
    changes = transitions(tz)
    last = literal_column(str(changes[0][1]), Integer)
    # The latest change first: most moments are of these years.
    whens = [
        (moment >= literal_column(f"'{at:%Y-%m-%d %H:%M:%S}'", String), _number(seconds))
        for at, seconds in reversed(changes[1:])
    ]
    return case(*whens, else_=last) if whens else last


def offset_of_wall(wall: ColumnElement[Any], tz: str) -> ColumnElement[int]:
    """Return the seconds that a zone is ahead of UTC when its clock shows a time.

    Of a time that the clock shows twice it is the first one's.
    """
    changes = transitions(tz)
    whens = []
    for (_, before), (at, after) in zip(changes[-2::-1], changes[:0:-1], strict=True):
        shown = at + datetime.timedelta(seconds=max(before, after))
        text = literal_column(f"'{shown:%Y-%m-%d %H:%M:%S}'", String)
        whens.append((wall >= text, _number(after)))
    last = _number(changes[0][1])
    return case(*whens, else_=last) if whens else last


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
