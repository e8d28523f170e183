"""Aggregates: one value for many rows, in ``annotate()`` and ``aggregate()``.

Each class says which SQL function it is and how its result is stored; ``query.compile`` builds
the SQL. Nothing here knows a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from manybase.errors import FieldError, QueryError
from manybase.meta.storage import Storage
from manybase.query.expressions import Expression, F, Node, Value, as_field
from manybase.query.keys import column_parts

if TYPE_CHECKING:
    from manybase.query.q import Conditional
    from manybase.query.recorder import Recorder

NUMBERS = frozenset({"integer", "float", "decimal"})


class Aggregate(Expression):
    """The base of aggregates.

    Args:
        expression: A field's name or an expression.
        distinct: Whether equal values count once.
        filter: A condition; only rows that satisfy it count.
        default: The result where no row counts.
        output_field: The field that the result is one of, where that is not clear.
    """

    #: Its name, as dialects spell it; lower case.
    function: ClassVar[str] = ""
    #: Whether it can go over a window of the rows.
    in_windows: ClassVar[bool] = True
    families: ClassVar[frozenset[str] | None] = None
    allows_distinct: ClassVar[bool] = True
    empty: ClassVar[Any] = None

    def __init__(
        self,
        expression: Any,
        *,
        distinct: bool = False,
        filter: Conditional | None = None,
        default: Any = None,
        output_field: Any = None,
    ) -> None:
        if distinct and not self.allows_distinct:
            raise QueryError(f"{type(self).__name__} does not take distinct=True")
        if default is not None and self.empty is not None:
            raise QueryError(
                f"{type(self).__name__} does not take a default: it is {self.empty} without rows"
            )
        # A name stays as it is: an F would be made of it at every call, and is needed at the first.
        if type(expression) is not str and not isinstance(expression, Expression):
            expression = F(expression)
        self.given: str | Expression = expression
        self.distinct = distinct
        self.filter = filter
        self.default = default
        self.output_field = None if output_field is None else as_field(output_field)

    @property
    def expression(self) -> Expression:
        """What the values are."""
        return F(self.given) if isinstance(self.given, str) else self.given

    @expression.setter
    def expression(self, expression: Expression) -> None:
        self.given = expression

    @property
    def default_alias(self) -> str:
        """The name of the result where the program gives none: ``"pages__avg"``."""
        name = getattr(self.expression, "name", None)
        if name is None:
            raise QueryError(
                f"{type(self).__name__} of an expression needs a name",
                hint=f"Write total={type(self).__name__}(...).",
            )
        return f"{name}__{type(self).__name__.lower()}"

    def node(self, recorder: Recorder) -> Node:
        inner = self._inner(recorder)
        storage = recorder.storage(inner)
        if recorder.is_aggregate(inner):
            raise FieldError(
                f"{type(self).__name__} cannot be computed over an aggregate",
                hint="Aggregate over the annotated queryset: .annotate(...).aggregate(...).",
            )
        if recorder.is_window(inner):
            raise FieldError(
                f"{type(self).__name__} cannot be computed over a function of a window",
                hint="Aggregate over the annotated queryset: .annotate(...).aggregate(...).",
            )
        self._check(storage)
        others, by = self._others(recorder), self._order(recorder, inner)
        condition = None if self.filter is None else recorder.condition(self.filter)
        if condition is not None and recorder.is_aggregate(condition):
            raise FieldError(
                f"the filter of {type(self).__name__} names an aggregate",
                hint="Filter the annotated queryset: .annotate(...).filter(...).",
            )
        default: Any = None
        if self.default is not None:
            given = self.default
            given = given if isinstance(given, Expression) else Value(given)
            default = given.node(recorder)
        kept = self.output_field.storage if self.output_field is not None else self.result(storage)
        rest = (self.distinct, condition, default)
        return ("aggregate", self.function, kept, inner, others, by, *rest)

    def _others(self, recorder: Recorder) -> tuple[Node, ...]:
        """The nodes of further arguments."""
        return ()

    def _order(self, recorder: Recorder, inner: Node) -> tuple[Node, ...]:
        """The nodes that the values are ordered by."""
        return ()

    def _inner(self, recorder: Recorder) -> Node:
        return self.expression.node(recorder)

    def _check(self, storage: Storage | None) -> None:
        if self.families is None or storage is None or storage.family in self.families:
            return
        raise FieldError(
            f"{type(self).__name__} cannot be computed over values of kind '{storage.family}'"
        )

    def result(self, storage: Storage | None) -> Storage | None:
        """How the result is kept, from how the values are."""
        return storage

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.expression!r})"


class Count(Aggregate):
    """The number of rows with a value; ``Count("*")`` counts all rows."""

    function = "count"
    empty = 0

    def _inner(self, recorder: Recorder) -> Node:
        expression = self.expression
        if isinstance(expression, F) and expression.name == "*":
            if self.distinct:
                raise QueryError("Count('*') does not take distinct=True")
            return ("star",)
        inner = super()._inner(recorder)
        parts = column_parts(recorder.model, inner)
        if len(parts) > 1 and self.distinct:
            raise QueryError(
                f"Count('{inner[1]}', distinct=True) counts a key of several fields",
                hint="Count one of its fields, or the rows of values_list('pk').distinct().",
            )
        return parts[0]  # no part of a key is null where there is a row

    def result(self, storage: Storage | None) -> Storage:
        return Storage("integer", size=8)


class Sum(Aggregate):
    """The sum of the values."""

    function = "sum"
    families = NUMBERS | {"duration"}

    def result(self, storage: Storage | None) -> Storage | None:
        if storage is not None and storage.family == "integer":
            return Storage("integer", size=8)
        if storage is not None and storage.family == "decimal":
            return Storage("decimal", precision=38, scale=storage.scale)
        return storage


class Avg(Aggregate):
    """The mean of the values: a float, for decimals a decimal."""

    function = "avg"
    families = NUMBERS | {"duration"}

    def result(self, storage: Storage | None) -> Storage | None:
        if storage is not None and storage.family == "integer":
            return Storage("float")
        if storage is not None and storage.family == "decimal":
            return Storage("decimal", precision=38, scale=None)
        return storage


class Max(Aggregate):
    """The largest value."""

    function = "max"
    allows_distinct = True


class Min(Aggregate):
    """The smallest value."""

    function = "min"
    allows_distinct = True


class _Spread(Aggregate):
    """What standard deviation and variance share.

    Args:
        sample: Whether the rows are a sample of more.
    """

    families = NUMBERS
    allows_distinct = False
    names: ClassVar[tuple[str, str]]

    def __init__(self, expression: Any, *, sample: bool = False, **options: Any) -> None:
        super().__init__(expression, **options)
        self.function = self.names[sample]  # type: ignore[misc]  # chosen for each object

    def result(self, storage: Storage | None) -> Storage:
        return Storage("float")


class StdDev(_Spread):
    """The standard deviation of the values."""

    names = ("stddev_pop", "stddev_samp")


class Variance(_Spread):
    """The variance of the values."""

    names = ("var_pop", "var_samp")
