"""Deleting objects with everything that hangs on them, on one database, in one transaction.

``Model.delete`` and ``QuerySet.delete`` call ``delete`` with the alias that routing chose.
``ops.collect`` finds what is touched; here it is carried out, and signals are sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from manybase.meta.origin import origin as origin_of
from manybase.meta.signals import post_delete, pre_delete
from manybase.ops import write
from manybase.ops.collect import CHUNK, Collector
from manybase.query.record import record_filter
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

Deleted = tuple[int, dict[str, int]]


async def delete(
    executor: Executor,
    objects: Sequence[Any] | Recording,
    alias: str,
    *,
    origin: Any = None,
    keep_parents: bool = False,
) -> Deleted:
    """Delete objects, or the rows of a query, with all that depends on them.

    Args:
        executor: What reaches the database.
        objects: Objects of one model, or a recording of the rows.
        alias: The database; nothing of any other is read or written.
        origin: What signals are told as the start of the deletion.
        keep_parents: Whether rows of parent models stay.

    Returns:
        How many rows went, and how many of each model.

    Raises:
        ProtectedError: A row that points at one of them is protected.
        RestrictedError: One is restricted and is not deleted as well.
    """
    dialect = await executor.dialect(alias)
    collector = Collector(executor, alias, dialect.features.deferrable_constraints)
    if isinstance(objects, Recording):
        await collector.collect_all(objects, keep_parents=keep_parents)
    else:
        await collector.collect(list(objects), keep_parents=keep_parents)
    return await _carry_out(collector, origin)


async def _carry_out(collector: Collector, origin: Any) -> Deleted:
    counts: dict[str, int] = {}
    if _is_one_statement(collector):
        await _execute(collector, origin, counts)
    else:
        async with collector.executor.atomic(collector.alias, savepoint=False):
            await _execute(collector, origin, counts)
    _untie(collector)
    return sum(counts.values()), counts


def _is_one_statement(collector: Collector) -> bool:
    """Whether a transaction would guard a single DELETE that nobody listens to."""
    if collector.updates:
        return False
    rows = sum(
        -(-len(found) // CHUNK) + (1 if _heard(model) else 0)
        for model, found in collector.rows.items()
    )
    return rows + len(collector.fast) <= 1


def _heard(model: Any) -> bool:
    return pre_delete.has_listeners(model) or post_delete.has_listeners(model)


async def _execute(collector: Collector, origin: Any, counts: dict[str, int]) -> None:
    order = collector.in_order()
    for model in order:
        await _tell(collector, pre_delete, model, origin)
    executor, alias = collector.executor, collector.alias
    for rows in collector.fast:
        _count(counts, rows.model, await write.delete(executor, rows, alias))
    for rows, field, value in collector.updates:
        await write.update(executor, rows, alias, {field.name: value})
    for model in order:
        for keys in _batches(collector, model):
            rows = record_filter(Recording(model), (), {"pk__in": keys})
            _count(counts, model, await write.delete(executor, rows, alias))
        await _tell(collector, post_delete, model, origin)


def _count(counts: dict[str, int], model: Any, number: int) -> None:
    if number:
        label = model._meta.label
        counts[label] = counts.get(label, 0) + number


def _batches(collector: Collector, model: Any) -> list[list[Any]]:
    """Keys to delete, a statement each; the rows that were met last go first.

    A database that checks keys at once needs the generations of a tree in statements of their
    own; elsewhere they share them.
    """
    generations = [[obj.pk for obj in objects] for objects in collector.generations[model]]
    generations.reverse()
    if collector.deferrable:
        generations = [[key for keys in generations for key in keys]]
    return [
        keys[start : start + CHUNK] for keys in generations for start in range(0, len(keys), CHUNK)
    ]


async def _tell(collector: Collector, signal: Any, model: Any, origin: Any) -> None:
    if model._meta.auto_created or not signal.has_listeners(model):
        return
    for obj in collector.rows[model].values():
        await collector.executor.send(
            signal, model, instance=obj, using=collector.alias, origin=origin
        )


def _untie(collector: Collector) -> None:
    """Take the key from every deleted object; a later save makes a new row on the same place."""
    gone = origin_of(collector.alias, False)
    for model, found in collector.rows.items():
        attnames = [field.attname for field in model._meta.pk_fields]
        for obj in found.values():
            for attname in attnames:
                obj.__dict__[attname] = None
            obj._origin = gone
