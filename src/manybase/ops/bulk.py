"""``bulk_create`` and ``bulk_update``: many objects, few statements, one place for each object.

No signals, no ``save()``: that is what makes it bulk. Places are checked before the first
statement, and everything on one database happens in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from manybase.errors import CrossDatabaseError, FieldError, FieldValueError, QueryError, hint_for
from manybase.meta.field import DATABASE_DEFAULT
from manybase.meta.origin import UNTIED, origin
from manybase.ops import quick_save, save_places, write
from manybase.ops.computed import bound_rows, forget_defaults, give_defaults
from manybase.ops.save_relations import settle
from manybase.query.collector import paused
from manybase.query.object_values import object_values
from manybase.query.repeated import Rows
from manybase.routing import provenance
from manybase.routing.topology import same_set

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


Conflict = tuple[Any, ...] | None
Row = tuple[Any, ...]
MOST_READERS = 500


class Group(NamedTuple):
    """Objects of a bulk insert that give the same columns.

    Args:
        fields: The fields of the columns.
        objects: The objects.
        rows: Their values in the driver's form, where they were read already.
    """

    fields: tuple[Any, ...]
    objects: list[Any]
    rows: Rows | None = None


def conflict_of(
    model: Any,
    ignore: bool,
    update: bool,
    update_fields: Sequence[str],
    unique_fields: Sequence[str],
) -> Conflict:
    """What is done with a row that meets an existing one.

    Raises:
        QueryError: The options contradict each other.
        FieldError: A name is no field that can be updated, or met.
    """
    if ignore and update:
        raise QueryError("ignore_conflicts and update_conflicts cannot be used together")
    if ignore:
        return ("ignore",)
    if not update:
        if update_fields or unique_fields:
            raise QueryError(
                "update_fields and unique_fields need update_conflicts=True",
            )
        return None
    if not update_fields:
        raise QueryError(
            "update_conflicts needs the fields to update", hint="Write update_fields=['...']."
        )
    changed = [_column(model, name, "update_fields") for name in update_fields]
    if any(field.primary_key for field in changed):
        raise FieldError("update_fields of bulk_create() cannot hold the primary key")
    names = [
        part
        for name in unique_fields
        for part in ([f.name for f in model._meta.pk_fields] if name == "pk" else [name])
    ]
    met = [_column(model, name, "unique_fields") for name in names]
    return ("update", tuple(f.column for f in changed), tuple(f.column for f in met))


def _column(model: Any, name: str, option: str) -> Any:
    meta = model._meta
    field = meta.pk if name == "pk" else meta.forward_names.get(name)
    written = option == "update_fields"
    if field is None or field.column is None or (written and field.generated):
        raise FieldError(
            f"{option} of bulk_create() names '{name}', which is no column of '{meta.label}'",
            hint=hint_for(name, [f.name for f in meta.concrete_fields]),
        )
    return field


async def bulk_create(
    executor: Executor,
    queryset: Any,
    objs: Iterable[Any],
    batch_size: int | None,
    conflict: Conflict,
) -> list[Any]:
    """Insert objects of the queryset's model; return them with their keys."""
    model, objects = queryset.model, as_list(queryset.model, objs, "bulk_create")
    check_batch(batch_size)
    if model._meta.concrete_model._meta.parents:
        raise QueryError(
            f"bulk_create() cannot insert '{model._meta.label}': its rows are in several tables",
            hint="Save the objects one by one, or insert the parents first.",
        )
    if not objects:
        return objects
    alias = _create_alias(queryset, objects)
    if conflict is not None and conflict[0] == "update":
        _check_target(await executor.dialect(alias), conflict)
    groups = await _groups(executor, model, alias, objects)
    dialect = await executor.dialect(alias)
    single = len(groups) == 1 and len(objects) <= write.rows_at_once(
        dialect, groups[0].fields, batch_size
    )
    if single or executor.in_block(alias):
        for group in groups:
            await _insert_group(executor, alias, model, group, batch_size, conflict)
    else:
        async with executor.atomic(alias, savepoint=False):
            for group in groups:
                await _insert_group(executor, alias, model, group, batch_size, conflict)
    return objects


async def _groups(executor: Executor, model: Any, alias: str, objects: list[Any]) -> list[Group]:
    """The objects by the columns that they give, each checked to belong to the database."""
    dialect = await executor.dialect(alias)
    with paused(len(objects)):
        known = quick_save.rows_of(model, dialect, alias, objects)
    if known is not None:
        return [Group(known[0], objects, known[1])]
    await _check_all(executor, model, alias, objects)
    return [Group(fields, some) for fields, some in _by_fields(model, objects)]


def _check_target(dialect: Any, conflict: tuple[Any, ...]) -> None:
    """Databases that want to know which row is met must be told, others must not."""
    if dialect.features.conflict_target and not conflict[2]:
        raise QueryError(
            f"update_conflicts needs unique_fields on {dialect.name}",
            hint="Name the fields of a unique constraint: unique_fields=['...'].",
        )
    if not dialect.features.conflict_target and conflict[2]:
        raise dialect.missing("conflict_target", "bulk_create(unique_fields=...)")


def _create_alias(queryset: Any, objects: list[Any]) -> str:
    """The queryset's place; unplaced, that which all objects took from their relations."""
    new = objects[0]._origin is UNTIED
    if not new and queryset.placed_on is None and not queryset.hints:
        places = {obj._origin.alias for obj in objects if not obj._origin.stored}
        if len(places) == 1 and None not in places:
            alias: str = places.pop()
            return alias
    found: str = queryset._write_alias()
    return found


