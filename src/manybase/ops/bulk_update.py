"""``bulk_update``: the same fields of many objects, each on its own database.

No signals, no ``save()``. Places are checked before the first statement, and everything on one
database happens in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from manybase.errors import CrossDatabaseError, FieldError, FieldValueError, hint_for
from manybase.ops import save_places, write
from manybase.ops.bulk import as_list, check_batch
from manybase.ops.computed import COMPUTED
from manybase.query.plan import update_plan
from manybase.query.record import record_filter
from manybase.query.state import Recording
from manybase.routing import decision, provenance

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

MOST_KEYS = 500
"""Rows that one statement writes the same expressions into."""


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
    by_table: dict[Any, list[Any]] = {}
    for field in fields:
        by_table.setdefault(field.model._meta.concrete_model, []).append(field)
    works = {
        alias: [_prepare(alias, table, own, some) for table, own in by_table.items()]
        for alias, some in groups.items()
    }
    written = 0
    for alias, parts in works.items():
        async with executor.atomic(alias, savepoint=False):
            written += max([await _write(executor, alias, part) for part in parts])
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


class Work(NamedTuple):
    """What is written into one table.

    Args:
        table: Its model.
        fields: The fields that are written.
        plain: Rows of plain values, each with its key.
        computed: Rows with expressions: their values, and the keys that get the same.
    """

    table: Any
    fields: tuple[Any, ...]
    plain: list[tuple[Any, ...]]
    computed: list[tuple[dict[str, Any], list[Any]]]


def _prepare(alias: str, table: Any, fields: list[Any], objects: list[Any]) -> Work:
    """Work out what is written, before anything is: values are checked, and their places."""
    key = table._meta.pk
    plain: list[tuple[Any, ...]] = []
    computed: dict[Any, tuple[dict[str, Any], list[Any]]] = {}
    for obj in objects:
        values = {f: f.pre_save(obj, False) for f in fields}
        if any(isinstance(value, COMPUTED) for value in values.values()):
            named = {f.name: value for f, value in values.items()}
            recorded = write.checked_update(Recording(table), alias, named)
            same = _same(recorded, obj)
            computed.setdefault(same, (named, []))[1].append(getattr(obj, key.attname))
        else:
            row = [f.prepare(value) for f, value in values.items()]
            plain.append((*row, *table._meta.key_values(obj)))
    return Work(table, tuple(fields), plain, list(computed.values()))


def _same(recorded: Recording, obj: Any) -> Any:
    """What is equal for objects that one statement can serve."""
    if all(type(value) in _TOLD_APART for value in recorded.params):
        return recorded.shape, tuple([repr(value) for value in recorded.params])
    return id(obj)


_TOLD_APART = frozenset({bool, int, str, bytes, float, Decimal, type(None), date, datetime, UUID})
"""Types whose values are the same where they look the same."""


async def _write(executor: Executor, alias: str, work: Work) -> int:
    done = 0
    for named, keys in work.computed:
        for start in range(0, len(keys), MOST_KEYS):
            some = keys[start : start + MOST_KEYS]
            chosen = {"pk": some[0]} if len(some) == 1 else {"pk__in": some}
            rows = record_filter(Recording(work.table), (), chosen)
            done += await write.update(executor, rows, alias, named)
    if work.plain:
        plan = update_plan(work.table, work.fields, await executor.dialect(alias))
        done += await executor.execute_many(alias, plan, work.plain)
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
