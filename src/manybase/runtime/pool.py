"""Connections of the asynchronous face: a small pool for each database and event loop.

A task has a connection while a statement runs, or for the whole of an ``atomic`` block. The pools
of a loop close with it: an asynchronous generator waits for the end of the loop, which closes
generators before itself. Loaded at the first asynchronous statement; called by ``tasks``.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator, Sequence
from typing import Any, NoReturn

from manybase.errors import DatabaseError
from manybase.runtime import engines, events, guard
from manybase.runtime.beyond import again
from manybase.runtime.engines import Engine
from manybase.runtime.executor import RawResult, Row, Statement
from manybase.runtime.streams import Stream, Streams
from manybase.runtime.transaction import Transaction
from manybase.runtime.translate import raise_instead, translated

LIMIT = 10
"""How many connections to one database an event loop opens at most, and as many for streams."""

NOBODY = asyncio.Semaphore(0)
"""What a connection counts against before the pool has lent it."""

PATIENCE = 1.0
"""How many seconds a cancelled task waits for a connection that is being opened."""


class TaskLine(Streams):
    """One connection of the asynchronous face; its lock lets sibling tasks take turns.

    Args:
        engine: The database.
        connection: The driver's connection.
        cursor: The cursor for compiled statements.
        pools: The pools of the loop, which closes what is abandoned.
    """

    def __init__(self, engine: Engine, connection: Any, cursor: Any, pools: LoopPools) -> None:
        self.engine = engine
        self.pools = pools
        self.alias = engine.alias
        self.connection = connection
        self.cursor = cursor
        self.dialect = engine.dialect
        self.state = Transaction(self.dialect)
        self.closed = False
        self.lock = asyncio.Lock()
        self.seat = NOBODY
        self.streams: list[Stream] = []
        self.busy: Stream | None = None

    async def send(self, command: str) -> None:
        """Send a command of the transaction."""
        async with self.lock:
            await self.run_on(self.cursor, command, None, transaction=True)

    async def run_plan(self, cursor: Any, plan: Statement, params: Any) -> Any:
        """Execute a plan on a cursor of this connection; the caller holds the lock."""
        return await self.run_on(cursor, plan.sql, plan.bind(params), plan=plan, given=params)

    async def run_on(
        self,
        cursor: Any,
        sql: str,
        params: Any,
        *,
        transaction: bool = False,
        many: bool = False,
        plan: Any = None,
        given: Any = None,
    ) -> Any:
        """Execute one statement on a cursor of this connection; the caller holds the lock."""
        if self.busy is not None:
            await self.make_way()
        run = cursor.executemany if many else cursor.execute
        arguments = (sql,) if params is None else (sql, params)
        try:
            if events.wanted():
                with events.Timing(self.alias, sql, params, many=many, transaction=transaction):
                    await run(*arguments)
            else:
                await run(*arguments)
        except Exception as error:  # noqa: BLE001  # raised again, translated
            other = again(plan, given, error)
            if other is None:
                await self.refuse(error)
            return await self.run_on(cursor, *other)
        except BaseException:
            # Cancelled half-way: nobody knows what the connection is doing.
            self.abandon()
            raise
        return cursor

    async def rows(self, cursor: Any, size: int | None = None) -> list[Row]:
        """Read the rows of the last statement, all of them or the next ``size``."""
        try:
            found = await (cursor.fetchall() if size is None else cursor.fetchmany(size))
        except Exception as error:  # noqa: BLE001  # raised again, translated
            await self.refuse(error)
        except BaseException:
            self.abandon()
            raise
        return found if type(found) is list else list(found)

    async def run_raw(self, cursor: Any, sql: str, params: Any) -> RawResult:
        """Execute a user's SQL on a cursor for such and read everything it gives."""
        if self.busy is not None:
            await self.make_way()
        written, given = self.engine.drivers.raw_sql(sql, params)
        try:
            with events.Timing(self.alias, sql, params):
                await (cursor.execute(written) if given is None else cursor.execute(written, given))
        except Exception as error:  # noqa: BLE001  # raised again, translated
            await self.refuse(error)
        except BaseException:
            self.abandon()
            raise
        described = cursor.description
        rows = await self.rows(cursor) if described else []
        columns = tuple(str(column[0]) for column in described or ())
        return RawResult(columns, rows, cursor.rowcount, getattr(cursor, "lastrowid", None))

    async def refuse(self, error: Exception) -> NoReturn:
        """Note a failed statement and raise what the driver raised, translated."""
        found = translated(error, self.dialect, self.alias)
        if isinstance(found, DatabaseError):
            self.state.failed()
            if self.dialect.is_disconnect(error) or not self.usable:
                await self.close()
        raise_instead(found, error)

    @property
    def usable(self) -> bool:
        """Whether the connection is believed to be open."""
        return not self.closed and self.engine.drivers.alive(self.connection)

    # Streams

    async def open_stream(self, plan: Statement, params: Any, size: int) -> Stream:
        """Execute a plan whose rows are read bit by bit; the caller holds the lock."""
        drivers = self.engine.drivers
        cursor = await drivers.async_stream_cursor(self.connection, hold=not self.state.active)
        try:
            await self.run_plan(cursor, plan, params)
        except BaseException:
            await self.close_cursor(cursor)
            raise
        return Stream(self, cursor, size)

    async def some(self, cursor: Any, size: int) -> list[Row]:
        """Read the next rows of a cursor."""
        return await self.rows(cursor, size)

    async def close_cursor(self, cursor: Any) -> None:
        """Close a cursor on this connection."""
        try:
            await cursor.close()
        except Exception as error:  # noqa: BLE001  # the next statement will tell
            events.note("closing a cursor on '%s' failed: %s", self.alias, error)

    async def end_streams(self, depth: int, *, keep: bool, final: bool) -> None:
        """Settle the streams of a block that ends; see ``Streams``."""
        async with self.lock:
            await super().end_streams(depth, keep=keep, final=final)

    async def undo_streams(self, mark: str) -> None:
        """Forget the streams that were begun after a savepoint."""
        async with self.lock:
            await super().undo_streams(mark)

    # Closing

    def _take(self) -> tuple[Any, list[Any]]:
        connection, self.connection, self.cursor = self.connection, None, None
        self.closed = True
        self.state.lost()
        return connection, self.forget_streams()

    async def close(self) -> None:
        """Close the connection."""
        connection, cursors = self._take()
        if connection is not None:
            await shut(connection, self.engine, cursors)

    def abandon(self) -> None:
        """Close the connection without waiting for it."""
        connection, cursors = self._take()
        if connection is not None:
            self.pools.close_later(connection, self.engine, cursors)


