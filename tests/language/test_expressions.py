"""Expressions: arithmetic, conditions, inner queries, windows, and what type they give."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from manybase.errors import FieldError
from tests.language.data import (
    UTC,
    Author,
    D,
    F,
    Face,
    Q,
    Title,
    Value,
    both,
    column,
    computed,
    models,
    names,
    part,
)

pytestmark = pytest.mark.usefixtures("shop")
OuterRef, Subquery, Exists = models.OuterRef, models.Subquery, models.Exists
PAGED = Q(pages__isnull=False)


async def paged(face: Face, expression: Any) -> list[Any]:
    """What an expression gives for A, B, D and E."""
    return await computed(face, expression, Title.objects.filter(PAGED))


@part("Expressions.F")
@both
async def test_f(face: Face) -> None:
    assert await paged(face, F("publisher__name")) == ["Orb", "Orb", None, "Zed"]
    assert await names(face, Title.objects.filter(flags__gt=F("rating"))) == "ABD"


@part("Expressions.F: arithmetic")
@both
async def test_arithmetic(face: Face) -> None:
    assert await paged(face, F("pages") + F("flags")) == [105, 203, 406, 100]
    assert await paged(face, F("pages") - 1) == [99, 199, 399, 99]
    assert await paged(face, 2 * F("pages")) == [200, 400, 800, 200]
    assert await paged(face, -F("flags")) == [-5, -3, -6, 0]
    assert await paged(face, F("pages") % 7) == [2, 4, 1, 2]
    assert await paged(face, F("rating") / 2) == [0.75, -1.125, 2.0, 1.0]
    assert await paged(face, F("flags") ** 2) == [25, 9, 36, 0]


@part("Expressions.F: bit operations")
@both
async def test_bits(face: Face) -> None:
    assert await paged(face, F("flags").bitand(4)) == [4, 0, 4, 0]
    assert await paged(face, F("flags").bitor(8)) == [13, 11, 14, 8]
    assert await paged(face, F("flags").bitxor(1)) == [4, 2, 7, 1]
    assert await paged(face, F("flags").bitleftshift(2)) == [20, 12, 24, 0]
    assert await paged(face, F("flags").bitrightshift(1)) == [2, 1, 3, 0]


@part("Expressions.F: slices of text")
@both
async def test_slices_of_text(face: Face) -> None:
    rows = Author.objects.all()
    assert await computed(face, F("name")[:2], rows) == ["Ad", "Bo", "Cy", "Da"]
    assert await computed(face, F("name")[1:], rows) == ["da", "ob", "yd", "an"]
    assert await computed(face, F("name")[0], rows) == ["A", "B", "C", "D"]
    with pytest.raises((TypeError, ValueError)):
        _ = F("name")[-1]
    with pytest.raises((TypeError, ValueError)):
        _ = F("name")[::2]


@part("Expressions.Value")
@both
async def test_value(face: Face) -> None:
    values = [
        1,
        1.5,
        "t'",
        True,
        None,
        Decimal("1.10"),
        D(2020, 2, 29),
        datetime.datetime(2020, 2, 29, 1, 2, 3, tzinfo=UTC),
        datetime.time(1, 2),
        datetime.timedelta(days=1, microseconds=3),
    ]
    rows = Title.objects.filter(name="A").annotate(
        **{f"x{number}": Value(value) for number, value in enumerate(values)}
    )
    found = await face.call(rows, "get")
    assert [getattr(found, f"x{number}") for number in range(len(values))] == values


@part("Expressions.Func")
@both
async def test_func(face: Face) -> None:
    lower = models.Func(F("name"), function="LOWER", output_field=models.CharField())
    assert await paged(face, lower) == ["a", "b", "d", "e"]

    class Shout(models.Func):
        function = "UPPER"
        arity = 1

    assert await computed(face, Shout("name"), Author.objects.all()) == ["ADA", "BOB", "CYD", "DAN"]
    with pytest.raises(TypeError):
        Shout("name", "age")


@part("Expressions.ExpressionWrapper")
@both
async def test_wrapper(face: Face) -> None:
    wrapped = models.ExpressionWrapper(F("pages") * F("price"), models.FloatField())
    assert await paged(face, wrapped) == [999.0, 4000.0, 16000.0, 101.0]
    condition = models.ExpressionWrapper(Q(pages__gt=150), models.BooleanField())
    assert await paged(face, condition) == [False, True, True, False]


@part("Expressions.Case and When")
@both
async def test_case(face: Face) -> None:
    case = models.Case(
        models.When(pages__gt=300, then=Value("long")),
        models.When(Q(publisher=None) | Q(pages__gt=150), then=Value("middle")),
        models.When(authors__name="Cyd", then=F("name")),
        default=Value("short"),
    )
    assert await computed(face, case, Title.objects.exclude(name__in=["A", "E"])) == [
        "middle",
        "short",
        "long",
    ]
    none = models.Case(models.When(pages=1, then=Value(1)))
    assert await paged(face, none) == [None] * 4


@part("Expressions.Case and When")
@both
async def test_conditional_aggregates(face: Face) -> None:
    found = await face.call(
        Title.objects,
        "aggregate",
        n=models.Sum(models.Case(models.When(pages=100, then=1), default=0)),
    )
    assert found == {"n": 2}


@part("Expressions.Subquery")
@both
async def test_subquery(face: Face) -> None:
    longest = Title.objects.filter(authors=OuterRef("pk")).order_by("-pages").values("name")[:1]
    rows = Author.objects.annotate(x=Subquery(longest))
    assert await column(face, rows) == ["D", "B", "E", None]
    assert await names(face, rows.filter(x="D")) == "Ada"
    assert (
        await names(
            face,
            Author.objects.filter(
                name__in=Subquery(Author.objects.filter(age__gt=30).values("name"))
            ),
        )
        == "AdaDan"
    )


@part("Expressions.Subquery of an aggregate")
@both
async def test_subquery_of_an_aggregate(face: Face) -> None:
    total = (
        Title.objects.filter(authors=OuterRef("pk"))
        .order_by()
        .values("authors")
        .annotate(s=models.Sum("pages"))
        .values("s")
    )
    assert await column(face, Author.objects.annotate(x=Subquery(total))) == [600, 400, 100, None]


@part("Expressions.OuterRef nested twice")
@both
async def test_nested_outer_references(face: Face) -> None:
    """Authors of whom some title has a chapter whose heading begins with the title's name and
    whose number is less than the author's age."""
    chapters = Title.chapters.rel.related_model.objects.filter(
        title=OuterRef("pk"), number__lt=OuterRef(OuterRef("age"))
    )
    works = Title.objects.filter(Exists(chapters), authors=OuterRef("pk"))
    assert await names(face, Author.objects.filter(Exists(works))) == "AdaBob"


