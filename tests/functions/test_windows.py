"""Functions over windows, and filters on their results, on every database."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import FieldError, NotSupportedError, QueryError
from manybase.models import (
    Avg,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    RowRange,
    StdDev,
    StringAgg,
    Sum,
    Value,
    ValueRange,
    Window,
    WindowFrameExclusion,
)
from manybase.models.functions import (
    CumeDist,
    DenseRank,
    FirstValue,
    Lag,
    LastValue,
    Lead,
    Length,
    Lower,
    NthValue,
    Ntile,
    PercentRank,
    Rank,
    RowNumber,
)
from manybase.models.lookups import GreaterThan, LessThanOrEqual
from tests.functions.models import Author, Piece


@pytest.fixture(autouse=True)
def pieces(places: Any) -> None:
    """a: 10, 20, 20; b: 5, 30; nobody: null."""
    a, b = (Author.objects.create(name=name) for name in "ab")
    rows = [("p", a, 10), ("q", a, 20), ("r", a, 20), ("s", b, 5), ("t", b, 30), ("u", None, None)]
    for name, author, count in rows:
        Piece.objects.create(name=name, author=author, count=count, other=len(name))


def found(expression: Any, queryset: Any = None) -> list[Any]:
    rows = Piece.objects.filter(author__isnull=False) if queryset is None else queryset
    return list(rows.annotate(x=expression).order_by("name").values_list("x", flat=True))


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window(RowNumber(), order_by=["count", "name"]), [2, 3, 4, 1, 5]),
        (Window(Rank(), order_by="count"), [2, 3, 3, 1, 5]),
        (Window(DenseRank(), order_by="-count"), [3, 2, 2, 4, 1]),
        (Window(Rank(), partition_by="author", order_by=F("count").desc()), [3, 1, 1, 2, 1]),
        (Window(PercentRank(), order_by="count"), [0.25, 0.5, 0.5, 0.0, 1.0]),
        (Window(CumeDist(), order_by="count"), [0.4, 0.8, 0.8, 0.2, 1.0]),
        (Window(Ntile(2), order_by=["count", "name"]), [1, 1, 2, 1, 2]),
        (Window(Lag("count"), order_by="name"), [None, 10, 20, 20, 5]),
        (Window(Lag("count", 2, Value(0)), order_by="name"), [0, 0, 10, 20, 20]),
        (Window(Lead("name", 1, Value("-")), "author", "name"), ["q", "r", "-", "t", "-"]),
        (Window(FirstValue("name"), "author", "name"), ["p", "p", "p", "s", "s"]),
        (Window(LastValue("name"), order_by="name"), ["p", "q", "r", "s", "t"]),
        (
            Window(LastValue("name"), "author", "name", RowRange(0, None)),
            ["r", "r", "r", "t", "t"],
        ),
        (Window(NthValue("name", 2), order_by="name"), [None, "q", "q", "q", "q"]),
        (Window(Sum("count")), [85] * 5),
        (Window(Sum("count"), "author"), [50, 50, 50, 35, 35]),
        (Window(Sum("count"), order_by="name"), [10, 30, 50, 55, 85]),
        (Window(Avg("count"), "author"), [50 / 3] * 3 + [17.5] * 2),
        (Window(Count("*"), F("author__name")), [3, 3, 3, 2, 2]),
        (Window(Max("count"), Lower("author__name")), [20, 20, 20, 30, 30]),
        (Window(Min(F("count") + 1)), [6] * 5),
        (Window(Sum("count", filter=Q(count__gt=10)), "author"), [40, 40, 40, 30, 30]),
        (Window(Sum("count", filter=Q(count__gt=99), default=0)), [0] * 5),
        (Window(Sum("count"), order_by="name", frame=RowRange(-1, 1)), [30, 50, 45, 55, 35]),
        (Window(Sum("count"), order_by="name", frame=RowRange(None, -1)), [None, 10, 30, 50, 55]),
        (Window(Count("pk"), order_by="count", frame=ValueRange(None, 0)), [2, 4, 4, 1, 5]),
        (Window(Count("pk"), order_by="count", frame=ValueRange(-10, 0)), [2, 3, 3, 1, 3]),
        (Window(Rank(), order_by="count") * 10 + F("count"), [30, 50, 50, 15, 80]),
    ],
)
def test_windows(window, expected) -> None:
    """Each row's value from the rows around it."""
    assert found(window) == expected


