"""Conditions on functions of windows: a SELECT around the one that computes them.

WHERE and HAVING choose the rows that windows see, so a condition on a window's result is a column
of the inner SELECT, and the outer one keeps the rows where it holds.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.visitors import replacement_traverse

from manybase.errors import QueryError
from manybase.query.compile.replay import Replay


def bare(order: Any) -> Any:
    """The expression inside an element of ORDER BY."""
    while isinstance(order, sa.UnaryExpression):
        order = order.element
    return order


def with_test(replay: Replay, chosen: list[Any], order: list[Any]) -> list[Any]:
    """The columns of the inner SELECT: those chosen, those ordered by, and the condition."""
    if replay.distinct_on:
        raise QueryError("distinct() with names cannot be used with a filter on a window")
    columns = [*chosen, *(bare(element) for element in order)]
    labelled = [
        column if isinstance(column, sa.Label) else column.label(f"w{position}")
        for position, column in enumerate(columns)
    ]
    return [*labelled, sa.and_(*replay.qualified).label("holds")]


def tested(replay: Replay, select: Any, count: int, order: list[Any]) -> tuple[Any, list[Any]]:
    """Keep the rows where the condition holds; return the SELECT and its order.

    Args:
        replay: The recording.
        select: The inner SELECT, of the columns that ``with_test`` gave.
        count: How many of these are chosen.
        order: The order of the inner rows.
    """
    rows = select.subquery(f"windowed{replay.build.depth or ''}")
    columns = list(rows.c)
    outer = sa.select(*columns[:count]).select_from(rows).where(rows.c.holds)
    turned = [
        _with(element, bare(element), column)
        for element, column in zip(order, columns[count:], strict=False)
    ]
    return outer, turned


def _with(element: Any, old: Any, new: Any) -> Any:
    if element is old:
        return new
    found: Any = replacement_traverse(
        element, {}, lambda element, **_: new if element is old else None
    )
    return found
