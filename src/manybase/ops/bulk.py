"""``bulk_create`` and ``bulk_update``: many objects, few statements, one place for each object.

No signals, no ``save()``: that is what makes it bulk. Places are checked before the first
statement, and everything on one database happens in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from manybase.errors import CrossDatabaseError, FieldError, FieldValueError, QueryError, hint_for
from manybase.meta.field import DATABASE_DEFAULT
from manybase.meta.origin import origin
from manybase.ops import save_places, write
from manybase.ops.save_relations import settle
from manybase.routing import provenance
from manybase.routing.topology import same_set

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


async def bulk_create(
    executor: Executor,
    queryset: Any,
    objs: Iterable[Any],
    batch_size: int | None,
    ignore_conflicts: bool,
) -> list[Any]:
    """Insert objects of the queryset's model; return them with their keys."""
    model, objects = queryset.model, list(objs)
    _check_batch(batch_size)
    if model._meta.concrete_model._meta.parents:
        raise QueryError(
            f"bulk_create() cannot insert '{model._meta.label}': its rows are in several tables",
            hint="Save the objects one by one, or insert the parents first.",
        )
    if not objects:
        return objects
    alias = _create_alias(queryset, objects)
    for obj in objects:
        _check_object(obj, model, alias)
        await settle(executor, obj, alias)
    groups = _by_fields(model, objects)
    if len(groups) == 1 and len(objects) <= write.LARGEST_INSERT:
        await _insert_group(executor, alias, model, *groups[0], batch_size, ignore_conflicts)
    else:
        async with executor.atomic(alias, savepoint=False):
            for fields, some in groups:
                await _insert_group(
                    executor, alias, model, fields, some, batch_size, ignore_conflicts
                )
    return objects


def _create_alias(queryset: Any, objects: list[Any]) -> str:
    """The queryset's place; unplaced, that which all objects took from their relations."""
    if queryset.placed_on is None and not queryset.hints:
        places = {obj._origin.alias for obj in objects if not obj._origin.stored}
        if len(places) == 1 and None not in places:
            alias: str = places.pop()
            return alias
    found: str = queryset._write_alias()
    return found


def _check_object(obj: Any, model: Any, alias: str) -> None:
    if not isinstance(obj, model._meta.concrete_model):
        raise FieldValueError(
            f"bulk_create() of '{model._meta.label}' was given a '{type(obj).__name__}'"
        )
    place = obj._origin.alias
    if place is not None and not same_set(place, alias):
        raise CrossDatabaseError(
            f"cannot bulk_create a '{model._meta.label}' on database '{alias}':"
            f" it belongs to database '{place}'",
            hint=f"Write .using('{place}'), or make the object anew without its key.",
        )
    for field, related in save_places.related_objects(obj):
        if getattr(field, "cross_database", False):
            continue
        if not provenance.may_meet(related, alias, model):
            raise CrossDatabaseError(
                f"cannot bulk_create a '{model._meta.label}' on database '{alias}': its"
                f" '{field.name}' is an object of database '{related._origin.alias}'",
                hint=f"Take the '{field.name}' from '{alias}'.",
            )
        _take_key(obj, field, related)


def _take_key(obj: Any, field: Any, related: Any) -> None:
    """Write the key of a related object that was saved after it was assigned."""
    if not field.concrete or field.column is None:
        return
    key = getattr(related, field.target_field.attname)
    if key is None:
        raise FieldValueError(
            f"bulk_create() cannot save '{field}': its related object is not saved",
            hint="Save the related object first.",
        )
    if getattr(obj, field.attname) is None:
        setattr(obj, field.attname, key)


def _by_fields(model: Any, objects: list[Any]) -> list[tuple[tuple[Any, ...], list[Any]]]:
    """Group objects by the columns that they give; keys and database defaults may be left out."""
    every = model._meta.concrete_model._meta.local_concrete_fields
    groups: dict[tuple[Any, ...], list[Any]] = {}
    auto = model._meta.auto_field
    optional = [f for f in every if f is auto or f.has_db_default()]
    for obj in objects:
        left_out = {
            f
            for f in optional
            if (value := getattr(obj, f.attname)) is DATABASE_DEFAULT
            or (f is auto and value is None)
        }
        fields = tuple(f for f in every if f not in left_out and not f.generated)
        groups.setdefault(fields, []).append(obj)
    return list(groups.items())


