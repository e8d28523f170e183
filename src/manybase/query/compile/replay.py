"""The calls of a recording played back: what was filtered, ordered, chosen, in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from manybase.query.compile.binds import Binder
from manybase.query.compile.build import Build, RowsRepeated
from manybase.query.compile.terms import Terms
from manybase.query.compile.where import Where, on_join
from manybase.query.filtered import link_to
from manybase.query.kinds import beside_aggregates, is_aggregate, is_window

MOST_RELATED_DEPTH = 5


class Replay:
    """The state that the calls of one recording lead to.

    Args:
        model: The recording's model.
        shape: Its numbered shape.
        binder: The statement's binder.
        subquery: Compiles an inner query.
        depth: 0 for the outermost query.
        outer: The build around it.
    """

    def __init__(
        self,
        model: Any,
        shape: tuple[Any, ...],
        binder: Binder,
        subquery: Callable[..., Any],
        depth: int = 0,
        outer: Build | None = None,
    ) -> None:
        self.model = model
        try:
            self._play(shape, Build(model, binder, depth, outer), subquery)
        except RowsRepeated:
            build = Build(model, binder, depth, outer)
            build.apart = True
            self._play(shape, build, subquery)

    def _play(self, shape: tuple[Any, ...], build: Build, subquery: Callable[..., Any]) -> None:
        self.build = build
        self.build.subquery = subquery
        self.build.condition = on_join
        self.having: list[Any] = []
        self.windowed: set[str] = set()  # annotations that are functions of windows
        self.qualified: list[Any] = []  # conditions on these
        self.selected: list[str] = []
        self.grouped = False
        self.group_nodes: tuple[tuple[str, Any], ...] | None = None
        self.beside: list[str] = []  # columns that stand beside aggregates in one expression
        self.compared: list[Any] = []  # columns that stand beside them in one condition
        self.aggregates: tuple[tuple[str, Any], ...] = ()
        self.conditions: list[Any] = []
        self.ordering: tuple[Any, ...] | None = None
        self.reversed = False
        self.distinct = False
        self.distinct_on: tuple[str, ...] = ()
        self.lock: tuple[dict[str, bool], tuple[str, ...]] | None = None
        self.values: tuple[tuple[str, Any], ...] | None = None
        self.mode = "tuple"
        self.dates: tuple[str, str, str, str, str | None] | None = None
        self.loaded: set[str] | None = None
        self.deferred: set[str] = set()
        self.related: set[str] | None = None
        self.assignments: tuple[tuple[str, Any], ...] = ()
        self.combined: tuple[str, bool, tuple[Any, ...]] | None = None
        self.low: Any = None
        self.limit: Any = None
        for call in shape:
            getattr(self, f"_play_{call[0]}")(*call[1:])

    def _play_filter(self, node: Any) -> None:
        where = Where(self.build, self.build.subquery, set())
        several = node[0] == "and" and self.grouped and self.build.sensitive is None
        over_windows = is_window(node, self.windowed)
        for part in node[1:] if several or (over_windows and node[0] == "and") else (node,):
            before = len(where.columns)
            clause = where.condition(part)
            if over_windows and is_window(part, self.windowed):
                self.qualified.append(clause.sql)
                continue
            (self.having if clause.aggregate else self.conditions).append(clause.sql)
            if clause.aggregate:
                self.beside.extend(beside_aggregates(part, compared=False))
                self.compared.extend(where.columns[before:])
            for join in clause.required:
                join.require()

    def _play_annotate(self, name: str, node: Any, selected: bool) -> None:
        if not self.grouped:
            self.build.grouped_by_values = self.values is not None
        terms = Terms(self.build)
        if self.values is not None and not self.grouped and is_aggregate(node, None):
            # What rows are grouped by may be of many rows itself: that is what is asked for.
            for _, value in self.values:
                self.build.group_joins |= terms.node(value).joins
        term = terms.node(node)
        if isinstance(term.sql, sa.BindParameter):
            typed = self.build.dialect.argument("any", term.sql, term.storage)
            term = term._replace(sql=typed)
        self.build.annotations[name] = term
        self.build.nodes[name] = node
        if is_window(node, self.windowed):
            self.windowed.add(name)
        if term.aggregate:
            self.beside.extend(beside_aggregates(node))
        if term.aggregate and not self.grouped:
            self.grouped = True
            self.group_nodes = self.values
        if selected:
            self.selected.append(name)
            if self.values is not None:
                self.values = (*self.values, (name, ("ref", name)))

    def _play_relate(self, name: str, relation: str, node: Any) -> None:
        self.build.links[name] = (link_to(self.model, name, relation), node)

    def _play_aggregate(self, nodes: tuple[tuple[str, Any], ...]) -> None:
        self.aggregates = nodes

    def _play_exclude(self, node: Any) -> None:
        self._play_filter(("not", node))

    def _play_order(self, nodes: tuple[Any, ...]) -> None:
        self.ordering = nodes
        self.reversed = False

    def _play_reverse(self) -> None:
        self.reversed = not self.reversed

    def _play_distinct(self, names: tuple[str, ...] = ()) -> None:
        self.distinct, self.distinct_on = True, names

    def _play_lock(self, words: tuple[tuple[str, bool], ...], of: tuple[str, ...]) -> None:
        self.lock = (dict(words), of)

    def _play_none(self) -> None:
        self._play_filter(("or",))

    def _play_slice(self, low: Any, limit: Any) -> None:
        self.low, self.limit = low, limit

    def _play_values(self, nodes: tuple[tuple[str, Any], ...], mode: str) -> None:
        self.values, self.mode = nodes or self._all_values(), mode

    def _all_values(self) -> tuple[tuple[str, Any], ...]:
        names = (field.attname for field in self.model._meta.concrete_fields)
        return (
            *((name, ("col", name)) for name in names if name not in self.selected),
            *((name, ("ref", name)) for name in self.selected),
        )

    def _play_dates(
        self, name: str, kind: str, order: str, family: str, tz: str | None = None
    ) -> None:
        self.dates = (name, kind, order, family, tz)

    def _play_only(self, names: tuple[str, ...]) -> None:
        self.loaded = set(names) - self.deferred
        self.deferred = set()

    def _play_defer(self, names: tuple[str, ...]) -> None:
        if self.loaded is not None:
            self.loaded -= set(names)
        else:
            self.deferred |= set(names)

    def _play_undefer(self) -> None:
        self.loaded, self.deferred = None, set()

    def _play_related(self, names: tuple[str, ...] | None) -> None:
        if names is None:
            self.related = None
            return
        chosen = self.related or set()
        self.related = chosen | (set(names) or set(_singles(self.model, MOST_RELATED_DEPTH)))

    def _play_set(self, nodes: tuple[tuple[str, Any], ...]) -> None:
        self.assignments = nodes

    def _play_combine(self, kind: str, every: bool, parts: tuple[Any, ...]) -> None:
        self.combined = (kind, every, parts)
        self.ordering = ()

    @property
    def is_sliced(self) -> bool:
        """Whether a slice was taken."""
        return self.low is not None or self.limit is not None

    def loads(self, prefix: str, field: Any) -> bool:
        """Whether a field is read at once: ``prefix`` is the way to its model, with ``__``."""
        names = {prefix + field.name, prefix + field.attname}
        if field.primary_key:
            names.add(prefix + "pk")
            return True
        if self.loaded is None:
            return not names & self.deferred
        if names & self.loaded or any(n.startswith(f"{prefix}{field.name}__") for n in self.loaded):
            return True
        inside = any(n.startswith(prefix) for n in self.loaded) if prefix else True
        return not inside and prefix.removesuffix("__") in self.loaded


def _singles(model: Any, depth: int, prefix: str = "") -> list[str]:
    """Foreign keys that cannot be null, followed to a depth."""
    found: list[str] = []
    for field in model._meta.fields:
        if field.is_relation and not field.null and not field.remote_field.parent_link:
            name = f"{prefix}{field.name}"
            found.append(name)
            if depth > 1:
                found.extend(_singles(field.related_model, depth - 1, f"{name}__"))
    return found
