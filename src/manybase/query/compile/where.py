"""Conditions: and, or, xor and not around comparisons, with the semantics of relations to many.

A comparison over a relation to many holds when one related row satisfies it; conditions of one
``filter()`` call speak of the same related row. Under a negation such a comparison becomes an
EXISTS, so that ``exclude()`` leaves out each object that has any such row. Under a negation every
comparison is also made true or false, never unknown, so that null counts as "does not match".
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from manybase.query.compile.build import Build, Join
from manybase.query.compile.lookups import compare
from manybase.query.compile.terms import Term, Terms
from manybase.query.path import Path, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

Required = frozenset[Join]
NONE: Required = frozenset()


class Clause(NamedTuple):
    """A condition and the joins that must have a row for it to hold."""

    sql: Any
    required: Required


class Where:
    """The conditions of one ``filter()`` or ``exclude()`` call."""

    def __init__(self, build: Build, subquery: Callable[..., Any]) -> None:
        self.build = build
        self.subquery = subquery
        self.terms = Terms(build, set())

    def condition(self, node: tuple[Any, ...], negated: bool = False) -> Clause:
        """Compile a condition; ``negated`` says that a NOT stands somewhere around it."""
        kind = node[0]
        if kind == "=":
            return self._comparison(node, negated)
        if kind == "not":
            inner = self.condition(node[1], True)
            return Clause(sa.not_(inner.sql), NONE)
        if kind == "and":
            parts = [self.condition(n, negated) for n in node[1:]]
            required = functools.reduce(frozenset.union, (p.required for p in parts), NONE)
            return Clause(sa.and_(sa.true(), *(p.sql for p in parts)), required)
        if kind == "or":
            parts = [self.condition(n, negated) for n in node[1:]]
            required = functools.reduce(frozenset.intersection, (p.required for p in parts))
            return Clause(sa.or_(sa.false(), *(p.sql for p in parts)), required)
        assert kind == "xor"
        parts = [self.condition(n, True) for n in node[1:]]
        ones: list[Any] = [
            sa.case((p.sql, sa.literal_column("1")), else_=sa.literal_column("0")) for p in parts
        ]
        total: Any = functools.reduce(lambda a, b: a + b, ones)
        odd = total.self_group() % sa.literal_column("2") == sa.literal_column("1")
        return Clause(odd, NONE)

    def _comparison(self, node: tuple[Any, ...], negated: bool) -> Clause:
        _, name, right = node
        path = resolve(self.build.model, name)
        if negated and path.multi:
            return Clause(self._exists(path, right), NONE)
        join = self.build.follow(path.steps, self.terms.reuse)
        left = self.terms.at(join, path)
        clause = self._compare(self.terms, path, left, right, negated)
        required = NONE if right is None or (path.lookup == "isnull" and right) else left.joins
        return Clause(clause, required)

    def _compare(self, terms: Terms, path: Path, left: Term, right: Any, negated: bool) -> Any:
        if type(right) is tuple and right[0] == "query":
            sql, shown = self._with_query(path, left, right, negated), None
        else:
            sql, shown = compare(_Sides(terms, self.terms), path.lookup, left, right)
        if not negated or right is None or path.lookup == "isnull":
            return sql
        guards = [t.sql.is_not(None) for t in (left, shown) if t is not None and t.nullable]
        return sa.and_(sql, *guards) if guards else sql

    def _with_query(self, path: Path, left: Term, node: tuple[Any, ...], negated: bool) -> Any:
        _, model, shape, column = node
        inner = self.subquery(self.build, model, shape, column, not_null=negated)
        if path.lookup == "in":
            return left.sql.in_(inner)
        scalar = inner.scalar_subquery()
        signs: dict[str, Any] = {
            "exact": left.sql == scalar,
            "gt": left.sql > scalar,
            "gte": left.sql >= scalar,
            "lt": left.sql < scalar,
            "lte": left.sql <= scalar,
        }
        return signs[path.lookup]

    def _exists(self, path: Path, right: Any) -> Any:
        """Whether a related row satisfies the comparison; for null also whether none is there."""
        first = next(i for i, step in enumerate(path.steps) if step.multi)
        start = self.build.follow(path.steps[:first], self.terms.reuse)
        found = self._inner(start, path, first, right)
        wants_null = right is None or (path.lookup == "isnull" and right is True)
        if wants_null:
            return sa.or_(found, sa.not_(self._inner(start, path, first, None, any_row=True)))
        return found

    def _inner(self, start: Join, path: Path, first: int, right: Any, any_row: bool = False) -> Any:
        step = path.steps[first]
        inner = Build(step.target, self.build.binder, self.build.depth + 1, self.build)
        conditions = inner.pairs(start.table, inner.root.table, step)
        if not any_row:
            terms = Terms(inner)
            join = inner.follow(path.steps[first + 1 :])
            left = terms.at(join, path)
            conditions.append(self._compare(terms, path, left, right, False))
            if right is not None and not (path.lookup == "isnull" and right):
                join.require()
        select: Any = sa.select(sa.literal_column("1")).select_from(inner.from_clause())
        return inner.finish_inner(select.where(*conditions)).exists()


class _Sides(Terms):
    """Terms whose columns on the right-hand side belong to the outer query."""

    def __init__(self, left: Terms, right: Terms) -> None:
        super().__init__(left.build, left.reuse)
        self._right = right

    def node(self, node: tuple[Any, ...], like: Any = None) -> Term:
        return self._right.node(node, like)
