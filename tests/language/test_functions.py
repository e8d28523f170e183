"""Functions: each gives the same on every database."""

from __future__ import annotations

import datetime
import hashlib
import math
import zoneinfo
from decimal import Decimal
from typing import Any

import pytest

from manybase.db import connections
from tests.databases import Databases
from tests.language.data import UTC, Author, D, F, Face, Title, Value, both, computed, models, part

pytestmark = pytest.mark.usefixtures("shop", "extension")


@pytest.fixture(scope="module")
def extension(databases: Databases) -> None:
    """PostgreSQL's SHA-1 is in an extension that comes with it."""
    if databases.kind == "postgresql":
        with connections["default"].cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pgcrypto")


HASHES = ["MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"]


def text(name: str, *rest: Any, of: Any = "name") -> Any:
    return lambda: getattr(models, name)(of, *rest)


#: A name, an expression over authors, and what it gives for Ada and Bob.
AUTHORS: list[tuple[str, Any, list[Any]]] = [
    ("Chr", lambda: models.Chr(Value(233)), ["é", "é"]),
    (
        "Concat",
        lambda: models.Concat("name", Value("-"), "age", output_field=models.CharField()),
        ["Ada-36", "Bob-20"],
    ),
    ("ConcatPair", lambda: models.ConcatPair("name", Value("!")), ["Ada!", "Bob!"]),
    ("Left", text("Left", 2), ["Ad", "Bo"]),
    ("Length", lambda: models.Length(models.Concat("name", Value("é"))), [4, 4]),
    ("Lower", text("Lower"), ["ada", "bob"]),
    ("LPad", text("LPad", 5, Value("xy")), ["xyAda", "xyBob"]),
    (
        "LTrim",
        lambda: models.LTrim(models.Concat(Value("  "), "name", Value(" "))),
        ["Ada ", "Bob "],
    ),
    ("Ord", text("Ord"), [65, 66]),
    ("Repeat", text("Repeat", 2), ["AdaAda", "BobBob"]),
    ("Replace", text("Replace", Value("b"), Value("x")), ["Ada", "Box"]),
    ("Reverse", text("Reverse"), ["adA", "boB"]),
    ("Right", text("Right", 2), ["da", "ob"]),
    ("RPad", text("RPad", 5, Value("-")), ["Ada--", "Bob--"]),
    (
        "RTrim",
        lambda: models.RTrim(models.Concat(Value(" "), "name", Value("  "))),
        [" Ada", " Bob"],
    ),
    ("StrIndex", text("StrIndex", Value("o")), [0, 2]),
    ("Substr", text("Substr", 2, 2), ["da", "ob"]),
    ("Trim", lambda: models.Trim(models.Concat(Value(" "), "name", Value("  "))), ["Ada", "Bob"]),
    ("Upper", text("Upper"), ["ADA", "BOB"]),
    *(
        (name, text(name), [hashlib.new(name.lower(), one).hexdigest() for one in (b"Ada", b"Bob")])
        for name in HASHES
    ),
    ("Abs", lambda: models.Abs(F("age") - 30), [6, 10]),
    ("ACos", lambda: models.ACos(Value(0.5)), [math.acos(0.5)] * 2),
    ("ASin", lambda: models.ASin(Value(0.5)), [math.asin(0.5)] * 2),
    ("ATan", lambda: models.ATan(Value(0.5)), [math.atan(0.5)] * 2),
    ("ATan2", lambda: models.ATan2(Value(0.5), Value(2.0)), [math.atan2(0.5, 2.0)] * 2),
    ("Ceil", lambda: models.Ceil(F("age") / 10.0), [4, 2]),
    ("Cos", lambda: models.Cos("age"), [math.cos(36), math.cos(20)]),
    ("Cot", lambda: models.Cot("age"), [1 / math.tan(36), 1 / math.tan(20)]),
    ("Degrees", lambda: models.Degrees("age"), [math.degrees(36), math.degrees(20)]),
    ("Exp", lambda: models.Exp(Value(1.0)), [math.e] * 2),
    ("Floor", lambda: models.Floor(F("age") / 10.0), [3, 2]),
    ("Ln", lambda: models.Ln("age"), [math.log(36), math.log(20)]),
    ("Log", lambda: models.Log(Value(6), "age"), [2.0, math.log(20, 6)]),
    ("Mod", lambda: models.Mod("age", 7), [1, 6]),
    ("Pi", lambda: models.Pi(), [math.pi] * 2),
    ("Power", lambda: models.Power("age", 2), [1296, 400]),
    ("Radians", lambda: models.Radians("age"), [math.radians(36), math.radians(20)]),
    ("Round", lambda: models.Round(F("age") / 7.0), [5, 3]),
    ("Round(precision)", lambda: models.Round(F("age") / 7.0, precision=2), [5.14, 2.86]),
    ("Sign", lambda: models.Sign(F("age") - 30), [1, -1]),
    ("Sin", lambda: models.Sin("age"), [math.sin(36), math.sin(20)]),
    ("Sqrt", lambda: models.Sqrt("age"), [6.0, math.sqrt(20)]),
    ("Tan", lambda: models.Tan("age"), [math.tan(36), math.tan(20)]),
    ("Coalesce", lambda: models.Coalesce("mentor__name", Value("-")), ["-", "Ada"]),
    ("Greatest", lambda: models.Greatest("age", Value(30)), [36, 30]),
    ("Least", lambda: models.Least("age", Value(30)), [30, 20]),
    ("NullIf", lambda: models.NullIf("name", Value("Bob")), ["Ada", None]),
    (
        "JSONObject",
        lambda: models.JSONObject(n="name", twice=F("age") * 2),
        [{"n": "Ada", "twice": 72}, {"n": "Bob", "twice": 40}],
    ),
    ("JSONArray", lambda: models.JSONArray("name", F("age") + 1), [["Ada", 37], ["Bob", 21]]),
]


