"""Streams: rows read bit by bit, on a connection that may be asked for other things meanwhile.

A stream inside a transaction belongs to it: what is left is read into memory where its connection
is needed (a driver that can do one thing at a time) or its block commits, and is gone where the
block is rolled back. Coroutines over a line of either face; used by ``sync``, ``tasks`` and
``session``.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from manybase.errors import OperationalError, TransactionManagementError

if TYPE_CHECKING:
    from manybase.runtime.engines import Engine
    from manybase.runtime.executor import Row
    from manybase.runtime.transaction import Transaction

PART = 2000
"""Rows that are asked for at once where a stream is read into memory."""


class StreamLine(Protocol):
    """An open connection as a stream sees it; each face has its own."""

    alias: str
    engine: Engine
    state: Transaction
    streams: list[Stream]
    busy: Stream | None

    async def some(self, cursor: Any, size: int) -> list[Row]:
        """Read the next rows of a cursor."""
        raise NotImplementedError

    async def close_cursor(self, cursor: Any) -> None:
        """Close a cursor on this connection."""


class Stream:
    """The rows of one statement that are still to come.

    Args:
        line: The connection that it is read from.
        cursor: The driver's cursor, whose statement has been executed.
        size: How many rows are given at once.
    """

    def __init__(self, line: StreamLine, cursor: Any, size: int) -> None:
        self.line = line
        self.cursor = cursor
        self.size = size
        self.kept: deque[Row] = deque()
        #: Whether it lives inside a transaction, whose end is its own.
        self.inside = line.state.active
        self.depth = len(line.state.levels)
        self.marks = tuple(line.state.marks)
        #: The program has left it, and what is left need not be kept.
        self.left = False
        self._refusal: Exception | None = None
        line.streams.append(self)
        if self.inside and line.engine.drivers.streams_alone:
            line.busy = self

    @property
    def listed(self) -> bool:
        """Whether its connection still has to think of it."""
        return self in self.line.streams

    async def part(self) -> list[Row]:
        """Return the next rows; none at the end.

        Raises:
            TransactionManagementError: The block is broken, or was rolled back.
            OperationalError: The connection was lost.
        """
        if self._refusal is not None:
            raise self._refusal
        if self.left:
            return []
        if self.listed:
            self.line.state.check()
        if self.cursor is None:
            return [self.kept.popleft() for _ in range(min(self.size, len(self.kept)))]
        rows = await self.line.some(self.cursor, self.size)
        if not rows:
            await self.let_go()
        return rows

    async def keep(self) -> None:
        """Read what is left into memory, and free the connection."""
        if self.left:
            await self.let_go()
            return
        while self.cursor is not None and (rows := await self.line.some(self.cursor, PART)):
            self.kept.extend(rows)
        await self._free()

    async def leave(self) -> None:
        """Note that the program wants no more; unread rows wait for whoever needs the way."""
        self.left = True
        self.kept.clear()
        if self.line.busy is not self:
            await self.let_go()

    async def let_go(self) -> None:
        """Forget what is left."""
        if self.listed:
            self.line.streams.remove(self)
        await self._free()
        self.kept.clear()

    async def undo(self) -> None:
        """Forget what is left because its transaction is rolled back."""
        self._refusal = TransactionManagementError(
            f"the rows that an iterator had still to read from '{self.line.alias}' are gone: the"
            " block that it was begun in was rolled back",
            hint="Read it to its end inside the block, or make a list of the queryset.",
        )
        await self.let_go()

    async def _free(self) -> None:
        line, cursor = self.line, self.cursor
        if cursor is None:
            return
        if line.busy is self:
            # The server sends them all the same; nothing else can be said before.
            while await line.some(cursor, PART):
                pass
            line.busy = None
        self.cursor = None
        await line.close_cursor(cursor)

    def lose(self) -> Any:
        """Note that the connection is gone; return the cursor that it had, or None."""
        cursor, self.cursor = self.cursor, None
        if cursor is not None:
            self._refusal = OperationalError(
                f"the connection to '{self.line.alias}' was closed while rows were read from it"
            )
        return cursor


class Streams:
    """The streams of one connection; a base of both faces' lines."""

    streams: list[Stream]
    busy: Stream | None

    def forget_streams(self) -> list[Any]:
        """Note that the connection is gone; return the cursors that were open on it."""
        lost = [stream.lose() for stream in self.streams]
        self.streams.clear()
        self.busy = None
        return [cursor for cursor in lost if cursor is not None]

    async def make_way(self) -> None:
        """Have the connection free for a statement."""
        if self.busy is not None:
            await self.busy.keep()

    async def end_streams(self, depth: int, *, keep: bool, final: bool) -> None:
        """Settle the streams of a block that ends, before the command that ends it is sent.

        Args:
            depth: How many blocks stay open.
            keep: Whether its work is kept.
            final: Whether the transaction ends with it.
        """
        for stream in [one for one in self.streams if one.inside]:
            if not final and stream.depth <= depth:
                continue
            if not keep:
                await stream.undo()
            elif final:
                await stream.keep()
            else:
                stream.depth = depth

    def release_streams(self) -> None:
        """Let the streams of a transaction that is over go on with what they have in memory."""
        self.streams[:] = [one for one in self.streams if not one.inside]

    async def undo_streams(self, mark: str) -> None:
        """Forget the streams that were begun after a savepoint made by hand."""
        for stream in [one for one in self.streams if mark in one.marks]:
            await stream.undo()
