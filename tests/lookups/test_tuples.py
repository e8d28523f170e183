"""Tuples compared as one, and expressions among the items of a list."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import QueryError
from manybase.models import F, Q, Tuple, Value
from tests.lookups.models import Document

ROWS = {"a": 1, "b": 1, "c": 2, "d": None}


@pytest.fixture
def rows(db: Any) -> Any:
    for name, number in ROWS.items():
        Document.objects.create(name=name, number=number)
    return Document.objects.alias(pair=Tuple("number", "name")).order_by("name")


@pytest.mark.parametrize(
    ("lookups", "found"),
    [
        ({"pair": (1, "a")}, "a"),
        ({"pair": ("1", "a")}, "a"),
        ({"pair__in": [(1, "a"), (2, "c"), (3, "d")]}, "ac"),
        ({"pair__in": []}, ""),
        ({"pair__gt": (1, "a")}, "bc"),
        ({"pair__gte": (1, "b")}, "bc"),
        ({"pair__lt": (2, "a")}, "ab"),
        ({"pair__lte": (2, "c")}, "abc"),
        ({"number__in": [F("number"), 7]}, "abc"),
        ({"number__in": [F("number") - 1, 2, None]}, "c"),
        ({"name__in": [Value("a"), "b"]}, "ab"),
    ],
)
def test_tuples_and_lists(rows: Any, lookups: dict[str, Any], found: str) -> None:
    assert "".join(row.name for row in rows.filter(**lookups)) == found
    rest = "".join(name for name in ROWS if name not in found)
    assert "".join(row.name for row in rows.exclude(**lookups)) == rest
    assert "".join(row.name for row in rows.filter(~Q(**lookups))) == rest


def test_a_tuple_has_two_parts() -> None:
    with pytest.raises(QueryError, match="two or more"):
        Tuple("name")
