"""Every kind of column gives back what was written, on every database."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from decimal import Decimal

import pytest
import sqlalchemy as sa

from manybase.meta.storage import Storage

UTC = dt.UTC


class Sorted(json.JSONEncoder):
    def default(self, value):
        return sorted(value) if isinstance(value, set) else super().default(value)


VALUES = [
    (Storage("integer", size=2), [0, -32768, 32767]),
    (Storage("integer", size=4), [0, -(2**31), 2**31 - 1]),
    (Storage("integer", size=8), [0, -(2**63), 2**63 - 1]),
    (
        Storage("text", size=50),
        ["", "plain", "Žluťoučký kůň 🐎", "50% _x_ \\ 'q' \"d\" ?", "end  "],
    ),
    (Storage("text"), ["", "long " * 5000]),
    (Storage("float"), [0.0, -1.5, 3.141592653589793, 1e300]),
    (
        Storage("decimal", precision=10, scale=2),
        [Decimal("0.00"), Decimal("-12.50"), Decimal("99999999.99")],
    ),
    (
        Storage("decimal", precision=30, scale=10),
        [Decimal("12345678901234567890.0123456789"), Decimal("-0.0000000001")],
    ),
    (Storage("boolean"), [True, False]),
    (Storage("date"), [dt.date(1000, 1, 1), dt.date(2024, 2, 29), dt.date(9999, 12, 31)]),
    (Storage("time"), [dt.time(0), dt.time(23, 59, 59, 999999), dt.time(7, 5)]),
    (
        Storage("datetime"),
        [
            dt.datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
            dt.datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            dt.datetime(2024, 6, 1, 1, 0, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
        ],
    ),
    (
        Storage("duration"),
        [dt.timedelta(0), dt.timedelta(days=-3, microseconds=1), dt.timedelta(days=4000, hours=5)],
    ),
    (Storage("uuid"), [uuid.UUID(int=0), uuid.UUID("6f1c3f2e-8f57-4a7d-9d8e-1b2c3d4e5f60")]),
    (Storage("binary"), [b"", b"\x00\xff\x80'\\%s", bytes(range(256))]),
    (Storage("json"), [{"a": [1, 2.5, None, "ž"]}, [], "text", 7, True, {"%s": "\\ 'x'"}]),
    (Storage("json", encoder=Sorted), [{"set": [1, 2]}]),
    (Storage("ip"), ["192.168.0.1", "2001:db8::1"]),
]


def written(line, table, storage, values):
    convert = line.dialect.writer(storage)
    insert = sa.insert(table).values(
        id=sa.bindparam("key"), value=sa.bindparam("given", type_=line.dialect.bind_type(storage))
    )
    for number, value in enumerate(values):
        line.run(insert, key=number, given=convert.function()(value) if convert else value)


def read(line, table, storage, computed=False):
    convert = line.dialect.reader(storage, computed=computed)
    rows = line.run(sa.select(table.c.value).order_by(table.c.id))
    return [convert.function()(v) if convert else v for (v,) in rows]


@pytest.mark.parametrize(("storage", "values"), VALUES, ids=lambda x: getattr(x, "family", ""))
def test_a_column_gives_back_what_was_written(line, storage, values):
    table = line.table("values_back", value=storage)
    written(line, table, storage, [*values, None])

    got = read(line, table, storage)

    assert got == [*values, None]
    assert [type(v) for v in got] == [type(v) for v in [*values, None]]
    assert read(line, table, storage, computed=True) == got


def test_a_column_finds_what_is_compared_with_it(line):
    for storage, values in VALUES:
        if storage.family == "json":
            continue
        table = line.table("values_found", value=storage)
        written(line, table, storage, values)
        convert = line.dialect.writer(storage)
        given = sa.bindparam("given", type_=line.dialect.bind_type(storage))
        for number, value in enumerate(values):
            plain = convert.function()(value) if convert else value
            found = line.run(sa.select(table.c.id).where(table.c.value == given), given=plain)
            assert found == [(number,)], (storage, value)


def test_text_differs_by_case_accent_and_trailing_space(line):
    storage = Storage("text", size=20)
    table = line.table("text_differs", value=storage)
    written(line, table, storage, ["a", "A", "á", "a "])

    found = line.run(sa.select(table.c.id).where(table.c.value == sa.bindparam("v")), v="a")

    assert found == [(0,)]


@pytest.mark.parametrize("precision", [10, 30])
def test_decimals_compare_order_and_add_as_numbers(line, precision):
    storage = Storage("decimal", precision=precision, scale=2)
    table = line.table("decimals", value=storage)
    written(line, table, storage, [Decimal("9.00"), Decimal("10.00"), Decimal("-1.50")])
    write = line.dialect.writer(storage)
    limit = write.function()(Decimal("9.50")) if write else Decimal("9.50")
    given = sa.bindparam("v", type_=line.dialect.bind_type(storage))

    ordered = line.run(sa.select(table.c.id).order_by(table.c.value))
    smaller = line.run(sa.select(table.c.id).where(table.c.value < given).order_by("id"), v=limit)
    ((total,),) = line.run(sa.select(sa.func.sum(table.c.value)))
    convert = line.dialect.reader(storage, computed=True)

    assert ordered == [(2,), (0,), (1,)]
    assert smaller == [(0,), (2,)]
    assert (convert.function()(total) if convert else total) == Decimal("17.50")


def test_naive_datetimes_stay_naive_without_time_zones(line):
    line = line.with_tz(use_tz=False, tz="Europe/Prague")
    storage = Storage("datetime")
    table = line.table("naive", value=storage)
    values = [dt.datetime(2024, 3, 31, 2, 30), dt.datetime(2024, 1, 1, 0, 0, 0, 1)]
    written(line, table, storage, values)

    assert read(line, table, storage) == values


def test_a_key_beyond_the_column_is_not_found_rather_than_an_error(line):
    storage = Storage("integer", size=4)
    table = line.table("small_keys", value=storage)
    given = sa.bindparam("v", type_=line.dialect.bind_type(storage))

    assert line.run(sa.select(table.c.id).where(table.c.value == given), v=10**12) == []
