"""The methods that a manager has of a queryset, written out for readers and type checkers.

Each is one line around ``get_queryset()``; querysets of a program's own add theirs in
``models.manager``. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from manybase.models.queryset import QuerySet, RawQuerySet
from manybase.models.queryset.read import CHUNK

M = TypeVar("M", bound=Any)


class Beginning(Generic[M]):
    """What the parts of a manager stand on."""

    if TYPE_CHECKING:

        def get_queryset(self) -> QuerySet[M]: ...


class Recording(Beginning[M]):
    """The calls that describe rows; each begins a queryset."""

    def all(self) -> QuerySet[M]:
        """See ``QuerySet.all``."""
        return self.get_queryset()

    def filter(self, *args: Any, **kwargs: Any) -> QuerySet[M]:
        """See ``QuerySet.filter``."""
        return self.get_queryset().filter(*args, **kwargs)

    def exclude(self, *args: Any, **kwargs: Any) -> QuerySet[M]:
        """See ``QuerySet.exclude``."""
        return self.get_queryset().exclude(*args, **kwargs)

    def complex_filter(self, condition: Any) -> QuerySet[M]:
        """See ``QuerySet.complex_filter``."""
        return self.get_queryset().complex_filter(condition)

    def order_by(self, *names: Any) -> QuerySet[M]:
        """See ``QuerySet.order_by``."""
        return self.get_queryset().order_by(*names)

    def reverse(self) -> QuerySet[M]:
        """See ``QuerySet.reverse``."""
        return self.get_queryset().reverse()

    def distinct(self) -> QuerySet[M]:
        """See ``QuerySet.distinct``."""
        return self.get_queryset().distinct()

    def none(self) -> QuerySet[M]:
        """See ``QuerySet.none``."""
        return self.get_queryset().none()

    def using(self, alias: str | None) -> QuerySet[M]:
        """See ``QuerySet.using``."""
        return self.get_queryset().using(alias)

    def values(self, *names: Any) -> Any:
        """See ``QuerySet.values``."""
        return self.get_queryset().values(*names)

    def values_list(self, *names: Any, flat: bool = False, named: bool = False) -> Any:
        """See ``QuerySet.values_list``."""
        return self.get_queryset().values_list(*names, flat=flat, named=named)

    def dates(self, field_name: str, kind: str, order: str = "ASC") -> Any:
        """See ``QuerySet.dates``."""
        return self.get_queryset().dates(field_name, kind, order)

    def datetimes(self, field_name: str, kind: str, order: str = "ASC") -> Any:
        """See ``QuerySet.datetimes``."""
        return self.get_queryset().datetimes(field_name, kind, order)

    def annotate(self, *args: Any, **kwargs: Any) -> QuerySet[M]:
        """See ``QuerySet.annotate``."""
        return self.get_queryset().annotate(*args, **kwargs)

    def alias(self, **kwargs: Any) -> QuerySet[M]:
        """See ``QuerySet.alias``."""
        return self.get_queryset().alias(**kwargs)

    def select_related(self, *names: str | None) -> QuerySet[M]:
        """See ``QuerySet.select_related``."""
        return self.get_queryset().select_related(*names)

    def prefetch_related(self, *lookups: Any) -> QuerySet[M]:
        """See ``QuerySet.prefetch_related``."""
        return self.get_queryset().prefetch_related(*lookups)

    def only(self, *names: str) -> QuerySet[M]:
        """See ``QuerySet.only``."""
        return self.get_queryset().only(*names)

    def defer(self, *names: str | None) -> QuerySet[M]:
        """See ``QuerySet.defer``."""
        return self.get_queryset().defer(*names)

    def union(self, *others: Any, all: bool = False) -> QuerySet[M]:
        """See ``QuerySet.union``."""
        return self.get_queryset().union(*others, all=all)

    def intersection(self, *others: Any) -> QuerySet[M]:
        """See ``QuerySet.intersection``."""
        return self.get_queryset().intersection(*others)

    def difference(self, *others: Any) -> QuerySet[M]:
        """See ``QuerySet.difference``."""
        return self.get_queryset().difference(*others)

    def explain_route(self) -> Any:
        """See ``QuerySet.explain_route``."""
        return self.get_queryset().explain_route()

    def raw(
        self,
        raw_query: str,
        params: Sequence[Any] | Mapping[str, Any] = (),
        translations: Mapping[str, str] | None = None,
        using: str | None = None,
    ) -> RawQuerySet[M]:
        """See ``QuerySet.raw``."""
        return self.get_queryset().raw(raw_query, params, translations, using)


class Reading(Beginning[M]):
    """The calls that read rows."""

    def iterator(self, chunk_size: int = CHUNK) -> Iterator[M]:
        """See ``QuerySet.iterator``."""
        return self.get_queryset().iterator(chunk_size)

    def aiterator(self, chunk_size: int = CHUNK) -> AsyncIterator[M]:
        """See ``QuerySet.aiterator``."""
        return self.get_queryset().aiterator(chunk_size)

    def get(self, *args: Any, **kwargs: Any) -> M:
        """See ``QuerySet.get``."""
        return self.get_queryset().get(*args, **kwargs)

    async def aget(self, *args: Any, **kwargs: Any) -> M:
        """See ``QuerySet.aget``."""
        return await self.get_queryset().aget(*args, **kwargs)

    def first(self) -> M | None:
        """See ``QuerySet.first``."""
        return self.get_queryset().first()

    async def afirst(self) -> M | None:
        """See ``QuerySet.afirst``."""
        return await self.get_queryset().afirst()

    def last(self) -> M | None:
        """See ``QuerySet.last``."""
        return self.get_queryset().last()

    async def alast(self) -> M | None:
        """See ``QuerySet.alast``."""
        return await self.get_queryset().alast()

    def earliest(self, *fields: str) -> M:
        """See ``QuerySet.earliest``."""
        return self.get_queryset().earliest(*fields)

    async def aearliest(self, *fields: str) -> M:
        """See ``QuerySet.aearliest``."""
        return await self.get_queryset().aearliest(*fields)

    def latest(self, *fields: str) -> M:
        """See ``QuerySet.latest``."""
        return self.get_queryset().latest(*fields)

    async def alatest(self, *fields: str) -> M:
        """See ``QuerySet.alatest``."""
        return await self.get_queryset().alatest(*fields)

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """See ``QuerySet.aggregate``."""
        return self.get_queryset().aggregate(*args, **kwargs)

    async def aaggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """See ``QuerySet.aaggregate``."""
        return await self.get_queryset().aaggregate(*args, **kwargs)

    def count(self) -> int:
        """See ``QuerySet.count``."""
        return self.get_queryset().count()

    async def acount(self) -> int:
        """See ``QuerySet.acount``."""
        return await self.get_queryset().acount()

    def exists(self) -> bool:
        """See ``QuerySet.exists``."""
        return self.get_queryset().exists()

    async def aexists(self) -> bool:
        """See ``QuerySet.aexists``."""
        return await self.get_queryset().aexists()

    def contains(self, obj: Any) -> bool:
        """See ``QuerySet.contains``."""
        return self.get_queryset().contains(obj)

    async def acontains(self, obj: Any) -> bool:
        """See ``QuerySet.acontains``."""
        return await self.get_queryset().acontains(obj)

    def in_bulk(
        self, id_list: Iterable[Any] | None = None, *, field_name: str = "pk"
    ) -> dict[Any, M]:
        """See ``QuerySet.in_bulk``."""
        return self.get_queryset().in_bulk(id_list, field_name=field_name)

    async def ain_bulk(
        self, id_list: Iterable[Any] | None = None, *, field_name: str = "pk"
    ) -> dict[Any, M]:
        """See ``QuerySet.ain_bulk``."""
        return await self.get_queryset().ain_bulk(id_list, field_name=field_name)


class Writing(Beginning[M]):
    """The calls that write rows."""

    def create(self, **kwargs: Any) -> M:
        """See ``QuerySet.create``."""
        return self.get_queryset().create(**kwargs)

    async def acreate(self, **kwargs: Any) -> M:
        """See ``QuerySet.acreate``."""
        return await self.get_queryset().acreate(**kwargs)

    def get_or_create(
        self, defaults: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> tuple[M, bool]:
        """See ``QuerySet.get_or_create``."""
        return self.get_queryset().get_or_create(defaults, **kwargs)

    async def aget_or_create(
        self, defaults: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> tuple[M, bool]:
        """See ``QuerySet.aget_or_create``."""
        return await self.get_queryset().aget_or_create(defaults, **kwargs)

    def update_or_create(
        self,
        defaults: Mapping[str, Any] | None = None,
        create_defaults: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> tuple[M, bool]:
        """See ``QuerySet.update_or_create``."""
        return self.get_queryset().update_or_create(defaults, create_defaults, **kwargs)

    async def aupdate_or_create(
        self,
        defaults: Mapping[str, Any] | None = None,
        create_defaults: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> tuple[M, bool]:
        """See ``QuerySet.aupdate_or_create``."""
        return await self.get_queryset().aupdate_or_create(defaults, create_defaults, **kwargs)

    def update(self, **kwargs: Any) -> int:
        """See ``QuerySet.update``."""
        return self.get_queryset().update(**kwargs)

    async def aupdate(self, **kwargs: Any) -> int:
        """See ``QuerySet.aupdate``."""
        return await self.get_queryset().aupdate(**kwargs)

    def bulk_create(
        self, objs: Iterable[M], batch_size: int | None = None, ignore_conflicts: bool = False
    ) -> list[M]:
        """See ``QuerySet.bulk_create``."""
        return self.get_queryset().bulk_create(objs, batch_size, ignore_conflicts)

    async def abulk_create(
        self, objs: Iterable[M], batch_size: int | None = None, ignore_conflicts: bool = False
    ) -> list[M]:
        """See ``QuerySet.abulk_create``."""
        return await self.get_queryset().abulk_create(objs, batch_size, ignore_conflicts)

    def bulk_update(
        self, objs: Iterable[M], fields: Sequence[str], batch_size: int | None = None
    ) -> int:
        """See ``QuerySet.bulk_update``."""
        return self.get_queryset().bulk_update(objs, fields, batch_size)

    async def abulk_update(
        self, objs: Iterable[M], fields: Sequence[str], batch_size: int | None = None
    ) -> int:
        """See ``QuerySet.abulk_update``."""
        return await self.get_queryset().abulk_update(objs, fields, batch_size)
