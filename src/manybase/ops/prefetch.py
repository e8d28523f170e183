"""Loading relations of many objects at once: one query for each relation, kind and place.

Called after a queryset was read, and by ``prefetch_related_objects``. Objects of several places in
one list are served each from its own; a queryset that names its database is asked there. How a
relation is asked stands in its ``prefetch_source``; here is the walk over the lookups.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Callable, Container, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from manybase.errors import (
    CrossDatabaseError,
    NotPrefetchable,
    QueryError,
    UnknownPrefetch,
    hint_for,
)
from manybase.meta.attributes import is_kept, is_read_only, static
from manybase.ops import fetch
from manybase.ops.prefetch_lookup import Prefetch, as_prefetch
from manybase.query.collector import paused
from manybase.routing.topology import same_set

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


@dataclasses.dataclass(slots=True, eq=False)
class Batch:
    """One query, and how its rows find their owners.

    Args:
        query: The queryset to read; routing gives its database.
        objects: The objects that it serves.
        key_of_owner: The value of an object that is looked for.
        key_of_found: The value of a row that says whose it is.
        read: Reads the rows in another way than as objects of the query.
        group: Reads the rows and sorts them by their owners at once.
        keys: ``key_of_owner`` of the objects, where it was asked already.
    """

    query: Any
    objects: Sequence[Any]
    key_of_owner: Callable[[Any], Any]
    key_of_found: Callable[[Any], Any]
    read: Callable[[Executor, Any, str], Any] | None = None
    group: Callable[[Executor, Any, str], Any] | None = None
    keys: Sequence[Any] | None = None


class Source:
    """How one relation is loaded for many objects and kept on them."""

    single: bool

    def is_loaded(self, obj: Any) -> bool:
        """Whether the object has it already."""
        raise NotImplementedError

    def loaded(self, obj: Any) -> Iterable[Any]:
        """The related objects that are there."""
        raise NotImplementedError

    def missing(self, objects: list[Any]) -> list[Any]:
        """The objects that do not have it yet."""
        return [obj for obj in objects if not self.is_loaded(obj)]

    async def batches(
        self, executor: Executor, objects: Sequence[Any], queryset: Any
    ) -> list[Batch]:
        """The queries for objects of one place."""
        raise NotImplementedError

    def keep(self, obj: Any, found: list[Any], queryset: Any, to_attr: str | None) -> None:
        """Put what was found on an object."""
        raise NotImplementedError

    def keep_all(
        self, batch: Batch, groups: dict[Any, list[Any]], queryset: Any, to_attr: str | None
    ) -> None:
        """Put what was found on every object of a batch."""
        owner, keep = batch.key_of_owner, self.keep
        for obj in batch.objects:
            keep(obj, groups.get(owner(obj), []), queryset, to_attr)


_origin = attrgetter("_origin")
MOST_LOOKUPS = 256
"""Combinations of names that are remembered for a model."""

Reached = Callable[[], list[Any]]
"""Gives related objects; asked only where another lookup goes on from them."""


async def prefetch(executor: Executor, objects: Iterable[Any], lookups: Iterable[Any]) -> None:
    """Load relations of objects and keep them there.

    Args:
        executor: What reaches the databases.
        objects: Objects of any places; of one model, or of models that all have the relations.
        lookups: Names of relations and ``Prefetch`` objects.

    Raises:
        QueryError: A name leads to nothing that can be loaded along.
        CrossDatabaseError: A queryset that names its database serves objects of two places.
    """
    await prefetch_read(executor, [obj for obj in objects if obj is not None], lookups)


async def prefetch_read(
    executor: Executor, objects: list[Any], lookups: Iterable[Any], fresh: bool = False
) -> None:
    """Do the same for objects as they were read: no None stands among them.

    Args:
        executor: What reaches the databases.
        objects: The objects.
        lookups: Names of relations and ``Prefetch`` objects.
        fresh: Whether they are of one class and one place, and no code of the program met them.
    """
    if objects:
        await _Walk(executor, objects, fresh).run(as_prefetch(lookup) for lookup in lookups)


class _Walk:
    def __init__(self, executor: Executor, objects: list[Any], fresh: bool) -> None:
        self.executor = executor
        self.objects = objects
        self.fresh = fresh
        self.done: dict[str, Reached] = {}
        self.waiting: deque[Prefetch] = deque()

    async def run(self, lookups: Iterable[Prefetch]) -> None:
        self.waiting.extend(lookups)
        while self.waiting:
            lookup = self.waiting.popleft()
            if lookup.prefetch_to in self.done:
                if lookup.queryset is not None:
                    raise QueryError(
                        f"'{lookup.prefetch_to}' lookup was already seen with a different"
                        " queryset. You may need to adjust the ordering of your lookups.",
                        hint="Give the Prefetch first, or a to_attr of its own.",
                    )
                continue
            await self._follow(lookup)

    async def _follow(self, lookup: Prefetch) -> None:
        level = self.objects
        parts = lookup.prefetch_through.split("__")
        last = len(parts) - 1
        for position, part in enumerate(parts):
            if not level:
                return
            path = lookup.path_to(position)
            if path not in self.done:
                self.done[path] = await self._load(lookup, position, part, level)
                if position:  # what was found may hold the first objects, and load their relations
                    self.fresh = False
            if position < last:
                level = self.done[path]()

    async def _load(
        self, lookup: Prefetch, position: int, part: str, objects: list[Any]
    ) -> Reached:
        """Load one part for all objects; return what gives the related objects."""
        queryset = lookup.queryset_at(position)
        last = position == lookup.prefetch_through.count("__")
        to_attr = lookup.to_attr if last else None
        reached: list[Iterable[Any]] = []
        fresh = self.fresh and objects is self.objects
        for model, members in _by_class(objects, fresh).items():
            source = _source(model, members[0], part, lookup.prefetch_through)
            if source is None:
                if last:
                    raise _not_prefetchable(model, lookup.prefetch_through)
                reached.append(_plain_values(members, part))
                continue
            if to_attr:
                _check_attribute(model, to_attr)
            new = to_attr or (fresh and not source.single)  # one may have come by a join
            missing = members if new else source.missing(members)
            if len(missing) < len(members):
                there = [source.loaded(m) for m in members if source.is_loaded(m)]
                reached.extend(there)
            reached.extend(await self._read(source, missing, queryset, to_attr))
        for inner in getattr(queryset, "_prefetch_related_lookups", None) or ():
            self.waiting.appendleft(as_prefetch(inner, lookup.path_to(position)))
        return lambda: _distinct(chain.from_iterable(reached))

    async def _read(
        self, source: Source, objects: list[Any], queryset: Any, to_attr: str | None
    ) -> list[Iterable[Any]]:
        """Read for every place, side by side where the face can; return lists of objects."""
        alike = self.fresh and objects is self.objects
        groups = [objects] if alike else list(_by_place(objects, queryset))
        works = [self._read_place(source, group, queryset, to_attr) for group in groups]
        if len(works) == 1:
            return await works[0]
        return [some for found in await self.executor.gather(works) for some in found]

    async def _read_place(
        self, source: Source, objects: list[Any], queryset: Any, to_attr: str | None
    ) -> list[Iterable[Any]]:
        found: list[Iterable[Any]] = []
        for batch in await source.batches(self.executor, objects, queryset):
            if batch.group is not None:
                alias = batch.query._read_alias()
                groups = await batch.group(self.executor, batch.query, alias)
            else:
                groups = {}
                for row in await self._rows(batch):
                    groups.setdefault(batch.key_of_found(row), []).append(row)
            with paused(len(batch.objects)):
                source.keep_all(batch, groups, queryset, to_attr)
            found.extend(groups.values())
        return found

    async def _rows(self, batch: Batch) -> list[Any]:
        alias = batch.query._read_alias()
        if batch.read is not None:
            read: list[Any] = await batch.read(self.executor, batch.query, alias)
            return read
        rows: list[Any] = await fetch.objects(self.executor, batch.query, alias)
        return rows


def _by_class(objects: list[Any], alike: bool) -> dict[Any, list[Any]]:
    if alike or len(set(map(type, objects))) == 1:
        return {type(objects[0]): objects}
    groups: dict[Any, list[Any]] = {}
    for obj in objects:
        groups.setdefault(type(obj), []).append(obj)
    return groups


def _by_place(objects: list[Any], queryset: Any) -> Iterable[list[Any]]:
    """Group objects by their database; a queryset that names its own takes one group only."""
    if len(set(map(_origin, objects))) < 2:
        return [objects] if objects else []
    groups: dict[Any, list[Any]] = {}
    for obj in objects:
        groups.setdefault(obj._origin.alias, []).append(obj)
    placed = getattr(queryset, "placed_on", None)
    if placed is None or len(groups) < 2:
        return groups.values()
    aliases = [alias for alias in groups if alias is not None]
    if any(not same_set(aliases[0], other) for other in aliases[1:]):
        named = " and ".join(f"'{alias}'" for alias in sorted(aliases))
        raise CrossDatabaseError(
            f"a Prefetch of '{queryset.model._meta.label}' on database '{placed}' cannot serve"
            f" objects of databases {named} in one list",
            hint="Leave .using() off its queryset, so that each object is served from its own"
            " database, or prefetch for each database by itself.",
        )
    return [objects]


def _source(model: Any, obj: Any, part: str, through: str) -> Source | None:
    descriptor = static(model, part)
    source: Source | None = getattr(descriptor, "prefetch_source", None)
    if source is None and descriptor is None and not hasattr(obj, part):
        raise _unknown(model, part, through, _relations(model))
    return source


def check_names(model: Any, names: tuple[str, ...]) -> None:
    """Check lookups that are names alone; those that were right are remembered.

    Raises:
        UnknownPrefetch: There is no such name; the hint says which was meant.
        NotPrefetchable: It is that of a column.
    """
    known: set[tuple[str, ...]] = model._meta.__dict__.setdefault("_lookups", set())
    if names in known:
        return
    for name in names:
        check_lookup(model, as_prefetch(name), (), ())
    if len(known) >= MOST_LOOKUPS:
        known.clear()
    known.add(names)


def check_lookup(model: Any, lookup: Prefetch, known: Container[str], own: Container[str]) -> None:
    """Refuse a lookup with a name that no object on its way can have.

    Args:
        model: The model of the objects that it starts from.
        lookup: The lookup.
        known: Ways to what objects get otherwise: annotations, lists of other lookups.
        own: Ways that a queryset of the program's own is read by; it may give objects anything.

    Raises:
        UnknownPrefetch: There is no such name; the hint says which was meant.
        NotPrefetchable: It is that of a column.
        QueryError: Its queryset gives objects of another model than the relation.
    """
    through, way = lookup.prefetch_through, ""
    for part in through.split("__"):
        way = f"{way}__{part}" if way else part
        if not model._plain_init or way in known:
            return  # an __init__ of the program's own may set any attribute
        descriptor = static(model, part)
        if descriptor is None:
            _check_name(model, part, through, way == through)
            return
        target: Any = getattr(descriptor, "related_model", None)
        if not hasattr(target, "_meta") or (way in own and way != through):
            return  # a generic key leads to any model, a property to whatever it gives
        if not target._default_manager._plain and way != through:
            return
        model = target
    _check_queryset(model, lookup)


def _check_name(model: Any, part: str, through: str, last: bool) -> None:
    if part in model._meta.attnames and last:
        raise _not_prefetchable(model, through)
    if part not in model._meta.attnames:
        raise _unknown(model, part, through, _relations(model))


def _check_queryset(model: Any, lookup: Prefetch) -> None:
    given = None if lookup.queryset is None else lookup.queryset.model._meta
    wanted = model._meta.concrete_model
    if given is None or given.concrete_model is wanted:
        return
    if wanted in given.get_parent_list() or given.concrete_model in wanted._meta.get_parent_list():
        return
    raise QueryError(
        f"the queryset of Prefetch('{lookup.prefetch_through}') gives objects of '{given.label}',"
        f" not of '{model._meta.label}'",
        hint=f"Begin it with {model.__name__}.objects.",
    )


def _relations(model: Any) -> list[str]:
    return [
        name
        for klass in model.__mro__
        for name, value in vars(klass).items()
        if hasattr(value, "prefetch_source")
    ]


def _unknown(model: Any, part: str, through: str, names: list[str]) -> Exception:
    return UnknownPrefetch(
        f"cannot find '{part}' on {model.__name__} object, '{through}' is an invalid parameter"
        " to prefetch_related()",
        hint=hint_for(part, names) if names else None,
    )


def _not_prefetchable(model: Any, through: str) -> Exception:
    return NotPrefetchable(
        f"'{through}' does not resolve to an item that supports prefetching - this is an"
        f" invalid parameter to prefetch_related() on {model.__name__}",
        hint="Name a relation; columns of the object are loaded anyway.",
    )


def _check_attribute(model: Any, to_attr: str) -> None:
    if to_attr in model._meta.names or is_kept(to_attr) or is_read_only(model, to_attr):
        raise NotPrefetchable(
            f"to_attr={to_attr} conflicts with a field on the {model.__name__} model.",
            hint="Choose a name that is no field, nor an attribute of every object.",
        )


def _plain_values(objects: Iterable[Any], part: str) -> Iterable[Any]:
    """What an attribute that is no relation holds, such as an earlier ``to_attr``."""
    for obj in objects:
        value = getattr(obj, part)
        if isinstance(value, (list, tuple)):
            yield from value
        elif value is not None:
            yield value


def _distinct(objects: Iterable[Any]) -> list[Any]:
    seen: dict[int, Any] = {}
    for obj in objects:
        if obj is not None:
            seen.setdefault(id(obj), obj)
    return list(seen.values())
