"""How connections to PostgreSQL are opened: psycopg 3, in both faces.

Called by ``runtime`` alone. Compiled SQL has numbered places and runs on cursors of ``prepared``;
SQL written by users has ``%s`` and runs on psycopg's usual ones.
"""

from __future__ import annotations

import itertools
from typing import Any

from manybase.conf.database import DatabaseSettings
from manybase.dialects.driver import Driver, Drivers
from manybase.dialects.postgresql.prepared import (
    AsyncPreparedCursor,
    PreparedCursor,
    prepared_names,
)

_INSTALL = "pip install 'manybase[postgresql]'"
_NUMBERS = frozenset(
    {
        "connect_timeout",
        "keepalives",
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
    }
)
_cursor_numbers = itertools.count(1)


class PostgreSQLDrivers(Drivers):
    """PostgreSQL's drivers."""

    drivers = (Driver("psycopg", "sync", _INSTALL), Driver("psycopg", "async", _INSTALL))

    def connect(self, settings: DatabaseSettings) -> Any:
        driver = self.pick("sync")
        psycopg = driver.load()
        connection = psycopg.connect(
            autocommit=True, cursor_factory=psycopg.RawCursor, **_arguments(settings)
        )
        try:
            _hand_over_text(driver, connection)
            if not _in_utc(connection):
                connection.execute("SET TIME ZONE 'UTC'")
        except BaseException:
            connection.close()
            raise
        return connection

    async def async_connect(self, settings: DatabaseSettings) -> Any:
        driver = self.pick("async")
        psycopg = driver.load()
        connection = await psycopg.AsyncConnection.connect(
            autocommit=True, cursor_factory=psycopg.AsyncRawCursor, **_arguments(settings)
        )
        try:
            _hand_over_text(driver, connection)
            if not _in_utc(connection):
                await connection.execute("SET TIME ZONE 'UTC'")
        except BaseException:
            await connection.close()
            raise
        return connection

    def facts(self, connection: Any) -> dict[str, Any]:
        number = connection.info.server_version
        return {"version": (number // 10000, number % 10000)}

    async def async_facts(self, connection: Any) -> dict[str, Any]:
        return self.facts(connection)

    def cursor(self, connection: Any) -> Any:
        names = prepared_names(connection)
        if names is None:
            return connection.cursor()
        return PreparedCursor(connection, names, self.pick("sync").load())

    def another(self, cursor: Any, connection: Any) -> Any:
        return cursor.another() if isinstance(cursor, PreparedCursor) else self.cursor(connection)

    async def async_cursor(self, connection: Any) -> Any:
        names = prepared_names(connection)
        if names is None:
            return connection.cursor()
        return AsyncPreparedCursor(connection, names, self.pick("async").load())

    def raw_cursor(self, connection: Any) -> Any:
        return self.pick("sync").load().Cursor(connection)

    async def async_raw_cursor(self, connection: Any) -> Any:
        return self.pick("async").load().AsyncCursor(connection)

    def stream_cursor(self, connection: Any, *, hold: bool = True) -> Any:
        # Outside a transaction only a cursor that is held keeps its rows; one that is held reads
        # all of them at the commit, and none FOR UPDATE.
        psycopg = self.pick("sync").load()
        return psycopg.RawServerCursor(connection, _cursor_name(), withhold=hold)

    async def async_stream_cursor(self, connection: Any, *, hold: bool = True) -> Any:
        psycopg = self.pick("async").load()
        return psycopg.AsyncRawServerCursor(connection, _cursor_name(), withhold=hold)

    def alive(self, connection: Any) -> bool:
        return not connection.closed

    def in_transaction(self, connection: Any) -> bool | None:
        return bool(connection.info.transaction_status != 0)


def _cursor_name() -> str:
    return f"manybase_{next(_cursor_numbers)}"


def _arguments(settings: DatabaseSettings) -> dict[str, Any]:
    given = {
        "host": settings.host,
        "port": settings.port,
        "user": settings.username,
        "password": settings.password,
        "dbname": settings.database or "postgres",
    }
    arguments: dict[str, Any] = {key: value for key, value in given.items() if value}
    for key, value in settings.options.items():
        arguments[key] = int(value) if key in _NUMBERS else value
    if "prepare_threshold" in arguments:
        threshold = str(arguments["prepare_threshold"]).lower()
        arguments["prepare_threshold"] = None if threshold == "none" else int(threshold)
    return arguments


def _hand_over_text(driver: Driver, connection: Any) -> None:
    loader = driver.load("types", "string").TextLoader
    for name in ("json", "jsonb", "inet"):
        connection.adapters.register_loader(name, loader)


def _in_utc(connection: Any) -> bool:
    # "Etc/UTC" is the same zone, but for this spelling alone the driver gives datetime.UTC.
    return bool(connection.info.parameter_status("TimeZone") == "UTC")


DRIVERS = PostgreSQLDrivers()
