"""How connections to SQLite are opened: the standard library's driver, and aiosqlite.

Called by ``runtime`` alone. A database in memory is one for the whole process and alias: all
connections see it, and an anchor keeps it while none is open.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

from manybase.conf.database import DatabaseSettings
from manybase.dialects.driver import Driver, Drivers
from manybase.dialects.sqlite.functions import install
from manybase.errors import ConfigurationError

_IN_MEMORY = ("", ":memory:")
_PLACE = re.compile(r"%%|%s|%\((\w+)\)s")
_anchors: dict[str, sqlite3.Connection] = {}
_lock = threading.Lock()

#: Options of the URL that are pragmas, with their values where nothing is said.
PRAGMAS: dict[str, Any] = {
    "foreign_keys": "ON",
    "journal_mode": None,
    "synchronous": None,
    "cache_size": None,
    "temp_store": None,
    "mmap_size": None,
    "auto_vacuum": None,
    "recursive_triggers": None,
}
_FILE_PRAGMAS = {"journal_mode": "WAL", "synchronous": "NORMAL"}


class SQLiteDrivers(Drivers):
    """SQLite's drivers."""

    drivers = (
        Driver("sqlite3", "sync", "install a Python built with SQLite"),
        Driver("aiosqlite", "async", "pip install 'manybase[async]'"),
    )

    def connect(self, settings: DatabaseSettings) -> Any:
        connection = sqlite3.connect(**self._arguments(settings))
        try:
            connection.execute("PRAGMA busy_timeout")  # opens the file, so a wrong path shows here
            install(connection)
            for statement in self._pragmas(settings):
                connection.execute(statement)
        except BaseException:
            connection.close()
            raise
        return connection

    async def async_connect(self, settings: DatabaseSettings) -> Any:
        aiosqlite = self.pick("async", settings.driver).load()
        # aiosqlite opens the connection in its own thread, by any function it is given.
        return await aiosqlite.Connection(lambda: self.connect(settings), iter_chunk_size=64)

    def _arguments(self, settings: DatabaseSettings) -> dict[str, Any]:
        memory = self.is_memory(settings)
        database = memory_uri(settings) if memory else settings.database
        if not memory and not database.startswith("file:"):
            folder = Path(database).parent
            if not folder.is_dir():
                raise ConfigurationError(
                    f"the folder of the database '{settings.alias}' does not exist: '{folder}'",
                    hint=f"Type: mkdir -p {folder}",
                )
        if memory:
            _anchor(database)
        return {
            "database": database,
            "timeout": float(settings.options.get("timeout", 5)),
            "isolation_level": None,
            "check_same_thread": False,
            "cached_statements": int(settings.options.get("cached_statements", 512)),
            "uri": database.startswith("file:"),
        }

    def _pragmas(self, settings: DatabaseSettings) -> list[str]:
        wanted = {} if self.is_memory(settings) else dict(_FILE_PRAGMAS)
        wanted["foreign_keys"] = "ON"
        wanted.update({k: str(v) for k, v in settings.options.items() if k in PRAGMAS})
        for name, value in wanted.items():
            if not re.fullmatch(r"-?\w+", value):
                raise ConfigurationError(
                    f"option '{name}' of the database '{settings.alias}' is no plain word"
                )
        return [f"PRAGMA {name} = {value}" for name, value in wanted.items()]

    def facts(self, connection: Any) -> dict[str, Any]:
        return {"version": sqlite3.sqlite_version_info}

    async def async_facts(self, connection: Any) -> dict[str, Any]:
        return {"version": sqlite3.sqlite_version_info}

    async def async_cursor(self, connection: Any) -> Any:
        return await connection.cursor()

    def raw_sql(self, sql: str, params: Any) -> tuple[str, Any]:
        if not params:
            return (sql, ()) if params is None else (sql.replace("%%", "%"), ())

        def place(found: re.Match[str]) -> str:
            if found.group() == "%%":
                return "%"
            return f":{found.group(1)}" if found.group(1) else "?"

        return _PLACE.sub(place, sql), params

    def alive(self, connection: Any) -> bool:
        try:
            return bool(connection.total_changes >= 0)
        except (sqlite3.ProgrammingError, ValueError):
            return False  # closed

    def is_memory(self, settings: DatabaseSettings) -> bool:
        return settings.database in _IN_MEMORY

    def in_transaction(self, connection: Any) -> bool | None:
        return bool(connection.in_transaction)


def memory_uri(settings: DatabaseSettings) -> str:
    """Return the address of the alias's database in the memory of this process.

    The "memdb" file system shares it among connections with ordinary locks, so that a connection
    waits for another one's transaction; a shared cache would refuse at once.
    """
    name = settings.options.get("name", settings.alias)
    return f"file:/manybase-{os.getpid()}-{quote(str(name), safe='')}?vfs=memdb"


def _anchor(uri: str) -> None:
    with _lock:
        if uri not in _anchors:
            _anchors[uri] = sqlite3.connect(uri, uri=True, check_same_thread=False)


DRIVERS = SQLiteDrivers()
