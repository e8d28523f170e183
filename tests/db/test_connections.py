"""``manybase.db`` as programs use it: connections, cursors, the forms of ``atomic``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import manybase.db
from manybase import conf
from manybase.db import connection, connections, transaction
from manybase.errors import (
    DatabaseError,
    IntegrityError,
    MissingDriver,
    NoPlace,
    QueryError,
    UnknownAlias,
)
from tests.runtime.help import leaving


def test_iterating_gives_the_aliases(place: Any) -> None:
    assert list(connections) == ["default", "eu"]
    assert len(connections) == 2
    assert "eu" in connections
    assert connections["eu"].alias == "eu"
    assert connection.alias == "default"
    assert connections["eu"] is connections["eu"]
    with manybase.using("eu"):
        assert connection.alias == "eu"
    with pytest.raises(UnknownAlias, match="Did you mean 'default'"):
        connections["defualt"]


def test_a_cursor_takes_placeholders_of_every_kind(place: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO note (n) VALUES (%s)", [1])
        cursor.execute("INSERT INTO note (n) VALUES (%(n)s)", {"n": 2})
        cursor.executemany("INSERT INTO note (n) VALUES (%s)", [(3,), (4,)])
        cursor.executemany("INSERT INTO note (n) VALUES (%s)", [])
        cursor.execute("SELECT n FROM note WHERE n > %s AND '%%' = %s ORDER BY n", [1, "%"])
        assert cursor.description[0][0] == "n"
        assert cursor.fetchone() == (2,)
        assert cursor.fetchmany(1) == [(3,)]
        assert cursor.fetchall() == [(4,)]
        cursor.execute("SELECT n FROM note WHERE '%' = '%' ORDER BY n")
        assert list(cursor) == [(1,), (2,), (3,), (4,)]
        cursor.execute("UPDATE note SET n = n + 10")
        assert cursor.rowcount == 4
        with pytest.raises(DatabaseError):
            cursor.execute("SELECT nothing FROM note")


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_marks_of_the_driver_are_taken_too(place: Any) -> None:
    with connection.cursor() as cursor:
        assert cursor.execute("SELECT ? + ?", [1, 2]).fetchone() == (3,)


def test_a_cursor_is_inside_the_open_block(place: Any) -> None:
    with leaving(KeyError), transaction.atomic("default"):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO note (n) VALUES (1)")
        raise KeyError
    assert connection.execute("SELECT n FROM note").rows == []


def test_names_in_double_quotes_work_everywhere(place: Any) -> None:
    assert connection.execute('SELECT "n" FROM "note"').rows == []


def test_tables_can_be_listed(place: Any) -> None:
    assert "note" in connection.introspection.table_names()
    assert connection.is_usable()


def test_foreign_keys_can_be_checked_now(place: Any) -> None:
    if not connection.features.deferrable_constraints:
        connection.check_constraints()
        return
    connection.script(
        [
            "DROP TABLE IF EXISTS child",
            "DROP TABLE IF EXISTS parent",
            "CREATE TABLE parent (id integer PRIMARY KEY)",
            "CREATE TABLE child (id integer PRIMARY KEY, parent_id integer REFERENCES parent (id)"
            " DEFERRABLE INITIALLY DEFERRED)",
        ]
    )
    with leaving(KeyError), transaction.atomic("default"):
        connection.execute("INSERT INTO child VALUES (1, 5)")
        with pytest.raises(IntegrityError):
            connection.check_constraints()
        raise KeyError
    with pytest.raises(IntegrityError), transaction.atomic("default"):
        connection.execute("INSERT INTO child VALUES (1, 5)")
    assert not connection.in_atomic_block
    assert connection.execute("SELECT * FROM child").rows == []
    connection.script(["DROP TABLE child", "DROP TABLE parent"])


def test_settings_hide_what_is_secret() -> None:
    url = "postgresql://ann:hidden@db.example:5433/shop?sslpassword=hidden"
    with conf.settings.override(DATABASES={"default": url}):
        found = connections["default"].settings_dict
        shown = f"{found}{connections.databases}{connections['default']!r}"
    assert found["USER"] == "ann"
    assert found["PASSWORD"] == "***"
    assert found["NAME"] == "shop"
    assert "hidden" not in shown


def test_an_unreachable_server_is_named_without_its_password() -> None:
    url = "postgresql://ann:hidden@127.0.0.1:1/shop"
    with conf.settings.override(DATABASES={"default": url}):
        with pytest.raises(DatabaseError) as error:
            connections["default"].execute("SELECT 1")
        assert "postgresql://ann:***@127.0.0.1:1/shop" in str(error.value)
        assert "hidden" not in str(error.value)


def test_a_missing_driver_is_named_with_the_command(program: Callable[..., Any]) -> None:
    done = program(
        """
        import sys
        sys.modules["psycopg"] = None
        import importlib.util
        real = importlib.util.find_spec
        importlib.util.find_spec = lambda name, *a: None if name == "psycopg" else real(name, *a)
        import manybase
        manybase.configure("postgresql://ann@127.0.0.1/shop")
        from manybase.db import connection
        from manybase.errors import MissingDriver
        try:
            connection.execute("SELECT 1")
        except MissingDriver as error:
            print(error)
        """
    )
    assert "pip install 'manybase[postgresql]'" in done.stdout
    assert done.stderr == ""
    assert issubclass(MissingDriver, manybase.errors.ConfigurationError)


def test_loading_it_loads_nothing_heavy(program: Callable[..., Any]) -> None:
    done = program(
        """
        import sys
        from manybase.db import connections, transaction
        heavy = {"sqlalchemy", "asyncio", "sqlite3", "psycopg", "click", "rich"}
        print(sorted(heavy & set(sys.modules)))
        """
    )
    assert done.stdout == "[]\n"


# The forms of atomic()


def _form(*args: Any, **values: Any) -> tuple[Any, ...]:
    block = transaction.atomic(*args, **values)
    return (block.aliases, block.savepoint, block.durable)


def test_atomic_understands_every_form() -> None:
    assert _form() == ((), True, False)
    assert _form("a") == (("a",), True, False)
    assert _form("a", "b") == (("a", "b"), True, False)
    assert _form(["a", "b"]) == (("a", "b"), True, False)
    assert _form("a", "a") == (("a",), True, False)
    assert _form("a", False) == (("a",), False, False)
    assert _form("a", False, True) == (("a",), False, True)
    assert _form(None, False) == ((), False, False)
    assert _form(using="a", durable=True) == (("a",), True, True)
    assert _form(using=("a", "b"), savepoint=False) == (("a", "b"), False, False)
    with pytest.raises(QueryError, match="which is no alias"):
        transaction.atomic(3)  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_atomic_decorates(place: Any) -> None:
    @transaction.atomic
    def work(number: int) -> int:
        connection.execute("INSERT INTO note (n) VALUES (%s)", [number])
        if number == 2:
            raise KeyError
        return number

    @transaction.atomic(using="eu", durable=True)
    def there() -> None:
        connections["eu"].execute("INSERT INTO note (n) VALUES (1)")

    assert work(1) == 1
    assert work.__name__ == "work"
    with pytest.raises(KeyError):
        work(2)
    there()
    assert connection.execute("SELECT n FROM note").rows == [(1,)]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_one_atomic_may_be_entered_again(place: Any) -> None:
    block = transaction.atomic("default")
    with block, block:
        connection.execute("INSERT INTO note (n) VALUES (1)")
    assert connection.execute("SELECT n FROM note").rows == [(1,)]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_without_a_default_the_database_must_be_named(
    place: Any, addresses: dict[str, Any]
) -> None:
    named = {"us": addresses["default"], "eu": addresses["eu"]}
    with conf.settings.override(DATABASES=named):
        with pytest.raises(NoPlace, match="the databases are: us, eu"):
            connection.execute("SELECT 1")
        called: list[int] = []
        with transaction.atomic("eu"):
            transaction.on_commit(lambda: called.append(1))
        transaction.on_commit(lambda: called.append(2))
        assert called == [1, 2]
        connections.close_all()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_only_database_is_the_one_meant(addresses: dict[str, Any]) -> None:
    with conf.settings.override(DATABASES={"shop": addresses["eu"]}):
        with transaction.atomic():
            assert connections["shop"].in_atomic_block
            assert connection.needs_rollback is False
        assert connection.alias == "shop"
        connections.close_all()