def test_moving_spread() -> None:
    """Variances go over moving frames."""
    window = Window(StdDev("count"), order_by="name", frame=RowRange(-1, 0))
    assert found(window) == [0.0, 5.0, 0.0, 7.5, 12.5]


def test_nulls_in_order() -> None:
    """The place of nulls in a window's order can be said."""
    rows = Piece.objects.all()
    last = Window(RowNumber(), order_by=[F("count").asc(nulls_last=True), "name"])
    assert found(last, rows) == [2, 3, 4, 1, 5, 6]
    first = Window(RowNumber(), order_by=[F("count").desc(nulls_first=True), "name"])
    assert found(first, rows) == [5, 3, 4, 6, 2, 1]


def test_exclusion(places) -> None:
    """Rows near the current one are left out, or the database says that it cannot."""
    frame = RowRange(None, None, WindowFrameExclusion.CURRENT_ROW)
    window = Window(Sum("count"), order_by="name", frame=frame)
    if places.kind == "mysql":
        with pytest.raises(NotSupportedError, match="has no EXCLUDE for frames"):
            found(window)
    else:
        assert found(window) == [75, 65, 65, 80, 55]
        frame = RowRange(None, None, WindowFrameExclusion.TIES)
        window = Window(Count("*"), order_by="count", frame=frame)
        assert found(window) == [5, 4, 4, 5, 5]


# Filters


def names(queryset: Any) -> str:
    return "".join(piece.name for piece in queryset)


RANK = Window(RowNumber(), partition_by="author", order_by=[F("count").desc(), "name"])


def test_filter_on_a_window() -> None:
    """The window sees all rows that the other conditions leave, whatever the order of calls."""
    best = Piece.objects.annotate(place=RANK).filter(author__isnull=False).order_by("name")
    assert names(best.filter(place=1)) == "qt"
    assert names(best.filter(place__lte=2, count__lt=25)) == "qrs"
    assert [p.place for p in best.filter(place__lte=2, count__lt=25)] == [1, 2, 1]
    assert names(best.filter(place=1).filter(count__lt=25)) == "qs"
    assert names(best.filter(Q(place=1) | Q(name="p"))) == "pqt"
    assert names(best.exclude(place=1)) == "prs"
    assert names(best.filter(~Q(place__in=[1, 2]))) == "p"
    assert names(best.filter(place__range=(2, 3))) == "prs"
    assert names(best.filter(place=F("other"))) == "qt"
    assert names(best.filter(author__name="a", place=2)) == "r"


def test_what_can_follow_a_filter_on_a_window() -> None:
    """Order, slices, counts, values, aggregates and single objects."""
    best = Piece.objects.annotate(place=RANK).filter(author__isnull=False, place__lte=2)
    assert names(best.order_by("-place", "name")) == "rsqt"
    assert names(best.order_by(Length("name"), "-name")[1:3]) == "sr"
    assert names(best.order_by(F("count").desc(nulls_last=True), "name")) == "tqrs"
    assert best.count() == 4
    assert best.exists()
    assert not best.filter(place=7).exists()
    assert best.order_by("name").first().name == "q"
    assert best.get(name="s").place == 1  # the only row that the condition on names leaves
    assert list(best.order_by("name").values_list("name", "place")) == [
        ("q", 1),
        ("r", 2),
        ("s", 2),
        ("t", 1),
    ]
    assert sorted(best.values_list("place", flat=True).distinct()) == [1, 2]
    assert best.aggregate(total=Sum("count"), most=Max("place")) == {"total": 75, "most": 2}
    assert names(best.select_related("author").order_by("author__name", "name")) == "qrst"
    alias = Piece.objects.alias(place=RANK).filter(place=1, author__isnull=False)
    assert names(alias.order_by("name")) == "qt"
    assert names(Piece.objects.filter(pk__in=best.values("pk")).order_by("name")) == "qrst"


def test_windows_in_conditions() -> None:
    """A window stands in comparisons used as expressions."""
    more = GreaterThan(Window(Rank(), order_by="count"), 3)
    rows = Piece.objects.filter(author__isnull=False)
    assert names(rows.filter(more)) == "t"
    assert found(LessThanOrEqual(F("count"), Window(Avg("count"))), rows) == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_update_and_delete_by_a_window() -> None:
    """Rows chosen by a window are changed by key."""
    Piece.objects.alias(place=RANK).filter(author__isnull=False, place=1).update(text="best")
    assert names(Piece.objects.filter(text="best").order_by("name")) == "qt"
    Piece.objects.alias(place=RANK).filter(author__isnull=False, place=1).delete()
    assert names(Piece.objects.order_by("name")) == "prsu"


