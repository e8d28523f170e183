"""The sessions of the asynchronous face: the open blocks of a task and of the tasks made in it.

Outside of a block each statement borrows a connection; inside, the block's connections are pinned
and tasks made there share them, one statement and one inner block at a time. Loaded at the first
asynchronous statement; called by ``aio``.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from manybase.runtime import guard
from manybase.runtime.blocks import Block
from manybase.runtime.connection import in_parts
from manybase.runtime.executor import Row, Statement
from manybase.runtime.pool import Pool, TaskLine, ready_pools
from manybase.runtime.session import Session


class TaskSession(Session[TaskLine]):
    """The lines and blocks of one task and of its children."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = False
        self.admission = asyncio.Lock()
        self._borrowed: list[tuple[Pool, TaskLine]] = []

    async def line(self, alias: str) -> TaskLine:
        guard.check(alias)
        line = self.lines.get(alias)
        if line is None:
            pool = await (await ready_pools()).pool(alias)
            line = await pool.acquire()
            self._borrowed.append((pool, line))
            self.lines[alias] = line
        return line

    async def call(self, function: Callable[[], Any]) -> None:
        answer = function()
        if inspect.isawaitable(answer):
            await answer

    def takes(self, alias: str) -> bool:
        """Whether a statement on this database belongs to the open blocks."""
        return any(block.bare or alias in block.aliases for block in self.blocks)

    async def finish(self) -> None:
        """Give the connections back."""
        self.closed = True
        self.lines.clear()
        while self._borrowed:
            pool, line = self._borrowed.pop()
            await pool.release(line)


_session: ContextVar[TaskSession | None] = ContextVar("manybase_session", default=None)
_path: ContextVar[tuple[Block, ...]] = ContextVar("manybase_path", default=())


def current() -> TaskSession | None:
    """The session of this task where a block is open."""
    found = _session.get()
    return None if found is None or found.closed else found


@asynccontextmanager
async def using_line(alias: str) -> AsyncIterator[TaskLine]:
    """Have a line to a database for one statement, with its lock held."""
    session = current()
    if session is not None and session.takes(alias):
        async with session.admission:
            line = await session.admit(alias)
        async with line.lock:
            yield line
        return
    pool = await (await ready_pools()).pool(alias)
    line = await pool.acquire()
    try:
        async with line.lock:
            yield line
    finally:
        await pool.release(line)


def stream(alias: str, plan: Statement, params: Any, size: int) -> AsyncIterator[list[Row]]:
    """Give the rows of a plan in lists of at most ``size``."""
    session = current()
    pinned = session is not None and session.takes(alias)
    return (_stream_pinned if pinned else _stream_own)(alias, plan, plan.bind(params), params, size)


async def _stream_pinned(
    alias: str, plan: Statement, values: Any, params: Any, size: int
) -> AsyncIterator[list[Row]]:
    """Stream on the connection of a block, which runs other statements between two lists."""
    cursor: Any = None
    rows: list[Row] = []
    async with using_line(alias) as line:
        if line.engine.drivers.streams_alone:
            rows = await line.rows(await line.run_plan(line.cursor, plan, values, params))
        else:
            cursor = await line.engine.drivers.async_stream_cursor(line.connection)
            await line.run_plan(cursor, plan, values, params)
    if cursor is None:
        for some in in_parts(rows, size):
            yield some
        return
    async with _closing(cursor, line):
        while some := await _next(line, cursor, size):
            yield some


async def _stream_own(
    alias: str, plan: Statement, values: Any, params: Any, size: int
) -> AsyncIterator[list[Row]]:
    """Stream on a connection that does nothing else meanwhile."""
    async with using_line(alias) as line:
        drivers = line.engine.drivers
        if not drivers.is_memory(line.engine.settings):
            async with _closing(await drivers.async_stream_cursor(line.connection), line) as cursor:
                await line.run_plan(cursor, plan, values, params)
                while some := await line.rows(cursor, size):
                    yield some
            return
        rows = await line.rows(await line.run_plan(line.cursor, plan, values, params))
    # A database in memory has one connection, which the program may need meanwhile.
    for some in in_parts(rows, size):
        yield some


async def _next(line: TaskLine, cursor: Any, size: int) -> list[Row]:
    async with line.lock:
        return await line.rows(cursor, size)


@asynccontextmanager
async def _closing(cursor: Any, line: TaskLine) -> AsyncIterator[Any]:
    try:
        yield cursor
    finally:
        if not line.closed:
            await cursor.close()


class Entering:
    """Opens one block on the task's session; what ``AsyncExecutor.atomic()`` returns."""

    def __init__(self, block: Block) -> None:
        self.block = block

    async def __aenter__(self) -> Block:
        session = current()
        self._path = _path.get() if session is not None else ()
        self._session = session or TaskSession()
        self.block.turn = asyncio.Lock()
        if self._path:
            await self._path[-1].turn.acquire()
        try:
            async with self._session.admission:
                await self._session.enter(self.block)
        except BaseException:
            await self._give_back()
            raise
        _session.set(self._session)
        _path.set((*self._path, self.block))
        return self.block

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        session = self._session
        try:
            # Blocks of child tasks end first; their statements belong to this one.
            async with self.block.turn, session.admission:
                ready = await session.leave(self.block, kind is not None)
        finally:
            _path.set(self._path)
            if not self._path:
                _session.set(None)
            await self._give_back()
        await session.run(ready)

    async def _give_back(self) -> None:
        if self._path:
            self._path[-1].turn.release()
        elif not self._session.closed:
            await self._session.finish()
