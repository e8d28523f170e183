"""Plans that insert any number of rows, whatever the number: one plan for all of them.

Where the database takes arrays a column is one parameter. Elsewhere the text of one row is written
once for each row, which needs no compiler. Parameters are the driver's; nothing is executed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from manybase.query.code import in_order
from manybase.query.plan import Plan

MOST_TEXTS = 16


class FlatRows:
    """Rows of one width whose values stand one after the other in one list.

    A tuple for each row would be one object more for the memory to hold.
    """

    __slots__ = ("values", "width")

    def __init__(self, values: list[Any], width: int) -> None:
        self.values = values
        self.width = width

    def __len__(self) -> int:
        return len(self.values) // self.width

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return zip(*[iter(self.values)] * self.width, strict=True)

    def __getitem__(self, part: slice) -> FlatRows:
        width = self.width
        return FlatRows(self.values[part.start * width : part.stop * width], width)


Rows = Sequence[Sequence[Any]] | FlatRows


class ArrayInsert(Plan):
    """An INSERT whose parameters are the columns of its rows.

    Attributes:
        writers: What makes a parameter of each column.
    """

    __slots__ = ("writers",)

    writers: tuple[Callable[[list[Any]], Any], ...]

    def of(self, count: int) -> Plan:
        """The plan for so many rows."""
        return self

    def params(self, rows: Rows) -> tuple[Any, ...]:
        """The parameters for some rows."""
        if type(rows) is FlatRows:
            columns: Any = [rows.values[i :: rows.width] for i in range(rows.width)]
        else:
            columns = map(list, zip(*rows, strict=True))
        return tuple([write(column) for write, column in zip(self.writers, columns, strict=True)])


class RepeatedInsert(Plan):
    """An INSERT that names every value of its rows.

    Args:
        parts: The text before the first row, that of one row, and that behind the last.
        one: The plan of one row.
    """

    __slots__ = ("_one", "_parts", "_texts")

    def __init__(self, parts: tuple[str, str, str], one: Plan) -> None:
        super().__init__(
            one.model, one.sql, in_order, one.hydrate, one.names, returns_rows=one.returns_rows
        )
        self._parts = parts
        self._one = one
        self._texts: dict[int, str] = {}

    def of(self, count: int) -> Plan:
        """The plan for so many rows."""
        text = self._texts.get(count)
        if text is None:
            start, row, end = self._parts
            text = f"{start}{', '.join([row] * count)}{end}"
            if len(self._texts) < MOST_TEXTS:
                self._texts[count] = text
        return Plan(
            self.model, text, self.bind, self.hydrate, self.names, returns_rows=self.returns_rows
        )

    def params(self, rows: Rows) -> tuple[Any, ...]:
        """The parameters for some rows."""
        if type(rows) is FlatRows and self._one.bind is in_order:
            return tuple(rows.values)
        bind = self._one.bind
        return tuple(chain.from_iterable(rows if bind is in_order else map(bind, rows)))


def split(one: str, two: str) -> tuple[str, str, str]:
    """Find the text of a row, from the statements for one row and for two.

    Returns:
        What stands before the first row, the text of one row, what stands behind the last.
    """
    length = len(two) - len(one) - len(", ")
    end = one.index(" VALUES ") + len(" VALUES ") + length
    parts = one[: end - length], one[end - length : end], one[end:]
    assert two == f"{parts[0]}{parts[1]}, {parts[1]}{parts[2]}", "rows are written in two ways"
    return parts
