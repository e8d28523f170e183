"""UNION, INTERSECT and EXCEPT of several recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from manybase.errors import QueryError
from manybase.query.code import Column, hydrate_objects, hydrate_values
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
Chosen = tuple[tuple[str, Any], ...]


class Combined:
    """The statement of a combination, and what its rows become.

    Values that are named after the combination are read by each part; where a part names values
    of its own, they choose among the columns of the whole.

    Attributes:
        select: The compound SELECT, ordered and sliced.
        hydrate: Builds the results.
        names: The names of the columns.
        of_values: Whether its rows are values that were named, and no objects.

    Args:
        replay: The combination.
        assemble: Puts the SELECT of a part together.
        dates: The SELECT of a part that is ``dates()``.
        told: Whether objects are made by their ``__init__``.
        wanted: What a combination around this one reads of it, and as what.
    """

    def __init__(
        self,
        replay: Replay,
        assemble: Assemble,
        dates: Callable[[Replay], tuple[Any, Hydrate, tuple[str, ...]]],
        told: bool = False,
        wanted: tuple[Chosen | None, str] = (None, ""),
    ) -> None:
        assert replay.combined is not None
        kind, every, parts = replay.combined
        self.replay = replay
        self.assemble = assemble
        self.dates = dates
        self.told = told
        self.names: tuple[str, ...] = ()
        self.hydrate: Hydrate | None = None
        self.columns: list[str] = []
        self.read: list[Column] = []
        own = any(_names_values(shape) for _, shape in parts)
        chosen, self.mode = wanted if replay.values is None else (replay.values, replay.mode)
        self.of_values = own or chosen is not None
        self.spread = None if own or chosen is None else (*chosen, *self._only_ordered_by(chosen))
        selects = [self._part(model, shape, not i) for i, (model, shape) in enumerate(parts)]
        if len({len(select.selected_columns) for select in selects}) > 1:
            raise QueryError(
                f"{kind}() needs querysets that read the same columns",
                hint="Give each the same select_related(), only() and defer(), or values_list().",
            )
        self.labels = [column.name for column in selects[0].selected_columns]
        self.select = self._finish(_KINDS[kind, every](*selects))
        if chosen is not None:
            self._choose([name for name, _ in chosen])

    def _only_ordered_by(self, chosen: Chosen) -> Iterator[tuple[str, Any]]:
        """Columns that the rows are ordered by but that are not wanted of them."""
        known = {name for name, _ in chosen}
        for node in self.replay.ordering or ():
            if node[0] == "sort" and node[1] not in known:
                known.add(node[1])
                yield node[1], ("col", node[1])

    def _part(self, model: Any, shape: tuple[Any, ...], first: bool) -> Any:
        build = self.replay.build
        part = Replay(model, shape, build.binder, build.subquery, build.depth, build.outer)
        if part.combined is not None:
            inner = Combined(part, self.assemble, self.dates, self.told, (self.spread, self.mode))
            if first:
                self.names, self.hydrate = inner.names, inner.hydrate
                self.columns, self.read = inner.columns, inner.read
            width = len(self.spread or inner.columns)
            return sa.select(*list(inner.select.subquery("part").c)[:width])
        select = self._plain(part, first)
        if part.is_sliced:
            return sa.select(*select.subquery("part").c)
        return build.finish_inner(select) if build.depth else select

    def _plain(self, part: Replay, first: bool) -> Any:
        if part.dates is not None:
            return self._dates(part, first)
        if self.spread is not None:
            part.values, part.mode = self.spread, self.mode
        columns = Columns(part)
        if part.values is None:
            target = columns.objects()
            if first:
                self.names = tuple(c.name for c in target.columns)
                self.hydrate = hydrate_objects(target, len(columns.sql), self.told)
                between = len(columns.sql) - len(self.names) - len(part.selected)
                self.columns = [*self.names, *[""] * between, *part.selected]
        else:
            chosen, mode = columns.values()
            if first:
                self.names = tuple(c.name for c in chosen)
                self.hydrate = hydrate_values(chosen, mode, len(columns.sql))
                self.columns, self.read = list(self.names), chosen
        columns.sql = [sql.label(f"c{i}") for i, sql in enumerate(columns.sql)]
        return self.assemble(part, columns)

    def _dates(self, part: Replay, first: bool) -> Any:
        select, hydrate, names = self.dates(part)
        if first:
            self.hydrate, self.names, self.columns = hydrate, names, list(names)
        return select if part.is_sliced else select.order_by(None)

    def _choose(self, names: list[str]) -> None:
        """Read these columns only, of more that are there to order by or that the parts named."""
        if (self.spread is not None and names == self.columns) or not self.read:
            return
        for name in names:
            if name not in self.columns:
                raise QueryError(
                    f"'{name}' cannot be read of a combination: it is no column of it",
                    hint=f"Columns are: {', '.join(self.columns)}.",
                )
        places = [self.columns.index(name) for name in names]
        read = [self.read[place] for place in places]
        self.names = tuple(names)
        hydrate = hydrate_values(read, self.mode, len(read))
        self.hydrate = lambda rows, alias: hydrate(
            [tuple([row[place] for place in places]) for row in rows], alias
        )

    def _finish(self, compound: Any) -> Any:
        replay = self.replay
        for node in self._ordering():
            compound = compound.order_by(*self._ordered(node))
        if replay.limit is not None:
            compound = compound.limit(replay.build.binder.param(replay.limit))
        if replay.low is not None:
            compound = compound.offset(replay.build.binder.param(replay.low))
        return compound

    def _ordering(self) -> Iterator[tuple[Any, ...]]:
        """What it is ordered by; a key of several fields by each of them."""
        for node in self.replay.ordering or ():
            inner = ("col", node[1]) if node[0] == "sort" else node[-1:]
            parts = column_parts(self.replay.model, inner)
            if len(parts) > 1:
                yield from (("sort", part[1], node[2]) for part in parts)
            else:
                yield node

    def _ordered(self, node: tuple[Any, ...]) -> tuple[Any, ...]:
        """A column of the result by its position: the tables are out of sight here."""
        name = "?" if node[0] == "random" else node[1]
        names, nulls = {name}, ""
        if node[0] == "by":
            name, nulls = node[1][1] if node[1][0] in ("col", "ref") else None, node[3]
            names = {name}
        elif node[0] == "sort":
            path = resolve_column(self.replay.model, name)
            if not (path.steps or path.transforms):
                names |= {path.field.name, path.field.attname}
        for position, column in enumerate(self.columns):
            if column in names:
                # A number that more is computed of would be no position.
                where = self.labels[position] if nulls else str(position + 1)
                down = bool(node[2]) != self.replay.reversed
                if nulls and self.replay.reversed:
                    nulls = "last" if nulls == "first" else "first"
                element: Any = sa.literal_column(where)
                return self.replay.build.dialect.order(element, down, nulls or None)
        what = "an expression" if name is None else f"'{name}'"
        raise QueryError(
            f"a combination of querysets cannot be ordered by {what}: it is no column of it",
            hint=f"Columns are: {', '.join(filter(None, self.columns))}.",
        )


def _names_values(shape: tuple[Any, ...]) -> bool:
    """Whether a recording reads values instead of objects."""
    for call in shape:
        if call[0] in ("values", "dates"):
            return True
        if call[0] == "combine" and any(_names_values(inner) for _, inner in call[3]):
            return True
    return False
