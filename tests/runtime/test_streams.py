"""Streams on both faces: bounded memory, and a connection that can still be used."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import tracemalloc
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from manybase.db import transaction
from manybase.errors import DatabaseError, OperationalError, TransactionManagementError
from manybase.runtime import sync, tasks
from manybase.runtime.aio import aio
from manybase.runtime.stepping import iter_sync, run_sync
from tests.runtime.help import leaving

COUNT = 20_000
"""Rows of a kilobyte."""

LARGE = 60_000
"""More rows than sockets hold (Linux lets them grow to 36 MiB), so that the server must wait."""

MANY = {
    "sqlite": "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {count})"
    " SELECT n, printf('%.*c', 1000, 'x') FROM r",
    "postgresql": "SELECT n, repeat('x', 1000) FROM generate_series(1, {count}) n",
    "mysql": "SELECT seq, repeat('x', 1000) FROM seq_1_to_{count}",
}
ROLLED_BACK = (
    "the rows that an iterator had still to read from 'default' are gone: the block that it was"
    " begun in was rolled back"
)
BROKEN = (
    "a statement of this transaction failed or set_rollback(True) was called, so no other can run"
    " until the end of the 'atomic' block"
)


def many(place: Any, ex: Any, size: int = 100, count: int = COUNT) -> AsyncIterator[list[Any]]:
    plan = place.plan("default", MANY[place.kind].format(count=count))
    stream: AsyncIterator[list[Any]] = ex.stream("default", plan, (), size)
    return stream


async def read(rows: AsyncIterator[list[Any]]) -> list[int]:
    return [row[0] async for some in rows for row in some]


async def usable(place: Any, ex: Any) -> bool:
    """Whether a statement gives its own answer."""
    found = await ex.fetch("default", place.plan("default", "SELECT 42"), ())
    return bool([tuple(row) for row in found] == [(42,)])


def line_of(ex: Any) -> Any:
    """The connection that the open block has."""
    session = sync.session() if ex.face == "sync" else tasks.current()
    assert session is not None
    return session.lines["default"]


async def waits(place: Any, ex: Any, number: int) -> bool:
    """Whether the server is still giving the rows of this connection's statement."""
    if place.kind == "sqlite":
        cursor = line_of(ex).streams[0].cursor
        return cursor is not None
    if place.kind == "postgresql":
        sql = "SELECT count(*) FROM pg_cursors WHERE name LIKE 'manybase%'"
        return bool((await ex.raw("default", sql)).rows == [(1,)])
    # Asked on another connection: on its own the question would be a statement in the way.
    sql = "SELECT command FROM information_schema.processlist WHERE id = %s"
    return bool((await ex.raw("eu", sql, [number])).rows == [("Query",)])


async def number_of(place: Any, ex: Any) -> int:
    sql = {"mysql": "SELECT connection_id()", "postgresql": "SELECT pg_backend_pid()"}
    if place.kind == "sqlite":
        return 0
    number: int = (await ex.raw("default", sql[place.kind])).rows[0][0]
    return number


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
def test_memory_is_bounded(place: Any, play: Callable[..., Any], inside: bool) -> None:
    """Twenty megabytes come through in a few hundred kilobytes, in a block too."""

    async def plain(ex: Any) -> int:
        count = 0
        async for rows in many(place, ex):
            count += len(rows)
        return count

    async def work(ex: Any) -> tuple[int, int]:
        await usable(place, ex)
        gc.collect()
        tracemalloc.start()
        try:
            if inside:
                async with ex.atomic("default"):
                    count = await plain(ex)
            else:
                count = await plain(ex)
            return count, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    count, peak = play(work)

    assert count == COUNT
    assert peak < 4_000_000


def test_the_server_gives_rows_as_they_are_wanted(place: Any, play: Callable[..., Any]) -> None:
    async def work(ex: Any) -> tuple[bool, bool]:
        async with ex.atomic("default"):
            number = await number_of(place, ex)
            rows = many(place, ex, count=LARGE)
            await anext(rows)
            during = await waits(place, ex, number)
            left = await read(rows)
            assert left == list(range(101, LARGE + 1))
            after = bool(line_of(ex).streams)
        return during, after

    assert play(work) == (True, False)


def test_another_statement_goes_before_the_rest(place: Any, play: Callable[..., Any]) -> None:
    """The rest is read into memory first where a connection does one thing at a time."""

    async def work(ex: Any) -> None:
        async with ex.atomic("default"):
            rows = many(place, ex)
            await anext(rows)
            await place.add(ex, 1)
            assert await place.numbers(ex) == [1]
            stream = line_of(ex).streams[0]
            assert bool(stream.kept) == (place.kind == "mysql")
            assert await read(rows) == list(range(101, COUNT + 1))
        assert await place.numbers(ex) == [1]

    play(work)


