"""Expressions that stand for columns and values in a query: ``F``, ``Value``, arithmetic.

An expression is a small tree that writes itself into a shape (``node``); ``query.compile``
builds SQL from the shape. Nothing here knows a model or a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manybase.errors import FieldError, QueryError
from manybase.meta.storage import Storage
from manybase.query.kinds import storage_of
from manybase.query.q import Q
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.query.q import Conditional
    from manybase.query.recorder import Recorder

Node = tuple[Any, ...]


class Expression:
    """The base of what can stand where a value can."""

    output_field: Any = None

    @property
    def conditional(self) -> bool:
        """Whether it is true or false, so that it can stand in a condition."""
        return self.output_field is not None and self.output_field.storage.family == "boolean"

    if TYPE_CHECKING:

        def _truth(self) -> bool | None: ...

    def node(self, recorder: Recorder) -> Node:
        """Write the expression's shape; values go to the recorder's parameters."""
        raise QueryError(f"{type(self).__name__} cannot be used in a query")

    def _combine(self, operator: str, other: Any, turned: bool = False) -> Combined:
        if type(other) is int:  # the commonest; it needs no questions
            other = Value(other)
        elif isinstance(other, (list, tuple, dict, set)):
            raise QueryError(
                f"'{operator}' takes an expression or one value, not {type(other).__name__}",
                hint="Write F('name') + 1, or F('name') + F('other').",
            )
        elif not isinstance(other, Expression):
            other = Value(other)
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

    def __pow__(self, other: Any) -> Combined:
        return self._combine("power", other)

    def __rpow__(self, other: Any) -> Combined:
        return self._combine("power", other, turned=True)

    def bitand(self, other: Any) -> Combined:
        """The bits that both whole numbers have."""
        return self._combine("bitand", other)

    def bitor(self, other: Any) -> Combined:
        """The bits that one of two whole numbers has."""
        return self._combine("bitor", other)

    def bitxor(self, other: Any) -> Combined:
        """The bits that just one of two whole numbers has."""
        return self._combine("bitxor", other)

    def bitleftshift(self, other: Any) -> Combined:
        """The bits moved to the left."""
        return self._combine("bitleftshift", other)

    def bitrightshift(self, other: Any) -> Combined:
        """The bits moved to the right; the sign stays."""
        return self._combine("bitrightshift", other)

    def _condition(self, sign: str) -> Q:
        if not self.conditional:
            raise QueryError(
                f"'{sign}' joins conditions, and {type(self).__name__} is none",
                hint="For the bits of numbers use bitand(), bitor(), bitxor().",
            )
        return Q(self)

    def __and__(self, other: Conditional) -> Q:
        return self._condition("&") & other

    def __or__(self, other: Conditional) -> Q:
        return self._condition("|") | other

    def __xor__(self, other: Conditional) -> Q:
        return self._condition("^") ^ other

    def __invert__(self) -> Q | Expression:
        return ~self._condition("~")

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
        if not isinstance(name, str):
            raise QueryError(
                f"the name of a field must be a text, not {type(name).__name__}",
                hint="Write F('title'); for a plain value write Value(...).",
            )
        self.name = name

    def node(self, recorder: Recorder) -> Node:
        return recorder.column(self.name)

    def __getitem__(self, key: Any) -> Sliced:
        return Sliced(self, key)

    def __invert__(self) -> Negated:
        return Negated(self)

    # Without this, Python would try to walk over a name letter by letter.
    __iter__: Any = None

    def __repr__(self) -> str:
        return f"F({self.name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, F) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)


class Negated(Expression):
    """False where a field is true and true where it is false: ``~F("printed")``; null stays."""

    def __init__(self, expression: F) -> None:
        self.expression = expression

    @property
    def conditional(self) -> bool:
        return True

    def node(self, recorder: Recorder) -> Node:
        inner = self.expression.node(recorder)
        storage = recorder.storage(inner)
        if storage is not None and storage.family != "boolean":
            raise FieldError(
                f"only truth values can be negated, {self.expression!r} is of kind"
                f" '{storage.family}'"
            )
        return ("negated", inner)

    def __invert__(self) -> F:
        return self.expression

    def __repr__(self) -> str:
        return f"~{self.expression!r}"


class Sliced(Expression):
    """Some letters of a text: ``F("title")[:3]``.

    Args:
        expression: The text.
        key: A position from 0, or a slice without a step.
    """

    def __init__(self, expression: Expression, key: Any) -> None:
        self.expression = expression
        self.key = key
        if isinstance(key, slice):
            start, stop, step = key.start or 0, key.stop, key.step
        else:
            start, stop, step = key, None, None
            if isinstance(key, int):
                stop = key + 1
        whole = all(type(n) is int and n >= 0 for n in (start, *([] if stop is None else [stop])))
        if not whole or step is not None:
            raise QueryError(
                "slices of a text take whole numbers from 0 upwards, and no step",
                hint='Write F("title")[:3].',
            )
        self.start = start
        self.length: int | None = None if stop is None else max(0, stop - start)

    def node(self, recorder: Recorder) -> Node:
        inner = self.expression.node(recorder)
        storage = recorder.storage(inner)
        if storage is not None and storage.family != "text":
            raise FieldError(
                f"only texts have slices, {self.expression!r} is of kind '{storage.family}'"
            )
        start = recorder.constant(self.start + 1)
        rest = () if self.length is None else (recorder.constant(self.length),)
        return ("sliced", Storage("text"), inner, start, *rest)

    def __repr__(self) -> str:
        return f"{self.expression!r}[{self.key!r}]"


class Value(Expression):
    """A plain value where an expression is wanted.

    Args:
        value: The value; it is bound, never put into the SQL.
        output_field: The field that says how it is stored.
    """

    def __init__(self, value: Any, output_field: Any = None) -> None:
        self.value = value
        self.output_field = None if output_field is None else as_field(output_field)

    @property
    def conditional(self) -> bool:
        return isinstance(self.value, bool) or super().conditional

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

    def __init__(
        self,
        expression: Any,
        descending: bool = False,
        nulls: str = "",
        *,
        nulls_first: bool = False,
        nulls_last: bool = False,
    ) -> None:
        self.expression = expression if isinstance(expression, Expression) else F(expression)
        self.descending = descending
        self.nulls = nulls or _nulls(nulls_first, nulls_last)

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


def as_field(output_field: Any) -> Any:
    """Return what says how a result is kept, checked: a field, or None."""
    if output_field is not None and not hasattr(getattr(output_field, "storage", None), "family"):
        raise QueryError(
            "output_field must be a field, not its class or name",
            hint="Write output_field=IntegerField().",
        )
    return output_field


class ExpressionWrapper(Expression):
    """An expression whose result is said to be of a field.

    Args:
        expression: The expression, or a ``Q``.
        output_field: The field that its result is one of.
    """

    def __init__(self, expression: Any, output_field: Any) -> None:
        self.expression = F(expression) if isinstance(expression, str) else expression
        self.output_field = as_field(output_field)

    def node(self, recorder: Recorder) -> Node:
        kept, node = self.output_field.storage, recorder.expression(self.expression)
        if node[0] == "arith" and kept.family == "datetime":
            node = (*node[:2], *[_moment(recorder, side, kept) for side in node[2:]])
        return ("kept", kept, node)


def _moment(recorder: Recorder, node: Node, kept: Storage) -> Node:
    """A side of a sum that is said to be a datetime: a date begins at midnight."""
    found = recorder.storage(node)
    return ("kept", kept, node) if found is not None and found.family == "date" else node


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
        self.queryset = _queryset("Subquery", queryset)
        self.output_field = as_field(output_field)

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

    def __init__(self, queryset: Any) -> None:
        self.queryset = _queryset("Exists", queryset)
        self.negated = False

    @property
    def conditional(self) -> bool:
        return True

    def __invert__(self) -> Exists:
        turned = Exists(self.queryset)
        turned.negated = not self.negated
        return turned

    def node(self, recorder: Recorder) -> Node:
        recorder.splice(self.queryset, "the queryset of an Exists")
        return ("exists", self.queryset.model, self.queryset.shape, self.negated)


def _queryset(name: str, queryset: Any) -> Any:
    if not isinstance(queryset, Recording):
        raise QueryError(
            f"{name}() takes a queryset, not {type(queryset).__name__}",
            hint=f"Write {name}(Book.objects.filter(...)).",
        )
    return queryset


def inner_storage(queryset: Any) -> Any:
    """How the one column of a queryset is kept."""
    nodes = [call[1] for call in queryset.shape if call[0] == "values"]
    node = nodes[-1][0][1] if nodes else ("col", "pk")
    return storage_of(node, queryset.model, queryset.annotations)
