"""Plans of plain SELECTs, put together from pieces of text: what makes a new shape cheap.

Plain are and/or of comparisons and orders over the model's own columns and those behind keys to one
object, slices, and what is read of these. ``compile_plain`` gives None for everything else. Its
statements are those of ``verbs``, to the letter; the joins are decided by the same ``Build``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manybase.query.code import Column, Source, bind_function, hydrate_values
from manybase.query.compile.binds import Binder
from manybase.query.compile.build import Build, Join
from manybase.query.compile.pieces import Piece, Pieces, pieces_of
from manybase.query.compile.plain_names import NotPlain
from manybase.query.compile.verbs import MOST_GOT
from manybase.query.plan import Hydrate, Plan

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect

#: Verbs, each with whether objects are made by their ``__init__``.
VERBS = {
    "select": False,
    "select_told": True,
    "get": False,
    "get_told": True,
    "count": False,
    "exists": False,
}
_READING = frozenset({"only", "defer", "undefer", "related", "values"})
_WORDS = {"and": " AND ", "or": " OR "}
NONE: frozenset[Join] = frozenset()
Token = str | tuple[Piece, int]


def compile_plain(verb: str, model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan | None:
    """Build the plan of a shape for one of ``VERBS``; None where the shape is not plain."""
    try:
        return _Select(pieces_of(model, dialect), shape).plan(verb)
    except NotPlain:
        return None


class _Names(Build):
    """Tables that are only names: joins are decided as for SQLAlchemy, whose tables cost more."""

    def named(self, model: Any, name: str | None) -> Any:
        return name


class _Text:
    """A statement being written: its text, and where its parameters come from."""

    def __init__(self, pieces: Pieces) -> None:
        self.numbered = pieces.numbered
        self.hole = pieces.hole
        self.parts: list[str] = []
        self.sources: list[Source] = []

    def add(self, piece: Piece, first: int = 0) -> None:
        """Write a piece whose parameters begin at the recording's ``first``."""
        texts = piece.texts
        self.parts.append(texts[0])
        if not piece.holes:
            return
        before = len(self.sources) + 1
        for text, hole in zip(texts[1:], piece.holes, strict=True):
            self.parts += (f"{self.hole}{before + hole}" if self.numbered else self.hole, text)
        self.sources += [_moved(source, first) for source in piece.sources]


def _moved(source: Source, first: int) -> Source:
    index, constant, converters = source
    if type(index) is int:
        return index + first, constant, converters
    if type(index) is slice:
        return slice(index.start + first, index.stop + first), constant, converters
    return source


