"""Functions over dates and times: parts of them, their beginnings, the present moment.

For moments the clock of a zone counts: that of ``tzinfo``, else of ``settings.TIME_ZONE``. The
names of parts and kinds are words of a fixed list and never go into SQL as given.
"""

from __future__ import annotations

import datetime
from typing import Any, ClassVar, NamedTuple

from manybase.dialects.converter import call
from manybase.dialects.hooks_time import KINDS, PARTS, zone_of
from manybase.errors import FieldError, QueryError, hint_for
from manybase.meta.storage import Storage
from manybase.query.func import Func

DATE, TIME, DATETIME = Storage("date"), Storage("time"), Storage("datetime")
_CLOCK = ("hour", "minute", "second")
#: The parts that values of each family have.
PARTS_OF: dict[str, tuple[str, ...]] = {
    "date": PARTS[:8],
    "datetime": PARTS,
    "time": (*_CLOCK, "microsecond"),
    "duration": ("day", *_CLOCK),
}
KINDS_OF: dict[str, tuple[str, ...]] = {"date": KINDS[:5], "datetime": KINDS, "time": _CLOCK}
#: What values of each family can be cut down to.
CUTS: dict[str, tuple[str, ...]] = {
    "date": ("date",),
    "datetime": ("datetime", "date", "time"),
    "time": ("time",),
}


class Clock(NamedTuple):
    """What changes the SQL of a function over times: the part or kind, and the zone's name."""

    part: str
    tz: str | None


def zone_name(tzinfo: Any) -> str | None:
    """Return the name of a zone, as databases know it; None for None.

    Raises:
        QueryError: It is no time zone, or one that has no name.
    """
    if tzinfo is None:
        return None
    import zoneinfo  # only where it is needed: imports must stay light

    if isinstance(tzinfo, zoneinfo.ZoneInfo) and tzinfo.key:
        return tzinfo.key
    if isinstance(tzinfo, datetime.timezone):
        seconds = int(tzinfo.utcoffset(None).total_seconds())
        if not seconds:
            return "UTC"
        if seconds % 3600 == 0 and -12 <= seconds // 3600 <= 14:
            return f"Etc/GMT{-seconds // 3600:+d}"
    if isinstance(tzinfo, str):
        zone_of(tzinfo)
        return tzinfo
    raise QueryError(
        "tzinfo must be a time zone with a name",
        hint='Write tzinfo=zoneinfo.ZoneInfo("Europe/Prague").',
    )


class _OfTimes(Func):
    """What functions of a date or time share."""

    part: ClassVar[str] = ""
    #: The words that each family of values knows.
    choices: ClassVar[dict[str, tuple[str, ...]]] = {}

    def __init__(self, expression: Any, tzinfo: Any = None, *, output_field: Any = None) -> None:
        super().__init__(expression, output_field=output_field)
        self.clock = Clock(self.part, zone_name(tzinfo))

    @property
    def options(self) -> Clock:
        return self.clock

    def check(self, arguments: list[Storage | None]) -> None:
        kept = arguments[0]
        if kept is None:
            return
        name = type(self).__name__
        found = self.choices.get(kept.family)
        if found is None:
            raise FieldError(f"{name}() takes dates and times, not values of kind '{kept.family}'")
        if self.clock.part not in found:
            raise FieldError(
                f"a {kept.family} has no '{self.clock.part}'",
                hint=f"Choices are: {', '.join(found)}.",
            )
        if self.clock.tz is not None and kept.family != "datetime":
            raise FieldError(f"tzinfo is for datetimes; {name}() was given a {kept.family}")


def _needs(message: str, given: Any) -> str:
    return f"{message}: '{given}' is none" if given else message


def _zone(dialect: Any, clock: Clock) -> str | None:
    if not dialect.use_tz:
        return None
    zone: str = clock.tz or dialect.tz
    return zone


class Extract(_OfTimes):
    """A part of a date, time, datetime or duration, as a whole number.

    >>> Book.objects.annotate(year=Extract("published", "year"))

    Args:
        expression: A field's name or an expression.
        lookup_name: The part: year, iso_year, quarter, month, week (ISO), day, week_day (Sunday
            is 1), iso_week_day (Monday is 1), hour, minute, second or microsecond.
        tzinfo: The zone whose clock counts, for datetimes.
    """

    choices = PARTS_OF
    result = Storage("integer", size=4)

    def __init__(
        self,
        expression: Any,
        lookup_name: str | None = None,
        tzinfo: Any = None,
        *,
        output_field: Any = None,
    ) -> None:
        super().__init__(expression, tzinfo, output_field=output_field)
        part = self.part if lookup_name is None else lookup_name
        if part not in PARTS:
            raise QueryError(
                _needs("Extract() needs the name of a part of a date or time", part),
                hint=hint_for(str(part), PARTS),
            )
        self.clock = self.clock._replace(part=part)

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        (term,) = arguments
        kept = term.storage or DATETIME
        sql = dialect.argument("any", term.sql, kept)
        zone = _zone(dialect, options) if kept.family == "datetime" else None
        return dialect.extract(options.part, sql, kept, zone)


class ExtractYear(Extract):
    """The year."""

    part = "year"


class ExtractIsoYear(Extract):
    """The year that the ISO week belongs to."""

    part = "iso_year"


