"""Where an object belongs: one shared, immutable mark per (alias, stored).

Hydration stores a mark on every object with a single assignment; saving, adoption and deletion
replace it. ``routing`` decides which alias; nothing here does.
"""

from __future__ import annotations

from typing import Any

from manybase.errors import NoPlace


class Origin:
    """An object's database, and whether the object is a row there.

    Args:
        alias: The database's alias; None while the object is untied.
        stored: Whether it was loaded from there or saved there.
    """

    __slots__ = ("alias", "stored")

    def __init__(self, alias: str | None, stored: bool) -> None:
        self.alias = alias
        self.stored = stored

    def __repr__(self) -> str:
        return f"Origin({self.alias!r}, stored={self.stored})"

    def __reduce__(self) -> tuple[object, ...]:
        return (origin, (self.alias, self.stored))


ROWS: dict[str | None, Origin] = {}
"""The marks of rows by alias, for who looks before ``origin`` makes them."""

_known: dict[tuple[str | None, bool], Origin] = {}


def origin(alias: str | None, stored: bool) -> Origin:
    """Return the one mark for this alias and state."""
    key = (alias, stored)
    found = _known.get(key)
    if found is None:
        found = _known.setdefault(key, Origin(alias, stored))
        if stored:
            ROWS[alias] = found
    return found


UNTIED = origin(None, False)


class Lost(Origin):
    """What stands on the class, for objects whose mark is gone: it tells nothing.

    The mark is among an object's values. Whoever replaces these without it must not find the object
    in another database afterwards.
    """

    __slots__ = ()

    def __init__(self) -> None:
        """Know neither alias nor state."""

    def _refuse(self) -> Any:
        raise NoPlace(
            "an object does not know its database any more: its __dict__ was replaced or emptied",
            hint="Keep '_origin' where you change vars(obj), or read the object again.",
        )

    alias = property(_refuse)
    stored = property(_refuse)

    def __repr__(self) -> str:
        return "Lost()"


LOST = Lost()
