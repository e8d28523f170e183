"""Comparisons as expressions, conditions as values, Func, RawSQL: on every database."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from manybase.errors import FieldError, FieldValueError, QueryError
from manybase.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    RawSQL,
    Sum,
    TextField,
    Value,
    When,
)
from manybase.models.functions import Abs, Length, Lower, Upper
from manybase.models.lookups import (
    Contains,
    EndsWith,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    IEndsWith,
    IExact,
    In,
    IRegex,
    IsNull,
    IStartsWith,
    LessThan,
    LessThanOrEqual,
    Range,
    Regex,
    StartsWith,
)
from tests.functions.models import Author, Piece


@pytest.fixture
def pieces(places: Any) -> None:
    """p: count 1, other 2; q: count 3, other 2; r: count null, other 9."""
    author = Author.objects.create(name="q")
    Piece.objects.create(name="Pp", text="p", count=1, other=2, flag=True)
    Piece.objects.create(name="Qq", text="%_", count=3, other=2, flag=False, author=author)
    Piece.objects.create(name="Rr", text="r'\\", other=9, day=datetime.date(2020, 1, 1))


def names(*conditions: Any, **lookups: Any) -> str:
    found = Piece.objects.filter(*conditions, **lookups).order_by("name")
    return "".join(piece.name[0] for piece in found)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (GreaterThan(F("count"), F("other")), "Q"),
        (GreaterThan("count", 0), "PQ"),
        (GreaterThanOrEqual(F("count") + 1, F("other")), "PQ"),
        (LessThan(F("count"), F("other")), "P"),
        (LessThanOrEqual(F("count"), 3), "PQ"),
        (Exact(F("count"), 3), "Q"),
        (Exact(Length("name"), F("other")), "PQ"),
        (Exact(Value("x"), Value("x")), "PQR"),
        (IExact("name", "PP"), "P"),
        (In("count", [1, 7]), "P"),
        (In("count", []), ""),
        (Range("count", (1, 2)), "P"),
        (Range(F("count") * 2, (Value(5), F("other") * 9)), "Q"),
        (IsNull("count", True), "R"),
        (IsNull(F("count") + 1, False), "PQ"),
        (Contains("name", "q"), "Q"),
        (Contains("text", "%"), "Q"),
        (Contains("text", "'\\"), "R"),
        (Contains(Lower("name"), F("text")), "P"),
        (IContains("name", "Q"), "Q"),
        (StartsWith(Upper("name"), "PP"), "P"),
        (IStartsWith("name", "p"), "P"),
        (EndsWith("name", "q"), "Q"),
        (IEndsWith("name", "R"), "R"),
        (Regex("name", "^[PQ]"), "PQ"),
        (IRegex("name", "^[pq]"), "PQ"),
        (Exact("author__name", "q"), "Q"),
        (~GreaterThan(F("count"), F("other")), "PR"),
        (GreaterThan("count", 0) & LessThan("count", 2), "P"),
        (GreaterThan("count", 2) | Q(name="Rr"), "QR"),
        (Q(name="Rr") | GreaterThan("count", 2), "QR"),
        (Exact("count", 1) ^ Exact("other", 2), "Q"),
        (Q(Exact("count", 1), other=2), "P"),
        (~Q(Exact("count", 1)), "QR"),
        (Exact("day", datetime.date(2020, 1, 1)), "R"),
        (Value(True), "PQR"),
        (~Exists(Piece.objects.filter(pk=OuterRef("pk"), count=1)), "QR"),
        (ExpressionWrapper(Q(count__gt=2), BooleanField()), "Q"),
        (ExpressionWrapper(Q(count__gt=2) | Q(other=9), BooleanField()), "QR"),
        (
            Case(
                When(GreaterThan("count", 2), then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            ),
            "Q",
        ),
    ],
)
def test_conditions(condition, expected) -> None:
    """Comparisons stand in filter() and join with & | ^ ~; null matches nothing."""
    assert names(condition) == expected


@pytest.mark.usefixtures("pieces")
def test_conditions_as_values() -> None:
    """Comparisons are annotations, orders, and parts of Case and of aggregates."""
    rows = Piece.objects.annotate(more=GreaterThan(F("count"), F("other"))).order_by("name")
    assert [p.more for p in rows] == [False, True, None]
    assert [p.name for p in rows.filter(more=True)] == ["Qq"]
    word = Case(
        When(GreaterThan(F("count"), F("other")), then=Value("more")),
        When(IsNull("count", True), then=Value("none")),
        default=Value("less"),
        output_field=CharField(),
    )
    assert [p.word for p in rows.annotate(word=word)] == ["less", "more", "none"]
    assert [p.name for p in Piece.objects.order_by(IsNull("count", False), "name")] == [
        "Rr",
        "Pp",
        "Qq",
    ]
    found = Piece.objects.aggregate(
        n=Count("pk", filter=GreaterThan("count", 1)),
        s=Sum("other", filter=Q(LessThan("count", 2))),
    )
    assert found == {"n": 1, "s": 2}
    groups = Piece.objects.values("other").annotate(n=Count("pk")).filter(GreaterThan("n", 1))
    assert [group["other"] for group in groups] == [2]
    assert Piece.objects.exclude(GreaterThan("count", 2)).count() == 2
    Piece.objects.update(flag=GreaterThan("other", 5))
    assert [p.flag for p in rows.all()] == [False, False, True]
    assert Author.objects.filter(GreaterThan("pieces__count", 2)).count() == 1


@pytest.mark.usefixtures("pieces")
async def test_asynchronous() -> None:
    """The same in the asynchronous face."""
    rows = Piece.objects.annotate(low=Lower("name")).filter(GreaterThan(F("count"), F("other")))
    assert [p.low async for p in rows] == ["qq"]
    assert await Piece.objects.filter(Exact(Length("name"), 2)).acount() == 3


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (Func("name", function="LOWER"), ["pp", "qq", "rr"]),
        (Func(F("name"), function="UPPER", output_field=TextField()), ["PP", "QQ", "RR"]),
        (Func("count", Value(7), function="COALESCE"), [1, 3, 7]),
        (
            Func("count", template="(%(expressions)s + 1)", output_field=IntegerField()),
            [2, 4, None],
        ),
        (
            Func("other", 4, template="(%(expressions)s)", arg_joiner=" % "),
            [2, 2, 1],
        ),
        (
            Func("count", function="ABS", template="%(function)s(-%(expressions)s)"),
            [1, 3, None],
        ),
        (Func(Value(5), template="CASE WHEN 10 %% 3 = 1 THEN %(expressions)s END"), [5, 5, 5]),
    ],
)
def test_func(expression, expected) -> None:
    """Functions by name, and SQL of the program's own around arguments."""
    rows = Piece.objects.annotate(x=expression).order_by("name")
    assert [p.x for p in rows] == expected


