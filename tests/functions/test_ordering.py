"""Orders by expressions: of a query, of a model, of a related model; on every database."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.models import F, OrderBy, Value
from manybase.models.functions import Coalesce, Length, Lower, Random, Upper
from tests.functions.models import Box, Shelf


@pytest.fixture(autouse=True)
def shelves(places: Any) -> None:
    """Shelves z, nothing (which stands for m), b, and a box on each."""
    for name in ("z", None, "b"):
        Box.objects.create(shelf=Shelf.objects.create(name=name))


def names(queryset: Any) -> str:
    return "".join(shelf.name or "-" for shelf in queryset)


def test_order_of_the_model() -> None:
    """Meta.ordering takes expressions with values; slices, counts and other filters go with it."""
    assert names(Shelf.objects.all()) == "b-z"
    assert names(Shelf.objects.reverse()) == "z-b"
    assert names(Shelf.objects.filter(pk__gt=0, name__isnull=False)[:1]) == "b"
    assert Shelf.objects.first().name == "b"
    assert Shelf.objects.filter(name__in=["b", "z"]).last().name == "z"


def test_order_of_a_related_model() -> None:
    """Ordering by a relation orders by the related model's own order."""
    assert names(b.shelf for b in Box.objects.order_by("shelf")) == "b-z"
    assert names(b.shelf for b in Box.objects.order_by("-shelf")) == "z-b"
    assert names(b.shelf for b in Box.objects.filter(pk__gt=0).order_by("shelf")[1:]) == "-z"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([F("name").asc(nulls_first=True)], "-bz"),
        ([F("name").asc(nulls_last=True)], "bz-"),
        ([F("name").desc(nulls_first=True)], "-zb"),
        ([Lower("name").desc(nulls_last=True)], "zb-"),
        ([Coalesce(Upper("name"), Value("ZZ")).desc()], "-zb"),
        ([OrderBy(Length(Coalesce("name", Value("xx"))), descending=True), "-name"], "-zb"),
        ([Coalesce("name", Value("")), "pk"], "-bz"),
    ],
)
def test_order_of_a_query(order, expected) -> None:
    """order_by() takes expressions, their direction and the place of nulls."""
    assert names(Shelf.objects.order_by(*order)) == expected


def test_random_order() -> None:
    """By chance all rows come, in some order."""
    assert sorted(names(Shelf.objects.order_by(Random()))) == ["-", "b", "z"]
