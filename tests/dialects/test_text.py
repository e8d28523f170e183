"""Texts are compared in the same way by every database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from manybase.dialects import dialect_for
from manybase.meta.storage import Storage

TEXTS = [
    "Emily Brontë",
    "EMILY BRONTË",
    "100% sure",
    "100 sure",
    "a_b",
    "axb",
    "[ab]*?",
    "",
    "a\\b",
]

CASES = [
    ("contains", "Bront", False, ["Emily Brontë"]),
    ("contains", "brontË", True, ["Emily Brontë", "EMILY BRONTË"]),
    ("contains", "0%", False, ["100% sure"]),
    ("contains", "_", False, ["a_b"]),
    ("contains", "\\", False, ["a\\b"]),
    ("contains", "\\", True, ["a\\b"]),
    ("contains", "", False, TEXTS),
    ("startswith", "Emily", False, ["Emily Brontë"]),
    ("startswith", "emily", False, []),
    ("startswith", "emily", True, ["Emily Brontë", "EMILY BRONTË"]),
    ("startswith", "100%", False, ["100% sure"]),
    ("startswith", "[ab]*", False, ["[ab]*?"]),
    ("startswith", "a_", True, ["a_b"]),
    ("endswith", "TË", False, ["EMILY BRONTË"]),
    ("endswith", "të", True, ["Emily Brontë", "EMILY BRONTË"]),
    ("endswith", "*?", False, ["[ab]*?"]),
    ("endswith", "_b", False, ["a_b"]),
    ("endswith", "\\b", False, ["a\\b"]),
    ("exact", "emily brontË", True, ["Emily Brontë", "EMILY BRONTË"]),
    ("exact", "Emily Brontë", False, ["Emily Brontë"]),
    ("exact", "", True, [""]),
]


@pytest.fixture
def texts(line):
    table = line.table("texts", value=Storage("text", size=50), other=Storage("text", size=50))
    insert = sa.insert(table).values(
        id=sa.bindparam("key"), value=sa.bindparam("given"), other=sa.bindparam("given")
    )
    for number, text in enumerate(TEXTS):
        line.run(insert, key=number, given=text)
    return table


@pytest.mark.parametrize(("kind_of_match", "wanted", "ignore_case", "expected"), CASES)
@pytest.mark.parametrize("raw", [False, True], ids=["parameter", "expression"])
def test_matches(line, texts, kind_of_match, wanted, ignore_case, expected, raw):
    pattern = None if raw else line.dialect.pattern(kind_of_match, ignore_case)
    given = pattern.function()(wanted) if pattern else wanted
    rhs = sa.bindparam("given", type_=line.dialect.bind_type(Storage("text")))

    clause = line.dialect.text_match(kind_of_match, texts.c.value, rhs, ignore_case, raw=raw)
    found = line.run(sa.select(texts.c.value).where(clause).order_by(texts.c.id), given=given)

    assert [text for (text,) in found] == expected


@pytest.mark.parametrize("kind_of_match", ["contains", "startswith", "endswith", "exact"])
@pytest.mark.parametrize("ignore_case", [False, True])
def test_every_text_matches_itself_as_a_column(line, texts, kind_of_match, ignore_case):
    clause = line.dialect.text_match(
        kind_of_match, texts.c.value, texts.c.other, ignore_case, raw=True
    )

    assert line.run(sa.select(sa.func.count()).where(clause)) == [(len(TEXTS),)]


@pytest.mark.parametrize(
    ("expression", "ignore_case", "expected"),
    [
        ("^Emily", False, ["Emily Brontë"]),
        ("^emily", False, []),
        ("brontË$", True, ["Emily Brontë", "EMILY BRONTË"]),
        ("^a.b$", False, ["a_b", "axb", "a\\b"]),
        ("^[0-9]+%", False, ["100% sure"]),
    ],
)
def test_regular_expressions(line, texts, expression, ignore_case, expected):
    rhs = sa.bindparam("given", type_=line.dialect.bind_type(Storage("text")))
    clause = line.dialect.regex(texts.c.value, rhs, ignore_case)

    found = line.run(sa.select(texts.c.value).where(clause).order_by(texts.c.id), given=expression)

    assert [text for (text,) in found] == expected


def test_numbers_match_as_text(line):
    table = line.table("numbers", value=Storage("integer", size=4))
    line.send(f"INSERT INTO {table.name} (id, value) VALUES (1, 2024), (2, 1999)")
    pattern = line.dialect.pattern("startswith")
    text = line.dialect.cast_text(table.c.value, Storage("integer", size=4))

    clause = line.dialect.text_match("startswith", text, sa.bindparam("given", type_=sa.String()))

    assert line.run(sa.select(table.c.id).where(clause), given=pattern.function()("20")) == [(1,)]


def test_addresses_match_as_text(line):
    storage = Storage("ip")
    table = line.table("addresses", value=storage)
    line.send(f"INSERT INTO {table.name} (id, value) VALUES (1, '10.0.0.1'), (2, '192.168.0.1')")
    text = line.dialect.cast_text(table.c.value, storage)
    pattern = line.dialect.pattern("endswith")

    clause = line.dialect.text_match("endswith", text, sa.bindparam("given", type_=sa.String()))

    assert line.run(sa.select(table.c.id).where(clause), given=pattern.function()("0.1")) == [
        (1,),
        (2,),
    ]


def test_a_prefix_on_sqlite_can_use_an_index():
    dialect = dialect_for("sqlite")

    clause = dialect.text_match("startswith", sa.column("title"), sa.bindparam("p"))

    assert dialect.compile(clause) == ("title GLOB ?", ["p"])
