"""The state of one connection's transaction: decides which commands are sent, and sends none.

Knows nothing of drivers, threads or loops; ``session`` sends what it decides, on either face. The
words themselves are the dialect's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from manybase.errors import TransactionManagementError

_ids = iter(range(1, 1 << 62))


class Words(Protocol):
    """How a database spells the commands of transactions."""

    begin: str
    commit: str
    rollback: str

    def savepoint(self, name: str, /) -> str:
        """The command that makes a savepoint."""
        raise NotImplementedError

    def release(self, name: str, /) -> str:
        """The command that forgets a savepoint and keeps the work."""
        raise NotImplementedError

    def rollback_to(self, name: str, /) -> str:
        """The command that undoes the work since a savepoint."""
        raise NotImplementedError


class SessionLine(Protocol):
    """An open connection as the blocks see it; each face has its own."""

    alias: str
    state: Transaction
    closed: bool

    async def send(self, command: str) -> None:
        """Send a command of the transaction."""

    async def close(self) -> None:
        """Close the connection."""

    @property
    def streams(self) -> Sequence[object]:
        """The streams that are open on it."""
        raise NotImplementedError

    async def end_streams(self, depth: int, *, keep: bool, final: bool) -> None:
        """Settle the streams of a block that ends; see ``streams``."""

    async def undo_streams(self, mark: str) -> None:
        """Forget the streams that were begun after a savepoint."""

    def release_streams(self) -> None:
        """Let the streams of a transaction that is over go."""


@dataclass(frozen=True, slots=True)
class Level:
    """One entered block on one connection.

    Args:
        savepoint: Its savepoint; None for the transaction itself and for a merged block.
        opens: Whether it began the transaction, and so ends it.
    """

    savepoint: str | None
    opens: bool


OUTERMOST = Level(None, opens=True)
"""Any outermost block."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a block is left.

    Args:
        commands: What is sent.
        fallback: What is sent where one of them fails.
        keeps: Whether the work is kept when they succeed.
        final: Whether the connection is outside of its transaction afterwards.
    """

    commands: tuple[str, ...]
    fallback: tuple[str, ...]
    keeps: bool
    final: bool


class Transaction:
    """The open blocks of one connection, and whether they can still be kept."""

    __slots__ = ("autocommit", "begun", "broken", "levels", "marks", "words")

    def __init__(self, words: Words) -> None:
        self.words = words
        self.levels: list[Level] = []
        #: A statement failed, or ``set_rollback(True)``: nothing runs until the block is left.
        self.broken = False
        #: Off after ``set_autocommit(False)``; the program commits by itself then.
        self.autocommit = True
        #: Whether BEGIN was sent while autocommit is off.
        self.begun = False
        #: Savepoints that the program made by hand and that still stand.
        self.marks: list[str] = []

    @property
    def in_block(self) -> bool:
        """Whether a block is open."""
        return bool(self.levels)

    @property
    def active(self) -> bool:
        """Whether the database is inside a transaction."""
        return bool(self.levels) or self.begun

    @property
    def is_at_rest(self) -> bool:
        """Whether no block is open and the database commits by itself."""
        return self.autocommit and not self.levels

    @property
    def can_commit(self) -> bool:
        """Whether the innermost block is the outermost too, and nothing failed in it."""
        return len(self.levels) == 1 and self.levels[0].opens and not self.broken

    def enter(self, savepoint: bool) -> tuple[str, ...]:
        """Open a block; return what to send."""
        if not self.levels and self.autocommit:
            self.broken = False
            self.levels.append(OUTERMOST)
            return (self.words.begin,)
        first = self.before_statement() if not self.levels else ()
        if not savepoint or self.broken:
            self.levels.append(Level(None, opens=False))
            return first
        name = _name()
        self.levels.append(Level(name, opens=False))
        return (*first, self.words.savepoint(name))

    def abandon(self) -> None:
        """Take back an ``enter()`` whose command failed."""
        self.levels.pop()
        if not self.levels:
            self.broken = False

    def leave(self, failed: bool) -> Ending:
        """Close the innermost block; return how.

        Args:
            failed: Whether an exception passes through it.
        """
        level = self.levels.pop()
        if failed or self.broken:
            return self._give_up(level)
        if level.opens:
            return self._end((self.words.commit,), (self.words.rollback,), True, True)
        if level.savepoint is None:
            return self._end((), (), True, False)
        release = self.words.release(level.savepoint)
        back = self.words.rollback_to(level.savepoint)
        return self._end((release,), (back, release), True, False)

    def committed(self) -> None:
        """Note that COMMIT was sent for the outermost block, and done."""
        self.levels.pop()
        self.marks.clear()

    def _give_up(self, level: Level) -> Ending:
        if level.opens:
            self.broken = False
            return self._end((self.words.rollback,), (), False, True)
        if level.savepoint is None:
            # What a merged block did can only be undone with the block around it.
            self.broken = True
            return self._end((), (), False, False)
        self.broken = False
        back = self.words.rollback_to(level.savepoint)
        return self._end((back, self.words.release(level.savepoint)), (), False, False)

    def _end(
        self, commands: tuple[str, ...], fallback: tuple[str, ...], keeps: bool, final: bool
    ) -> Ending:
        if final:
            self.marks.clear()
        return Ending(commands, fallback, keeps, final)

    def failed(self) -> None:
        """Note that a statement failed: its block can only be rolled back."""
        if self.levels:
            self.broken = True

    def lost(self) -> None:
        """Note that the connection is gone, and the transaction with it."""
        self.begun = False
        self.marks.clear()
        if self.levels:
            self.broken = True

    def before_statement(self) -> tuple[str, ...]:
        """What to send before a statement where autocommit is off."""
        if self.autocommit or self.levels or self.begun:
            return ()
        self.begun = True
        return (self.words.begin,)

    def check(self) -> None:
        """Raise where the block can only be rolled back.

        Raises:
            TransactionManagementError: A statement of this block failed before.
        """
        if self.broken:
            raise TransactionManagementError(
                "a statement of this transaction failed or set_rollback(True) was called, so no"
                " other can run until the end of the 'atomic' block",
                hint="Put the statement that may fail into an 'atomic' block of its own.",
            )

    # By hand

    def commit(self) -> tuple[str, ...]:
        """What ``commit()`` sends."""
        self.check_no_block()
        return self._finish(self.words.commit)

    def rollback(self) -> tuple[str, ...]:
        """What ``rollback()`` sends."""
        self.check_no_block()
        return self._finish(self.words.rollback)

    def _finish(self, word: str) -> tuple[str, ...]:
        begun, self.begun = self.begun, False
        self.broken = False
        self.marks.clear()
        return (word,) if begun else ()

    def set_autocommit(self, wanted: bool) -> tuple[str, ...]:
        """What ``set_autocommit()`` sends."""
        self.check_no_block()
        commands = self._finish(self.words.commit) if wanted else ()
        self.autocommit = wanted
        return commands

    def mark(self) -> tuple[str, tuple[str, ...]]:
        """Make a savepoint by hand; return its name and what to send."""
        first = self.before_statement()
        name = _name()
        self.marks.append(name)
        return name, (*first, self.words.savepoint(name))

    def unmark(self, name: str, back: bool) -> tuple[str, ...]:
        """What releases a savepoint made by hand, or goes back to it."""
        if back:
            return (self.words.rollback_to(name),)
        if name in self.marks:
            del self.marks[self.marks.index(name) :]
        return (self.words.release(name),)

    def check_block(self) -> None:
        """Raise where no block is open.

        Raises:
            TransactionManagementError: The rollback flag belongs to a block.
        """
        if not self.levels:
            raise TransactionManagementError(
                "the rollback flag does not exist outside of an 'atomic' block"
            )

    def check_no_block(self) -> None:
        """Raise where a block is open.

        Raises:
            TransactionManagementError: The block commits and rolls back by itself.
        """
        if self.levels:
            raise TransactionManagementError(
                "this is forbidden when an 'atomic' block is active",
                hint="Leave the block to commit; raise or call set_rollback(True) to roll back.",
            )


def _name() -> str:
    return f"manybase_{next(_ids)}"
