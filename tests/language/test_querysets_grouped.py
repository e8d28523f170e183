"""QuerySet: what stands beside aggregates: filters, HAVING, orders, columns of other tables."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from manybase.errors import FieldError, NotSupportedError, QueryError
from tests.language.data import (
    Author,
    Chapter,
    D,
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
)

Count, Sum, Max, Case, When = models.Count, models.Sum, models.Max, models.Case, models.When


@pytest.fixture(autouse=True)
def rows(shop: SimpleNamespace) -> SimpleNamespace:
    """Titles by Ada: A, D, E; by Bob: A, B, E; by Cyd: E."""
    return shop


@both
async def test_a_negated_filter_of_an_aggregate_is_asked_of_each_row(face: Face) -> None:
    short = Author.objects.annotate(x=Count("titles", filter=~Q(titles__pages__gt=150)))
    assert await column(face, short) == [2, 2, 1, 0]
    total = await face.call(
        Author.objects, "aggregate", x=Count("titles", filter=~Q(titles__pages__gt=150))
    )
    assert total == {"x": 5}
    distinct = await face.call(
        Author.objects.distinct(), "aggregate", x=Count("titles", filter=~Q(titles__pages=100))
    )
    assert distinct == {"x": 2}


@both
async def test_a_filter_of_a_second_aggregate_is_asked_of_each_row(face: Face) -> None:
    """That another aggregate goes over the relation does not make it "has any such row"."""
    people = Author.objects.annotate(
        pages=Sum("titles__pages"), x=Count("titles", filter=Q(titles__pages=100))
    )
    assert await column(face, people) == [2, 2, 1, 0]
    people = Author.objects.annotate(pages=Sum("titles__pages")).annotate(
        x=Sum(Case(When(titles__pages=100, titles__printed=True, then=1), default=0))
    )
    assert await column(face, people) == [2, 2, 1, 0]


@both
async def test_a_negated_case_is_asked_of_each_row(face: Face) -> None:
    long = Case(When(~Q(titles__pages=100), then=1), default=0)
    assert await column(face, Author.objects.annotate(x=Sum(long))) == [1, 1, 0, 1]
    kinds = Author.objects.filter(name="Ada").annotate(x=long)
    assert sorted(await column(face, kinds)) == [0, 0, 1]


@both
async def test_columns_are_compared_with_aggregates(face: Face) -> None:
    """An aggregate on the right-hand side makes it a condition of the group, too."""
    people = Author.objects.annotate(n=Count("titles"))
    assert await names(face, people.filter(age__gt=F("n") * 10)) == "AdaDan"
    assert await names(face, people.exclude(age__gt=F("n") * 10)) == "BobCyd"
    assert await names(face, people.filter(Q(age__gt=F("n") * 10) | Q(name="Cyd"))) == "AdaCydDan"
    assert await names(face, people.filter(mentor__age__gt=F("n") * 10)) == "BobCyd"
    assert await names(face, people.filter(age__in=[F("n") * 12, 50])) == "AdaDan"
    assert await names(face, people.filter(age__range=(F("n") * 10, 40))) == "Ada"
    assert await face.call(people.filter(age__gt=F("n") * 10), "count") == 2


@both
async def test_related_rows_are_compared_with_aggregates_over_them(face: Face) -> None:
    longest = Author.objects.annotate(x=Max("titles__pages")).filter(titles__pages=F("x"))
    found = await face.list(longest.order_by("name").values_list("name", "titles__name"))
    assert found == [("Ada", "D"), ("Bob", "B"), ("Cyd", "E")]


@both
async def test_related_rows_are_compared_with_counts(face: Face, cannot: Any) -> None:
    """A count cannot see more rows, so that they are asked for by a query of their own."""
    people = Author.objects.annotate(n=Count("titles"))
    with cannot("outer_aggregate", NotSupportedError):
        assert await names(face, people.filter(titles__pages__gt=F("n") * 100)) == "Ada"
        assert await names(face, people.exclude(titles__pages__gt=F("n") * 100)) == "BobCydDan"


@both
async def test_objects_are_read_and_ordered_by_columns_of_other_tables(face: Face) -> None:
    titles = Title.objects.annotate(n=Count("authors"))
    rows = titles.order_by(F("publisher__name").asc(nulls_last=True), "name")
    assert await names(face, rows) == "ABCED"
    found = await face.list(rows.values_list("name", "publisher__name", "n"))
    assert found == [
        ("A", "Orb", 2),
        ("B", "Orb", 1),
        ("C", "Zed", 0),
        ("E", "Zed", 3),
        ("D", None, 1),
    ]
    by_house = titles.filter(publisher__isnull=False).order_by("publisher", "name")
    assert await names(face, by_house) == "CEAB"
    short = titles.only("name").order_by("publisher__city", "pages", "pk")
    assert len(await face.list(short)) == 5
    upper = titles.annotate(x=models.functions.Upper("publisher__name"))
    assert await column(face, upper) == ["ORB", "ORB", "ZED", None, "ZED"]


@both
async def test_columns_of_many_rows_beside_an_aggregate_split_the_group(face: Face) -> None:
    people = Author.objects.filter(name="Ada").annotate(n=Count("titles"))
    found = await face.list(people.order_by("titles__name").values_list("titles__name", "n"))
    assert found == [("A", 1), ("D", 1), ("E", 1)]
    longest = Author.objects.filter(name="Ada").annotate(n=Max("titles__pages"))
    found = await face.list(longest.order_by("titles__name").values_list("titles__name", "n"))
    assert found == [("A", 100), ("D", 400), ("E", 100)]


@both
async def test_groups_have_no_order_of_the_model(face: Face) -> None:
    """``Meta.ordering`` speaks of rows; its columns are none of the group."""
    cities = Publisher.objects.values("city").annotate(n=Count("pk"))
    assert not cities.ordered
    assert sorted(await face.list(cities.values_list("city", "n")), key=str) == [
        ("Rome", 1),
        (None, 1),
    ]
    with pytest.raises(QueryError, match=r"first\(\) of groups needs an order"):
        await face.call(cities, "first")
    with pytest.raises(QueryError, match=r"last\(\) of groups needs an order"):
        await face.call(cities, "last")
    ordered = cities.order_by(F("city").asc(nulls_first=True))
    assert await face.call(ordered, "last") == {"city": "Rome", "n": 1}
    each = Publisher.objects.values("pk").annotate(n=Count("titles"))
    assert (await face.call(each, "first"))["n"] == 2


@both
async def test_groups_are_ordered_as_the_related_model_is(face: Face) -> None:
    houses = Title.objects.filter(publisher__isnull=False).values("publisher")
    counted = houses.annotate(n=Count("pk")).order_by("publisher")  # by name, the last first
    zed, orb = await face.list(counted.values_list("publisher__name", "n"))
    assert (zed, orb) == (("Zed", 2), ("Orb", 2))


@both
async def test_a_filter_over_many_rows_multiplies_no_group(face: Face) -> None:
    """Conditions on a relation that is not aggregated choose rows; each still counts once."""
    by_adults = Title.objects.filter(authors__age__gte=20)
    assert await face.list(
        by_adults.values("printed").annotate(n=Count("pk"), s=Sum("pages")).order_by("printed")
    ) == [{"printed": False, "n": 1, "s": 400}, {"printed": True, "n": 3, "s": 400}]
    of_ada = Title.objects.filter(authors__name="Ada").values("printed")
    chapters = of_ada.annotate(n=Count("chapters")).order_by("printed")
    assert await face.list(chapters.values_list("printed", "n")) == [(False, 0), (True, 3)]
    same = of_ada.annotate(n=Count("authors")).order_by("printed")
    assert await face.list(same.values_list("printed", "n")) == [(False, 1), (True, 2)]
    with pytest.raises(QueryError, match="two aggregates over different relations to many"):
        await face.list(
            Title.objects.values("printed").annotate(a=Count("authors"), c=Count("chapters"))
        )


@both
async def test_an_aggregate_of_a_case_shares_the_groups_join(face: Face) -> None:
    houses = Title.objects.filter(publisher__isnull=False).values("publisher__name")
    found = houses.annotate(
        ages=Sum("authors__age"), x=Sum(Case(When(authors__age__gt=30, then=1), default=0))
    ).order_by("publisher__name")
    assert [(row["ages"], row["x"]) for row in await face.list(found)] == [(76, 1), (56, 1)]


@both
async def test_values_without_names_keep_their_columns(face: Face) -> None:
    houses = Publisher.objects.filter(name="Orb").values("pk", "name")
    every = Publisher.objects.filter(name="Orb").values()
    row = (await face.list(every.annotate(x=Value(7))))[0]
    assert (row["name"], row["city"], row["x"]) == ("Orb", "Rome", 7)
    row = (await face.list(every.annotate(n=Count("titles"))))[0]
    assert (row["name"], row["n"]) == ("Orb", 2)
    assert len((await face.list(houses.values_list()))[0]) == 3


@both
async def test_dates_of_groups_and_slices(face: Face) -> None:
    counted = Title.objects.annotate(n=Count("authors"))
    found = await face.list(counted.filter(n__gt=1).dates("published", "year"))
    assert [day.year for day in found] == [2001, 2003]
    assert await face.call(counted.filter(n=0).dates("published", "year"), "count") == 1
    with pytest.raises(QueryError, match=r"cannot call dates\(\) after a slice was taken"):
        Title.objects.all()[:2].dates("published", "year")
    years = Title.objects.dates("published", "year")
    with pytest.raises(QueryError, match=r"cannot call order_by\(\) after dates\(\)"):
        years.order_by("pages")
    with pytest.raises(QueryError, match=r"cannot call values\(\) after dates\(\)"):
        years.values("pages")


@both
async def test_the_last_filters_row_is_the_one_that_is_read(face: Face) -> None:
    rows = Title.objects.filter(authors__age__gt=10).filter(authors__name="Cyd")
    found = await face.list(rows.values_list("name", "authors__name").distinct())
    assert found == [("E", "Cyd")]
    counted = rows.annotate(x=Count("authors", distinct=True))
    assert await column(face, counted) == [1]


def test_an_aggregate_named_twice() -> None:
    with pytest.raises(QueryError, match="the name 'chapters__count' is given twice"):
        Title.objects.annotate(Count("chapters"), Count("chapters"))


@both
async def test_parts_of_annotations_are_named(face: Face) -> None:
    """The year of an annotation is ordered by, read and computed with, as that of a field."""
    titles = Title.objects.annotate(d=F("published"), doc=F("data"))
    assert await names(face, titles.order_by("-d__year", "name")) == "DECAB"
    assert await column(face, titles.annotate(x=F("d__year") + 1)) == [2002, 2002, 2003, 2004, 2004]
    assert await column(face, titles.annotate(x=F("doc__kind"))) == [
        "novel",
        "essay",
        None,
        None,
        "Novel",
    ]
    houses = Publisher.objects.values("name").annotate(last=Max("titles__published"))
    found = await face.list(houses.order_by("last__year").values_list("name", "last__year"))
    assert found == [("Orb", 2001), ("Zed", 2003)]
    same = Author.objects.annotate(d=models.Value(D(2001, 5, 5)))
    old = Title.objects.filter(
        published__year=models.OuterRef("d__year"), authors=models.OuterRef("pk")
    )
    assert await names(face, same.filter(models.Exists(old))) == "AdaBob"
    with pytest.raises(FieldError, match="unknown lookup 'nope' of 'd__nope'"):
        titles.order_by("d__nope")


@both
async def test_aggregates_name_earlier_ones(face: Face) -> None:
    found = await face.call(
        Title.objects, "aggregate", total=Sum("pages"), n=Count("pages"), x=F("total") / F("n")
    )
    assert found == {"total": 800, "n": 4, "x": 200}
    with pytest.raises(FieldError, match="cannot resolve 'later'"):
        await face.call(Title.objects, "aggregate", x=F("later") + 1, later=Sum("pages"))
    field = await face.call(Title.objects, "aggregate", pages=Sum("pages"), x=Max("pages"))
    assert field == {"pages": 800, "x": 400}


@both
async def test_values_of_many_rows_count_as_many(face: Face) -> None:
    rows = Title.objects.values("authors__name")
    assert await face.call(rows, "count") == len(await face.list(rows)) == 8
    assert await face.call(rows.all()[2:6], "count") == 4
    assert await face.call(rows.filter(pages=100), "count") == 5
    assert await face.call(rows, "aggregate", x=Count("pk"), y=Count("authors")) == {"x": 8, "y": 7}
    assert await face.call(Title.objects.values("publisher__name"), "count") == 5


@both
async def test_aggregates_of_other_relations_over_groups_are_refused(face: Face) -> None:
    counted = Title.objects.annotate(n=Count("authors"))
    found = await face.call(counted, "aggregate", x=Sum("n"), y=Max("n"), z=Sum("pages"))
    assert found == {"x": 7, "y": 3, "z": 800}
    with pytest.raises(QueryError, match="beside an aggregate over another relation"):
        await face.call(counted, "aggregate", x=Count("chapters"))
    longest = Title.objects.annotate(n=Max("authors__age"))
    assert await face.call(longest, "aggregate", x=Count("chapters", distinct=True)) == {"x": 3}


@both
async def test_inner_queries_refer_to_aggregates(face: Face, cannot: Any) -> None:
    people = Author.objects.annotate(n=Count("titles"))
    chapters = Chapter.objects.filter(number=models.OuterRef("n"))
    with cannot("outer_aggregate", NotSupportedError):
        assert await names(face, people.filter(models.Exists(chapters))) == "Cyd"
    with cannot("outer_aggregate", NotSupportedError):
        found = people.annotate(x=models.Exists(chapters))
        assert await column(face, found) == [False, False, True, False]


@both
async def test_groups_are_not_grouped_again(face: Face) -> None:
    counted = Author.objects.annotate(n=Count("titles"))
    for rows in (counted.values("n"), counted.values("age"), counted.values("name", "n")):
        with pytest.raises(QueryError, match=r"values\(\) after an aggregate names no groups"):
            rows.annotate(x=Count("pk"))
    each = counted.values("pk", "n").annotate(x=Count("pupils")).order_by("pk")
    assert [(row["n"], row["x"]) for row in await face.list(each)] == [
        (3, 2),
        (3, 0),
        (1, 1),
        (0, 0),
    ]
    of_one = models.Subquery(
        Title.objects.filter(authors=models.OuterRef("pk"))
        .values("authors")
        .annotate(n=Count("pk"))
        .values("n")
    )
    histogram = Author.objects.annotate(n=of_one).values("n").annotate(x=Count("pk"))
    found = await face.list(histogram.order_by(F("n").asc(nulls_first=True)).values_list("n", "x"))
    assert found == [(None, 1), (1, 1), (3, 2)]


@both
async def test_an_aggregate_may_have_the_name_of_a_field_that_is_left_out(face: Face) -> None:
    """After values() without the field the name is free, and stands for the aggregate."""
    rows = Title.objects.filter(pages__gte=100).values("publisher__name")
    summed = rows.annotate(pages=Sum("pages"))
    wanted: dict[Any, int] = {}
    for title in await face.list(Title.objects.filter(pages__gte=100).select_related("publisher")):
        name = title.publisher and title.publisher.name
        wanted[name] = wanted.get(name, 0) + title.pages

    found = await face.list(summed.order_by("-pages", "publisher__name"))
    assert {row["publisher__name"]: row["pages"] for row in found} == wanted
    assert [row["pages"] for row in found] == sorted(wanted.values(), reverse=True)
    most = max(wanted.values())
    assert [row["pages"] for row in await face.list(summed.filter(pages__gte=most))] == [most]
    assert await face.list(summed.values_list("pages", flat=True).filter(pages__gte=most)) == [most]
    assert await face.call(summed, "count") == len(wanted)
    assert await face.call(summed, "aggregate", x=Max("pages")) == {"x": most}
    both_ways = summed.alias(price=Sum("price")).filter(price__gt=0).order_by("price")
    assert {row["pages"] for row in await face.list(both_ways)} <= set(wanted.values())
    titles = Publisher.objects.values("city").annotate(titles=Count("titles"))
    assert sum(row["titles"] for row in await face.list(titles)) == await face.call(
        Title.objects.filter(publisher__isnull=False), "count"
    )
    with pytest.raises(FieldError, match="computed over an aggregate"):
        summed.annotate(x=Max("pages"))


@pytest.mark.parametrize(
    "rows",
    [
        Title.objects.all(),
        Title.objects.values(),
        Title.objects.values("pages"),
        Title.objects.order_by("pages").values("name"),
        Title.objects.order_by(F("pages").desc()).values("name"),
    ],
    ids=["objects", "all", "chosen", "ordered", "ordered by F"],
)
def test_a_name_that_is_read_or_ordered_by_is_not_free(rows: Any) -> None:
    """Where the field is read, or orders already, an annotation needs another name."""
    with pytest.raises(QueryError, match="'pages' conflicts with a field of model"):
        rows.annotate(pages=Sum("pages"))
    with pytest.raises(QueryError, match="'publisher' conflicts with a field of model"):
        Title.objects.values("publisher_id").annotate(publisher=Count("pk"))
    with pytest.raises(QueryError, match="'publisher_id' conflicts with a field of model"):
        Title.objects.values("publisher__name").annotate(publisher_id=Count("pk"))
