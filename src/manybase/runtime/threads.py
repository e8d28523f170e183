"""The sessions of the synchronous face: one for each thread, with its connections kept open.

``local.quick`` holds the cursors that may be used without asking anything; every change of blocks,
guards, listeners or settings empties it, and the slow path fills it again. Connections close when
their thread ends, at exit, and never in a forked child, which does not own them.
"""

from __future__ import annotations

import functools
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, NoReturn

from manybase.routing.block import open_blocks
from manybase.runtime import engines, events, guard
from manybase.runtime.blocks import Block
from manybase.runtime.connection import Line
from manybase.runtime.loops import refuse_in_loop
from manybase.runtime.session import Session
from manybase.runtime.stepping import run_sync


class ThreadSession(Session[Line]):
    """The lines and blocks of one thread."""

    def __init__(self) -> None:
        super().__init__()
        self.quick: dict[str, Any] = {}
        with _lock:
            _sessions.add(self)
        weakref.finalize(self, _close_all, self.lines)

    async def line(self, alias: str) -> Line:
        return self.open(alias)

    def open(self, alias: str) -> Line:
        """Return the thread's line to a database; connect where there is none.

        Raises:
            DatabaseNotAllowed: A test forbids this database.
            UnknownAlias: There is no such database.
        """
        guard.check(alias)
        line = self.lines.get(alias)
        if line is not None:
            if not line.closed and line.engine is engines.engine(alias):
                return line
            line.discard()
            if line.state.in_block:
                return line
        line = Line(engines.engine(alias))
        line.dropped = functools.partial(self.quick.pop, alias, None)
        self.lines[alias] = line
        return line

    async def call(self, function: Callable[[], Any]) -> None:
        function()

    def changed(self) -> None:
        self.quick.clear()

    def use(self, alias: str) -> Line:
        """Return the line for a statement, on the slow path that checks everything.

        Raises:
            SyncOnlyOperation: An event loop runs in this thread.
            TransactionManagementError: The open block refuses the statement.
        """
        refuse_in_loop(alias)
        line = run_sync(self.admit(alias))
        if line.busy is None and self.at_rest(alias) and not events.wanted():
            self.quick[alias] = line.cursor
        return line

    def begin(self, block: Block, alias: str, cursor: Any) -> bool:
        """Open the first block by one command; False where that takes more.

        Args:
            block: The block; bound to no other database.
            alias: The database.
            cursor: Its quick cursor, so nobody listens and no other rows are being read.
        """
        line = self.lines.get(alias)
        if line is None or line.closed or line.cursor is not cursor or line.streams:
            return False
        state = line.state
        if self.blocks or not state.is_at_rest:
            return False
        (begin,) = state.enter(block.savepoint)
        try:
            cursor.execute(begin)
        except BaseException as error:  # noqa: BLE001  # raised again, translated
            state.abandon()
            self.quick.clear()
            _raise_again(line, error)
        block.aliases, block.opened = (alias,), True
        block.lines.append(line)
        self.blocks.append(block)
        open_blocks.set(() if block.from_test else block.aliases)
        for other in list(self.quick):
            # Nothing is put there: another thread may have emptied it while BEGIN was waiting.
            if other != alias or (block.from_test and block.bare):
                self.quick.pop(other, None)
        return True

    def commit(self, block: Block) -> bool:
        """End the only block by one command, its work kept; False where that takes more.

        Raises:
            DatabaseError: COMMIT was refused; the block is rolled back.
        """
        if len(block.lines) != 1 or self.blocks != [block] or self.waiting or block.doomed:
            return False
        line: Line = block.lines[0]
        cursor = self.quick.get(line.alias)
        if cursor is None or line.closed or line.streams or not line.state.can_commit:
            return False
        try:
            cursor.execute(line.dialect.commit)
        except BaseException as error:  # noqa: BLE001  # raised again, translated
            run_sync(self.leave(block, False, functools.partial(_raise_again, line, error)))
        line.state.committed()
        self.blocks.clear()
        open_blocks.set(())
        return True

    def close(self, alias: str) -> None:
        """Close the thread's connection to a database; a transaction on it is lost."""
        self.quick.pop(alias, None)
        line = self.lines.get(alias)
        if line is not None:
            run_sync(line.close())
            if not line.state.in_block:
                del self.lines[alias]


def _raise_again(line: Line, error: BaseException) -> NoReturn:
    """Raise what a command of the transaction came to, translated where the driver raised it."""
    if isinstance(error, Exception):
        line.refuse(error)
    raise error


class _Local(threading.local):
    def __init__(self) -> None:
        self.session = ThreadSession()
        self.quick = self.session.quick


_lock = threading.Lock()
_sessions: weakref.WeakSet[ThreadSession] = weakref.WeakSet()
_not_ours: list[Any] = []


def _close_all(lines: dict[str, Line]) -> None:
    for line in lines.values():
        line.discard()
    lines.clear()


def every() -> list[ThreadSession]:
    """The sessions of all living threads."""
    with _lock:
        return list(_sessions)


def slow_down() -> None:
    """Send the next statement of every thread over the slow path."""
    for session in every():
        session.quick.clear()


def _after_fork() -> None:
    for session in list(_sessions):
        # Kept alive unused: closing them would end the parent's conversation with the server.
        _not_ours.extend(session.lines.values())
        session.lines.clear()
        session.quick.clear()
        session.blocks.clear()
        session.waiting.clear()


local = _Local()
"""The session of this thread."""

guard.watch(slow_down)
events.watch(slow_down)
engines.watch(slow_down)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
