"""SQLite's statements about whole tables, and the meaning of its errors."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from manybase import errors
from manybase.dialects.tables import TableWords
from manybase.dialects.words import TransactionWords, class_by_name

_COUNTED = "manybase_counted (id INTEGER PRIMARY KEY AUTOINCREMENT)"
_NO_TABLE = re.compile(r"no such table: (?:\w+\.)?(\S+)")


class SQLiteTables(TransactionWords, TableWords):
    """SQLite's words."""

    max_name_length = 255
    # A block that reads before it writes could not be served once another writer was faster;
    # taking the write lock at the start waits for it instead.
    begin = "BEGIN IMMEDIATE"

    def quote(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, bytes):
            return f"X'{value.hex()}'"
        if isinstance(value, (int, float)):
            return repr(value)
        return "'" + str(value).replace("'", "''") + "'"

    def create_database(self, name: str) -> list[str]:
        return []

    def drop_database(self, name: str) -> list[str]:
        return []

    def flush(self, tables: Sequence[str], reset_sequences: bool = True) -> list[str]:
        if not tables:
            return []
        statements = [f"DELETE FROM {self.quote(table)}" for table in tables]
        if reset_sequences:
            names = ", ".join(self.literal(table) for table in tables)
            # The table of counters is there only once a numbered table has been made.
            statements.append(f"CREATE TABLE IF NOT EXISTS {_COUNTED}")
            statements.append(f"DROP TABLE {_COUNTED.partition(' ')[0]}")
            statements.append(f"UPDATE sqlite_sequence SET seq = 0 WHERE name IN ({names})")
        # The first holds outside a transaction, the second inside one.
        off = ["PRAGMA foreign_keys = OFF", "PRAGMA defer_foreign_keys = ON"]
        return [*off, *statements, "PRAGMA foreign_keys = ON"]

    def reset_sequence(self, table: str, column: str) -> list[str]:
        return []  # an explicit key moves the counter by itself

    def list_tables(self) -> str:
        return (
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        )

    def check_constraints(self, tables: Sequence[str] = ()) -> list[str]:
        if not tables:
            return ["PRAGMA foreign_key_check"]
        return [f"PRAGMA foreign_key_check({self.quote(table)})" for table in tables]

    def constraints_off(self) -> list[str]:
        return ["PRAGMA defer_foreign_keys = ON"]

    def constraints_on(self) -> list[str]:
        return ["PRAGMA defer_foreign_keys = OFF"]

    def table_options(self, auto: bool = False) -> dict[str, Any]:
        return {"sqlite_autoincrement": auto}

    def default(self, literal: str, expression: bool = False) -> str:
        return f"({literal})" if expression else literal

    def drop_tables(self, tables: Sequence[str]) -> list[str]:
        dropped = [f"DROP TABLE IF EXISTS {self.quote(table)}" for table in tables]
        return ["PRAGMA foreign_keys = OFF", *dropped, "PRAGMA foreign_keys = ON"]

    def isolation(self, level: str) -> str:
        return "SELECT 1"  # every transaction is serializable

    def translate(
        self, exception: BaseException
    ) -> tuple[type[errors.DatabaseError], str | None] | None:
        if not isinstance(exception, sqlite3.Error):
            if isinstance(exception, OverflowError) and "SQLite INTEGER" in str(exception):
                return errors.DataError, None
            return None
        missing = _NO_TABLE.search(str(exception))
        if missing:
            return errors.MissingTable, missing.group(1)
        return class_by_name(exception) or errors.DatabaseError, None

    def wording(self, exception: BaseException) -> str:
        if isinstance(exception, OverflowError):
            return "a whole number is out of range: SQLite keeps at most 8 bytes"
        return super().wording(exception)

    def is_disconnect(self, exception: BaseException) -> bool:
        return "closed database" in str(exception)

    def is_conflict(self, exception: BaseException) -> bool:
        code = getattr(exception, "sqlite_errorcode", 0) & 0xFF
        return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