class ExtractQuarter(Extract):
    """The quarter, 1 to 4."""

    part = "quarter"


class ExtractMonth(Extract):
    """The month, 1 to 12."""

    part = "month"


class ExtractWeek(Extract):
    """The ISO week, 1 to 53."""

    part = "week"


class ExtractDay(Extract):
    """The day of the month; the days of a duration."""

    part = "day"


class ExtractWeekDay(Extract):
    """The day of the week: Sunday is 1."""

    part = "week_day"


class ExtractIsoWeekDay(Extract):
    """The day of the week: Monday is 1."""

    part = "iso_week_day"


class ExtractHour(Extract):
    """The hour."""

    part = "hour"


class ExtractMinute(Extract):
    """The minute."""

    part = "minute"


class ExtractSecond(Extract):
    """The second."""

    part = "second"


class Trunc(_OfTimes):
    """The beginning of the year, month, ..., of a date or time.

    >>> Sale.objects.annotate(month=Trunc("sold", "month")).values("month").annotate(Count("pk"))

    Args:
        expression: A field's name or an expression.
        kind: year, quarter, month, week, day, hour, minute or second.
        output_field: The field that the result is one of: of datetimes also a date or a time.
        tzinfo: The zone whose clock counts, for datetimes; results are given in it.
    """

    choices = KINDS_OF

    def __init__(
        self,
        expression: Any,
        kind: str | None = None,
        output_field: Any = None,
        tzinfo: Any = None,
    ) -> None:
        super().__init__(expression, tzinfo, output_field=output_field)
        kind = self.part if kind is None else kind
        if kind not in KINDS:
            raise QueryError(
                _needs("Trunc() needs a kind to cut down to", kind),
                hint=hint_for(str(kind), KINDS),
            )
        self.clock = self.clock._replace(part=kind)

    def check(self, arguments: list[Storage | None]) -> None:
        kept = arguments[0]
        if kept is not None and self.output_field is not None:
            family = self.output_field.storage.family
            if family not in CUTS.get(kept.family, (family,)):
                raise FieldError(f"a {kept.family} cannot be cut down to a {family}")
            if family in KINDS_OF and self.clock.part not in KINDS_OF[family]:
                raise FieldError(
                    f"a {family} has no '{self.clock.part}'",
                    hint=f"Choices are: {', '.join(KINDS_OF[family])}.",
                )
        super().check(arguments)

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        (term,) = arguments
        kept = term.storage or DATETIME
        sql = dialect.argument("any", term.sql, kept)
        if kept.family != "datetime":
            return dialect.truncate(options.part, sql, kept)
        zone = _zone(dialect, options)
        if storage.family == "date":
            return dialect.truncate(options.part, dialect.date_of(sql, kept, zone), DATE)
        if storage.family == "time":
            return dialect.truncate(options.part, dialect.time_of(sql, kept, zone), TIME)
        wall = dialect.truncate(options.part, sql, kept, zone)
        return dialect.moment_of(wall, zone or "UTC") if dialect.use_tz else wall

    @classmethod
    def reader(cls, dialect: Any, options: Any, storage: Any) -> Any:
        zone = _zone(dialect, options)
        if storage.family != "datetime" or zone is None or zone == "UTC":
            return None
        found = zone_of(zone)

        def in_zone(value: datetime.datetime) -> datetime.datetime:
            return value.astimezone(found)

        read = dialect.reader(storage, computed=True)
        return call(in_zone) if read is None else read.then(call(in_zone))


class _TruncTo(Trunc):
    """One kind of ``Trunc``."""

    def __init__(self, expression: Any, output_field: Any = None, tzinfo: Any = None) -> None:
        super().__init__(expression, None, output_field, tzinfo)


class TruncYear(_TruncTo):
    """The first day of the year."""

    part = "year"


class TruncQuarter(_TruncTo):
    """The first day of the quarter."""

    part = "quarter"


class TruncMonth(_TruncTo):
    """The first day of the month."""

    part = "month"


class TruncWeek(_TruncTo):
    """The Monday of the week."""

    part = "week"


class TruncDay(_TruncTo):
    """The beginning of the day."""

    part = "day"


class TruncHour(_TruncTo):
    """The beginning of the hour."""

    part = "hour"


class TruncMinute(_TruncTo):
    """The beginning of the minute."""

    part = "minute"


class TruncSecond(_TruncTo):
    """The beginning of the second."""

    part = "second"


class TruncDate(_OfTimes):
    """The date of a datetime."""

    part = "date"
    choices = {"date": ("date",), "datetime": ("date",)}
    result: ClassVar[Storage | None] = DATE

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        (term,) = arguments
        kept = term.storage or DATETIME
        sql = dialect.argument("any", term.sql, kept)
        if kept.family == options.part:
            return sql
        find = dialect.date_of if options.part == "date" else dialect.time_of
        return find(sql, kept, _zone(dialect, options))


class TruncTime(TruncDate):
    """The time of day of a datetime."""

    part = "time"
    choices = {"time": ("time",), "datetime": ("time",)}
    result = TIME


class Now(Func):
    """The moment at which the statement runs.

    >>> Article.objects.filter(published__lte=Now())
    """

    arity = 0
    spelled = "now"
    result = DATETIME

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        return dialect.now()