@part("Expressions.Exists")
@both
async def test_exists(face: Face) -> None:
    works = Title.objects.filter(authors=OuterRef("pk"), pages__gt=150)
    assert await names(face, Author.objects.filter(Exists(works))) == "AdaBob"
    assert await names(face, Author.objects.filter(~Exists(works))) == "CydDan"
    assert await column(face, Author.objects.annotate(x=Exists(works))) == [
        True,
        True,
        False,
        False,
    ]
    mixed = Author.objects.filter(Exists(works) | Q(name="Dan"))
    assert await names(face, mixed) == "AdaBobDan"


@part("Expressions.RawSQL")
@both
async def test_raw_sql(face: Face) -> None:
    raw = models.RawSQL("pages + %s", [5], output_field=models.IntegerField())
    assert await paged(face, raw) == [105, 205, 405, 105]
    inner = models.RawSQL("SELECT id FROM language_title WHERE pages = %s", (100,))
    assert await names(face, Title.objects.filter(pk__in=inner)) == "AE"


@part("Expressions.OrderBy")
@both
async def test_order_by(face: Face) -> None:
    rows = Title.objects.filter(PAGED).order_by(models.OrderBy(F("pages"), descending=True), "name")
    assert await names(face, rows) == "DBAE"


@part("Expressions.Collate")
@both
async def test_collate(face: Face, kind: str) -> None:
    name = {"sqlite": "nocase", "postgresql": "C", "mysql": "utf8mb4_bin"}[kind]
    rows = Author.objects.order_by(models.Collate("name", name))
    assert await names(face, rows) == "AdaBobCydDan"
    with pytest.raises((ValueError, TypeError)):
        models.Collate("name", 'x"; DROP TABLE y')


