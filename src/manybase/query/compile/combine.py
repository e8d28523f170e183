"""UNION, INTERSECT and EXCEPT of several recordings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from manybase.errors import QueryError
from manybase.query.code import hydrate_objects, hydrate_values
from manybase.query.compile.columns import Columns
from manybase.query.compile.replay import Replay
from manybase.query.keys import column_parts
from manybase.query.path import resolve_column
from manybase.query.plan import Hydrate

_KINDS: dict[tuple[str, bool], Callable[..., Any]] = {
    ("union", False): sa.union,
    ("union", True): sa.union_all,
    ("intersection", False): sa.intersect,
    ("difference", False): sa.except_,
}
Assemble = Callable[[Replay, Columns], Any]


class Combined:
    """The statement of a combination, and what its rows become.

    Attributes:
        select: The compound SELECT, ordered and sliced.
        hydrate: Builds the results.
        names: The names of the columns.
        of_values: Whether its rows are values that were named, and no objects.
    """

    def __init__(self, replay: Replay, assemble: Assemble, told: bool = False) -> None:
        assert replay.combined is not None
        kind, every, parts = replay.combined
        self.replay = replay
        self.assemble = assemble
        self.told = told
        self.names: tuple[str, ...] = ()
        self.hydrate: Hydrate | None = None
        self.columns: list[str] = []
        self.of_values = False
        selects = [self._part(model, shape, i == 0) for i, (model, shape) in enumerate(parts)]
        self.select = self._finish(_KINDS[kind, every](*selects))

    def _part(self, model: Any, shape: tuple[Any, ...], first: bool) -> Any:
        build = self.replay.build
        part = Replay(model, shape, build.binder, build.subquery, build.depth, build.outer)
        if self.replay.values is not None and part.combined is None:
            part.values, part.mode = self.replay.values, self.replay.mode
        if part.combined is not None:
            inner = Combined(part, self.assemble, self.told)
            if first:
                self._take(inner)
            rows = inner.select.subquery(f"part{id(part)}")
            return sa.select(*rows.c)
        select = self._plain(part, first)
        if part.is_sliced:
            rows = select.subquery(f"part{len(self.columns)}")
            return sa.select(*rows.c)
        return build.finish_inner(select) if build.depth else select

    def _take(self, inner: Combined) -> None:
        self.names, self.hydrate, self.columns = inner.names, inner.hydrate, inner.columns
        self.of_values = inner.of_values

    def _plain(self, part: Replay, first: bool) -> Any:
        columns = Columns(part)
        if part.values is None:
            target = columns.objects()
            names = tuple(c.name for c in target.columns)
            if first:
                self.hydrate = hydrate_objects(target, len(columns.sql), self.told)
        else:
            chosen, mode = columns.values()
            names = tuple(c.name for c in chosen)
            if first:
                self.hydrate = hydrate_values(chosen, mode, len(columns.sql))
        if first:
            self.names = names
            self.of_values = part.values is not None
            self.columns = [*names, *part.selected] if part.values is None else list(names)
        columns.sql = [sql.label(f"c{i}") for i, sql in enumerate(columns.sql)]
        return self.assemble(part, columns)

    def _finish(self, compound: Any) -> Any:
        replay = self.replay
        for node in self._ordering():
            sql, descending = self._position(node), bool(node[2]) != replay.reversed
            compound = compound.order_by(sql.desc() if descending else sql.asc())
        if replay.limit is not None:
            compound = compound.limit(replay.build.binder.param(replay.limit))
        if replay.low is not None:
            compound = compound.offset(replay.build.binder.param(replay.low))
        return compound

    def _ordering(self) -> list[Any]:
        """What it is ordered by; a key of several fields by each of them."""
        found: list[Any] = []
        for node in self.replay.ordering or ():
            inner = ("col", node[1]) if node[0] == "sort" else node[1]
            parts = column_parts(self.replay.model, inner)
            found += [("sort", *part[1:], node[2]) for part in parts] if parts[1:] else [node]
        return found

    def _position(self, node: tuple[Any, ...]) -> Any:
        """A column of the result by its position: the tables are out of sight here."""
        name = node[1] if node[0] == "sort" else node[1][1]
        field = None
        if node[0] == "sort":
            field = resolve_column(self.replay.model, name).field
        for position, column in enumerate(self.columns):
            if column == name or (field is not None and column == field.attname):
                return sa.literal_column(str(position + 1))
        raise QueryError(
            f"a combination of querysets cannot be ordered by '{name}': it is no column of it",
            hint=f"Columns are: {', '.join(self.columns)}.",
        )
