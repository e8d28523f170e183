"""How ``prefetch_related`` asks each kind of relation and keeps what it finds.

Used by ``ops.prefetch`` through the descriptors' ``prefetch_source``. A source makes querysets and
puts results on objects; it runs nothing itself, but for reading links.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import attrgetter, is_not
from typing import TYPE_CHECKING, Any

from manybase.meta.signals import post_init, pre_init
from manybase.models.related.revive import KEPT, Asked, Found, found_without_query, keep, kept
from manybase.models.related.slices import cut, unsliced
from manybase.ops import fetch
from manybase.ops.prefetch import Batch, Source
from manybase.query.linked import Groups, linker
from manybase.query.record import bounds, record_filter, record_values
from manybase.query.state import Once, Recording

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


_kept = attrgetter(KEPT)


def with_instance(query: Any, instance: Any) -> Any:
    """Return a queryset whose route follows an object, where it names no database itself."""
    new = query._chain()
    new.hints = {**(query.hints or {}), "instance": instance}
    return new


def unique(values: Iterable[Any]) -> Once:
    """Return values other than None, each once."""
    found = dict.fromkeys(values)
    found.pop(None, None)
    return Once(found)


class ForwardSource(Source):
    """The objects that foreign keys point at."""

    single = True

    def __init__(self, field: Any) -> None:
        self.field = field

    def is_loaded(self, obj: Any) -> bool:
        """Whether the object's key was followed already."""
        return self.field.cache_name in obj.__dict__

    def loaded(self, obj: Any) -> Iterable[Any]:
        """The object that was found."""
        found = obj.__dict__[self.field.cache_name]
        return () if found is None else (found,)

    async def batches(
        self, executor: Executor, objects: Sequence[Any], queryset: Any
    ) -> list[Batch]:
        """One query for all keys."""
        field = self.field
        keys = unique(getattr(obj, field.attname) for obj in objects)
        if not keys:
            for obj in objects:
                self.keep(obj, [], None, None)
            return []
        if queryset is None:
            queryset = field.related_model._base_manager.get_queryset()
        wanted = field.target_field.attname
        query = with_instance(queryset, objects[0]).filter(**{f"{wanted}__in": keys})
        return [Batch(query, objects, attrgetter(field.attname), attrgetter(wanted))]

    def keep(self, obj: Any, found: list[Any], queryset: Any, to_attr: str | None) -> None:
        """Keep the one object, or None."""
        one = found[0] if found else None
        if to_attr:
            setattr(obj, to_attr, one)
            return
        obj.__dict__[self.field.cache_name] = one
        if one is not None and self.field.one_to_one:
            one.__dict__[self.field.remote_field.cache_name] = obj


class ReverseOneSource(Source):
    """The objects whose one-to-one fields point here."""

    single = True

    def __init__(self, related: Any) -> None:
        self.related = related

    def is_loaded(self, obj: Any) -> bool:
        """Whether the far object was looked for already."""
        return self.related.cache_name in obj.__dict__

    def loaded(self, obj: Any) -> Iterable[Any]:
        """The object that was found."""
        found = obj.__dict__[self.related.cache_name]
        return () if found is None else (found,)

    async def batches(
        self, executor: Executor, objects: Sequence[Any], queryset: Any
    ) -> list[Batch]:
        """One query for all owners."""
        field = self.related.field
        wanted = field.target_field.attname
        keys = unique(getattr(obj, wanted) for obj in objects)
        if not keys:
            return []
        if queryset is None:
            queryset = self.related.related_model._base_manager.get_queryset()
        query = with_instance(queryset, objects[0]).filter(**{f"{field.attname}__in": keys})
        return [Batch(query, objects, attrgetter(wanted), attrgetter(field.attname))]

    def keep(self, obj: Any, found: list[Any], queryset: Any, to_attr: str | None) -> None:
        """Keep the one object, or None."""
        one = found[0] if found else None
        if one is not None:
            one.__dict__[self.related.field.cache_name] = obj
        if to_attr:
            setattr(obj, to_attr, one)
        else:
            obj.__dict__[self.related.cache_name] = one


