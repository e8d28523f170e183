"""Tables and joins of one SELECT: which table stands where, which joins keep rows without match.

A join starts as an outer one where its relation may have no match, and becomes an inner one when
a condition that must hold needs its row; that changes no result and reads better.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from manybase.errors import FieldError, QueryError
from manybase.meta.registry import registry
from manybase.meta.steps import Step
from manybase.query.compile.binds import Binder
from manybase.query.path import is_linked

_tables: dict[Any, Any] = {}
registry.on_change.append(_tables.clear)


_called_by: dict[int, frozenset[str]] = {}


def _called() -> frozenset[str]:
    """The names of all tables: any of them may be joined later, here or around a query."""
    found = _called_by.get(registry.generation)
    if found is None:
        _called_by.clear()
        found = frozenset(model._meta.db_table for model in registry.all_models())
        _called_by[registry.generation] = found
    return found


class Join:
    """A table in a FROM clause."""

    def __init__(
        self, table: Any, model: Any, parent: Join | None = None, step: Step | None = None
    ) -> None:
        self.table = table
        self.model = model
        self.parent = parent
        self.step = step
        self.outer: bool = parent is not None and (
            parent.outer or (step is not None and (step.nullable or step.multi))
        )

    def require(self) -> None:
        """Keep only rows that have a match here."""
        self.outer = False
        if self.parent is not None:
            self.parent.require()


class RowsRepeated(Exception):
    """Joins to several relations to many would multiply rows that are grouped.

    Raised while a recording is played back, which is then tried with conditions asked apart.
    """


def _no_subquery(*arguments: Any) -> Any:
    raise AssertionError("this build was made without a compiler of inner queries")


class Build:
    """The tables of one SELECT and the statement's binder.

    Attributes:
        annotations: The terms of named expressions.
        nodes: The shapes that they were made of.
        links: Filtered relations by name, each with the shape of its condition.
        condition: Compiles the condition of a join.
        sensitive: Joins to many that aggregates go over; None where there is no aggregate that
            repeated rows would change. No other such join may be made then.
        apart: Whether conditions on relations to many are asked by queries of their own, so that
            they multiply no row that is grouped.
        aggregates_read: How many times an aggregate that has a name was read.
        ungrouped: Whether aggregates go over all rows, repeated ones too.
        closed: Whether only joins to single rows may still be made.
        grouped_by_values: Whether rows are grouped by chosen values instead of objects.
        group_joins: The joins that these values are read from.
        subquery: Compiles an inner query.

    Args:
        model: The model whose rows are selected.
        binder: Shared by a statement and its inner queries.
        depth: 0 for the outermost query; inner ones name their tables apart.
        outer: The build around this one, for references to it.
    """

    def __init__(
        self, model: Any, binder: Binder, depth: int = 0, outer: Build | None = None
    ) -> None:
        self.model = model
        self.binder = binder
        self.dialect = binder.dialect
        self.depth = depth
        self.outer = outer
        self.annotations: dict[str, Any] = {}
        self.nodes: dict[str, Any] = {}
        self.links: dict[str, tuple[Any, Any]] = {}
        self.condition: Callable[[Build, Any], Any] = _no_subquery
        self.sensitive: set[Join] | None = None
        self.apart = False
        self.grouped_by_values = False
        self.group_joins: set[Join] = set()
        self.closed = False
        self.ungrouped = False
        self.aggregates_read = 0
        self.subquery: Callable[..., Any] = _no_subquery
        self._used: set[str] = set()
        self.root = Join(self._table(model), model)
        self.joins: list[Join] = []

    def _table(self, model: Any) -> Any:
        own = model._meta.concrete_model._meta.db_table
        if self.depth == 0 and own not in self._used:
            self._used.add(own)
            return self.named(model, None)
        prefix = "tuvwxyz"[self.depth] if self.depth < 7 else f"z{self.depth}_"
        number = len(self._used)
        while (name := f"{prefix}{number}") in self._used or name in _called():
            number += 1  # a table may be called as an alias is
        self._used.add(name)
        return self.named(model, name)

    def named(self, model: Any, name: str | None) -> Any:
        """The table of a model under a name; under its own when None."""
        concrete = model._meta.concrete_model
        table = _tables.get(concrete)
        if table is None:
            opts = concrete._meta
            columns: list[Any] = [sa.column(f.column) for f in opts.local_concrete_fields]
            table = _tables[concrete] = sa.table(opts.db_table, *columns)
        return table if name is None else table.alias(name)

    def follow(
        self, steps: tuple[Step, ...], reuse: set[Join] | None = None, start: Join | None = None
    ) -> Join:
        """Return the last join of the steps, making those that cannot be shared.

        Args:
            steps: The way to go.
            reuse: Joins to many that may be shared: those of the same ``filter()`` call. All
                may when None.
            start: Where the way begins; at the model itself when left out.
        """
        join = start or self.root
        for step in steps:
            join = self._find(join, step, reuse) or self._add(join, step, reuse)
        return join

    def _find(self, parent: Join, step: Step, reuse: set[Join] | None) -> Join | None:
        for join in reversed(self.joins):  # the conditions of the last filter() count
            if join.parent is not parent or join.step is None:
                continue
            same = (join.step.key, join.step.source, join.step.target) == (
                step.key,
                step.source,
                step.target,
            )
            if same and (not step.multi or reuse is None or join in reuse):
                return join
        return None

    def _add(self, parent: Join, step: Step, reuse: set[Join] | None) -> Join:
        if self.closed and step.multi:
            raise QueryError(
                f"values of '{step.target._meta.label}' cannot be read or ordered by beside an"
                " aggregate over another relation: rows would count more than once",
                hint="Use distinct=True with Count, or two queries.",
            )
        join = Join(self._table(step.target), step.target, parent, step)
        self.joins.append(join)
        if reuse is not None:
            reuse.add(join)
        return join

    def column(self, join: Join, field: Any) -> Any:
        """The column of a field at a join; a parent's field is reached through its table."""
        if field.column is None:
            raise FieldError(
                f"the key of '{field.model._meta.label}' is several columns and cannot stand where"
                " one is wanted",
                hint=f"Name one of them: {', '.join(getattr(field, 'names', ()))}.",
            )
        owner = field.model._meta.concrete_model
        if owner is not join.model._meta.concrete_model:
            join = self.follow(join.model._meta.steps_to_parent(owner), None, join)
        return join.table.c[field.column]

    def same_row(self, outer: Build) -> Any:
        """The condition that this build's own row is that of a build of the same model."""
        keys = self.model._meta.pk_fields
        return sa.and_(*[self.column(self.root, k) == outer.column(outer.root, k) for k in keys])

    def nullable(self, join: Join, field: Any) -> bool:
        """Whether the column can be null here."""
        return bool(field.null or join.outer)

    def on(self, join: Join) -> Any:
        """The condition of a join."""
        assert join.parent is not None
        assert join.step is not None
        pairs = self.pairs(join.parent.table, join.table, join.step)
        if is_linked(join.step) and join.step.key[2]:
            pairs.append(self.condition(self, self.links[join.step.key[1]][1]))
        return sa.and_(*pairs)

    def pairs(self, source: Any, target: Any, step: Step) -> list[Any]:
        """The comparisons that tie two tables by a step."""
        found = [source.c[a.column] == target.c[b.column] for a, b in step.pairs]
        if step.restrict is not None:
            field, model = step.restrict
            forward = field.model._meta.concrete_model is step.target._meta.concrete_model
            side = target if forward else source
            found.append(side.c[field.column] == self._content_type(field, model))
        return found

    def _content_type(self, field: Any, model: Any) -> Any:
        """The number that this database gave to a model's content type."""
        types = field.related_model._meta
        table = sa.table(
            types.db_table,
            *[sa.column(types.get_field(n).column) for n in ("id", "app_label", "model")],
        ).alias("ct")
        opts = model._meta
        return (
            sa.select(table.c.id)
            .where(
                table.c.app_label == self.binder.constant(opts.app_label),
                table.c.model == self.binder.constant(opts.model_name),
            )
            .correlate(None)
            .scalar_subquery()
        )

    @property
    def tables(self) -> list[Any]:
        """Every table of the FROM clause."""
        return [self.root.table, *(join.table for join in self.joins)]

    def from_clause(self) -> Any:
        """The FROM clause with its joins."""
        clause = self.root.table
        inside: set[Join] = set()
        for join in self.joins:
            if join not in inside:
                together = self._together(join)
                inside.update(together)
                clause = clause.join(self._nested(together), self.on(join), isouter=join.outer)
        return clause

    def _together(self, first: Join) -> list[Join]:
        """The joins of a filtered relation that must all have a row, or none."""
        found = [first]
        assert first.step is not None
        if is_linked(first.step) and not first.step.key[2]:
            for join in self.joins:
                if join.parent is found[-1] and join.step is not None and is_linked(join.step):
                    found.append(join)
        return found

    def _nested(self, joins: list[Join]) -> Any:
        clause = joins[0].table
        for join in joins[1:]:
            clause = clause.join(join.table, self.on(join))
        return clause

    def finish_inner(self, select: Any) -> Any:
        """Tie an inner SELECT to the queries around it by everything but its own tables."""
        return select.correlate_except(*self.tables) if self.depth else select
