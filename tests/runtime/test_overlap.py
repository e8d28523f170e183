"""Two databases are really asked at once: shown by who waits for whom, without a clock.

On servers two tasks wait for rows that are locked, one on each database, and a third looks at
what the servers say until both wait. SQLite's statements wait for each other inside a function.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from manybase.db import connections, transaction
from manybase.models import IntegerField, RawSQL
from manybase.runtime.tasks import using_line
from tests.behaviour.models import Person
from tests.databases import Databases

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("rows")]

ALIASES = ("default", "other")
FOR_EVER = 60
"""When a test gives up that would wait for ever; nothing that is asserted depends on it."""

#: Statements that ask for the locked row and have not been answered.
WAITING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'",
    "mysql": "SELECT count(*) FROM information_schema.processlist WHERE db = database()"
    " AND command = 'Query' AND info LIKE '%%FOR UPDATE' AND id <> connection_id()",
}

Together = Callable[[list[Coroutine[Any, Any, Any]]], Awaitable[list[Any]]]


@pytest.fixture
def rows(db: Databases) -> None:
    """One row on each database."""
    for alias in ALIASES:
        Person.objects.using(alias).create(pk=1, name=alias)


async def gathered(works: list[Coroutine[Any, Any, Any]]) -> list[Any]:
    return await asyncio.gather(*works)


async def grouped(works: list[Coroutine[Any, Any, Any]]) -> list[Any]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in works]
    return [task.result() for task in tasks]


together = pytest.mark.parametrize("together", [gathered, grouped])


class Locked:
    """Holds the row of each database until it is told to let go."""

    def __init__(self) -> None:
        self.held = {alias: asyncio.Event() for alias in ALIASES}
        self.free = asyncio.Event()

    async def hold(self, alias: str) -> None:
        async with transaction.atomic(alias):
            await Person.objects.using(alias).select_for_update().aget(pk=1)
            self.held[alias].set()
            await self.free.wait()


async def changed(alias: str) -> str:
    """Wait for the row, and change it."""
    async with transaction.atomic(alias):
        found = await Person.objects.using(alias).select_for_update().aget(pk=1)
        found.name += " changed"
        await found.asave()
    return found.name


async def until_waiting(db: Databases, *aliases: str) -> None:
    """Return when a statement on each of these databases waits, as their servers say."""
    for alias in aliases:
        sql = WAITING[db.kind_of(alias)]
        while (await connections[alias].aexecute(sql, [])).rows[0][0] == 0:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # a server sends no word of it


@pytest.mark.parametrize("kind", ["postgresql", "mysql", "mysql+postgresql"], indirect=True)
@together
async def test_two_servers_work_at_the_same_time(db: Databases, together: Together) -> None:
    """Each server has a statement of this loop in its hands while the other one has, too."""
    locks = Locked()

    async def watch() -> str:
        for held in locks.held.values():
            await held.wait()
        await until_waiting(db, *ALIASES)
        locks.free.set()
        return "both wait"

    async def late(alias: str) -> str:
        await locks.held[alias].wait()
        return await changed(alias)

    holders = [locks.hold(alias) for alias in ALIASES]
    works = [*holders, watch(), *(late(alias) for alias in ALIASES)]
    found = await asyncio.wait_for(together(works), FOR_EVER)

    assert found == [None, None, "both wait", "default changed", "other changed"]


@pytest.mark.parametrize("kind", ["postgresql", "mysql", "mysql+postgresql"], indirect=True)
@together
async def test_a_slow_database_does_not_hold_up_another(db: Databases, together: Together) -> None:
    """What is asked of one is answered, and acted on, while a statement on the other waits."""
    locks = Locked()

    async def slow() -> str:
        await locks.held["default"].wait()
        return await changed("default")

    async def quick() -> int:
        await locks.held["default"].wait()
        await until_waiting(db, "default")
        other = Person.objects.using("other")
        assert await other.filter(pk=1).aupdate(name="quick") == 1
        assert [one.name async for one in other.all()] == ["quick"]
        locks.free.set()
        return await other.acount()

    works = [locks.hold("default"), slow(), quick()]
    found = await asyncio.wait_for(together(works), FOR_EVER)

    assert found == [None, "default changed", 1]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@together
async def test_two_files_are_read_at_the_same_time(db: Databases, together: Together) -> None:
    """Each of two statements ends only when the other one runs as well."""
    meeting = threading.Barrier(2, timeout=FOR_EVER)

    async def meet(alias: str) -> tuple[str, bool]:
        async with using_line(alias) as line:
            await line.connection.create_function("meet", 0, meeting.wait)
        met = RawSQL("meet()", [], output_field=IntegerField())
        found = await Person.objects.using(alias).annotate(met=met).aget(pk=1)
        return found.name, found.met in (0, 1)

    assert await together([meet(alias) for alias in ALIASES]) == [
        ("default", True),
        ("other", True),
    ]