class ManySource(Source):
    """What relations to many share: results are kept for the manager to give out."""

    single = False
    name: str
    model: Any = None

    def is_loaded(self, obj: Any) -> bool:
        """Whether the manager's objects are there."""
        return kept(obj, self.name) is not None

    def loaded(self, obj: Any) -> Iterable[Any]:
        """The objects that are there."""
        found: Iterable[Any] = kept(obj, self.name)
        return found

    def missing(self, objects: list[Any]) -> list[Any]:
        """The objects whose manager has no results yet."""
        name = self.name
        # Not by __dict__: asking for it makes an object larger.
        if not any(map(is_not, map(_kept, objects), repeat(None))):
            return objects
        return [obj for obj in objects if kept(obj, name) is None]

    def keep(self, obj: Any, found: list[Any], queryset: Any, to_attr: str | None) -> None:
        """Keep a list as an attribute, or results for the manager to give out."""
        if to_attr:
            setattr(obj, to_attr, found)
            return
        own = found_without_query(found, self.name)
        own.asked.queryset = queryset
        keep(obj, self.name, own)

    def _asked(self, queryset: Any) -> Asked:
        """What results have in common; the same for all that the manager alone was asked for."""
        manager = (
            None if queryset is not None or self.model is None else self.model._default_manager
        )
        if manager is None or not manager._plain:  # a program's own filter() may depend on anything
            return Asked(queryset, self.name)
        asked: Asked = manager._asked.get(self) or manager._asked.setdefault(
            self, Asked(None, self.name)
        )
        return asked

    def keep_all(
        self, batch: Batch, groups: dict[Any, list[Any]], queryset: Any, to_attr: str | None
    ) -> None:
        """Keep results that share what is known of their query."""
        keys = map(batch.key_of_owner, batch.objects) if batch.keys is None else batch.keys
        found_by_owner = map(groups.get, keys)
        pairs = zip(batch.objects, found_by_owner, strict=True)
        if to_attr:
            for obj, found in pairs:
                setattr(obj, to_attr, [] if found is None else list(found))
            return
        name, asked = self.name, self._asked(queryset)
        for obj, found in pairs:
            if type(found) is not Found:
                found = Found(found or ())
            found.asked = asked
            if obj._kept_relations is None:
                obj._kept_relations = found
            else:
                keep(obj, name, found)


class ReverseManySource(ManySource):
    """The objects whose foreign keys point here."""

    def __init__(self, related: Any) -> None:
        self.related = related
        self.name = related.get_accessor_name()
        self.model = related.related_model

    async def batches(
        self, executor: Executor, objects: Sequence[Any], queryset: Any
    ) -> list[Batch]:
        """One query for all owners."""
        field = self.related.field
        wanted = field.target_field.attname
        keys = unique(getattr(obj, wanted) for obj in objects)
        if queryset is None:
            queryset = self.model._default_manager.get_queryset()
        query, owned = with_instance(queryset, objects[0]), {f"{field.attname}__in": keys}
        query = cut(query, field.attname)(owned) if query.is_sliced else query.filter(**owned)
        return [Batch(query, objects, attrgetter(wanted), attrgetter(field.attname))]

    def keep_all(
        self, batch: Batch, groups: dict[Any, list[Any]], queryset: Any, to_attr: str | None
    ) -> None:
        """Keep the objects, and on each of them its owner."""
        cache_name, owner = self.related.field.cache_name, batch.key_of_owner
        for obj in batch.objects:
            for one in groups.get(owner(obj), ()):
                one.__dict__.setdefault(cache_name, obj)
        super().keep_all(batch, groups, queryset, to_attr)


