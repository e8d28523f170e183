"""Dates and times are taken apart and moved in the same way by every database."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
import sqlalchemy as sa

from manybase.dialects.hooks_time import KINDS, PARTS
from manybase.errors import QueryError
from manybase.meta.storage import Storage

DATE, TIME, DATETIME, DURATION = (Storage(f) for f in ("date", "time", "datetime", "duration"))
PRAGUE = zoneinfo.ZoneInfo("Europe/Prague")
NEPAL = zoneinfo.ZoneInfo("Asia/Kathmandu")
YORK = zoneinfo.ZoneInfo("America/New_York")

DATES = [
    dt.date(2024, 1, 1),
    dt.date(2024, 2, 29),
    dt.date(2021, 1, 3),  # a Sunday in the last week of 2020
    dt.date(2018, 12, 31),  # a Monday in the first week of 2019
    dt.date(2000, 10, 1),
    dt.date(1970, 7, 4),
]
MOMENTS = [
    dt.datetime(2024, 3, 31, 0, 59, 59, 999999, tzinfo=dt.UTC),  # just before the clocks change
    dt.datetime(2024, 3, 31, 1, 0, tzinfo=dt.UTC),
    dt.datetime(2023, 12, 31, 23, 30, 5, 250000, tzinfo=dt.UTC),
    dt.datetime(2024, 10, 27, 1, 30, tzinfo=dt.UTC),
    dt.datetime(1985, 7, 1, 12, 34, 56, tzinfo=dt.UTC),
    dt.datetime(2021, 1, 3, 3, 0, tzinfo=dt.UTC),
]
TIMES = [dt.time(0), dt.time(23, 59, 59, 999999), dt.time(7, 5, 9, 12)]


def part_of(value, part):
    """What the part is, by Python's own calendar."""
    return {
        "iso_year": lambda: value.isocalendar()[0],
        "quarter": lambda: (value.month + 2) // 3,
        "week": lambda: value.isocalendar()[1],
        "week_day": lambda: value.isoweekday() % 7 + 1,
        "iso_week_day": lambda: value.isoweekday(),
    }.get(part, lambda: getattr(value, part))()


