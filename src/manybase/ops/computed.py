"""Values of new rows that the database works out: expressions are asked for before the insert.

A new row has no columns to read, so what an expression comes to is known before the row is there,
and the objects hold plain values afterwards. Called by ``ops.save_table`` and ``ops.bulk``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldValueError
from manybase.fields.json import JSON_NULL, JSONField
from manybase.meta.field import DATABASE_DEFAULT
from manybase.ops.probe import Unknown, record_values_of, work_out
from manybase.query.expressions import Expression, Value
from manybase.query.object_values import object_values
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

Wanted = tuple[Any, Any]
"""A field, and the expression or queryset that is to be its value."""

COMPUTED = (Expression, Recording)
"""What stands in an object for a value that the database works out."""

AT_ONCE = 100
"""Expressions of one SELECT."""


async def new_values(
    executor: Executor, model: Any, alias: str, wanted: Sequence[Wanted]
) -> list[Any]:
    """Return what expressions come to, prepared for their fields.

    Raises:
        FieldValueError: One reads a column, or goes over rows.
        CrossDatabaseError: One holds a value of another database.
    """
    found = [_constant(field, value) if type(value) is Value else None for field, value in wanted]
    asked = [i for i, (_, value) in enumerate(wanted) if type(value) is not Value]
    recordings = [_recorded(model, *wanted[i]) for i in asked]
    most = (await executor.dialect(alias)).features.max_parameters
    for start, stop in _parts(recordings, most):
        made = await work_out(executor, model, alias, recordings[start:stop])
        for i, value in zip(asked[start:stop], made, strict=True):
            found[i] = wanted[i][0].prepare(value)
    return found


def put(obj: Any, field: Any, value: Any) -> None:
    """Give an object a value that was worked out."""
    obj.__dict__[field.attname] = None if value is JSON_NULL else value


async def bound_rows(
    executor: Executor,
    alias: str,
    model: Any,
    fields: tuple[Any, ...],
    objects: Sequence[Any],
    rows: list[tuple[Any, ...] | None],
) -> list[tuple[Any, ...]]:
    """Fill in the rows of a bulk insert that are None: those of objects with expressions.

    Raises:
        FieldValueError: A value is not loaded, or cannot be worked out without a row.
    """
    missing = [obj for obj, row in zip(objects, rows, strict=True) if row is None]
    owners, wanted = [], []
    for obj in missing:
        for field in fields:
            value = _loaded(obj, field)
            if isinstance(value, COMPUTED):
                owners.append(obj)
                wanted.append((field, value))
    made = await new_values(executor, model, alias, wanted)
    nulls = []
    for obj, (field, _), value in zip(owners, wanted, made, strict=True):
        obj.__dict__[field.attname] = value
        if value is JSON_NULL:
            nulls.append((obj, field))
    plain = object_values(fields, await executor.dialect(alias))
    filled = [
        plain(obj.__dict__) if row is None else row for obj, row in zip(objects, rows, strict=True)
    ]
    for obj, field in nulls:
        put(obj, field, JSON_NULL)
    return [row for row in filled if row is not None]


def give_defaults(groups: Mapping[tuple[Any, ...], Sequence[Any]], auto: Any) -> bool:
    """Give objects the defaults of columns that others of the list have values for.

    One statement serves them all then, so that rows and their keys come in the list's order.
    Returns whether there were such columns.
    """
    left_out = {field for fields in groups for field in fields if field is not auto}
    mixed = {field for field in left_out if not all(field in fields for fields in groups)}
    for fields, objects in groups.items():
        for field in mixed.intersection(fields):
            for obj in objects:
                obj.__dict__[field.attname] = field.db_default
    return bool(mixed)


def forget_defaults(objects: Sequence[Any], fields: Sequence[Any], key: str) -> None:
    """Defer what the database filled in and did not tell, where the row's key is known."""
    for attname in [field.attname for field in fields if field.has_db_default()]:
        for obj in objects:
            kept = obj.__dict__
            if kept.get(key) is not None and kept.get(attname) is DATABASE_DEFAULT:
                del kept[attname]


def _loaded(obj: Any, field: Any) -> Any:
    value = obj.__dict__.get(field.attname, DATABASE_DEFAULT)
    if value is DATABASE_DEFAULT:
        raise FieldValueError(
            f"bulk_create() of '{type(obj)._meta.label}' needs '{field.name}', which is not loaded",
            hint="Read the objects without defer() and only(), or give it a value.",
        )
    return value


def _constant(field: Any, value: Value) -> Any:
    if value.value is None and isinstance(value.output_field, JSONField):
        return JSON_NULL
    return field.prepare(value.value)


def _recorded(model: Any, field: Any, value: Any) -> Recording:
    try:
        return record_values_of(model, value)
    except Unknown:
        raise FieldValueError(
            f"field '{field}' of a new row cannot be {value!r}: there is no row to work it out of",
            hint="Save a plain value first, or use the expression in an update.",
        ) from None


def _parts(recordings: Sequence[Recording], most: int) -> Iterator[tuple[int, int]]:
    """Where to cut the expressions so that no statement has too many, or too many parameters."""
    start = held = 0
    for i, recording in enumerate(recordings):
        count = len(recording.params)
        if i - start == AT_ONCE or (i > start and held + count > most):
            yield start, i
            start, held = i, 0
        held += count
    if start < len(recordings):
        yield start, len(recordings)
