"""How SQLite takes dates and times apart: by the place of their digits in ISO text.

Zones and sums with durations go through the functions of ``functions``, as SQLite knows neither
zones nor microseconds.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, String, cast, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import NullType

from manybase.dialects.converter import Converter
from manybase.dialects.hooks_time import KINDS, PARTS, TimeHooks, no_such, zone_of
from manybase.dialects.sqlite.values import NAIVE_READER
from manybase.meta.storage import Storage

PRODUCT = 8  # SQLAlchemy's precedence of * and /

_DIGITS = {"year": (1, 4), "month": (6, 2), "day": (9, 2)}
_CLOCK = {"hour": (1, 2), "minute": (4, 2), "second": (7, 2)}
_MICROSECONDS = {"hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000}
_ENDS = {"day": 10, "hour": 13, "minute": 16, "second": 19}
_ZERO_TIME = {"hour": ":00:00", "minute": ":00", "second": ""}


def number(value: int) -> ColumnElement[int]:
    """Return a number that stands in the SQL text itself."""
    return literal_column(str(value), Integer)


def word(value: str) -> ColumnElement[str]:
    """Return a text of ours that stands in the SQL text itself."""
    return literal_column("'" + value.replace("'", "''") + "'", String)


class _Moment(ColumnElement[Any]):
    """The moment of a statement, the same for all of its rows."""

    inherit_cache = True
    type = NullType()


@compiles(_Moment)
def _moment(element: _Moment, compiler: Any, **options: Any) -> str:
    # A SELECT that reads nothing runs once; a DEFAULT takes none, and is asked for one row.
    return "manybase_now()" if options.get("literal_binds") else "(SELECT manybase_now())"


def _digits(lhs: ColumnElement[Any], start: int, length: int) -> ColumnElement[int]:
    return cast(func.substr(lhs, number(start), number(length)), Integer)


class SQLiteTime(TimeHooks):
    """SQLite's dates and times."""

    def _local(
        self, lhs: ColumnElement[Any], storage: Storage | None, tz: str | None
    ) -> ColumnElement[Any]:
        if not self._moves(storage, tz):
            return lhs
        zone_of(tz)
        utc = self._utc(lhs)
        return utc if tz in (None, "UTC") else func.manybase_local(utc, word(str(tz)))

    def _utc(self, lhs: ColumnElement[Any]) -> ColumnElement[Any]:
        """A kept moment on the clock of UTC."""
        if not self._kept_elsewhere:
            return lhs
        return func.manybase_moment(lhs, word(self.kept_in))

    def _kept(self, utc: ColumnElement[Any]) -> ColumnElement[Any]:
        """A moment on the clock of UTC as it is kept."""
        if not self._kept_elsewhere:
            return utc
        return func.manybase_local(utc, word(self.kept_in))

    def extract(
        self, part: str, lhs: ColumnElement[Any], storage: Storage, tz: str | None = None
    ) -> ColumnElement[int]:
        family = storage.family
        if family == "duration":
            return self._duration_part(part, lhs, storage)
        lhs = self._local(lhs, storage, tz)
        if part in _CLOCK and family != "date":
            start, length = _CLOCK[part]
            return _digits(lhs, start + (0 if family == "time" else 11), length)
        if part == "microsecond" and family != "date":
            start = 10 if family == "time" else 21
            return _digits(lhs, start, 6)
        if family == "time" or part not in PARTS[:8]:
            raise no_such(part, storage, PARTS[:8] if family == "date" else tuple(_CLOCK))
        return self._date_part(part, lhs)

    def _date_part(self, part: str, lhs: ColumnElement[Any]) -> ColumnElement[int]:
        if part in _DIGITS:
            return _digits(lhs, *_DIGITS[part])
        if part == "quarter":
            return (_digits(lhs, 6, 2) + number(2)).op("/", precedence=PRODUCT)(number(3))
        lhs = func.substr(lhs, number(1), number(10))  # fractions would be rounded up
        weekday = cast(func.strftime(word("%w"), lhs), Integer)
        if part == "week_day":
            return weekday + number(1)
        if part == "iso_week_day":
            return (weekday + number(6)).op("%", precedence=PRODUCT)(number(7)) + number(1)
        thursday = func.date(lhs, word("-3 days"), word("weekday 4"))
        if part == "iso_year":
            return _digits(thursday, 1, 4)
        days = cast(func.strftime(word("%j"), thursday), Integer) - number(1)
        return days.op("/", precedence=PRODUCT)(number(7)) + number(1)

    def _duration_part(
        self, part: str, lhs: ColumnElement[Any], storage: Storage
    ) -> ColumnElement[int]:
        if part == "day":
            return cast(lhs.op("/", precedence=PRODUCT)(number(86_400_000_000)), Integer)
        if part not in _MICROSECONDS:
            raise no_such(part, storage, ("day", *_MICROSECONDS))
        size = _MICROSECONDS[part]
        whole = 24 if part == "hour" else 60
        return lhs.op("/", precedence=PRODUCT)(number(size)).op("%", precedence=PRODUCT)(
            number(whole)
        )

    def truncate(
        self, kind: str, lhs: ColumnElement[Any], storage: Storage, tz: str | None = None
    ) -> ColumnElement[Any]:
        family = storage.family
        if family == "time":
            if kind not in _ZERO_TIME:
                raise no_such(kind, storage, tuple(_ZERO_TIME))
            return func.substr(lhs, number(1), number(_ENDS[kind] - 11)).concat(
                word(_ZERO_TIME[kind])
            )
        if kind not in KINDS or (family == "date" and kind in _ZERO_TIME):
            raise no_such(kind, storage, KINDS[:5] if family == "date" else KINDS)
        lhs = self._local(lhs, storage, tz)
        if kind in _ZERO_TIME:
            return func.substr(lhs, number(1), number(_ENDS[kind])).concat(word(_ZERO_TIME[kind]))
        day = self._first_day(kind, lhs)
        return day if family == "date" else day.concat(word(" 00:00:00"))

    def _first_day(self, kind: str, lhs: ColumnElement[Any]) -> ColumnElement[Any]:
        if kind == "year":
            return func.substr(lhs, number(1), number(4)).concat(word("-01-01"))
        if kind == "month":
            return func.substr(lhs, number(1), number(7)).concat(word("-01"))
        if kind == "day":
            return func.substr(lhs, number(1), number(10))
        if kind == "week":
            return func.date(lhs, word("-6 days"), word("weekday 1"))
        month = self._date_part("quarter", lhs) * number(3) - number(2)
        return func.substr(lhs, number(1), number(5)).concat(func.printf(word("%02d-01"), month))

    def date_of(
        self, lhs: ColumnElement[Any], storage: Storage | None = None, tz: str | None = None
    ) -> ColumnElement[Any]:
        return func.substr(self._local(lhs, storage, tz), number(1), number(10))

    def time_of(
        self, lhs: ColumnElement[Any], storage: Storage | None = None, tz: str | None = None
    ) -> ColumnElement[Any]:
        return func.substr(self._local(lhs, storage, tz), number(12))

    def add(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
        subtract: bool = False,
    ) -> ColumnElement[Any]:
        if storages[0].family == "duration" != storages[1].family:
            lhs, rhs, storages = rhs, lhs, (storages[1], storages[0])
        if storages[0].family == "duration":
            return lhs - rhs if subtract else lhs + rhs
        family, count = word(storages[0].family), -rhs if subtract else rhs
        if storages[0].family != "datetime":
            return func.manybase_add(family, lhs, count)
        return self._kept(func.manybase_add(family, self._utc(lhs), count))

    def difference(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
    ) -> ColumnElement[Any]:
        if storages[0].family == "datetime":
            lhs, rhs = self._utc(lhs), self._utc(rhs)
        return func.manybase_difference(word(storages[0].family), lhs, rhs)

    def scale(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
        divide: bool = False,
    ) -> ColumnElement[Any]:
        if divide:
            real = lhs.op("*", precedence=PRODUCT)(literal_column("1.0"))
            found = real.op("/", precedence=PRODUCT)(func.nullif(rhs, number(0)))
        else:
            found = lhs.op("*", precedence=PRODUCT)(rhs)
            if {storage.family for storage in storages} == {"duration", "integer"}:
                return found.self_group()
        return cast(func.round(found), Integer)

    def now(self) -> ColumnElement[Any]:
        if self.use_tz or self.tz == "UTC":
            return self._kept(_Moment())
        return func.manybase_local(_Moment(), word(self.tz))

    def _naive_reader(self) -> Converter | None:
        return NAIVE_READER
