"""``bulk_update``: the same fields of many objects, each on its own database.

No signals, no ``save()``. Places are checked before the first statement, and everything on one
database happens in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from manybase.errors import CrossDatabaseError, FieldError, FieldValueError, hint_for
from manybase.ops import save_places, write
from manybase.ops.bulk import as_list, check_batch
from manybase.query.expressions import Expression
from manybase.query.plan import update_plan
from manybase.query.record import record_filter
from manybase.query.state import Recording
from manybase.routing import decision, provenance

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


async def bulk_update(
    executor: Executor,
    queryset: Any,
    objs: Iterable[Any],
    names: Sequence[str],
    batch_size: int | None,
) -> int:
    """Write the named fields of objects; an unplaced queryset serves each at its own place."""
    model, objects = queryset.model, as_list(queryset.model, objs, "bulk_update")
    check_batch(batch_size)
    fields = _updatable(model, names)
    if any(obj.pk is None for obj in objects):
        raise FieldValueError("bulk_update() takes saved objects", hint="Save them first.")
    groups: dict[str, list[Any]] = {}
    for obj in objects:
        groups.setdefault(_update_alias(queryset, obj), []).append(obj)
    for alias, some in groups.items():
        for obj in some:
            _check_related(obj, fields, alias)
            save_places.check_expressions(obj, alias, fields)
    written = 0
    for alias, some in groups.items():
        async with executor.atomic(alias, savepoint=False):
            written += await _update_group(executor, queryset, alias, some, fields)
    return written


def _update_alias(queryset: Any, obj: Any) -> str:
    if queryset.placed_on is None and obj._origin.alias is not None:
        # A router may send the write elsewhere than the object was read from, as for a save.
        return decision.write(type(obj), None, queryset.block, {"instance": obj})
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
    counts = [
        await _update_table(executor, alias, table, some, objects)
        for table, some in by_table.items()
    ]
    return max(counts, default=0)


async def _update_table(
    executor: Executor, alias: str, table: Any, fields: list[Any], objects: list[Any]
) -> int:
    key = table._meta.pk
    plain, done = [], 0
    for obj in objects:
        values = {f: f.pre_save(obj, False) for f in fields}
        if any(isinstance(value, Expression) for value in values.values()):
            rows = record_filter(Recording(table), (), {"pk": getattr(obj, key.attname)})
            named = {f.name: value for f, value in values.items()}
            done += await write.update(executor, rows, alias, named)
        else:
            row = [f.prepare(value) for f, value in values.items()]
            plain.append((*row, *table._meta.key_values(obj)))
    if plain:
        plan = update_plan(table, tuple(fields), await executor.dialect(alias))
        done += await executor.execute_many(alias, plan, plain)
    return done


def _updatable(model: Any, names: Sequence[str]) -> list[Any]:
    if not names:
        raise FieldError("bulk_update() needs the names of the fields to write")
    fields = []
    for name in names:
        field = model._meta.get_field(name)
        if not field.concrete or field.column is None or field.primary_key or field.generated:
            known = [f.name for f in model._meta.concrete_fields if not f.primary_key]
            raise FieldError(
                f"bulk_update() cannot write '{name}' of model '{model._meta.label}'",
                hint=hint_for(name, known),
            )
        fields.append(field)
    return fields
