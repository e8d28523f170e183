"""Databases that may not be touched now: what tests declare in ``databases`` is enforced here.

Holds the forbidden aliases of the process and says why; connects to nothing. Looked at on the slow
path only: forbidding empties the quick ways of all threads first. ``manybase.test`` calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from manybase.errors import DatabaseNotAllowed
from manybase.runtime.loops import refuse_in_loop

__all__ = ["allow", "check", "forbid", "forbidden", "refuse_in_loop", "watch"]

_forbidden: dict[str, list[str]] = {}
_watchers: list[Callable[[], Any]] = []


def watch(changed: Callable[[], Any]) -> None:
    """Call ``changed()`` whenever an alias becomes forbidden."""
    _watchers.append(changed)


def forbid(aliases: Iterable[str], why: str) -> None:
    """Refuse every connection and statement on these databases until ``allow()``.

    Args:
        aliases: The databases.
        why: A sentence for the error; "{alias}" in it is filled in.
    """
    for alias in aliases:
        _forbidden.setdefault(alias, []).append(why)
    for changed in _watchers:
        changed()


def allow(aliases: Iterable[str]) -> None:
    """Take back one ``forbid()`` of each of these databases."""
    for alias in aliases:
        reasons = _forbidden.get(alias)
        if reasons:
            reasons.pop()
            if not reasons:
                del _forbidden[alias]


def forbidden() -> frozenset[str]:
    """The aliases that are refused now."""
    return frozenset(_forbidden)


def check(alias: str) -> None:
    """Raise where a database may not be touched now.

    Raises:
        DatabaseNotAllowed: With the reason that ``forbid()`` was given.
    """
    reasons = _forbidden.get(alias)
    if reasons:
        raise DatabaseNotAllowed(
            reasons[-1].replace("{alias}", alias),
            hint=f"Add '{alias}' to 'databases' of the test class.",
        )
