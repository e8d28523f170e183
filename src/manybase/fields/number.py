"""Fields of numbers: whole ones in three sizes, and floats.

Values are ``int`` and ``float``. What is no number is refused here, so that no database rounds or
guesses. Exact decimals are in ``decimals``.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from manybase.errors import DataError
from manybase.fields.scalar import Problem, ScalarField
from manybase.fields.validators import MaxValueValidator, MinValueValidator
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from typing_extensions import TypeVar

    from manybase.meta.field import FieldOptions

    N = TypeVar("N", default=int)
    F = TypeVar("F", default=float)
else:
    from typing import TypeVar

    N = TypeVar("N")
    F = TypeVar("F")

_LARGEST = 2**63 - 1


class WholeNumber(ScalarField[N]):
    """What all fields of ``int`` have in common."""

    plain_types: ClassVar[frozenset[type]] = frozenset({int})
    empty_strings_allowed: ClassVar[bool] = False
    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "“%(value)s” value must be an integer."
    }
    size: ClassVar[int] = 4
    positive: ClassVar[bool] = False

    @property
    def storage(self) -> Storage:
        return Storage("integer", size=self.size, positive=self.positive)

    def describe_values(self) -> str:
        return "a whole number"

    def to_python(self, value: Any) -> Any:
        if value is None or type(value) is int:
            return value
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            raise self.invalid("invalid", value=value) from None
        if isinstance(value, (float, decimal.Decimal)) and number != value:
            raise self.invalid("invalid", value=value)
        return number

    def prepare(self, value: Any) -> Any:
        if value is None:
            return None
        number = value if type(value) is int else super().prepare(value)
        if -_LARGEST - 1 <= number <= _LARGEST:
            return number
        raise DataError(
            f"field '{self}' takes a whole number of at most 8 bytes, not a larger one",
            hint="Keep larger numbers in a DecimalField.",
        )

    def prepare_compared(self, value: Any) -> Any:
        return super().prepare(value)  # a column can be compared with what it could not hold

    @property
    def validators(self) -> list[Callable[[Any], None]]:
        largest = 2 ** (8 * self.size - 1) - 1
        smallest = 0 if self.positive else -largest - 1
        return [*super().validators, MinValueValidator(smallest), MaxValueValidator(largest)]

    def option_problems(self) -> Iterator[Problem]:
        yield from super().option_problems()
        if self.max_length is not None:
            yield (
                f"is a {type(self).__name__}, which has no max_length",
                "Take max_length away; validators=[MaxValueValidator(...)] limits values.",
            )


class IntegerField(WholeNumber[N]):
    """A whole number of 4 bytes, as ``int``.

    Example:
        >>> pages = models.IntegerField(null=True)
    """

    @overload
    def __init__(
        self: IntegerField[int],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: IntegerField[int | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)


class BigIntegerField(WholeNumber[N]):
    """A whole number of 8 bytes, as ``int``."""

    size: ClassVar[int] = 8

    @overload
    def __init__(
        self: BigIntegerField[int],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: BigIntegerField[int | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)


class SmallIntegerField(WholeNumber[N]):
    """A whole number of 2 bytes, as ``int``."""

    size: ClassVar[int] = 2

    @overload
    def __init__(
        self: SmallIntegerField[int],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: SmallIntegerField[int | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)


class PositiveIntegerField(WholeNumber[N]):
    """A whole number of 4 bytes, zero or more, as ``int``."""

    positive: ClassVar[bool] = True

    @overload
    def __init__(
        self: PositiveIntegerField[int],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: PositiveIntegerField[int | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)


class PositiveBigIntegerField(WholeNumber[N]):
    """A whole number of 8 bytes, zero or more, as ``int``."""

    size: ClassVar[int] = 8
    positive: ClassVar[bool] = True

    @overload
    def __init__(
        self: PositiveBigIntegerField[int],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: PositiveBigIntegerField[int | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)


class PositiveSmallIntegerField(WholeNumber[N]):
    """A whole number of 2 bytes, zero or more, as ``int``."""

    size: ClassVar[int] = 2
    positive: ClassVar[bool] = True

    @overload
    def __init__(
        self: PositiveSmallIntegerField[int],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: PositiveSmallIntegerField[int | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)


class FloatField(ScalarField[F]):
    """A number in binary floating point, as ``float``."""

    plain_types: ClassVar[frozenset[type]] = frozenset({float})
    empty_strings_allowed: ClassVar[bool] = False
    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "“%(value)s” value must be a float."
    }

    @overload
    def __init__(
        self: FloatField[float],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: FloatField[float | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)

    @property
    def storage(self) -> Storage:
        return Storage("float")

    def describe_values(self) -> str:
        return "a number"

    def to_python(self, value: Any) -> Any:
        if value is None:
            return None
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            raise self.invalid("invalid", value=value) from None