def test_two_streams_in_one_block(place: Any, play: Callable[..., Any]) -> None:
    async def work(ex: Any) -> None:
        async with ex.atomic("default"):
            one, two = many(place, ex, 7000), many(place, ex, 9000)
            seen: list[list[int]] = [[], []]
            for _ in range(4):
                for rows, found in zip((one, two), seen, strict=True):
                    found.extend(row[0] for row in await anext(rows, []))
            assert seen == [list(range(1, COUNT + 1))] * 2
            assert await usable(place, ex)

    play(work)


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "dropped"])
def test_a_loop_that_is_left(
    place: Any, play: Callable[..., Any], inside: bool, closed: bool
) -> None:
    """Whoever leaves early leaves nothing behind for the next statement, and keeps no rows."""

    async def leave(ex: Any) -> None:
        rows: Any = many(place, ex)
        async for some in rows:
            assert some[0][0] == 1
            break
        if closed:
            await rows.aclose()

    async def work(ex: Any) -> None:
        if not inside:
            await leave(ex)
            await place.add(ex, 1)
            assert await usable(place, ex)
            return
        async with ex.atomic("default"):
            await leave(ex)
            streams = list(line_of(ex).streams)
            await place.add(ex, 1)
            assert await usable(place, ex)
            assert not any(stream.kept for stream in streams)
        assert await place.numbers(ex) == [1]
        assert not sync.session().lines["default"].streams

    play(work)


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
def test_an_error_in_the_loop(place: Any, play: Callable[..., Any], inside: bool) -> None:
    async def loop(ex: Any) -> None:
        await place.add(ex, 1)
        async for _ in many(place, ex):
            raise KeyError("in the loop")

    async def work(ex: Any) -> list[int]:
        with leaving(KeyError, match="in the loop"):
            if inside:
                async with ex.atomic("default"):
                    await loop(ex)
            else:
                await loop(ex)
        assert await usable(place, ex)
        numbers: list[int] = await place.numbers(ex)
        return numbers

    assert play(work) == ([] if inside else [1])


def test_a_stream_that_outlives_its_commit(place: Any, play: Callable[..., Any]) -> None:
    """What is left is read at the commit, and given afterwards."""

    async def work(ex: Any) -> None:
        async with ex.atomic("default"):
            rows = many(place, ex)
            await anext(rows)
        await place.add(ex, 1)
        async with ex.atomic("default"):
            await place.add(ex, 2)
            assert await read(rows) == list(range(101, COUNT + 1))
        assert await place.numbers(ex) == [1, 2]

    play(work)


def test_a_stream_that_outlives_its_rollback(place: Any, play: Callable[..., Any]) -> None:
    """Rows of a transaction that never was are not given."""

    async def work(ex: Any) -> None:
        with leaving(KeyError):
            async with ex.atomic("default"):
                await place.add(ex, 1)
                rows: Any = many(place, ex)
                await anext(rows)
                raise KeyError
        with pytest.raises(TransactionManagementError) as caught:
            await anext(rows)
        assert str(caught.value).startswith(ROLLED_BACK)
        assert "Read it to its end inside the block" in str(caught.value.hint)
        await rows.aclose()
        assert await place.numbers(ex) == []

    play(work)


@pytest.mark.parametrize("where", ["before", "inside", "kept inside"])
def test_streams_and_inner_blocks(place: Any, play: Callable[..., Any], where: str) -> None:
    """A stream goes with the block that it was begun in, and on with one that is kept."""

    async def work(ex: Any) -> None:
        async with ex.atomic("default"):
            if where == "before":
                rows = many(place, ex)
                await anext(rows)
            with leaving(KeyError) if where != "kept inside" else contextlib.nullcontext():
                async with ex.atomic("default"):
                    await place.add(ex, 1)
                    if where != "before":
                        rows = many(place, ex)
                        await anext(rows)
                    if where != "kept inside":
                        raise KeyError
            if where == "inside":
                with pytest.raises(TransactionManagementError, match="was rolled back"):
                    await anext(rows)
            else:
                assert await read(rows) == list(range(101, COUNT + 1))
            await place.add(ex, 2)
        assert await place.numbers(ex) == ([1, 2] if where == "kept inside" else [2])

    play(work)