class Twice(Func):
    """A function of the program's own."""

    template = "(2 * %(expressions)s)"
    arity = 1


class Loud(Func):
    """Another one, by name."""

    function = "UPPER"
    arity = 1


@pytest.mark.usefixtures("pieces")
def test_own_functions() -> None:
    """Subclasses of Func say what they are."""
    rows = Piece.objects.annotate(x=Twice("count"), y=Loud("name")).order_by("name")
    assert [(p.x, p.y) for p in rows] == [(2, "PP"), (6, "QQ"), (None, "RR")]
    assert [p.name for p in Piece.objects.alias(x=Twice("other")).filter(x__gt=4)] == ["Rr"]
    with pytest.raises(QueryError, match=r"Twice\(\) takes 1 argument, not 2"):
        Twice("count", "other")


@pytest.mark.usefixtures("pieces")
def test_raw_sql() -> None:
    """SQL of the program's own, its parameters bound; percent signs are doubled."""
    number = RawSQL("count * %s", (2,), output_field=IntegerField())
    rows = Piece.objects.annotate(x=number).order_by("name")
    assert [p.x for p in rows] == [2, 6, None]
    assert [p.name for p in rows.filter(x__gt=2)] == ["Qq"]
    assert [p.name for p in Piece.objects.order_by(RawSQL("other - %s", [100]).desc(), "name")] == [
        "Rr",
        "Pp",
        "Qq",
    ]
    rest = RawSQL("other %% %s", (2,), output_field=IntegerField())
    assert [p.x for p in Piece.objects.annotate(x=rest).order_by("name")] == [0, 0, 1]
    evil = "x'); DROP TABLE functions_piece; --%s"
    text = RawSQL("%s", (evil,), output_field=TextField())
    assert {p.x for p in Piece.objects.annotate(x=text)} == {evil}
    true = RawSQL("count > %s", (1,), output_field=BooleanField())
    assert names(true) == "Q"
    assert names(Q(true) | Q(name="Pp")) == "PQ"
    assert names(GreaterThan(number, 3)) == "Q"
    assert names(pk__in=RawSQL("SELECT id FROM functions_piece WHERE count = %s", (1,))) == "P"


