"""Rows that the tests of the query language ask for."""

from __future__ import annotations

import datetime
import decimal
import uuid
from types import SimpleNamespace
from typing import Any

from tests.behaviour.help import date
from tests.behaviour.models import Book, Club, Joining, Member, Person, Sample

UTC = datetime.UTC


def moment(text: str) -> datetime.datetime:
    """A moment in UTC from its ISO spelling."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


SAMPLES: list[dict[str, Any]] = [
    {
        "name": "Anna",
        "text": "one_line",
        "slug": "anna",
        "email": "anna@example.com",
        "url": "https://example.com/anna",
        "small": -3,
        "integer": 10,
        "big": 2**40,
        "positive_small": 1,
        "positive": 2,
        "positive_big": 2**41,
        "real": 1.5,
        "price": decimal.Decimal("9.99"),
        "flag": True,
        "sure": True,
        "day": date("2020-02-29"),
        "clock": datetime.time(8, 30, 15),
        "moment": moment("2020-02-29T08:30:15.250000"),
        "length": datetime.timedelta(hours=1),
        "code": uuid.UUID(int=1),
        "blob": b"\x00\x01",
        "data": {"a": 1},
        "address": "10.0.0.1",
        "mood": "c",
        "grade": 1,
    },
    {
        "name": "berta",
        "text": "100%",
        "slug": "berta",
        "email": "berta@example.com",
        "small": 0,
        "integer": 20,
        "big": -(2**40),
        "positive_small": 5,
        "positive": 7,
        "positive_big": 8,
        "real": -2.25,
        "price": decimal.Decimal("100.00"),
        "flag": False,
        "day": date("2020-12-31"),
        "clock": datetime.time(23, 59, 59),
        "moment": moment("2020-12-31T23:59:59"),
        "length": datetime.timedelta(days=2, microseconds=5),
        "code": uuid.UUID(int=2),
        "blob": b"",
        "data": [1, "two", None],
        "address": "2001:db8::1",
        "mood": "w",
        "grade": 2,
    },
    {
        "name": "ÄRGER",
        "text": "back\\slash 'quote' \"double\"",
        "integer": 30,
        "price": decimal.Decimal("-0.01"),
        "day": date("2021-01-03"),
        "clock": datetime.time(0, 0, 0, 1),
        "moment": moment("2021-01-03T00:00:00"),
        "length": datetime.timedelta(seconds=-1),
    },
    {"name": None, "text": "line\nbreak"},
]


def make_samples(alias: str = "default") -> list[Sample]:
    """One row for each of ``SAMPLES``."""
    return [Sample.objects.using(alias).create(**values) for values in SAMPLES]


def make_library(alias: str = "default") -> SimpleNamespace:
    """Three people and five books.

    A: by Ann and Ben, edited by Cat; B: by Ben, edited by Ann; C: by nobody, edited by Cat;
    D: by Ann, no editor; E: by Ann, Ben and Cat, edited by Ben.
    """
    ann, ben, cat = (
        Person.objects.using(alias).create(name=name) for name in ("Ann", "Ben", "Cat")
    )
    rows = [
        ("A", "2001-01-15", 100, cat, [ann, ben]),
        ("B", "2001-03-20", 200, ann, [ben]),
        ("C", "2002-03-05", 300, cat, []),
        ("D", "2003-11-30", 400, None, [ann]),
        ("E", "2003-11-01", 100, ben, [ann, ben, cat]),
    ]
    books = {}
    for title, published, pages, editor, authors in rows:
        book = Book.objects.using(alias).create(
            title=title, published=date(published), pages=pages, editor=editor
        )
        book.authors.set(authors)
        books[title] = book
    return SimpleNamespace(ann=ann, ben=ben, cat=cat, **books)


def make_clubs(alias: str = "default") -> SimpleNamespace:
    """Two clubs: chess with Uma (2001) and Vic (2005, invited by Uma), rowing with Vic (null)."""
    uma, vic, wes = (
        Member.objects.using(alias).create(name=name) for name in ("Uma", "Vic", "Wes")
    )
    chess, rowing = (Club.objects.using(alias).create(name=name) for name in ("chess", "rowing"))
    join = Joining.objects.using(alias)
    join.create(club=chess, member=uma, since=date("2001-01-01"))
    join.create(club=chess, member=vic, since=date("2005-01-01"), invited_by=uma)
    join.create(club=rowing, member=vic)
    return SimpleNamespace(uma=uma, vic=vic, wes=wes, chess=chess, rowing=rowing)