@pytest.mark.parametrize(("name", "make", "expected"), AUTHORS, ids=[one[0] for one in AUTHORS])
@both
async def test_functions(
    face: Face,
    name: str,
    make: Any,
    expected: list[Any],
    request: pytest.FixtureRequest,
) -> None:
    request.node.add_marker(part(f"Functions.{name}"))
    found = await computed(face, make(), Author.objects.filter(name__in=["Ada", "Bob"]))
    if isinstance(expected[0], float):
        assert found == [pytest.approx(one) for one in expected]
        assert all(isinstance(one, float) for one in found)
    else:
        assert found == expected


@part("Functions.Random")
@both
async def test_random(face: Face) -> None:
    found = await computed(face, models.Random())
    assert all(0 <= one <= 1 for one in found)


@part("Functions of null")
@both
async def test_null(face: Face) -> None:
    """Null in, null out; Concat takes it as the empty text."""
    cyd = Author.objects.filter(name="Cyd")
    for make in (models.Abs, models.Sqrt, models.Floor):
        assert await computed(face, make("age"), cyd) == [None]
    nobody = Author.objects.filter(name="Ada")
    assert await computed(face, models.Upper("mentor__name"), nobody) == [None]
    assert await computed(face, models.Concat("name", "mentor__name"), nobody) == ["Ada"]


@part("Functions used in filter and order_by")
@both
async def test_functions_everywhere(face: Face) -> None:
    rows = Author.objects.annotate(low=models.Lower("name")).filter(low__startswith="b")
    assert [a.name for a in await face.list(rows)] == ["Bob"]
    rows = Author.objects.order_by(models.Length("name").desc(), models.Lower("name").desc())
    assert [a.name for a in await face.list(rows)] == ["Dan", "Cyd", "Bob", "Ada"]
    rows = Author.objects.filter(name=models.Concat(Value("A"), Value("da")))
    assert [a.name for a in await face.list(rows)] == ["Ada"]


# Dates and times: title A, edited 2001-01-15 23:30:15.25 UTC, a Monday

