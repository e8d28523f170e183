"""QuerySet: set operations, joined querysets, querysets inside querysets."""

from __future__ import annotations

import re
from typing import Any

import pytest

from manybase.errors import QueryError
from tests.databases import Databases
from tests.language.data import Author, F, Face, Publisher, Title, both, column, models, names, part

pytestmark = pytest.mark.usefixtures("shop")


def titles(letters: str) -> Any:
    return Title.objects.filter(name__in=list(letters))


@part("QuerySet.union")
@both
async def test_union(face: Face) -> None:
    assert await names(face, titles("AB").union(titles("BC")).order_by("name")) == "ABC"
    both_b = titles("AB").union(titles("BC"), all=True)
    assert await names(face, both_b.order_by("name")) == "ABBC"
    assert await names(face, titles("A").union(titles("B"), titles("C")).order_by("-name")) == "CBA"


@part("QuerySet.intersection")
@both
async def test_intersection(face: Face) -> None:
    assert await names(face, titles("ABC").intersection(titles("BCD")).order_by("name")) == "BC"


@part("QuerySet.difference")
@both
async def test_difference(face: Face) -> None:
    assert await names(face, titles("ABC").difference(titles("BD")).order_by("name")) == "AC"


@part("QuerySet.union: ordered and sliced")
@both
async def test_sliced_union(face: Face) -> None:
    joined = titles("AB").union(titles("CD")).order_by("-name")
    assert [t.name for t in await face.list(joined[1:3])] == ["C", "B"]
    assert (await face.call(joined, "first")).name == "D"


@part("QuerySet.union of slices")
@both
async def test_union_of_slices(face: Face) -> None:
    last = Title.objects.order_by("-name")[:2]
    first = Title.objects.order_by("name")[:1]
    assert await names(face, first.union(last).order_by("name")) == "ADE"


@part("QuerySet.union: count and exists")
@both
async def test_counted_union(face: Face) -> None:
    joined = titles("AB").union(titles("BC"))
    assert await face.call(joined, "count") == 3
    assert await face.call(joined, "exists") is True
    assert await face.call(titles("A").intersection(titles("B")), "exists") is False


@part("QuerySet.union of values")
@both
async def test_union_of_values(face: Face) -> None:
    one = Title.objects.filter(pages=100).values_list("name", "pages")
    two = Author.objects.filter(age__gt=30).values_list("name", "age")
    found = await face.list(one.union(two).order_by("name"))
    assert found == [("A", 100), ("Ada", 36), ("Dan", 50), ("E", 100)]
    flat = titles("AB").values_list("name", flat=True).union(titles("C").values_list("name"))
    assert sorted(await face.list(flat)) == ["A", "B", "C"]


@part("QuerySet.union: values after it")
@both
async def test_values_of_a_union(face: Face) -> None:
    joined = titles("AB").union(titles("C"))
    assert sorted(await face.list(joined.values_list("name", flat=True))) == ["A", "B", "C"]
    found = await face.list(joined.order_by("name").values("name", "pages"))
    assert found[0] == {"name": "A", "pages": 100}


@part("QuerySet.union of annotated querysets")
@both
async def test_union_of_annotations(face: Face) -> None:
    one = titles("A").annotate(x=models.Value(1))
    two = titles("B").annotate(x=models.Value(2))
    found = await face.list(one.union(two).order_by("-x"))
    assert [(t.name, t.x) for t in found] == [("B", 2), ("A", 1)]


@part("QuerySet.union nested")
@both
async def test_nested_union(face: Face) -> None:
    inner = titles("BC").union(titles("CD"))
    assert await names(face, titles("A").union(inner).order_by("name")) == "ABCD"
    assert await names(face, titles("ABC").difference(inner).order_by("name")) == "A"


@part("QuerySet.union with none()")
@both
async def test_union_with_none(face: Face) -> None:
    assert await names(face, titles("A").union(Title.objects.none()).order_by("name")) == "A"
    assert await names(face, Title.objects.none().union(titles("B")).order_by("name")) == "B"
    assert await face.list(titles("A").intersection(Title.objects.none())) == []


@part("QuerySet.& | ^")
@both
async def test_joined(face: Face) -> None:
    assert await names(face, titles("AB") & titles("BC")) == "B"
    assert await names(face, titles("AB") | titles("BC")) == "ABC"
    assert await names(face, titles("AB") ^ titles("BC")) == "AC"
    ada = Title.objects.filter(authors__name="Ada")
    assert await names(face, (ada | titles("C")).distinct()) == "ACDE"


@part("QuerySet.| of slices")
@both
async def test_joined_slices(face: Face) -> None:
    """A sliced side becomes a query of keys."""
    last = Title.objects.order_by("-name")[:1]
    assert await names(face, titles("A") | last) == "AE"


