"""What happens to the objects that point at a deleted one, as data.

A foreign key names one of these; ``ops.delete`` acts on it. Nothing is executed here.
"""

from __future__ import annotations

from typing import Any


class OnDelete:
    """A named rule of deletion; compare with ``is``."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __reduce__(self) -> str:
        return self.name


class SetValue(OnDelete):
    """``SET(value)``: the key is replaced by a value, or by what a function returns."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        super().__init__("SET")
        self.value = value

    def resolve(self) -> Any:
        """Return the value to write."""
        return self.value() if callable(self.value) else self.value

    def __repr__(self) -> str:
        return f"SET({self.value!r})"

    def __reduce__(self) -> Any:
        return (SetValue, (self.value,))


CASCADE = OnDelete("CASCADE")
PROTECT = OnDelete("PROTECT")
RESTRICT = OnDelete("RESTRICT")
SET_NULL = OnDelete("SET_NULL")
SET_DEFAULT = OnDelete("SET_DEFAULT")
DO_NOTHING = OnDelete("DO_NOTHING")


def SET(value: Any) -> SetValue:
    """Return a rule that replaces the key by ``value``, called first if it is a function."""
    return SetValue(value)