async def _check_all(executor: Executor, model: Any, alias: str, objects: list[Any]) -> None:
    relations = save_places.relations_of(model._meta)
    caches = tuple([cache for _, cache in relations])
    for obj in objects:
        # Nearly all are new and hold no related object: there is nothing to look at.
        if obj._origin is UNTIED and type(obj) is model:
            values = obj.__dict__
            for cache in caches:
                if cache in values:
                    break
            else:
                continue
        _check_object(obj, model, alias, relations)
    if any(hasattr(field, "settle") for field in model._meta.all_private_fields):
        for obj in objects:
            await settle(executor, obj, alias)


def _check_object(obj: Any, model: Any, alias: str, relations: Any) -> None:
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
    for field, related in save_places.related_objects(obj) if relations else ():
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
    every = [f for f in model._meta.concrete_model._meta.local_concrete_fields if not f.generated]
    auto = model._meta.concrete_model._meta.auto_field
    optional = [f for f in every if f is auto or f.has_db_default()]
    if not optional:
        return [(tuple(every), objects)]
    if optional == [auto]:
        keys = [obj.__dict__.get(auto.attname, DATABASE_DEFAULT) for obj in objects]
        if keys.count(None) == len(keys):
            return [(tuple(f for f in every if f is not auto), objects)]
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for obj in objects:
        left_out = tuple(
            [
                f
                for f in optional
                if (value := getattr(obj, f.attname)) is DATABASE_DEFAULT
                or (f is auto and value is None)
            ]
        )
        groups.setdefault(left_out, []).append(obj)
    if len(groups) > 1 and give_defaults(groups, auto):
        return _by_fields(model, objects)
    return [
        (tuple(f for f in every if f not in left_out), some) for left_out, some in groups.items()
    ]


async def _insert_group(
    executor: Executor,
    alias: str,
    model: Any,
    group: Group,
    batch_size: int | None,
    conflict: Conflict,
) -> None:
    dialect, (fields, objects, rows) = await executor.dialect(alias), group
    columns = model._meta.concrete_model._meta.local_concrete_fields
    missing = tuple([f for f in columns if f not in fields])
    # Of rows that are left out nothing comes back; one that is updated is as good as a new one.
    told = dialect.features.bulk_returning and (conflict is None or conflict[0] == "update")
    returning = missing if told else ()
    if rows is None:
        rows = await _rows(executor, alias, model, fields, objects)
    found = await write.insert_bound(
        executor, alias, model, fields, rows, returning, conflict, batch_size
    )
    with paused(len(objects)):
        _tie(model, alias, objects, returning, found)
        if not returning:
            forget_defaults(objects, missing, model._meta.pk_fields[0].attname)


async def _rows(
    executor: Executor, alias: str, model: Any, fields: tuple[Any, ...], objects: list[Any]
) -> list[Row]:
    values = values_of(fields, await executor.dialect(alias))
    hooked = [field for field in fields if field.hooked]
    with paused(len(objects)):
        if hooked:  # fields such as auto_now write into the object first
            for obj in objects:
                for field in hooked:
                    obj.__dict__[field.attname] = field.pre_save(obj, True)
        rows = [values(obj.__dict__) for obj in objects]
    if None in rows:
        rows = await bound_rows(executor, alias, model, fields, objects, rows)
    return rows


def _tie(model: Any, alias: str, objects: list[Any], returning: Any, found: list[Any]) -> None:
    """Give objects what the database filled in, and their place where they have a key now."""
    mark, key = origin(alias, True), model._meta.pk_fields[0]
    if len(found) != len(objects):
        returning = ()
    if returning == (key,):
        for obj, row in zip(objects, found, strict=True):
            obj.__dict__[key.attname] = row[0]
            obj._origin = mark
        return
    for i, field in enumerate(returning):
        attname = field.attname
        for obj, row in zip(objects, found, strict=True):
            obj.__dict__[attname] = row[i]
    for obj in objects:
        if obj.__dict__.get(key.attname) is not None:
            obj._origin = mark


_values: dict[Any, Any] = {}


def values_of(fields: tuple[Any, ...], dialect: Any) -> Any:
    """The function that reads objects' values in the driver's form, made once."""
    found = _values.get((fields, dialect))
    if found is None:
        if len(_values) > MOST_READERS:
            _values.clear()
        found = _values[fields, dialect] = object_values(fields, dialect)
    return found


def as_list(model: Any, objs: Iterable[Any], verb: str) -> list[Any]:
    """Return the objects of a bulk call, each checked to be one of the model.

    Raises:
        FieldValueError: It is something else.
    """
    if not isinstance(objs, Iterable):
        raise FieldValueError(
            f"{verb}() of '{model._meta.label}' takes a list of objects, not {type(objs).__name__}",
            hint=f"Write {verb}([{model.__name__}(...), ...]).",
        )
    objects = list(objs)
    for kind in set(map(type, objects)):
        if not issubclass(kind, model._meta.concrete_model):
            raise FieldValueError(
                f"{verb}() of '{model._meta.label}' was given a '{kind.__name__}'",
                hint=f"Give it objects: {verb}([{model.__name__}(...), ...]).",
            )
    return objects


def check_batch(batch_size: Any) -> None:
    """Refuse a batch of no rows."""
    if batch_size is not None and (not isinstance(batch_size, int) or batch_size < 1):
        raise QueryError("batch_size must be at least 1")
