"""Every test of functions runs on each kind of database; ``value`` asks for one expression."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from manybase.models import Expression
from tests.databases import Databases
from tests.functions.models import Piece


@pytest.fixture(autouse=True)
def places(db: Databases) -> Databases:
    """The databases of the test."""
    return db


@pytest.fixture
def value() -> Callable[..., Any]:
    """Give what an expression is for a row of such values."""

    def ask(expression: Expression, **values: Any) -> Any:
        piece = Piece.objects.create(**values)
        return Piece.objects.annotate(found=expression).get(pk=piece.pk).found

    return ask