EVIL = [
    "a'b",
    'a"b',
    "a`b",
    "a\\",
    "%s",
    "%(x)s",
    "a; DROP TABLE functions_piece --",
    ":p0",
    "?",
    "$1",
]


@pytest.mark.parametrize("text", EVIL)
def test_values_are_never_sql(value, text) -> None:
    """Whatever is given as a value comes back as it was given."""
    assert value(Lower(Value(text)), name="x") == text.lower()
    assert value(F("name"), name=text) == text
    assert value(Case(When(Exact("name", text), then=Value(text))), name=text) == text
    assert Piece.objects.filter(Contains("name", text)).count() == 2


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: Func("name", function="LOWER(name); DROP TABLE x --"),
            QueryError,
            "the name of a SQL function must be letters, digits and underscores",
        ),
        (
            lambda: Piece.objects.annotate(x=Func("name")),
            QueryError,
            "Func() needs the name of a SQL function",
        ),
        (
            lambda: Func("name", template="%(function)s(%(sql)s)"),
            QueryError,
            "the template of a function holds '%(sql)s'",
        ),
        (
            lambda: Func("name", template="LOWER(%s)"),
            QueryError,
            "the template of a function holds '%'",
        ),
        (
            lambda: RawSQL("a = %s", ()),
            QueryError,
            "RawSQL() has 1 places for parameters, but was given 0",
        ),
        (
            lambda: RawSQL("a = %s", "x"),
            QueryError,
            "the parameters of RawSQL() must be a list or a tuple",
        ),
        (
            lambda: Piece.objects.filter(GreaterThan("count", "x")),
            FieldValueError,
            "'count__gt' takes a whole number, not str",
        ),
        (
            lambda: Piece.objects.filter(GreaterThan("count", None)),
            FieldValueError,
            "'count__gt' cannot be compared with None",
        ),
        (
            lambda: Piece.objects.filter(In("count", 3)),
            FieldValueError,
            "'count__in' takes a list of values, not int",
        ),
        (
            lambda: Piece.objects.filter(IsNull("count", 1)),
            FieldValueError,
            "'count__isnull' takes True or False, not int",
        ),
        (
            lambda: Piece.objects.filter(Range("count", 3)),
            FieldValueError,
            "'count__range' takes two values",
        ),
        (
            lambda: Piece.objects.filter(Abs("count")),
            QueryError,
            "filter() takes keywords, Q objects and boolean expressions, not Abs",
        ),
        (
            lambda: Piece.objects.filter(F("count") | Q(name="x")),
            QueryError,
            "'|' joins conditions, and F is none",
        ),
        (lambda: Piece.objects.filter(Exact("cout", 1)), FieldError, None),
    ],
)
def test_wrong_conditions(make, error, message) -> None:
    """Wrong names, values and templates are refused at the call."""
    with pytest.raises(error) as caught:
        make()
    assert message is None or caught.value.message == message
