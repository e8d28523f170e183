"""Functions over dates and times give the same on every database."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from manybase.errors import FieldError, QueryError
from manybase.models import (
    CharField,
    Count,
    DateField,
    DateTimeField,
    F,
    OuterRef,
    Subquery,
    TimeField,
    Value,
)
from manybase.models.functions import (
    Extract,
    ExtractDay,
    ExtractHour,
    ExtractIsoWeekDay,
    ExtractIsoYear,
    ExtractMinute,
    ExtractMonth,
    ExtractQuarter,
    ExtractSecond,
    ExtractWeek,
    ExtractWeekDay,
    ExtractYear,
    Now,
    Trunc,
    TruncDate,
    TruncDay,
    TruncHour,
    TruncMinute,
    TruncMonth,
    TruncQuarter,
    TruncSecond,
    TruncTime,
    TruncWeek,
    TruncYear,
)
from tests.functions.models import Piece

UTC = datetime.UTC
PRAGUE = ZoneInfo("Europe/Prague")
NEW_YORK = ZoneInfo("America/New_York")
MOMENT = datetime.datetime(2021, 1, 3, 23, 30, 15, 250000, tzinfo=UTC)
SUMMER = datetime.datetime(2021, 8, 17, 22, 45, 59, tzinfo=UTC)
DAY = datetime.date(2020, 12, 31)
ROW = {
    "moment": MOMENT,
    "day": DAY,
    "clock": datetime.time(8, 30, 15, 5),
    "length": datetime.timedelta(days=2, hours=3, minutes=4, seconds=5),
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (ExtractYear("moment"), 2021),
        (ExtractIsoYear("moment"), 2020),
        (ExtractQuarter("moment"), 1),
        (ExtractMonth("moment"), 1),
        (ExtractWeek("moment"), 53),
        (ExtractDay("moment"), 3),
        (ExtractWeekDay("moment"), 1),
        (ExtractIsoWeekDay("moment"), 7),
        (ExtractHour("moment"), 23),
        (ExtractMinute("moment"), 30),
        (ExtractSecond("moment"), 15),
        (Extract("moment", "microsecond"), 250000),
        (ExtractDay("moment", tzinfo=PRAGUE), 4),
        (ExtractHour("moment", tzinfo=PRAGUE), 0),
        (ExtractIsoYear("moment", tzinfo=PRAGUE), 2021),
        (ExtractHour("moment", tzinfo=NEW_YORK), 18),
        (ExtractHour("moment", tzinfo=datetime.timezone(datetime.timedelta(hours=5))), 4),
        (Extract("moment", "hour", tzinfo=UTC), 23),
        (ExtractYear("day"), 2020),
        (ExtractQuarter("day"), 4),
        (ExtractWeek("day"), 53),
        (ExtractWeekDay("day"), 5),
        (ExtractHour("clock"), 8),
        (ExtractSecond("clock"), 15),
        (ExtractDay("length"), 2),
        (ExtractHour("length"), 3),
        (ExtractMinute("length"), 4),
        (ExtractSecond("length"), 5),
        (ExtractYear(Value(DAY)), 2020),
        (ExtractYear("moment") * 2, 4042),
        (ExtractYear(F("day") + Value(datetime.timedelta(days=1))), 2021),
    ],
)
def test_extract(value, expression, expected) -> None:
    """Parts of dates, times, datetimes and durations; the clock of the zone counts."""
    assert value(expression, **ROW) == expected
    if "Value" not in repr(expression):
        assert value(expression) is None


def wall(*numbers: int, zone: datetime.tzinfo = UTC) -> datetime.datetime:
    return datetime.datetime(*numbers, tzinfo=zone)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (TruncYear("moment"), wall(2021, 1, 1)),
        (TruncQuarter("moment"), wall(2021, 7, 1)),
        (TruncMonth("moment"), wall(2021, 8, 1)),
        (TruncWeek("moment"), wall(2021, 8, 16)),
        (TruncDay("moment"), wall(2021, 8, 17)),
        (TruncHour("moment"), wall(2021, 8, 17, 22)),
        (TruncMinute("moment"), wall(2021, 8, 17, 22, 45)),
        (TruncSecond("moment"), wall(2021, 8, 17, 22, 45, 59)),
        (TruncDay("moment", tzinfo=PRAGUE), wall(2021, 8, 18, zone=PRAGUE)),
        (TruncMonth("moment", tzinfo=PRAGUE), wall(2021, 8, 1, zone=PRAGUE)),
        (TruncYear("moment", tzinfo=PRAGUE), wall(2021, 1, 1, zone=PRAGUE)),
        (TruncHour("moment", tzinfo=PRAGUE), wall(2021, 8, 18, 0, zone=PRAGUE)),
        (TruncDay("moment", tzinfo=NEW_YORK), wall(2021, 8, 17, zone=NEW_YORK)),
        (Trunc("moment", "week", tzinfo=PRAGUE), wall(2021, 8, 16, zone=PRAGUE)),
        (Trunc("moment", "month", output_field=DateField()), datetime.date(2021, 8, 1)),
        (
            Trunc("moment", "day", DateField(), tzinfo=PRAGUE),
            datetime.date(2021, 8, 18),
        ),
        (Trunc("moment", "hour", TimeField()), datetime.time(22)),
        (TruncDate("moment"), datetime.date(2021, 8, 17)),
        (TruncDate("moment", tzinfo=PRAGUE), datetime.date(2021, 8, 18)),
        (TruncTime("moment"), datetime.time(22, 45, 59)),
        (TruncTime("moment", tzinfo=PRAGUE), datetime.time(0, 45, 59)),
        (TruncYear("day"), datetime.date(2020, 1, 1)),
        (TruncQuarter("day"), datetime.date(2020, 10, 1)),
        (TruncMonth("day"), datetime.date(2020, 12, 1)),
        (TruncWeek("day"), datetime.date(2020, 12, 28)),
        (TruncDate("day"), DAY),
        (TruncHour("clock"), datetime.time(8)),
        (TruncMinute("clock"), datetime.time(8, 30)),
        (TruncSecond("clock"), datetime.time(8, 30, 15)),
        (TruncTime("clock"), datetime.time(8, 30, 15, 5)),
    ],
)
def test_trunc(value, expression, expected) -> None:
    """A datetime is cut down on the clock of a zone and given in it."""
    found = value(expression, **{**ROW, "moment": SUMMER})
    assert found == expected
    assert type(found) is type(expected)
    if isinstance(expected, datetime.datetime):
        assert found.utcoffset() == expected.utcoffset()
    assert value(expression) is None


def test_clock_changes(value) -> None:
    """Around the change of clocks the day still begins at midnight."""
    for month, day in ((3, 28), (10, 31)):
        moment = wall(2021, month, day, 20)
        expected = wall(2021, month, day, zone=PRAGUE)
        assert value(TruncDay("moment", tzinfo=PRAGUE), moment=moment) == expected
    twice = wall(2021, 10, 31, 0, 30)  # 2:30 in Prague, for the first time
    found = value(TruncHour("moment", tzinfo=PRAGUE), moment=twice)
    assert found.astimezone(UTC) == wall(2021, 10, 31, 0, 0)
    with_gap = wall(2021, 3, 28, 1, 30)  # 3:30 in Prague; there was no 2:30
    found = value(TruncHour("moment", tzinfo=PRAGUE), moment=with_gap)
    assert found.astimezone(UTC) == wall(2021, 3, 28, 1, 0)


def test_truncated_moments_are_moments() -> None:
    """What Trunc() gives can be filtered, grouped and ordered by."""
    for day in (1, 15, 31):
        Piece.objects.create(moment=wall(2021, 8, day, 23), day=datetime.date(2021, 8, day))
    month = TruncMonth("moment", tzinfo=PRAGUE)
    found = (
        Piece.objects.annotate(month=month)
        .values("month")
        .annotate(pieces=Count("pk"))
        .order_by("month")
    )
    assert list(found) == [
        {"month": wall(2021, 8, 1, zone=PRAGUE), "pieces": 2},
        {"month": wall(2021, 9, 1, zone=PRAGUE), "pieces": 1},
    ]
    later = Piece.objects.annotate(month=month).filter(month__gte=wall(2021, 9, 1, zone=PRAGUE))
    assert [p.day.day for p in later] == [31]
    assert (
        Piece.objects.alias(day_of=TruncDay("moment")).filter(moment__gt=F("day_of")).count() == 3
    )
    assert Piece.objects.alias(y=ExtractYear("moment")).filter(y=2021).count() == 3
    weeks = Piece.objects.annotate(w=TruncWeek("day")).values_list("w", flat=True)
    assert sorted(weeks) == [
        datetime.date(2021, 7, 26),
        datetime.date(2021, 8, 9),
        datetime.date(2021, 8, 30),
    ]


def test_now() -> None:
    """Now() is the present moment, aware, and compares with columns."""
    Piece.objects.create(moment=wall(2000, 1, 1))
    Piece.objects.create(moment=wall(2999, 1, 1))
    assert Piece.objects.filter(moment__lt=Now()).count() == 1
    found = Piece.objects.annotate(now=Now()).first().now
    assert abs(found - datetime.datetime.now(UTC)) < datetime.timedelta(minutes=1)
    Piece.objects.update(moment=Now())
    assert Piece.objects.filter(moment__year=found.year).count() == 2
    ages = Piece.objects.annotate(age=Now() - F("moment")).values_list("age", flat=True)
    assert all(abs(age) < datetime.timedelta(minutes=1) for age in ages)


def test_inside_other_queries() -> None:
    """Functions over times stand in subqueries too."""
    Piece.objects.create(moment=SUMMER, day=DAY)
    inner = Piece.objects.filter(pk=OuterRef("pk")).annotate(y=ExtractYear("moment")).values("y")
    assert Piece.objects.annotate(y=Subquery(inner)).get().y == 2021
    outer = Piece.objects.filter(pk=OuterRef("pk")).annotate(y=TruncYear(OuterRef("day")))
    assert Piece.objects.annotate(
        y=Subquery(outer.values("y"), DateField())
    ).get().y == datetime.date(2020, 1, 1)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Extract("moment", "yeer"),
            QueryError,
            "Extract() needs the name of a part of a date or time: 'yeer' is none",
        ),
        (
            lambda: Extract("moment", "year FROM x --"),
            QueryError,
            "Extract() needs the name of a part of a date or time: 'year FROM x --' is none",
        ),
        (
            lambda: Extract("moment"),
            QueryError,
            "Extract() needs the name of a part of a date or time",
        ),
        (lambda: Trunc("moment"), QueryError, "Trunc() needs a kind to cut down to"),
        (
            lambda: Trunc("moment", "year', now()) --"),
            QueryError,
            "Trunc() needs a kind to cut down to: 'year', now()) --' is none",
        ),
        (
            lambda: Trunc("moment", ["year"]),
            QueryError,
            "Trunc() needs a kind to cut down to: '['year']' is none",
        ),
        (
            lambda: TruncDay("moment", tzinfo=3),
            QueryError,
            "tzinfo must be a time zone with a name",
        ),
        (
            lambda: TruncDay("moment", tzinfo="X'; DROP TABLE x --"),
            QueryError,
            "'X'; DROP TABLE x --' is no known time zone",
        ),
        (
            lambda: Piece.objects.annotate(x=ExtractHour("day")),
            FieldError,
            "a date has no 'hour'",
        ),
        (
            lambda: Piece.objects.annotate(x=ExtractYear("clock")),
            FieldError,
            "a time has no 'year'",
        ),
        (
            lambda: Piece.objects.annotate(x=ExtractYear("length")),
            FieldError,
            "a duration has no 'year'",
        ),
        (
            lambda: Piece.objects.annotate(x=ExtractYear("name")),
            FieldError,
            "ExtractYear() takes dates and times, not values of kind 'text'",
        ),
        (lambda: Piece.objects.annotate(x=TruncHour("day")), FieldError, "a date has no 'hour'"),
        (
            lambda: Piece.objects.annotate(x=TruncYear("day", tzinfo=PRAGUE)),
            FieldError,
            "tzinfo is for datetimes; TruncYear() was given a date",
        ),
        (
            lambda: Piece.objects.annotate(x=Trunc("day", "year", DateTimeField())),
            FieldError,
            "a date cannot be cut down to a datetime",
        ),
        (
            lambda: Piece.objects.annotate(x=Trunc("moment", "hour", DateField())),
            FieldError,
            "a date has no 'hour'",
        ),
        (
            lambda: Piece.objects.annotate(x=Trunc("moment", "year", CharField())),
            FieldError,
            "a datetime cannot be cut down to a text",
        ),
        (
            lambda: Piece.objects.annotate(x=TruncDate("clock")),
            FieldError,
            "TruncDate() takes dates and times, not values of kind 'time'",
        ),
    ],
)
def test_wrong_arguments(make, error, message) -> None:
    """Unknown parts, kinds and zones are refused at the call, so they never reach SQL."""
    with pytest.raises(error) as caught:
        make()
    assert caught.value.message == message
