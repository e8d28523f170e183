"""GeneratedField: a column that the database works out of the other columns of its row.

Values are those of the ``output_field``. The expression is data here: ``schema`` writes it into the
table, ``ops`` reads what it came to; nothing writes into the column.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from manybase.errors import FieldValueError
from manybase.fields.scalar import Problem, ScalarField
from manybase.meta.field import Field
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T", default=Any)
else:
    from typing import TypeVar

    T = TypeVar("T")


class GeneratedField(ScalarField[T]):
    """A column that the database works out of the other columns of its row.

    Args:
        expression: An expression over plain fields of the same model.
        output_field: The field that the result is one of.
        db_persist: Whether the value is stored with the row (True) or worked out at each read.
        options: Of those that all fields take, what concerns a read-only column.

    Example:
        >>> area = models.GeneratedField(
        ...     expression=F("width") * F("height"),
        ...     output_field=models.IntegerField(),
        ...     db_persist=True,
        ... )
    """

    generated = True
    empty_strings_allowed: ClassVar[bool] = False

    def __init__(
        self,
        *,
        expression: Any,
        output_field: Field[T],
        db_persist: bool,
        **options: Any,
    ) -> None:
        super().__init__(**{**options, "editable": False, "blank": True, "null": True})
        self.expression = expression
        self.output_field = output_field
        self.db_persist = db_persist

    def option_problems(self) -> Iterator[Problem]:
        given: Any = self.output_field
        if not isinstance(given, Field) or given.is_relation:
            yield (
                f"has a {type(given).__name__} as output_field",
                "Give a field without relation, such as models.IntegerField().",
            )
        elif not hasattr(self.expression, "node") and not hasattr(self.expression, "conditional"):
            yield (
                f"has a {type(self.expression).__name__} as expression",
                "Write an expression, such as F('width') * F('height').",
            )
        if not isinstance(self.db_persist, bool):
            yield "needs db_persist=True or db_persist=False", None
        if self.has_default() or self.has_db_default():
            yield "cannot have a default: the database works its value out", "Take it away."
        if self.primary_key:
            yield "cannot be the primary key", "Take primary_key=True away."
        yield from super().option_problems()

    @property
    def storage(self) -> Storage:
        return self.output_field.storage

    @property
    def plain_types(self) -> frozenset[type]:  # type: ignore[override]  # of the output field
        """Types of values that a query takes as they are."""
        return self.output_field.plain_types

    def to_python(self, value: Any) -> Any:
        return self.output_field.to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        return self.output_field.get_prep_value(value)

    def describe_values(self) -> str:
        return self.output_field.describe_values()

    @property
    def from_db_value(self) -> Any:
        """The conversion of the output field's own, where it has one."""
        return getattr(self.output_field, "from_db_value", None)

    def pre_save(self, instance: Any, add: bool) -> Any:
        """Refuse to be written.

        Raises:
            FieldValueError: Always.
        """
        raise FieldValueError(
            f"field '{self}' is worked out by the database and cannot be written",
            hint="Write the fields that its expression reads.",
        )
