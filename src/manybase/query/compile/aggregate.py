"""``aggregate()``: one row of aggregates over the rows of a recording."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from manybase.dialects.base import Dialect
from manybase.query.code import Column, hydrate_values
from manybase.query.compile.binds import Binder, number
from manybase.query.compile.columns import Columns, converters
from manybase.query.compile.expressions import aggregate_call, ordered
from manybase.query.compile.ordering import order_terms
from manybase.query.compile.replay import Replay
from manybase.query.compile.terms import Term, Terms
from manybase.query.compile.verbs import _assemble, replay_shape, subquery
from manybase.query.plan import Plan

Named = list[tuple[str, Term]]


def compile_aggregate(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan of ``aggregate()``; groups, slices and distinct rows are an inner query."""
    replay, binder, count = replay_shape(model, shape, dialect)
    joins = len(replay.build.joins)
    nested = replay.grouped or replay.distinct or replay.is_sliced or bool(replay.windowed)
    if nested:
        terms, select = _over_rows(replay)
    else:
        terms, select = _at_once(replay)
        if len(terms) > 1 and len(replay.build.joins) > joins:
            terms, select = _one_by_one(model, shape, binder)
    columns = [Column(name, converters(dialect, term)) for name, term in terms]
    sql, bind = binder.finish(select, count)
    return Plan(model, sql, bind, hydrate_values(columns, "dict", len(columns)))


def _at_once(replay: Replay) -> tuple[Named, Any]:
    """All aggregates over the same rows."""
    replay.build.ungrouped = True
    if replay.values:
        Columns(replay).values()  # values of many rows are as many rows
    maker = Terms(replay.build)
    terms = [(name, maker.node(node)) for name, node in replay.aggregates]
    select: Any = sa.select(*[t.sql for _, t in terms])
    select = select.select_from(replay.build.from_clause())
    return terms, select.where(*replay.conditions)


def _one_by_one(model: Any, shape: tuple[Any, ...], binder: Binder) -> tuple[Named, Any]:
    """Each aggregate by a query of its own: their relations would multiply each other's rows."""
    numbered, _ = number(shape)
    found: Named = []
    for position, (name, _) in enumerate(numbered[-1][1]):
        alone = (*numbered[:-1], ("aggregate", (numbered[-1][1][position],)))
        terms, select = _at_once(Replay(model, alone, binder, subquery, depth=1))
        found.append((name, terms[0][1]._replace(sql=select.scalar_subquery())))
    return found, sa.select(*[term.sql for _, term in found])


def _over_rows(replay: Replay) -> tuple[Named, Any]:
    """Aggregate over an inner query that has a column for each argument."""
    columns = Columns(replay)
    replay.build.closed = replay.build.sensitive is not None
    if replay.values is None:
        columns.objects()
    else:
        columns.values()
    inner = _Arguments(replay.build, columns)
    made = [(name, inner.node(node)) for name, node in replay.aggregates]
    columns.sql = [sql.label(f"c{i}") for i, sql in enumerate(columns.sql)]
    order = order_terms(replay) if replay.is_sliced else []
    rows = _assemble(replay, columns, order).subquery("rows_")
    return made, sa.select(*[term.sql for _, term in made]).select_from(rows)


class _Arguments(Terms):
    """Terms outside an inner query: the arguments of aggregates become its columns."""

    def __init__(self, build: Any, columns: Columns) -> None:
        super().__init__(build)
        self._columns = columns

    def node(self, node: tuple[Any, ...], like: Any = None) -> Term:
        if node[0] != "aggregate":
            return super().node(node, like)
        _, function, kept, argument, others, by, distinct, condition, default = node
        inner = Terms(self.build)
        found = inner.node(argument)
        if not found.aggregate:
            self._columns.single.append(found.sql)
        value = found.sql if str(found.sql) != "*" else sa.literal_column("1")
        rest = [inner.node(other) for other in others]
        order = [(self._column_of(key), down, nulls) for key, down, nulls in ordered(inner, by)]
        if condition is not None:
            test = inner.node(("condition", condition))
            value = sa.case((test.sql, value))
        values = [found._replace(sql=self._column_of(value)), *rest]
        sql = aggregate_call(self, function, values, distinct=distinct, order=order)
        if default is not None:
            sql = sa.func.coalesce(sql, super().node(default, kept).sql)
        return Term(sql, kept, True, frozenset(), None, True)

    def _column_of(self, sql: Any) -> Any:
        """Make an element a column of the inner query."""
        position = len(self._columns.sql)
        self._columns.sql.append(sql)
        column: Any = sa.literal_column(f"rows_.c{position}")
        return column
