"""How PostgreSQL takes dates and times apart: EXTRACT, date_trunc and AT TIME ZONE.

Moments are always brought to a zone by name, so the session's own zone never counts.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Interval,
    String,
    Time,
    cast,
    extract,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy.types import NullType

from manybase.dialects.converter import Converter
from manybase.dialects.hooks_time import KINDS, PARTS, TimeHooks, no_such, zone_of
from manybase.meta.storage import Storage

_NAMES = {"iso_year": "isoyear", "iso_week_day": "isodow", "microsecond": "microseconds"}
_CLOCK = ("hour", "minute", "second")
_SECONDS = {"day": 86_400, "hour": 3600, "minute": 60, "second": 1}
_WHOLE = {"hour": 24, "minute": 60, "second": 60}


def _number(value: int) -> ColumnElement[int]:
    return literal_column(str(value), Integer)


def _word(value: str) -> ColumnElement[str]:
    return literal_column("'" + value.replace("'", "''") + "'", String)


def _untyped(sql: ColumnElement[Any]) -> ColumnElement[Any]:
    """A side of a sum without its type, which would become that of the other side and the sum."""
    return type_coerce(sql, NullType())


def microseconds(sql: ColumnElement[Any]) -> ColumnElement[Any]:
    """A duration as the whole number that it is on databases without a type for it."""
    return cast(extract("epoch", sql) * _number(1_000_000), BigInteger)


class PostgreSQLTime(TimeHooks):
    """PostgreSQL's dates and times."""

    def _local(
        self, lhs: ColumnElement[Any], storage: Storage | None, tz: str | None
    ) -> ColumnElement[Any]:
        if not self.use_tz or (storage is not None and storage.family != "datetime"):
            return lhs
        zone_of(tz)
        return func.timezone(_word(tz or "UTC"), lhs, type_=DateTime)

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
        if part == "week_day":
            return cast(extract("dow", lhs), Integer) + _number(1)
        found = cast(func.floor(extract(_NAMES.get(part, part), lhs)), Integer)
        if part == "microsecond":
            return found.op("%")(_number(1_000_000))
        return found

    def _duration_part(
        self, part: str, lhs: ColumnElement[Any], storage: Storage
    ) -> ColumnElement[int]:
        if part not in _SECONDS:
            raise no_such(part, storage, tuple(_SECONDS))
        units = cast(func.trunc(extract("epoch", lhs) / _number(_SECONDS[part])), BigInteger)
        return units if part == "day" else units.op("%")(_number(_WHOLE[part]))

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
        cut: ColumnElement[Any] = func.date_trunc(
            _word(kind), self._local(lhs, storage, tz), type_=DateTime
        )
        if family == "date":
            return cast(cut, Date)
        return cast(cut, Time) if family == "time" else cut

    def date_of(
        self, lhs: ColumnElement[Any], storage: Storage | None = None, tz: str | None = None
    ) -> ColumnElement[Any]:
        return cast(self._local(lhs, storage, tz), Date)

    def time_of(
        self, lhs: ColumnElement[Any], storage: Storage | None = None, tz: str | None = None
    ) -> ColumnElement[Any]:
        return cast(self._local(lhs, storage, tz), Time)

    def add(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
        subtract: bool = False,
    ) -> ColumnElement[Any]:
        moved = _untyped(lhs).op("-" if subtract else "+")(_untyped(rhs)).self_group()
        if "date" in (storages[0].family, storages[1].family):
            return cast(moved, Date)
        return moved

    def difference(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
    ) -> ColumnElement[Any]:
        between = _untyped(lhs).op("-")(_untyped(rhs)).self_group()
        if storages[0].family == storages[1].family == "date":
            return between.op("*")(literal_column("INTERVAL '1 day'", Interval))
        return between

    def scale(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
        divide: bool = False,
    ) -> ColumnElement[Any]:
        lhs, rhs = _untyped(lhs), _untyped(rhs)
        if divide:
            return lhs.op("/", precedence=8)(func.nullif(rhs, _number(0))).self_group()
        return lhs.op("*", precedence=8)(rhs).self_group()

    def now(self) -> ColumnElement[Any]:
        moment: ColumnElement[Any] = func.statement_timestamp(type_=DateTime(timezone=True))
        return moment if self.use_tz else func.timezone(_word(self.tz), moment, type_=DateTime)

    def _naive_reader(self) -> Converter | None:
        return None
