"""``book.reviews``: the manager of the objects whose generic keys point at an object.

One-line faces of the coroutines of ``ops.children``; what is removed from the relation is deleted,
since a generic key has nothing else to hold.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from manybase.contrib.contenttypes.models import ContentType
from manybase.models.related.base import RelatedBase, Values, given, plainly
from manybase.models.related.sources import ManySource, unique, with_instance
from manybase.ops import children, fetch
from manybase.ops.children import Children, no_key
from manybase.ops.delete import delete
from manybase.ops.prefetch import Batch
from manybase.query.record import record_filter
from manybase.query.state import Recording
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

M = TypeVar("M")


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class GenericChildren(Children):
    """The far end of a generic key, seen from an object."""

    @property
    def key(self) -> Any:
        """The key of the owner."""
        key = self.owner.pk
        if key is None:
            raise no_key(self.owner, self.label)
        return key

    def rows(self) -> Recording:
        """All children."""
        return record_filter(Recording(self.model), (), self.field.restriction([self.key]))

    async def values(self, executor: Executor, alias: str) -> Mapping[str, Any]:
        """The number of the owner's content type on this database, and the owner's key."""
        types = ContentType.objects.db_manager(alias)
        content_type = await executor.call(
            types, "get_for_model", self.field.typed_model, for_concrete_model=False
        )
        return {
            self.field.content_type_field.attname: content_type.pk,
            self.field.object_id_field.attname: self.field.object_id_field.prepare(self.key),
        }

    async def give(self, executor: Executor, objects: Sequence[Any], alias: str) -> None:
        """Point objects at the owner, in memory only."""
        values = await self.values(executor, alias)
        kept = self.field.content_type_field.cache_name
        for obj in objects:
            obj.__dict__.pop(kept, None)
            obj.__dict__.update(values)

    def check_removed(self, objects: Iterable[Any]) -> None:
        """Leave it to the query: rows that do not point here are not met."""

    async def release(self, executor: Executor, rows: Recording, alias: str, bulk: bool) -> None:
        """Let rows go: delete them."""
        if bulk:
            await delete(executor, rows, alias)
            return
        for obj in await fetch.objects(executor, rows, alias):
            await executor.call(obj, "delete")


class GenericRelatedManager(RelatedBase[M]):
    """Objects whose generic keys point at the owner."""

    _field: Any

    def _children(self) -> GenericChildren:
        return GenericChildren(self._owner, self.model, self._field, self._label, self._db)

    def _restrict(self, queryset: Any) -> Any:
        return queryset.filter(**self._field.restriction([self._children().key]))

    def _writer(self) -> tuple[GenericChildren, Any]:
        found = self._children()
        self._forget()
        return found, self.db_manager(found.write_alias())

    def add(self, *objs: M, bulk: bool = True) -> None:
        """Point objects at the owner.

        Args:
            objs: Objects of the owner's database.
            bulk: Write all by one UPDATE; otherwise each is saved.

        Raises:
            CrossDatabaseError: An object belongs to another database.
        """
        self._forget()
        run_sync(children.add(sync, self._children(), objs, bulk=bulk))

    async def aadd(self, *objs: M, bulk: bool = True) -> None:
        """Point objects at the owner; see ``add``."""
        self._forget()
        await children.add(aio, self._children(), objs, bulk=bulk)

    def remove(self, *objs: M, bulk: bool = True) -> None:
        """Delete objects that point at the owner."""
        self._forget()
        run_sync(children.remove(sync, self._children(), objs, bulk=bulk))

    async def aremove(self, *objs: M, bulk: bool = True) -> None:
        """Delete objects that point at the owner."""
        self._forget()
        await children.remove(aio, self._children(), objs, bulk=bulk)

    def clear(self, *, bulk: bool = True) -> None:
        """Delete everything that points at the owner."""
        self._forget()
        run_sync(children.clear(sync, self._children(), bulk=bulk))

    async def aclear(self, *, bulk: bool = True) -> None:
        """Delete everything that points at the owner."""
        self._forget()
        await children.clear(aio, self._children(), bulk=bulk)

    def set(self, objs: Iterable[M], *, bulk: bool = True, clear: bool = False) -> None:
        """Make exactly these objects point at the owner; others that do are deleted."""
        self._forget()
        work = children.replace(sync, self._children(), objs, bulk=bulk, clear_first=clear)
        run_sync(work)

    async def aset(self, objs: Iterable[M], *, bulk: bool = True, clear: bool = False) -> None:
        """Make exactly these objects point at the owner; others that do are deleted."""
        self._forget()
        await children.replace(aio, self._children(), objs, bulk=bulk, clear_first=clear)

    def create(self, /, **values: Any) -> M:
        """Create an object that points at the owner, on the owner's database."""
        far, writer = self._writer()
        values.update(run_sync(far.values(sync, writer.db)))
        found: M = plainly(GenericRelatedManager, writer).create(**values)
        return found

    async def acreate(self, /, **values: Any) -> M:
        """Create an object that points at the owner, on the owner's database."""
        far, writer = self._writer()
        values.update(await far.values(aio, writer.db))
        found: M = await plainly(GenericRelatedManager, writer).acreate(**values)
        return found

    def get_or_create(self, /, defaults: Values = None, **values: Any) -> tuple[M, bool]:
        """Return the owner's object that these values match, created if there is none."""
        far, writer = self._writer()
        values.update(run_sync(far.values(sync, writer.db)))
        found: tuple[M, bool] = plainly(GenericRelatedManager, writer).get_or_create(
            **given(values, defaults=defaults)
        )
        return found

    async def aget_or_create(self, /, defaults: Values = None, **values: Any) -> tuple[M, bool]:
        """Return the owner's object that these values match, created if there is none."""
        far, writer = self._writer()
        values.update(await far.values(aio, writer.db))
        found: tuple[M, bool] = await plainly(GenericRelatedManager, writer).aget_or_create(
            **given(values, defaults=defaults)
        )
        return found

    def update_or_create(
        self, /, defaults: Values = None, create_defaults: Values = None, **values: Any
    ) -> tuple[M, bool]:
        """Update the owner's object that these values match, or create one."""
        far, writer = self._writer()
        values.update(run_sync(far.values(sync, writer.db)))
        found: tuple[M, bool] = plainly(GenericRelatedManager, writer).update_or_create(
            **given(values, defaults=defaults, create_defaults=create_defaults)
        )
        return found

    async def aupdate_or_create(
        self, /, defaults: Values = None, create_defaults: Values = None, **values: Any
    ) -> tuple[M, bool]:
        """Update the owner's object that these values match, or create one."""
        far, writer = self._writer()
        values.update(await far.values(aio, writer.db))
        found: tuple[M, bool] = await plainly(GenericRelatedManager, writer).aupdate_or_create(
            **given(values, defaults=defaults, create_defaults=create_defaults)
        )
        return found


class GenericRelatedSource(ManySource):
    """The objects whose generic keys point at objects of one model."""

    def __init__(self, field: Any) -> None:
        self.field = field
        self.name = field.name

    async def batches(
        self, executor: Executor, objects: Sequence[Any], queryset: Any
    ) -> list[Batch]:
        """One query for all owners."""
        field = self.field
        keys = unique(obj.pk for obj in objects)
        if queryset is None:
            queryset = field.related_model._default_manager.get_queryset()
        query = with_instance(queryset, objects[0]).filter(**field.restriction(keys))
        attname, to_key = field.object_id_field.attname, field.model._meta.pk.to_python
        return [
            Batch(
                query,
                objects,
                lambda owner: owner.pk,
                lambda found: to_key(getattr(found, attname)),
            )
        ]
