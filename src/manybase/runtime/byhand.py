"""What a program does to transactions by hand: savepoints, the rollback flag, commit, autocommit.

Functions over a ``Session``, for both faces; they bind a bare block as its first statement would.
Called by ``db.transaction``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manybase.errors import TransactionManagementError
from manybase.runtime.places import bare_alias

if TYPE_CHECKING:
    from manybase.runtime.blocks import Block
    from manybase.runtime.session import Session
    from manybase.runtime.transaction import Transaction


def meant(session: Session[Any] | None, using: str | None) -> str:
    """Return the database that is meant, and bind bare blocks to it.

    Raises:
        NoPlace: None is named, no bare block is open and there is no default.
    """
    if session is None:
        return using or bare_alias()
    bound = [block for block in session.blocks if block.bare and block.aliases]
    alias = using or (bound[-1].aliases[0] if bound else bare_alias())
    session.bind(alias)
    return alias


def _block(session: Session[Any] | None, alias: str) -> Block:
    blocks = session.blocks if session is not None else []
    inside = [block for block in blocks if alias in block.aliases]
    if not inside:
        raise TransactionManagementError(
            f"the rollback flag does not exist outside of an 'atomic' block on '{alias}'"
        )
    return inside[-1]


def get_rollback(session: Session[Any] | None, using: str | None) -> bool:
    """Whether the innermost block will be rolled back.

    Raises:
        TransactionManagementError: No block is open on the database.
    """
    alias = meant(session, using)
    block = _block(session, alias)
    line = session.lines.get(alias) if session is not None else None
    return block.doomed or (block.opened and line is not None and line.state.broken)


def set_rollback(session: Session[Any] | None, rollback: bool, using: str | None) -> None:
    """Have the innermost block rolled back at its end, or not.

    Raises:
        TransactionManagementError: No block is open on the database.
    """
    alias = meant(session, using)
    block = _block(session, alias)
    if session is None:
        return
    line = session.lines.get(alias)
    if block.opened and line is not None:
        line.state.broken = rollback
    else:
        block.doomed = rollback
    session.changed()


def get_autocommit(session: Session[Any] | None, using: str | None) -> bool:
    """Whether each statement commits by itself now."""
    alias = meant(session, using)
    if session is None:
        return True
    line = session.lines.get(alias)
    inside = any(alias in block.aliases for block in session.blocks)
    return not inside and (line is None or line.state.autocommit)


def in_block(session: Session[Any] | None, alias: str) -> bool:
    """Whether a block is open on the database."""
    return session is not None and any(alias in block.aliases for block in session.blocks)


def covers(session: Session[Any] | None, alias: str) -> bool:
    """Whether the next statement on the database is inside a block, one that it binds included."""
    if session is not None:
        for block in session.blocks:
            if alias in block.aliases or (block.bare and not block.aliases):
                return True
    return False


async def savepoint(session: Session[Any], using: str | None) -> str | None:
    """Set a savepoint; return its name, or None where no transaction is open."""
    alias = meant(session, using)
    if get_autocommit(session, alias):
        return None
    line = await session.admit(alias)
    state: Transaction = line.state
    name, commands = state.mark()
    for command in commands:
        await line.send(command)
    return name


async def end_savepoint(
    session: Session[Any], name: str | None, using: str | None, back: bool
) -> None:
    """Release a savepoint, or go back to it and drop what waited for a commit since then."""
    alias = meant(session, using)
    if name is None or get_autocommit(session, alias):
        return
    line = await session.line(alias)
    if back:
        await line.undo_streams(name)
    for command in line.state.unmark(name, back):
        await line.send(command)
    if back:
        session.waiting = [one for one in session.waiting if name not in one.marks]


async def finish(session: Session[Any], using: str | None, keep: bool) -> None:
    """Commit or roll back what was done while autocommit is off.

    Raises:
        TransactionManagementError: A block is open.
    """
    line = await session.line(meant(session, using))
    commands = line.state.commit() if keep else line.state.rollback()
    await _finish(line, commands, keep)
    session.changed()


async def _finish(line: Any, commands: tuple[str, ...], keep: bool) -> None:
    await line.end_streams(0, keep=keep, final=True)
    for command in commands:
        await line.send(command)
    line.release_streams()


async def set_autocommit(session: Session[Any], wanted: bool, using: str | None) -> None:
    """Have each statement commit by itself, or wait for ``commit()``.

    Raises:
        TransactionManagementError: A block is open.
    """
    alias = meant(session, using)
    line = await session.line(alias)
    if any(alias in block.aliases for block in session.blocks):
        line.state.check_no_block()
        raise TransactionManagementError("autocommit cannot change inside an 'atomic' block")
    await _finish(line, line.state.set_autocommit(wanted), keep=True)
    session.changed()