def cut(value, kind):
    """The beginning of the period, by Python's own calendar."""
    clock = {"hour": 1, "minute": 2, "second": 3}
    if kind in clock:
        return value.replace(
            **dict.fromkeys(("minute", "second", "microsecond")[clock[kind] - 1 :], 0)
        )
    day = value.date() if isinstance(value, dt.datetime) else value
    if kind == "week":
        day -= dt.timedelta(days=day.weekday())
    elif kind != "day":
        month = {"year": 1, "quarter": (day.month - 1) // 3 * 3 + 1, "month": day.month}[kind]
        day = day.replace(month=month, day=1)
    if isinstance(value, dt.datetime):
        return dt.datetime.combine(day, dt.time(0), value.tzinfo)
    return day


def filled(line, name, storage, values):
    table = line.table(name, value=storage)
    write = line.dialect.writer(storage)
    insert = sa.insert(table).values(
        id=sa.bindparam("key"), value=sa.bindparam("given", type_=line.dialect.bind_type(storage))
    )
    for number, value in enumerate([*values, None]):
        plain = write.function()(value) if write and value is not None else value
        line.run(insert, key=number, given=plain)
    return table


def column(line, table, expression, convert=None):
    rows = line.run(sa.select(expression).order_by(table.c.id))
    found = [convert.function()(v) if convert else v for (v,) in rows]
    assert found[-1] is None
    return found[:-1]


@pytest.mark.parametrize("part", PARTS[:8])
def test_parts_of_dates(line, part):
    table = filled(line, "dates", DATE, DATES)

    found = column(line, table, line.dialect.extract(part, table.c.value, DATE))

    assert found == [part_of(d, part) for d in DATES]
    assert all(type(v) is int for v in found)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("zone", [None, PRAGUE, NEPAL, YORK], ids=str)
def test_parts_of_moments_on_the_clock_of_a_zone(line, part, zone):
    table = filled(line, "moments", DATETIME, MOMENTS)

    tz = zone.key if zone else None
    found = column(line, table, line.dialect.extract(part, table.c.value, DATETIME, tz))

    assert found == [part_of(m.astimezone(zone or dt.UTC), part) for m in MOMENTS]


@pytest.mark.parametrize("part", PARTS[8:])
def test_parts_of_times(line, part):
    table = filled(line, "times", TIME, TIMES)

    found = column(line, table, line.dialect.extract(part, table.c.value, TIME))

    assert found == [getattr(t, part) for t in TIMES]


def test_parts_of_durations(line):
    values = [dt.timedelta(days=3, hours=5, minutes=6, seconds=7, microseconds=8), dt.timedelta(0)]
    table = filled(line, "durations", DURATION, values)

    def part(name):
        return column(line, table, line.dialect.extract(name, table.c.value, DURATION))

    assert [part(n) for n in ("day", "hour", "minute", "second")] == [
        [3, 0],
        [5, 0],
        [6, 0],
        [7, 0],
    ]


@pytest.mark.parametrize("kind_of_cut", KINDS[:5])
def test_dates_are_cut(line, kind_of_cut):
    table = filled(line, "dates", DATE, DATES)

    expression = line.dialect.truncate(kind_of_cut, table.c.value, DATE)
    found = column(line, table, expression, line.dialect.wall_reader(DATE))

    assert found == [cut(d, kind_of_cut) for d in DATES]


@pytest.mark.parametrize("kind_of_cut", KINDS)
@pytest.mark.parametrize("zone", [None, PRAGUE, NEPAL], ids=str)
def test_moments_are_cut_on_the_clock_of_a_zone(line, kind_of_cut, zone):
    table = filled(line, "moments", DATETIME, MOMENTS)

    tz = zone.key if zone else None
    expression = line.dialect.truncate(kind_of_cut, table.c.value, DATETIME, tz)
    found = column(line, table, expression, line.dialect.wall_reader(DATETIME, tz))

    assert found == [cut(m.astimezone(zone or dt.UTC), kind_of_cut) for m in MOMENTS]
    assert all(m.tzinfo is (zone or dt.UTC) for m in found)


@pytest.mark.parametrize("kind_of_cut", KINDS[5:])
def test_times_are_cut(line, kind_of_cut):
    table = filled(line, "times", TIME, TIMES)

    expression = line.dialect.truncate(kind_of_cut, table.c.value, TIME)
    found = column(line, table, expression, line.dialect.wall_reader(TIME))

    assert found == [cut(t, kind_of_cut) for t in TIMES]


def test_date_and_time_of_a_moment(line):
    table = filled(line, "moments", DATETIME, MOMENTS)
    dialect = line.dialect

    dates = column(
        line,
        table,
        dialect.date_of(table.c.value, DATETIME, "Asia/Kathmandu"),
        dialect.reader(DATE, computed=True),
    )
    times = column(
        line,
        table,
        dialect.time_of(table.c.value, DATETIME, "Asia/Kathmandu"),
        dialect.reader(TIME, computed=True),
    )

    there = [m.astimezone(NEPAL) for m in MOMENTS]
    assert dates == [m.date() for m in there]
    assert times == [m.time() for m in there]


def test_a_date_is_compared_with_the_date_of_a_moment(line):
    table = filled(line, "moments", DATETIME, MOMENTS)
    write = line.dialect.writer(DATE)
    day = dt.date(2024, 3, 31)
    given = sa.bindparam("day", type_=line.dialect.bind_type(DATE))

    clause = line.dialect.date_of(table.c.value, DATETIME, "UTC") == given
    found = line.run(
        sa.select(table.c.id).where(clause).order_by("id"),
        day=write.function()(day) if write else day,
    )

    assert found == [(0,), (1,)]


@pytest.mark.parametrize("subtract", [False, True])
@pytest.mark.parametrize(
    ("storage", "values"), [(DATE, DATES), (DATETIME, MOMENTS), (TIME, TIMES)], ids=lambda x: ""
)
def test_a_duration_is_added(line, storage, values, subtract):
    duration = dt.timedelta(days=40, hours=0 if storage is DATE else 5, microseconds=0)
    table = filled(line, "moved", storage, values)
    dialect = line.dialect
    write = dialect.writer(DURATION)
    given = sa.bindparam("by", type_=dialect.bind_type(DURATION))

    expression = dialect.add(table.c.value, given, (storage, DURATION), subtract)
    rows = line.run(
        sa.select(expression).where(table.c.value.isnot(None)).order_by(table.c.id),
        by=write.function()(duration) if write else duration,
    )
    convert = dialect.reader(storage, computed=True)
    found = [convert.function()(v) if convert else v for (v,) in rows]

    move = -duration if subtract else duration
    assert found == [moved(v, move) for v in values]


def moved(value, by):
    if isinstance(value, dt.time):
        return (dt.datetime.combine(dt.date(2000, 6, 1), value) + by).time()
    return value + by


def test_durations_are_added_to_each_other(line):
    values = [dt.timedelta(hours=5), dt.timedelta(days=-1, microseconds=3)]
    table = filled(line, "durations", DURATION, values)

    expression = line.dialect.add(table.c.value, table.c.value, (DURATION, DURATION))

    convert = line.dialect.reader(DURATION, computed=True)
    assert column(line, table, expression, convert) == [v * 2 for v in values]


@pytest.mark.parametrize(
    ("storage", "values"), [(DATE, DATES), (DATETIME, MOMENTS), (TIME, TIMES)], ids=lambda x: ""
)
def test_the_difference_of_two_is_a_duration(line, storage, values):
    table = filled(line, "between", storage, values)
    other = table.alias()
    both = sa.select(
        line.dialect.difference(table.c.value, other.c.value, (storage, storage))
    ).where(table.c.id == 0, other.c.id == 1)

    ((found,),) = line.run(both)
    convert = line.dialect.reader(DURATION, computed=True)

    on = dt.date(2000, 1, 1)
    one, two = (dt.datetime.combine(on, v) if isinstance(v, dt.time) else v for v in values[:2])
    assert (convert.function()(found) if convert else found) == one - two


@pytest.mark.parametrize("tz", ["UTC", "Asia/Kathmandu"])
@pytest.mark.parametrize("use_tz", [True, False])
def test_now_is_this_moment(line, use_tz, tz):
    line = line.with_tz(use_tz=use_tz, tz=tz)

    ((found,),) = line.run(sa.select(line.dialect.now()))
    convert = line.dialect.reader(DATETIME, computed=True)
    moment = convert.function()(found) if convert else found

    if not use_tz:
        assert moment.tzinfo is None
        moment = moment.replace(tzinfo=zoneinfo.ZoneInfo(tz))
    assert abs(moment - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=5)


def test_naive_datetimes_are_taken_apart_as_they_stand(line):
    line = line.with_tz(use_tz=False, tz="Asia/Kathmandu")
    values = [m.replace(tzinfo=None) for m in MOMENTS]
    table = filled(line, "naive", DATETIME, values)

    hours = column(
        line, table, line.dialect.extract("hour", table.c.value, DATETIME, "Asia/Kathmandu")
    )
    months = column(
        line,
        table,
        line.dialect.truncate("month", table.c.value, DATETIME, "Asia/Kathmandu"),
        line.dialect.wall_reader(DATETIME, "Asia/Kathmandu"),
    )

    assert hours == [v.hour for v in values]
    assert months == [cut(v, "month") for v in values]


def test_an_unknown_part_or_zone_is_refused(line):
    value = sa.column("value")

    with pytest.raises(QueryError, match="a date has no 'hour'"):
        line.dialect.extract("hour", value, DATE)
    with pytest.raises(QueryError, match="a time has no 'month'"):
        line.dialect.truncate("month", value, TIME)
    with pytest.raises(QueryError, match="'Mars/Base' is no known time zone"):
        line.dialect.extract("hour", value, DATETIME, "Mars/Base")