@part("QuerySet.filter(pk__in=a slice)")
@both
async def test_slices_as_subqueries(face: Face) -> None:
    last = Title.objects.order_by("-name")[:2]
    assert await names(face, Title.objects.filter(pk__in=last)) == "DE"
    assert await names(face, Author.objects.filter(titles__in=last).distinct()) == "AdaBobCyd"


@part("QuerySet.filter(fk__in=queryset)")
@both
async def test_querysets_as_values(face: Face) -> None:
    roman = Publisher.objects.filter(city="Rome")
    assert await names(face, Title.objects.filter(publisher__in=roman)) == "AB"
    assert await names(face, Title.objects.filter(publisher__name__in=roman.values("name"))) == "AB"
    assert await names(face, Title.objects.exclude(publisher__in=roman)) == "CDE"
    assert await names(face, Title.objects.filter(publisher=roman[:1])) == "AB"


@part("QuerySet nested in expressions (resolve_expression)")
@both
async def test_querysets_as_expressions(face: Face) -> None:
    inner = Author.objects.filter(titles=models.OuterRef("pk")).order_by("-name").values("name")
    assert await column(face, Title.objects.annotate(x=inner[:1])) == [
        "Bob",
        "Bob",
        None,
        "Ada",
        "Cyd",
    ]


@part("QuerySet.filter(pk__in=a union)")
@both
async def test_unions_as_values(face: Face) -> None:
    joined = titles("AB").values("pk").union(titles("D").values("pk"))
    assert await names(face, Title.objects.filter(pk__in=joined)) == "ABD"


@both
async def test_a_union_is_ordered_by_what_it_does_not_show(face: Face) -> None:
    both_ends = Title.objects.filter(pages=100).union(Title.objects.filter(pages=400))
    assert await face.list(both_ends.order_by("-name").values_list("pages", flat=True)) == [
        100,
        400,
        100,
    ]
    by_house = both_ends.order_by(F("pages").desc(), "-name")
    assert await names(face, by_house) == "DEA"
    far = both_ends.order_by("publisher__name", "name")
    assert sorted(await face.list(far.values_list("name", flat=True))) == ["A", "D", "E"]
    for name in ("publisher__name", "published__year"):
        with pytest.raises(QueryError, match=f"cannot be ordered by '{name}'"):
            await face.list(both_ends.order_by(name))
    with pytest.raises(QueryError, match="cannot be ordered by an expression"):
        await face.list(both_ends.order_by(models.functions.Lower("name")))
    with pytest.raises(QueryError, match=r"cannot be ordered by '\?'"):
        await face.list(both_ends.order_by("?"))


@both
async def test_a_union_puts_nulls_where_it_is_told(face: Face) -> None:
    rows = Title.objects.filter(pages=200).union(Title.objects.filter(pages=None))
    for first in (True, False):
        up = F("pages").asc(nulls_first=first or None, nulls_last=not first or None)
        down = F("pages").desc(nulls_first=first or None, nulls_last=not first or None)
        expected = "CB" if first else "BC"
        assert await names(face, rows.order_by(up)) == expected
        assert await names(face, rows.order_by(down)) == expected
        assert await names(face, rows.order_by(up).reverse()) == expected[::-1]


@both
async def test_values_after_a_union_choose_its_columns(face: Face) -> None:
    rows = Title.objects.values_list("name", "pages").union(
        Author.objects.values_list("name", "age")
    )
    assert await face.list(rows.order_by("name").values_list("name", flat=True)) == [
        "A",
        "Ada",
        "B",
        "Bob",
        "C",
        "Cyd",
        "D",
        "Dan",
        "E",
    ]
    turned = rows.order_by("name").values("pages", "name")[:2]
    assert await face.list(turned) == [{"pages": 100, "name": "A"}, {"pages": 36, "name": "Ada"}]
    with pytest.raises(QueryError, match="'pk' cannot be read of a combination"):
        await face.list(rows.values("pk"))
    nested = Title.objects.filter(name="A").union(Title.objects.filter(name="B"))
    nested = nested.union(Title.objects.filter(name="C")).order_by("-name")
    assert await face.list(nested.values("name")) == [{"name": "C"}, {"name": "B"}, {"name": "A"}]
    assert await face.list(nested.values_list("pages", flat=True)) == [None, 200, 100]


@both
async def test_a_union_of_dates(face: Face) -> None:
    years = Title.objects.filter(name="A").dates("published", "year")
    later = Title.objects.filter(name="D").dates("published", "year")
    found = await face.list(years.union(later))
    assert sorted(day.year for day in found) == [2001, 2003]
    assert await face.call(years.union(later, years, all=True), "count") == 3


