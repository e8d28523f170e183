"""Keys of several fields, and Tuple, compared with querysets and with the row at hand."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from manybase.errors import CrossDatabaseError, FieldError, QueryError
from manybase.models import Count, Exists, F, Max, OuterRef, Prefetch, Q, Subquery, Tuple
from tests.language.data import Face, both, models, part
from tests.language.key_models import Booking, Desk, Office

pytestmark = pytest.mark.usefixtures("databases")
ALL = (11, 12, 13, 21, 22)
CROSSED = r"on database 'default' was given .* of database 'other'"


@pytest.fixture
def desks(empty: Any) -> SimpleNamespace:
    """Offices 1 to 3; desks 11, 12, 13 of the first and 21, 22 of the second; six bookings."""
    offices = [Office.objects.create(id=n, name=name) for n, name in enumerate("xyz", 1)]
    for code in (11, 12, 13, 21, 22):
        Desk.objects.create(office_id=code // 10, number=code % 10, code=code)
    rows = [(11, 1, 1), (12, 1, 2), (None, None, 1), (21, 2, None), (21, 2, 1), (None, 1, 7)]
    for number, (desk, place, spot) in enumerate(rows, 1):
        Booking.objects.create(id=number, desk_id=desk, place=place, spot=spot)
    return SimpleNamespace(offices=offices)


async def codes(face: Face, queryset: Any) -> list[int]:
    return sorted(await face.list(queryset.values_list("code", flat=True)))


async def numbers(face: Face, queryset: Any) -> list[int]:
    return sorted(await face.list(queryset.values_list("pk", flat=True)))


D, B, O = Desk.objects, Booking.objects, Office.objects  # noqa: E741
ordered = D.order_by("pk")
places = B.values_list("place", "spot")


@part("Models.CompositePrimaryKey: pk__in a queryset")
@pytest.mark.parametrize(
    ("rows", "inside"),
    [
        (D.filter(number=1), [11, 21]),
        (ordered.reverse()[:2], [21, 22]),
        (ordered[1:3], [12, 13]),
        (places, [11, 12, 21]),
        (B.order_by("-place", "id").values_list("place", "spot")[:5], [11, 12, 21]),
        (Subquery(places), [11, 12, 21]),
        (D.filter(number=2).values("pk"), [12, 22]),
        (B.filter(desk__isnull=False).values("desk__pk"), [11, 12, 21]),
        (D.values("office").annotate(most=Max("number")), [13, 22]),
        (D.filter(number=1).union(D.filter(number=3)), [11, 13, 21]),
        (D.filter(number=3).values_list("office", "number").union(places), [11, 12, 13, 21]),
        (D.filter(office__name="y", bookings__isnull=False), [21]),
        (D.none(), []),
    ],
)
@both
async def test_keys_in_a_queryset(
    face: Face, desks: SimpleNamespace, rows: Any, inside: list[int]
) -> None:
    assert await codes(face, D.filter(pk__in=rows)) == inside
    outside = [code for code in ALL if code not in inside]
    assert await codes(face, D.exclude(pk__in=rows)) == outside
    assert await codes(face, D.filter(~Q(pk__in=rows) | Q(code=11))) == sorted({11, *outside})


@part("Models.CompositePrimaryKey: pk compared with one row of a queryset")
@pytest.mark.parametrize(
    ("lookup", "inside"),
    [("pk", [13]), ("pk__gt", [21, 22]), ("pk__gte", [13, 21, 22]), ("pk__lte", [11, 12, 13])],
)
@both
async def test_keys_and_one_row(
    face: Face, desks: SimpleNamespace, lookup: str, inside: list[int]
) -> None:
    third = ordered[2:3]
    assert await codes(face, D.filter(**{lookup: third})) == inside
    assert await codes(face, D.exclude(**{lookup: third})) == [
        code for code in (11, 12, 13, 21, 22) if code not in inside
    ]
    nobody = D.filter(number=99)[:1]
    assert await codes(face, D.filter(**{lookup: nobody})) == []
    assert await codes(face, D.exclude(**{lookup: nobody})) == [11, 12, 13, 21, 22]


@part("Models.CompositePrimaryKey: across relations")
@both
async def test_keys_across_relations(face: Face, desks: SimpleNamespace) -> None:
    third = D.filter(number=3)
    assert await numbers(face, O.filter(desks__in=third)) == [1]
    assert await numbers(face, O.filter(desks__pk__in=third)) == [1]
    assert await numbers(face, O.exclude(desks__in=third)) == [2, 3]
    assert await numbers(face, O.exclude(desks__pk__in=[(1, 3), (2, 9)])) == [2, 3]
    # No desk of the second office has the number 3, though each half is somewhere.
    assert await numbers(face, O.exclude(desks__pk=(2, 3))) == [1, 2, 3]
    assert await numbers(face, O.filter(desks__pk__gt=(1, 3)).distinct()) == [2]
    assert await numbers(face, B.exclude(desk__pk=(2, 1))) == [1, 2, 3, 6]
    assert await numbers(face, B.exclude(desk__pk__in=D.filter(number=1))) == [2, 3, 6]
    assert await numbers(face, B.filter(desk__pk__in=[])) == []
    assert await numbers(face, B.exclude(desk__pk__in=[])) == [1, 2, 3, 4, 5, 6]
    some = models.FilteredRelation("desks", condition=Q(desks__number=3))
    assert await numbers(face, O.annotate(some=some).filter(some__pk__in=D.all())) == [1]
    assert await numbers(face, O.annotate(some=some).exclude(some__pk__in=D.all())) == [2, 3]


@part("Models.CompositePrimaryKey: pk of the row at hand and further out")
@both
async def test_keys_of_other_rows(face: Face, desks: SimpleNamespace) -> None:
    booked = Exists(B.filter(desk__pk=OuterRef("pk")))
    assert await codes(face, D.filter(booked)) == [11, 12, 21]
    assert await codes(face, D.exclude(Exists(D.filter(pk__gt=OuterRef("pk"))))) == [22]
    name = Subquery(O.filter(desks__pk=OuterRef("pk")).values("name")[:1])
    rows = ordered.annotate(name=name).values_list("name", flat=True)
    assert "".join(await face.list(rows)) == "xxxyy"
    assert await numbers(face, B.filter(desk__pk=F("desk__pk"))) == [1, 2, 4, 5]
    assert await numbers(face, B.exclude(desk__pk=F("desk__pk"))) == [3, 6]
    case = models.Case(models.When(pk__in=D.filter(number=1), then=1), default=0)
    assert await face.list(ordered.annotate(x=case).values_list("x", flat=True)) == [1, 0, 0, 1, 0]


@part("Models.CompositePrimaryKey: counted")
@both
async def test_keys_are_counted(face: Face, desks: SimpleNamespace) -> None:
    assert await face.call(D, "aggregate", n=Count("pk")) == {"n": 5}
    rows = O.order_by("pk").annotate(n=Count("desks"), m=Count("desks__bookings"))
    assert await face.list(rows.values_list("n", "m")) == [(3, 2), (2, 2), (0, 0)]
    both_ways = ordered.annotate(n=Count("bookings"), m=Count("office__desks"))
    found = await face.list(both_ways.values_list("n", "m"))
    assert found == [(1, 3), (1, 3), (0, 3), (2, 2), (0, 2)]


@part("Models.CompositePrimaryKey: combined, loaded and changed")
@both
async def test_keys_of_combined_rows(face: Face, desks: SimpleNamespace) -> None:
    assert await codes(face, ordered[:1] | ordered.reverse()[:1]) == [11, 22]
    both_ends = D.filter(number=1).union(D.filter(number=3)).order_by("-pk")
    assert [row.code for row in await face.list(both_ends)] == [21, 13, 11]
    raw = "SELECT * FROM language_desk WHERE code > %s ORDER BY code"
    assert [row.pk for row in await face.list(D.raw(raw, [13]))] == [(2, 1), (2, 2)]
    found = await face.call(D, "in_bulk", [(1, 1), (2, 2), (9, 9)])
    assert {key: row.code for key, row in found.items()} == {(1, 1): 11, (2, 2): 22}
    rows = O.order_by("pk").prefetch_related(Prefetch("desks", D.filter(number=1)))
    assert [[d.pk for d in o.desks.all()] for o in await face.list(rows)] == [
        [(1, 1)],
        [(2, 1)],
        [],
    ]
    rows = ordered.prefetch_related("bookings", "office")
    loaded = [(d.office.name, len(d.bookings.all())) for d in await face.list(rows)]
    assert loaded == [("x", 1), ("x", 1), ("x", 0), ("y", 2), ("y", 0)]
    bookings = await face.list(B.order_by("pk").select_related("desk__office"))
    assert [b.desk and b.desk.pk for b in bookings][:3] == [(1, 1), (1, 2), None]


@part("Models.CompositePrimaryKey: combined, loaded and changed")
@both
async def test_keys_of_changed_rows(face: Face, desks: SimpleNamespace) -> None:
    last = D.filter(office__name="x").order_by("-number")[:2]
    assert await face.call(D.filter(pk__in=last), "update", note="u") == 2
    assert await codes(face, D.filter(note="u")) == [12, 13]
    assert await face.call(D.filter(pk__in=D.filter(note="u")), "update", note="v") == 2
    assert await face.call(D.filter(office__name="y"), "update", note="w") == 2
    _, each = await face.call(D.filter(pk__in=D.filter(number=3)), "delete")
    assert each == {"language.Desk": 1}
    _, each = await face.call(D.filter(office__name="x", bookings__spot=2), "delete")
    assert each == {"language.Desk": 1, "language.Booking": 1}
    _, each = await face.call(D.filter(pk__in=ordered.reverse()[:1]), "delete")
    assert await codes(face, D.all()) == [11, 21]
    new = [Desk(office_id=3, number=n, code=30 + n) for n in (1, 2)]
    made = await face.call(D, "bulk_create", new)
    assert [(one._state.adding, one._state.db) for one in made] == [(False, "default")] * 2


@part("Lookups.Tuple: in a queryset")
@both
async def test_tuples_and_querysets(face: Face, desks: SimpleNamespace) -> None:
    rows = B.alias(t=Tuple("place", "spot"))
    all_desks = D.values_list("office", "number")
    assert await numbers(face, rows.filter(t__in=all_desks)) == [1, 2, 5]
    assert await numbers(face, rows.exclude(t__in=all_desks)) == [3, 4, 6]
    assert await numbers(face, rows.filter(t__in=all_desks.order_by("pk")[:2])) == [1, 2]
    assert await numbers(face, rows.exclude(t__in=all_desks.order_by("pk")[:2])) == [3, 4, 5, 6]
    assert await numbers(face, rows.filter(t=all_desks.order_by("pk")[1:2])) == [2]
    assert await numbers(face, rows.exclude(t=all_desks.order_by("pk")[1:2])) == [1, 3, 4, 5, 6]
    over = B.alias(t=Tuple("desk__office", "desk__number"))
    assert await numbers(face, over.filter(t__in=D.filter(number=1).values("pk"))) == [1, 4, 5]
    assert await numbers(face, over.exclude(t__in=D.filter(number=1).values("pk"))) == [2, 3, 6]


@part("Lookups.in: a queryset with nulls")
@both
async def test_nulls_of_a_queryset_exclude_nothing(face: Face, desks: SimpleNamespace) -> None:
    spots = B.values("spot")
    largest = B.values("place").annotate(most=Max("spot")).filter(place=2).values("most")
    for rows, outside in (
        (spots, [13]),
        (spots.order_by("-pk")[:5], [13]),
        (spots.union(spots), [13]),
        (largest, [12, 13, 22]),
        (B.filter(spot=None).values("place").annotate(n=Max("spot")).values("n"), [*ALL]),
    ):
        assert await codes(face, D.exclude(number__in=rows)) == outside


@part("Models.CompositePrimaryKey: places of querysets")
@both
async def test_querysets_of_another_database_are_refused(
    face: Face, desks: SimpleNamespace
) -> None:
    there = D.using("other")
    tuples = B.alias(t=Tuple("place", "spot"))
    for rows in (
        D.filter(pk__in=there.all()),
        D.exclude(pk__in=there.all()),
        D.filter(pk=there.order_by("pk")[:1]),
        O.filter(desks__in=there.all()),
        B.exclude(desk__pk__in=there.all()),
        tuples.filter(t__in=there.values_list("office", "number")),
        D.filter(pk__in=D.filter(pk__in=there.all())),
    ):
        with pytest.raises(CrossDatabaseError, match=CROSSED):
            await face.list(rows)
        with pytest.raises(CrossDatabaseError, match=CROSSED):
            await face.call(rows, "delete")
        with pytest.raises(CrossDatabaseError, match=CROSSED):
            rows.using("default")
    assert await codes(face, D.using("other").filter(pk__in=D.all())) == []
    assert await codes(face, D.filter(pk__in=D.all())) == [11, 12, 13, 21, 22]


@part("Models.CompositePrimaryKey: wrong querysets")
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: D.filter(pk__in=B.values("place")),
            QueryError,
            "'pk__in' must give 2 columns, not 1",
        ),
        (lambda: D.filter(pk__in=B.values("place", "spot", "id")), QueryError, "2 columns, not 3"),
        (lambda: D.filter(pk__in=D.values()), QueryError, "2 columns, not 4"),
        (lambda: D.filter(pk__in=B.all()), FieldError, "takes objects of 'language.Desk', not of"),
        (lambda: D.filter(pk=D.all()), QueryError, "'pk' takes one row, and the queryset may give"),
        (lambda: O.filter(desks__pk__lt=D.all()), QueryError, "takes one row"),
        (lambda: D.filter(pk=F("office")), QueryError, "compared with 2 columns, not with 1"),
        (lambda: D.filter(pk=F("number") + 1), QueryError, "cannot be compared with an expression"),
        (lambda: D.filter(pk__in=F("pk")), QueryError, "cannot be compared with an expression"),
        (lambda: D.aggregate(Count("pk", distinct=True)), QueryError, "counts a key of several"),
        (
            lambda: B.alias(t=Tuple("place", "spot")).filter(t__in=D.all()),
            QueryError,
            "the queryset given to 't__in' names no columns",
        ),
        (
            lambda: B.alias(t=Tuple("place", "spot")).filter(t=D.values("office", "number")),
            QueryError,
            "'t' takes one row",
        ),
        (
            lambda: list(D.filter(Exists(D.filter(pk=OuterRef("office"))))),
            QueryError,
            "compared with 2 columns, not with 1",
        ),
    ],
)
def test_wrong_querysets(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