class _Select:
    """One SELECT: the calls of a shape played back, then written."""

    def __init__(self, pieces: Pieces, shape: tuple[Any, ...]) -> None:
        self.pieces = pieces
        self.build = _Names(pieces.model, Binder(pieces.dialect))
        self.where: list[Token] = []
        self.ordering: tuple[Any, ...] | None = None
        self.reversed = False
        self.sliced = (False, False)
        self.reading: list[Any] = []
        self.taken = 0  # how many parameters of the recording were met
        self.several = sum(call[0] == "filter" for call in shape) > 1
        for call in shape:
            self._play(call)
        if any(self.sliced) and shape[-1][0] != "slice":
            raise NotPlain  # its parameters are taken to be the last ones
        self.slice_at = self.taken
        self.taken += sum(self.sliced)

    def _play(self, call: tuple[Any, ...]) -> None:
        kind = call[0]
        if kind == "filter":
            if self.where:
                self.where.append(" AND ")
            for join in self._condition(call[1], "and" if self.several else ""):
                join.require()
        elif kind == "order":
            self.ordering, self.reversed = call[1], False
        elif kind == "reverse":
            self.reversed = not self.reversed
        elif kind in _READING:
            self.reading.append(call)
        elif kind == "slice" and self.sliced == (False, False):
            self.sliced = call[1:]
        else:
            raise NotPlain

    def _condition(self, node: tuple[Any, ...], inside: str) -> frozenset[Join]:
        """Write a condition; return the joins that must have a row for it to hold."""
        kind = node[0]
        if kind == "=":
            leaf = self.pieces.leaf(node)
            join = self.build.follow(leaf.steps, set()) if leaf.steps else self.build.root
            self.where.append((self.pieces.comparison(leaf, join.table, inside), self.taken))
            self.taken += leaf.takes
            return frozenset((join,)) if leaf.requires else NONE
        if kind not in _WORDS or len(node) == 1:
            raise NotPlain
        if len(node) == 2:
            return self._condition(node[1], inside)
        in_parentheses = kind == "or" and inside == "and"
        if in_parentheses:
            self.where.append("(")
        required = self._condition(node[1], kind)
        for part in node[2:]:
            self.where.append(_WORDS[kind])
            more = self._condition(part, kind)
            required = required & more if kind == "or" else required | more
        if in_parentheses:
            self.where.append(")")
        return required

    def plan(self, verb: str) -> Plan:
        """Write the statement of a verb."""
        if verb in ("count", "exists"):
            return self._asked(verb)
        calls = tuple(self.reading)
        got = verb in ("get", "get_told") and not any(self.sliced)
        reading = self.pieces.reading(calls, self._joins(calls), VERBS[verb])
        order = [] if got else self._order()
        text = _Text(self.pieces)
        text.parts.append("SELECT ")
        text.add(reading.columns)
        self._from(text)
        for position, piece in enumerate(order):
            text.parts.append(", " if position else " ORDER BY ")
            text.add(piece)
        if got:
            text.add(self.pieces.slice(False, MOST_GOT))
        elif any(self.sliced):
            text.add(self.pieces.slice(*self.sliced), self.slice_at)
        return self._finish(text, reading.hydrate, reading.names)

    def _asked(self, verb: str) -> Plan:
        """Write the statement that counts rows, or asks whether there is one."""
        if any(self.sliced) or any(call[0] == "values" for call in self.reading):
            raise NotPlain  # values of many rows are as many rows
        text = _Text(self.pieces)
        text.parts.append("SELECT ")
        text.add(self.pieces.asked(verb))
        self._from(text)
        if verb == "exists":
            text.add(self.pieces.slice(False, 1))
        return self._finish(text, _HYDRATE[verb], ())

    def _finish(self, text: _Text, hydrate: Hydrate, names: tuple[str, ...]) -> Plan:
        bind = bind_function(text.sources, self.taken)
        return Plan(self.pieces.model, "".join(text.parts), bind, hydrate, names)

    def _from(self, text: _Text) -> None:
        text.parts.append(" FROM ")
        text.add(self.pieces.table())
        for join in self.build.joins:
            text.add(self.pieces.join(join))
        if self.where:
            text.parts.append(" WHERE ")
        for token in self.where:
            if isinstance(token, str):
                text.parts.append(token)
            else:
                text.add(*token)

    def _joins(self, calls: tuple[Any, ...]) -> list[Join]:
        """The joins that reading needs, made where they are missing."""
        found: list[Join] = []
        for parent, step in self.pieces.ways(calls):
            start = self.build.root if parent < 0 else found[parent]
            found.append(self.build.follow((step,), None, start))
        return found

    def _order(self) -> list[Piece]:
        sorts = self.pieces.sorts(self.ordering)
        found: dict[Any, Piece] = {}
        for sort in sorts:
            join = self.build.follow(sort.steps) if sort.steps else self.build.root
            key = (join, sort.field.column)
            if key not in found:
                turned = sort if not self.reversed else sort.turned()
                found[key] = self.pieces.order(turned, join.table)
        return list(found.values())


_HYDRATE = {
    "count": hydrate_values([Column("count", [])], "flat", 1),
    "exists": hydrate_values([Column("one", [])], "flat", 1),
}
