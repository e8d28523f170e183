"""Writes one object's row of one table: an update where there is a row, else an insert.

Called by ``ops.save`` for each table of the object. Values are prepared by the fields; what the
database filled in comes back onto the object.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldValueError
from manybase.meta.field import DATABASE_DEFAULT
from manybase.ops import fetch, write
from manybase.ops.computed import COMPUTED, new_values, put
from manybase.ops.save_values import Columns, columns_of, quick_values, value_of
from manybase.query.plan import update_plan
from manybase.query.record import record_filter, record_order, record_slice, record_values
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.ops.save_places import Place
    from manybase.runtime.executor import Executor


@dataclasses.dataclass(slots=True)
class Job:
    """One save: the object, where it goes and how.

    Args:
        executor: What reaches the database.
        obj: The object.
        place: Where it goes.
        names: The only fields to write; None for all.
        force_insert: Classes whose tables are inserted into without asking.
        force_update: Whether nothing may be inserted.
        raw: Whether values are taken as they are.
        copy: Whether an object of another database may overwrite a row here.
        computed: Names of the fields whose values the database worked out.
    """

    executor: Executor
    obj: Any
    place: Place
    names: frozenset[str] | None
    force_insert: tuple[type, ...]
    force_update: bool
    raw: bool
    copy: bool
    computed: list[str] = dataclasses.field(default_factory=list)

    @property
    def alias(self) -> str:
        """The database that is written to."""
        return self.place.alias


async def save_table(job: Job, cls: Any, parent_inserted: bool) -> bool:
    """Write the object's row in the table of ``cls``; return whether it was an update.

    Args:
        job: The save.
        cls: The object's concrete model, or one of its parents.
        parent_inserted: Whether a row above was inserted, so that none can be here.
    """
    obj, pk = job.obj, cls._meta.pk
    key = getattr(obj, pk.attname)
    if key is None and pk.has_default():
        key = pk.get_default()
        setattr(obj, pk.attname, key)
    has_key = key is not None and key is not DATABASE_DEFAULT
    if not has_key and (job.force_update or job.names is not None):
        raise FieldValueError(
            f"cannot update a '{cls._meta.label}' without a key",
            hint="Save it without force_update and update_fields first.",
        )
    if has_key and not _inserts(job, cls, parent_inserted):
        if await _update(job, cls, key):
            return True
        if job.force_update or job.names is not None:
            raise type(obj).NotUpdated(
                f"saving the '{cls._meta.label}' changed no row on database '{job.alias}'",
                hint="The row is not there any more; save() without options inserts it.",
            )
    await _insert(job, cls, has_key)
    return False


def _inserts(job: Job, cls: Any, parent_inserted: bool) -> bool:
    """Whether no update is tried."""
    if parent_inserted or (job.force_insert and issubclass(cls, job.force_insert)):
        return True
    if job.place.crossing and not job.copy:
        return True
    if job.raw or job.force_update or job.names is not None or job.obj._origin.stored:
        return False
    # A key that was just made by a default cannot be the key of a row.
    pk = cls._meta.pk
    return bool(pk.has_default() or pk.has_db_default())


async def _update(job: Job, cls: Any, key: Any) -> bool:
    columns = columns_of(cls._meta).others
    quick = None if job.names is not None else quick_values(job.obj, columns)
    if quick and not cls._meta.select_on_save:
        return await _update_row(job, cls, key, columns.fields, quick)
    fields, values, expressions = [], [], {}
    for column in columns.of(job.names):
        value = value_of(job.obj, column, job.raw, False)
        if isinstance(value, COMPUTED):
            expressions[column.field.name] = value
        elif value is not DATABASE_DEFAULT:
            fields.append(column.field)
            values.append(value)
    if not fields and not expressions:
        return job.names is not None or await _is_there(job, cls, key)
    if cls._meta.select_on_save and not job.force_update and not await _is_there(job, cls, key):
        return False
    if expressions:
        plain = dict(zip(fields, values, strict=True))
        return await _update_with(job, cls, key, plain, expressions)
    return await _update_row(job, cls, key, tuple(fields), values)


async def _update_row(
    job: Job, cls: Any, key: Any, fields: tuple[Any, ...], values: list[Any]
) -> bool:
    executor, alias = job.executor, job.place.alias
    dialect, meta = await executor.dialect(alias), cls._meta
    values.extend(meta.pk.prepare(key) if meta.pk.composite else (meta.pk.prepare(key),))
    generated = columns_of(meta).generated
    if generated and dialect.features.returning_update:
        plan = update_plan(cls, fields, dialect, returning=generated)
        rows = plan.hydrate(await executor.insert(alias, plan, tuple(values)), alias)
        for row in rows:
            _take(job.obj, generated, row, False)
        return bool(rows)
    plan = update_plan(cls, fields, dialect)
    found = await executor.execute(alias, plan, tuple(values)) > 0
    if found:
        job.computed.extend(field.name for field in generated)
    return found


async def _update_with(
    job: Job, cls: Any, key: Any, plain: dict[Any, Any], expressions: dict[str, Any]
) -> bool:
    """Update where the database works out some values; ``save`` loads them afterwards."""
    assigned = {field.name: value for field, value in plain.items()}
    rows = record_filter(Recording(cls), (), {"pk": key})
    found = await write.update(job.executor, rows, job.alias, {**assigned, **expressions})
    job.computed.extend(expressions)
    job.computed.extend(field.name for field in columns_of(cls._meta).generated)
    return found > 0


async def _is_there(job: Job, cls: Any, key: Any) -> bool:
    rows = record_filter(Recording(cls), (), {"pk": key})
    found: bool = await fetch.exists(job.executor, rows, job.alias)
    return found


async def _insert(job: Job, cls: Any, has_key: bool) -> None:
    obj, meta = job.obj, cls._meta
    if meta.order_with_respect_to is not None and not job.raw:
        obj._order = await _next_place(job, cls)
    known = columns_of(meta)
    returning = [*_missing_key(obj, meta, has_key), *known.generated]
    numbered = not has_key and getattr(meta.pk, "is_auto", False)
    columns = known.others if numbered else known.all
    values = quick = quick_values(obj, columns)
    fields = columns.fields
    if values is None:
        fields, values = await _new_values(job, columns, returning)
    if len(returning) > 1 or (returning and has_key):
        dialect = await job.executor.dialect(job.alias)
        if not dialect.features.returning_insert:
            returning = [meta.pk] if meta.pk in returning else []
            job.computed.extend(field.name for field in known.generated)
    returned = await write.insert(
        job.executor, job.alias, cls, fields, tuple(values), tuple(returning)
    )
    _take(obj, returning, returned, values is not quick)


def _missing_key(obj: Any, meta: Any, has_key: bool) -> list[Any]:
    """The fields of the key that the database is to give."""
    if has_key:
        return []
    for field in meta.pk_fields if meta.pk.composite else ():
        if getattr(obj, field.attname) is None:
            raise FieldValueError(
                f"cannot save a '{meta.label}' without '{field.name}', which is part of its key",
                hint=f"The key is {meta.pk.describe_values()}.",
            )
    return [] if meta.pk.composite else [meta.pk]


async def _new_values(
    job: Job, columns: Columns, returning: list[Any]
) -> tuple[tuple[Any, ...], list[Any]]:
    """The fields and values of a new row; what the database fills in is to be returned."""
    fields: list[Any] = []
    values: list[Any] = []
    wanted: dict[int, tuple[Any, Any]] = {}
    for column in columns.of(None):
        field = column.field
        value = value_of(job.obj, column, job.raw, True)
        if value is DATABASE_DEFAULT:
            if field not in returning:
                returning.append(field)
            continue
        if isinstance(value, COMPUTED):
            wanted[len(values)] = (field, value)
        fields.append(field)
        values.append(value)
    if wanted:
        asked = list(wanted.values())
        made = await new_values(job.executor, type(job.obj), job.alias, asked)
        for (i, (field, _)), value in zip(wanted.items(), made, strict=True):
            values[i] = value
            put(job.obj, field, value)
    return tuple(fields), values


def _take(
    obj: Any, returning: Sequence[Any], returned: tuple[Any, ...] | None, defaults: bool
) -> None:
    """Put what the database filled in onto the object; what it did not tell is deferred."""
    kept = obj.__dict__
    for field, value in zip(returning, returned or (), strict=True):
        kept[field.attname] = value
    if not defaults:
        return
    for attname in [name for name, value in kept.items() if value is DATABASE_DEFAULT]:
        del kept[attname]


async def _next_place(job: Job, cls: Any) -> int:
    """The number after the last among the objects of the same parent."""
    field = cls._meta.order_with_respect_to
    rows = record_filter(Recording(cls), (), {field.attname: getattr(job.obj, field.attname)})
    rows = record_slice(record_order(record_values(rows, ["_order"]), ["-_order"]), None, 1)
    found = await fetch.rows(job.executor, rows, job.alias)
    return found[0][0] + 1 if found else 0
