"""What an instance says of its place in Django's words: ``obj._state.db`` and ``.adding``.

The place itself is the attribute ``_origin``; this view is made on demand and keeps nothing.
"""

from __future__ import annotations

from typing import Any

from manybase.meta.origin import origin


class Deferred:
    """The type of the mark for a value that was not loaded."""

    def __repr__(self) -> str:
        return "DEFERRED"

    def __reduce__(self) -> str:
        return "DEFERRED"


DEFERRED = Deferred()
"""Stands among the values of ``from_db()`` and of a constructor for one that is not loaded."""


class ModelState:
    """An object's database, and whether it is still to be inserted there.

    Example:
        >>> Book(title="Emma")._state.db is None
        True
    """

    __slots__ = ("_object",)

    def __init__(self, obj: Any) -> None:
        self._object = obj

    @property
    def db(self) -> str | None:
        """The alias of the object's database; None while it is untied."""
        alias: str | None = self._object._origin.alias
        return alias

    @db.setter
    def db(self, alias: str | None) -> None:
        self._object._origin = origin(alias, self._object._origin.stored)

    @property
    def adding(self) -> bool:
        """Whether the object is not yet a row of its database."""
        return not self._object._origin.stored

    @adding.setter
    def adding(self, adding: bool) -> None:
        self._object._origin = origin(self._object._origin.alias, not adding)

    def __repr__(self) -> str:
        return f"<ModelState: db={self.db!r}, adding={self.adding}>"
