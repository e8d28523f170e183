"""Functions that choose, compare and convert give the same on every database."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest

from manybase.errors import FieldError, QueryError
from manybase.models import (
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    DurationField,
    F,
    FloatField,
    IntegerField,
    JSONField,
    TextField,
    TimeField,
    UUIDField,
    Value,
)
from manybase.models.functions import (
    Cast,
    Coalesce,
    Collate,
    Greatest,
    JSONArray,
    JSONObject,
    Least,
    Length,
    Lower,
    NullIf,
    Upper,
)
from tests.functions.models import Author, Piece

UTC = datetime.UTC
ROW = {
    "name": "12",
    "text": "abcdef",
    "count": 7,
    "other": 3,
    "real": 2.5,
    "price": Decimal("10.50"),
    "flag": True,
    "day": datetime.date(2020, 2, 29),
    "clock": datetime.time(8, 30, 15),
    "moment": datetime.datetime(2020, 2, 29, 23, 30, 15, 250000, tzinfo=UTC),
    "code": uuid.UUID(int=1),
    "data": {"a": [1, None, "x"], "b": "8"},
}
WHOLE = "2020-02-29 23:30:15"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Cast("count", CharField()), "7"),
        (Cast("count", TextField()), "7"),
        (Cast("count", FloatField()), 7.0),
        (Cast("count", DecimalField(max_digits=8, decimal_places=2)), Decimal("7.00")),
        (Cast("count", BooleanField()), True),
        (Cast("name", IntegerField()), 12),
        (Cast("name", FloatField()), 12.0),
        (Cast("name", DecimalField(max_digits=6, decimal_places=1)), Decimal("12.0")),
        (Cast("real", IntegerField()), 3),
        (Cast(F("real") * -1, IntegerField()), -3),
        (Cast("real", CharField()), "2.5"),
        (Cast(F("real") * 2, CharField()), "5"),
        (Cast("price", IntegerField()), 11),
        (Cast("price", CharField()), "10.50"),
        (Cast("price", DecimalField(max_digits=6, decimal_places=1)), Decimal("10.5")),
        (Cast("price", FloatField()), 10.5),
        (Cast("text", CharField(max_length=3)), "abc"),
        (Cast("flag", CharField()), "true"),
        (Cast("flag", IntegerField()), 1),
        (Cast("day", CharField()), "2020-02-29"),
        (Cast("day", DateTimeField()), datetime.datetime(2020, 2, 29, tzinfo=UTC)),
        (Cast("moment", DateField()), datetime.date(2020, 2, 29)),
        (Cast("moment", TimeField()), datetime.time(23, 30, 15, 250000)),
        (Cast(Value("2021-03-04"), DateField()), datetime.date(2021, 3, 4)),
        (Cast("code", CharField()), str(uuid.UUID(int=1))),
        (Cast(Value(str(uuid.UUID(int=2))), UUIDField()), uuid.UUID(int=2)),
        (Cast(Value('{"a": 1}'), JSONField()), {"a": 1}),
        (Cast(Value(None), IntegerField()), None),
        (Cast("moment", CharField()), "2020-02-29 23:30:15.250000"),
        (Cast(F("moment") - datetime.timedelta(microseconds=250000), CharField()), WHOLE),
        (Cast("clock", CharField()), "08:30:15"),
        (Cast(Value(datetime.timedelta(seconds=1)), CharField()), "1000000"),
        (Cast(Value(datetime.timedelta(seconds=1)), IntegerField()), 1_000_000),
        (Cast("count", DurationField()), datetime.timedelta(microseconds=7)),
        (Cast("flag", FloatField()), 1.0),
        (Cast("flag", DecimalField(max_digits=6, decimal_places=1)), Decimal("1.0")),
        (Cast("text", BinaryField()), b"abcdef"),
        (Cast("count", JSONField()), 7),
        (Cast("real", JSONField()), 2.5),
        (Cast("flag", JSONField()), True),
        (Cast("day", JSONField()), "2020-02-29"),
        (Cast("code", JSONField()), str(uuid.UUID(int=1))),
        (Cast("long", JSONField()), None),
        (Cast("data__b", IntegerField()), 8),
        (Cast("data__b", FloatField()), 8.0),
        (Cast("data__none", IntegerField()), None),
        (Length(Cast("count", CharField())), 1),
        (Cast(Value(5), IntegerField()) + F("count"), 12),
    ],
)
def test_cast(value, expression, expected) -> None:
    """A value is converted to the kind of a field."""
    found = value(expression, **ROW)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Coalesce("name", "text"), "12"),
        (Coalesce("name", Value("x")), "12"),
        (Coalesce(Value(None), "count"), 7),
        (Coalesce("length", Value(datetime.timedelta(1))), datetime.timedelta(1)),
        (Coalesce("long", "price", 0), Decimal("10.5")),
        (Coalesce("count", "real"), 7.0),
        (Coalesce("day", Value(datetime.date(2000, 1, 1))), datetime.date(2020, 2, 29)),
        (Coalesce("long", Value(Decimal("1.5"))), Decimal("1.5")),
        (Greatest("count", "other"), 7),
        (Greatest("count", "other", 9), 9),
        (Greatest("day", Value(datetime.date(2021, 1, 1))), datetime.date(2021, 1, 1)),
        (Greatest("count", "long"), None),
        (Least("count", "other", 5), 3),
        (Least("text", Value("b")), "abcdef"),
        (Least("count", "long"), None),
        (Least("real", "count"), 2.5),
        (NullIf("count", 7), None),
        (NullIf("count", 8), 7),
        (NullIf("text", Value("abcdef")), None),
        (NullIf("flag", Value(False)), True),
    ],
)
def test_choices(value, expression, expected) -> None:
    """The first, the largest, the smallest; null where one is null."""
    assert value(expression, **ROW) == expected


def test_a_key_that_is_missing_is_null(value) -> None:
    """A UUID of null is null, as a text and inside JSON too."""
    assert value(Cast("code", CharField())) is None
    assert value(JSONObject(code="code")) == {"code": None}


def test_the_largest_of_long_and_short_decimals(value) -> None:
    """Decimals are compared as numbers, however the database keeps them."""
    row = {"long": Decimal("9.5"), "price": Decimal("10.25"), "count": 100}
    assert value(Greatest("long", "price"), **row) == Decimal("10.25")
    assert value(Greatest("price", "long", "count"), **row) == 100
    assert value(Least("long", "price", 3), **row) == 3
    assert value(Coalesce("price", "long"), long=Decimal("0.125")) == Decimal("0.125")


def test_coalesce_json(value) -> None:
    """A plain value takes the kind of what stands beside it."""
    assert value(Coalesce("data", Value({"b": 2}))) == {"b": 2}
    assert value(Coalesce("data", Value({"b": 2})), data=[1]) == [1]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (JSONObject(), {}),
        (
            JSONObject(name="name", double=F("count") * 2, up=Upper("text")),
            {"name": "12", "double": 14, "up": "ABCDEF"},
        ),
        (JSONObject(flag="flag", none="long"), {"flag": True, "none": None}),
        (JSONObject(price="price", real="real"), {"price": 10.5, "real": 2.5}),
        (JSONObject(day="day", code="code"), {"day": "2020-02-29", "code": str(uuid.UUID(int=1))}),
        (
            JSONObject(moment="moment", clock="clock"),
            {"moment": "2020-02-29T23:30:15.250000+00:00", "clock": "08:30:15.000000"},
        ),
        (JSONObject(data="data"), {"data": ROW["data"]}),
        (JSONObject(**{'it\'s "%s" {x}': Value("v'\"")}), {'it\'s "%s" {x}': "v'\""}),
        (JSONObject(inner=JSONObject(a="count")), {"inner": {"a": 7}}),
        (JSONArray("name", "count", Value(None), Value(True)), ["12", 7, None, True]),
        (JSONArray(), []),
        (JSONArray(JSONObject(a=1), JSONArray("count")), [{"a": 1}, [7]]),
    ],
)
def test_json(value, expression, expected) -> None:
    """JSON of values: the same on every database, dates in ISO form, keys bound."""
    assert value(expression, **ROW) == expected


def test_collate(places) -> None:
    """A text is ordered and compared under a collation of the database's."""
    name = {"sqlite": "NOCASE", "postgresql": "C", "mysql": "utf8mb4_general_ci"}[places.kind]
    for text in ("b", "A", "C"):
        Author.objects.create(name=text)
    ordered = Author.objects.order_by(Collate("name", name))
    expected = "ACb" if places.kind == "postgresql" else "AbC"
    assert "".join(a.name for a in ordered) == expected
    found = Author.objects.annotate(n=Collate("name", name)).filter(n=Lower(Value("B")))
    assert [a.name for a in found] == ["b"]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Coalesce("name"), QueryError, "Coalesce() takes two expressions or more"),
        (lambda: Greatest("name"), QueryError, "Greatest() takes two expressions or more"),
        (lambda: NullIf("name"), QueryError, "NullIf() takes 2 arguments, not 1"),
        (
            lambda: Cast("name", "integer"),
            QueryError,
            "Cast() needs the field that the result is one of",
        ),
        (
            lambda: Collate("name", 'x"; DROP TABLE y --'),
            QueryError,
            "the name of a collation must be letters, digits, '_' and '-'",
        ),
        (
            lambda: Piece.objects.annotate(x=Coalesce("name", "count")),
            FieldError,
            "Coalesce() mixes values of kinds 'integer' and 'text'",
        ),
        (
            lambda: Piece.objects.annotate(x=Greatest("day", "moment")),
            FieldError,
            "Greatest() mixes values of kinds 'date' and 'datetime'",
        ),
    ],
)
def test_wrong_arguments(make, error, message) -> None:
    """Too few arguments, kinds that do not go together and odd names are refused at the call."""
    with pytest.raises(error) as caught:
        make()
    assert caught.value.message == message
