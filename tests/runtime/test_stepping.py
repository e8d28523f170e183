"""Stepping the core without a loop, and the states of a transaction without a database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from manybase.errors import CoreSuspended, TransactionManagementError
from manybase.runtime.stepping import iter_sync, run_sync
from manybase.runtime.transaction import Transaction


class Words:
    begin, commit, rollback = "B", "C", "R"

    def savepoint(self, name: str) -> str:
        return "S"

    def release(self, name: str) -> str:
        return "F"

    def rollback_to(self, name: str) -> str:
        return "U"


def test_a_coroutine_that_does_not_wait_is_run() -> None:
    async def work() -> int:
        return 3

    async def bad() -> int:
        raise KeyError

    assert run_sync(work()) == 3
    with pytest.raises(KeyError):
        run_sync(bad())


def test_a_coroutine_that_waits_is_a_defect() -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    async def items() -> AsyncIterator[int]:
        yield 1
        await asyncio.sleep(0)

    with pytest.raises(CoreSuspended, match="waited for"):
        run_sync(work())
    found = iter_sync(items())
    assert next(found) == 1
    with pytest.raises(CoreSuspended):
        next(found)


def test_leaving_an_iteration_closes_the_generator() -> None:
    closed: list[int] = []

    async def items() -> AsyncIterator[int]:
        try:
            yield 1
            yield 2
        finally:
            closed.append(1)

    for _ in iter_sync(items()):
        break
    assert closed == [1]
    assert list(iter_sync(items())) == [1, 2]


def test_blocks_become_commands() -> None:
    state = Transaction(Words())
    assert state.enter(True) == ("B",)
    assert state.enter(True) == ("S",)
    assert state.enter(False) == ()
    assert state.leave(False).commands == ()
    inner = state.leave(False)
    assert (inner.commands, inner.fallback, inner.keeps, inner.final) == (
        ("F",),
        ("U", "F"),
        True,
        False,
    )
    outer = state.leave(False)
    assert (outer.commands, outer.fallback, outer.final) == (("C",), ("R",), True)


def test_a_failed_statement_takes_the_way_back() -> None:
    state = Transaction(Words())
    state.failed()
    state.check()
    state.enter(True)
    state.enter(True)
    state.failed()
    with pytest.raises(TransactionManagementError):
        state.check()
    assert state.enter(True) == ()
    assert state.leave(False).commands == ()
    assert state.broken
    assert state.leave(False).commands == ("U", "F")
    assert not state.broken
    assert state.leave(False).commands == ("C",)


def test_without_autocommit_a_block_is_a_savepoint() -> None:
    state = Transaction(Words())
    assert state.set_autocommit(False) == ()
    assert state.before_statement() == ("B",)
    assert state.before_statement() == ()
    assert state.enter(True) == ("S",)
    assert state.leave(False).commands == ("F",)
    assert state.commit() == ("C",)
    assert state.commit() == ()
    assert state.enter(True) == ("B", "S")
    state.leave(True)
    assert state.set_autocommit(True) == ("C",)