PARTS = {
    "Year": 2001,
    "IsoYear": 2001,
    "Month": 1,
    "Day": 15,
    "Week": 3,
    "WeekDay": 2,
    "IsoWeekDay": 1,
    "Quarter": 1,
    "Hour": 23,
    "Minute": 30,
    "Second": 15,
}
TRUNCATED = {
    "Year": (2001, 1, 1),
    "Quarter": (2001, 1, 1),
    "Month": (2001, 1, 1),
    "Week": (2001, 1, 15),
    "Day": (2001, 1, 15),
    "Hour": (2001, 1, 15, 23),
    "Minute": (2001, 1, 15, 23, 30),
    "Second": (2001, 1, 15, 23, 30, 15),
}
TOKYO = zoneinfo.ZoneInfo("Asia/Tokyo")
FIRST = Title.objects.filter(name="A")


def snake(name: str) -> str:
    return {"IsoYear": "iso_year", "WeekDay": "week_day", "IsoWeekDay": "iso_week_day"}.get(
        name, name.lower()
    )


@pytest.mark.parametrize("name", PARTS)
@both
async def test_extract(face: Face, name: str, request: pytest.FixtureRequest) -> None:
    request.node.add_marker(part(f"Functions.Extract{name}"))
    assert await computed(face, getattr(models, f"Extract{name}")("edited"), FIRST) == [PARTS[name]]
    assert await computed(face, models.Extract("edited", snake(name)), FIRST) == [PARTS[name]]
    if name not in ("Hour", "Minute", "Second"):
        found = await computed(face, getattr(models, f"Extract{name}")("published"), FIRST)
        assert found == [PARTS[name]]


@pytest.mark.parametrize("name", TRUNCATED)
@both
async def test_trunc(face: Face, name: str, request: pytest.FixtureRequest) -> None:
    request.node.add_marker(part(f"Functions.Trunc{name}"))
    expected = datetime.datetime(*TRUNCATED[name], tzinfo=UTC)
    assert await computed(face, getattr(models, f"Trunc{name}")("edited"), FIRST) == [expected]
    assert await computed(face, models.Trunc("edited", name.lower()), FIRST) == [expected]
    if len(TRUNCATED[name]) == 3:
        found = await computed(face, getattr(models, f"Trunc{name}")("published"), FIRST)
        assert found == [D(*TRUNCATED[name])]


@part("Functions.TruncDate and TruncTime")
@both
async def test_trunc_to_dates_and_times(face: Face) -> None:
    assert await computed(face, models.TruncDate("edited"), FIRST) == [D(2001, 1, 15)]
    assert await computed(face, models.TruncTime("edited"), FIRST) == [
        datetime.time(23, 30, 15, 250000)
    ]


@part("Functions.Extract and Trunc in a time zone")
@both
async def test_time_zones(face: Face) -> None:
    """In Tokyo it is 8:30 of the next day."""
    assert await computed(face, models.ExtractDay("edited", tzinfo=TOKYO), FIRST) == [16]
    assert await computed(face, models.ExtractHour("edited", tzinfo=TOKYO), FIRST) == [8]
    assert await computed(face, models.TruncDate("edited", tzinfo=TOKYO), FIRST) == [D(2001, 1, 16)]
    found = await computed(face, models.TruncDay("edited", tzinfo=TOKYO), FIRST)
    assert found == [datetime.datetime(2001, 1, 16, tzinfo=TOKYO)]


@part("Functions.Extract: kinds are checked")
def test_unknown_kinds() -> None:
    from manybase.errors import ManybaseError

    with pytest.raises(ManybaseError, match="fortnight"):
        Title.objects.annotate(x=models.Extract("edited", "fortnight"))
    with pytest.raises(ManybaseError, match="fortnight"):
        Title.objects.annotate(x=models.Trunc("edited", "fortnight"))
    with pytest.raises(ManybaseError, match="hour"):
        Title.objects.annotate(x=models.ExtractHour("published"))


@part("Functions.Now")
@both
async def test_now(face: Face) -> None:
    found = (await computed(face, models.Now(), FIRST))[0]
    assert abs(found - datetime.datetime.now(UTC)) < datetime.timedelta(minutes=1)
    assert await face.call(Title.objects.filter(edited__lt=models.Now()), "count") == 2


@part("Functions.Cast")
@both
async def test_cast(face: Face) -> None:
    assert await computed(
        face, models.Cast(Value("1.50"), models.DecimalField(max_digits=5, decimal_places=2)), FIRST
    ) == [Decimal("1.50")]
