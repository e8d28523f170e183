"""Reading a recording's rows: objects, values, counts, one answer at a time.

Coroutines over an Executor; the alias is decided by the caller, the values' places are checked by
the caller too. Called by ``ops`` and by the querysets' faces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from manybase.meta.signals import post_init, pre_init
from manybase.query.plan import Plan, plan_for

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect
    from manybase.query.state import Recording
    from manybase.runtime.executor import Executor


def reading_verb(verb: str = "select") -> str:
    """The verb of a read; objects are made by ``__init__`` while somebody listens to it."""
    if pre_init._receivers or post_init._receivers:
        return f"{verb}_told"
    return verb


def reading_plan(recording: Recording, dialect: Dialect) -> Plan:
    """The plan that reads objects or values."""
    return plan_for(recording, reading_verb(), dialect)


async def objects(executor: Executor, recording: Recording, alias: str) -> list[Any]:
    """Return what the recording reads: objects, or the values that it names."""
    if recording.branch.nothing:
        return []
    plan = reading_plan(recording, await executor.dialect(alias))
    return await executor.read(alias, plan, recording.params)


rows = objects


async def each_part(
    executor: Executor, recording: Recording, alias: str, take: Callable[[list[Any]], list[Any]]
) -> None:
    """Hand what the recording reads to a function without code of the program, part by part.

    Args:
        executor: What reaches the databases.
        recording: What is read.
        alias: The database.
        take: Takes each part and returns an empty list.
    """
    if recording.branch.nothing:
        return
    plan = reading_plan(recording, await executor.dialect(alias))

    def hydrate(rows: Sequence[Sequence[Any]], alias: str) -> list[Any]:
        return take(plan.hydrate(rows, alias))

    await executor.read(alias, plan, recording.params, hydrate)


async def one_value(executor: Executor, recording: Recording, alias: str, verb: str) -> list[Any]:
    """Return the values of a verb that reads one column."""
    plan = plan_for(recording, verb, await executor.dialect(alias))
    return plan.hydrate(await executor.fetch(alias, plan, recording.params), alias)


async def count(executor: Executor, recording: Recording, alias: str) -> int:
    """Return the number of rows."""
    if recording.branch.nothing:
        return 0
    found: int = (await one_value(executor, recording, alias, "count"))[0]
    return found


async def exists(executor: Executor, recording: Recording, alias: str) -> bool:
    """Return whether there is a row."""
    if recording.branch.nothing:
        return False
    return bool(await one_value(executor, recording, alias, "exists"))
