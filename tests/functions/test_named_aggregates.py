"""Aggregates that have a name: where a query reads them again, and what is named beside them."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import FieldError, NotSupportedError
from manybase.models import (
    Case,
    Count,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    RowNumber,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from manybase.models.lookups import GreaterThan, In
from tests.databases import Databases
from tests.language.models import Author, Title
from tests.language.rows import make_shop

pytestmark = pytest.mark.usefixtures("rows")


@pytest.fixture
def rows(db: Databases) -> None:
    """Titles A to E have 2, 1, 0, 1, 3 authors and the flags 5, 3, 0, 6, 0."""
    make_shop()


def counted() -> Any:
    return Title.objects.order_by("name").annotate(n=Count("authors"))


def names(queryset: Any) -> str:
    return "".join(queryset.values_list("name", flat=True))


def test_default_names_are_names() -> None:
    """``authors__count`` looks like a way over the relation and is the annotation."""
    rows = Title.objects.order_by("name").annotate(Count("authors"))
    assert names(rows.filter(authors__count__gt=1)) == "AE"
    assert names(rows.filter(authors__count=0)) == "C"
    assert names(rows.exclude(authors__count__in=[0, 1])) == "AE"
    assert names(rows.filter(Q(authors__count=3) | Q(name="B"))) == "BE"
    assert names(rows.annotate(x=Case(When(authors__count=3, then=1), default=0)).filter(x=1)) == (
        "E"
    )
    assert (
        names(
            rows.annotate(authors__count__twice=F("authors__count") * 2).filter(
                authors__count__twice=6
            )
        )
        == "E"
    )
    grouped = Title.objects.values("pages").annotate(Count("authors")).filter(authors__count=5)
    assert list(grouped) == [{"pages": 100, "authors__count": 5}]
    with pytest.raises(FieldError, match=r"'gtt' of 'authors__count__gtt'.*'authors__count'"):
        rows.filter(authors__count__gtt=1)


def test_aggregates_on_the_right_hand_side() -> None:
    """A column compared with an aggregate is a condition on groups, wherever it stands."""
    assert names(counted().filter(flags__gt=F("n"))) == "ABD"
    assert names(counted().exclude(flags__gt=F("n"))) == "CE"
    assert names(counted().filter(flags__gt=F("n") + 3)) == "D"
    assert names(counted().filter(flags__range=(F("n"), 5))) == "ABC"
    assert names(counted().filter(flags__in=[F("n"), 6])) == "CD"
    assert names(counted().filter(Q(flags__gt=F("n")) | Q(name="E"))) == "ABDE"
    assert names(counted().filter(GreaterThan(F("flags"), F("n")))) == "ABD"
    assert names(counted().filter(In(F("flags"), [F("n"), 6]))) == "CD"
    assert names(counted().annotate(f=F("flags")).filter(f__gt=F("n"))) == "ABD"
    assert counted().filter(flags__gt=F("n")).count() == 3
    assert counted().filter(flags__gt=F("n")).exists()
    assert counted().filter(flags__gt=F("n")).update(pages=1) == 3


def test_inner_queries_read_an_aggregate_around_them(databases: Databases) -> None:
    oldest = Author.objects.filter(age__gt=OuterRef("n") * 20)  # 36, 20 and 50 years
    calls = {
        "ABCD": lambda: counted().filter(Exists(oldest)),
        "E": lambda: counted().filter(~Exists(oldest)),
        "AB": lambda: (
            counted()
            .annotate(x=Subquery(oldest.order_by("-age").values("age")[:1]))
            .filter(x=50, flags__lt=6, n__gt=0)
        ),
        "ABC": lambda: counted().annotate(x=Exists(oldest)).filter(x=True, flags__lt=6),
    }
    for expected, call in calls.items():
        if databases.kind == "sqlite":
            with pytest.raises(NotSupportedError, match=r"OuterRef\('n'\) is not supported"):
                list(call())
        else:
            assert names(call()) == expected


def test_an_aggregate_beside_another_reads_annotations() -> None:
    """It is computed by a query of its own, which must know the names too."""
    rows = Title.objects.order_by("name").annotate(p=F("flags") + 1, q=F("p") * 2)
    link = FilteredRelation("chapters", condition=Q(chapters__number=1))
    rows = rows.annotate(first=link).annotate(n=Count("authors"))
    found = rows.annotate(
        some=Sum("chapters__number", filter=Q(p__gt=1)),
        times=Sum(F("chapters__number") * F("q")),
        case=Sum(Case(When(chapters__number=1, q__gt=2, then=F("p")), default=0)),
        firsts=Count("first"),
    )
    wanted = [("A", 2, 3, 36, 6, 1), ("C", 0, None, None, 0, 0), ("E", 3, None, 2, 0, 1)]
    read = found.filter(name__in=["A", "C", "E"])
    assert list(read.values_list("name", "n", "some", "times", "case", "firsts")) == wanted


def test_an_aggregate_of_an_aggregate_is_refused_at_the_call() -> None:
    for make in (
        lambda: counted().annotate(x=Sum(Case(When(n__gt=1, then=1), default=0))),
        lambda: counted().annotate(x=Sum(F("n") + 1)),
    ):
        with pytest.raises(FieldError, match="Sum cannot be computed over an aggregate"):
            make()
    with pytest.raises(FieldError, match="the filter of Count names an aggregate"):
        counted().annotate(x=Count("chapters", filter=Q(n__gt=1)))
    assert counted().aggregate(x=Count("pk", filter=Q(n__gt=1))) == {"x": 2}


@pytest.mark.parametrize("value", [0, 1, 2, 9, -1, "1", True, None])
def test_constants_are_no_positions(value: Any) -> None:
    """A number in ORDER BY and GROUP BY would be the position of a column."""
    constant = Value(value, IntegerField()) if value is None else Value(value)
    rows = Title.objects.annotate(c=constant)
    assert names(rows.order_by("c", "-name")) == "EDCBA"
    assert names(rows.order_by(F("c").asc(nulls_last=True), "-name")) == "EDCBA"
    assert names(Title.objects.order_by(constant, "-name")) == "EDCBA"
    assert list(rows.values("c").annotate(n=Count("pk"))) == [{"c": value, "n": 5}]
    counts = rows.annotate(n=Count("authors")).order_by("name").values_list("c", "n")
    assert list(counts) == [(value, n) for n in (2, 1, 0, 1, 3)]
    numbered = rows.annotate(
        r=Window(RowNumber(), partition_by="c", order_by=[F("c"), F("name")])
    ).order_by("name")
    assert list(numbered.values_list("r", flat=True)) == [1, 2, 3, 4, 5]


def test_texts_are_compared_with_a_queryset() -> None:
    """Lookups of text take the one value of a queryset as they take an expression."""
    letter = Title.objects.filter(name="B").values("name")
    rows = Title.objects.order_by("name")
    assert names(rows.filter(name__contains=letter[:1])) == "B"
    assert names(rows.exclude(name__iexact=letter[:1])) == "ACDE"
