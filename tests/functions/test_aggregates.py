"""Aggregates beside the usual five, on every database, in both faces."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from manybase import models
from manybase.errors import FieldError, NotSupportedError, QueryError
from manybase.models import (
    AnyValue,
    ArrayAgg,
    Avg,
    BitAnd,
    BitOr,
    BitXor,
    BoolAnd,
    BoolOr,
    Count,
    F,
    JSONBAgg,
    Q,
    StdDev,
    StringAgg,
    Sum,
    Value,
    Variance,
)
from manybase.models.functions import Length, Lower, Upper
from manybase.runtime.events import capture
from tests.functions.models import Author, Piece


@pytest.fixture
def pieces(places: Any) -> None:
    """a: p 1, q 2, r null; b: q 5, s 6."""
    a, b = (Author.objects.create(name=name) for name in "ab")
    for name, author, count in (("q", a, 2), ("p", a, 1), ("r", a, None), ("s", b, 6), ("q", b, 5)):
        Piece.objects.create(
            name=name,
            author=author,
            count=count,
            real=count,
            price=count,
            flag=None if count is None else count > 1,
        )


def total(aggregate: Any, **filters: Any) -> Any:
    return Piece.objects.filter(**filters).aggregate(x=aggregate)["x"]


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        (StringAgg("name", ",", order_by="name"), "p,q,q,r,s"),
        (StringAgg("name", ", ", order_by="-name"), "s, r, q, q, p"),
        (StringAgg("name", "", order_by=F("name").desc()), "srqqp"),
        (StringAgg("name", "'; --%s", order_by="name", filter=Q(count__lt=3)), "p'; --%sq"),
        (
            StringAgg("name", Value("-"), order_by=["-count", "name"], filter=Q(count__gt=0)),
            "s-q-q-p",
        ),
        (StringAgg("name", "-", distinct=True, order_by="name"), "p-q-r-s"),
        (StringAgg("name", "-", distinct=True, order_by="-name"), "s-r-q-p"),
        (StringAgg(Upper("name"), "", distinct=True, order_by=Upper("name")), "PQRS"),
        (StringAgg("count", "+", order_by="count"), "1+2+5+6"),
        (StringAgg("author__name", "", order_by=["author__name", "pk"]), "aaabb"),
        (StringAgg("name", ",", order_by=F("count").asc(nulls_last=True)), "p,q,q,s,r"),
        (StringAgg("name", ",", order_by=F("count").desc(nulls_first=True)), "r,s,q,q,p"),
        (StringAgg("name", ",", filter=Q(count__gt=99)), None),
        (StringAgg("name", ",", filter=Q(count__gt=99), default="none"), "none"),
        (StdDev("count"), (17 / 4) ** 0.5),
        (StdDev("real", sample=True), (17 / 3) ** 0.5),
        (Variance("count"), 17 / 4),
        (Variance("price", sample=True), 17 / 3),
        (Variance("count", filter=Q(count=1)), 0.0),
        (Variance("count", sample=True, filter=Q(count=1)), None),
        (StdDev(F("count") * 2, filter=Q(count__gt=99), default=-1.0), -1.0),
        (Avg("count"), 3.5),
        (Sum(Length("name")), 5),
    ],
)
def test_aggregates(aggregate, expected) -> None:
    """Joined texts, spreads, and functions inside of aggregates."""
    found = total(aggregate)
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)
    assert type(found) is type(expected)


@pytest.mark.usefixtures("pieces")
def test_by_object() -> None:
    """In annotate() each object has its own; conditions, orders and slices apply."""
    joined = StringAgg("pieces__name", "/", order_by="pieces__name")
    authors = Author.objects.annotate(names=joined).order_by("name")
    assert [a.names for a in authors] == ["p/q/r", "q/s"]
    assert [a.name for a in authors.filter(names__startswith="p")] == ["a"]
    spread = Author.objects.annotate(v=Variance("pieces__count")).order_by("name")
    assert [a.v for a in spread] == [0.25, 0.25]
    both = Author.objects.annotate(n=Count("pieces"), names=joined).order_by("name")
    assert [(a.n, a.names) for a in both] == [(3, "p/q/r"), (2, "q/s")]
    groups = Piece.objects.values("name").annotate(by=StringAgg("author__name", "", order_by="pk"))
    assert list(groups.order_by("name").values_list("name", "by")) == [
        ("p", "a"),
        ("q", "ab"),
        ("r", "a"),
        ("s", "b"),
    ]
    sliced = Piece.objects.order_by("name", "pk")[:3]
    found = sliced.aggregate(x=StringAgg("name", "", order_by="-name"), v=Variance("count"))
    assert found["x"] == "qqp"
    assert found["v"] == pytest.approx(26 / 9)
    lower = Piece.objects.annotate(low=Lower("name")).values("low").annotate(n=Count("pk"))
    assert sorted(lower.values_list("low", "n")) == [("p", 1), ("q", 2), ("r", 1), ("s", 1)]


@pytest.mark.usefixtures("pieces")
async def test_asynchronous() -> None:
    """The same in the asynchronous face."""
    joined = StringAgg("name", "|", distinct=True, order_by="name")
    found = await Piece.objects.aaggregate(names=joined, spread=StdDev("count"))
    assert found == {"names": "p|q|r|s", "spread": pytest.approx((17 / 4) ** 0.5)}
    authors = Author.objects.annotate(n=StringAgg("pieces__name", "", order_by="pieces__name"))
    assert [a.n async for a in authors.order_by("name")] == ["pqr", "qs"]


@pytest.mark.usefixtures("pieces")
def test_any_value() -> None:
    """One of the values, never null where there is another."""
    assert total(AnyValue("name", filter=Q(count__gt=4))) in ("s", "q")
    assert total(AnyValue("count", filter=Q(name="r"))) is None
    assert total(AnyValue("flag")) in (True, False)
    assert total(AnyValue("price", filter=Q(count=6))) == Decimal(6)
    rows = Piece.objects.values("author__name").annotate(x=AnyValue("author__id"))
    assert len(rows) == 2


REFUSED = [
    (ArrayAgg("count", order_by="count"), "array_aggregates"),
    (JSONBAgg("name"), "json_aggregates"),
    (BoolAnd("flag"), "boolean_aggregates"),
    (BoolOr("flag"), "boolean_aggregates"),
    (BitAnd("count"), "bit_aggregates"),
    (BitOr("count"), "bit_aggregates"),
    (BitXor("count"), "bit_aggregates"),
]


@pytest.mark.kinds("sqlite", "mysql")
@pytest.mark.parametrize(("aggregate", "ability"), REFUSED)
def test_refused_with_the_reason(aggregate, ability) -> None:
    """Where a database has no such aggregate the error says why."""
    from manybase.runtime import sync as face

    why = face.dialect("default").features.why(ability)
    assert why
    with pytest.raises(NotSupportedError) as caught:
        total(aggregate)
    name = aggregate.function
    assert caught.value.message == f"this database has no aggregate '{name}': {why}"


@pytest.mark.kinds("postgresql")
@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize(
    ("aggregate", "expected"),
    [
        (ArrayAgg("count", order_by=F("count").asc(nulls_last=True)), [1, 2, 5, 6, None]),
        (ArrayAgg("name", distinct=True, order_by="-name"), ["s", "r", "q", "p"]),
        (ArrayAgg("price", order_by="count", filter=Q(count__lt=3)), [Decimal(1), Decimal(2)]),
        (ArrayAgg("count", filter=Q(count__gt=99)), None),
        (ArrayAgg("flag", order_by="name", filter=Q(author__name="b")), [True, True]),
        (JSONBAgg("name", order_by=["name", "pk"]), ["p", "q", "q", "r", "s"]),
        (JSONBAgg("count", order_by="-count", filter=Q(count__gt=1)), [6, 5, 2]),
        (BoolAnd("flag"), False),
        (BoolOr("flag"), True),
        (BoolAnd("flag", filter=Q(count__gt=1)), True),
        (BoolAnd("flag", filter=Q(count__gt=99), default=True), True),
        (BitAnd("count", filter=Q(count__gt=4)), 4),
        (BitOr("count"), 7),
        (BitXor("count"), 1 ^ 2 ^ 5 ^ 6),
    ],
)
def test_where_databases_have_them(aggregate, expected) -> None:
    """Lists, JSON, booleans and bits."""
    assert total(aggregate) == expected


@pytest.mark.kinds("postgresql")
@pytest.mark.usefixtures("pieces")
def test_lists_by_object() -> None:
    """Each object has its own list."""
    authors = Author.objects.annotate(n=ArrayAgg("pieces__name", order_by="pieces__name"))
    assert [a.n for a in authors.order_by("name")] == [["p", "q", "r"], ["q", "s"]]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: StringAgg("name", 3),
            QueryError,
            "the delimiter of StringAgg must be text, not int",
        ),
        (
            lambda: StringAgg("name", F("text")),
            QueryError,
            "the delimiter of StringAgg must be text, not F",
        ),
        (
            lambda: StringAgg("name", ",", order_by=3),
            QueryError,
            "'order_by' of StringAgg takes names and expressions, not int",
        ),
        (
            lambda: total(StringAgg("name", ",", distinct=True, order_by="count")),
            QueryError,
            "StringAgg of distinct values can be ordered by these alone",
        ),
        (
            lambda: total(StringAgg(Count("name"), ",")),
            FieldError,
            "StringAgg cannot be computed over an aggregate",
        ),
        (
            lambda: total(BoolAnd("count")),
            FieldError,
            "BoolAnd cannot be computed over values of kind 'integer'",
        ),
        (
            lambda: total(BitAnd("real")),
            FieldError,
            "BitAnd cannot be computed over values of kind 'float'",
        ),
        (
            lambda: AnyValue("name", distinct=True),
            QueryError,
            "AnyValue does not take distinct=True",
        ),
        (
            lambda: total(StdDev("name")),
            FieldError,
            "StdDev cannot be computed over values of kind 'text'",
        ),
    ],
)
def test_wrong_aggregates(make, error, message) -> None:
    """Delimiters that are no text, odd orders and wrong kinds are refused at the call."""
    with pytest.raises(error) as caught:
        make()
    assert caught.value.message == message


class Doubled(Sum):
    """A program's own aggregate, which changes what it goes over."""

    def __init__(self, expression: Any, **options: Any) -> None:
        super().__init__(expression, **options)
        self.expression = self.expression * 2