@both
async def test_a_union_needs_the_same_columns(face: Face) -> None:
    whole, some = Title.objects.filter(name="A"), Title.objects.only("name").filter(name="B")
    with pytest.raises(QueryError, match=r"union\(\) needs querysets that read the same columns"):
        await face.list(whole.union(some))
    joined = Title.objects.select_related("publisher").annotate(x=-F("pages"))
    rows = joined.filter(name="A").union(joined.filter(name="B")).order_by("x")
    assert await names(face, rows) == "BA"
    assert not Publisher.objects.filter(name="Orb").union(Publisher.objects.all()).ordered
    first = await face.call(Publisher.objects.all().union(Publisher.objects.none()), "first")
    assert first.name == "Orb"  # by key: a union has no Meta.ordering


@both
async def test_a_union_inside_a_query_refers_outside(face: Face) -> None:
    outer = models.OuterRef("pk")
    either = Title.objects.filter(authors=outer).union(Title.objects.filter(authors__mentor=outer))
    assert await names(face, Author.objects.filter(models.Exists(either))) == "AdaBobCyd"
    pages = Title.objects.filter(authors=outer, name="A").values("pages")
    pages = pages.union(Title.objects.filter(authors=outer, name="D").values("pages"))
    most = models.Subquery(pages.order_by("-pages")[:1])
    assert await column(face, Author.objects.annotate(x=most)) == [400, 100, None, None]


@both
async def test_null_in_a_union_excludes_nothing(face: Face) -> None:
    pages = Title.objects.filter(name__in=["A", "C"]).values("pages")
    rows = Title.objects.exclude(
        pages__in=pages.union(Title.objects.filter(name="D").values("pages"))
    )
    assert await names(face, rows) == "BC"


@both
async def test_conditions_on_annotations_of_the_other_side(face: Face) -> None:
    """Each side's annotations stay its own, whatever their names."""
    long = Title.objects.annotate(x=F("pages") + 1).filter(x__gt=150)
    assert await names(face, Title.objects.filter(name="A") | long) == "ABD"
    assert await names(face, Title.objects.filter(name__in=["A", "B"]) & long) == "B"
    one = Title.objects.annotate(n=models.Count("authors")).filter(n__gt=1)
    other = Title.objects.annotate(n=models.Count("chapters")).filter(n=1)
    assert await names(face, one & other) == "E"
    assert await names(face, one | other) == "AE"
    groups = Title.objects.values("publisher").annotate(n=models.Count("pk")).filter(n=1)
    with pytest.raises(QueryError, match=r"groups of '[^']*Title' cannot be joined"):
        Title.objects.filter(name="A") | groups


@both
async def test_the_right_sides_order_where_the_left_has_none(face: Face) -> None:
    some, all_down = Title.objects.filter(name__in=["A", "B"]), Title.objects.order_by("-name")
    assert await names(face, some & all_down) == "BA"
    assert await names(face, some | all_down.filter(name="D")) == "DBA"
    assert await names(face, some.order_by("name") | all_down.filter(name="D")) == "ABD"
    values = Title.objects.values("name").order_by("-name")[:1]
    assert await names(face, Title.objects.filter(name="A") | values) == "AE"


def test_a_table_may_be_called_as_aliases_are(db: Databases) -> None:
    class Twig(models.Model):
        name = models.CharField(max_length=5)
        parent = models.ForeignKey("self", models.CASCADE, null=True)

        class Meta:
            app_label = "language_twigs"
            db_table = "t1"
            managed = False

    sql = str(Twig.objects.filter(parent__parent__name="a").query)
    assert re.findall(r"JOIN .?t1.? AS (\w+)", sql) == ["t2", "t3"]


def test_a_table_that_is_joined_later_may_be_called_as_an_alias(db: Databases) -> None:
    class Root(models.Model):
        n = models.IntegerField()

        class Meta:
            app_label = "language_roots"
            db_table = "u0"
            managed = False

    class Leaf(models.Model):
        root = models.ForeignKey(Root, models.CASCADE, related_name="+")
        n = models.IntegerField()

        class Meta:
            app_label = "language_roots"
            managed = False

    inner = Leaf.objects.filter(n=models.OuterRef("root__n"))
    sql = str(Leaf.objects.filter(models.Exists(inner)).query)
    assert re.findall(r"u\d.?\.n = (.?u\d.?)\.n", sql) == ["u0"], sql
    assert re.findall(r"language_roots_leaf.? AS (\w+)", sql) == ["u1"], sql


def test_a_table_may_be_called_as_aliases_of_inner_queries_are(db: Databases) -> None:
    class Bough(models.Model):
        name = models.CharField(max_length=5)

        class Meta:
            app_label = "language_boughs"
            db_table = "u0"
            managed = False

    inner = Bough.objects.filter(name=models.OuterRef("name"))
    sql = str(Bough.objects.filter(models.Exists(inner)).query)
    assert re.findall(r"u\d.?\.name = (.?u\d.?)\.name", sql) == ["u0"], sql
    assert re.findall(r"u0.? AS (\w+)", sql) == ["u1"], sql
