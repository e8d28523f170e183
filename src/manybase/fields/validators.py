"""Functions and objects that say whether a value is valid, or raise a ValidationError.

Fields call theirs from ``clean()``; programs may call them directly. They convert nothing and
know no field. Those for texts of a format are in ``formats``.
"""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable, Iterable
from typing import Any

from manybase.errors import ValidationError


class RegexValidator:
    """The text must match a regular expression.

    Args:
        regex: The expression, searched for anywhere in the text.
        message: The text of the error.
        code: Its code.
        inverse_match: Refuse what matches instead.
        flags: Flags of ``re``; only where ``regex`` is a text.

    Example:
        >>> RegexValidator(r"^[A-Z]{3}$", "Three capitals, please.")("EUR")
    """

    message = "Enter a valid value."
    code = "invalid"

    def __init__(
        self,
        regex: str | re.Pattern[str] = "",
        message: str | None = None,
        code: str | None = None,
        inverse_match: bool = False,
        flags: int = 0,
    ) -> None:
        self.regex = regex if isinstance(regex, re.Pattern) else re.compile(regex, flags)
        self.message = message or self.message
        self.code = code or self.code
        self.inverse_match = inverse_match

    def __call__(self, value: Any) -> None:
        """Raise a ValidationError unless the value's text matches."""
        if bool(self.regex.search(str(value))) is self.inverse_match:
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), self.regex, self.inverse_match))


class BaseValidator:
    """A value is compared with a limit; the classes below say how.

    Args:
        limit_value: The limit, or a function that returns it.
        message: The text of the error.
    """

    message = "Ensure this value is %(limit_value)s (it is %(show_value)s)."
    code = "limit_value"

    def __init__(self, limit_value: Any, message: str | None = None) -> None:
        self.limit_value = limit_value
        self.message = message or self.message

    def __call__(self, value: Any) -> None:
        """Raise a ValidationError where the value is on the wrong side of the limit."""
        limit = self.limit_value() if callable(self.limit_value) else self.limit_value
        cleaned = self.clean(value)
        if self.compare(cleaned, limit):
            params = {"limit_value": limit, "show_value": cleaned, "value": value}
            raise ValidationError(self.message, code=self.code, params=params)

    def compare(self, value: Any, limit: Any) -> bool:
        """Whether the value is wrong."""
        return bool(value is not limit)

    def clean(self, value: Any) -> Any:
        """What of the value is compared."""
        return value

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), self.message))


class MaxValueValidator(BaseValidator):
    """The value must not be above a limit."""

    message = "Ensure this value is less than or equal to %(limit_value)s."
    code = "max_value"

    def compare(self, value: Any, limit: Any) -> bool:
        return bool(value > limit)


class MinValueValidator(BaseValidator):
    """The value must not be below a limit."""

    message = "Ensure this value is greater than or equal to %(limit_value)s."
    code = "min_value"

    def compare(self, value: Any, limit: Any) -> bool:
        return bool(value < limit)


class StepValueValidator(BaseValidator):
    """The value must be a multiple of a step, counted from an offset."""

    message = "Ensure this value is a multiple of step size %(limit_value)s."
    code = "step_size"

    def __init__(self, limit_value: Any, message: str | None = None, offset: Any = None) -> None:
        super().__init__(limit_value, message)
        self.offset = offset

    def compare(self, value: Any, limit: Any) -> bool:
        rest = math.remainder(float(value) - float(self.offset or 0), float(limit))
        return not math.isclose(rest, 0, abs_tol=1e-9)


class MaxLengthValidator(BaseValidator):
    """The value must not be longer than a limit."""

    message = "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d)."
    code = "max_length"

    def compare(self, value: Any, limit: Any) -> bool:
        return bool(value > limit)

    def clean(self, value: Any) -> int:
        return len(value)


class MinLengthValidator(BaseValidator):
    """The value must not be shorter than a limit."""

    message = "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d)."
    code = "min_length"

    def compare(self, value: Any, limit: Any) -> bool:
        return bool(value < limit)

    def clean(self, value: Any) -> int:
        return len(value)


class DecimalValidator:
    """A decimal must not have more digits than its column.

    Args:
        max_digits: How many digits there may be in all.
        decimal_places: How many of them after the point.
    """

    messages = {
        "invalid": "Enter a number.",
        "max_digits": "Ensure that there are no more than %(max)s digits in total.",
        "max_decimal_places": "Ensure that there are no more than %(max)s decimal places.",
        "max_whole_digits": (
            "Ensure that there are no more than %(max)s digits before the decimal point."
        ),
    }

    def __init__(self, max_digits: int | None, decimal_places: int | None) -> None:
        self.max_digits = max_digits
        self.decimal_places = decimal_places

    def __call__(self, value: decimal.Decimal) -> None:
        """Raise a ValidationError where the number has too many digits."""
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            raise ValidationError(self.messages["invalid"], code="invalid")
        count = len(digits) if digits != (0,) else 0
        places = max(0, -exponent)
        total = max(count + max(0, exponent), places)
        self._check("max_digits", total, self.max_digits)
        self._check("max_decimal_places", places, self.decimal_places)
        if self.max_digits is not None and self.decimal_places is not None:
            self._check("max_whole_digits", total - places, self.max_digits - self.decimal_places)

    def _check(self, code: str, found: int, limit: int | None) -> None:
        if limit is not None and found > limit:
            raise ValidationError(self.messages[code], code=code, params={"max": limit})

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), self.max_digits, self.decimal_places))


class FileExtensionValidator:
    """A file's name must end in one of some extensions.

    Args:
        allowed_extensions: Extensions without the dot; any when None.
        message: The text of the error.
        code: Its code.
    """

    message = (
        "File extension “%(extension)s” is not allowed. Allowed extensions are:"
        " %(allowed_extensions)s."
    )
    code = "invalid_extension"

    def __init__(
        self,
        allowed_extensions: Iterable[str] | None = None,
        message: str | None = None,
        code: str | None = None,
    ) -> None:
        given = allowed_extensions
        self.allowed_extensions = None if given is None else [e.lower() for e in given]
        self.message = message or self.message
        self.code = code or self.code

    def __call__(self, value: Any) -> None:
        """Raise a ValidationError unless the extension of ``value.name`` is allowed."""
        name = str(getattr(value, "name", value) or "")
        extension = name.rpartition(".")[2].lower() if "." in name else ""
        if self.allowed_extensions is not None and extension not in self.allowed_extensions:
            params = {
                "extension": extension,
                "allowed_extensions": ", ".join(self.allowed_extensions),
                "value": value,
            }
            raise ValidationError(self.message, code=self.code, params=params)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), self.message))


class ProhibitNullCharactersValidator:
    """A text must not hold the character of code zero."""

    message = "Null characters are not allowed."
    code = "null_characters_not_allowed"

    def __init__(self, message: str | None = None, code: str | None = None) -> None:
        self.message = message or self.message
        self.code = code or self.code

    def __call__(self, value: Any) -> None:
        """Raise a ValidationError where a null character is found."""
        if "\x00" in str(value):
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), self.message))


Validator = Callable[[Any], None]