async def shut(connection: Any, engine: Engine, cursors: Sequence[Any] = ()) -> None:
    """Close a driver's connection, whatever it thinks of that, and the streams on it."""
    try:
        # Nobody waits for the statement that runs; where it can be stopped, it is.
        if hasattr(connection, "interrupt"):
            await connection.interrupt()
        await engine.drivers.async_close(connection)
        for cursor in cursors:
            await engine.drivers.async_drop_stream(cursor)
    except Exception as error:  # noqa: BLE001  # it is thrown away; nothing can be done
        events.note("closing a connection to '%s' failed: %s", engine.alias, error)


class Pool:
    """The connections of one event loop to one database."""

    def __init__(self, engine: Engine, pools: LoopPools) -> None:
        self.engine = engine
        self.pools = pools
        self.idle: list[TaskLine] = []
        # A database in the memory of the process has one writer and no reader beside it.
        self.limit = 1 if engine.drivers.is_memory(engine.settings) else LIMIT
        self.free = asyncio.Semaphore(self.limit)
        # A loop over a stream waits for statements, so that they must not wait for streams.
        self.free_for_streams = asyncio.Semaphore(self.limit)

    async def acquire(self, *, stream: bool = False) -> TaskLine:
        """Return a connection that nobody else uses; wait where all are in use."""
        free = self.free_for_streams if stream else self.free
        await free.acquire()
        try:
            while self.idle:
                line = self.idle.pop()
                if line.usable:
                    break
                await line.close()
            else:
                line = await self._connected()
        except BaseException:
            free.release()
            raise
        line.seat = free
        return line

    async def _connected(self) -> TaskLine:
        # A task of its own: drivers leave a connection open when they are cancelled half-way.
        task = asyncio.ensure_future(self._connect())
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_close_unwanted)
            # The loop may be about to end, and would cancel the task too.
            await asyncio.wait([task], timeout=PATIENCE)
            raise

    async def _connect(self) -> TaskLine:
        connection = await self.engine.async_connect()
        try:
            cursor = await self.engine.drivers.async_cursor(connection)
        except BaseException:
            self.pools.close_later(connection, self.engine)
            raise
        return TaskLine(self.engine, connection, cursor, self.pools)

    async def release(self, line: TaskLine) -> None:
        """Take back a connection."""
        try:
            if line.closed:
                return
            unclear = line.state.active or line.streams
            old = self.pools.pools.get(line.alias) is not self
            if unclear or old or len(self.idle) >= self.limit:
                await line.close()
            else:
                self.idle.append(line)
        finally:
            line.seat.release()

    async def close(self) -> None:
        """Close the connections that are not in use."""
        while self.idle:
            await self.idle.pop().close()


def _close_unwanted(task: asyncio.Task[TaskLine]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().abandon()


class LoopPools:
    """The pools of one event loop."""

    def __init__(self) -> None:
        self.pools: dict[str, Pool] = {}
        self.closing: dict[asyncio.Task[None], tuple[Any, Engine]] = {}
        self.keeper = self._until_the_end()

    async def pool(self, alias: str) -> Pool:
        """Return the pool of a database, made anew where its settings have changed.

        Raises:
            DatabaseNotAllowed: A test forbids this database.
            UnknownAlias: There is no such database.
        """
        guard.check(alias)
        engine = engines.engine(alias)
        found = self.pools.get(alias)
        if found is None or found.engine is not engine:
            self.pools[alias] = new = Pool(engine, self)
            if found is not None:
                await found.close()
            return new
        return found

    def close_later(self, connection: Any, engine: Engine, cursors: Sequence[Any] = ()) -> None:
        """Close a connection without waiting for it, but before the loop ends."""
        task = asyncio.ensure_future(shut(connection, engine, cursors))
        self.closing[task] = (connection, engine)
        task.add_done_callback(self._closed)

    def _closed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self.closing.pop(task, None)

    async def close(self) -> None:
        """Close every connection of the loop that is not in use."""
        for pool in self.pools.values():
            await pool.close()
        self.pools.clear()
        while self.closing:
            task, (connection, engine) = self.closing.popitem()
            await asyncio.wait([task])
            if task.cancelled():
                await shut(connection, engine)

    async def _until_the_end(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await self.close()
            _loops.pop(asyncio.get_running_loop(), None)
            # Transports close in the next round of the loop.
            await asyncio.sleep(0)


_loops: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LoopPools] = (
    weakref.WeakKeyDictionary()
)


async def ready_pools() -> LoopPools:
    """Return the pools of the running event loop; make them the first time."""
    loop = asyncio.get_running_loop()
    found = _loops.get(loop)
    if found is None:
        found = _loops[loop] = LoopPools()
        await anext(found.keeper)
    return found
