"""Objects that point at an owner: adding, removing, clearing and setting them.

Called by the managers at the far end of foreign keys and of generic keys, on either face. All
places are checked before anything is changed or written; the alias is the one that routing gives
for writes of the related model, asked with the owner as ``instance``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from manybase.errors import CrossDatabaseError, FieldValueError, QueryError
from manybase.ops import fetch, write
from manybase.ops.collect import CHUNK
from manybase.ops.links import listed
from manybase.ops.relate import check_all, tie
from manybase.query.record import record_filter
from manybase.query.state import Recording
from manybase.routing import decision
from manybase.routing.topology import same_set

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Children:
    """The far end of a foreign key, seen from an object.

    Args:
        owner: The object pointed at.
        model: The model that points.
        field: Its foreign key, or its generic key.
        label: The relation's name, as ``"library.Person.edited"``.
        alias: The database asked for on the manager, or None.
    """

    owner: Any
    model: Any
    field: Any
    label: str
    alias: str | None

    @property
    def key(self) -> Any:
        """The value of the owner that children hold."""
        key = getattr(self.owner, self.field.target_field.attname)
        if key is None:
            raise no_key(self.owner, self.label)
        return key

    def write_alias(self) -> str:
        """The database that changes of the children go to."""
        if self.alias is not None:
            return self.alias
        alias: str = decision.write(self.model, None, None, {"instance": self.owner})
        return alias

    def rows(self) -> Recording:
        """All children."""
        return record_filter(Recording(self.model), (), {self.field.attname: self.key})

    async def values(self, executor: Executor, alias: str) -> Mapping[str, Any]:
        """What a child holds: attribute names with their values."""
        return {self.field.attname: self.key}

    async def give(self, executor: Executor, objects: Sequence[Any], alias: str) -> None:
        """Point objects at the owner, in memory only."""
        values = await self.values(executor, alias)
        for obj in objects:
            obj.__dict__.update(values)
            obj.__dict__[self.field.cache_name] = self.owner

    def check_removed(self, objects: Iterable[Any]) -> None:
        """Refuse to remove what does not point here."""
        for obj in objects:
            if getattr(obj, self.field.attname) != self.key:
                raise type(self.owner).DoesNotExist(
                    f"a {type(obj).__name__} is not related to this {type(self.owner).__name__}"
                    f" by '{self.label}'",
                    hint="Remove only what the manager lists.",
                )

    async def release(self, executor: Executor, rows: Recording, alias: str, bulk: bool) -> None:
        """Let rows go: empty their key."""
        if bulk:
            await write.update(executor, rows, alias, {self.field.name: None})
            return
        for obj in await fetch.objects(executor, rows, alias):
            obj.__dict__[self.field.attname] = None
            obj.__dict__.pop(self.field.cache_name, None)
            await executor.call(obj, "save", update_fields=[self.field.name])


def no_key(owner: Any, label: str) -> FieldValueError:
    """The error for using a relation of an object that is no row yet."""
    return FieldValueError(
        f"this {type(owner).__name__} instance needs to have a primary key value before the"
        f" relation '{label}' can be used",
        hint="Save it first.",
    )


async def add(
    executor: Executor, children: Children, objects: Iterable[Any], *, bulk: bool = True
) -> None:
    """Point objects at the owner and write that.

    Args:
        executor: What reaches the database.
        children: The relation.
        objects: Objects of the related model.
        bulk: One UPDATE for all, which they must be rows for; otherwise each is saved.

    Raises:
        CrossDatabaseError: An object belongs to another database.
        QueryError: An object is of another model.
        ValueError: With ``bulk`` an object is not saved yet.
    """
    found = list(objects)
    alias = check(children, found, bulk=bulk)
    for obj in found:
        tie(children.owner, obj)
    if not found:
        return
    if not bulk:
        async with executor.atomic(alias, savepoint=False):
            await children.give(executor, found, alias)
            for obj in found:
                await _save(executor, obj, alias)
        return
    values = await children.values(executor, alias)
    keys = [obj.pk for obj in found]
    batches = [keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)]
    if len(batches) == 1:
        await _point(executor, children, batches[0], alias, values)
    else:
        async with executor.atomic(alias, savepoint=False):
            for batch in batches:
                await _point(executor, children, batch, alias, values)
    await children.give(executor, found, alias)


async def _point(
    executor: Executor,
    children: Children,
    keys: list[Any],
    alias: str,
    values: Mapping[str, Any],
) -> None:
    rows = record_filter(Recording(children.model), (), {"pk__in": keys})
    await write.update(executor, rows, alias, dict(values))


async def _save(executor: Executor, obj: Any, alias: str) -> None:
    """Save on the relation's database; an object of another allowed place goes by its routers."""
    here = obj._origin.alias
    if here is None or here == alias or not obj._origin.stored:
        await executor.call(obj, "save", using=alias)
    else:
        await executor.call(obj, "save")