async def _insert_group(
    executor: Executor,
    alias: str,
    model: Any,
    fields: tuple[Any, ...],
    objects: list[Any],
    batch_size: int | None,
    ignore_conflicts: bool,
) -> None:
    dialect = await executor.dialect(alias)
    rows = [tuple([f.prepare(f.pre_save(obj, True)) for f in fields]) for obj in objects]
    missing = [f for f in model._meta.local_concrete_fields if f not in fields]
    able = dialect.features.bulk_returning and not ignore_conflicts
    returning = tuple(missing) if able else ()
    conflict = "ignore" if ignore_conflicts else None
    found = await write.insert_many(
        executor, alias, model, fields, rows, returning, conflict, batch_size
    )
    for obj, values in zip(objects, found, strict=False):
        for field, value in zip(returning, values, strict=True):
            setattr(obj, field.attname, value)
    mark = origin(alias, True)
    for obj in objects:
        if obj.pk is not None:
            obj._origin = mark


async def bulk_update(
    executor: Executor,
    queryset: Any,
    objs: Iterable[Any],
    names: Sequence[str],
    batch_size: int | None,
) -> int:
    """Write the named fields of objects; an unplaced queryset serves each at its own place."""
    model, objects = queryset.model, list(objs)
    _check_batch(batch_size)
    fields = _updatable(model, names)
    if any(obj.pk is None for obj in objects):
        raise FieldValueError("bulk_update() takes saved objects", hint="Save them first.")
    groups: dict[str, list[Any]] = {}
    for obj in objects:
        groups.setdefault(_update_alias(queryset, obj), []).append(obj)
    for alias, some in groups.items():
        for obj in some:
            _check_related(obj, fields, alias)
    written = 0
    for alias, some in groups.items():
        async with executor.atomic(alias, savepoint=False):
            written += await _update_group(executor, queryset, alias, some, fields)
    return written


def _update_alias(queryset: Any, obj: Any) -> str:
    if queryset.placed_on is None and obj._origin.alias is not None:
        own: str = obj._origin.alias
        return own
    alias: str = queryset._write_alias()
    provenance.check_place(obj, alias, "bulk_update")
    return alias


def _check_related(obj: Any, fields: list[Any], alias: str) -> None:
    for field, related in save_places.related_objects(obj):
        if field in fields and not provenance.may_meet(related, alias, type(obj)):
            raise CrossDatabaseError(
                f"cannot bulk_update a '{type(obj)._meta.label}' on database '{alias}': its"
                f" '{field.name}' is an object of database '{related._origin.alias}'",
                hint=f"Take the '{field.name}' from '{alias}'.",
            )


async def _update_group(
    executor: Executor, queryset: Any, alias: str, objects: list[Any], fields: list[Any]
) -> int:
    by_table: dict[Any, list[Any]] = {}
    for field in fields:
        by_table.setdefault(field.model._meta.concrete_model, []).append(field)
    most = 0
    for table, some in by_table.items():
        done = 0
        for obj in objects:
            values = [f.prepare(f.pre_save(obj, False)) for f in some]
            key = getattr(obj, table._meta.pk.attname)
            done += await write.update_row(executor, alias, table, some, values, key)
        most = max(most, done)
    return most


def _updatable(model: Any, names: Sequence[str]) -> list[Any]:
    if not names:
        raise FieldError("bulk_update() needs the names of the fields to write")
    fields = []
    for name in names:
        field = model._meta.get_field(name)
        if not field.concrete or field.column is None or field.primary_key:
            known = [f.name for f in model._meta.concrete_fields if not f.primary_key]
            raise FieldError(
                f"bulk_update() cannot write '{name}' of model '{model._meta.label}'",
                hint=hint_for(name, known),
            )
        fields.append(field)
    return fields


def _check_batch(batch_size: int | None) -> None:
    if batch_size is not None and batch_size < 1:
        raise QueryError("batch_size must be at least 1")
