"""What a program opens with ``atomic()``, and what it wants done after a commit, as data.

Decides nothing about connections: ``session`` enters and leaves blocks. A block is *bound* when it
knows its databases and *opened* when their transactions have begun.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manybase.errors import TransactionManagementError


class DurableBlockNested(TransactionManagementError, RuntimeError):
    """A block that must be the outermost was opened inside another."""

    code = "MB-T002"


class Block:
    """One ``atomic()``.

    Args:
        aliases: Its databases; none where it is bare and takes that of its first statement.
        savepoint: Whether a block inside another can be rolled back alone.
        durable: Whether it must be the outermost.
        from_test: Whether a test case opened it, so that the program does not see it.
    """

    __slots__ = (
        "aliases",
        "bare",
        "doomed",
        "durable",
        "from_test",
        "lines",
        "opened",
        "savepoint",
        "turn",
    )

    def __init__(
        self,
        aliases: tuple[str, ...] = (),
        *,
        savepoint: bool = True,
        durable: bool = False,
        from_test: bool = False,
    ) -> None:
        self.aliases = aliases
        self.bare = not aliases
        self.savepoint = savepoint
        self.durable = durable
        self.from_test = from_test
        self.opened = False
        #: ``set_rollback(True)`` came before the first statement.
        self.doomed = False
        self.lines: list[Any] = []
        #: Lets blocks of sibling tasks inside this one follow each other; made by ``aio``.
        self.turn: Any = None

    @property
    def unbound(self) -> bool:
        """Whether it does not know its database yet."""
        return not self.aliases

    def check_durable(self, around: list[Block]) -> None:
        """Raise where a durable block would not be the outermost.

        Raises:
            DurableBlockNested: A block of the program around it may have the same database.
        """
        if not self.durable:
            return
        for other in around:
            if other.from_test:
                continue
            if other.unbound or not self.aliases or set(other.aliases) & set(self.aliases):
                raise DurableBlockNested(
                    "a durable atomic block cannot be nested within another atomic block",
                    hint="Leave the outer block first, or take 'durable=True' away.",
                )


class AfterCommit:
    """A function that waits until blocks have committed.

    Args:
        function: What to call.
        robust: Whether an error of it is logged instead of raised.
        blocks: The blocks that it waits for.
        marks: Savepoints made by hand whose rollback drops it.
    """

    __slots__ = ("blocks", "function", "marks", "robust")

    def __init__(
        self,
        function: Callable[[], Any],
        robust: bool,
        blocks: list[Block],
        marks: frozenset[str],
    ) -> None:
        self.function = function
        self.robust = robust
        self.blocks = blocks
        self.marks = marks

    def waits_for(self, alias: str) -> bool:
        """Whether a block of this database is among those it waits for."""
        return any(alias in block.aliases for block in self.blocks)
