"""Pieces of plain SELECTs as text: a comparison, a join, an order, the columns of a model.

Each is compiled once for a model and a dialect, by the same code and SQLAlchemy that compile whole
statements, so that quoting, casts and collations have one place. Called by ``plain``, which joins
pieces. What could look different inside a statement is refused with ``NotPlain``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import False_, True_

from manybase.meta.registry import registry
from manybase.meta.steps import Step
from manybase.query.compile.binds import Binder, Param, number
from manybase.query.compile.build import Build, Join
from manybase.query.compile.columns import Columns, Results
from manybase.query.compile.plain_names import Leaf, NotPlain, Sort, check_steps, leaf_of, sorts_of
from manybase.query.compile.replay import Replay
from manybase.query.compile.verbs import COUNTED
from manybase.query.compile.where import Where
from manybase.query.plan import Hydrate

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect
    from manybase.query.code import Source

MOST_KEPT = 4096
"""Pieces of one model on one dialect; all go when there are more."""

_MARKS = {
    "qmark": re.compile(r"()(\?)"),
    "format": re.compile(r"(%%)|(%s)"),
    "numeric_dollar": re.compile(r"()\$(\d+)"),
}
ONE: Any = sa.literal_column("1")
T = TypeVar("T")


class Piece(NamedTuple):
    """Text with holes for parameters.

    Args:
        texts: What stands around the holes: one text more than there are holes.
        sources: Where parameters come from, counted from the piece's first one.
        holes: Which of the sources goes into each hole.
    """

    texts: tuple[str, ...]
    sources: tuple[Source, ...] = ()
    holes: tuple[int, ...] = ()


class Reading(NamedTuple):
    """The columns of a SELECT.

    Args:
        columns: Their text.
        hydrate: What makes objects or values of the rows.
        names: The names of the columns.
    """

    columns: Piece
    hydrate: Hydrate
    names: tuple[str, ...]


def _no_subquery(*arguments: Any, **options: Any) -> Any:
    raise NotPlain


class Pieces:
    """The pieces for a model on a dialect."""

    def __init__(self, model: Any, dialect: Dialect) -> None:
        self.model = model
        self.dialect = dialect
        self._kept: dict[Any, Any] = {}
        mark = _MARKS.get(dialect.sqla.paramstyle)
        if mark is None:
            raise NotPlain
        self._mark = mark
        self.numbered = dialect.sqla.paramstyle == "numeric_dollar"
        self.hole = {"qmark": "?", "format": "%s"}.get(dialect.sqla.paramstyle, "$")

    def _keep(self, key: Any, make: Callable[..., T], *arguments: Any) -> T:
        """Return what is kept under a key, made the first time; also that it is not plain."""
        found: Any = self._kept.get(key)
        if found is None:
            try:
                found = make(*arguments)
            except NotPlain:
                found = NotPlain
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = found
        if found is NotPlain:
            raise NotPlain
        made: T = found
        return made

    def _cut(self, element: Any, binder: Binder, before: str = "", after: str = "") -> Piece:
        """Compile an element; return its text, without what stands around it, and its holes."""
        sql, keys, own = self.dialect.compile_with_values(element)
        if not (sql.startswith(before) and sql.endswith(after)):
            raise NotPlain
        sql = sql[len(before) : len(sql) - len(after)]
        texts: list[str] = []
        holes: list[int] = []
        start = 0
        for found in self._mark.finditer(sql):
            if not found[1]:
                texts.append(sql[start : found.start()])
                holes.append(int(found[2]) - 1 if self.numbered else len(holes))
                start = found.end()
        texts.append(sql[start:])
        if sorted(set(holes)) != list(range(len(keys))):
            raise NotPlain  # a name or a text holds what looks like a parameter
        sources = [binder.sources.get(key) or (None, own[key], ()) for key in keys]
        return Piece(tuple(texts), tuple(sources), tuple(holes))

    # Conditions

    def leaf(self, node: tuple[Any, ...]) -> Leaf:
        """What a comparison needs; see ``leaf_of``."""
        return self._keep(node, leaf_of, self.model, node)

    def comparison(self, leaf: Leaf, alias: str | None, inside: str) -> Piece:
        """The text of a comparison with a column of the table ``alias``.

        Args:
            leaf: The comparison.
            alias: The name of the table; None for its own.
            inside: "and" or "or" where others stand beside it; "" where none do.
        """
        return self._keep((leaf.node, inside, alias), self._comparison, leaf, alias, inside)

    def _comparison(self, leaf: Leaf, alias: str | None, inside: str) -> Piece:
        build, join = self._at(leaf.steps, alias)
        numbered, _ = number((leaf.node,))
        clause = Where(build, _no_subquery, set()).condition(numbered[0])
        required = {join} if leaf.requires else set()
        if clause.aggregate or clause.required != required or len(build.joins) != len(leaf.steps):
            raise NotPlain
        return self._cut(_inside(clause.sql, inside), build.binder)

    def _at(self, steps: tuple[Step, ...], alias: str | None) -> tuple[Build, Join]:
        """A build with the joins of some steps, the last of which has this name."""
        build = Build(self.model, Binder(self.dialect))
        build.subquery = _no_subquery
        join = build.follow(steps)
        join.table = build.named(join.model, alias)
        return build, join

    # Order

    def sorts(self, nodes: tuple[Any, ...] | None) -> tuple[Sort, ...]:
        """What nodes of ``order_by()`` sort by; see ``sorts_of``."""
        return self._keep(("sorts", nodes), sorts_of, self.model, nodes)

    def order(self, sort: Sort, alias: str | None) -> Piece:
        """The text of one order by a column of the table ``alias``."""
        key = ("order", sort.field, sort.descending, sort.nulls, alias)
        return self._keep(key, self._order, sort, alias)

    def _order(self, sort: Sort, alias: str | None) -> Piece:
        build, join = self._at(sort.steps, alias)
        column = build.column(join, sort.field)
        if len(build.joins) != len(sort.steps):
            raise NotPlain
        found = self.dialect.order(column, sort.descending, sort.nulls or None)
        pieces = [self._cut(element, build.binder) for element in found]
        if any(piece.sources for piece in pieces):
            raise NotPlain
        return Piece((", ".join(piece.texts[0] for piece in pieces),))

    # Tables

    def table(self) -> Piece:
        """The text of the model's table in FROM."""
        return self._keep("table", self._table)

    def _table(self) -> Piece:
        binder = Binder(self.dialect)
        table = Build(self.model, binder).root.table
        return self._cut(sa.select(ONE).select_from(table), binder, "SELECT 1 FROM ")

    def join(self, join: Join) -> Piece:
        """The text of a join; its tables and that of its parent are names."""
        assert join.parent is not None
        assert join.step is not None
        step = join.step
        names = (join.parent.table, join.table, join.outer)
        return self._keep((step.key, step.source, step.target, *names), self._join, join)

    def _join(self, join: Join) -> Piece:
        assert join.parent is not None
        binder = Binder(self.dialect)
        build = Build(self.model, binder)
        parent = Join(build.named(join.parent.model, join.parent.table), join.parent.model)
        child = Join(build.named(join.model, join.table), join.model, parent, join.step)
        clause = parent.table.join(child.table, build.on(child), isouter=join.outer)
        before = f"SELECT 1 FROM {self.table().texts[0]}"
        if join.parent.parent is not None:
            before = self._cut(sa.select(ONE).select_from(parent.table), binder).texts[0]
        piece = self._cut(sa.select(ONE).select_from(clause), binder, before)
        if piece.sources:
            raise NotPlain
        return piece

    # Columns

    def ways(self, calls: tuple[Any, ...]) -> tuple[tuple[int, Step], ...]:
        """The joins that reading needs: the position of each one's parent, -1 for the root."""
        return self._keep(("ways", calls), self._ways, calls)

    def _ways(self, calls: tuple[Any, ...]) -> tuple[tuple[int, Step], ...]:
        replay = self._replay(calls)
        columns = Columns(replay)
        results = columns.results(False)
        joins: list[Any] = [replay.build.root, *replay.build.joins]
        check_steps(join.step for join in joins[1:])
        if not replay.build.joins:  # nothing else will be known when the columns are asked for
            self._keep(("reading", calls, False), self._selected, columns, results, [])
        return tuple((joins.index(join.parent) - 1, join.step) for join in joins[1:])

    def _replay(self, calls: tuple[Any, ...]) -> Replay:
        replay = Replay(self.model, calls, Binder(self.dialect), _no_subquery)
        for _, node in replay.values or ():
            if node[0] != "col":
                raise NotPlain
        return replay

    def reading(self, calls: tuple[Any, ...], joins: list[Join], told: bool) -> Reading:
        """What is read from tables with these names.

        Args:
            calls: The calls that say what is read.
            joins: The joins of ``ways``, as they stand in the statement.
            told: Whether ``__init__`` runs for every object.
        """
        names = [(join.table, join.outer) for join in joins]
        return self._keep(("reading", calls, told, *names), self._reading, calls, joins, told)

    def _reading(self, calls: tuple[Any, ...], joins: list[Join], told: bool) -> Reading:
        replay = self._replay(calls)
        build = replay.build
        for join, (parent, step) in zip(joins, self.ways(calls), strict=True):
            above = build.root if parent < 0 else build.joins[parent]
            copy = Join(build.named(join.model, join.table), join.model, above, step)
            copy.outer = join.outer
            build.joins.append(copy)
        columns = Columns(replay)
        results = columns.results(told)
        if len(build.joins) != len(joins):
            raise NotPlain
        return self._selected(columns, results, joins)

    def _selected(self, columns: Columns, results: Results, joins: list[Join]) -> Reading:
        source = columns.build.from_clause()
        joined = "".join(self.join(join).texts[0] for join in joins)
        after = f" FROM {self.table().texts[0]}{joined}"
        select = sa.select(*columns.sql).select_from(source)
        piece = self._cut(select, columns.build.binder, "SELECT ", after)
        return Reading(piece, results.hydrate(len(columns.sql)), results.names)

    def asked(self, verb: str) -> Piece:
        """The text of what "count" or "exists" reads."""
        return self._keep(("asked", verb), self._asked, COUNTED if verb == "count" else ONE)

    def _asked(self, column: Any) -> Piece:
        binder = Binder(self.dialect)
        after = f" FROM {self.table().texts[0]}"
        table = Build(self.model, binder).root.table
        return self._cut(sa.select(column).select_from(table), binder, "SELECT ", after)

    # Slices

    def slice(self, low: bool, limit: bool | int) -> Piece:
        """The text of LIMIT and OFFSET.

        Args:
            low: Whether the first parameter tells how many rows are left out.
            limit: Whether the next one tells how many are read; or their number itself.
        """
        return self._keep(("slice", low, type(limit), limit), self._slice, low, limit)

    def _slice(self, low: bool, limit: bool | int) -> Piece:
        binder = Binder(self.dialect)
        taken = itertools.count()
        select: Any = sa.select(ONE)
        first = Param(next(taken)) if low else None
        if type(limit) is int:
            select = select.limit(sa.literal_column(str(limit)))
        elif limit:
            select = select.limit(binder.param(Param(next(taken))))
        if first is not None:
            select = select.offset(binder.param(first))
        return self._cut(select, binder, "SELECT 1")


def _inside(element: Any, word: str) -> Any:
    """A comparison as it stands beside others: in parentheses where AND or OR wants them."""
    if isinstance(element, (True_, False_)):
        raise NotPlain  # AND and OR leave these out
    against = _OPERATORS.get(word)
    return sa.and_(element) if against is None else element.self_group(against=against)


_OPERATORS = {"and": operators.and_, "or": operators.or_}
_pieces: dict[Any, Pieces] = {}
registry.on_change.append(_pieces.clear)


def pieces_of(model: Any, dialect: Dialect) -> Pieces:
    """The pieces for a model on a dialect, forgotten when models change."""
    found = _pieces.get((model, dialect))
    if found is None:
        found = _pieces[model, dialect] = Pieces(model, dialect)
    return found
