"""Computed values: annotations, aggregates, inner queries, conditions, and set operations."""

from __future__ import annotations

import pytest

from manybase.errors import CrossDatabaseError, FieldError, ManybaseError
from manybase.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from tests.behaviour.help import Face, both, names, person, queries, titles
from tests.behaviour.models import Book, Person, Sample
from tests.behaviour.query_data import make_library

pytestmark = pytest.mark.transactional


@pytest.fixture(autouse=True)
def library(places):
    return make_library()


def refused():
    """Expect a CrossDatabaseError that names both databases."""
    return pytest.raises(CrossDatabaseError, match=r"(?s)(?=.*default)(?=.*other)")


@both
async def test_annotations_are_attributes_and_columns(face: Face) -> None:
    """annotate() computes a value for each row, which can be filtered, ordered and listed."""
    books = Book.objects.annotate(double=F("pages") * 2, mark=Value("x"))

    first = await face.call(books, "first")
    assert (first.double, first.mark) == (200, "x")
    assert [b.title for b in await face.list(books.filter(double__gt=500))] == ["C", "D"]
    assert [b.title for b in await face.list(books.order_by("-double", "title"))][:2] == ["D", "C"]
    assert await face.list(books.values_list("title", "double")[:1]) == [("A", 200)]
    assert await face.call(books.filter(double=200), "count") == 2


@both
async def test_counts_of_relations(face: Face) -> None:
    """Count() over a relation groups by the row; filters on it are of the group."""
    counted = Book.objects.annotate(number=Count("authors"))

    assert await face.list(counted.values_list("title", "number")) == [
        ("A", 2),
        ("B", 1),
        ("C", 0),
        ("D", 1),
        ("E", 3),
    ]
    assert [b.title for b in await face.list(counted.filter(number__gte=2))] == ["A", "E"]
    people = Person.objects.annotate(number=Count("edited"))
    assert await face.list(people.values_list("name", "number")) == [
        ("Ann", 1),
        ("Ben", 1),
        ("Cat", 2),
    ]


@both
async def test_aggregates_of_all_rows(face: Face) -> None:
    """aggregate() gives a dictionary; None where there is no row."""
    found = await face.call(
        Book.objects, "aggregate", Sum("pages"), low=Min("pages"), high=Max("pages"), n=Count("*")
    )
    assert found == {"pages__sum": 1100, "low": 100, "high": 400, "n": 5}
    assert (await face.call(Book.objects, "aggregate", a=Avg("pages")))["a"] == 220
    empty = Book.objects.filter(title="Z")
    assert await face.call(empty, "aggregate", s=Sum("pages")) == {"s": None}
    assert await face.call(Book.objects, "aggregate", n=Count("editor", distinct=True)) == {"n": 3}


def test_groups_of_values() -> None:
    """values() before annotate() groups by those values."""
    found = Book.objects.order_by("pages").values("pages").annotate(number=Count("pk"))

    assert [(row["pages"], row["number"]) for row in found] == [
        (100, 2),
        (200, 1),
        (300, 1),
        (400, 1),
    ]


def test_inner_queries_as_values() -> None:
    """Subquery() with OuterRef() is the value of another query for each row."""
    newest = Book.objects.filter(editor=OuterRef("pk")).order_by("-published").values("title")[:1]
    people = Person.objects.annotate(newest=Subquery(newest))

    assert list(people.values_list("name", "newest")) == [("Ann", "B"), ("Ben", "E"), ("Cat", "C")]


def test_existence_as_a_condition() -> None:
    """Exists() and its negation filter by another query."""
    long = Book.objects.filter(authors=OuterRef("pk"), pages__gt=150)

    assert names(Person.objects.filter(Exists(long))) == ["Ann", "Ben"]
    assert names(Person.objects.filter(~Exists(long))) == ["Cat"]


def test_cases() -> None:
    """Case() gives the value of the first condition that holds."""
    kind = Case(
        When(pages__gt=350, then=Value("long")),
        When(Q(editor=None) | Q(pages__gt=150), then=Value("middle")),
        default=Value("short"),
    )

    found = Book.objects.annotate(kind=kind).values_list("kind", flat=True)
    assert list(found) == ["short", "middle", "middle", "long", "short"]


