"""Calls that write: create, update, delete and the bulk ones, each with its ``a`` twin.

The work is in ``ops``; here the route is asked and the face is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from manybase.meta.epoch import epoch
from manybase.models.queryset.base import M, keep_way
from manybase.models.queryset.read import Reading
from manybase.ops import bulk, upsert, write
from manybase.ops.bulk_update import bulk_update
from manybase.ops.delete import delete
from manybase.query.branch import SELECTING
from manybase.query.plan import plans
from manybase.query.record import record_update
from manybase.query.refusals import refuse_combined
from manybase.query.state import ANYWHERE
from manybase.routing.provenance import check_values
from manybase.runtime import sync as sync_face
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync

Deleted = tuple[int, dict[str, int]]


class Writing(Reading[M]):
    """What a queryset writes."""

    __slots__ = ()

    def create(self, /, **kwargs: Any) -> M:
        """Make an object of these values and insert it.

        Raises:
            UnexpectedKeyword: A name is no field of the model.
            CrossDatabaseError: A value belongs to another database than the queryset's.
        """
        obj: Any = self.model(**kwargs)
        obj.save(force_insert=True, using=self._create_alias())
        created: M = obj
        return created

    async def acreate(self, /, **kwargs: Any) -> M:
        """See ``create``."""
        obj: Any = self.model(**kwargs)
        await obj.asave(force_insert=True, using=self._create_alias())
        created: M = obj
        return created

    def _create_alias(self) -> str | None:
        """The place to name in a save; None lets the object follow its relations."""
        place = self._placement
        if place is ANYWHERE or (place.placed_on is place.block is None and not place.hints):
            return None
        return self._write_alias()

    def get_or_create(
        self, /, defaults: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> tuple[M, bool]:
        """Return the object that these values match, made from them where there is none.

        Args:
            defaults: More values for a new object; functions are called.
            kwargs: Lookups; those without one are values of a new object too.

        Returns:
            The object, and whether it was created.
        """
        return run_sync(upsert.get_or_create(sync, self, defaults, kwargs))

    async def aget_or_create(
        self, /, defaults: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> tuple[M, bool]:
        """See ``get_or_create``."""
        return await upsert.get_or_create(aio, self, defaults, kwargs)

    def update_or_create(
        self,
        /,
        defaults: Mapping[str, Any] | None = None,
        create_defaults: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> tuple[M, bool]:
        """Update the object that these values match, or create one.

        Args:
            defaults: Values to write.
            create_defaults: Values of a new object, in the place of ``defaults``.
            kwargs: Lookups, as in ``get_or_create``.
        """
        return run_sync(upsert.update_or_create(sync, self, defaults, create_defaults, kwargs))

    async def aupdate_or_create(
        self,
        /,
        defaults: Mapping[str, Any] | None = None,
        create_defaults: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> tuple[M, bool]:
        """See ``update_or_create``."""
        return await upsert.update_or_create(aio, self, defaults, create_defaults, kwargs)

    def update(self, /, **kwargs: Any) -> int:
        """Write values into every row, by one statement; return how many rows matched."""
        branch, recorded = self.branch, None
        if branch.objects and not branch.selects and self._placement is ANYWHERE:
            recorded = record_update(self, kwargs)
            way = recorded._way("update")
            if way is not None:
                self._cache = None
                return sync_face.execute(way[1], way[2], recorded.params)
        mark = epoch.mark
        rows, recorded, alias = self._recorded_update(kwargs, recorded)
        if self.model._meta.concrete_model._meta.parents or rows.branch.nothing or not kwargs:
            return run_sync(write.update(sync, rows, alias, kwargs, recorded))
        plan = plans.find_on(recorded.branch, "update", sync_face.dialect(alias))
        way = (mark, alias, plan)
        keep_way(self.model, recorded._placement, recorded.branch, "update", way)
        return sync_face.execute(alias, plan, recorded.params)

    async def aupdate(self, /, **kwargs: Any) -> int:
        """See ``update``."""
        rows, recorded, alias = self._recorded_update(kwargs)
        return await write.update(aio, rows, alias, kwargs, recorded)

    def _recorded_update(
        self, values: Mapping[str, Any], recorded: Self | None = None
    ) -> tuple[Self, Self, str]:
        """Check names, values and places before anything is written.

        Args:
            values: What is written, by name.
            recorded: The rows with it, where that was recorded already: a value may be one that can
                be read once only.

        Returns:
            The rows, the rows with what is written into them, and where.
        """
        self._refuse_values("update")
        alias = self._write_alias()
        rows = self._matching() if self.branch.selects else self
        recorded = record_update(rows, values) if recorded is None else recorded
        if recorded.places is not None:
            check_values(recorded.places, alias, self.model)
        self._cache = None
        return rows, recorded, alias

    def _matching(self) -> Self:
        """The rows without what only matters to reading them."""
        new = self._chain()
        if self.branch.selects:
            new.shape = tuple(c for c in self.branch.calls if c[0] not in SELECTING)
        return new

    def delete(self) -> Deleted:
        """Delete every row, with what depends on them.

        Returns:
            How many rows went, and how many of each model.
        """
        rows = self._deletable()
        return run_sync(delete(sync, rows, rows._write_alias(), origin=self))

    async def adelete(self) -> Deleted:
        """See ``delete``."""
        rows = self._deletable()
        return await delete(aio, rows, rows._write_alias(), origin=self)

    def _deletable(self) -> Self:
        self._refuse_slice("delete")
        refuse_combined(self, "delete")
        self._refuse_values("delete")
        self._cache = None
        new = self._matching().order_by()
        new._prefetch_related_lookups = ()
        return new

    def bulk_create(
        self,
        objs: Iterable[M],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Sequence[str] = (),
        unique_fields: Sequence[str] = (),
    ) -> list[M]:
        """Insert objects by as few statements as possible, without signals.

        Args:
            objs: New objects of the model.
            batch_size: Rows of one statement; the best for the database when left out.
            ignore_conflicts: Leave out rows that meet an existing one; keys stay unknown.
            update_conflicts: Update rows that are met instead.
            update_fields: The fields to update then.
            unique_fields: The fields that say which row is met, where the database asks.

        Returns:
            The objects, with their keys where the database can tell them.

        Raises:
            CrossDatabaseError: An object, or one that it points at, belongs to another database.
        """
        conflict = bulk.conflict_of(
            self.model, ignore_conflicts, update_conflicts, update_fields, unique_fields
        )
        return run_sync(bulk.bulk_create(sync, self, objs, batch_size, conflict))

    async def abulk_create(
        self,
        objs: Iterable[M],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_conflicts: bool = False,
        update_fields: Sequence[str] = (),
        unique_fields: Sequence[str] = (),
    ) -> list[M]:
        """See ``bulk_create``."""
        conflict = bulk.conflict_of(
            self.model, ignore_conflicts, update_conflicts, update_fields, unique_fields
        )
        return await bulk.bulk_create(aio, self, objs, batch_size, conflict)

    def bulk_update(
        self, objs: Iterable[M], fields: Sequence[str], batch_size: int | None = None
    ) -> int:
        """Write some fields of many objects, each on its own database.

        Args:
            objs: Saved objects.
            fields: Names of the fields to write.
            batch_size: Objects of one transaction step; all when left out.

        Returns:
            How many rows were written.
        """
        return run_sync(bulk_update(sync, self, objs, fields, batch_size))

    async def abulk_update(
        self, objs: Iterable[M], fields: Sequence[str], batch_size: int | None = None
    ) -> int:
        """See ``bulk_update``."""
        return await bulk_update(aio, self, objs, fields, batch_size)
