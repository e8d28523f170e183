"""Lookups and transforms by name: those of a field's class, and those of one field alone.

Fields inherit ``Registered``; ``query.path`` asks ``registered`` when a name is met for the first
time. What a lookup does is said in ``query.lookups``; here is only who has which.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from manybase.errors import FieldError, QueryError, hint_for
from manybase.meta.registry import registry

L = TypeVar("L")

#: Called after a lookup was registered or taken away: what was compiled with it is stale.
on_change: list[Callable[[], None]] = []
_KEY = "_lookups"


class _OnBoth:
    """A method that can be called on the class and on an object, each for itself."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __get__(self, instance: Any, owner: type) -> Any:
        return functools.partial(self.function, owner if instance is None else instance)


def _register(target: Any, lookup: Any, lookup_name: str | None = None) -> Any:
    """Let this field, or all fields of this class, be compared or transformed by a name.

    Can be used as a decorator. A name that is built in is replaced.

    Args:
        target: The field, or its class.
        lookup: A class: a ``Lookup``, a ``Transform``, or a function of one argument.
        lookup_name: The name in queries; the class's ``lookup_name`` when left out.

    Returns:
        The class.

    Raises:
        QueryError: It is no class of these, or the name cannot stand in a query.
    """
    if not isinstance(lookup, type) or not hasattr(lookup, "node"):
        raise QueryError("register_lookup() takes a class: a Lookup, a Transform or a function")
    name = lookup_name or name_of(lookup)
    if not name.isidentifier() or "__" in name:
        raise QueryError(
            f"{lookup.__name__} cannot be registered without a name for queries",
            hint="The name is an identifier without '__': lookup_name = \"ne\".",
        )
    # A new mapping, as copies of a field share the old one.
    setattr(target, _KEY, {**vars(target).get(_KEY, {}), name: lookup})
    _changed()
    return lookup


def _unregister(target: Any, lookup: Any, lookup_name: str | None = None) -> None:
    """Take a lookup away from where it was registered.

    Raises:
        FieldError: It is not registered there.
    """
    name = lookup_name or name_of(lookup)
    known = vars(target).get(_KEY, {})
    if known.get(name) is not lookup:
        shown = target.__name__ if isinstance(target, type) else f"field '{target}'"
        raise FieldError(
            f"'{name}' is not registered on {shown}",
            hint=hint_for(name, known) if known else None,
        )
    setattr(target, _KEY, {key: one for key, one in known.items() if key != name})
    _changed()


def _changed() -> None:
    registry.touch()
    for call in on_change:
        call()


def name_of(lookup: Any) -> str:
    """The name of a class in queries: its ``lookup_name``, or its own in lower case."""
    return str(getattr(lookup, "lookup_name", None) or lookup.__name__.lower())


class Registered:
    """What fields can do about lookups."""

    if TYPE_CHECKING:

        @classmethod
        def register_lookup(cls, lookup: type[L], lookup_name: str | None = None) -> type[L]:
            """Let fields of this class, or one field, be compared by a name."""
            raise NotImplementedError

        @classmethod
        def unregister_lookup(cls, lookup: type, lookup_name: str | None = None) -> None:
            """Take a lookup away again."""
            raise NotImplementedError

    else:
        register_lookup = _OnBoth(_register)
        unregister_lookup = _OnBoth(_unregister)

    def get_lookups(self) -> dict[str, Any]:
        """What is registered for the field, by name; the nearest of each name."""
        found: dict[str, Any] = {}
        for known in _levels(self):
            found = {**known, **found}
        return found

    def get_lookup(self, name: str) -> Any:
        """The lookup registered under a name; None where there is none."""
        found = registered(self, name)
        return found if is_lookup(found) else None

    def get_transform(self, name: str) -> Any:
        """The transform registered under a name; None where there is none."""
        found = registered(self, name)
        return None if is_lookup(found) else found


def registered(field: Any, name: str) -> Any:
    """What a field has under a name: its own before those of its class and the classes above."""
    for known in _levels(field):
        if name in known:
            return known[name]
    return None


def is_lookup(found: Any) -> bool:
    """Whether a registered class compares, rather than transforms."""
    return bool(getattr(found, "compares", False))


def _levels(field: Any) -> Iterator[dict[str, Any]]:
    for level in () if field is None else (field, *type(field).__mro__):
        known = vars(level).get(_KEY)
        if known:
            yield known
