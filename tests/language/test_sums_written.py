"""Expressions that are written: what the column keeps is what a field gives back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.language.data import F, Face, Q, Title, both, models

pytestmark = [pytest.mark.usefixtures("fresh"), pytest.mark.transactional]


async def kept(face: Face, name: str, **values: Any) -> Any:
    """A field of the title B after an update."""
    rows = Title.objects.filter(name="B")
    assert await face.call(rows, "update", **values) == 1
    return await face.call(rows.values_list(name, flat=True), "get")


@both
async def test_numbers_fit_the_column(face: Face) -> None:
    """A fraction does not stay in a column of whole numbers, nor digits that no field has."""
    found = await kept(face, "flags", flags=F("rating"))
    assert (found, type(found)) == (-2, int)
    assert await kept(face, "price", price=F("price") / 3) == Decimal("6.67")
    assert await face.call(Title.objects.filter(price=Decimal("6.67")), "count") == 1
    assert await kept(face, "pages", pages=F("pages") / 3) == 66


@both
async def test_conditions_are_written(face: Face) -> None:
    assert await kept(face, "printed", printed=~F("printed")) is False
    assert await kept(face, "printed", printed=Q(pages__gt=100)) is True
    assert await kept(face, "printed", printed=~Q(pages__gt=100)) is False
    case = models.Case(models.When(printed=True, then="pages"), default="flags")
    assert await kept(face, "pages", pages=case) == 3
