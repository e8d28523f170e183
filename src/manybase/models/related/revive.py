"""Prefetched results, and the querysets that managers make of them when they are asked.

The querysets of all owners of one query differ in little: the key in the last parameter, the hint,
the results. One is made the long way; the others take from it what they share, by functions that
are generated once for each class of querysets, and not before somebody asks for it: most are only
iterated and counted. Used by the related managers.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

from manybase.models.manager import BaseManager
from manybase.models.queryset.base import PLAINLY, QuerySetBase
from manybase.models.queryset.read import Reading
from manybase.query.code import Code
from manybase.query.state import Recording
from manybase.routing.block import current_block

KEPT = "_kept_relations"
"""Where an owner keeps results: those of one relation as they are, else a dictionary by name."""

_SLOTS: dict[str, Any] = {**vars(Recording), **vars(QuerySetBase)}
_OWN = ("_cache", "_manner", "_prefetched", "params", "_placement")


def _whole(name: str) -> Any:
    """An attribute that makes its object a whole queryset before it is read or set."""

    def put(self: Any, value: Any) -> None:
        setattr(_finish(self), name, value)

    return property(lambda self: getattr(_finish(self), name), put)


class Pending:
    """A queryset that is asked for nothing but its results yet.

    Stands before the queryset's class. The first attribute that is missing makes the object a
    queryset of that class, with all that belongs to it. Until then, what that is made from stands
    in the slots of what it lacks.
    """

    __slots__ = ()

    _finished: Any
    _cache: Any
    _owner_key: Any = _SLOTS["params"]
    _owner: Any = _SLOTS["_manner"]
    _made_in: Any = _SLOTS["_placement"]
    params = _whole("params")
    _placement = _whole("_placement")
    _manner = _whole("_manner")

    def __getattr__(self, name: str) -> Any:
        return getattr(_finish(self), name)

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

    def _set_results(self, objects: list[Any]) -> None:
        _finish(self)._set_results(objects)

    @property
    def _result_cache(self) -> Any:
        return self._cache

    @_result_cache.setter
    def _result_cache(self, objects: Any) -> None:
        _finish(self)._result_cache = objects

    def __reduce_ex__(self, protocol: Any) -> Any:
        return _finish(self).__reduce_ex__(protocol)


_finishing = threading.RLock()


def _finish(queryset: Any) -> Any:
    """Make a pending queryset a whole one; several threads may do so at once."""
    with _finishing:
        if isinstance(queryset, Pending):
            made: Any = queryset
            made._prefetched.finish(made, made._owner, made._owner_key, made._made_in)
            made.__class__ = made._finished  # the last: others look here
    return queryset


def _pending(cls: Any) -> Any:
    """The class of pending querysets of a class; None where the program reads in its own way."""
    usual = ("__len__", "__iter__", "__aiter__", "_fetch_all", "_afetch_all")
    own = hasattr(cls, "__getattr__") or cls.__reduce_ex__ is not object.__reduce_ex__
    own = own or cls.__new__ is not object.__new__
    if own or any(getattr(cls, name) is not getattr(Reading, name) for name in usual):
        return None
    attributes = {"__slots__": (), "__module__": cls.__module__, "__doc__": cls.__doc__}
    attributes["__init__"] = object.__init__  # so that a call makes an empty one
    pending: Any = type(cls.__name__, (Pending, cls), attributes)
    pending._finished = cls
    return pending


_learning = threading.Lock()


class Asked:
    """What all results of one query, or of all queries that were asked alike, have in common.

    Args:
        queryset: The one that they were asked for with, or None.
        name: The accessor of the relation.

    Attributes:
        kind: The class of owners' keys; None until a queryset was made the long way.
        make: Makes an empty pending queryset.
        block: Gives the block that such a queryset is made in.
        finish: Gives such a queryset all that it shares with the others.
    """

    __slots__ = ("block", "finish", "kind", "make", "name", "queryset")

    block: Callable[[], str | None]
    finish: Callable[[Any, Any, Any, str | None], None]
    make: Callable[[], Any]

    def __init__(self, queryset: Any, name: str) -> None:
        self.queryset = queryset
        self.name = name
        self.kind: type | None = None

    def learn(self, queryset: Any, key: Any, cache: str | None) -> None:
        """Take one owner's queryset as the pattern of the others.

        Args:
            queryset: The pattern.
            key: The value of the owner that its objects are found by.
            cache: Where found objects keep their owner.
        """
        own: Any = QuerySetBase._moved
        cls: Any = type(queryset)
        if cls._moved is not own or queryset.params[-1:] != (key,):
            return
        pending = _pending(cls)
        if pending is None:
            return
        made_in = None if self.queryset is None else self.queryset.block
        with _learning:
            if self.kind is None:
                self.block = current_block if self.queryset is None else lambda: made_in
                self.make, self.finish = pending, _pattern(cls)(queryset, cache)
                self.kind = type(key)  # the last: other threads look here

    def revived(self, found: Found, owner: Any, attname: str | None) -> Any:
        """Return an owner's queryset, or None where it has to be made the long way."""
        key = None if attname is None or self.kind is None else getattr(owner, attname)
        if key is None or type(key) is not self.kind:
            return None
        made = self.make()
        made._cache, made._owner_key, made._owner = found, key, owner
        made._prefetched, made._made_in = self, self.block()
        return made


