"""Functions over numbers give the same on every database."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest

from manybase.errors import FieldError, QueryError
from manybase.models import F, Value
from manybase.models.functions import (
    Abs,
    ACos,
    ASin,
    ATan,
    ATan2,
    Ceil,
    Cos,
    Cot,
    Degrees,
    Exp,
    Floor,
    Ln,
    Log,
    Mod,
    Pi,
    Power,
    Radians,
    Random,
    Round,
    Sign,
    Sin,
    Sqrt,
    Tan,
)
from tests.functions.models import Piece

ROW = {
    "count": -7,
    "other": 3,
    "real": 0.5,
    "price": Decimal("2.25"),
    "long": Decimal("12345678901234567890.1234567890"),
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (ACos("real"), math.acos(0.5)),
        (ACos("other"), None),
        (ASin("real"), math.asin(0.5)),
        (ASin("other"), None),
        (ATan("real"), math.atan(0.5)),
        (ATan2("real", "other"), math.atan2(0.5, 3)),
        (Cos("real"), math.cos(0.5)),
        (Cot("real"), 1 / math.tan(0.5)),
        (Cot(Value(0)), None),
        (Degrees("real"), math.degrees(0.5)),
        (Exp("other"), math.exp(3)),
        (Exp("price"), math.exp(2.25)),
        (Ln("price"), math.log(2.25)),
        (Ln("count"), None),
        (Log("other", "price"), math.log(2.25, 3)),
        (Log(2, 8), 3.0),
        (Log("other", "count"), None),
        (Pi(), math.pi),
        (Power("other", 2), 9.0),
        (Power("price", "real"), 1.5),
        (Power("count", "real"), None),
        (Radians("other"), math.radians(3)),
        (Sin("real"), math.sin(0.5)),
        (Sqrt("price"), 1.5),
        (Sqrt("count"), None),
        (Tan("real"), math.tan(0.5)),
        (F("other") ** 2, 9),
        (F("real") ** 2, 0.25),
        (2 ** F("other"), 8),
    ],
)
def test_floats(value, expression, expected) -> None:
    """Analysis computes with floats; where there is no result it is null."""
    found = value(expression, **ROW)
    if expected is None:
        assert found is None
    else:
        assert type(found) is type(expected)
        assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Abs("count"), 7),
        (Abs(F("real") * -1), 0.5),
        (Abs(F("price") * -1), Decimal("2.25")),
        (Abs("long"), ROW["long"]),
        (Ceil("price"), Decimal(3)),
        (Ceil(F("real") * -1), 0.0),
        (Ceil("count"), -7),
        (Ceil("long"), Decimal(12345678901234567891)),
        (Floor("price"), Decimal(2)),
        (Floor("real"), 0.0),
        (Floor(F("real") * -1), -1.0),
        (Floor("long"), Decimal(12345678901234567890)),
        (Sign("count"), -1),
        (Sign("price"), 1),
        (Sign(Value(0.0)), 0),
        (Mod("count", "other"), -1),
        (Mod("other", 2), 1),
        (Mod("count", Value(0)), None),
        (Mod("price", 2), Decimal("0.25")),
        (Mod("real", Value(0.3)), 0.2),
        (Round("price", 1), Decimal("2.3")),
        (Round(F("price") * -1, 1), Decimal("-2.3")),
        (Round("price"), Decimal(2)),
        (Round("real"), 1.0),
        (Round(Value(2.5)), 3.0),
        (Round(Value(-2.5)), -3.0),
        (Round(Value(2.675), 2), 2.68),
        (Round(Value(1234.5), -2), 1200.0),
        (Round("count", -1), -10),
        (Round("long", 2), Decimal("12345678901234567890.12")),
        (Round("count", "other"), -7),
        (Abs(Value(None)), None),
    ],
)
def test_kinds_stay(value, expression, expected) -> None:
    """Whole numbers stay whole, decimals decimals; halves are rounded away from zero."""
    found = value(expression, **ROW)
    if isinstance(expected, float):
        assert type(found) is float
        assert found == pytest.approx(expected, rel=1e-12)
    else:
        assert found == expected
        assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (F("other").bitand(6), 2),
        (F("count").bitand(15), -7 & 15),
        (F("other").bitor(4), 7),
        (F("count").bitor(1), -7 | 1),
        (F("other").bitxor(6), 5),
        (F("count").bitxor(F("other")), -7 ^ 3),
        (F("other").bitleftshift(33), 3 << 33),
        (F("count").bitleftshift(2), -28),
        (F("other").bitrightshift(1), 1),
        (F("count").bitrightshift(1), -4),
        (F("count").bitrightshift(F("other")), -1),
        (F("other").bitand(F("other").bitxor(1)) + 1, 3),
    ],
)
def test_bits(value, expression, expected) -> None:
    """Bits of whole numbers, the sign kept."""
    assert value(expression, **ROW) == expected


def test_random(value) -> None:
    """Random() is a number from 0 up to 1."""
    found = [value(Random()) for _ in range(5)]
    assert all(0 <= number < 1 for number in found)
    assert len(set(found)) > 1


def test_numbers_in_filters_and_updates() -> None:
    """Functions over numbers stand in filters, orders and updates."""
    for count in (-5, 2, 3):
        Piece.objects.create(count=count, real=count / 2)

    size = Piece.objects.alias(size=Abs("count"))
    assert [p.count for p in size.filter(size__gt=2).order_by("-size")] == [-5, 3]
    assert Piece.objects.filter(count__lt=Abs(F("count"))).get().count == -5
    Piece.objects.update(other=Mod("count", 2), real=Round("real"))
    found = [(p.other, p.real) for p in Piece.objects.order_by("count")]
    assert found == [(-1, -3.0), (0, 1.0), (1, 2.0)]
    Piece.objects.update(other=F("count").bitand(2) + F("count") ** 2)
    assert [p.other for p in Piece.objects.order_by("count")] == [27, 6, 11]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Abs(), QueryError, "Abs() takes 1 argument, not 0"),
        (lambda: Pi("a"), QueryError, "Pi() takes 0 arguments, not 1"),
        (lambda: Mod("count"), QueryError, "Mod() takes 2 arguments, not 1"),
        (
            lambda: Round("price", 1.5),
            QueryError,
            "'precision' of Round() must be a whole number, not float",
        ),
        (
            lambda: Piece.objects.annotate(found=Sqrt("name")),
            FieldError,
            "Sqrt() takes decimal or float or integer as argument 1, not values of kind 'text'",
        ),
        (
            lambda: Piece.objects.annotate(found=Abs("day")),
            FieldError,
            "Abs() takes decimal or float or integer as argument 1, not values of kind 'date'",
        ),
        (
            lambda: Piece.objects.annotate(found=F("real").bitand(1)),
            FieldError,
            "cannot combine values of kinds 'float' and 'integer' with 'bitand'",
        ),
        (
            lambda: F("count") & 3,
            QueryError,
            "'&' joins conditions, and F is none",
        ),
    ],
)
def test_wrong_arguments(make, error, message) -> None:
    """Wrong numbers and kinds of arguments are refused at the call."""
    with pytest.raises(error) as caught:
        make()
    assert caught.value.message == message
