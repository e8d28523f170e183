"""What is told its database by name asks no router: connections, transactions, tables.

The names are found by inspection; one without an entry fails.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import manybase.db
from manybase import models
from manybase.db import connections, transaction
from manybase.runtime.events import capture
from tests import servers
from tests.behaviour.help import routed
from tests.databases import Databases
from tests.routes.world import READ_FROM, WRITE_TO, Recorder

pytestmark = pytest.mark.transactional

on_kinds = pytest.mark.parametrize("kind", [*servers.KINDS, "postgresql+mysql"], indirect=True)

PLACE = "other"
Call = Callable[[Any], Any]


@contextmanager
def unasked(where: set[str]) -> Iterator[None]:
    """A block that asks no router and speaks to these databases alone."""
    recorder = Recorder()
    with routed(recorder), capture(transactions=True) as log:
        yield
    assert recorder.asked == []
    assert {event.alias for event in log} <= where


def finished(found: Any) -> None:
    """Await what is to be awaited, and give the loop's connections back."""

    async def wait() -> None:
        try:
            await found
        finally:
            await connections.aclose_all()

    if inspect.isawaitable(found):
        asyncio.run(wait())


#: How each public method of a connection is called.
CONNECTION: dict[str, Call] = {
    "aexecute": lambda one: one.aexecute("SELECT 1"),
    "ascript": lambda one: one.ascript(["SELECT 1"]),
    "check_constraints": lambda one: one.check_constraints(),
    "close": lambda one: one.close(),
    "commit": lambda one: one.commit(),
    "connect": lambda one: one.connect(),
    "cursor": lambda one: one.cursor().execute("SELECT 1").close(),
    "ensure_connection": lambda one: one.ensure_connection(),
    "execute": lambda one: one.execute("SELECT 1"),
    "get_autocommit": lambda one: one.get_autocommit(),
    "is_usable": lambda one: one.is_usable(),
    "rollback": lambda one: one.rollback(),
    "script": lambda one: one.script(["SELECT 1"]),
    "set_autocommit": lambda one: one.set_autocommit(True),
}
INTROSPECTION: dict[str, Call] = {
    "atable_names": lambda one: one.atable_names(),
    "table_names": lambda one: one.table_names(),
}
CONNECTIONS: dict[str, Call] = {
    "aclose_all": lambda one: one.aclose_all(),
    "all": lambda one: one.all(),
    "close_all": lambda one: one.close_all(),
}


@on_kinds
@pytest.mark.parametrize(
    ("get", "table", "where"),
    [
        (lambda: connections[PLACE], CONNECTION, {PLACE}),
        (lambda: connections[PLACE].introspection, INTROSPECTION, {PLACE}),
        (lambda: connections, CONNECTIONS, set()),
    ],
    ids=["connection", "introspection", "connections"],
)
def test_connections_speak_to_their_own_database(
    db: Databases, get: Callable[[], Any], table: dict[str, Call], where: set[str]
) -> None:
    target = get()
    methods = inspect.getmembers(type(target), inspect.isroutine)
    assert {name for name, _ in methods if name[0] != "_"} == table.keys()
    for work in table.values():
        with unasked(where):
            finished(work(target))


async def _asavepoint(back: bool) -> None:
    async with transaction.atomic(PLACE):
        mark = await transaction.asavepoint(PLACE)
        end = transaction.asavepoint_rollback if back else transaction.asavepoint_commit
        await end(mark, PLACE)


def _savepoint(back: bool) -> None:
    with transaction.atomic(PLACE):
        mark = transaction.savepoint(PLACE)
        (transaction.savepoint_rollback if back else transaction.savepoint_commit)(mark, PLACE)


async def _aatomic() -> None:
    async with transaction.atomic(PLACE):
        await connections[PLACE].aexecute("SELECT 1")


def _atomic() -> None:
    with transaction.atomic(PLACE), transaction.atomic(PLACE):
        connections[PLACE].execute("SELECT 1")


def _flag() -> None:
    with transaction.atomic(PLACE):
        transaction.set_rollback(True, PLACE)
        assert transaction.get_rollback(PLACE)


def _marked() -> None:
    with (
        pytest.raises(KeyError),
        transaction.atomic(PLACE),
        transaction.mark_for_rollback_on_error(PLACE),
    ):
        raise KeyError


def _by_hand(end: Callable[[str], None]) -> None:
    transaction.set_autocommit(False, PLACE)
    try:
        connections[PLACE].execute("SELECT 1")
        end(PLACE)
    finally:
        transaction.set_autocommit(True, PLACE)


#: How each function of ``manybase.db.transaction`` is called.
TRANSACTION: dict[str, Callable[[], Any]] = {
    "asavepoint": lambda: _asavepoint(back=False),
    "asavepoint_commit": lambda: _asavepoint(back=False),
    "asavepoint_rollback": lambda: _asavepoint(back=True),
    "atomic": _atomic,
    "atomic, asynchronous": _aatomic,
    "clean_savepoints": lambda: transaction.clean_savepoints(PLACE),
    "commit": lambda: _by_hand(transaction.commit),
    "get_autocommit": lambda: transaction.get_autocommit(PLACE),
    "get_rollback": _flag,
    "mark_for_rollback_on_error": _marked,
    "on_commit": lambda: transaction.on_commit(dict, using=PLACE),
    "rollback": lambda: _by_hand(transaction.rollback),
    "savepoint": lambda: _savepoint(back=False),
    "savepoint_commit": lambda: _savepoint(back=False),
    "savepoint_rollback": lambda: _savepoint(back=True),
    "set_autocommit": lambda: _by_hand(transaction.commit),
    "set_rollback": _flag,
}


@on_kinds
def test_transactions_are_of_the_database_that_is_named(db: Databases) -> None:
    public = {name for name in transaction.__all__ if inspect.isroutine(vars(transaction)[name])}
    assert public <= TRANSACTION.keys()
    for work in TRANSACTION.values():
        with unasked({PLACE}):
            finished(work())


@on_kinds
def test_a_bare_block_follows_the_route_of_its_first_statement(db: Databases) -> None:
    """The block asks nothing; its statements do, and its reads go where its writes go."""
    from tests.behaviour.models import Person

    recorder = Recorder()
    with routed(recorder), capture(transactions=True) as log, transaction.atomic():
        Person.objects.create(name="Ann")
        assert Person.objects.count() == 1
    assert [verb for verb, _, _ in recorder.asked] == ["write", "write"]
    assert {event.alias for event in log} == {WRITE_TO}


@on_kinds
def test_functions_of_the_package_ask_nothing(db: Databases) -> None:
    package = vars(manybase.db)
    public = {name for name in package["__all__"] if inspect.isroutine(package[name])}
    assert public == {"close_old_connections", "reset_queries"}
    for name in public:
        with unasked(set()):
            package[name]()


@on_kinds
def test_tables_are_made_where_it_is_said(db: Databases) -> None:
    """``create_tables`` and ``drop_tables`` are no reads and no writes of rows."""

    class Fresh(models.Model):
        name = models.CharField(max_length=10)

        class Meta:
            app_label = "routes"

    with unasked({PLACE}):
        models.create_tables(Fresh, using=PLACE)
        models.drop_tables(Fresh, using=PLACE)
        finished(models.acreate_tables(Fresh, using=PLACE))
        finished(models.adrop_tables(Fresh, using=PLACE))
    assert "routes_fresh" not in connections[READ_FROM].introspection.table_names()
