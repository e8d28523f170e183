"""How MariaDB and MySQL take dates and times apart.

A moment is kept in UTC; CONVERT_TZ brings it to a zone where the server has its tables, and the
zone's own offsets do where it has not.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Numeric,
    String,
    cast,
    func,
    literal_column,
)
from sqlalchemy.dialects import mysql

from manybase.dialects.converter import Converter
from manybase.dialects.features import Features
from manybase.dialects.hooks_time import KINDS, PARTS, TimeHooks, no_such, zone_of
from manybase.dialects.mysql.zones import offset_of_wall, offset_seconds
from manybase.meta.storage import Storage

PRODUCT = 8  # SQLAlchemy's precedence of * and /

_CLOCK = ("hour", "minute", "second")
_MICROSECONDS = {
    "day": 86_400_000_000,
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
}
_WHOLE = {"hour": 24, "minute": 60, "second": 60}
_CUTS = {"hour": "%H:00:00", "minute": "%H:%i:00", "second": "%H:%i:%s"}
_DATETIME = mysql.DATETIME(fsp=6)


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer)


def _word(value: str) -> ColumnElement[str]:
    return literal_column("'" + value.replace("'", "''") + "'", String)


def _moved(unit: str, count: ColumnElement[Any], start: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.timestampadd(literal_column(unit), count, start)


class MySQLTime(TimeHooks):
    """Dates and times of MariaDB and MySQL."""

    features: Features

    def _local(
        self, lhs: ColumnElement[Any], storage: Storage | None, tz: str | None
    ) -> ColumnElement[Any]:
        if not self._moves(storage, tz):
            return lhs
        zone_of(tz)
        utc = self._utc(lhs)
        return utc if tz in (None, "UTC") else self._shown(utc, str(tz))

    def _shown(self, utc: ColumnElement[Any], tz: str) -> ColumnElement[Any]:
        """A moment on the clock of UTC as another clock shows it."""
        if self.features.native_time_zones:
            return func.convert_tz(utc, _word("+00:00"), _word(tz))
        return _moved("SECOND", offset_seconds(utc, tz), utc)

    def _utc(self, lhs: ColumnElement[Any]) -> ColumnElement[Any]:
        """A kept moment on the clock of UTC."""
        if not self._kept_elsewhere:
            return lhs
        return _moved("SECOND", -offset_of_wall(lhs, self.kept_in), lhs)

    def _kept(self, utc: ColumnElement[Any]) -> ColumnElement[Any]:
        """A moment on the clock of UTC as it is kept."""
        return self._shown(utc, self.kept_in) if self._kept_elsewhere else utc

    def extract(
        self, part: str, lhs: ColumnElement[Any], storage: Storage, tz: str | None = None
    ) -> ColumnElement[int]:
        family = storage.family
        if family == "duration":
            return self._duration_part(part, lhs, storage)
        clock = part in (*_CLOCK, "microsecond")
        if part not in PARTS or (family == "time" and not clock) or (family == "date" and clock):
            raise no_such(part, storage, PARTS[:8] if family == "date" else _CLOCK)
        lhs = self._local(lhs, storage, tz)
        if part == "week":
            return func.week(lhs, _number(3))
        if part == "iso_year":
            return func.yearweek(lhs, _number(3)).op("DIV", precedence=PRODUCT)(_number(100))
        if part == "week_day":
            return func.dayofweek(lhs)
        if part == "iso_week_day":
            return func.weekday(lhs) + _number(1)
        if part == "day":
            return func.dayofmonth(lhs)
        found: ColumnElement[int] = getattr(func, part)(lhs)
        return found

    def _duration_part(
        self, part: str, lhs: ColumnElement[Any], storage: Storage
    ) -> ColumnElement[int]:
        if part not in _MICROSECONDS:
            raise no_such(part, storage, tuple(_MICROSECONDS))
        units = lhs.op("DIV", precedence=PRODUCT)(_number(_MICROSECONDS[part]))
        return units if part == "day" else units.op("%", precedence=PRODUCT)(_number(_WHOLE[part]))

    def truncate(
        self, kind: str, lhs: ColumnElement[Any], storage: Storage, tz: str | None = None
    ) -> ColumnElement[Any]:
        family = storage.family
        if (
            kind not in KINDS
            or (family == "date" and kind in _CLOCK)
            or (family == "time" and kind not in _CLOCK)
        ):
            choices = {"date": KINDS[:5], "time": _CLOCK}.get(family, KINDS)
            raise no_such(kind, storage, choices)
        lhs = self._local(lhs, storage, tz)
        if family == "time":
            return cast(func.time_format(lhs, _word(_CUTS[kind])), mysql.TIME(fsp=6))
        if kind in _CUTS:
            return cast(func.date_format(lhs, _word(f"%Y-%m-%d {_CUTS[kind]}")), _DATETIME)
        day = self._first_day(kind, lhs)
        return day if family == "date" else cast(day, _DATETIME)

    def _first_day(self, kind: str, lhs: ColumnElement[Any]) -> ColumnElement[Any]:
        if kind == "year":
            return func.makedate(func.year(lhs), _number(1))
        if kind == "quarter":
            first = func.makedate(func.year(lhs), _number(1))
            return _moved("QUARTER", func.quarter(lhs) - _number(1), first)
        if kind == "month":
            return cast(func.date_format(lhs, _word("%Y-%m-01")), Date)
        if kind == "week":
            return _moved("DAY", -func.weekday(lhs, type_=Integer), func.date(lhs))
        return func.date(lhs)

    def date_of(
        self, lhs: ColumnElement[Any], storage: Storage | None = None, tz: str | None = None
    ) -> ColumnElement[Any]:
        return func.date(self._local(lhs, storage, tz))

    def time_of(
        self, lhs: ColumnElement[Any], storage: Storage | None = None, tz: str | None = None
    ) -> ColumnElement[Any]:
        return func.time(self._local(lhs, storage, tz))

    def add(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
        subtract: bool = False,
    ) -> ColumnElement[Any]:
        if storages[0].family == "duration" != storages[1].family:
            lhs, rhs, storages = rhs, lhs, (storages[1], storages[0])
        family = storages[0].family
        if family == "duration":
            return lhs - rhs if subtract else lhs + rhs
        count = -rhs if subtract else rhs
        if family == "time":
            start = func.timestamp(_word("2000-01-01"), lhs)
            return func.time(_moved("MICROSECOND", count, start))
        if family == "date":
            return func.date(_moved("MICROSECOND", count, lhs))
        return self._kept(_moved("MICROSECOND", count, self._utc(lhs)))

    def difference(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
    ) -> ColumnElement[Any]:
        if storages[0].family == "time":
            return _since_midnight(lhs) - _since_midnight(rhs)
        if storages[0].family == "datetime":
            lhs, rhs = self._utc(lhs), self._utc(rhs)
        return func.timestampdiff(literal_column("MICROSECOND"), rhs, lhs, type_=BigInteger)

    def scale(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
        divide: bool = False,
    ) -> ColumnElement[Any]:
        if divide:
            found = lhs.op("/", precedence=PRODUCT)(func.nullif(rhs, _number(0)))
        else:
            found = lhs.op("*", precedence=PRODUCT)(rhs)
        return cast(func.round(found), BigInteger)

    def now(self) -> ColumnElement[Any]:
        moment: ColumnElement[Any] = func.utc_timestamp(literal_column("6"), type_=_DATETIME)
        if self.use_tz or self.tz == "UTC":
            return self._kept(moment)
        return self._shown(moment, self.tz)

    def _naive_reader(self) -> Converter | None:
        return None


def _since_midnight(value: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(func.time_to_sec(value, type_=Numeric) * _number(1_000_000), BigInteger)
