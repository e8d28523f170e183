"""Parameters of a statement: where each comes from and how it is converted for the driver."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from manybase.dialects.base import Converter, Dialect
from manybase.query.code import bind_function
from manybase.query.plan import Bind
from manybase.query.state import VALUE


@dataclasses.dataclass(frozen=True, slots=True)
class Param:
    """The parameter at a position of the recording's parameters."""

    index: int


class _Counter:
    def __init__(self) -> None:
        self.next = 0

    def take(self, count: int = 1) -> int:
        first = self.next
        self.next += count
        return first


def number(shape: tuple[Any, ...]) -> tuple[tuple[Any, ...], int]:
    """Replace the marks of a shape by numbered parameters; return it with their count."""
    counter = _Counter()
    numbered: tuple[Any, ...] = _number(shape, counter)
    return numbered, counter.next


def _number(node: Any, counter: _Counter) -> Any:
    if node is VALUE:
        return Param(counter.take())
    if type(node) is not tuple or not node:
        return node
    if node[0] == "list" and len(node) == 2 and type(node[1]) is int:
        return ("list", counter.take(node[1]), node[1])
    if node[0] == "slice" and len(node) == 3 and type(node[1]) is bool:
        low = Param(counter.take()) if node[1] else None
        return ("slice", low, Param(counter.take()) if node[2] else None)
    return tuple([_number(part, counter) for part in node])


def _converted(value: Any, converters: Iterable[Converter | None]) -> Any:
    for converter in converters:
        value = value if converter is None else converter.function()(value)
    return value


class Binder:
    """Makes the bind parameters of one statement, inner queries included.

    Args:
        dialect: The dialect.
        bound: Whether parameters come in the driver's form, so that nothing is converted.
    """

    def __init__(self, dialect: Dialect, bound: bool = False) -> None:
        self.dialect = dialect
        self.bound = bound
        self.sources: dict[str, tuple[int | slice | None, Any, tuple[Converter, ...]]] = {}
        self._shared: dict[str, sa.BindParameter[Any]] = {}
        self._fixed: tuple[Any, ...] | None = None

    @contextlib.contextmanager
    def fixed(self, values: tuple[Any, ...]) -> Iterator[None]:
        """Take parameters from these values, which are part of the plan: of a model's order."""
        before, self._fixed = self._fixed, values
        try:
            yield
        finally:
            self._fixed = before

    def param(self, param: Param, *converters: Converter | None) -> sa.BindParameter[Any]:
        """Bind a parameter of the recording, converted by each of ``converters`` in turn."""
        if self._fixed is not None:
            return self.constant(_converted(self._fixed[param.index], converters))
        key = f"p{len(self.sources)}"
        wanted = () if self.bound else tuple(c for c in converters if c is not None)
        self.sources[key] = (param.index, None, wanted)
        return sa.bindparam(key)

    def array(self, first: int, count: int, *converters: Converter | None) -> Any:
        """Bind ``count`` parameters of the recording as one list."""
        if self._fixed is not None:
            values = self._fixed[first : first + count]
            return self.constant([_converted(value, converters) for value in values])
        key = f"p{len(self.sources)}"
        wanted = () if self.bound else tuple(c for c in converters if c is not None)
        self.sources[key] = (slice(first, first + count), None, wanted)
        return sa.bindparam(key)

    def constant(self, value: Any) -> sa.BindParameter[Any]:
        """Bind a value that is part of the plan itself."""
        key = f"p{len(self.sources)}"
        self.sources[key] = (None, value, ())
        return sa.bindparam(key)

    def shared(self, text: str) -> sa.BindParameter[Any]:
        """Bind a text of the plan, as the same parameter each time, so that grouping knows it."""
        if text not in self._shared:
            self._shared[text] = self.constant(text)
        return self._shared[text]

    def finish(self, statement: Any, count: int) -> tuple[str, Bind]:
        """Compile the statement; return its SQL and the function that orders parameters."""
        sql, keys, own = self.dialect.compile_with_values(statement)
        sources = [self.sources.get(key) or (None, own[key], ()) for key in keys]
        return sql, bind_function(sources, count)
