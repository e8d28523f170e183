"""Writing rows: inserts, updates and deletes of known rows or of those that a recording matches.

Coroutines over an Executor; no signals, no cascade, no routes: callers see to those. Called by
``ops`` and by the querysets' faces.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from manybase.query.code import bind_function
from manybase.query.plan import (
    delete_plan,
    insert_plan,
    insert_rows_plan,
    plan_for,
    update_plan,
)
from manybase.query.record import record_filter, record_update, record_values
from manybase.query.repeated import Rows
from manybase.query.state import Recording
from manybase.routing.provenance import check_values

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

LARGEST_INSERT = 500
"""Rows of one INSERT: more make a longer text, not a faster one."""

LARGEST_ARRAY = 10_000
"""Rows of one INSERT where columns go as arrays, which the server reads at once."""


async def insert(
    executor: Executor,
    alias: str,
    model: Any,
    fields: Sequence[Any],
    values: Sequence[Any],
    returning: Sequence[Any] = (),
) -> tuple[Any, ...] | None:
    """Insert one row; return the values of ``returning``.

    Where the database cannot return columns and one is asked for, the answer is the key that it
    gave to the row.
    """
    dialect = await executor.dialect(alias)
    able = dialect.features.returning_insert
    plan = insert_plan(model, tuple(fields), dialect, tuple(returning) if able else ())
    found = await executor.insert(alias, plan, tuple(values))
    if not returning:
        return None
    if not able:
        return tuple(found[0])
    row: tuple[Any, ...] = plan.hydrate(found, alias)[0]
    return row


async def insert_many(
    executor: Executor,
    alias: str,
    model: Any,
    fields: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    returning: Sequence[Any] = (),
    conflict: Any = None,
    batch_size: int | None = None,
) -> list[tuple[Any, ...]]:
    """Insert rows of prepared values by as few statements as the database allows.

    Returns:
        The values of ``returning`` for each row, in order; empty where nothing is asked for.
    """
    fields = tuple(fields)
    if conflict == "ignore":
        conflict = ("ignore",)
    bind = _writer(fields, await executor.dialect(alias))
    bound = [tuple(bind(row)) for row in rows]
    return await insert_bound(
        executor, alias, model, fields, bound, tuple(returning), conflict, batch_size
    )


async def insert_bound(
    executor: Executor,
    alias: str,
    model: Any,
    fields: tuple[Any, ...],
    rows: Rows,
    returning: tuple[Any, ...] = (),
    conflict: Any = None,
    batch_size: int | None = None,
) -> list[tuple[Any, ...]]:
    """Insert rows whose values are in the driver's form; see ``insert_many``."""
    dialect = await executor.dialect(alias)
    size = rows_at_once(dialect, fields, batch_size)
    found: list[tuple[Any, ...]] = []
    every = insert_rows_plan(model, fields, dialect, returning, conflict) if fields else None
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        if every is None or len(some) == 1:
            plan = insert_plan(model, fields, dialect, returning, 1, conflict, bound=True)
            (params,) = some
        else:
            plan, params = every.of(len(some)), every.params(some)
        if returning:
            found.extend(plan.hydrate(await executor.insert(alias, plan, params), alias))
        else:
            await executor.execute(alias, plan, params)
    return found


@functools.lru_cache(maxsize=500)
def _writer(fields: tuple[Any, ...], dialect: Any) -> Any:
    """The function from a row of prepared values to the driver's."""
    writers = [dialect.writer(field.storage) for field in fields]
    return bind_function(
        [(i, None, () if writer is None else (writer,)) for i, writer in enumerate(writers)],
        len(fields),
    )


def rows_at_once(dialect: Any, fields: Sequence[Any], batch_size: int | None) -> int:
    """How many rows one statement inserts at most."""
    if not fields:
        return 1
    if dialect.features.array_parameters:
        return batch_size or LARGEST_ARRAY
    most: int = dialect.features.max_parameters // len(fields)
    return max(1, min(batch_size or LARGEST_INSERT, most))


async def update_row(
    executor: Executor,
    alias: str,
    model: Any,
    fields: Sequence[Any],
    values: Sequence[Any],
    key: Any,
) -> int:
    """Write fields of the row with this key; return the number of rows, 0 or 1."""
    plan = update_plan(model, tuple(fields), await executor.dialect(alias))
    return await executor.execute(alias, plan, (*values, key))


async def delete_keys(
    executor: Executor, alias: str, model: Any, field: Any, keys: Sequence[Any]
) -> int:
    """Delete the rows of the model's own table whose field is one of the keys."""
    plan = delete_plan(model, field, len(keys), await executor.dialect(alias))
    return await executor.execute(alias, plan, tuple(keys))


async def update(
    executor: Executor,
    recording: Recording,
    alias: str,
    values: Mapping[str, Any],
    recorded: Recording | None = None,
) -> int:
    """Write values into every matching row; return how many rows matched.

    Fields of parent models are written into the parents' tables, by key. ``recorded`` is the
    recording with the values, where the caller has it already and has checked their places.

    Raises:
        CrossDatabaseError: A value belongs to another database.
    """
    if recording.branch.nothing or not values:
        return 0
    own, above = _by_table(recording.model, values)
    if recorded is None:
        recorded = checked_update(recording, alias, values)
    if not above:
        return await _execute(executor, recorded, alias)
    keys = await _keys(executor, recording, alias)
    if not keys:
        return 0
    async with executor.atomic(alias):
        for parent, part in above.items():
            rows = record_filter(Recording(parent), (), {"pk__in": keys})
            await _update(executor, rows, alias, part)
        if own:
            rows = record_filter(Recording(recording.model), (), {"pk__in": keys})
            await _update(executor, rows, alias, own)
    return len(keys)


def checked_update(recording: Recording, alias: str, values: Mapping[str, Any]) -> Recording:
    """Record the values of an update; refuse those that belong to another database."""
    recorded = record_update(recording, values)
    if recorded.places is not None:
        check_values(recorded.places, alias, recording.model)
    return recorded


async def _update(
    executor: Executor, recording: Recording, alias: str, values: Mapping[str, Any]
) -> int:
    recorded = record_update(recording, values)
    if recorded.places is not None:  # an expression may hold a queryset of another database
        check_values(recorded.places, alias, recording.model)
    return await _execute(executor, recorded, alias)


async def _execute(executor: Executor, recorded: Recording, alias: str) -> int:
    plan = plan_for(recorded, "update", await executor.dialect(alias))
    return await executor.execute(alias, plan, recorded.params)


def _by_table(
    model: Any, values: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[Any, dict[str, Any]]]:
    own: dict[str, Any] = {}
    above: dict[Any, dict[str, Any]] = {}
    concrete = model._meta.concrete_model
    for name, value in values.items():
        owner = model._meta.get_field(name).model._meta.concrete_model
        if owner is concrete or owner not in concrete._meta.get_parent_list():
            own[name] = value
        else:
            above.setdefault(owner, {})[name] = value
    return own, above


async def _keys(executor: Executor, recording: Recording, alias: str) -> list[Any]:
    recorded = record_values(recording, ["pk"], "flat")
    plan = plan_for(recorded, "select", await executor.dialect(alias))
    return plan.hydrate(await executor.fetch(alias, plan, recorded.params), alias)


async def delete(executor: Executor, recording: Recording, alias: str) -> int:
    """Delete matching rows of the model's own table and nothing else; return how many."""
    if recording.branch.nothing:
        return 0
    plan = plan_for(recording, "delete", await executor.dialect(alias))
    return await executor.execute(alias, plan, recording.params)
