"""Values and keys at the edges, with one answer on every database."""

from __future__ import annotations

import datetime
import decimal
import uuid

import pytest

from manybase.conf import settings
from manybase.db import transaction
from manybase.errors import ManybaseError
from manybase.models import F, Q, Value
from tests.behaviour.help import date, names, person, queries, titles
from tests.behaviour.models import (
    Bare,
    Book,
    Defaults,
    Detail,
    Egg,
    Hen,
    Keyed,
    Person,
    Remark,
    Sample,
    Token,
)
from tests.behaviour.query_data import make_library, moment

# Texts


@pytest.mark.parametrize(
    "text",
    ["", " ", "a ", " a", "a", "A", "ä", "a\u0308", "ß", "SS", "😀", "日本", "'", '"', "\\", "%"],
)
def test_texts_are_compared_exactly(text: str) -> None:
    """Spaces at the end, case, accents and signs all count in an exact comparison."""
    for one in ("", " ", "a ", " a", "a", "A", "ä", "a\u0308", "ß", "SS", "😀", "日本", "'", '"'):
        person(one)
    for one in ("\\", "%"):
        person(one)

    assert [p.name for p in Person.objects.filter(name=text)] == [text]
    assert [p.name for p in Person.objects.filter(name__in=[text])] == [text]
    assert Person.objects.exclude(name=text).count() == 15


def test_texts_are_unique_exactly() -> None:
    """A unique text differs by case, accents and spaces at the end."""
    for key in ("a", "A", "ä", "a ", "Ä"):
        Keyed.objects.create(key=key)

    assert Keyed.objects.count() == 5
    assert {row.key for row in Keyed.objects.filter(key__in=["a", "Ä"])} == {"a", "Ä"}
    assert set(Keyed.objects.in_bulk(["a ", "A"])) == {"a ", "A"}


def test_texts_are_ordered_by_code_point() -> None:
    """The order of texts is the same on every database."""
    for name in ("b", "a", "B", "ä", "A", "_", "1", "😀"):
        person(name)

    expected = sorted(["b", "a", "B", "ä", "A", "_", "1", "😀"])
    assert names(Person.objects.order_by("name")) == expected
    assert names(Person.objects.filter(name__gt="a").order_by("name")) == [
        name for name in expected if name > "a"
    ]


# Numbers


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**62])
def test_numbers_beyond_a_column_match_nothing(number: int) -> None:
    """A number that no row of a column can have is found nowhere; comparisons hold."""
    Sample.objects.create(integer=1)

    assert not Sample.objects.filter(integer=number).exists()
    assert Sample.objects.filter(integer__lt=abs(number)).count() == 1
    assert not Sample.objects.filter(integer__gt=abs(number)).exists()
    assert not Sample.objects.filter(integer__in=[number, 5]).exists()
    assert Sample.objects.filter(~Q(integer=number)).count() == 1


def test_limits_of_integers() -> None:
    """The smallest and the largest of each size are stored and found."""
    limits = {
        "small": (-(2**15), 2**15 - 1),
        "integer": (-(2**31), 2**31 - 1),
        "big": (-(2**63), 2**63 - 1),
        "positive_small": (0, 2**15 - 1),
        "positive": (0, 2**31 - 1),
        "positive_big": (0, 2**63 - 1),
    }
    for name, (low, high) in limits.items():
        for number in (low, high):
            made = Sample.objects.create(**{name: number})
            assert getattr(Sample.objects.get(**{name: number, "pk": made.pk}), name) == number


def test_decimals_are_exact() -> None:
    """Decimals are compared as numbers, rounded to their places, and never become floats."""
    Sample.objects.create(price="0.10")
    Sample.objects.create(price=decimal.Decimal("12345678.91"))

    assert Sample.objects.get(price=decimal.Decimal("0.1")).price == decimal.Decimal("0.10")
    assert Sample.objects.get(price=decimal.Decimal("0.100")).pk
    assert Sample.objects.filter(price__gt=decimal.Decimal("9.5")).count() == 1
    assert Sample.objects.filter(price__lt=decimal.Decimal("9.5")).count() == 1
    found = [row.price for row in Sample.objects.order_by("-price")]
    assert found == [decimal.Decimal("12345678.91"), decimal.Decimal("0.10")]
    Sample.objects.filter(price__gt=1).update(price=F("price") + decimal.Decimal("0.04"))
    assert Sample.objects.filter(price=decimal.Decimal("12345678.95")).count() == 1


