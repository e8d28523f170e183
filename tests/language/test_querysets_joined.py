"""QuerySet: set operations, joined querysets, querysets inside querysets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.language.data import Author, Face, Publisher, Title, both, column, models, names, part

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
