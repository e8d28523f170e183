"""How dates and times are taken apart and moved: the part of a dialect that says it in SQL.

Every hook takes the storage of its operand and, for moments, the zone whose clock counts. Called
by the query compiler.
"""

from __future__ import annotations

import abc
import datetime
from typing import TYPE_CHECKING, Any

from manybase.dialects.converter import Converter, call
from manybase.errors import QueryError
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

PARTS = (
    "year",
    "iso_year",
    "quarter",
    "month",
    "week",
    "day",
    "week_day",
    "iso_week_day",
    "hour",
    "minute",
    "second",
    "microsecond",
)
KINDS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")


class TimeHooks(abc.ABC):
    """Parts of dates and times, and sums with durations."""

    use_tz: bool
    tz: str
    #: The zone in which moments are kept, by a database that has no type for them.
    kept_in = "UTC"

    @abc.abstractmethod
    def extract(
        self, part: str, lhs: ColumnElement[Any], storage: Storage, tz: str | None = None
    ) -> ColumnElement[int]:
        """Return a part of a date, time, datetime or duration as a whole number.

        Args:
            part: One of year, iso_year, quarter, month, week (ISO), day, week_day (Sunday is 1),
                iso_week_day (Monday is 1), hour, minute, second, microsecond.
            lhs: What it is taken from.
            storage: How ``lhs`` is kept.
            tz: The zone whose clock counts, for moments; UTC when None.
        """

    @abc.abstractmethod
    def truncate(
        self, kind: str, lhs: ColumnElement[Any], storage: Storage, tz: str | None = None
    ) -> ColumnElement[Any]:
        """Return the beginning of the year, quarter, month, week, day, hour, minute or second.

        A date stays a date, a time a time; a datetime becomes wall-clock time in ``tz``, read
        with ``wall_reader``.
        """

    @abc.abstractmethod
    def date_of(
        self, lhs: ColumnElement[Any], storage: Storage | None = None, tz: str | None = None
    ) -> ColumnElement[Any]:
        """Return the date of a datetime, on the clock of ``tz``."""

    @abc.abstractmethod
    def time_of(
        self, lhs: ColumnElement[Any], storage: Storage | None = None, tz: str | None = None
    ) -> ColumnElement[Any]:
        """Return the time of day of a datetime, on the clock of ``tz``."""

    @abc.abstractmethod
    def add(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
        subtract: bool = False,
    ) -> ColumnElement[Any]:
        """Return a date, time, datetime or duration, plus or minus a duration.

        The result is of the family of ``lhs`` (of ``rhs`` where ``lhs`` is the duration); a date
        drops parts of a day.
        """

    @abc.abstractmethod
    def difference(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
    ) -> ColumnElement[Any]:
        """Return the duration from ``rhs`` to ``lhs``."""

    @abc.abstractmethod
    def scale(
        self,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        storages: tuple[Storage, Storage],
        divide: bool = False,
    ) -> ColumnElement[Any]:
        """Return a duration times a number, in either order, or divided by one."""

    @abc.abstractmethod
    def now(self) -> ColumnElement[Any]:
        """Return the moment of the statement, as datetimes are kept."""

    def wall_reader(self, storage: Storage, tz: str | None = None) -> Converter | None:
        """Return how a result of ``truncate`` becomes a date, or a datetime in the zone.

        A moment that the zone's clock shows twice is the first of the two.
        """
        if storage.family != "datetime":
            return self.reader(storage)
        read = self._naive_reader()
        if not self.use_tz:
            return read
        zone = zone_of(tz)

        def in_zone(value: datetime.datetime) -> datetime.datetime:
            return value.replace(tzinfo=zone)

        return read.then(call(in_zone)) if read else call(in_zone)

    @abc.abstractmethod
    def reader(self, storage: Storage, *, computed: bool = False) -> Converter | None:
        """See ``Dialect.reader``."""

    @abc.abstractmethod
    def _naive_reader(self) -> Converter | None: ...

    def _moves(self, storage: Storage | None, tz: str | None) -> bool:
        moment = storage is None or storage.family == "datetime"
        return bool(moment and self.use_tz and (tz or "UTC") != self.kept_in)

    def keep_in(self, zone: str) -> None:
        """Let moments be kept on the clock of a zone; called once, before the first use.

        A database that has a type for moments keeps them in its own way.
        """
        self.kept_in = zone

    @property
    def _kept_elsewhere(self) -> bool:
        """Whether moments are kept on another clock than that of UTC."""
        return self.use_tz and self.kept_in != "UTC"


def zone_of(tz: str | None) -> datetime.tzinfo:
    """Return the zone of this name; UTC for None.

    Raises:
        QueryError: There is no such zone.
    """
    if tz is None or tz == "UTC":
        return datetime.UTC
    import zoneinfo  # only where it is needed: imports must stay light

    try:
        return zoneinfo.ZoneInfo(tz)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise QueryError(f"'{tz}' is no known time zone") from error


def no_such(part: str, storage: Storage, choices: tuple[str, ...]) -> QueryError:
    """The error for a part that values of this family do not have."""
    return QueryError(
        f"a {storage.family} has no '{part}'", hint=f"Choices are: {', '.join(choices)}."
    )
