"""The rows of the language suite, for the tests of statements' numbers and of names too."""

from __future__ import annotations

import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from tests.language.models import Author, Chapter, Profile, Publisher, Remark, Title

UTC = datetime.UTC
D = datetime.date


def moment(text: str) -> datetime.datetime:
    """A moment in UTC from its ISO spelling."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_shop(alias: str = "default") -> SimpleNamespace:
    """Four authors, two publishers and five titles; the titles' names are their first letters.

    Ada (36) mentors Bob (20) and Cyd (null), who mentors Dan (50). Ada has a profile.
    A: 100 pages, Orb, by Ada and Bob, chapters 1 and 2; B: 200, Orb, Bob; C: no pages, Zed, nobody;
    D: 400, no publisher, Ada, not printed; E: 100, Zed, Ada, Bob and Cyd, chapter 1.
    """
    people = Author.objects.using(alias)
    ada = people.create(name="Ada", age=36)
    bob = people.create(name="Bob", age=20, mentor=ada)
    cyd = people.create(name="Cyd", mentor=ada)
    dan = people.create(name="Dan", age=50, mentor=cyd)
    ada.friends.set([bob, cyd])
    Profile.objects.using(alias).create(author=ada, motto="measure")
    houses = Publisher.objects.using(alias)
    orb, zed = houses.create(name="Orb", city="Rome"), houses.create(name="Zed")
    first = moment("2001-01-15T23:30:15.250000")
    rows: list[dict[str, Any]] = [
        {
            "name": "A",
            "pages": 100,
            "price": "9.99",
            "rating": 1.5,
            "flags": 5,
            "publisher": orb,
            "published": D(2001, 1, 15),
            "edited": first,
            "opens": datetime.time(8, 30, 15),
            "loan": datetime.timedelta(hours=2),
            "data": {"kind": "novel", "size": {"w": 10, "h": 20}, "tags": ["x", "y"], "gone": None},
        },
        {
            "name": "B",
            "pages": 200,
            "price": "20.00",
            "rating": -2.25,
            "flags": 3,
            "publisher": orb,
            "published": D(2001, 12, 31),
            "edited": moment("2001-12-31T10:00:00"),
            "loan": datetime.timedelta(days=1),
            "data": {"kind": "essay", "size": {"w": 12}},
        },
        {
            "name": "C",
            "price": "5.50",
            "publisher": zed,
            "published": D(2002, 3, 5),
            "data": [1, "two", None],
        },
        {
            "name": "D",
            "pages": 400,
            "price": "40.00",
            "rating": 4.0,
            "flags": 6,
            "printed": False,
            "published": D(2003, 11, 30),
        },
        {
            "name": "E",
            "pages": 100,
            "price": "1.01",
            "rating": 2.0,
            "publisher": zed,
            "published": D(2003, 11, 1),
            "data": {"kind": "Novel", "tags": []},
        },
    ]
    titles = {}
    for row in rows:
        row["price"] = Decimal(row["price"])
        titles[row["name"]] = Title.objects.using(alias).create(**row)
    links = {"A": [ada, bob], "B": [bob], "D": [ada], "E": [ada, bob, cyd]}
    for name, authors in links.items():
        titles[name].authors.set(authors)
    for name, number in (("A", 1), ("A", 2), ("E", 1)):
        Chapter.objects.using(alias).create(
            title=titles[name], number=number, heading=f"{name}{number}"
        )
    for text, about in (("fine", titles["A"]), ("odd", titles["A"]), ("kind", ada)):
        Remark.objects.using(alias).create(text=text, about=about)
    return SimpleNamespace(ada=ada, bob=bob, cyd=cyd, dan=dan, orb=orb, zed=zed, **titles)
