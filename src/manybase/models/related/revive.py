"""Prefetched results, and the querysets that managers make of them when they are asked.

The querysets of all owners of one query differ in little: the key in the last parameter, the hint,
the results. One is made the long way; the others take from it what they share, by functions that
are generated once for each class of querysets, and not before somebody asks for it: most are only
iterated and counted. Used by the related managers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from manybase.models.manager import BaseManager
from manybase.models.queryset.base import QuerySetBase
from manybase.models.queryset.read import Reading
from manybase.query.code import Code
from manybase.routing.block import current_block

PREFETCHED = "_prefetched_objects_cache"

Revive = Callable[[list[Any], Any], Any]
_OWN = ("_cache", "_known_related", "_prefetched", "block", "hints", "params")


class Pending:
    """A queryset that is asked for nothing but its results yet.

    Stands before the queryset's class. The first attribute that is missing makes the object a
    queryset of that class, with all that belongs to it.
    """

    __slots__ = ()

    _finished: Any
    _cache: Any

    def __getattr__(self, name: str) -> Any:
        _finish(self)
        return getattr(self, name)

    def _chain(self) -> Any:
        return _finish(self)._chain()

    def _moved(self, branch: Any, params: Any) -> Any:
        return _finish(self)._moved(branch, params)

    def __len__(self) -> int:
        found = self._cache
        return len(found if found is not None else _finish(self)._fetch_all())

    def _fetch_all(self) -> Any:
        return self._cache if self._cache is not None else _finish(self)._fetch_all()

    async def _afetch_all(self) -> Any:
        return self._cache if self._cache is not None else await _finish(self)._afetch_all()

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _finish(self).__reduce_ex__(protocol)


def _finish(queryset: Any) -> Any:
    """Make a pending queryset a whole one; several threads may do so at once."""
    owner, asked = queryset._known_related, queryset._prefetched
    if type(asked) is Asked and owner is not None and type(owner) is not tuple:
        asked.finish(queryset, owner)
    queryset.__class__ = queryset._finished
    return queryset


def _pending(cls: Any) -> Any:
    """The class of pending querysets of a class; itself where the program reads in its own way."""
    usual = ("__len__", "__iter__", "__aiter__", "_fetch_all", "_afetch_all")
    whole = hasattr(cls, "__getattr__") or cls.__reduce_ex__ is not object.__reduce_ex__
    if whole or any(getattr(cls, name) is not getattr(Reading, name) for name in usual):
        return cls
    attributes = {"__slots__": (), "__module__": cls.__module__, "__doc__": cls.__doc__}
    pending: Any = type(cls.__name__, (Pending, cls), attributes)
    pending._finished = cls
    return pending


class Asked:
    """What all results of one query have in common.

    Args:
        queryset: The one that they were asked for with, or None.

    Attributes:
        revive: Makes an owner's queryset, or None where the owner is of another kind; itself None
            until a queryset was made the long way.
        finish: Gives such a queryset all that it shares with the others.
    """

    __slots__ = ("finish", "queryset", "revive")

    finish: Callable[[Any, Any], None]

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
        own: Any = QuerySetBase._moved
        if type(queryset)._moved is own and queryset.params[-1:] == (key,):
            made_in = None if self.queryset is None else self.queryset.block
            block = current_block if self.queryset is None else lambda: made_in
            pattern = _pattern(type(queryset), attname)
            revive, self.finish = pattern(self, queryset, type(key), cache, block)
            self.revive = revive


class Found(list[Any]):
    """Prefetched objects, until the manager is asked and makes a queryset of them."""

    __slots__ = ("asked",)

    asked: Asked

    def __reduce__(self) -> Any:
        # Pickling a queryset would run it; what was found is what counts.
        return (found_without_query, (list(self),))


def quick_all(accessor: str, general: Callable[[Any], Any]) -> Any:
    """The method ``all`` of a relation's managers, which gives prefetched results at once.

    Args:
        accessor: The name that results are kept under.
        general: What does it in all other cases.
    """

    @functools.wraps(BaseManager.all)
    def all(self: Any) -> Any:
        kept = self._owner._prefetched_objects_cache
        if kept is not None:
            found = kept.get(accessor)
            if type(found) is Found and self._db is None and found.asked.revive is not None:
                made = found.asked.revive(found, self._owner)
                if made is not None:
                    return made
        return general(self)

    return all


def found_without_query(objects: list[Any]) -> Found:
    """Return results whose queryset is not known any more."""
    found = Found(objects)
    found.asked = Asked(None)
    return found


_patterns: dict[Any, Callable[..., tuple[Revive, Callable[..., None]]]] = {}


def _pattern(cls: Any, attname: str) -> Callable[..., tuple[Revive, Callable[..., None]]]:
    """What makes, of one queryset of a class, the functions that make others like it."""
    known = _patterns.get((cls, attname))
    if known is None:
        names = [n for base in cls.__mro__ for n in vars(base).get("__slots__", ())]
        names = [n for n in dict.fromkeys(names) if n not in ("__dict__", "__weakref__")]
        same = [name for name in names if name not in _OWN]
        pending = _pending(cls)
        code = Code()
        code.names.update(new=object.__new__, cls=pending)
        code.lines = ["def pattern(asked, like, kind, cache, block):"]
        code.lines += [f"    same_{i} = like.{name}" for i, name in enumerate(same)]
        code.lines += ["    first = like.params[:-1]", "    def finish(made, owner):"]
        code.lines += [f"        made.{name} = same_{i}" for i, name in enumerate(same)]
        code.lines += [
            "        made.hints = {'instance': owner}",
            "        made._known_related = (cache, owner) if cache else None",
            "        made._prefetched = True",
            "    def revive(found, owner):",
            f"        key = owner.{attname}",
            "        if type(key) is not kind: return None",
            "        made = new(cls)",
            "        made._cache = found",
            "        made.params = (*first, key) if first else (key,)",
            "        made.block = block()",
            "        made._known_related = owner",
            "        made._prefetched = asked",
            *(["        finish(made, owner)"] if pending is cls else []),
            "        return made",
            "    return revive, finish",
        ]
        known = _patterns[cls, attname] = code.finish("pattern")
    return known
