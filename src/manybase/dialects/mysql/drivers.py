"""How connections to MariaDB and MySQL are opened.

mysqlclient where it is installed, else PyMySQL; asyncmy, else aiomysql. Called by ``runtime``
alone. Every session is in UTC, strict, and lets names stand in double quotes.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from manybase.conf.database import DatabaseSettings
from manybase.dialects.driver import Driver, Drivers

_MODES = (
    "ANSI_QUOTES",
    "STRICT_TRANS_TABLES",
    "ERROR_FOR_DIVISION_BY_ZERO",
    "NO_ENGINE_SUBSTITUTION",
    # An explicit key 0 is a key like any other.
    "NO_AUTO_VALUE_ON_ZERO",
)
_NUMBERS = frozenset({"connect_timeout", "read_timeout", "write_timeout", "max_allowed_packet"})
_OURS = frozenset({"isolation_level", "sql_mode", "charset"})
_LOOPBACK = ("", "localhost", "127.0.0.1", "::1")
_FOUND_ROWS = 2  # a client flag of the protocol: UPDATE counts rows matched, not rows changed
_IN_TRANSACTION = 1  # a bit of the server's status
#: Texts that are no columns are compared like columns: values, and what CAST makes of numbers.
_COLLATION = (
    ", collation_connection = IF(VERSION() LIKE '%MariaDB%',"
    " 'utf8mb4_nopad_bin', 'utf8mb4_0900_bin')"
)
_ZONES = "SELECT CONVERT_TZ('2000-01-01 00:00:00', 'UTC', 'Europe/Prague') IS NOT NULL"


class MySQLDrivers(Drivers):
    """Drivers of MariaDB and MySQL."""

    streams_alone = True

    drivers = (
        Driver("MySQLdb", "sync", "pip install mysqlclient"),
        Driver("pymysql", "sync", "pip install 'manybase[mysql]'"),
        Driver("asyncmy", "async", "pip install 'manybase[async]'"),
        Driver("aiomysql", "async", "pip install aiomysql"),
    )

    def connect(self, settings: DatabaseSettings) -> Any:
        driver = self.pick("sync", settings.driver)
        arguments = _arguments(settings)
        if driver.module == "pymysql" and settings.host in _LOOPBACK and not _has_ssl(settings):
            arguments["ssl_disabled"] = True  # building a TLS context costs 40 ms
        if driver.module != "MySQLdb":
            arguments["binary_prefix"] = True
        connection = driver.load().connect(**arguments)
        try:
            with connection.cursor() as cursor:
                cursor.execute(_isolation(settings))
        except BaseException:
            connection.close()
            raise
        return connection

    async def async_connect(self, settings: DatabaseSettings) -> Any:
        driver = self.pick("async", settings.driver)
        arguments = _arguments(settings)
        arguments["db"] = arguments.pop("database", None)
        if driver.module == "asyncmy":
            arguments["binary_prefix"] = True
        connection = await driver.load().connect(**arguments)
        try:
            cursor = await self.async_cursor(connection)
            await cursor.execute(_isolation(settings))
        except BaseException:
            connection.close()
            raise
        return connection

    def facts(self, connection: Any) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(_ZONES)
            zones = cursor.fetchone()[0]
        return _facts(connection.get_server_info(), zones)

    async def async_facts(self, connection: Any) -> dict[str, Any]:
        cursor = await self.async_cursor(connection)
        await cursor.execute(_ZONES)
        zones = (await cursor.fetchone())[0]
        return _facts(connection.get_server_info(), zones)

    async def async_cursor(self, connection: Any) -> Any:
        made = connection.cursor()
        return await made if inspect.isawaitable(made) else made

    def stream_cursor(self, connection: Any, *, hold: bool = True) -> Any:
        module = type(connection).__module__.partition(".")[0]
        driver = Driver(module, "sync", "")
        return connection.cursor(driver.load("cursors").SSCursor)

    async def async_stream_cursor(self, connection: Any, *, hold: bool = True) -> Any:
        module = type(connection).__module__.partition(".")[0]
        made = connection.cursor(Driver(module, "async", "").load("cursors").SSCursor)
        return await made if inspect.isawaitable(made) else made

    def drop_stream(self, cursor: Any) -> None:
        # PyMySQL would read the rest from the closed connection, and so would its finalizers.
        result = getattr(cursor, "_result", None)
        if result is not None and getattr(result, "unbuffered_active", False):
            result.unbuffered_active = False
        cursor.connection = None

    async def async_drop_stream(self, cursor: Any) -> None:
        """Do nothing: it ends with its connection."""

    async def async_close(self, connection: Any) -> None:
        await connection.ensure_closed()

    def alive(self, connection: Any) -> bool:
        for name in ("open", "connected"):  # PyMySQL and mysqlclient, asyncmy
            found = getattr(connection, name, None)
            if found is not None:
                return bool(found() if callable(found) else found)
        return not getattr(connection, "closed", False)

    def in_transaction(self, connection: Any) -> bool | None:
        status = getattr(connection, "server_status", None)
        return None if status is None else bool(status & _IN_TRANSACTION)


def _has_ssl(settings: DatabaseSettings) -> bool:
    return any(name.startswith("ssl") for name in settings.options)


def _arguments(settings: DatabaseSettings) -> dict[str, Any]:
    charset = str(settings.options.get("charset", "utf8mb4"))
    modes = str(settings.options.get("sql_mode", ",".join(_MODES)))
    arguments: dict[str, Any] = {
        "user": settings.username or None,
        "password": settings.password,
        "charset": charset,
        "autocommit": True,
        "client_flag": _FOUND_ROWS,
        "init_command": f"SET sql_mode = '{_word(modes)}', time_zone = '+00:00'"
        + (_COLLATION if charset == "utf8mb4" else ""),
    }
    given = {"host": settings.host, "port": settings.port, "database": settings.database}
    arguments.update({name: value for name, value in given.items() if value})
    for name, value in settings.options.items():
        if name not in _OURS:
            arguments[name] = int(value) if name in _NUMBERS else value
    return arguments


def _isolation(settings: DatabaseSettings) -> str:
    level = str(settings.options.get("isolation_level", "read committed"))
    return f"SET SESSION TRANSACTION ISOLATION LEVEL {_word(level).upper()}"


def _word(text: str) -> str:
    return re.sub(r"[^\w, ]", "", text)


def _facts(server: str, zones: Any) -> dict[str, Any]:
    mariadb = "mariadb" in server.lower()
    text = server.removeprefix("5.5.5-") if mariadb else server
    numbers = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    version = tuple(int(part or 0) for part in numbers.groups()) if numbers else None
    return {"version": version, "mariadb": mariadb, "native_time_zones": bool(zones)}


DRIVERS = MySQLDrivers()