def test_windows_over_groups() -> None:
    """A window goes over grouped rows and their aggregates."""
    groups = (
        Piece.objects.filter(author__isnull=False)
        .values("author__name")
        .annotate(total=Sum("count"))
        .annotate(place=Window(Rank(), order_by="total"))
    )
    assert list(groups.order_by("author__name").values_list("author__name", "place")) == [
        ("a", 2),
        ("b", 1),
    ]
    assert [row["author__name"] for row in groups.filter(place=1)] == ["b"]
    shares = (
        Piece.objects.filter(author__isnull=False)
        .values("author__name")
        .annotate(total=Sum("count"))
        .annotate(whole=Window(Sum("total")))
        .order_by("author__name")
    )
    assert list(shares.values_list("total", "whole")) == [(50, 85), (35, 85)]
    authors = Author.objects.annotate(pieces_=Count("pieces")).annotate(
        place=Window(Rank(), order_by=F("pieces_").desc())
    )
    assert [(a.name, a.place) for a in authors.order_by("name")] == [("a", 1), ("b", 2)]


def test_outer_references_are_refused() -> None:
    """A filter on a window makes a table of its own, which sees no outer row."""
    inner = Piece.objects.filter(author=OuterRef("pk")).alias(place=RANK).filter(place=1)
    with pytest.raises(QueryError, match="filtered by a function of a window cannot use OuterRef"):
        list(Author.objects.filter(Exists(inner)))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Window(Lower("name")), QueryError, "Lower cannot go over a window"),
        (lambda: Window("count"), QueryError, "str cannot go over a window"),
        (
            lambda: Window(StringAgg("name", ",")),
            QueryError,
            "StringAgg cannot go over a window",
        ),
        (
            lambda: Window(Count("name", distinct=True)),
            QueryError,
            "an aggregate over a window cannot be distinct",
        ),
        (
            lambda: Window(Rank(), frame="ROWS 1"),
            QueryError,
            "'frame' of Window() must be a RowRange or a ValueRange",
        ),
        (
            lambda: Window(Rank(), partition_by=3),
            QueryError,
            "'partition_by' of Window() takes names and expressions, not int",
        ),
        (
            lambda: Window(Rank(), order_by=3),
            QueryError,
            "'order_by' of Window takes names and expressions, not int",
        ),
        (
            lambda: RowRange("1; DROP TABLE x", None),
            QueryError,
            "'start' of RowRange() must be a whole number or None, not str",
        ),
        (lambda: RowRange(2, 1), QueryError, "RowRange() ends before it begins"),
        (
            lambda: RowRange(0, 1, "TIES"),
            QueryError,
            "'exclusion' of a frame must be a WindowFrameExclusion",
        ),
        (lambda: Ntile(0), QueryError, "'num_buckets' of Ntile() must be at least 1"),
        (lambda: NthValue("name", 0), QueryError, "'nth' of NthValue() must be at least 1"),
        (lambda: Lag("name", 0), QueryError, "'offset' of Lag() must be at least 1"),
        (lambda: Rank("name"), QueryError, "Rank() takes 0 arguments, not 1"),
        (
            lambda: Piece.objects.annotate(x=Rank()),
            QueryError,
            "Rank() stands in a window",
        ),
        (
            lambda: Piece.objects.annotate(x=Window(Rank(), order_by="nam")),
            FieldError,
            None,
        ),
        (
            lambda: Piece.objects.annotate(x=Window(Rank())).annotate(y=Sum("x")),
            FieldError,
            "Sum cannot be computed over a function of a window",
        ),
        (
            lambda: Piece.objects.annotate(x=Window(Rank())).annotate(y=Window(Sum("x"))),
            FieldError,
            "a function of a window cannot go over another one",
        ),
        (
            lambda: Piece.objects.update(count=Window(Rank(), order_by="pk")),
            FieldError,
            "cannot update 'count' of model 'functions.Piece' to a function of a window",
        ),
        (
            lambda: Piece.objects.annotate(x=Window(Rank())).annotate(
                y=Window(Rank(), order_by="x")
            ),
            FieldError,
            "a function of a window cannot go over another one",
        ),
    ],
)
def test_wrong_windows(make, error, message) -> None:
    """What cannot go over a window, and frames that are none, are refused at the call."""
    with pytest.raises(error) as caught:
        make()
    assert message is None or caught.value.message == message