def test_updates_with_inner_queries(library) -> None:
    """update() takes an expression over other rows."""
    Book.objects.filter(title="A").update(
        pages=Case(When(pages=100, then=F("pages") + 1), default=F("pages"))
    )

    assert Book.objects.get(title="A").pages == 101


def test_unknown_names_in_expressions() -> None:
    """A slip inside an aggregate or an annotation is found when the call is made."""
    with pytest.raises(FieldError, match="pagse"):
        Book.objects.annotate(x=Sum("pagse"))
    with pytest.raises(FieldError, match="titel"):
        Book.objects.annotate(x=F("titel"))
    with pytest.raises(ManybaseError, match="title"):
        Book.objects.annotate(title=Value("x"))


# Places in expressions (P2)


def test_inner_queries_of_another_database_in_expressions() -> None:
    """P2: Subquery and Exists of a placed queryset raise inside another place."""
    inner = Person.objects.using("other").filter(pk=OuterRef("editor")).values("name")[:1]
    placed = Book.objects.using("default")

    with refused():
        placed.annotate(name=Subquery(inner))
    with refused():
        placed.filter(Exists(Person.objects.using("other")))
    with refused():
        placed.filter(~Exists(Person.objects.using("other").none()))
    unplaced = Book.objects.annotate(name=Subquery(inner))
    with refused():
        list(unplaced)
    assert list(unplaced.using("other")) == []


def test_objects_of_another_database_in_cases() -> None:
    """P3: When() refuses an object of another database."""
    bob = person("Bob", "other", pk=77)

    with refused():
        Book.objects.using("default").annotate(his=Case(When(editor=bob, then=1), default=0))


def test_annotated_objects_keep_their_database() -> None:
    """Annotated rows carry the alias like all others."""
    make_library("other")

    found = Book.objects.using("other").annotate(n=Count("authors")).get(title="E")

    assert (found.n, found._state.db) == (3, "other")


# Set operations


@both
async def test_unions(face: Face) -> None:
    """union, intersection and difference of querysets of one model, ordered and sliced after."""
    ab = Book.objects.filter(title__in=["A", "B"])
    bc = Book.objects.filter(title__in=["B", "C"])

    async def got(queryset):
        return [book.title for book in await face.list(queryset.order_by("title"))]

    assert await got(ab.union(bc)) == ["A", "B", "C"]
    assert await got(ab.union(bc, all=True)) == ["A", "B", "B", "C"]
    assert await got(ab.intersection(bc)) == ["B"]
    assert await got(ab.difference(bc)) == ["A"]
    assert await face.call(ab.union(bc), "count") == 3
    assert [b.title for b in await face.list(ab.union(bc).order_by("-title")[:2])] == ["C", "B"]


def test_unions_keep_their_place() -> None:
    """A union of querysets of one place is there; with an unplaced one too."""
    make_library("other")
    placed = Book.objects.using("other").filter(title="A")

    both_ways = placed.union(Book.objects.filter(title="B"))
    assert {book._state.db for book in both_ways} == {"other"}
    assert Book.objects.filter(title="B").union(placed).db == "other"


def test_reading_one_queryset_twice_asks_once() -> None:
    """Results of an annotated queryset are kept."""
    books = Book.objects.annotate(n=Count("authors"))
    with queries(1):
        assert len(books) == 5
        assert books[0].n == 2


def test_distinct_aggregates_do_not_multiply() -> None:
    """Two counts over different relations do not multiply each other."""
    people = Person.objects.annotate(
        e=Count("edited", distinct=True), b=Count("book", distinct=True)
    )

    assert list(people.values_list("name", "e", "b")) == [
        ("Ann", 1, 3),
        ("Ben", 1, 3),
        ("Cat", 2, 1),
    ]


def test_sums_of_decimals_and_durations() -> None:
    """Aggregates have the type of their column."""
    import datetime
    import decimal

    for number in (1, 2):
        Sample.objects.create(
            price=decimal.Decimal(number) / 4, length=datetime.timedelta(hours=number)
        )

    found = Sample.objects.aggregate(p=Sum("price"), d=Max("length"))
    assert found == {"p": decimal.Decimal("0.75"), "d": datetime.timedelta(hours=2)}
    assert titles(Book.objects.filter(pages__gt=Value(300))) == ["D"]
