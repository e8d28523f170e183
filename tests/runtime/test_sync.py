"""The synchronous face: the quick way and what leaves it, threads, lost connections, by hand."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest

from manybase.conf import settings
from manybase.db import connections, transaction
from manybase.errors import (
    DatabaseError,
    DatabaseNotAllowed,
    MissingTable,
    OperationalError,
    SyncOnlyOperation,
    TransactionManagementError,
    UnknownAlias,
)
from manybase.runtime import guard, sync
from manybase.runtime.events import capture, listen
from manybase.runtime.stepping import iter_sync, run_sync
from tests.runtime.help import leaving

ex = sync.sync


def add(place: Any, number: int, alias: str = "default") -> None:
    run_sync(place.add(ex, number, alias))


def numbers(place: Any, alias: str = "default") -> list[int]:
    return run_sync(place.numbers(ex, alias))


def test_a_known_statement_takes_the_quick_way(place: Any) -> None:
    numbers(place)
    session = sync.session()
    cursor = session.quick["default"]
    plan = place.plan("default", "SELECT n FROM note")
    assert sync.fetch("default", plan, ()) == []
    assert session.quick["default"] is cursor


def test_whoever_listens_takes_statements_off_the_quick_way(place: Any) -> None:
    numbers(place)
    with capture("default") as statements:
        add(place, 1)
        add(place, 1, "eu")
        assert numbers(place) == [1]
    numbers(place)
    assert [event.alias for event in statements] == ["default", "default"]
    assert statements.sql[1] == "SELECT n FROM note ORDER BY n"
    assert "default" in sync.session().quick


def test_a_listener_hears_of_failures(place: Any) -> None:
    heard: list[Any] = []
    stop = listen(heard.append)
    with pytest.raises(DatabaseError):
        run_sync(place.fail(ex))
    stop()
    numbers(place)
    assert len(heard) == 1
    assert heard[0].error is not None
    assert heard[0].seconds >= 0


def test_a_forbidden_database_is_refused_at_once(place: Any) -> None:
    numbers(place)
    guard.forbid(["default"], "the test does not declare '{alias}'")
    try:
        with pytest.raises(DatabaseNotAllowed) as error:
            numbers(place)
        assert str(error.value) == (
            "the test does not declare 'default'\nAdd 'default' to 'databases' of the test class."
        )
        assert numbers(place, "eu") == []
    finally:
        guard.allow(["default"])
    assert numbers(place) == []


def test_a_missing_table_is_named_with_the_cure(place: Any) -> None:
    with pytest.raises(MissingTable) as error:
        sync.fetch("eu", place.plan("eu", "SELECT n FROM nowhere"), ())
    assert "the database 'eu' has no table 'nowhere'" in str(error.value)
    assert "models.create_tables(..., using='eu')" in str(error.value)
    assert error.value.__cause__ is not None


def test_an_unknown_alias_is_refused_with_the_list(place: Any) -> None:
    with pytest.raises(UnknownAlias, match="no database has the alias 'nowhere'"):
        sync.fetch("nowhere", place.plan("eu", "SELECT 1"), ())


def test_inside_a_loop_it_is_refused(place: Any) -> None:
    numbers(place)

    async def main() -> None:
        plan = place.plan("default", "SELECT n FROM note")
        with pytest.raises(SyncOnlyOperation, match="inside a running event loop"):
            sync.fetch("default", plan, ())
        with pytest.raises(SyncOnlyOperation, match="'async with atomic\\(\\)'"):
            transaction.atomic().__enter__()
        with settings.override(ALLOW_SYNC_IN_EVENT_LOOP=True):
            assert sync.fetch("default", plan, ()) == []

    asyncio.run(main())


def test_the_environment_allows_it_inside_a_loop(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MANYBASE_ALLOW_SYNC", "1")

    async def main() -> list[Any]:
        return sync.fetch("default", place.plan("default", "SELECT n FROM note"), ())

    assert asyncio.run(main()) == []


def test_each_thread_has_its_own_connection(place: Any) -> None:
    own = sync.session().open("default").connection
    seen: list[Any] = []

    def work() -> None:
        add(place, 1)
        seen.append(sync.session().lines["default"])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    line = seen.pop()
    assert line.connection is not own
    gc.collect()
    assert line.closed
    assert numbers(place) == [1]


def test_a_block_belongs_to_its_thread(place: Any) -> None:
    def work() -> None:
        assert not connections["default"].in_atomic_block

    with transaction.atomic("default"):
        assert connections["default"].in_atomic_block
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()


def test_a_forked_process_connects_anew(
    addresses: dict[str, Any], program: Callable[..., Any]
) -> None:
    """The child leaves the parent's connections alone."""
    done = program(
        f"""
        import os, sys, manybase
        manybase.configure(databases={addresses!r})
        from manybase.db import connections, transaction

        one = connections["default"]
        with transaction.atomic("default"):
            before = one.execute("SELECT 1").rows
            child = os.fork()
            if not child:
                inside = one.in_atomic_block
                os._exit(0 if one.execute("SELECT 1").rows == before and not inside else 1)
            print(os.waitpid(child, 0)[1])
            print(one.execute("SELECT 2").rows)
        """
    )
    assert (done.stdout, done.stderr) == ("0\n[(2,)]\n", "")


def kill(place: Any, alias: str) -> None:
    """End the server's side of this thread's connection from another one."""
    line = sync.session().lines[alias]
    question = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT connection_id()"}
    order = {"postgresql": "SELECT pg_terminate_backend({})", "mysql": "KILL {}"}
    number = line.fetch(question[place.kind], None)[0][0]

    def work() -> None:
        sync.raw(alias, order[place.kind].format(number))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


