"""The sessions of the asynchronous face: the open blocks of a task and of the tasks made in it.

Outside of a block each statement borrows a connection; inside, the block's connections are pinned
and tasks made there share them, one statement and one inner block at a time. Loaded at the first
asynchronous statement; called by ``aio``.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

from manybase.runtime import engines, guard
from manybase.runtime.blocks import Block
from manybase.runtime.executor import Row, RowParts, Statement
from manybase.runtime.pool import Pool, TaskLine, ready_pools
from manybase.runtime.session import Session
from manybase.runtime.streams import Stream


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
async def using_line(alias: str, *, stream: bool = False) -> AsyncIterator[TaskLine]:
    """Have a line to a database for one statement or stream, with its lock held."""
    session = current()
    if session is not None and session.takes(alias):
        async with session.admission:
            line = await session.admit(alias)
        async with line.lock:
            yield line
        return
    pool = await (await ready_pools()).pool(alias)
    line = await pool.acquire(stream=stream)
    try:
        async with line.lock:
            yield line
    finally:
        await pool.release(line)


def stream(alias: str, plan: Statement, params: Any, size: int) -> RowParts:
    """Give the rows of a plan in lists of at most ``size``."""
    session = current()
    if session is not None and session.takes(alias):
        return PinnedRows(alias, plan, params, size)
    return _stream_own(alias, plan, params, size)


class PinnedRows:
    """A stream on the connection of a block, which runs other statements between two lists.

    No generator: one that is dropped ends when the loop has time, this says so at once.
    """

    def __init__(self, alias: str, plan: Statement, params: Any, size: int) -> None:
        self._arguments = (alias, plan, params, size)
        self._line: TaskLine | None = None
        self._stream: Stream | None = None

    def __aiter__(self) -> PinnedRows:
        return self

    async def __anext__(self) -> list[Row]:
        line, stream = self._line, self._stream
        if line is None or stream is None:
            alias, plan, params, size = self._arguments
            async with using_line(alias) as self._line:
                stream = self._stream = await self._line.open_stream(plan, params, size)
                rows = await stream.part()
        elif stream.listed:
            async with line.lock:
                rows = await stream.part()
        else:
            rows = await stream.part()
        if not rows:
            raise StopAsyncIteration
        return rows

    async def aclose(self) -> None:
        """Want no more."""
        line, stream = self._line, self._stream
        if line is not None and stream is not None and stream.listed:
            async with line.lock:
                await stream.leave()

    def __del__(self) -> None:
        if self._stream is not None:
            self._stream.left = True


async def _stream_own(
    alias: str, plan: Statement, params: Any, size: int
) -> AsyncGenerator[list[Row], None]:
    """Stream on a connection that does nothing else meanwhile."""
    engine = engines.engine(alias)
    if engine.drivers.is_memory(engine.settings):
        # A database in memory has one connection, which the program may need meanwhile.
        async with using_line(alias) as line:
            rows = await line.rows(await line.run_plan(line.cursor, plan, params))
        for start in range(0, len(rows), size):
            yield rows[start : start + size]
        return
    async with using_line(alias, stream=True) as line:
        stream = await line.open_stream(plan, params, size)
        try:
            while some := await stream.part():
                yield some
        finally:
            # What is unread there cannot be taken back: the pool closes the connection.
            if not engine.drivers.streams_alone:
                await stream.leave()


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
