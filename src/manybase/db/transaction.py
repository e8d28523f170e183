"""Transactions in Django's words: ``atomic``, ``on_commit``, savepoints, the rollback flag.

One-line faces of ``runtime``. Where no database is named, that of a bare block, of ``using()`` or
the default one is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from manybase.db.atomic import Atomic, atomic
from manybase.errors import QueryError, TransactionManagementError
from manybase.runtime import aio, byhand, current, sync
from manybase.runtime.aftermath import run_now
from manybase.runtime.loops import refuse_in_loop
from manybase.runtime.stepping import run_sync

__all__ = [
    "Atomic",
    "TransactionManagementError",
    "asavepoint",
    "asavepoint_commit",
    "asavepoint_rollback",
    "atomic",
    "clean_savepoints",
    "commit",
    "get_autocommit",
    "get_rollback",
    "mark_for_rollback_on_error",
    "on_commit",
    "rollback",
    "savepoint",
    "savepoint_commit",
    "savepoint_rollback",
    "set_autocommit",
    "set_rollback",
]


def on_commit(func: Callable[[], Any], using: str | None = None, robust: bool = False) -> None:
    """Call a function after the commit, or at once where no block is open.

    Without ``using`` it waits until all blocks of the program that are open now have committed,
    whatever their databases, and is dropped if any of them rolls back.

    Args:
        func: What to call; on the asynchronous face it may be a coroutine function.
        using: The one database whose commit is waited for.
        robust: Log an error of the function instead of raising it.

    Example:
        >>> with atomic("eu"):
        ...     book.save()
        ...     on_commit(lambda: print("saved"))
    """
    if not callable(func):
        raise QueryError("on_commit() must be given a function to call")
    session = current.session()
    if session is None or session.after_commit(func, using, robust) is None:
        run_now(func, robust)


def get_rollback(using: str | None = None) -> bool:
    """Whether the innermost block will be rolled back.

    Raises:
        TransactionManagementError: No block is open on the database.
    """
    return byhand.get_rollback(current.session(), using)


def set_rollback(rollback: bool, using: str | None = None) -> None:
    """Have the innermost block rolled back at its end (True), or kept after all (False).

    Raises:
        TransactionManagementError: No block is open on the database.
    """
    byhand.set_rollback(current.session(), rollback, using)


@contextmanager
def mark_for_rollback_on_error(using: str | None = None) -> Iterator[None]:
    """Have the open block rolled back where an error leaves this one; make no savepoint."""
    session = current.session()
    alias = byhand.meant(session, using)
    try:
        yield
    except Exception:
        if byhand.in_block(current.session(), alias):
            byhand.set_rollback(current.session(), True, alias)
        raise


def savepoint(using: str | None = None) -> str | None:
    """Set a savepoint by hand; return its name, or None outside of a transaction."""
    refuse_in_loop(using, "'await asavepoint()'")
    return run_sync(byhand.savepoint(sync.session(), using))


async def asavepoint(using: str | None = None) -> str | None:
    """Set a savepoint by hand; return its name, or None outside of a transaction."""
    session = aio.session()
    return await byhand.savepoint(session, using) if session is not None else None


def savepoint_commit(sid: str | None, using: str | None = None) -> None:
    """Keep what was done since a savepoint, and forget the savepoint."""
    refuse_in_loop(using, "'await asavepoint_commit()'")
    run_sync(byhand.end_savepoint(sync.session(), sid, using, back=False))


async def asavepoint_commit(sid: str | None, using: str | None = None) -> None:
    """Keep what was done since a savepoint, and forget the savepoint."""
    session = aio.session()
    if session is not None:
        await byhand.end_savepoint(session, sid, using, back=False)


def savepoint_rollback(sid: str | None, using: str | None = None) -> None:
    """Undo what was done since a savepoint, and drop what waits for a commit since then."""
    refuse_in_loop(using, "'await asavepoint_rollback()'")
    run_sync(byhand.end_savepoint(sync.session(), sid, using, back=True))


async def asavepoint_rollback(sid: str | None, using: str | None = None) -> None:
    """Undo what was done since a savepoint, and drop what waits for a commit since then."""
    session = aio.session()
    if session is not None:
        await byhand.end_savepoint(session, sid, using, back=True)


def clean_savepoints(using: str | None = None) -> None:
    """Do nothing: names of savepoints are never used twice."""


def get_autocommit(using: str | None = None) -> bool:
    """Whether each statement commits by itself now."""
    return byhand.get_autocommit(current.session(), using)


def set_autocommit(autocommit: bool, using: str | None = None) -> None:
    """Have each statement commit by itself (True), or wait for ``commit()``.

    Raises:
        TransactionManagementError: A block is open.
    """
    refuse_in_loop(using, "'async with atomic()'")
    run_sync(byhand.set_autocommit(sync.session(), autocommit, using))


def commit(using: str | None = None) -> None:
    """Commit what was done while autocommit is off.

    Raises:
        TransactionManagementError: A block is open.
    """
    refuse_in_loop(using, "'async with atomic()'")
    run_sync(byhand.finish(sync.session(), using, True))


def rollback(using: str | None = None) -> None:
    """Roll back what was done while autocommit is off.

    Raises:
        TransactionManagementError: A block is open.
    """
    refuse_in_loop(using, "'async with atomic()'")
    run_sync(byhand.finish(sync.session(), using, False))
