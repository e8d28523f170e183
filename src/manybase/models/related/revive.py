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
from manybase.routing.block import current_block

PREFETCHED = "_prefetched_objects_cache"

Revive = Callable[[list[Any], Any], Any]
_OWN = {
    "params": "(*first, key) if first else (key,)",
    "hints": "{'instance': owner}",
    "block": "block()",
    "_cache": "found",
    "_prefetched": "True",
    "_known_related": "(cache, owner) if cache else None",
}


class Asked:
    """What all results of one query have in common.

    Args:
        queryset: The one that they were asked for with, or None.

    Attributes:
        revive: Makes an owner's queryset, or None where the owner is of another kind; itself None
            until a queryset was made the long way.
    """

    __slots__ = ("queryset", "revive")

    def __init__(self, queryset: Any) -> None:
        self.queryset = queryset
        self.revive: Revive | None = None

    def learn(self, queryset: Any, attname: str, key: Any, cache: str | None) -> None:
        """Take one owner's queryset as the pattern of the others.

        Args:
            queryset: The pattern.
            attname: The attribute of owners that their objects are found by.
            key: The owner's.
            cache: Where found objects keep their owner.
        """
        own: Any = QuerySetBase._chain
        if type(queryset)._chain is own and queryset.params[-1:] == (key,):
            made_in = None if self.queryset is None else self.queryset.block
            block = current_block if self.queryset is None else lambda: made_in
            pattern = _pattern(type(queryset), attname)
            self.revive = pattern(queryset, queryset.params[:-1], type(key), cache, block)


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


def _pattern(cls: Any, attname: str) -> Callable[..., Revive]:
    """The function that takes a queryset of a class and returns one that makes others like it."""
    known = _patterns.get((cls, attname))
    if known is None:
        names = [n for base in cls.__mro__ for n in vars(base).get("__slots__", ())]
        names = [n for n in dict.fromkeys(names) if n not in ("__dict__", "__weakref__")]
        same = [name for name in names if name not in _OWN]
        code = Code()
        code.names.update(new=object.__new__, cls=cls)
        code.lines = ["def pattern(like, first, kind, cache, block):"]
        code.lines += [f"    same_{i} = like.{name}" for i, name in enumerate(same)]
        code.lines += [
            "    def revive(found, owner):",
            f"        key = owner.{attname}",
            "        if type(key) is not kind: return None",
            "        made = new(cls)",
        ]
        code.lines += [f"        made.{name} = same_{i}" for i, name in enumerate(same)]
        code.lines += [f"        made.{name} = {value}" for name, value in _OWN.items()]
        code.lines += ["        return made", "    return revive"]
        known = _patterns[cls, attname] = code.finish("pattern")
    return known
