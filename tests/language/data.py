"""What the tests of the language share: their mark, names, and short ways to read rows."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.db import models
from tests.behaviour.help import Face, both
from tests.language.models import Author, Chapter, Profile, Publisher, Remark, Title
from tests.language.rows import UTC, D, make_shop, moment

part = pytest.mark.part
Q, F, Value = models.Q, models.F, models.Value


async def names(face: Face, queryset: Any) -> str:
    """The names of the rows, by key where no order was asked for, as one word."""
    queryset = queryset if queryset.ordered else queryset.order_by("pk")
    return "".join([row.name for row in await face.list(queryset)])


async def column(face: Face, queryset: Any, name: str = "x") -> list[Any]:
    """One column of the rows, by key where no order was asked for."""
    queryset = queryset if queryset.ordered else queryset.order_by("pk")
    return await face.list(queryset.values_list(name, flat=True))


async def computed(face: Face, expression: Any, queryset: Any = None) -> list[Any]:
    """What an expression gives for each title."""
    rows = Title.objects.all() if queryset is None else queryset
    return await column(face, rows.annotate(x=expression))


__all__ = [
    "Author",
    "Chapter",
    "D",
    "F",
    "Face",
    "Profile",
    "Publisher",
    "Q",
    "Remark",
    "Title",
    "UTC",
    "Value",
    "both",
    "column",
    "computed",
    "make_shop",
    "models",
    "moment",
    "names",
    "part",
]
