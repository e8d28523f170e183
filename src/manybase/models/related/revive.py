"""Prefetched results, and the querysets that managers make of them when they are asked.

The querysets of all owners of one query differ in little: the key in the last parameter, the hint,
the results. One is made the long way; the others are copies of it with these three replaced, by a
function that is generated once for each class of querysets. Used by the related managers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manybase.models.queryset.base import QuerySetBase
from manybase.query.code import Code

PREFETCHED = "_prefetched_objects_cache"

Revive = Callable[[list[Any], Any, Any, Any, Any], Any]
_OWN = {
    "params": "(*first, key) if first else (key,)",
    "hints": "hints",
    "block": "block",
    "_cache": "found",
    "_prefetched": "True",
    "_known_related": "(cache, owner) if cache else None",
}


class Asked:
    """What all results of one query have in common.

    Args:
        queryset: The one that they were asked for with, or None.

    Attributes:
        revive: Makes an owner's queryset; None until one was made the long way.
        key: The type of the owners' keys.
    """

    __slots__ = ("key", "queryset", "revive")

    def __init__(self, queryset: Any) -> None:
        self.queryset = queryset
        self.revive: Revive | None = None
        self.key: Any = None

    def learn(self, queryset: Any, key: Any, cache: str | None) -> None:
        """Take one owner's queryset as the pattern of the others."""
        own: Any = QuerySetBase._chain
        if type(queryset)._chain is own and queryset.params[-1:] == (key,):
            self.key = type(key)
            self.revive = _pattern(type(queryset))(queryset, queryset.params[:-1], cache)


class Found(list[Any]):
    """Prefetched objects, until the manager is asked and makes a queryset of them."""

    __slots__ = ("asked",)

    asked: Asked

    def __reduce__(self) -> Any:
        # Pickling a queryset would run it; what was found is what counts.
        return (found_without_query, (list(self),))


def found_without_query(objects: list[Any]) -> Found:
    """Return results whose queryset is not known any more."""
    found = Found(objects)
    found.asked = Asked(None)
    return found


_patterns: dict[Any, Callable[..., Revive]] = {}


def _pattern(cls: Any) -> Callable[..., Revive]:
    """The function that takes a queryset of a class and returns one that makes others like it."""
    known = _patterns.get(cls)
    if known is None:
        names = [n for base in cls.__mro__ for n in vars(base).get("__slots__", ())]
        names = [n for n in dict.fromkeys(names) if n not in ("__dict__", "__weakref__")]
        same = [name for name in names if name not in _OWN]
        code = Code()
        code.names.update(new=object.__new__, cls=cls)
        code.lines = ["def pattern(like, first, cache):"]
        code.lines += [f"    same_{i} = like.{name}" for i, name in enumerate(same)]
        code.lines += [
            "    def revive(found, owner, key, hints, block):",
            "        made = new(cls)",
        ]
        code.lines += [f"        made.{name} = same_{i}" for i, name in enumerate(same)]
        code.lines += [f"        made.{name} = {value}" for name, value in _OWN.items()]
        code.lines += ["        return made", "    return revive"]
        known = _patterns[cls] = code.finish("pattern")
    return known
