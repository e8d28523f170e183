"""QuerySet: annotate, alias, aggregate, groups, and conditions on what was computed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.language.data import (
    Author,
    F,
    Face,
    Publisher,
    Q,
    Title,
    Value,
    both,
    column,
    models,
    names,
    part,
)

pytestmark = pytest.mark.usefixtures("shop")
Count, Sum, Avg, Max, Min = models.Count, models.Sum, models.Avg, models.Max, models.Min


@part("QuerySet.annotate")
@both
async def test_annotate(face: Face) -> None:
    rows = Title.objects.annotate(double=F("pages") * 2, mark=Value("!"))
    first = await face.call(rows.order_by("pk"), "first")
    assert (first.double, first.mark) == (200, "!")
    assert await names(face, rows.filter(double__gt=300)) == "BD"


@part("QuerySet.annotate over relations")
@both
async def test_annotate_over_relations(face: Face) -> None:
    rows = Title.objects.annotate(x=Count("authors"))
    assert await column(face, rows) == [2, 1, 0, 1, 3]
    rows = Author.objects.annotate(x=Sum("titles__pages"), n=Count("titles"))
    assert await column(face, rows) == [600, 400, 100, None]
    assert await column(face, rows, "n") == [3, 3, 1, 0]


@part("QuerySet.annotate of annotations")
@both
async def test_annotate_of_annotations(face: Face) -> None:
    rows = Title.objects.annotate(n=Count("authors")).annotate(x=F("n") * 10 + 1)
    assert await column(face, rows) == [21, 11, 1, 11, 31]


@part("QuerySet.alias")
@both
async def test_alias(face: Face) -> None:
    rows = Title.objects.alias(n=Count("authors")).filter(n__gt=1)
    assert await names(face, rows) == "AE"
    assert not hasattr((await face.list(rows))[0], "n")
    assert await column(face, rows.annotate(x=F("n"))) == [2, 3]


@part("QuerySet.aggregate")
@both
async def test_aggregate(face: Face) -> None:
    found = await face.call(
        Title.objects, "aggregate", Sum("pages"), low=Min("price"), n=Count("*"), p=Avg("pages")
    )
    assert found == {"pages__sum": 800, "low": Decimal("1.01"), "n": 5, "p": 200.0}


@part("QuerySet.aggregate over annotations")
@both
async def test_aggregate_over_annotations(face: Face) -> None:
    counted = Title.objects.annotate(n=Count("authors"))
    assert await face.call(counted, "aggregate", most=Max("n"), mean=Avg("n")) == {
        "most": 3,
        "mean": 1.4,
    }
    doubled = Title.objects.annotate(d=F("pages") * 2)
    assert await face.call(doubled, "aggregate", s=Sum("d")) == {"s": 1600}


@part("QuerySet.aggregate of aggregates' arithmetic")
@both
async def test_aggregate_arithmetic(face: Face) -> None:
    found = await face.call(Title.objects, "aggregate", span=Max("pages") - Min("pages"))
    assert found == {"span": 300}


@part("QuerySet.aggregate of a slice")
@both
async def test_aggregate_of_a_slice(face: Face) -> None:
    rows = Title.objects.order_by("pk")[:2]
    assert await face.call(rows, "aggregate", s=Sum("pages"), n=Count("pk")) == {"s": 300, "n": 2}


@part("QuerySet.aggregate of distinct rows")
@both
async def test_aggregate_of_distinct_rows(face: Face) -> None:
    rows = Title.objects.filter(authors__name__in=["Ada", "Bob"]).distinct()
    assert await face.call(rows, "aggregate", n=Count("pk"), s=Sum("pages")) == {"n": 4, "s": 800}


@part("Aggregates.filter=")
@both
async def test_aggregate_filter(face: Face) -> None:
    found = await face.call(
        Title.objects,
        "aggregate",
        long=Count("pk", filter=Q(pages__gte=200)),
        orb=Sum("pages", filter=Q(publisher__name="Orb")),
    )
    assert found == {"long": 2, "orb": 300}
    rows = Author.objects.annotate(x=Count("titles", filter=Q(titles__pages__gt=100)))
    assert await column(face, rows) == [1, 1, 0, 0]


@part("Aggregates.default=")
@both
async def test_aggregate_default(face: Face) -> None:
    none = Title.objects.filter(name="?")
    assert await face.call(none, "aggregate", s=Sum("pages", default=0), m=Max("pages")) == {
        "s": 0,
        "m": None,
    }
    rows = Author.objects.annotate(x=Sum("titles__pages", default=-1))
    assert await column(face, rows) == [600, 400, 100, -1]


@part("Aggregates.distinct=")
@both
async def test_aggregate_distinct(face: Face) -> None:
    found = await face.call(
        Title.objects,
        "aggregate",
        n=Count("pages", distinct=True),
        s=Sum("pages", distinct=True),
        a=Avg("pages", distinct=True),
    )
    assert found == {"n": 3, "s": 700, "a": pytest.approx(700 / 3)}
    rows = Publisher.objects.annotate(x=Count("titles__authors", distinct=True)).order_by("pk")
    assert await column(face, rows) == [2, 3]


@part("QuerySet.filter after annotate (HAVING)")
@both
async def test_having(face: Face) -> None:
    rows = Author.objects.annotate(n=Count("titles"), s=Sum("titles__pages"))
    assert await names(face, rows.filter(n__gte=3, s__lt=500)) == "Bob"
    assert await names(face, rows.filter(Q(n=0) | Q(s__gt=500))) == "AdaDan"
    assert await names(face, rows.exclude(n=3)) == "CydDan"
    assert await face.call(rows.filter(n=3), "count") == 2


@part("QuerySet.values().annotate() (GROUP BY)")
@both
async def test_groups(face: Face) -> None:
    rows = Title.objects.values("pages").annotate(n=Count("pk")).order_by("pages")
    found = {row["pages"]: row["n"] for row in await face.list(rows)}
    assert found == {None: 1, 100: 2, 200: 1, 400: 1}
    by = Title.objects.values("publisher__name").annotate(s=Sum("pages"))
    assert {r["publisher__name"]: r["s"] for r in await face.list(by.order_by())} == {
        None: 400,
        "Orb": 300,
        "Zed": 100,
    }


@part("QuerySet.values().annotate() (GROUP BY)")
@both
async def test_groups_by_an_expression(face: Face) -> None:
    rows = Title.objects.annotate(long=F("pages") - 100).values("long").annotate(n=Count("pk"))
    found = {row["long"]: row["n"] for row in await face.list(rows.order_by("long"))}
    assert found == {None: 1, 0: 2, 100: 1, 300: 1}


@part("QuerySet.values().annotate().filter()")
@both
async def test_filtered_groups(face: Face) -> None:
    rows = Title.objects.values("pages").annotate(n=Count("pk")).filter(n__gt=1)
    assert await face.list(rows.order_by()) == [{"pages": 100, "n": 2}]


@part("QuerySet.filter by boolean expressions")
@both
async def test_conditional_filters(face: Face) -> None:
    longer = models.Exists(Title.objects.filter(pages__gt=models.OuterRef("pages")))
    assert await names(face, Title.objects.filter(longer)) == "ABE"
    case = models.Case(
        models.When(pages__gt=150, then=Value(True)),
        default=Value(False),
        output_field=models.BooleanField(),
    )
    assert await names(face, Title.objects.filter(case)) == "BD"
    assert await names(face, Title.objects.filter(F("printed"))) == "ABCE"


@part("QuerySet.filter by Q")
@both
async def test_conditions(face: Face) -> None:
    async def found(condition: Any) -> str:
        return await names(face, Title.objects.filter(condition))

    assert await found(Q(pages=100) & Q(name="A")) == "A"
    assert await found(Q(pages=100) | Q(name="B")) == "ABE"
    assert await found(Q(pages=100) ^ Q(name="A")) == "E"
    assert await found(~Q(pages=100)) == "BCD"


@part("QuerySet.exclude")
@both
async def test_exclude(face: Face) -> None:
    assert await names(face, Title.objects.exclude(pages=100)) == "BCD"
    assert await names(face, Title.objects.exclude(authors__name="Ada")) == "BC"
    assert await names(face, Title.objects.exclude(publisher__name="Orb")) == "CDE"


@part("QuerySet.filter(a).filter(b) over many")
@both
async def test_filters_over_many(face: Face) -> None:
    """One call speaks of one related row, two calls of two."""
    one = Title.objects.filter(authors__name="Ada", authors__age=20)
    two = Title.objects.filter(authors__name="Ada").filter(authors__age=20)
    assert (await names(face, one), await names(face, two)) == ("", "AE")


@part("QuerySet.filter over the same model")
@both
async def test_self_relations(face: Face) -> None:
    assert await names(face, Author.objects.filter(mentor__mentor__name="Ada")) == "Dan"
    assert await names(face, Author.objects.filter(pupils__name="Bob")) == "Ada"
    assert await names(face, Author.objects.filter(friends__name="Ada")) == "BobCyd"


@part("QuerySet: columns beside aggregates")
@both
async def test_columns_beside_aggregates(face: Face) -> None:
    """What stands beside an aggregate in one expression is a part of its group."""
    counted = Author.objects.annotate(n=Count("titles"))
    assert await column(face, counted.annotate(x=F("mentor__age") + F("n"))) == [None, 39, 37, None]
    assert await names(face, counted.filter(n__lt=F("mentor__age"))) == "BobCyd"
    assert await names(face, counted.filter(Q(n=0) | Q(mentor__name="Ada"))) == "BobCydDan"
    case = models.Case(models.When(mentor__name="Ada", then=F("n")), default=Value(-1))
    assert await column(face, counted.annotate(x=case)) == [-1, 3, 1, -1]
    both_sorts = (F("mentor__age") + Count("titles")).desc(nulls_last=True)
    assert await names(face, Author.objects.order_by(both_sorts, "name")) == "BobCydAdaDan"
