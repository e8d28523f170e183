"""Saving an object: its relations, its place, its parents' tables, its own, the signals.

``Model.save`` and its twin call ``save``. Which place is allowed stands in ``save_places``, how a
row is written in ``save_table``. A transaction is opened only where several tables are written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldValueError, hint_for
from manybase.meta.origin import origin
from manybase.meta.signals import post_save, pre_save
from manybase.ops import refresh, save_places, save_relations
from manybase.ops.save_table import Job, save_table

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


async def save(
    executor: Executor,
    obj: Any,
    *,
    using: str | None = None,
    force_insert: bool | tuple[type, ...] = False,
    force_update: bool = False,
    update_fields: Iterable[str] | None = None,
    copy: bool = False,
    raw: bool = False,
) -> None:
    """Insert an object or update its row, parents' rows too.

    Args:
        executor: What reaches the database.
        obj: The object.
        using: The database; where it is None the routers and the object's place decide.
        force_insert: Never update; a tuple names the classes whose tables this is said of.
        force_update: Never insert.
        update_fields: Names of the only fields to write.
        copy: Whether an object of another database may overwrite a row here.
        raw: Whether values are taken as they are, as from a fixture; parents are not written.

    Raises:
        CrossDatabaseError: The object, or one that it points at, belongs to another database.
        DatabaseError: A forced update matched no row.
    """
    if force_insert and (force_update or update_fields is not None):
        raise FieldValueError(
            "force_insert cannot be combined with force_update or update_fields",
            hint="A row is either inserted or updated; leave one of them away.",
        )
    related = save_places.related_objects(obj)
    if related and not raw:
        related = save_relations.prepare(obj, related, update_fields)
    place = save_places.decide(obj, related, using, copy)
    await save_relations.settle(executor, obj, place.alias)
    names = None if update_fields is None else _checked(obj, update_fields)
    if names is not None and not names:
        return
    if place.crossing and not copy and (force_update or names is not None):
        raise save_places.only_inserts(obj, place)
    names = await _complete(executor, obj, place, names, force_insert)
    written = type(obj)._meta.written.values()
    some = written if names is None else [f for f in written if names & {f.name, f.attname}]
    save_places.check_expressions(obj, place.alias, some)
    job = Job(executor, obj, place, names, _forced(obj, force_insert), force_update, raw, copy)
    await _save(job)


async def _save(job: Job) -> None:
    obj, alias, cls = job.obj, job.alias, type(job.obj)
    heard = not cls._meta.auto_created
    if heard and pre_save.has_listeners(cls):
        await job.executor.send(pre_save, cls, **_told(job))
    concrete = cls._meta.concrete_model
    if job.place.crossing and not job.copy:
        await save_places.refuse_taken_keys(job.executor, obj, job.place)
    if concrete._meta.parents and not job.raw:
        async with job.executor.atomic(alias, savepoint=False):
            inserted = await _save_parents(job, concrete)
            updated = await save_table(job, concrete, inserted)
    else:
        updated = await save_table(job, concrete, False)
    obj._origin = origin(alias, True)
    if job.computed:
        await refresh.refresh(job.executor, obj, alias, job.computed)
    if job.place.crossing:
        save_relations.forget_related(obj)
    if heard and post_save.has_listeners(cls):
        await job.executor.send(post_save, cls, created=not updated, **_told(job))


def _told(job: Job) -> dict[str, Any]:
    """What the signals of a save tell."""
    return {"instance": job.obj, "raw": job.raw, "using": job.alias, "update_fields": job.names}


async def _save_parents(job: Job, cls: Any) -> bool:
    """Save the rows of the parents' tables; return whether one was inserted."""
    obj, inserted = job.obj, False
    for parent, link in cls._meta.parents.items():
        key_name = parent._meta.pk.attname
        if link is not None and getattr(obj, key_name) is None:
            linked = getattr(obj, link.attname)
            if linked is not None:
                setattr(obj, key_name, linked)
        above = await _save_parents(job, parent)
        if not await save_table(job, parent, above):
            inserted = True
        if link is not None:
            obj.__dict__[link.attname] = getattr(obj, key_name)
            obj.__dict__.pop(link.cache_name, None)
    return inserted


def _forced(obj: Any, force_insert: bool | tuple[type, ...]) -> tuple[type, ...]:
    if isinstance(force_insert, tuple):
        for one in force_insert:
            if not (isinstance(obj, one) and hasattr(one, "_meta")):
                raise FieldValueError(
                    f"force_insert names '{one.__name__}', which is neither"
                    f" '{type(obj)._meta.label}' nor a parent of it"
                )
        return force_insert
    return (type(obj)._meta.concrete_model,) if force_insert else ()


def _checked(obj: Any, update_fields: Iterable[str]) -> frozenset[str]:
    """Check the names of the fields to write.

    Raises:
        FieldValueError: A name is no field with a column, or is the key.
    """
    names = frozenset([update_fields] if isinstance(update_fields, str) else update_fields)
    meta = type(obj)._meta
    for name in names:
        field = meta.forward_names.get(name)
        if field is None or field.column is None or field.primary_key or field.generated:
            known = [f.name for f in meta.written.values() if not f.primary_key]
            raise FieldValueError(
                f"update_fields names '{name}', which model '{meta.label}' cannot update",
                hint=hint_for(name, known),
            )
    return names


async def _complete(
    executor: Executor,
    obj: Any,
    place: save_places.Place,
    names: frozenset[str] | None,
    force_insert: bool | tuple[type, ...],
) -> frozenset[str] | None:
    """Deal with fields that are not loaded: leave them out, or load them before a move."""
    fields, values = type(obj)._meta.written, obj.__dict__
    if names is not None or fields.keys() <= values.keys() or not obj._origin.stored:
        return names
    if not force_insert and place.alias == obj._origin.alias:
        loaded = [f for name, f in fields.items() if name in values and not f.primary_key]
        return frozenset(f.name for f in loaded) or None
    missing = [f.name for name, f in fields.items() if name not in values]
    await refresh.refresh(executor, obj, obj._origin.alias, missing)
    return names
