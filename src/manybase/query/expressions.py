"""Expressions that stand for columns and values in a query: ``F``, ``Value``, arithmetic.

An expression is a small tree that writes itself into a shape (``node``); ``query.compile``
builds SQL from the shape. Nothing here knows a model or a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manybase.errors import QueryError
from manybase.query.kinds import storage_of

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


class ExpressionWrapper(Expression):
    """An expression whose result is said to be of a field.

    Args:
        expression: The expression.
        output_field: The field that its result is one of.
    """

    def __init__(self, expression: Any, output_field: Any) -> None:
        self.expression = expression
        self.output_field = output_field

    def node(self, recorder: Recorder) -> Node:
        return ("kept", self.output_field.storage, self.expression.node(recorder))


class OuterRef(Expression):
    """A field of the query around this one.

    >>> Exists(Book.objects.filter(author=OuterRef("pk")))

    Args:
        name: The field's name; another ``OuterRef`` for a query further out.
    """

    def __init__(self, name: str | OuterRef) -> None:
        self.level: int = name.level + 1 if isinstance(name, OuterRef) else 1
        self.name: str = name.name if isinstance(name, OuterRef) else name

    def node(self, recorder: Recorder) -> Node:
        return ("outer", self.level, self.name)

    def __repr__(self) -> str:
        return f"OuterRef({self.name!r})"


class Subquery(Expression):
    """The one value that another queryset gives for each row.

    Args:
        queryset: A queryset of one column; it adopts the place of the one around it.
        output_field: The field that the value is one of, where that is not clear.
    """

    def __init__(self, queryset: Any, output_field: Any = None) -> None:
        self.queryset = queryset
        self.output_field = output_field

    def node(self, recorder: Recorder) -> Node:
        node = recorder.subquery(self.queryset, "pk", "the queryset of a Subquery")
        if self.output_field is not None:
            return (*node, self.output_field.storage)
        return (*node, inner_storage(self.queryset))


class Exists(Expression):
    """Whether another queryset has a row.

    Args:
        queryset: The queryset; it adopts the place of the one around it.
    """

    conditional = True

    def __init__(self, queryset: Any) -> None:
        self.queryset = queryset
        self.negated = False

    def __invert__(self) -> Exists:
        turned = Exists(self.queryset)
        turned.negated = not self.negated
        return turned

    def node(self, recorder: Recorder) -> Node:
        recorder.splice(self.queryset, "the queryset of an Exists")
        return ("exists", self.queryset.model, self.queryset.shape, self.negated)


def inner_storage(queryset: Any) -> Any:
    """How the one column of a queryset is kept."""
    nodes = [call[1] for call in queryset.shape if call[0] == "values"]
    node = nodes[-1][0][1] if nodes else ("col", "pk")
    return storage_of(node, queryset.model, queryset.annotations)


class When(Expression):
    """A condition and the value where it holds; a part of ``Case``.

    Args:
        condition: A ``Q`` or a boolean expression; lookups may be given as keywords instead.
        then: The value or expression.
    """

    def __init__(self, condition: Any = None, then: Any = None, **lookups: Any) -> None:
        if condition is None and not lookups:
            raise QueryError("When() needs a condition", hint="Write When(pages__gt=3, then=...).")
        self.condition = condition
        self.lookups = lookups
        self.then = then if isinstance(then, Expression) else Value(then)

    def nodes(self, recorder: Recorder) -> tuple[Node, Node]:
        """Write the condition and the value."""
        parts = [] if self.condition is None else [recorder.condition(self.condition)]
        parts.extend(recorder.compare(name, value) for name, value in self.lookups.items())
        node = parts[0] if len(parts) == 1 else ("and", *parts)
        return node, self.then.node(recorder)


class Case(Expression):
    """The value of the first condition that holds.

    Args:
        cases: ``When`` objects.
        default: The value where none holds.
        output_field: The field that the result is one of, where that is not clear.
    """

    def __init__(self, *cases: When, default: Any = None, output_field: Any = None) -> None:
        if not all(isinstance(case, When) for case in cases):
            raise QueryError("Case() takes When objects")
        self.cases = cases
        self.default = default if isinstance(default, Expression) else Value(default)
        self.output_field = output_field

    def node(self, recorder: Recorder) -> Node:
        whens = tuple(case.nodes(recorder) for case in self.cases)
        default = self.default.node(recorder)
        if self.output_field is not None:
            return ("case", self.output_field.storage, whens, default)
        found = [recorder.storage(then) for _, then in whens] + [recorder.storage(default)]
        return ("case", next((s for s in found if s is not None), None), whens, default)