def test_a_broken_block_gives_no_more_rows(place: Any, play: Callable[..., Any]) -> None:
    async def work(ex: Any) -> None:
        await place.add(ex, 1)
        with leaving(TransactionManagementError) as caught:
            async with ex.atomic("default"):
                async for _ in many(place, ex):
                    with pytest.raises(DatabaseError, match="nothing"):
                        await place.fail(ex)
        assert str(caught.value).startswith(BROKEN)
        assert await place.numbers(ex) == [1]

    play(work)


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
def test_a_connection_lost_in_the_middle(
    place: Any, play: Callable[..., Any], inside: bool
) -> None:
    """The loop hears of it; the next statement finds a new connection."""

    async def lose(ex: Any, line: Any) -> None:
        if place.kind == "sqlite":
            if ex.face == "sync":
                line.discard()
            else:
                await line.close()
            return
        order = {"postgresql": "SELECT pg_terminate_backend({})", "mysql": "KILL {}"}
        number = {
            "postgresql": lambda: line.connection.info.backend_pid,
            "mysql": lambda: line.connection.thread_id(),
        }
        await ex.raw("eu", order[place.kind].format(number[place.kind]()))

    async def loop(ex: Any) -> None:
        rows: Any = many(place, ex, count=LARGE)
        lost = False
        try:
            async for _ in rows:
                if not lost:
                    await lose(ex, _line_of_stream(ex, rows))
                    lost = True
        finally:
            await rows.aclose()

    async def work(ex: Any) -> None:
        await usable(place, ex)
        with leaving(OperationalError):
            if inside:
                async with ex.atomic("default"):
                    await loop(ex)
            else:
                await loop(ex)
        gc.collect()
        assert await usable(place, ex)
        async with ex.atomic("default"):
            await place.add(ex, 3)
        assert await place.numbers(ex) == [3]

    play(work)


def _line_of_stream(ex: Any, rows: Any) -> Any:
    """The connection that a stream is read from."""
    stream = getattr(rows, "_stream", None)
    return stream.line if stream is not None else rows.ag_frame.f_locals["stream"].line


def test_a_stream_that_the_database_refuses(place: Any, play: Callable[..., Any]) -> None:
    async def work(ex: Any) -> None:
        plan = place.plan("default", "SELECT nothing FROM note")
        with pytest.raises(DatabaseError, match="nothing"):
            await anext(ex.stream("default", plan, (), 5))
        gc.collect()
        assert await usable(place, ex)

    play(work)


# One face alone


def test_the_quick_way_is_closed_while_a_stream_is_open(place: Any) -> None:
    session = sync.session()
    with transaction.atomic("default"):
        run_sync(usable(place, sync.sync))
        assert "default" in session.quick
        for _ in iter_sync(many(place, sync.sync)):
            assert ("default" in session.quick) == (place.kind != "mysql")
        run_sync(usable(place, sync.sync))
        assert "default" in session.quick


def test_streams_while_autocommit_is_off(place: Any) -> None:
    """A commit by hand lets a stream go on, a rollback ends it."""
    transaction.set_autocommit(False, "default")
    try:
        rows = iter_sync(many(place, sync.sync))
        run_sync(place.add(sync.sync, 1))
        next(rows)
        transaction.commit("default")
        assert len(next(rows)) == 100
        rows.close()
        run_sync(place.add(sync.sync, 2))
        rows = iter_sync(many(place, sync.sync))
        next(rows)
        transaction.rollback("default")
        with pytest.raises(TransactionManagementError, match="was rolled back"):
            next(rows)
    finally:
        transaction.rollback("default")
        transaction.set_autocommit(True, "default")
    assert run_sync(place.numbers(sync.sync)) == [1]


@pytest.mark.parametrize("back", [True, False])
def test_streams_and_savepoints_made_by_hand(place: Any, back: bool) -> None:
    with transaction.atomic("default"):
        mark = transaction.savepoint("default")
        rows = iter_sync(many(place, sync.sync))
        next(rows)
        if back:
            transaction.savepoint_rollback(mark, "default")
            with pytest.raises(TransactionManagementError, match="was rolled back"):
                next(rows)
        else:
            transaction.savepoint_commit(mark, "default")
            assert len(list(rows)) == COUNT / 100 - 1
        assert run_sync(usable(place, sync.sync))


async def test_sibling_tasks_use_the_connection_of_a_stream(place: Any) -> None:
    """Tasks that share a block take turns with the one that reads."""
    async with transaction.atomic("default"):

        async def reader() -> list[int]:
            return await read(many(place, aio))

        async def writer() -> None:
            for number in range(5):
                await place.add(aio, number)

        found, *_ = await asyncio.gather(reader(), writer(), reader())
        assert found == list(range(1, COUNT + 1))
    assert await place.numbers(aio) == [0, 1, 2, 3, 4]


async def test_a_cancelled_reader_leaves_no_half_read_connection(place: Any) -> None:
    begun = asyncio.Event()

    async def reader() -> None:
        async for _ in many(place, aio, 1):
            begun.set()
            await asyncio.sleep(0)

    task = asyncio.create_task(reader())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(3):
        assert await usable(place, aio)


async def test_more_streams_than_connections_leave_room_for_statements(place: Any) -> None:
    """Loops that ask something for each row do not wait for each other for ever."""

    async def reader(number: int) -> None:
        async for _ in many(place, aio, 5000):
            await place.numbers(aio)

    await asyncio.wait_for(asyncio.gather(*[reader(number) for number in range(12)]), 60)
