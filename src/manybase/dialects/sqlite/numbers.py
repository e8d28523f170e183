"""Functions over numbers, texts and rows in Python, for what SQLite's SQL lacks.

Plain functions over the driver's own values; where a number has no result the result is null.
``functions.install`` gives them to every connection.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any

LONG = Context(prec=80)
"""Digits enough for every decimal column."""


def of_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function over floats: null for null, and where mathematics has no result."""

    def call(*values: Any) -> Any:
        if None in values:
            return None
        try:
            found = function(*[float(value) for value in values])
        except (ValueError, ZeroDivisionError, OverflowError):
            return None
        return found if not isinstance(found, complex) and math.isfinite(found) else None

    return call


def of_texts(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gives null where an argument is null."""

    def call(*values: Any) -> Any:
        return None if None in values else function(*values)

    return call


def exact(value: Any) -> Decimal:
    """Return the number that a value shows, without the noise of binary fractions."""
    return Decimal(str(value) if isinstance(value, (float, str)) else value)


def like(value: Any, found: Decimal) -> Any:
    """Return a number in the form in which the driver gave another one."""
    if isinstance(value, str):
        return str(found)
    return int(found) if isinstance(value, int) else float(found)


def rounded(value: Any, digits: int) -> Any:
    """Round, halves away from zero."""
    if isinstance(value, float) and not math.isfinite(value):
        return value
    number = exact(value)
    try:
        return like(value, number.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP, LONG))
    except InvalidOperation:
        return value


def ceiling(value: Any) -> Any:
    """The next whole number from here upwards."""
    return like(value, Decimal(math.ceil(exact(value))))


def floor(value: Any) -> Any:
    """The next whole number from here downwards."""
    return like(value, Decimal(math.floor(exact(value))))


def absolute(value: Any) -> Any:
    """A number without its sign."""
    return like(value, exact(value).copy_abs())


def sign(value: Any) -> int:
    """-1, 0 or 1."""
    number = exact(value)
    return (number > 0) - (number < 0)


def modulo(value: Any, divisor: Any) -> Any:
    """The rest of a division, with the sign of what is divided."""
    if exact(divisor) == 0:
        return None
    found = LONG.remainder(exact(value), exact(divisor))
    return like(divisor if isinstance(value, int) else value, found)


def pad_left(text: Any, length: int, fill: str) -> str:
    """Fill a text from the left, or cut it."""
    whole = str(text)
    missing = max(0, int(length) - len(whole))
    return (((fill * missing)[:missing]) + whole)[: max(0, int(length))]


def pad_right(text: Any, length: int, fill: str) -> str:
    """Fill a text from the right, or cut it."""
    whole = str(text)
    missing = max(0, int(length) - len(whole))
    return (whole + (fill * missing)[:missing])[: max(0, int(length))]


def code_point(text: Any) -> int:
    """The number of a text's first letter; 0 for none."""
    text = str(text)
    return ord(text[0]) if text else 0


def hashed(name: str) -> Callable[[Any], str | None]:
    """Return the hash of a text, as hexadecimal digits."""

    def digest(text: Any) -> str | None:
        if text is None:
            return None
        data = text if isinstance(text, bytes) else str(text).encode()
        return hashlib.new(name, data, usedforsecurity=False).hexdigest()

    return digest


def _power(base: float, exponent: float) -> Any:
    return base**exponent


def _whole_power(base: int, exponent: int) -> Any:
    found = base**exponent
    return found if isinstance(found, int) else math.floor(found + 0.5)


NUMBER_FUNCTIONS: tuple[tuple[str, int, Callable[..., Any], bool], ...] = (
    ("manybase_acos", 1, of_numbers(math.acos), True),
    ("manybase_asin", 1, of_numbers(math.asin), True),
    ("manybase_atan", 1, of_numbers(math.atan), True),
    ("manybase_atan2", 2, of_numbers(math.atan2), True),
    ("manybase_cos", 1, of_numbers(math.cos), True),
    ("manybase_cot", 1, of_numbers(lambda value: 1 / math.tan(value)), True),
    ("manybase_degrees", 1, of_numbers(math.degrees), True),
    ("manybase_exp", 1, of_numbers(math.exp), True),
    ("manybase_ln", 1, of_numbers(math.log), True),
    ("manybase_log", 2, of_numbers(lambda base, value: math.log(value) / math.log(base)), True),
    ("manybase_pi", 0, lambda: math.pi, True),
    ("manybase_power", 2, of_numbers(_power), True),
    ("manybase_whole_power", 2, of_texts(_whole_power), True),
    ("manybase_radians", 1, of_numbers(math.radians), True),
    ("manybase_random", 0, random.random, False),
    ("manybase_sin", 1, of_numbers(math.sin), True),
    ("manybase_sqrt", 1, of_numbers(math.sqrt), True),
    ("manybase_tan", 1, of_numbers(math.tan), True),
    ("manybase_abs", 1, of_texts(absolute), True),
    ("manybase_ceil", 1, of_texts(ceiling), True),
    ("manybase_floor", 1, of_texts(floor), True),
    ("manybase_mod", 2, of_texts(modulo), True),
    ("manybase_round", 2, of_texts(rounded), True),
    ("manybase_sign", 1, of_texts(sign), True),
    ("manybase_lpad", 3, of_texts(pad_left), True),
    ("manybase_rpad", 3, of_texts(pad_right), True),
    ("manybase_ord", 1, of_texts(code_point), True),
    ("manybase_repeat", 2, of_texts(lambda text, times: str(text) * max(0, int(times))), True),
    ("manybase_reverse", 1, of_texts(lambda text: str(text)[::-1]), True),
    *(
        (f"manybase_{name}", 1, hashed(name), True)
        for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
    ),
)
