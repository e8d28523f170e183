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

from manybase.meta.steps import Step
from manybase.query.compile.build import Build, Join
from manybase.query.compile.keys import compare_rows, key_terms
from manybase.query.compile.lookups import compare
from manybase.query.compile.lookups_custom import both_sides, compare_custom
from manybase.query.compile.lookups_json import as_family, is_json
from manybase.query.compile.terms import Term, Terms
from manybase.query.keys import FAMILY
from manybase.query.kinds import is_aggregate
from manybase.query.path import RELATION_LOOKUPS, Path, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

Required = frozenset[Join]
NONE: Required = frozenset()


def on_join(build: Build, node: tuple[Any, ...]) -> Any:
    """The condition of a filtered relation, on the rows of its own join."""
    return Where(build, build.subquery, None, of_row=True).condition(node).sql


class Clause(NamedTuple):
    """A condition.

    Args:
        sql: The SQLAlchemy element.
        required: The joins that must have a row for it to hold.
        aggregate: Whether it reads an aggregate, so that it belongs into HAVING.
    """

    sql: Any
    required: Required = NONE
    aggregate: bool = False


class Where:
    """The conditions of one ``filter()`` or ``exclude()`` call.

    Args:
        build: The tables.
        subquery: Compiles an inner query.
        reuse: Joins to many that may be shared; all when None.
        of_row: Whether it is asked of each joined row, also under a negation and beside
            aggregates: what a ``Case``, the filter of an aggregate and a join's condition are.

    Attributes:
        joins: The joins that its comparisons read.
        columns: The columns on the left of its comparisons, for rows that are grouped.
    """

    def __init__(
        self,
        build: Build,
        subquery: Callable[..., Any],
        reuse: set[Join] | None,
        of_row: bool = False,
    ) -> None:
        self.build = build
        self.subquery = subquery
        self.terms = Terms(build, reuse)
        self.terms.comparing = True
        self.of_row = of_row
        self.joins: set[Join] = set()
        self.columns: list[Any] = []

    def condition(self, node: tuple[Any, ...], negated: bool = False) -> Clause:
        """Compile a condition; ``negated`` says that a NOT stands somewhere around it."""
        kind = node[0]
        if kind == "=":
            before = self.build.aggregates_read
            clause = self._comparison(node, negated)
            read = self.build.aggregates_read > before  # on the right-hand side
            return clause._replace(aggregate=True) if read else clause
        if kind == "not":
            inner = self.condition(node[1], True)
            return Clause(sa.not_(inner.sql), NONE, inner.aggregate)
        if kind == "and":
            return self._all(node[1:], negated)
        if kind == "expr":
            term = self.terms.node(node[1])
            self.joins |= term.joins
            sql = sa.and_(term.sql, term.sql.is_not(None)) if term.nullable else term.sql
            return Clause(sql, NONE, term.aggregate or self._over_groups(node[1]))
        parts = [self.condition(n, negated or kind == "xor") for n in node[1:]]
        aggregate = any(p.aggregate for p in parts)
        if kind == "or":
            required = functools.reduce(
                frozenset.intersection, (p.required for p in parts or [_NO])
            )
            return Clause(sa.or_(sa.false(), *(p.sql for p in parts)), required, aggregate)
        assert kind == "xor"
        one: Any = sa.literal_column("1")
        none: Any = sa.literal_column("0")
        ones: list[Any] = [sa.case((p.sql, one), else_=none) for p in parts]
        total: Any = functools.reduce(lambda a, b: a + b, ones)
        odd = total.self_group() % sa.literal_column("2") == one
        return Clause(odd, NONE, aggregate)

    def _all(self, nodes: tuple[Any, ...], negated: bool) -> Clause:
        parts = self._together(nodes) if self._apart else []
        left = [n for n in nodes if not parts or not self._is_many(n)]
        parts += [self.condition(n, negated) for n in left]
        required = functools.reduce(frozenset.union, (p.required for p in parts), NONE)
        sql = sa.and_(sa.true(), *(p.sql for p in parts))
        return Clause(sql, required, any(p.aggregate for p in parts))

    def _over_groups(self, node: Any) -> bool:
        """Whether a node reads an aggregate, here or in a query that refers to it."""
        known = self.build.annotations
        return is_aggregate(node, known)

    @property
    def _apart(self) -> bool:
        """Whether a join to many would repeat rows that an aggregate goes over."""
        return not self.of_row and (self.build.sensitive is not None or self.build.apart)

    def _is_many(self, node: tuple[Any, ...]) -> bool:
        if node[0] != "=":
            return False
        path, annotation = self.terms.resolve(node[1])
        linked = node[1].partition("__")[0] in self.build.links
        return annotation is None and path.multi and not linked

    def _together(self, nodes: tuple[Any, ...]) -> list[Clause]:
        """Comparisons of one related row, after an aggregate: one EXISTS for each relation."""
        groups: dict[Any, list[tuple[Path, Any]]] = {}
        for node in nodes:
            if self._is_many(node):
                path = resolve(self.build.model, node[1])
                first = next(i for i, step in enumerate(path.steps) if step.multi)
                key = tuple(step.key for step in path.steps[: first + 1])
                groups.setdefault(key, []).append((path, node[2]))
        found = [(g, any(self._over_groups(r) for _, r in g)) for g in groups.values()]
        return [Clause(self._exists(group, over), NONE, over) for group, over in found]

    def _comparison(self, node: tuple[Any, ...], negated: bool) -> Clause:
        _, name, right = node
        path, annotation = self.terms.resolve(name)
        over = self._over_groups(right)
        if annotation is not None:
            left = self.terms.parts(annotation, path.transforms)
            self.joins |= left.joins
            sql = self._compare(self.terms, path, left, right, negated)
            return Clause(sql, NONE, left.aggregate or over)
        if path.multi and (self._apart or (negated and not self.of_row)):
            if name.partition("__")[0] in self.build.links:
                return Clause(self._exists_here(node))
            return Clause(self._exists([(path, right)], over), NONE, over)
        join = self.build.follow(path.steps, self.terms.reuse)
        self.joins.add(join)
        keys = path.field.fields if path.family == FAMILY else [path.field]
        self.columns += [self.build.column(join, field) for field in keys]
        keeps_null = right is None or (path.lookup == "isnull" and right)
        # A condition of HAVING cannot be met by the joins of WHERE.
        required = NONE if keeps_null or over else frozenset([join])
        return Clause(self._at(self.terms, join, path, right, negated), required, over)

    def _at(
        self,
        terms: Terms,
        join: Join,
        path: Path,
        right: Any,
        negated: bool,
        beside: Terms | None = None,
    ) -> Any:
        if path.family == FAMILY:
            parts = key_terms(terms, join, path.field)
            return compare_rows(self.terms, path.lookup, parts, right, negated)
        return self._compare(terms, path, terms.at(join, path), right, negated, beside)

    def _exists_here(self, node: tuple[Any, ...]) -> Any:
        """Whether the object itself, read again, has a row of a filtered relation."""
        build = self.build
        inner = Build(build.model, build.binder, build.depth + 1, build)
        inner.subquery, inner.condition, inner.links = build.subquery, build.condition, build.links
        clause = Where(inner, self.subquery, set()).condition(node)
        for join in clause.required:
            join.require()
        same = inner.same_row(build)
        select: Any = sa.select(sa.literal_column("1")).select_from(inner.from_clause())
        return inner.finish_inner(select.where(same, clause.sql)).exists()

    def _compare(
        self,
        terms: Terms,
        path: Path,
        left: Term,
        right: Any,
        negated: bool,
        beside: Terms | None = None,
    ) -> Any:
        shown = None
        right = both_sides(path, right)
        sides = _Sides(terms, beside or self.terms)
        if path.custom is not None:
            sql = compare_custom(sides, path, left, right)
        elif type(right) is tuple and right[0] == "query" and path.lookup in RELATION_LOOKUPS:
            sql = self._with_query(path, left, right, negated)
        else:
            sql, shown = compare(sides, path.lookup, left, right)
        if not negated or right is None or path.lookup == "isnull":
            return sql
        if path.custom is not None or is_json(left):
            return sa.func.coalesce(sql, sa.false())
        guards = [t.sql.is_not(None) for t in (left, shown) if t is not None and t.nullable]
        return sa.and_(sql, *guards) if guards else sql

    def _with_query(self, path: Path, left: Term, node: tuple[Any, ...], negated: bool) -> Any:
        model, shape, column = node[1:4]
        if is_json(left) and len(node) > 4 and node[4] is not None:
            left = as_family(self.build.dialect, left, node[4].family)
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

    def _exists(self, group: list[tuple[Path, Any]], over: bool = False) -> Any:
        """Whether one related row satisfies comparisons; for null also whether none is there.

        Args:
            group: The comparisons.
            over: Whether an aggregate of the rows outside is compared with.
        """
        path = group[0][0]
        dialect = self.build.dialect
        if over and not dialect.features.outer_aggregate:
            raise dialect.missing("outer_aggregate", f"comparing '{path.name}' with an aggregate")
        first = next(i for i, step in enumerate(path.steps) if step.multi)
        start = self.build.follow(path.steps[:first], self.terms.reuse)
        found = self._inner(start, path.steps[first], group, first)
        if all(_wants_null(p, right) for p, right in group):
            return sa.or_(found, sa.not_(self._inner(start, path.steps[first], [], first)))
        return found

    def _inner(self, start: Join, step: Step, group: list[tuple[Path, Any]], first: int) -> Any:
        build = self.build
        inner = Build(step.target, build.binder, build.depth + 1, build)
        inner.subquery = build.subquery
        conditions = inner.pairs(start.table, inner.root.table, step)
        terms = Terms(inner, set())
        for path, right in group:
            join = inner.follow(path.steps[first + 1 :], terms.reuse)
            beside = _Beside(self.terms, terms, path.steps[: first + 1])
            conditions.append(self._at(terms, join, path, right, False, beside))
            if not _wants_null(path, right):
                join.require()
        select: Any = sa.select(sa.literal_column("1")).select_from(inner.from_clause())
        return inner.finish_inner(select.where(*conditions)).exists()


_NO = Clause(None)


def _wants_null(path: Path, right: Any) -> bool:
    return right is None or (path.lookup == "isnull" and right is True)


class _Sides(Terms):
    """Terms whose columns on the right-hand side belong to the outer query."""

    def __init__(self, left: Terms, right: Terms) -> None:
        super().__init__(left.build, left.reuse)
        self._right = right

    def node(self, node: tuple[Any, ...], like: Any = None) -> Term:
        return self._right.node(node, like)


class _Beside(Terms):
    """Terms of a right-hand side: columns of the related row that is asked about are its own.

    Args:
        outer: Terms of the query around.
        inner: Terms of the query on the relation.
        steps: The way that leads there.
    """

    def __init__(self, outer: Terms, inner: Terms, steps: tuple[Step, ...]) -> None:
        super().__init__(outer.build, outer.reuse)
        self._inner = inner
        self._way = tuple(step.key for step in steps)

    def path(self, path: Path) -> Term:
        count = len(self._way)
        if tuple(step.key for step in path.steps[:count]) != self._way:
            return super().path(path)
        inner = self._inner
        return inner.at(inner.build.follow(path.steps[count:], inner.reuse), path)
