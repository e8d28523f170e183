"""The faces of a model for writing and reading its own row: save, delete, refresh.

Each method is one line beside its asynchronous twin; what they do stands in ``ops``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from manybase.errors import FieldValueError
from manybase.meta.epoch import epoch
from manybase.meta.origin import ROWS, origin
from manybase.models import twins
from manybase.ops import delete as deleting
from manybase.ops import quick_delete, quick_save
from manybase.ops import refresh as refreshing
from manybase.ops import save as storing
from manybase.routing import decision, provenance
from manybase.routing.block import current_block
from manybase.routing.router import router
from manybase.routing.topology import topology
from manybase.runtime import sync as sync_face
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync

if TYPE_CHECKING:
    from manybase.meta.options import Options
    from manybase.meta.origin import Origin

Force = bool | tuple[type, ...]
Deleted = tuple[int, dict[str, int]]


class Saving:
    """What a model can do with its own row."""

    __slots__ = ()

    _origin: Origin
    if TYPE_CHECKING:
        pk: Any
        _meta: ClassVar[Options]

    def save(
        self,
        *,
        force_insert: Force = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
        copy: bool = False,
    ) -> None:
        """Insert the object, or update its row.

        Args:
            force_insert: Never update.
            force_update: Never insert.
            using: The database; the object stays on its own where it is left out.
            update_fields: Names of the fields to write; all when left out.
            copy: Whether a row of this key on another database may be overwritten.

        Raises:
            CrossDatabaseError: The object, or one that it points at, belongs to another database.
            DatabaseError: A forced update matched no row.

        Example:
            >>> book.save()
            >>> book.save(update_fields=["title"])
        """
        if update_fields is None and not (force_update or copy):
            known, kept = self._meta._quick, self.__dict__
            way = None
            if known is not None and using is None and not force_insert:
                way = known.updates.get(kept.get("_origin"))
            if way is None or way[0] is not epoch.mark:
                if _saved_quickly(self, force_insert, using):
                    return
            else:  # the commonest save, without a step more
                _, alias, update, changed = way
                values = changed(kept)
                if values is not None and sync_face.run(alias, update, values, values).rowcount > 0:
                    return
        run_sync(
            storing.save(
                sync,
                self,
                using=using,
                force_insert=force_insert,
                force_update=force_update,
                update_fields=update_fields,
                copy=copy,
            )
        )

    async def _asave_quickly(self, force_insert: Force, using: str | None) -> bool:
        """See ``_saved_quickly``."""
        known, tie = quick_save.quick_of(type(self)), quick_save.tie_of(self, using)
        alias = None if tie is None else quick_save.place(self, known, tie)
        if tie is None or alias is None or (force_insert and force_insert is not True):
            return False
        plan = quick_save.plan_on(self, known, await aio.dialect(alias))
        if tie.stored and not force_insert:
            if plan.update is None or (values := plan.changed(self.__dict__)) is None:
                return False
            return await aio.execute(alias, plan.update, values) > 0
        values = plan.new(self.__dict__)
        if values is None:
            return False
        quick_save.inserted(self, plan, alias, await aio.insert(alias, plan.insert, values))
        return True

    async def asave(
        self,
        *,
        force_insert: Force = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
        copy: bool = False,
    ) -> None:
        """Insert the object, or update its row, in asynchronous code; see ``save``."""
        twins.refuse(self, "save")
        plain = update_fields is None and not (force_update or copy)
        if plain and await self._asave_quickly(force_insert, using):
            return
        await storing.save(
            aio,
            self,
            using=using,
            force_insert=force_insert,
            force_update=force_update,
            update_fields=update_fields,
            copy=copy,
        )

    def save_base(self, *, raw: bool = False, using: str | None = None, **options: Any) -> None:
        """Save without what a program's ``save()`` adds; ``raw`` takes values as they are."""
        run_sync(storing.save(sync, self, using=using, raw=raw, **options))

    async def asave_base(
        self, *, raw: bool = False, using: str | None = None, **options: Any
    ) -> None:
        """Save without what a program's ``asave()`` adds; see ``save_base``."""
        await storing.save(aio, self, using=using, raw=raw, **options)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> Deleted:
        """Delete the object's row with what depends on it.

        Args:
            using: The database; the object's own when left out.
            keep_parents: Whether the rows of parent models stay.

        Returns:
            How many rows went, and how many of each model.

        Raises:
            CrossDatabaseError: The object is stored on another database.
            ProtectedError: An object that points at this one is protected.
        """
        alias = _place_of_delete(self, using)
        links = None if keep_parents else quick_delete.links_of(type(self))
        if links is not None:
            how = quick_delete.deletion_of(type(self), links, sync_face.dialect(alias))
            key = (getattr(self, how.key),)
            if how.together is not None:
                (row,) = sync_face.fetch(alias, how.together, key)
                return quick_delete.deleted(self, alias, how, row)
            if not links or sync.in_block(alias):
                numbers = [sync_face.run(alias, plan, key).rowcount for plan in how.plans]
                return quick_delete.deleted(self, alias, how, numbers)
            return run_sync(quick_delete.delete(sync, self, alias, links))
        work = deleting.delete(sync, [self], alias, origin=self, keep_parents=keep_parents)
        return run_sync(work)

    async def adelete(self, using: str | None = None, keep_parents: bool = False) -> Deleted:
        """Delete the object's row with what depends on it; see ``delete``."""
        twins.refuse(self, "delete")
        alias = _place_of_delete(self, using)
        links = None if keep_parents else quick_delete.links_of(type(self))
        if links is not None:
            return await quick_delete.delete(aio, self, alias, links)
        return await deleting.delete(aio, [self], alias, origin=self, keep_parents=keep_parents)

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: Any = None,
    ) -> None:
        """Fetch the values again.

        Args:
            using: The database to read; the object belongs there afterwards.
            fields: Names of fields; all that are loaded when left out.
            from_queryset: The rows to look in, instead of all.

        Raises:
            DoesNotExist: The row is not there.
        """
        run_sync(refreshing.refresh(sync, self, using, fields, from_queryset))

    async def arefresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: Any = None,
    ) -> None:
        """Fetch the values again; see ``refresh_from_db``."""
        twins.refuse(self, "refresh_from_db")
        await refreshing.refresh(aio, self, using, fields, from_queryset)