class Found(list[Any]):
    """Prefetched objects, until the manager is asked and makes a queryset of them."""

    __slots__ = ("asked",)

    asked: Asked

    def __reduce__(self) -> Any:
        # Pickling a queryset would run it; what was found is what counts.
        return (found_without_query, (list(self), self.asked.name))


def quick_all(accessor: str, attname: str, general: Callable[[Any], Any]) -> Any:
    """The method ``all`` of a relation's managers, which gives prefetched results at once.

    Args:
        accessor: The name that results are kept under.
        attname: The attribute of owners that their objects are found by.
        general: What does it in all other cases. The manager is placed on no database.
    """
    code = Code()
    code.names.update(Found=Found, general=general)
    code.lines = [
        "def all(self):",
        "    owner = self._owner",
        f"    found = owner.{KEPT}",
        "    if type(found) is dict:",
        f"        found = found.get({accessor!r})",
        "    if type(found) is Found:",
        f"        asked, key = found.asked, owner.{attname}",
        f"        if type(key) is asked.kind and asked.name == {accessor!r}:",
        "            make, block = asked.make, asked.block",  # called so, slots cost less
        "            made = make()",
        "            made._cache = found",
        "            made._owner_key = key",
        "            made._prefetched = asked",
        "            made._made_in = block()",
        "            made._owner = owner",
        # It is not kept: it would tie owner and results in a circle.
        "            return made",
        "    return general(self)",
    ]
    return functools.wraps(BaseManager.all)(code.finish("all"))


def found_without_query(objects: list[Any], name: str) -> Found:
    """Return results of a relation whose queryset is not known any more."""
    found = Found(objects)
    found.asked = Asked(None, name)
    return found


def kept(owner: Any, name: str) -> Any:
    """What an owner keeps of a relation: ``Found``, a queryset, or None."""
    held = owner._kept_relations
    if type(held) is Found:
        return held if held.asked.name == name else None
    return None if held is None else held.get(name)


def keep(owner: Any, name: str, found: Any) -> None:
    """Keep the results of a relation on its owner."""
    if type(found) is Found and owner._kept_relations is None:
        owner._kept_relations = found  # a dictionary for each owner costs as much as the results
    else:
        owner._kept_relations = {**owner._prefetched_objects_cache, name: found}


def forget(owner: Any, name: str) -> None:
    """Drop the results of a relation; copies of the owner keep theirs."""
    if kept(owner, name) is not None:
        every = owner._prefetched_objects_cache
        owner._kept_relations = {n: found for n, found in every.items() if n != name}


@functools.cache
def _pattern(cls: Any) -> Callable[[Any, str | None], Callable[..., None]]:
    """What makes, of one queryset of a class, the function that finishes others like it."""
    names = [n for base in cls.__mro__ for n in vars(base).get("__slots__", ())]
    names = [n for n in dict.fromkeys(names) if n not in ("__dict__", "__weakref__", *_OWN)]
    code = Code()
    code.names.update({f"put_{n}": _SLOTS[n].__set__ for n in ("params", "_placement", "_manner")})
    code.names.update(PLAINLY=PLAINLY)
    code.lines = ["def pattern(like, cache):"]
    code.lines += [f"    same_{i} = like.{name}" for i, name in enumerate(names)]
    code.lines += [
        "    first, placement = like.params[:-1], like._placement",
        "    manner = like._manner._replace(known_related=None)",
        "    manner = PLAINLY if manner == PLAINLY else manner",
        "    def finish(made, owner, key, block):",
        *(f"        made.{name} = same_{i}" for i, name in enumerate(names)),
        "        put_params(made, (*first, key))",
        "        hints = {'instance': owner}",
        "        put__placement(made, placement._replace(block=block, hints=hints))",
        "        known = manner._replace(known_related=(cache, owner)) if cache else manner",
        "        put__manner(made, known)",
        "        made._prefetched = True",
        "    return finish",
    ]
    pattern: Callable[[Any, str | None], Callable[..., None]] = code.finish("pattern")
    return pattern
