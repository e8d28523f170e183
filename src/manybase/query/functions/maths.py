"""Functions over numbers.

Those of analysis compute with floating-point numbers whatever they are given, so that every
database gives the same; where mathematics has no result (the root of -1) it is null.
"""

from __future__ import annotations

from typing import Any, ClassVar

from manybase.meta.storage import Storage
from manybase.query.func import Func, plain_number

FLOAT = Storage("float")


class _OfFloats(Func):
    takes = ("float",)
    result = FLOAT
    arity = 1


class ACos(_OfFloats):
    """The angle of a cosine."""

    spelled = "acos"


class ASin(_OfFloats):
    """The angle of a sine."""

    spelled = "asin"


class ATan(_OfFloats):
    """The angle of a tangent."""

    spelled = "atan"


class ATan2(_OfFloats):
    """The angle of a point: ``ATan2(y, x)``."""

    spelled = "atan2"
    arity = 2


class Cos(_OfFloats):
    """The cosine of an angle."""

    spelled = "cos"


class Cot(_OfFloats):
    """The cotangent of an angle."""

    spelled = "cot"


class Degrees(_OfFloats):
    """An angle in degrees, from radians."""

    spelled = "degrees"


class Exp(_OfFloats):
    """e to the power of a number."""

    spelled = "exp"


class Ln(_OfFloats):
    """The natural logarithm."""

    spelled = "ln"


class Log(_OfFloats):
    """The logarithm of a number: ``Log(base, number)``."""

    spelled = "log"
    arity = 2


class Pi(_OfFloats):
    """The number pi."""

    spelled = "pi"
    arity = 0


class Power(_OfFloats):
    """A number to the power of another."""

    spelled = "power"
    arity = 2


class Radians(_OfFloats):
    """An angle in radians, from degrees."""

    spelled = "radians"


class Random(_OfFloats):
    """A random number from 0 up to 1, without 1."""

    spelled = "random"
    arity = 0


class Sin(_OfFloats):
    """The sine of an angle."""

    spelled = "sin"


class Sqrt(_OfFloats):
    """The square root."""

    spelled = "sqrt"


class Tan(_OfFloats):
    """The tangent of an angle."""

    spelled = "tan"


class _OfNumbers(Func):
    """A number of the kind that is given."""

    arity = 1
    takes: ClassVar[tuple[str, ...]] = ("number",)

    def result_of(self, arguments: list[Storage | None]) -> Storage | None:
        found = super().result_of(arguments)
        if found is not None and found.family == "decimal":
            return Storage("decimal", precision=38, scale=found.scale)
        return found


class Abs(_OfNumbers):
    """The number without its sign."""

    spelled = "abs"


class Ceil(_OfNumbers):
    """The next whole number upwards."""

    spelled = "ceil"


class Floor(_OfNumbers):
    """The next whole number downwards."""

    spelled = "floor"


class Sign(Func):
    """-1, 0 or 1."""

    spelled = "sign"
    arity = 1
    takes = ("number",)
    result = Storage("integer", size=4)


class Mod(Func):
    """The rest of a division, with the sign of what is divided; null where it is by zero."""

    spelled = "mod"
    arity = 2
    takes = ("number",)

    def result_of(self, arguments: list[Storage | None]) -> Storage | None:
        families = [storage.family for storage in arguments if storage is not None]
        if "float" in families:
            return FLOAT
        if "decimal" in families:
            return Storage("decimal", precision=38)
        return Storage("integer", size=8)


class Round(_OfNumbers):
    """The number rounded, halves away from zero.

    Args:
        expression: A field's name or an expression.
        precision: How many digits after the point; below zero before it.
    """

    spelled = "round"
    arity = 2
    takes = ("number", "integer")

    def __init__(self, expression: Any, precision: Any = 0, *, output_field: Any = None) -> None:
        precision = plain_number("Round", "precision", precision, -300)
        super().__init__(expression, precision, output_field=output_field)

    def result_of(self, arguments: list[Storage | None]) -> Storage | None:
        kept = arguments[0]
        if kept is not None and kept.family == "decimal":
            return Storage("decimal", precision=38)
        return kept

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        number, digits = arguments
        return dialect.round(
            dialect.argument("any", number.sql, number.storage),
            dialect.argument("integer", digits.sql, digits.storage),
            number.storage,
        )