@part("Expressions.Cast")
@both
async def test_cast(face: Face) -> None:
    assert await paged(face, models.Cast("pages", models.CharField())) == [
        "100",
        "200",
        "400",
        "100",
    ]
    assert await paged(face, models.Cast(Value("12"), models.IntegerField())) == [12] * 4
    assert await paged(face, models.Cast("flags", models.FloatField())) == [5.0, 3.0, 6.0, 0.0]
    day = models.Cast("edited", models.DateField())
    assert (await paged(face, day))[:2] == [D(2001, 1, 15), D(2001, 12, 31)]


@part("Expressions.Coalesce")
@both
async def test_coalesce(face: Face) -> None:
    found = await computed(face, models.Coalesce("pages", "flags", Value(7)))
    assert found == [100, 200, 0, 400, 100]


@part("Expressions: dates and durations")
@both
async def test_times(face: Face) -> None:
    loaned = Q(loan__isnull=False)
    rows = Title.objects.filter(loaned)
    day, two = datetime.timedelta(days=1), datetime.timedelta(hours=2)
    first = datetime.datetime(2001, 1, 15, 23, 30, 15, 250000, UTC)
    second = datetime.datetime(2001, 12, 31, 10, tzinfo=UTC)
    assert await computed(face, F("edited") + F("loan"), rows) == [first + two, second + day]
    assert await computed(face, F("edited") - day, rows) == [first - day, second - day]
    assert await computed(face, F("loan") + two, rows) == [two * 2, day + two]
    difference = F("edited") - F("edited")
    assert await computed(face, difference, rows) == [datetime.timedelta(0)] * 2
    later = datetime.datetime(2002, 1, 1, tzinfo=UTC)
    gap = models.ExpressionWrapper(Value(later) - F("edited"), models.DurationField())
    assert await computed(face, gap, rows) == [later - first, later - second]
    dates = F("published") - Value(D(2001, 1, 1), models.DateField())
    assert (await computed(face, dates, rows))[0] == datetime.timedelta(days=14)


@part("Expressions: output fields of numbers")
@both
async def test_output_fields(face: Face) -> None:
    assert await paged(face, F("price") + 1) == [
        Decimal("10.99"),
        Decimal("21.00"),
        Decimal("41.00"),
        Decimal("2.01"),
    ]
    assert await paged(face, F("pages") + F("price")) == [
        Decimal("109.99"),
        Decimal("220.00"),
        Decimal("440.00"),
        Decimal("101.01"),
    ]
    assert await paged(face, F("pages") * 1.5) == [150.0, 300.0, 600.0, 150.0]


@part("Expressions: mixed output fields are refused")
@both
async def test_mixed_output_fields(face: Face) -> None:
    with pytest.raises(FieldError, match=r"(?i)output_field|mixed|kind"):
        Title.objects.annotate(x=F("pages") + F("name"))
    with pytest.raises(FieldError, match=r"(?i)output_field|mixed|kind"):
        Title.objects.annotate(x=F("published") * F("loan"))
    rows = Title.objects.annotate(
        x=models.ExpressionWrapper(F("pages") + F("flags"), models.CharField())
    )
    assert await face.call(rows, "count") == 5


