"""Rows of several columns compared: keys of several fields, and ``Tuple``."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import Grouping

from manybase.dialects.composed import Composed
from manybase.meta.storage import Storage
from manybase.query.compile.build import Join
from manybase.query.compile.terms import Term, Terms, node_kind
from manybase.query.keys import column_parts, wrong_width

#: Conditions joined in one chain; longer chains become a tree, as some databases count its depth.
WIDEST = 100

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_WORDS = {"exact": " = ", "gt": " > ", "gte": " >= ", "lt": " < ", "lte": " <= ", "in": " IN "}


@node_kind("keys")
def keys(terms: Terms, node: tuple[Any, ...], like: Storage | None) -> Term:
    """Whether the columns of a ``Tuple`` are one of some rows, or come before or after one."""
    _, columns, lookup, right = node
    parts = [terms.node(column) for column in columns]
    sql = compare_rows(terms, lookup, parts, right, True)
    aggregate = any(part.aggregate for part in parts)
    return Term(sql, Storage("boolean"), False, aggregate=aggregate)


def key_terms(terms: Terms, join: Join, field: Any) -> list[Term]:
    """The columns of a key of several fields at a join."""
    build = terms.build
    return [
        Term(build.column(join, f), f.storage, build.nullable(join, f), frozenset([join]), f)
        for f in field.fields
    ]


def compare_rows(
    terms: Terms, lookup: str, parts: Sequence[Term], right: tuple[Any, ...], negated: bool
) -> Any:
    """The condition that compares a row of columns.

    Args:
        terms: Makes the terms.
        lookup: The comparison's name.
        parts: The columns.
        right: ("list", ...) for no row at all, ("rows", row, ...) for some, or a queryset's node.
        negated: Whether it must be true or false, never unknown.
    """
    if right[0] == "list":
        return sa.false()
    guards = [part.sql.is_not(None) for part in parts if part.nullable] if negated else []
    if right[0] == "query":
        return _with_query(terms, lookup, parts, right, negated, guards)
    if right[0] == "key":
        others = [other for node in right[1:] for other in _key_of(terms, node)]
        if len(others) != len(parts):
            raise wrong_width("pk", len(parts), len(others))
        return _with_key(lookup, parts, others, negated)
    rows = [
        [terms.bind(param, part.storage) for param, part in zip(row, parts, strict=True)]
        for row in right[1:]
    ]
    if lookup in ("exact", "in"):
        return sa.and_(_any_of([_equal(parts, row) for row in rows]), *guards)
    sql = _SIGNS[lookup](sa.tuple_(*[part.sql for part in parts]), sa.tuple_(*rows[0]))
    return _known(sql) if guards else sql


def _key_of(terms: Terms, node: tuple[Any, ...]) -> list[Term]:
    """The columns that a node names in this query or in one around it."""
    build: Any = terms.build
    for _ in range(node[1] if node[0] == "outer" else 0):
        build = None if build is None else build.outer
    if build is None:
        return [terms.node(node)]  # which says what is missing
    return [terms.node((*node[:-1], n)) for _, n in column_parts(build.model, ("col", node[-1]))]


def _with_key(lookup: str, parts: Sequence[Term], others: Sequence[Term], negated: bool) -> Any:
    if lookup == "exact":
        pairs = [part.sql == other.sql for part, other in zip(parts, others, strict=True)]
        sql: Any = sa.and_(*pairs)
    else:
        sides = [sa.tuple_(*[term.sql for term in row]) for row in (parts, others)]
        sql = _SIGNS[lookup](*sides)
    nullable = any(term.nullable for term in (*parts, *others))
    return _known(sql) if negated and nullable else sql


def _with_query(
    terms: Terms,
    lookup: str,
    parts: Sequence[Term],
    node: tuple[Any, ...],
    negated: bool,
    guards: list[Any],
) -> Any:
    build = terms.build
    inner = build.subquery(build, *node[1:4], not_null=negated, wide=True)
    left = sa.tuple_(*[part.sql for part in parts])
    if lookup == "in":
        return sa.and_(left.in_(inner), *guards)
    sql = Composed(left, _WORDS[lookup], Grouping(inner))
    return _known(sql) if negated else sql


def _known(sql: Any) -> Any:
    """A comparison of rows that is true or false where it would be unknown."""
    # Said so, as MariaDB finds that a comparison of rows IS NOT NULL though it is.
    return sa.and_(sql, sa.func.coalesce(sql, sa.false()))


def _equal(parts: Sequence[Term], row: list[Any]) -> Any:
    return sa.and_(*[part.sql == value for part, value in zip(parts, row, strict=True)])


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
