"""Aggregates beside the usual five: joined texts, any value, lists, booleans and bits.

Those that only some databases have are refused elsewhere when the query is compiled, with the
reason that the dialect gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from manybase.errors import QueryError
from manybase.meta.storage import Storage
from manybase.query.aggregates import Aggregate
from manybase.query.expressions import Expression, F, Node, OrderBy, Value

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder


def order_nodes(function: str, given: Any) -> list[OrderBy]:
    """Return what an aggregate or a window is ordered by.

    Raises:
        QueryError: It is neither names nor expressions.
    """
    if given is None:
        return []
    listed = list(given) if isinstance(given, (list, tuple)) else [given]
    found = []
    for one in listed:
        if isinstance(one, str) and one.strip("-+"):
            found.append(OrderBy(F(one.lstrip("-+")), one.startswith("-")))
        elif isinstance(one, OrderBy):
            found.append(one)
        elif isinstance(one, Expression):
            found.append(OrderBy(one))
        else:
            raise QueryError(
                f"'order_by' of {function} takes names and expressions, not {type(one).__name__}"
            )
    return found


class _Ordered(Aggregate):
    """An aggregate whose result depends on the order of the values.

    Args:
        expression: A field's name or an expression.
        order_by: What the values are ordered by: names, expressions, or a list of them.
        options: As for every aggregate: distinct, filter, default, output_field.
    """

    in_windows = False

    def __init__(self, expression: Any, *, order_by: Any = None, **options: Any) -> None:
        super().__init__(expression, **options)
        self.order_by = order_nodes(type(self).__name__, order_by)

    def _order(self, recorder: Recorder, inner: Node) -> tuple[Node, ...]:
        nodes = tuple(by.node(recorder) for by in self.order_by)
        if self.distinct and any(node[1] != inner for node in nodes):
            raise QueryError(
                f"{type(self).__name__} of distinct values can be ordered by these alone",
                hint="Order by the same expression, or leave distinct out.",
            )
        return nodes


class StringAgg(_Ordered):
    """The values as texts, joined.

    >>> Author.objects.annotate(titles=StringAgg("book__title", ", ", order_by="book__title"))

    Args:
        expression: A field's name or an expression.
        delimiter: What stands between them; it is bound, never put into the SQL.
        order_by: What the values are ordered by.
        options: As for every aggregate: distinct, filter, default, output_field.
    """

    function = "string_agg"

    def __init__(
        self, expression: Any, delimiter: Any, *, order_by: Any = None, **options: Any
    ) -> None:
        if isinstance(delimiter, Value):
            delimiter = delimiter.value
        if not isinstance(delimiter, str):
            raise QueryError(
                f"the delimiter of StringAgg must be text, not {type(delimiter).__name__}",
                hint='Write StringAgg("name", ", ").',
            )
        super().__init__(expression, order_by=order_by, **options)
        self.delimiter = Value(delimiter)

    def _others(self, recorder: Recorder) -> tuple[Node, ...]:
        return (self.delimiter.node(recorder),)

    def result(self, storage: Storage | None) -> Storage:
        return Storage("text")


class AnyValue(Aggregate):
    """One of the values, whichever; null where there is none but nulls."""

    function = "any_value"
    in_windows = False
    allows_distinct = False


class ArrayAgg(_Ordered):
    """The values as a list, nulls too; for databases with arrays."""

    function = "array_agg"

    def result(self, storage: Storage | None) -> Storage:
        return Storage("array")


class JSONBAgg(_Ordered):
    """The values as a JSON list, nulls too; for databases with binary JSON."""

    function = "jsonb_agg"

    def result(self, storage: Storage | None) -> Storage:
        return Storage("json")


class _OfBooleans(Aggregate):
    families = frozenset({"boolean"})
    allows_distinct = False


class BoolAnd(_OfBooleans):
    """Whether all values are true; for databases with booleans."""

    function = "bool_and"


class BoolOr(_OfBooleans):
    """Whether one value is true; for databases with booleans."""

    function = "bool_or"


class _OfBits(Aggregate):
    families = frozenset({"integer"})

    def result(self, storage: Storage | None) -> Storage | None:
        return Storage("integer", size=8)


class BitAnd(_OfBits):
    """The bits that all values have."""

    function: ClassVar[str] = "bit_and"


class BitOr(_OfBits):
    """The bits that one of the values has."""

    function = "bit_or"


class BitXor(_OfBits):
    """The bits that an odd number of values has."""

    function = "bit_xor"