# Times


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC"])
def test_parts_of_moments_follow_daylight_saving(zone: str) -> None:
    """Hours, days and truncation are those of the zone at that moment."""
    import zoneinfo

    winter, summer = moment("2021-01-15T23:30:00"), moment("2021-07-15T23:30:00")
    for one in (winter, summer):
        Sample.objects.create(moment=one)
    here = zoneinfo.ZoneInfo(zone)

    with settings.override(TIME_ZONE=zone):
        for one in (winter, summer):
            local = one.astimezone(here)
            assert Sample.objects.filter(moment__hour=local.hour, moment=one).count() == 1
            assert Sample.objects.filter(moment__date=local.date()).count() == 1
            assert Sample.objects.filter(moment__day=local.day, moment=one).count() == 1
        days = list(Sample.objects.datetimes("moment", "day"))
        expected = [
            one.astimezone(here).replace(hour=0, minute=0, second=0) for one in (winter, summer)
        ]
        assert days == expected
        assert [day.utcoffset() for day in days] == [day.utcoffset() for day in expected]


def test_early_and_late_dates() -> None:
    """The first and the last year that Python has."""
    for text in ("0001-01-01", "9999-12-31", "1582-10-10"):
        made = Sample.objects.create(day=date(text))
        assert Sample.objects.get(pk=made.pk).day == date(text)
        assert Sample.objects.filter(day__year=date(text).year).count() == 1


def test_moments_keep_their_microseconds() -> None:
    """No part of a second is lost, in moments, times and lengths."""
    values = {
        "moment": moment("2020-01-01T00:00:00.000001"),
        "clock": datetime.time(23, 59, 59, 999999),
        "length": datetime.timedelta(days=-3, microseconds=7),
    }
    made = Sample.objects.create(**values)

    again = Sample.objects.get(**values)
    assert again == made
    assert {name: getattr(again, name) for name in values} == values
    Sample.objects.update(moment=F("moment") + datetime.timedelta(days=1, microseconds=2))
    assert Sample.objects.get().moment == moment("2020-01-02T00:00:00.000003")


# Documents


@pytest.mark.parametrize(
    "value",
    [{}, [], "", "text", 0, 1.5, True, {"a": [1, {"b": None}], "ä": "😀"}, [None], "null", 2**53],
)
def test_documents_come_back_equal(value: object) -> None:
    """Whatever JSON can say is stored and comes back, in objects and rows."""
    made = Sample.objects.create(data=value)

    assert Sample.objects.get(pk=made.pk).data == value
    assert type(Sample.objects.get(pk=made.pk).data) is type(value)
    assert list(Sample.objects.values_list("data", flat=True)) == [value]
    assert Sample.objects.filter(data__isnull=True).count() == 0


# Keys


def test_keys_made_in_python() -> None:
    """A key with a default is inserted by one statement, and known before."""
    token = Token(label="a")
    assert isinstance(token.pk, uuid.UUID)
    with queries(1):
        token.save()
    with queries(1):
        token.save()
    assert Token.objects.get(pk=str(token.pk)) == token
    with queries(1):
        Token.objects.create(label="b")
    assert len(Token.objects.bulk_create([Token(label="c"), Token(label="d")])) == 2
    assert set(Token.objects.in_bulk([token.pk])) == {token.pk}


