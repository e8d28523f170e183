"""Lookups and transforms of a program's own.

A ``Lookup`` compares, a ``Transform`` makes another value of one; both are registered on fields
with ``register_lookup``, and both can be used as expressions. Nothing here knows a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from manybase.errors import QueryError
from manybase.meta.storage import Storage
from manybase.query.expressions import Expression, Node, Value
from manybase.query.func import Func, as_expression

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder


class Transform(Func):
    """A value made of another one, by a name in queries: ``title__upper``.

    A subclass names a SQL ``function``, or a ``template``, or says the SQL in ``sql``.

    Example:
        >>> @models.IntegerField.register_lookup
        ... class Absolute(models.Transform):
        ...     lookup_name = "abs"
        ...     function = "ABS"
        >>> Book.objects.filter(pages__abs__lt=300)

    Attributes:
        lookup_name: The name in queries.
        bilateral: Whether what is compared with it is transformed, too.
        output_field: The field that the result is one of; the transformed one when None.
    """

    arity = 1
    lookup_name: ClassVar[str | None] = None
    bilateral: ClassVar[bool] = False
    #: Whether the result can be null where the value is none.
    can_be_null: ClassVar[bool] = True

    def __init__(self, *expressions: Any, **options: Any) -> None:
        own = type(self).output_field
        super().__init__(*expressions, **{"output_field": own, **options})

    @property
    def options(self) -> Any:
        """See ``Func``; a transform that says its SQL itself needs no name."""
        if type(self).sql is not Transform.sql:
            return self.spelling
        return super().options

    def sql(self, dialect: Any, value: Any) -> Any:
        """Return the SQLAlchemy element of the result.

        Args:
            dialect: The database's dialect: ``dialect.name``, ``dialect.features``.
            value: The element of what is transformed; operators and ``sqlalchemy.func`` apply.
        """
        raise NotImplementedError

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        if cls.sql is Transform.sql:
            return super().build(dialect, arguments, options, storage)
        return cls(Value(None)).sql(dialect, *cls.prepared(dialect, arguments))


class Lookup(Expression):
    """A comparison, by a name in queries: ``title__ne="Emma"``.

    A subclass says the SQL in ``sql``, or as a ``template``.

    Example:
        >>> @models.Field.register_lookup
        ... class NotEqual(models.Lookup):
        ...     lookup_name = "ne"
        ...
        ...     def sql(self, dialect, left, right):
        ...         return left != right
        >>> Book.objects.filter(title__ne="Emma")

    Attributes:
        lookup_name: The name in queries.
        template: SQL around ``%(left)s`` and ``%(right)s``; a percent sign is written ``%%``.
        value_field: The field that the value is one of; the compared one when None.
        takes_list: Whether the value is a list; ``right`` is then a list of elements.
        takes_none: Whether the value may be None.

    Args:
        left: A field's name or an expression, where the lookup is used as an expression.
        right: What it is compared with.
    """

    compares = True
    lookup_name: ClassVar[str | None] = None
    template: ClassVar[str | None] = None
    value_field: ClassVar[Any] = None
    takes_list: ClassVar[bool] = False
    takes_none: ClassVar[bool] = False

    def __init__(self, left: Any = None, right: Any = None) -> None:
        self.left = left
        self.right = right

    @property
    def conditional(self) -> bool:
        return True

    def sql(self, dialect: Any, left: Any, right: Any) -> Any:
        """Return the SQLAlchemy element of the condition.

        Args:
            dialect: The database's dialect: ``dialect.name``, ``dialect.features``.
            left: The element of the compared column or expression.
            right: The element of the value, which is bound.
        """
        raise QueryError(
            f"{type(self).__name__} does not say its SQL",
            hint="Give it a template, or a method sql(self, dialect, left, right).",
        )

    def prepare(self, field: Any, value: Any) -> Any:
        """Return the value as it is bound; ``field`` is the one that it is compared with.

        Raises:
            FieldValueError: The value cannot be compared.
        """
        return field.prepare(value)

    def node(self, recorder: Recorder) -> Node:
        if self.left is None:
            raise QueryError(f"{type(self).__name__}() needs two sides in a query")
        left = recorder.expression(as_expression(self.left))
        right = self.right
        if self.takes_list:
            sides = tuple(recorder.expression(_side(one)) for one in right)
            return ("kept", Storage("boolean"), ("custom", type(self), left, sides))
        side = recorder.expression(_side(right))
        return ("kept", Storage("boolean"), ("custom", type(self), left, side))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.left!r}, {self.right!r})"


def _side(value: Any) -> Any:
    return as_expression(value) if not isinstance(value, str) else Value(value)