def check(children: Children, objects: Sequence[Any], *, bulk: bool) -> str:
    """Check models, places and, with ``bulk``, that all are rows; return the write alias."""
    wanted = children.model._meta.concrete_model
    for obj in objects:
        if not isinstance(obj, wanted):
            raise QueryError(
                f"'{wanted._meta.object_name}' instance expected for '{children.label}',"
                f" not {type(obj).__name__}"
            )
    _ = children.key
    check_all(children.owner, objects, children.label)
    alias = children.write_alias()
    if bulk:
        for obj in objects:
            if not obj._origin.stored or not same_set(obj._origin.alias, alias):
                raise _not_saved(children, obj, alias)
    return alias


def _not_saved(children: Children, obj: Any, alias: str) -> Exception:
    name = type(obj).__name__
    what = f"cannot add a {name} to '{children.label}': the instance isn't saved, use bulk=False"
    there = obj._origin.alias
    if there is None or there == alias:
        return FieldValueError(
            f"{what} or save the object first", hint="Write .add(obj, bulk=False)."
        )
    return CrossDatabaseError(
        f'{what} or save the object first: it is on database "{there}", the relation is written'
        f' on database "{alias}"',
        hint=f"Write .add(obj, bulk=False), or take it from {name}.objects.using('{alias}').",
    )


async def remove(
    executor: Executor, children: Children, objects: Iterable[Any], *, bulk: bool = True
) -> None:
    """Let objects go that point at the owner.

    Raises:
        CrossDatabaseError: An object belongs to another database.
        ObjectDoesNotExist: One does not point here.
    """
    found = list(objects)
    check_all(children.owner, found, children.label, "remove")
    children.check_removed(found)
    alias = children.write_alias()
    await _release(executor, children, [obj.pk for obj in found], alias, bulk)


async def _release(
    executor: Executor, children: Children, keys: list[Any], alias: str, bulk: bool
) -> None:
    if not keys:
        return
    rows = record_filter(children.rows(), (), {"pk__in": keys})
    if bulk:
        await children.release(executor, rows, alias, bulk)
        return
    async with executor.atomic(alias, savepoint=False):
        await children.release(executor, rows, alias, bulk)


async def clear(executor: Executor, children: Children, *, bulk: bool = True) -> None:
    """Let everything go that points at the owner."""
    alias = children.write_alias()
    if bulk:
        await children.release(executor, children.rows(), alias, bulk)
        return
    async with executor.atomic(alias, savepoint=False):
        await children.release(executor, children.rows(), alias, bulk)


async def replace(
    executor: Executor,
    children: Children,
    objects: Iterable[Any],
    *,
    bulk: bool = True,
    clear_first: bool = False,
    keep: bool = False,
) -> None:
    """Make exactly these objects point at the owner.

    Args:
        executor: What reaches the database.
        children: The relation.
        objects: Objects of the related model.
        bulk: See ``add``.
        clear_first: Let all go first, in the place of the difference only.
        keep: Whether others stay, as they must where the key cannot be null.
    """
    found = await listed(executor, objects)
    alias = check(children, found, bulk=bulk)
    if keep:
        await add(executor, children, found, bulk=bulk)
        return
    async with executor.atomic(alias, savepoint=False):
        if clear_first:
            await clear(executor, children, bulk=bulk)
            await add(executor, children, found, bulk=bulk)
            return
        there = await fetch.objects(executor, children.rows(), alias)
        present = {obj.pk for obj in there}
        wanted = {obj.pk for obj in found if obj.pk is not None}
        gone = [obj.pk for obj in there if obj.pk not in wanted]
        await _release(executor, children, gone, alias, bulk)
        new = [obj for obj in found if obj.pk is None or obj.pk not in present]
        await add(executor, children, new, bulk=bulk)