@pytest.mark.parametrize("kind", ["postgresql", "mysql"], indirect=True)
def test_a_lost_connection_is_opened_again(place: Any) -> None:
    numbers(place)
    kill(place, "default")
    with pytest.raises(OperationalError):
        numbers(place)
    assert numbers(place) == []


@pytest.mark.parametrize("kind", ["postgresql", "mysql"], indirect=True)
def test_a_connection_lost_in_a_block_loses_the_block(place: Any) -> None:
    with leaving(OperationalError), transaction.atomic("default"):
        add(place, 1)
        kill(place, "default")
        add(place, 2)
    with transaction.atomic("default"):
        add(place, 3)
        kill(place, "default")
        with pytest.raises(OperationalError):
            add(place, 4)
        with pytest.raises(TransactionManagementError):
            add(place, 5)
    assert numbers(place) == []


def test_a_closed_connection_is_opened_again(place: Any) -> None:
    add(place, 1)
    connections["default"].close()
    assert numbers(place) == [1]
    with transaction.atomic("default"):
        add(place, 2)
        connections["default"].close()
        with pytest.raises(TransactionManagementError):
            numbers(place)
    assert numbers(place) == [1]


def test_rows_come_in_lists_of_a_size(place: Any) -> None:
    for number in range(5):
        add(place, number)
    plan = place.plan("default", "SELECT n FROM note ORDER BY n")
    found = list(iter_sync(ex.stream("default", plan, (), 2)))
    assert found == [[(0,), (1,)], [(2,), (3,)], [(4,)]]
    for _ in iter_sync(ex.stream("default", plan, (), 2)):
        break
    with transaction.atomic("default"):
        for _ in iter_sync(ex.stream("default", plan, (), 2)):
            break
        add(place, 9)
    assert numbers(place) == [0, 1, 2, 3, 4, 9]


@pytest.mark.parametrize("inside", [True, False])
def test_other_statements_run_while_rows_come(place: Any, inside: bool) -> None:
    for number in range(5):
        add(place, number)
    plan = place.plan("default", "SELECT n FROM note WHERE n < 50 ORDER BY n")
    with transaction.atomic("default") if inside else contextlib.nullcontext():
        for rows in iter_sync(ex.stream("default", plan, (), 2)):
            for row in rows:
                add(place, row[0] + 100)
    assert numbers(place) == [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]


def test_many_rows_are_sent_at_once(place: Any) -> None:
    plan = place.plan("default", "INSERT INTO note (n) VALUES ({})")
    assert run_sync(ex.execute_many("default", plan, [(1,), (2,), (3,)])) == 3
    assert run_sync(ex.execute_many("default", plan, [])) == 0
    assert numbers(place) == [1, 2, 3]


def test_results_of_gathered_work_come_in_order(place: Any) -> None:
    add(place, 1)
    add(place, 2, "eu")
    works = [place.numbers(ex), place.numbers(ex, "eu")]
    assert run_sync(ex.gather(works)) == [[1], [2]]
    with pytest.raises(DatabaseError):
        run_sync(ex.gather([place.fail(ex), place.numbers(ex)]))


def test_changed_settings_close_the_old_connection(place: Any, addresses: Any) -> None:
    add(place, 1)
    old = sync.session().lines["default"]
    swapped = {"default": addresses["eu"], "eu": addresses["default"]}
    with settings.override(DATABASES=swapped):
        assert numbers(place) == []
        assert numbers(place, "eu") == [1]
    assert old.closed
    assert numbers(place) == [1]


# By hand


def test_savepoints_by_hand(place: Any) -> None:
    assert transaction.savepoint("default") is None
    with transaction.atomic("default"):
        add(place, 1)
        mark = transaction.savepoint("default")
        add(place, 2)
        transaction.savepoint_rollback(mark, "default")
        kept = transaction.savepoint("default")
        add(place, 3)
        transaction.savepoint_commit(kept, "default")
    assert numbers(place) == [1, 3]


def test_commits_by_hand(place: Any) -> None:
    transaction.set_autocommit(False)
    try:
        assert transaction.get_autocommit() is False
        add(place, 1)
        transaction.commit()
        add(place, 2)
        transaction.rollback()
        with transaction.atomic():
            add(place, 3)
        with pytest.raises(TransactionManagementError, match="manual transaction"):
            transaction.on_commit(print)
        assert numbers(place) == [1, 3]
        transaction.rollback()
        assert numbers(place) == [1]
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)
    assert transaction.get_autocommit() is True
    assert numbers(place) == [1]


def test_a_block_forbids_commits_by_hand(place: Any) -> None:
    with transaction.atomic("default"):
        assert transaction.get_autocommit("default") is False
        for forbidden in (transaction.commit, transaction.rollback):
            with pytest.raises(TransactionManagementError, match="'atomic' block is active"):
                forbidden("default")
        with pytest.raises(TransactionManagementError):
            transaction.set_autocommit(False, "default")
        add(place, 1)
    assert numbers(place) == [1]


def test_an_error_can_mark_the_block_without_a_savepoint(place: Any) -> None:
    with transaction.atomic():
        add(place, 1)
        with pytest.raises(KeyError), transaction.mark_for_rollback_on_error():
            raise KeyError
        assert transaction.get_rollback() is True
    assert numbers(place) == []
