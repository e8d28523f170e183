"""What ``on_commit()`` waits for, on both faces (P8 of the semantics)."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

import manybase
from manybase.db import connections, transaction
from manybase.errors import QueryError, TransactionManagementError
from manybase.runtime.events import capture
from tests.runtime.help import leaving


def test_it_runs_at_once_outside_of_blocks(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        called: list[int] = []
        transaction.on_commit(lambda: called.append(1))
        assert called == [1]

    play(scenario)


def test_it_runs_after_the_outermost_commit(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        called: list[int] = []
        async with ex.atomic("default"):
            async with ex.atomic("default"):
                transaction.on_commit(lambda: called.append(1))
            transaction.on_commit(lambda: called.append(2))
            assert called == []
        assert called == [1, 2]

    play(scenario)


def test_it_is_dropped_with_its_block(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        called: list[int] = []
        with leaving(KeyError):
            async with ex.atomic("default"):
                transaction.on_commit(lambda: called.append(1))
                raise KeyError
        async with ex.atomic("default"):
            transaction.on_commit(lambda: called.append(2))
            with leaving(KeyError):
                async with ex.atomic("default"):
                    transaction.on_commit(lambda: called.append(3))
                    raise KeyError
        assert called == [2]

    play(scenario)


def test_a_bare_one_waits_for_the_blocks_of_all_databases(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        called: list[str] = []
        async with ex.atomic("default"):
            async with ex.atomic("eu"):
                transaction.on_commit(lambda: called.append("all"))
                transaction.on_commit(lambda: called.append("eu"), using="eu")
            assert called == ["eu"]
        assert called == ["eu", "all"]

    play(scenario)


def test_a_bare_one_is_dropped_if_any_block_rolls_back(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        called: list[str] = []
        with leaving(KeyError):
            async with ex.atomic("eu"):
                transaction.on_commit(lambda: called.append("first"))
                raise KeyError
        with leaving(KeyError):
            async with ex.atomic("default"):
                async with ex.atomic("eu"):
                    transaction.on_commit(lambda: called.append("second"))
                raise KeyError
        async with ex.atomic("default"), ex.atomic("eu"):
            transaction.on_commit(lambda: called.append("third"))
            transaction.set_rollback(True, using="eu")
        assert called == []

    play(scenario)


def test_one_with_using_looks_at_that_database_alone(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        called: list[str] = []
        async with ex.atomic("default"):
            transaction.on_commit(lambda: called.append("now"), using="eu")
            assert called == ["now"]

    play(scenario)


def test_it_binds_a_bare_block_and_sends_nothing(place: Any, play: Any) -> None:
    async def scenario(ex: Any) -> None:
        called: list[str] = []
        with capture(transactions=True) as statements, manybase.using("eu"):
            async with ex.atomic():
                transaction.on_commit(lambda: called.append("eu"))
                with pytest.raises(TransactionManagementError, match="belongs to 'eu'"):
                    await place.numbers(ex, "default")
        assert called == ["eu"]
        assert statements == []

    play(scenario)


def test_callbacks_may_use_the_database(place: Any, play: Any, face: str) -> None:
    async def scenario(ex: Any) -> None:
        found: list[Any] = []
        if face == "async":

            async def look() -> None:
                found.append(await place.numbers(ex))
        else:

            def look() -> None:  # type: ignore[misc]
                found.append(manybase.db.connection.execute("SELECT n FROM note").rows)

        async with ex.atomic("default"):
            await place.add(ex, 1)
            transaction.on_commit(look)
        assert len(found[0]) == 1

    play(scenario)


def test_a_robust_one_logs_its_error(
    place: Any, play: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(ex: Any) -> None:
        called: list[int] = []

        def bad() -> None:
            raise ValueError("bad")

        async with ex.atomic("default"):
            transaction.on_commit(bad, robust=True)
            transaction.on_commit(lambda: called.append(1))
        assert called == [1]
        transaction.on_commit(bad, robust=True)
        with pytest.raises(ValueError, match="bad"):
            async with ex.atomic("default"):
                transaction.on_commit(bad)

    with caplog.at_level(logging.ERROR, "manybase.transaction"):
        play(scenario)
    assert len(caplog.records) == 2


def test_in_a_test_case_it_waits_for_ever(place: Any, play: Any) -> None:
    """The transaction of a test never commits, and the waiting functions can be looked at."""

    async def scenario(ex: Any) -> None:
        called: list[str] = []

        def told() -> None:
            called.append("told")

        with leaving(KeyError):
            async with ex.atomic("default", from_test=True):
                async with ex.atomic("default"):
                    transaction.on_commit(told)
                transaction.on_commit(told, using="default")
                transaction.on_commit(told)
                waiting = connections["default"].run_on_commit
                assert [(one[1], one[2]) for one in waiting] == [(told, False)] * 3
                raise KeyError
        assert called == []
        assert connections["default"].run_on_commit == []

    play(scenario)


def test_a_savepoint_by_hand_drops_what_waits_since(place: Any, play: Any, face: str) -> None:
    async def scenario(ex: Any) -> None:
        called: list[int] = []
        async with ex.atomic("default"):
            transaction.on_commit(lambda: called.append(1))
            mark = transaction.savepoint() if face == "sync" else await transaction.asavepoint()
            await place.add(ex, 1)
            transaction.on_commit(lambda: called.append(2))
            if face == "sync":
                transaction.savepoint_rollback(mark)
            else:
                await transaction.asavepoint_rollback(mark)
            transaction.on_commit(lambda: called.append(3))
        assert called == [1, 3]
        assert await place.numbers(ex) == []

    play(scenario)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_what_is_no_function_is_refused(place: Any) -> None:
    with pytest.raises(QueryError, match="must be given a function"):
        transaction.on_commit(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_coroutine_function_needs_a_loop(place: Any) -> None:
    called: list[int] = []

    async def later() -> None:
        called.append(1)

    with pytest.raises(QueryError, match="no event loop runs"):
        transaction.on_commit(later)

    async def main() -> None:
        transaction.on_commit(later)
        await asyncio.sleep(0)

    asyncio.run(main())
    assert called == [1]