def _saved_quickly(obj: Any, force_insert: Force, using: str | None) -> bool:
    """Save a plain object by one statement; False where it takes more."""
    known = obj._meta._quick or quick_save.quick_of(type(obj))
    tie = obj._origin if using is None else quick_save.tie_of(obj, using)
    if tie is None or (force_insert and force_insert is not True):
        return False
    way = known.ways.get(tie)
    if way is None or way[0] is not epoch.mark or not (tie.alias or current_block() is None):
        mark, alias = epoch.mark, quick_save.place(obj, known, tie)
        if alias is None:
            return False
        plan = quick_save.plan_on(obj, known, sync_face.dialect(alias))
        way = quick_save.keep_way(obj, known, tie, (mark, alias, plan))
    _, alias, plan = way
    if tie.stored and not force_insert:
        if plan.update is None or (values := plan.changed(obj.__dict__)) is None:
            return False
        return bool(sync_face.run(alias, plan.update, values, values).rowcount > 0)
    values = plan.new(obj.__dict__)
    if values is None:
        return False
    if plan.returns:
        quick_save.inserted(obj, plan, alias, sync_face.insert(alias, plan.insert, values))
    else:
        obj.__dict__[plan.key] = sync_face.run(alias, plan.insert, values, values).lastrowid
        obj._origin = ROWS.get(alias) or origin(alias, True)
    return True


def _place_of_delete(obj: Any, using: str | None) -> str:
    if getattr(obj, obj._meta.pk.attname) is None:
        raise FieldValueError(
            f"a '{obj._meta.label}' without a key cannot be deleted",
            hint="It was never saved, or has been deleted already.",
        )
    own = obj._origin.alias
    if using is None and own is not None and router.shortcut and not topology().replica_of:
        return str(own)  # what the rules come to where there are no routers and no replicas
    alias = decision.write(type(obj), using, None, {"instance": obj})
    if using is not None:
        provenance.check_place(obj, alias, "delete")
    return alias
