"""Keys of several fields as conditions; registered by kind of node."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import Grouping

from manybase.meta.storage import Storage
from manybase.query.compile.terms import Term, Terms, node_kind

#: Conditions joined in one chain; longer chains become a tree, as some databases count its depth.
WIDEST = 100

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


@node_kind("keys")
def keys(terms: Terms, node: tuple[Any, ...], like: Storage | None) -> Term:
    """Whether the columns of a key are one of some tuples, or come before or after one."""
    _, columns, lookup, rows = node
    parts = [terms.node(column) for column in columns]
    values = [
        [terms.bind(param, part.storage) for param, part in zip(row, parts, strict=True)]
        for row in rows
    ]
    nullable = any(part.nullable for part in parts)
    if lookup != "in":
        left = sa.tuple_(*[part.sql for part in parts])
        sql = _SIGNS[lookup](left, sa.tuple_(*values[0]))
        if nullable:
            # Said so, as MariaDB finds that a comparison of tuples IS NOT NULL though it is.
            sql = sa.and_(sql, sa.func.coalesce(sql, sa.false()))
        return Term(sql, Storage("boolean"), False)
    pairs = [
        sa.and_(*[part.sql == value for part, value in zip(parts, row, strict=True)])
        for row in values
    ]
    return Term(_any_of(pairs), Storage("boolean"), nullable)


def _any_of(conditions: list[Any]) -> Any:
    groups: list[Any] = [
        Grouping(sa.or_(*conditions[start : start + WIDEST]))
        for start in range(0, len(conditions), WIDEST)
    ]
    while len(groups) > 1:
        # Spelt as an operator of its own: SQLAlchemy would write the groups as one long chain.
        groups = [
            functools.reduce(_either, groups[start : start + WIDEST])
            for start in range(0, len(groups), WIDEST)
        ]
    return groups[0]


def _either(left: Any, right: Any) -> Any:
    return Grouping(left.op("OR", is_comparison=True)(right))
