"""Order, conflicts and the small rest are said in each database's way, with one meaning."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from manybase.dialects import dialect_for
from manybase.dialects.converter import Converter, call
from manybase.meta.storage import Storage

NUMBER = Storage("integer", size=4)


@pytest.fixture
def numbers(line):
    table = line.table("numbers", value=NUMBER, other=NUMBER)
    line.send(f"INSERT INTO {table.name} VALUES (1, 5, 3), (2, NULL, 6), (3, 1, 12)")
    return table


@pytest.mark.parametrize(
    ("descending", "nulls", "expected"),
    [
        (False, "first", [2, 3, 1]),
        (False, "last", [3, 1, 2]),
        (True, "first", [2, 1, 3]),
        (True, "last", [1, 3, 2]),
    ],
)
def test_nulls_stand_where_they_are_wanted(line, numbers, descending, nulls, expected):
    order = line.dialect.order(numbers.c.value, descending, nulls)

    found = line.run(sa.select(numbers.c.id).order_by(*order))

    assert [key for (key,) in found] == expected


def test_order_without_a_wish_is_one_term(line, numbers):
    (term,) = line.dialect.order(numbers.c.id, descending=True)

    assert line.run(sa.select(numbers.c.id).order_by(term)) == [(3,), (2,), (1,)]


def test_chance_gives_every_row(line, numbers):
    found = line.run(sa.select(numbers.c.id).order_by(line.dialect.random()))

    assert sorted(found) == [(1,), (2,), (3,)]


def test_exclusive_or_of_bits(line, numbers):
    found = line.run(
        sa.select(line.dialect.bit_xor(numbers.c.value, numbers.c.other)).order_by(numbers.c.id)
    )

    assert [value for (value,) in found] == [5 ^ 3, None, 1 ^ 12]


def test_rows_that_meet_others_can_be_left_out(line, numbers):
    insert = line.dialect.insert(numbers).values(
        [{"id": 1, "value": 99, "other": 99}, {"id": 4, "value": 7, "other": 7}]
    )

    line.run(line.dialect.ignore_conflicts(insert))

    assert line.run(sa.select(numbers.c.id, numbers.c.value).order_by(numbers.c.id)) == [
        (1, 5),
        (2, None),
        (3, 1),
        (4, 7),
    ]


def test_rows_that_meet_others_can_update_them(line, numbers):
    insert = line.dialect.insert(numbers).values(
        [{"id": 1, "value": 99, "other": 98}, {"id": 4, "value": 7, "other": 7}]
    )

    line.run(line.dialect.update_conflicts(insert, ["value"], ["id"]))

    assert line.run(sa.select(numbers).where(numbers.c.id.in_([1, 4])).order_by("id")) == [
        (1, 99, 3),
        (4, 7, 7),
    ]


def test_a_broken_reference_is_not_hidden_by_leaving_out(line, numbers):
    """INSERT IGNORE would do that on MariaDB."""
    parent = line.dialect.quote(numbers.name)
    child = line.dialect.quote(f"{numbers.name}_child")
    line.send(
        f"CREATE TABLE {child} (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL,"
        f" FOREIGN KEY (parent) REFERENCES {parent} (id))"
    )
    table = sa.table(f"{numbers.name}_child", sa.column("id"), sa.column("parent"))
    insert = line.dialect.insert(table).values(id=1, parent=99)

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        line.run(line.dialect.ignore_conflicts(insert))
    line.send(f"DROP TABLE {child}")


def test_a_row_of_defaults_only(line):
    name = line.dialect.quote("of_defaults")
    line.send(f"CREATE TABLE {name} (value INTEGER DEFAULT 3)")

    line.run(line.dialect.insert(sa.table("of_defaults")))

    assert line.send(f"SELECT value FROM {name}") == [(3,)]
    line.send(f"DROP TABLE {name}")


def test_inserts_return_what_the_features_say(line, numbers):
    if not line.dialect.features.returning_insert:
        assert line.dialect.features.why("returning_insert")
        return
    insert = line.dialect.insert(numbers).values([{"id": 10, "value": 1}, {"id": 11, "value": 2}])

    assert line.run(insert.returning(numbers.c.id)) == [(10,), (11,)]


def test_a_percent_sign_in_a_statement_stays_one(line, numbers):
    remainder = numbers.c.other % sa.literal_column("5")
    text = sa.literal_column("'5%'")

    found = line.run(sa.select(remainder, text).where(numbers.c.id == sa.bindparam("key")), key=3)

    assert found == [(2, "5%")]


def test_compiled_text_has_the_drivers_places():
    statement = sa.select(sa.column("id")).where(
        sa.column("a") == sa.bindparam("x"), sa.column("b") == sa.bindparam("x")
    )

    places = {name: dialect_for(name).compile(statement) for name in ("sqlite", "postgresql")}
    places["mysql"] = dialect_for("mysql").compile(statement)

    assert places == {
        "sqlite": ("SELECT id WHERE a = ? AND b = ?", ["x", "x"]),
        "postgresql": ("SELECT id WHERE a = $1 AND b = $1", ["x"]),
        "mysql": ("SELECT id FROM DUAL WHERE a = %s AND b = %s", ["x", "x"]),
    }


def test_a_converter_is_code_that_leaves_null_alone():
    double = Converter("({v} * two)", {"two": 2}).then(call(str))

    assert double.function()(21) == "42"
    assert double.function()(None) is None
    assert call(str).template != call(int).template
