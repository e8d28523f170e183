"""Aggregates: what each computes, on each kind of value."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.language.data import D, F, Face, Publisher, Title, both, column, models, part

pytestmark = pytest.mark.usefixtures("shop")


async def one(face: Face, aggregate: Any, queryset: Any = None) -> Any:
    rows = Title.objects.all() if queryset is None else queryset
    return (await face.call(rows, "aggregate", x=aggregate))["x"]


@part("Aggregates.Count")
@both
async def test_count(face: Face) -> None:
    assert await one(face, models.Count("*")) == 5
    assert await one(face, models.Count("pages")) == 4
    assert await one(face, models.Count("publisher", distinct=True)) == 2


@part("Aggregates.Sum")
@both
async def test_sum(face: Face) -> None:
    assert await one(face, models.Sum("pages")) == 800
    assert await one(face, models.Sum("price")) == Decimal("76.50")
    assert await one(face, models.Sum("rating")) == 5.25
    assert await one(face, models.Sum("loan")) == datetime.timedelta(hours=26)
    assert await one(face, models.Sum(F("pages") * F("flags"))) == 3500


@part("Aggregates.Avg")
@both
async def test_avg(face: Face) -> None:
    assert await one(face, models.Avg("pages")) == 200.0
    assert await one(face, models.Avg("price")) == Decimal("15.3")
    assert await one(face, models.Avg("loan")) == datetime.timedelta(hours=13)


@part("Aggregates.Max")
@both
async def test_max(face: Face) -> None:
    assert await one(face, models.Max("pages")) == 400
    assert await one(face, models.Max("name")) == "E"
    assert await one(face, models.Max("published")) == D(2003, 11, 30)
    assert await one(face, models.Max("price")) == Decimal("40.00")


@part("Aggregates.Min")
@both
async def test_min(face: Face) -> None:
    assert await one(face, models.Min("rating")) == -2.25
    assert await one(face, models.Min("edited")) == datetime.datetime(
        2001, 1, 15, 23, 30, 15, 250000, datetime.UTC
    )


@part("Aggregates.StdDev")
@both
async def test_stddev(face: Face) -> None:
    assert await one(face, models.StdDev("pages")) == pytest.approx(122.4745, abs=1e-3)
    assert await one(face, models.StdDev("pages", sample=True)) == pytest.approx(141.4214, abs=1e-3)


@part("Aggregates.Variance")
@both
async def test_variance(face: Face) -> None:
    assert await one(face, models.Variance("pages")) == pytest.approx(15000)
    assert await one(face, models.Variance("pages", sample=True)) == pytest.approx(20000)


@part("Aggregates.StringAgg")
@both
async def test_string_agg(face: Face) -> None:
    joined = models.StringAgg("name", delimiter=models.Value("; "), order_by="-name")
    assert await one(face, joined) == "E; D; C; B; A"
    by = Publisher.objects.annotate(
        x=models.StringAgg("titles__name", delimiter=models.Value("'"), order_by="titles__name")
    )
    assert await column(face, by.order_by("pk")) == ["A'B", "C'E"]


@part("Aggregates.AnyValue")
@both
async def test_any_value(face: Face) -> None:
    assert await one(face, models.AnyValue("name")) in "ABCDE"


POSTGRESQL: list[tuple[str, Any, Any]] = [
    ("ArrayAgg", lambda cls: cls("name", order_by="-name"), ["E", "D", "C", "B", "A"]),
    ("JSONBAgg", lambda cls: cls("pages", order_by="name"), [100, 200, None, 400, 100]),
    ("BoolAnd", lambda cls: cls("printed"), False),
    ("BoolOr", lambda cls: cls("printed"), True),
    ("BitAnd", lambda cls: cls("flags"), 0),
    ("BitOr", lambda cls: cls("flags"), 7),
    ("BitXor", lambda cls: cls("flags"), 5 ^ 3 ^ 6),
]


@pytest.mark.parametrize(("name", "make", "expected"), POSTGRESQL, ids=[p[0] for p in POSTGRESQL])
@both
async def test_aggregates_of_one_database(
    face: Face, name: str, make: Any, expected: Any, kind: str, request: pytest.FixtureRequest
) -> None:
    """On the others they work, or are refused with the dialect's reason."""
    from manybase.errors import NotSupportedError
    from manybase.runtime import sync as sync_face

    request.node.add_marker(part(f"Aggregates.{name}"))
    aggregate = make(getattr(models, name))
    features = sync_face.dialect("default").features
    try:
        assert await one(face, aggregate) == expected
    except NotSupportedError as error:
        assert kind != "postgresql"
        feature = next(f for f, why in features.reasons.items() if why and why in str(error))
        request.node.user_properties.append(("cannot", feature))
