"""The open blocks of one thread, or of one task: how they bind, open, nest and end.

The rules are those of the design: a bare block belongs to the database of its first statement, a
second database is refused by name, what waits for a commit waits for all blocks of the program.
Coroutines that wait only for ``line()``, a line's ``send()`` and ``call()``, so that both faces
share them. Called by ``sync``, ``aio`` and ``db``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from manybase.errors import DatabaseError, TransactionManagementError
from manybase.routing.block import open_blocks
from manybase.routing.topology import topology
from manybase.runtime.blocks import AfterCommit, Block
from manybase.runtime.places import bare_alias, usual_alias
from manybase.runtime.transaction import SessionLine

L = TypeVar("L", bound=SessionLine)

logger = logging.getLogger("manybase.transaction")


class Session(Generic[L]):
    """The lines and the open blocks of one thread or task."""

    def __init__(self) -> None:
        self.lines: dict[str, L] = {}
        self.blocks: list[Block] = []
        self.waiting: list[AfterCommit] = []

    # What a face provides

    async def line(self, alias: str) -> L:
        """Return the open connection to a database."""
        raise NotImplementedError

    async def call(self, function: Callable[[], Any]) -> None:
        """Call what waited for a commit."""
        raise NotImplementedError

    def changed(self) -> None:
        """Hear that blocks or their state have changed."""

    # Entering

    async def enter(self, block: Block) -> None:
        """Open a block, or leave it unbound until its first statement.

        Raises:
            DurableBlockNested: It is durable and another block is open.
            DatabaseError: BEGIN or the savepoint was refused.
        """
        if block.unbound:
            block.aliases = self._known_at_entry()
        else:
            for alias in block.aliases:
                topology().check(alias)
        block.check_durable(self.blocks)
        if not block.unbound:
            self.bind(block.aliases[0])
        self.blocks.append(block)
        try:
            await self._open()
        except BaseException:
            self._forget(block)
            raise
        finally:
            self._publish()

    def _known_at_entry(self) -> tuple[str, ...]:
        only = topology().only
        if only is not None:
            return (only,)
        bare = [block for block in self.blocks if block.bare and block.aliases]
        return bare[-1].aliases if bare else ()

    def bind(self, alias: str) -> None:
        """Give the unbound blocks their database.

        Raises:
            DurableBlockNested: One of them is durable and not the outermost there.
        """
        for index, block in enumerate(self.blocks):
            if block.unbound:
                block.aliases = (topology().primary(alias),)
                try:
                    block.check_durable(self.blocks[:index])
                except TransactionManagementError:
                    block.aliases = ()
                    raise
                self._publish()

    async def _open(self) -> None:
        for block in self.blocks:
            if not block.opened and block.aliases:
                await self._open_block(block)

    async def _open_block(self, block: Block) -> None:
        try:
            for alias in block.aliases:
                line = await self.line(alias)
                await self._enter_line(line, block)
        except BaseException:
            for line in reversed(block.lines):
                await self._leave_line(line, failed=True)
            block.lines.clear()
            raise
        block.opened = True
        self.changed()

    async def _enter_line(self, line: L, block: Block) -> None:
        commands = line.state.enter(block.savepoint)
        try:
            for command in commands:
                await line.send(command)
        except BaseException:
            line.state.abandon()
            raise
        block.lines.append(line)
        if block.doomed:
            line.state.broken = True

    # Statements

    async def admit(self, alias: str) -> L:
        """Return the line that a statement runs on, with its transactions begun.

        Raises:
            TransactionManagementError: The block is broken or belongs to another database.
        """
        if self.blocks:
            self.bind(alias)
            self._check_second(alias)
            await self._open()
        line = await self.line(alias)
        state = line.state
        state.check()
        for command in state.before_statement():
            await line.send(command)
        return line

    def at_rest(self, alias: str) -> bool:
        """Whether a statement needs none of what ``admit()`` does."""
        if any(not block.opened or block.bare for block in self.blocks):
            return self._bare_only(alias)
        line = self.lines.get(alias)
        return line is not None and not line.state.broken and line.state.autocommit

    def _bare_only(self, alias: str) -> bool:
        if any(not block.opened for block in self.blocks):
            return False
        line = self.lines.get(alias)
        usable = line is not None and not line.state.broken and line.state.autocommit
        return usable and alias in self.program_aliases()

    def _check_second(self, alias: str) -> None:
        bound = [block.aliases[0] for block in self.blocks if block.bare]
        if not bound:
            return
        databases = topology()
        if any(databases.same_set(alias, other) for other in self.program_aliases()):
            return
        raise TransactionManagementError(
            f"a statement on '{alias}' inside an atomic() block that belongs to '{bound[-1]}'",
            hint=f"Type atomic('{bound[-1]}', '{alias}') for a block over both databases, or"
            f" atomic('{bound[-1]}') for one that leaves '{alias}' out.",
        )

    def program_aliases(self) -> list[str]:
        """The databases of the blocks that the program has open."""
        return [alias for block in self.blocks if not block.from_test for alias in block.aliases]

    # Leaving

    async def leave(
        self, block: Block, failed: bool, refusal: Callable[[], None] | None = None
    ) -> list[AfterCommit]:
        """End a block; return what may run now that it has.

        Args:
            block: The block.
            failed: Whether an exception passes through it.
            refusal: Raises what came of its COMMIT, where that was sent already.

        Raises:
            DatabaseError: COMMIT was refused; the block is rolled back.
        """
        failed = failed or block.doomed or any(line.state.broken for line in block.lines)
        kept = not failed
        committed: list[str] = []
        refused: DatabaseError | None = None
        try:
            for line in block.lines:
                try:
                    kept = await self._leave_line(line, not kept, refusal) and kept
                    committed.append(line.alias)
                except DatabaseError as error:
                    kept, refused = False, _noted(error, line.alias, committed)
        except BaseException:
            kept = False
            raise
        finally:
            ready = self._settle(block, kept)
            self._forget(block)
            self._publish()
        if refused is not None:
            raise refused
        return ready

    async def _leave_line(
        self, line: L, failed: bool, refusal: Callable[[], None] | None = None
    ) -> bool:
        """End a block on one connection; return whether its work is kept."""
        ending = line.state.leave(failed)
        if line.closed:
            # The database has rolled back by itself.
            if ending.final:
                self.lines.pop(line.alias, None)
                line.state.broken = False
            return False
        depth = len(line.state.levels)
        try:
            if refusal is not None:
                refusal()
            if line.streams:
                await line.end_streams(depth, keep=ending.keeps, final=ending.final)
            for command in ending.commands:
                await line.send(command)
        except BaseException as error:
            await self._recover(line, ending.fallback, ending.final)
            if ending.keeps or not isinstance(error, DatabaseError):
                raise
            return False
        if ending.final:
            line.release_streams()
        return ending.keeps

    async def _recover(self, line: L, fallback: Iterable[str], final: bool) -> None:
        if line.closed:
            if final:
                self.lines.pop(line.alias, None)
                line.state.broken = False
            return
        try:
            sent = False
            await line.end_streams(len(line.state.levels), keep=False, final=final)
            for command in fallback:
                await line.send(command)
                sent = True
            if sent:
                return
        except DatabaseError:
            logger.debug("the rollback on '%s' failed too", line.alias)
        if final:
            await line.close()
            self.lines.pop(line.alias, None)
        else:
            line.state.broken = True

    def _forget(self, block: Block) -> None:
        if block in self.blocks:
            self.blocks.remove(block)

    def _publish(self) -> None:
        seen: list[str] = []
        for block in self.blocks:
            if not block.from_test:
                # An unbound block may become any database's, so reads stay with every writer.
                seen.extend(block.aliases or topology().aliases)
        open_blocks.set(tuple(seen))
        self.changed()

    # After the commit

    def after_commit(
        self, function: Callable[[], Any], using: str | None, robust: bool
    ) -> AfterCommit | None:
        """Keep a function until the commit; return None where nothing has to be waited for.

        Raises:
            TransactionManagementError: Autocommit is off and no block is open.
        """
        if using is not None or any(block.unbound for block in self.blocks):
            self.bind(using or bare_alias())
        blocks, aliases = self._waited_for(using)
        lines = [self.lines[alias] for alias in aliases if alias in self.lines]
        if not blocks:
            if any(not line.state.autocommit for line in lines):
                raise TransactionManagementError(
                    "on_commit() cannot be used in manual transaction management"
                )
            return None
        marks = frozenset(mark for line in lines for mark in line.state.marks)
        waiting = AfterCommit(function, robust, blocks, marks)
        self.waiting.append(waiting)
        return waiting

    def _waited_for(self, using: str | None) -> tuple[list[Block], list[str]]:
        if using is not None:
            return [block for block in self.blocks if using in block.aliases], [using]
        aliases = self.program_aliases()
        if not aliases and (self.blocks or self.lines):
            # Only a test's blocks are open, or none; without a default any of them may be meant.
            aliases = [usual] if (usual := usual_alias()) is not None else list(self.lines)
        wanted = set(aliases)
        blocks = [b for b in self.blocks if not b.from_test or wanted & set(b.aliases)]
        return blocks, aliases

    def _settle(self, block: Block, kept: bool) -> list[AfterCommit]:
        ready: list[AfterCommit] = []
        still: list[AfterCommit] = []
        for one in self.waiting:
            if block in one.blocks:
                if not kept:
                    continue
                one.blocks.remove(block)
            (still if one.blocks else ready).append(one)
        self.waiting = still
        return ready

    async def run(self, ready: list[AfterCommit]) -> None:
        """Call what waited for a commit, in order."""
        for one in ready:
            if not one.robust:
                await self.call(one.function)
                continue
            try:
                await self.call(one.function)
            except Exception as error:
                logger.exception("error calling %r in on_commit(): %s", one.function, error)


def _noted(error: DatabaseError, alias: str, committed: list[str]) -> DatabaseError:
    if committed:
        names = ", ".join(f"'{name}'" for name in committed)
        error.add_note(f"The commit on '{alias}' failed after that on {names} had succeeded.")
    return error
