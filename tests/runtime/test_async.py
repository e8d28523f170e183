"""The asynchronous face: really parallel, pinned in blocks, clean at the end of its loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from manybase.db import connections, transaction
from manybase.errors import (
    DatabaseError,
    DatabaseNotAllowed,
    MissingTable,
    OperationalError,
    TransactionManagementError,
    UnknownAlias,
)
from manybase.runtime import guard
from manybase.runtime.aio import aio
from manybase.runtime.events import capture
from tests.runtime.help import leaving

SLOW = {
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < {})"
    " SELECT count(*) FROM c",
    "postgresql": "SELECT pg_sleep(0.3)",
    "mysql": "SELECT sleep(0.3)",
}


async def test_statements_of_one_database_run_side_by_side(place: Any) -> None:
    await asyncio.gather(*[place.add(aio, number) for number in range(25)])
    assert await place.numbers(aio) == list(range(25))


async def test_a_block_is_pinned_to_its_task(place: Any) -> None:
    """Another task does not see what is not committed."""
    started, looked = asyncio.Event(), asyncio.Event()

    async def other() -> list[int]:
        await started.wait()
        found: list[int] = await place.numbers(aio)
        looked.set()
        return found

    task = asyncio.create_task(other())
    async with transaction.atomic("default"):
        await place.add(aio, 1)
        started.set()
        await looked.wait()
    assert await task == []
    assert await place.numbers(aio) == [1]


async def test_tasks_made_in_a_block_belong_to_it(place: Any) -> None:
    with leaving(KeyError):
        async with transaction.atomic("default"):
            await asyncio.gather(*[place.add(aio, number) for number in range(5)])
            assert await place.numbers(aio) == [0, 1, 2, 3, 4]
            raise KeyError
    assert await place.numbers(aio) == []


async def test_inner_blocks_of_sibling_tasks_take_turns(place: Any) -> None:
    async def one(number: int) -> None:
        async with transaction.atomic("default"):
            await place.add(aio, number)
            await asyncio.sleep(0)
            if number % 2:
                raise KeyError

    async with transaction.atomic("default"):
        results = await asyncio.gather(*[one(n) for n in range(6)], return_exceptions=True)
    assert [type(found) for found in results] == [type(None), KeyError] * 3
    assert await place.numbers(aio) == [0, 2, 4]


async def test_a_task_that_outlives_its_block_is_free_of_it(place: Any) -> None:
    left = asyncio.Event()

    async def late() -> None:
        await left.wait()
        await place.add(aio, 2)

    async with transaction.atomic("default"):
        task = asyncio.create_task(late())
        await place.add(aio, 1)
    left.set()
    await task
    assert await place.numbers(aio) == [1, 2]


async def test_a_cancelled_statement_gives_up_its_connection(place: Any) -> None:
    plan = place.plan("default", SLOW[place.kind].replace("{}", "3000000"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(aio.fetch("default", plan, ()), 0.05)
    assert await place.numbers(aio) == []


async def test_a_cancelled_block_is_rolled_back(place: Any) -> None:
    inside = asyncio.Event()

    async def work() -> None:
        async with transaction.atomic("default"):
            await place.add(aio, 1)
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await place.numbers(aio) == []


async def test_rows_come_in_lists_of_a_size(place: Any) -> None:
    for number in range(5):
        await place.add(aio, number)
    plan = place.plan("default", "SELECT n FROM note ORDER BY n")
    found = [rows async for rows in aio.stream("default", plan, (), 2)]
    assert found == [[(0,), (1,)], [(2,), (3,)], [(4,)]]


@pytest.mark.parametrize("pinned", [True, False])
async def test_other_statements_run_while_rows_come(place: Any, pinned: bool) -> None:
    for number in range(5):
        await place.add(aio, number)
    plan = place.plan("default", "SELECT n FROM note WHERE n < 50 ORDER BY n")

    async def copy() -> None:
        async for rows in aio.stream("default", plan, (), 2):
            for row in rows:
                await place.add(aio, row[0] + 100)

    if pinned:
        async with transaction.atomic("default"):
            await asyncio.wait_for(copy(), 10)
    else:
        await asyncio.wait_for(copy(), 10)
    assert await place.numbers(aio) == [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]


async def test_many_rows_are_sent_at_once(place: Any) -> None:
    plan = place.plan("default", "INSERT INTO note (n) VALUES ({})")
    await aio.execute_many("default", plan, [(1,), (2,), (3,)])
    assert await aio.execute_many("default", plan, []) == 0
    assert await place.numbers(aio) == [1, 2, 3]


async def test_errors_are_those_of_the_other_face(place: Any) -> None:
    with pytest.raises(MissingTable, match="no table 'nowhere'"):
        await aio.fetch("eu", place.plan("eu", "SELECT n FROM nowhere"), ())
    with pytest.raises(UnknownAlias):
        await aio.fetch("nowhere", place.plan("eu", "SELECT 1"), ())
    with pytest.raises(DatabaseError):
        await aio.gather([place.fail(aio), place.numbers(aio)])
    guard.forbid(["default"], "the test does not declare '{alias}'")
    try:
        with pytest.raises(DatabaseNotAllowed):
            await place.numbers(aio)
    finally:
        guard.allow(["default"])


async def test_statements_are_seen(place: Any) -> None:
    with capture() as statements:
        await asyncio.gather(place.numbers(aio), place.numbers(aio, "eu"))
    assert {event.alias for event in statements} == {"default", "eu"}


async def test_sql_by_hand(place: Any) -> None:
    connection = connections["default"]
    await connection.aexecute("INSERT INTO note (n) VALUES (%s)", [7])
    answer = await connection.aexecute("SELECT n AS number FROM note WHERE n = %s", [7])
    assert (answer.columns, answer.rows) == (("number",), [(7,)])
    assert "note" in await connection.introspection.atable_names()
    with pytest.raises(DatabaseError):
        await connection.aexecute("SELECT nothing FROM note")


@pytest.mark.parametrize("kind", ["postgresql", "mysql"], indirect=True)
async def test_a_lost_connection_is_opened_again(place: Any) -> None:
    question = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT connection_id()"}
    order = {"postgresql": "SELECT pg_terminate_backend({})", "mysql": "KILL {}"}
    with leaving((OperationalError, TransactionManagementError)):
        async with transaction.atomic("default"):
            number = (await aio.raw("default", question[place.kind])).rows[0][0]
            await aio.raw("eu", order[place.kind].format(number))
            await place.add(aio, 1)
    assert await place.numbers(aio) == []


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_nothing_is_kept_of_a_loop_that_has_ended(place: Any) -> None:
    from manybase.runtime import pool

    before = len(pool._loops)
    asyncio.run(place.numbers(aio))
    assert len(pool._loops) == before


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_decorated_coroutine_runs_in_a_block(place: Any) -> None:
    @transaction.atomic("default")
    async def work(number: int) -> None:
        await place.add(aio, number)
        assert connections["default"].in_atomic_block
        if number == 2:
            raise KeyError

    await work(1)
    with pytest.raises(KeyError):
        await work(2)
    assert await place.numbers(aio) == [1]


def test_a_program_ends_without_warnings(
    kind: str, addresses: dict[str, Any], program: Callable[..., Any]
) -> None:
    """Connections of a loop are closed at its end, whatever is left lying about."""
    done = program(
        f"""
        import asyncio, manybase
        manybase.configure(databases={addresses!r})
        from manybase.db import connections, transaction

        async def main():
            await connections["default"].aexecute("SELECT 1")
            async with transaction.atomic("default", "eu"):
                await connections["eu"].aexecute("SELECT 1")
            async with asyncio.TaskGroup() as group:
                for _ in range(4):
                    group.create_task(connections["default"].aexecute("SELECT 1"))

        asyncio.run(main())
        asyncio.run(main())
        print(connections["default"].execute("SELECT 1").rows)
        """
    )
    assert (done.stdout, done.stderr) == ("[(1,)]\n", "")


def test_a_cancelled_program_ends(
    kind: str, addresses: dict[str, Any], program: Callable[..., Any]
) -> None:
    """Whenever a task is cancelled, no connection (and no thread of one) is left behind."""
    slow = SLOW[kind].replace("{}", "99999999").replace("0.3", "30")
    done = program(
        f"""
        import asyncio, manybase
        manybase.configure(databases={addresses!r})
        from manybase.db import connections

        async def main():
            for delay in range(0, 40, 2):
                task = asyncio.create_task(connections["default"].aexecute({slow!r}))
                await asyncio.sleep(delay / 1000)
                task.cancel()
                await asyncio.wait([task])
            asyncio.create_task(connections["eu"].aexecute({slow!r}))
            await asyncio.sleep(0.1)

        asyncio.run(main())
        print("ended")
        """
    )
    assert (done.stdout, done.stderr) == ("ended\n", "")


def test_databases_in_memory_are_one_for_the_process(program: Callable[..., Any]) -> None:
    done = program(
        """
        import asyncio, threading, manybase
        manybase.configure(databases={"default": "sqlite://", "eu": "sqlite://"})
        from manybase.db import connections, transaction

        one = connections["default"]
        one.script(["CREATE TABLE note (n integer)", "INSERT INTO note VALUES (1)"])

        def work():
            one.execute("INSERT INTO note VALUES (2)")

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

        from manybase.runtime.aio import aio

        class Plan:
            sql = "SELECT n FROM note"
            def bind(self, params):
                return params

        async def main():
            async for rows in aio.stream("default", Plan(), (), 1):
                await one.aexecute("INSERT INTO note VALUES (2)")
            async with transaction.atomic("default"):
                await one.aexecute("INSERT INTO note VALUES (3)")
                await asyncio.gather(*[one.aexecute("SELECT n FROM note") for _ in range(9)])
            await asyncio.gather(*[one.aexecute("INSERT INTO note VALUES (4)") for _ in range(9)])

        asyncio.run(main())
        print(one.execute("SELECT DISTINCT n FROM note ORDER BY n").rows)
        print(connections["eu"].introspection.table_names())
        """
    )
    assert (done.stdout, done.stderr) == ("[(1,), (2,), (3,), (4,)]\n[]\n", "")
