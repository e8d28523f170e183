"""Expressions that stand for columns and values in a query: ``F``, ``Value``, arithmetic.

An expression is a small tree that writes itself into a shape (``node``); ``query.compile``
builds SQL from the shape. Nothing here knows a model or a database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from manybase.errors import QueryError

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder

Node = tuple[Any, ...]


class Expression:
    """The base of what can stand where a value can."""

    conditional = False
    output_field: Any = None

    def node(self, recorder: Recorder) -> Node:
        """Write the expression's shape; values go to the recorder's parameters."""
        raise QueryError(f"{type(self).__name__} cannot be used in a query")

    def _combine(self, operator: str, other: Any, turned: bool = False) -> Combined:
        other = other if isinstance(other, Expression) else Value(other)
        return Combined(other, operator, self) if turned else Combined(self, operator, other)

    def __add__(self, other: Any) -> Combined:
        return self._combine("+", other)

    def __radd__(self, other: Any) -> Combined:
        return self._combine("+", other, turned=True)

    def __sub__(self, other: Any) -> Combined:
        return self._combine("-", other)

    def __rsub__(self, other: Any) -> Combined:
        return self._combine("-", other, turned=True)

    def __mul__(self, other: Any) -> Combined:
        return self._combine("*", other)

    def __rmul__(self, other: Any) -> Combined:
        return self._combine("*", other, turned=True)

    def __truediv__(self, other: Any) -> Combined:
        return self._combine("/", other)

    def __rtruediv__(self, other: Any) -> Combined:
        return self._combine("/", other, turned=True)

    def __mod__(self, other: Any) -> Combined:
        return self._combine("%", other)

    def __rmod__(self, other: Any) -> Combined:
        return self._combine("%", other, turned=True)

    def __neg__(self) -> Combined:
        return self._combine("*", -1)

    def asc(self, *, nulls_first: bool = False, nulls_last: bool = False) -> OrderBy:
        """Order by this, smallest first."""
        return OrderBy(self, False, _nulls(nulls_first, nulls_last))

    def desc(self, *, nulls_first: bool = False, nulls_last: bool = False) -> OrderBy:
        """Order by this, largest first."""
        return OrderBy(self, True, _nulls(nulls_first, nulls_last))


class F(Expression):
    """The value of a field in the row at hand, also across relations.

    >>> Book.objects.filter(pages__gt=F("chapters") * 10)
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def node(self, recorder: Recorder) -> Node:
        return recorder.column(self.name)

    def __repr__(self) -> str:
        return f"F({self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, F) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class Value(Expression):
    """A plain value where an expression is wanted.

    Args:
        value: The value; it is bound, never put into the SQL.
        output_field: The field that says how it is stored.
    """

    def __init__(self, value: Any, output_field: Any = None) -> None:
        self.value = value
        self.output_field = output_field

    def node(self, recorder: Recorder) -> Node:
        return recorder.constant(self.value, self.output_field)

    def __repr__(self) -> str:
        return f"Value({self.value!r})"


class Combined(Expression):
    """Two expressions and an arithmetic sign between them."""

    def __init__(self, left: Expression, operator: str, right: Expression) -> None:
        self.left = left
        self.operator = operator
        self.right = right

    def node(self, recorder: Recorder) -> Node:
        return ("arith", self.operator, self.left.node(recorder), self.right.node(recorder))

    def __repr__(self) -> str:
        return f"<{self.left!r} {self.operator} {self.right!r}>"


class OrderBy(Expression):
    """An expression to order by, with its direction and the place of nulls."""

    def __init__(self, expression: Any, descending: bool = False, nulls: str = "") -> None:
        self.expression = expression if isinstance(expression, Expression) else F(expression)
        self.descending = descending
        self.nulls = nulls

    def node(self, recorder: Recorder) -> Node:
        return ("by", self.expression.node(recorder), self.descending, self.nulls)

    def __repr__(self) -> str:
        return f"OrderBy({self.expression!r}, descending={self.descending})"


class Random(Expression):
    """A random order, as ``order_by("?")``."""

    def node(self, recorder: Recorder) -> Node:
        return ("random",)


def _nulls(first: bool, last: bool) -> str:
    if first and last:
        raise QueryError("nulls_first and nulls_last exclude each other")
    return "first" if first else "last" if last else ""


NodeBuilder = Callable[..., Any]