def test_relations_over_keys_of_other_kinds() -> None:
    """One-to-one keys, texts and UUIDs as keys of relations, prefetched and deleted."""
    token = Token.objects.create(label="a")
    detail = Detail.objects.create(token=token, note="n")
    Remark.objects.create(detail=detail, text="t")
    token.linked.add(Keyed.objects.create(key="k"), Keyed.objects.create(key="l"))

    assert Detail.objects.get(pk=token.pk).token == token
    assert Remark.objects.get(detail__token__label="a").detail == detail
    assert Remark.objects.get(detail=detail).detail.token.detail.note == "n"
    assert [k.key for k in token.linked.all()] == ["k", "l"]
    assert Keyed.objects.get(key="k").tokens.get() == token
    found = Token.objects.prefetch_related("linked", "detail__remark_set").get()
    with queries(0):
        assert [k.key for k in found.linked.all()] == ["k", "l"]
        assert [r.text for r in found.detail.remark_set.all()] == ["t"]
    token.linked.remove("k")
    assert [k.key for k in token.linked.all()] == ["l"]
    token.delete()
    assert (Detail.objects.count(), Remark.objects.count(), Keyed.objects.count()) == (0, 0, 2)


def test_rows_without_columns() -> None:
    """A model of nothing but a key can be made, in numbers too."""
    one = Bare.objects.create()
    Bare().save()
    Bare.objects.bulk_create([Bare(), Bare()])

    assert Bare.objects.count() == 4
    one.save()
    assert Bare.objects.get(pk=one.pk) == one


def test_circles_are_deleted() -> None:
    """Rows that point at each other go together."""
    hen = Hen.objects.create()
    egg = Egg.objects.create(hen=hen)
    hen.egg = egg
    hen.save()

    assert hen.delete() == (2, {"behaviour.Egg": 1, "behaviour.Hen": 1})


# Queries


def test_nulls_do_not_spoil_not_in() -> None:
    """exclude(pk__in=<queryset with nulls>) leaves what is not in it."""
    library = make_library()
    Book.objects.filter(title__in=["B", "E"]).update(editor=None)

    found = Person.objects.exclude(pk__in=Book.objects.values("editor"))
    assert names(found) == ["Ann", "Ben"]
    assert names(Person.objects.filter(pk__in=Book.objects.values("editor"))) == ["Cat"]
    assert library.cat.edited.count() == 2


def test_neighbours_of_equal_dates_follow_the_key() -> None:
    """get_next_by and get_previous_by pass every row once, ties included."""
    made = [
        Book.objects.create(title=str(n), published=date(text))
        for n, text in enumerate(["2001-01-01", "2001-01-01", "2001-01-02", "2000-12-31"])
    ]
    seen, current = [made[3]], made[3]
    for _ in range(3):
        current = current.get_next_by_published()
        seen.append(current)

    assert [book.title for book in seen] == ["3", "0", "1", "2"]
    assert made[1].get_previous_by_published() == made[0]
    assert made[0].get_next_by_published(title__gt="1").title == "2"


def test_nested_loops_over_querysets() -> None:
    """A queryset may be read while another is, streamed or not, inside a transaction or not."""
    make_library()

    with transaction.atomic("default"):
        pairs = [
            (book.title, author.name)
            for book in Book.objects.iterator(chunk_size=1)
            for author in book.authors.iterator(chunk_size=1)
        ]
    assert len(pairs) == 7
    assert pairs[:2] == [("A", "Ann"), ("A", "Ben")]


def test_long_results_are_shown_shortly() -> None:
    """repr() shows twenty objects and asks for no more."""
    for number in range(30):
        person(f"{number:02}")

    text = repr(Person.objects.all())
    assert text.count("<Person:") == 20
    assert "remaining" in text or "..." in text


def test_constants_and_columns_in_values() -> None:
    """Expressions among values(), updates to another column, filters with constants."""
    make_library()

    Book.objects.filter(title="A").update(title=Value("Z"), pages=F("editor_id") * 0 + 7)
    assert Book.objects.get(title="Z").pages == 7
    assert titles(Book.objects.filter(title=Value("Z"))) == ["Z"]
    with pytest.raises(ManybaseError):
        Book.objects.update(pages=F("editor__name"))


def test_auto_now_is_written_by_every_way() -> None:
    """bulk_create, update_or_create and update_fields set what auto_now sets."""
    made = Defaults.objects.bulk_create([Defaults(label="a")])[0]
    assert made.made is not None
    before = Defaults.objects.get().changed
    found, new = Defaults.objects.update_or_create(label="a", defaults={"label": "b"})
    assert not new
    assert Defaults.objects.get().changed > before
    assert found.made == Defaults.objects.get().made