@part("Expressions: Q and lookups in annotate")
@both
async def test_conditions_as_values(face: Face) -> None:
    assert await paged(face, Q(pages__gt=150)) == [False, True, True, False]


# Windows

RANK = Title.objects.filter(PAGED)


def over(function: Any, **options: Any) -> Any:
    return models.Window(function, **options)


@part("Expressions.Window")
@both
async def test_window(face: Face) -> None:
    whole = over(models.Sum("pages"))
    assert await paged(face, whole) == [800] * 4
    by = over(models.Count("pk"), partition_by=[F("publisher")])
    assert await paged(face, by) == [2, 2, 1, 1]
    running = over(models.Sum("pages"), order_by=F("name").asc())
    assert await paged(face, running) == [100, 300, 700, 800]


@part("Expressions.Window: ranking functions")
@both
async def test_ranking(face: Face) -> None:
    by_pages = {"order_by": F("pages").asc()}
    assert await paged(face, over(models.Rank(), **by_pages)) == [1, 3, 4, 1]
    assert await paged(face, over(models.DenseRank(), **by_pages)) == [1, 2, 3, 1]
    assert await paged(face, over(models.RowNumber(), order_by=["pages", "name"])) == [1, 3, 4, 2]
    assert await paged(face, over(models.PercentRank(), **by_pages)) == [
        0.0,
        pytest.approx(2 / 3),
        1.0,
        0.0,
    ]
    assert await paged(face, over(models.CumeDist(), **by_pages)) == [0.5, 0.75, 1.0, 0.5]
    assert await paged(face, over(models.Ntile(2), order_by=["pages", "name"])) == [1, 2, 2, 1]


@part("Expressions.Window: value functions")
@both
async def test_value_functions(face: Face) -> None:
    by = {"order_by": "name"}
    assert await paged(face, over(models.Lag("name"), **by)) == [None, "A", "B", "D"]
    assert await paged(face, over(models.Lead("name", 2, default=Value("-")), **by)) == [
        "D",
        "E",
        "-",
        "-",
    ]
    assert await paged(face, over(models.FirstValue("name"), **by)) == ["A"] * 4
    assert await paged(face, over(models.LastValue("name"), **by)) == ["A", "B", "D", "E"]
    assert await paged(face, over(models.NthValue("name", 2), **by)) == [None, "B", "B", "B"]


@part("Expressions.Window: frames")
@both
async def test_frames(face: Face) -> None:
    rows = over(models.Sum("flags"), order_by="name", frame=models.RowRange(start=-1, end=0))
    assert await paged(face, rows) == [5, 8, 9, 6]
    rest = over(models.Sum("flags"), order_by="name", frame=models.RowRange(start=0, end=None))
    assert await paged(face, rest) == [14, 9, 6, 0]
    values = over(models.Count("pk"), order_by="pages", frame=models.ValueRange(start=None, end=0))
    assert await paged(face, values) == [2, 3, 4, 2]


@part("Expressions.Window: exclusion")
@both
async def test_exclusion(face: Face, cannot: Any) -> None:
    with cannot("window_exclusion"):
        frame = models.RowRange(
            start=None, end=None, exclusion=models.WindowFrameExclusion.CURRENT_ROW
        )
        assert await paged(face, over(models.Sum("flags"), order_by="name", frame=frame)) == [
            9,
            11,
            8,
            14,
        ]


@part("Expressions.Window: filter and order by it")
@both
async def test_filtered_windows(face: Face) -> None:
    rank = over(models.RowNumber(), partition_by="publisher", order_by="-name")
    rows = Title.objects.filter(PAGED).annotate(x=rank)
    assert await names(face, rows.filter(x=1)) == "BDE"
    assert await names(face, rows.order_by("x", "name")) == "BDEA"
    assert await face.call(rows.filter(x__gt=1), "count") == 1
