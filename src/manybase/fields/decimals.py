"""The field of exact decimal numbers.

Values are ``decimal.Decimal``, rounded half to even to the column's places when they are kept, so
that all databases hold the same digits.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast, overload

from manybase.errors import FieldValueError
from manybase.fields.scalar import Problem, ScalarField
from manybase.fields.validators import DecimalValidator
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from typing_extensions import TypeVar

    from manybase.meta.field import FieldOptions

    D = TypeVar("D", default=decimal.Decimal)
else:
    from typing import TypeVar

    D = TypeVar("D")


class DecimalField(ScalarField[D]):
    """An exact number, as ``decimal.Decimal``, rounded to its places when it is kept.

    Args:
        max_digits: How many digits there are in all.
        decimal_places: How many of them stand after the point.

    Example:
        >>> price = models.DecimalField(max_digits=8, decimal_places=2)
    """

    empty_strings_allowed: ClassVar[bool] = False
    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "“%(value)s” value must be a decimal number."
    }

    @overload
    def __init__(
        self: DecimalField[decimal.Decimal],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        max_digits: int | None = None,
        decimal_places: int | None = None,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: DecimalField[decimal.Decimal | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        max_digits: int | None = None,
        decimal_places: int | None = None,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(
        self,
        verbose_name: str | None = None,
        name: str | None = None,
        max_digits: int | None = None,
        decimal_places: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(verbose_name, name, **options)
        self.max_digits = max_digits
        self.decimal_places = decimal_places
        self._step: decimal.Decimal | None = None
        self._places_before = 0
        if _is_whole(max_digits, 1) and _is_whole(decimal_places, 0):
            self._step = decimal.Decimal(1).scaleb(-cast("int", decimal_places))
            self._places_before = cast("int", max_digits) - cast("int", decimal_places)

    @property
    def storage(self) -> Storage:
        return Storage("decimal", precision=self.max_digits, scale=self.decimal_places)

    def describe_values(self) -> str:
        if self.max_digits is None or self.decimal_places is None:
            return "a decimal number"
        return (
            f"a decimal number of at most {self.max_digits} digits,"
            f" {self.decimal_places} of them after the point"
        )

    def wrong_value(self, value: Any) -> FieldValueError:
        if isinstance(value, (decimal.Decimal, int, float)):
            return FieldValueError(
                f"field '{self}' takes {self.describe_values()}; the number given is none"
            )
        return super().wrong_value(value)

    def to_python(self, value: Any) -> Any:
        if value is None:
            return None
        try:
            if isinstance(value, float):
                number = self._context().create_decimal_from_float(value)
            else:
                number = decimal.Decimal(value)
        except (decimal.InvalidOperation, TypeError, ValueError):
            raise self.invalid("invalid", value=value) from None
        if not number.is_finite():
            raise self.invalid("invalid", value=value)
        return number

    def prepare(self, value: Any) -> Any:
        step = self._step
        if (
            type(value) is decimal.Decimal
            and step is not None
            and value.same_quantum(step)
            and value.adjusted() < self._places_before
        ):
            return value  # it has the field's digits already
        return super().prepare(value)

    def plain_condition(self, value: str, give: Callable[[Any], str]) -> str | None:
        own = (DecimalField.prepare, DecimalField.get_prep_value, DecimalField.to_python)
        kind = type(self)
        if self._step is None or (kind.prepare, kind.get_prep_value, kind.to_python) != own:
            return None
        return (
            f"type({value}) is {give(decimal.Decimal)} and {value}.same_quantum({give(self._step)})"
            f" and {value}.adjusted() < {give(self._places_before)}"
        )

    def get_prep_value(self, value: Any) -> Any:
        number = super().get_prep_value(value)
        if number is None or self.decimal_places is None:
            return number
        try:
            step = decimal.Decimal(1).scaleb(-self.decimal_places)
            return number.quantize(step, context=self._context())
        except decimal.InvalidOperation:
            raise self.invalid("invalid", value=value) from None

    def _context(self) -> decimal.Context:
        return decimal.Context(prec=self.max_digits or 28)

    @property
    def validators(self) -> list[Callable[[Any], None]]:
        return [*super().validators, DecimalValidator(self.max_digits, self.decimal_places)]

    def option_problems(self) -> Iterator[Problem]:
        yield from self._digit_problems()
        yield from super().option_problems()

    def _digit_problems(self) -> Iterator[Problem]:
        cure = "Write DecimalField(max_digits=10, decimal_places=2)."
        digits, places = self.max_digits, self.decimal_places
        if digits is None or places is None:
            yield "needs max_digits and decimal_places", cure
        elif not _is_whole(digits, 1):
            yield "needs a whole number above zero as max_digits", cure
        elif not _is_whole(places, 0):
            yield "needs a whole number, zero or more, as decimal_places", cure
        elif places > digits:
            yield (
                f"has {places} decimal_places and only {digits} max_digits",
                f"Write max_digits={places} or more.",
            )


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