@pytest.mark.usefixtures("pieces")
def test_an_aggregate_of_a_program_may_set_its_expression() -> None:
    """What a subclass puts in the place of the expression is what is computed."""
    assert total(Doubled("count")) == 2 * total(Sum("count")) == 28


class Found(models.Model):
    """A table that somebody else made, of which nobody knows that its key is never null."""

    name = models.CharField(max_length=20)

    class Meta:
        app_label = "functions"
        managed = False
        db_table = Piece._meta.db_table


@pytest.mark.usefixtures("pieces")
def test_a_key_is_counted_without_reading_its_column() -> None:
    counted = {
        "count(*)": [
            lambda: Piece.objects.aggregate(x=Count("pk"))["x"],
            lambda: Piece.objects.aggregate(x=Count("id"))["x"],
            lambda: sum(
                n for _, n in Piece.objects.values_list("author__name").annotate(n=Count("id"))
            ),
        ],
        "count(": [
            lambda: Found.objects.aggregate(x=Count("id"))["x"],
            lambda: Piece.objects.aggregate(x=Count("id", filter=Q(name__gt="")))["x"],
            lambda: Piece.objects.aggregate(x=Count("id", distinct=True))["x"],
            lambda: Author.objects.aggregate(x=Count("pieces__id"))["x"],
        ],
    }
    for text, ways in counted.items():
        for way in ways:
            with capture() as seen:
                assert way() == 5
            sql = str(seen[0].sql).replace("`", "")
            assert text in sql
            assert ("count(*)" in sql) is (text == "count(*)")
