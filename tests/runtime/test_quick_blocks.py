"""The short way of a plain block, BEGIN and COMMIT alone, keeps what the long way keeps."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from manybase.db import connections, transaction
from manybase.errors import (
    DatabaseError,
    IntegrityError,
    SyncOnlyOperation,
    TransactionManagementError,
)
from manybase.routing.block import open_blocks
from manybase.runtime.events import capture
from manybase.runtime.sync import dialect
from manybase.runtime.threads import local, slow_down
from manybase.runtime.transaction import Transaction
from tests.runtime.help import leaving
from tests.speed.counting import frames_of

LONG = ("session.py:enter", "session.py:leave")


def _add(number: int, alias: str = "default") -> None:
    connections[alias].execute(f"INSERT INTO note (n) VALUES ({number})")


def _numbers(alias: str = "default") -> list[int]:
    return [row[0] for row in connections[alias].execute("SELECT n FROM note ORDER BY n").rows]


def _warm(alias: str = "default") -> None:
    """Make the alias one that may be used without asking anything."""
    from manybase.runtime import sync
    from tests.runtime.places import Text

    sync.fetch(alias, Text(alias, "SELECT n FROM note"), ())


def _long_ways(alias: str = "default") -> list[str]:
    def block() -> None:
        with transaction.atomic(alias):
            pass

    return [one for one in frames_of(block) if one.endswith(LONG)]


@pytest.fixture(autouse=True)
def warm(place: Any) -> None:
    for alias in ("default", "eu"):
        _warm(alias)


def test_a_plain_block_takes_the_short_way() -> None:
    assert _long_ways() == []
    assert _long_ways() == []  # and leaves it open for the next one


def test_a_listener_hears_its_commands() -> None:
    with capture(transactions=True) as seen, transaction.atomic("default"):
        _add(1)
    words = [one.sql.split()[0] for one in seen]
    assert (len(words), words[1:]) == (3, ["INSERT", "COMMIT"])


def test_its_work_is_kept_or_undone() -> None:
    with transaction.atomic("default"):
        _add(1)
        assert open_blocks.get() == ("default",)
    assert open_blocks.get() == ()
    with leaving(KeyError), transaction.atomic("default"):
        _add(2)
        raise KeyError
    assert _numbers() == [1]
    assert not connections["default"].in_atomic_block


def test_inner_blocks_are_savepoints_in_it() -> None:
    _warm()
    with transaction.atomic("default"):
        _add(1)
        with leaving(KeyError), transaction.atomic("default"):
            _add(2)
            raise KeyError
        with transaction.atomic("default"):
            _add(3)
    assert _numbers() == [1, 3]


def test_what_waits_for_the_commit_is_called() -> None:
    said = []
    with transaction.atomic("default"):
        transaction.on_commit(lambda: said.append("yes"), using="default")
        assert said == []
    assert said == ["yes"]
    with transaction.atomic("default"):
        transaction.on_commit(lambda: said.append("no"), using="default")
        transaction.set_rollback(True, using="default")
    assert said == ["yes"]


def test_a_failed_statement_breaks_it() -> None:
    with transaction.atomic("default"):
        _add(1)
        with pytest.raises(DatabaseError):
            connections["default"].execute("SELECT nothing FROM note")
        with pytest.raises(TransactionManagementError, match="no other can run"):
            _add(2)
    assert _numbers() == []


def test_a_refused_commit_undoes_it() -> None:
    one = connections["default"]
    if not one.features.deferrable_constraints:
        return
    one.script(
        [
            "DROP TABLE IF EXISTS child",
            "DROP TABLE IF EXISTS parent",
            "CREATE TABLE parent (id integer PRIMARY KEY)",
            "CREATE TABLE child (id integer PRIMARY KEY, parent_id integer REFERENCES parent (id)"
            " DEFERRABLE INITIALLY DEFERRED)",
        ]
    )
    _warm()
    for _ in range(2):
        with pytest.raises(IntegrityError), transaction.atomic("default"):
            one.execute("INSERT INTO child VALUES (1, 5)")
        assert (open_blocks.get(), one.in_atomic_block) == ((), False)
        _warm()
    assert one.execute("SELECT * FROM child").rows == []
    with transaction.atomic("default"):
        _add(7)
    assert _numbers() == [7]
    one.script(["DROP TABLE child", "DROP TABLE parent"])


def test_a_bare_block_belongs_to_its_first_database() -> None:
    with leaving(TransactionManagementError, match="belongs to 'default'"), transaction.atomic():
        _add(1)
        _add(2, "eu")
    assert (_numbers(), _numbers("eu")) == ([], [])


def test_a_block_of_one_database_leaves_the_others_alone() -> None:
    with leaving(KeyError), transaction.atomic("default"):
        _add(1)
        _add(2, "eu")
        raise KeyError
    assert (_numbers(), _numbers("eu")) == ([], [2])


def test_a_durable_block_must_be_the_outermost() -> None:
    with transaction.atomic("default", durable=True):
        _add(1)
    outer, inner = transaction.atomic("default"), transaction.atomic(durable=True)
    with leaving(RuntimeError, match="durable"), outer, inner:
        pass
    assert _numbers() == [1]


def test_it_is_refused_inside_a_loop() -> None:
    async def scenario() -> None:
        with transaction.atomic("default"):
            pass

    with pytest.raises(SyncOnlyOperation, match="async with atomic"):
        asyncio.run(scenario())


def test_the_database_may_be_at_work_by_hand() -> None:
    connections["default"].set_autocommit(False)
    with transaction.atomic("default"):
        _add(1)
    connections["default"].rollback()
    connections["default"].set_autocommit(True)
    assert _numbers() == []


class _Waiting:
    """A driver's cursor on which BEGIN takes so long that another thread listens meanwhile."""

    def __init__(self, cursor: Any) -> None:
        self.cursor = cursor

    def execute(self, *args: Any) -> Any:
        slow_down()
        return self.cursor.execute(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.cursor, name)


def test_whoever_listens_while_it_begins_is_heard() -> None:
    line = local.session.lines["default"]
    real = line.cursor
    line.cursor = local.quick["default"] = _Waiting(real)
    try:
        with transaction.atomic("default"):
            assert local.quick == {}
    finally:
        line.cursor = real
        local.quick.clear()


def test_a_lost_connection_is_made_anew_at_once(place: Any) -> None:
    if place.kind == "sqlite":
        return  # it has no server to lose
    local.session.lines["default"].connection.close()
    with pytest.raises(DatabaseError):
        connections["default"].execute("SELECT n FROM note")
    with transaction.atomic("default"):
        _add(1)
    assert _numbers() == [1]


def test_a_connection_that_is_lost_before_the_commit_says_so(place: Any) -> None:
    if place.kind == "sqlite":
        return
    with leaving(DatabaseError), transaction.atomic("default"):
        _add(1)
        local.session.lines["default"].connection.close()
    assert (open_blocks.get(), connections["default"].in_atomic_block) == ((), False)
    assert _numbers() == []
    _add(2)
    assert _numbers() == [2]


def test_a_refused_begin_leaves_nothing_broken() -> None:
    state = Transaction(dialect("default"))
    state.enter(True)
    state.failed()
    state.abandon()
    state.check()
