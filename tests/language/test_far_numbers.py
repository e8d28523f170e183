"""Whole numbers beyond what a column, or 8 bytes, can hold: compared everywhere, kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from manybase.db import transaction
from manybase.errors import DataError
from manybase.models import Case, Count, F, Q, Sum, Value, When
from tests.language.data import Face, both, part
from tests.language.number_models import Measure

pytestmark = pytest.mark.usefixtures("databases")
M = Measure.objects
LARGEST = 2**63 - 1
FAR = (2**31, 2**32, LARGEST, 2**63, 2**63 + 1, 2**64, 2**70, 10**40, 10**400)


@pytest.fixture
def rows(empty: Any) -> list[Measure]:
    """Rows 1 to 3: a few and the largest; their negatives; nulls."""
    first = M.create(id=1, small=3, whole=1, large=LARGEST)
    return [first, M.create(id=2, small=-3, whole=-1, large=-(2**63), next=first), M.create(id=3)]


async def found(face: Face, queryset: Any) -> list[int]:
    return sorted(await face.list(queryset.values_list("pk", flat=True)))


TESTS: dict[str, Callable[[int, int], bool]] = {
    "exact": lambda a, b: a == b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}


@part("Lookups: whole numbers beyond the column's range")
@pytest.mark.parametrize("name", ["small", "whole", "large", "id", "next"])
@both
async def test_comparisons_answer_as_mathematics_says(
    face: Face, rows: list[Measure], name: str
) -> None:
    field = Measure._meta.get_field(name)
    kept = {row.pk: getattr(row, field.attname) for row in rows}
    for number in [*FAR, *(-far - 1 for far in FAR)]:
        for lookup, test in TESTS.items():
            wanted = [pk for pk, one in kept.items() if one is not None and test(one, number)]
            rest = [pk for pk in kept if pk not in wanted]
            assert await found(face, M.filter(**{f"{name}__{lookup}": number})) == wanted
            assert await found(face, M.exclude(**{f"{name}__{lookup}": number})) == rest
        for some in ([number], [1, number], [1, 2, 3, 4, 5, 6, number]):
            wanted = [pk for pk, one in kept.items() if one in some]
            rest = [pk for pk in kept if pk not in wanted]
            assert await found(face, M.filter(**{f"{name}__in": some})) == wanted
            assert await found(face, M.exclude(**{f"{name}__in": some})) == rest
        for low, high in ((0, number), (number, 0)):
            wanted = [pk for pk, one in kept.items() if one is not None and low <= one <= high]
            assert await found(face, M.filter(**{f"{name}__range": (low, high)})) == wanted


@part("Lookups: whole numbers beyond the column's range")
@pytest.mark.parametrize("far", [2**40, 2**63, 2**70, "9" * 30])
@both
async def test_every_kind_of_query_compares_with_them(
    face: Face, rows: list[Measure], far: Any
) -> None:
    below = M.filter(whole__lt=far)
    assert await face.call(below, "count") == 2
    assert await face.call(below, "exists") is True
    assert await face.call(M.filter(whole=far), "exists") is False
    assert (await face.call(below, "first")).pk == 1
    assert await face.call(below, "aggregate", s=Sum("whole")) == {"s": 0}
    assert list(await face.call(M, "in_bulk", [1, far])) == [1]
    assert await face.call(M, "contains", Measure(pk=int(far))) is False
    with pytest.raises(Measure.DoesNotExist):
        await face.call(M, "get", pk=far)
    with pytest.raises(Measure.DoesNotExist):
        await face.call(Measure(pk=int(far)), "refresh_from_db")
    assert await found(face, M.filter(next=far)) == []
    assert await found(face, M.filter(next__pk=far)) == []
    assert await found(face, M.filter(next__whole__lt=far)) == [2]
    assert await found(face, M.exclude(next__whole__lt=far)) == [1, 3]
    assert await found(face, M.exclude(former__whole__lt=far)) == [2, 3]
    assert await found(face, M.filter(pk__in=below)) == [1, 2]
    assert await found(face, M.filter(Q(whole__gt=far) | Q(small=3))) == [1]
    assert await found(face, M.annotate(x=F("whole") + 1).filter(x__lt=far)) == [1, 2]
    assert await found(face, M.annotate(x=Count("former")).filter(x__lt=far)) == [1, 2, 3]
    case = Case(When(whole__lt=far, then=1), default=0)
    assert await face.list(M.order_by("pk").annotate(x=case).values_list("x", flat=True)) == [
        1,
        1,
        0,
    ]
    assert len(await face.list(below.union(M.filter(whole__gt=far)))) == 2
    assert await face.call(below, "update", small=9) == 2
    assert await face.call(M.filter(whole__gt=far), "delete") == (0, {})
    assert (await face.call(Measure(pk=int(far)), "delete"))[0] == 0


@part("Lookups: whole numbers beyond the column's range")
@both
async def test_they_are_compared_with_computed_values(face: Face, rows: list[Measure]) -> None:
    for far in (2**63, 2**70):
        assert await found(face, M.filter(whole__lt=F("small") + far)) == [1, 2]
        assert await found(face, M.filter(whole__in=[F("small"), far])) == []
        assert await found(face, M.exclude(whole__gt=Value(far))) == [1, 2, 3]


@part("Lookups: whole numbers beyond the column's range")
@both
async def test_they_are_streamed_and_compared_in_blocks(face: Face, rows: list[Measure]) -> None:
    below = M.filter(whole__lt=2**70).order_by("pk")
    if face.is_async:
        assert [row.pk async for row in below.aiterator(chunk_size=1)] == [1, 2]
        async with transaction.atomic("default"):
            assert [row.pk async for row in below.aiterator(chunk_size=1)] == [1, 2]
            assert await below.acount() == await below.aupdate(small=1) == 2
    else:
        assert [row.pk for row in below.iterator(chunk_size=1)] == [1, 2]
        with transaction.atomic("default"):
            assert [row.pk for row in below.iterator(chunk_size=1)] == [1, 2]
            assert below.count() == below.update(small=1) == 2


@part("Model.save: whole numbers beyond 8 bytes")
@pytest.mark.parametrize("far", [2**63, -(2**63) - 1, 2**70])
@both
async def test_they_are_never_kept(face: Face, rows: list[Measure], far: int) -> None:
    message = r"out of range|Out of range|at most 8 bytes"
    first = rows[0]
    first.large = far
    for target, call, args, values in (
        (M, "create", (), {"large": far}),
        (M, "create", (), {"small": far, "whole": 1}),
        (M, "create", (), {"pk": far}),
        (M, "get_or_create", (), {"pk": far}),
        (first, "save", (), {}),
        (Measure(pk=far), "save", (), {}),
        (M.filter(pk=1), "update", (), {"large": far}),
        (M.filter(whole__lt=far), "update", (), {"whole": far}),
        (M, "bulk_create", ([Measure(large=1), Measure(large=far)],), {}),
        (M, "bulk_update", ([first], ["large"]), {}),
    ):
        with pytest.raises(DataError, match=message):
            await face.call(target, call, *args, **values)
    assert await face.list(M.order_by("pk").values_list("small", "whole", "large")) == [
        (3, 1, LARGEST),
        (-3, -1, -(2**63)),
        (None, None, None),
    ]