class LinkedSource(ManySource):
    """The objects at the other end of a many-to-many relation.

    Args:
        name: The accessor.
        model: The model at the other end.
        query_name: The relation's name in filters on that model.
        through: The model of the table between.
        source: Its foreign key to this end.
        target: Its foreign key to the other end.
    """

    def __init__(
        self, name: str, model: Any, query_name: str, through: Any, source: Any, target: Any
    ) -> None:
        self.name = name
        self.model = model
        self.query_name = query_name
        self.through = through
        self.source = source
        self.target = target

    async def batches(
        self, executor: Executor, objects: Sequence[Any], queryset: Any
    ) -> list[Batch]:
        """One query that brings each object's owner along, or one for the links before it."""
        own = attrgetter(self.source.target_field.attname)
        each = list(map(own, objects))
        keys = unique(each)
        if queryset is None:
            queryset = self.model._default_manager.get_queryset()
        query = with_instance(queryset, objects[0])
        owned = {f"{self.query_name}__in": keys}
        if query.is_sliced and not query._calls("related", "only", "defer", "distinct", "annotate"):
            query = cut(query, self.query_name)(owned)
            return [Batch(query, objects, own, _take_owner, group=self._by_owner)]
        if query._calls("related", "only", "defer", "distinct", "annotate", "slice"):
            return [Batch(query, objects, own, _take_owner, _ReadByLinks(self, keys).read)]
        query = query.filter(**owned)
        return [Batch(query, objects, own, _take_owner, group=self._by_owner, keys=each)]

    async def _by_owner(self, executor: Executor, query: Any, alias: str) -> Groups:
        """Read the objects with the key of each one's owner behind its values."""
        model = query.model
        names = tuple(field.attname for field in self.model._meta.concrete_fields)
        values = record_values(query, (*names, self.query_name), "tuple")
        groups: Groups = {}
        told = pre_init.has_listeners(model) or post_init.has_listeners(model)
        link = linker(model, names, Found, told)
        if told or not model._plain_init:
            link(await fetch.rows(executor, values, alias), alias, groups)
        else:
            await fetch.each_part(executor, values, alias, lambda rows: link(rows, alias, groups))
        return groups


_OWNER = "_prefetch_owner"


def _take_owner(obj: Any) -> Any:
    """Whose link an object was read over; the mark is taken off again."""
    return obj.__dict__.pop(_OWNER)


class _ReadByLinks:
    """Reads links first, then the objects with all that their queryset asks for."""

    def __init__(self, relation: LinkedSource, keys: Once) -> None:
        self.relation = relation
        self.keys = keys

    async def read(self, executor: Executor, query: Any, alias: str) -> list[Any]:
        """Return an object for each link, or for those of each owner that a slice keeps."""
        relation = self.relation
        links = record_filter(
            Recording(relation.through), (), {f"{relation.source.attname}__in": self.keys}
        )
        names = (relation.source.attname, relation.target.attname)
        pairs = await fetch.rows(executor, record_values(links, names, "tuple"), alias)
        owners: dict[Any, list[Any]] = {}
        for owner, key in unique(pairs) if query._calls("distinct") else pairs:
            owners.setdefault(key, []).append(owner)
        wanted = relation.target.target_field.attname
        found: list[Any] = []
        (low, high), rows = bounds(query), unsliced(query)
        rows = rows.filter(**{f"{wanted}__in": list(owners)})
        met: dict[Any, int] = {}
        for obj in await fetch.objects(executor, rows, alias):
            kept = []
            for owner in owners[getattr(obj, wanted)]:
                place = met[owner] = met.get(owner, -1) + 1
                if low <= place and (high is None or place < high):
                    kept.append(owner)
            found.extend(_copy(obj, owner) for owner in kept[1:])
            if kept:
                obj.__dict__[_OWNER] = kept[0]
                found.append(obj)
        return found


def _copy(obj: Any, owner: Any) -> Any:
    model: Any = type(obj)
    new = model.__new__(model)
    new.__dict__.update(obj.__dict__)
    new.__dict__[_OWNER] = owner
    new._origin = obj._origin
    return new
