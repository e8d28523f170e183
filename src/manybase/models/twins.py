"""Finds methods that a program overrides on the synchronous face only.

The asynchronous twin of such a method would leave out what the program added, without a word; it
is refused instead. The metaclass asks once for each class.
"""

from __future__ import annotations

from typing import Any

from manybase.errors import SyncOnlyOperation

_PAIRED = (
    "save",
    "delete",
    "refresh_from_db",
    "full_clean",
    "clean_fields",
    "validate_unique",
    "validate_constraints",
)


def missing(cls: type) -> frozenset[str]:
    """Names of the methods that a class overrides without their twins."""
    return frozenset(name for name in _PAIRED if _depth(cls, name) < _depth(cls, f"a{name}"))


def _depth(cls: type, name: str) -> int:
    return next(depth for depth, base in enumerate(cls.__mro__) if name in vars(base))


def refuse(obj: Any, name: str) -> None:
    """Refuse the twin of a method that only the synchronous face has overridden.

    Raises:
        SyncOnlyOperation: The hint says what to define.
    """
    if name in type(obj)._missing_twins:
        label = type(obj).__name__
        raise SyncOnlyOperation(
            f"'{label}' overrides {name}() but not a{name}(), which would leave out what it does",
            hint=f"Define 'async def a{name}(self, ...)' in {label} and call"
            f" 'await super().a{name}(...)' there.",
        )
