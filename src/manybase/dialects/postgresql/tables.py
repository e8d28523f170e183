"""PostgreSQL's statements about databases and tables, and the meaning of its errors."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy

from manybase import errors
from manybase.dialects.tables import TableWords
from manybase.dialects.words import TransactionWords, class_by_name

_NO_TABLE = re.compile(r'relation "([^"]+)" does not exist')
_UNDEFINED_TABLE = "42P01"
#: Data exceptions quote the value; the DETAIL line, which is left out, shows the whole row.
_VALUES = re.compile(r'"[^"]*"', re.DOTALL)
_DATA_EXCEPTION = "22"
_CONFLICTS = ("40001", "40P01")
_SHUTDOWNS = ("57P01", "57P02", "57P03")
_LOST = ("server closed the connection", "connection is lost", "connection is closed", "refused")


class PostgreSQLTables(TransactionWords, TableWords):
    """PostgreSQL's words."""

    max_name_length = 63
    admin_database = "postgres"

    def quote(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, list):
            # Untyped, so that it becomes an array of what it is compared with.
            quoted = [str(one).replace("\\", "\\\\").replace('"', '\\"') for one in value]
            return self.literal("{" + ",".join(f'"{one}"' for one in quoted) + "}")
        if isinstance(value, bytes):
            return f"'\\x{value.hex()}'::bytea"
        if isinstance(value, int):
            return str(value)
        if isinstance(value, datetime.timedelta):
            return f"'{value // datetime.timedelta(microseconds=1)} microseconds'::interval"
        return "'" + str(value).replace("'", "''") + "'"

    def create_database(self, name: str) -> list[str]:
        return [f"CREATE DATABASE {self.quote(name)}"]

    def drop_database(self, name: str) -> list[str]:
        return [f"DROP DATABASE IF EXISTS {self.quote(name)} WITH (FORCE)"]

    def flush(self, tables: Sequence[str], reset_sequences: bool = True) -> list[str]:
        if not tables:
            return []
        names = [self.quote(table) for table in tables]
        if reset_sequences:
            return [f"TRUNCATE TABLE {', '.join(names)} RESTART IDENTITY"]
        # One text is one transaction, at whose end the keys are checked; for a few rows it is
        # many times faster than TRUNCATE, which makes new files.
        return ["; ".join(f"DELETE FROM {name}" for name in names)]

    def reset_sequence(self, table: str, column: str) -> list[str]:
        key, place = self.quote(column), self.quote(table)
        sequence = f"pg_get_serial_sequence({self.literal(place)}, {self.literal(column)})"
        value = f"coalesce(max({key}), 1), max({key}) IS NOT NULL"
        return [f"SELECT setval({sequence}, {value}) FROM {place}"]

    def list_tables(self) -> str:
        return (
            "SELECT tablename FROM pg_catalog.pg_tables"
            " WHERE schemaname = ANY (current_schemas(false)) ORDER BY tablename"
        )

    def check_constraints(self, tables: Sequence[str] = ()) -> list[str]:
        return ["SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"]

    def constraints_off(self) -> list[str]:
        return ["SET CONSTRAINTS ALL DEFERRED"]

    def constraints_on(self) -> list[str]:
        return ["SET CONSTRAINTS ALL IMMEDIATE"]

    def table_options(self, auto: bool = False) -> dict[str, Any]:
        return {}

    def nulls_alike(self) -> dict[str, Any]:
        return {"postgresql_nulls_not_distinct": True}

    def default(self, literal: str, expression: bool = False) -> str:
        return f"({literal})" if expression else literal

    def add_constraint(
        self, table: str, name: str, definition: str, if_not_exists: bool = False
    ) -> str:
        statement = super().add_constraint(table, name, definition)
        if not if_not_exists:
            return statement
        return f"DO $$ BEGIN {statement}; EXCEPTION WHEN duplicate_object THEN NULL; END $$"

    def drop_tables(self, tables: Sequence[str]) -> list[str]:
        return [f"DROP TABLE IF EXISTS {self.quote(table)} CASCADE" for table in tables]

    def identity(self) -> sqlalchemy.Identity | None:
        return sqlalchemy.Identity(always=False)

    def translate(
        self, exception: BaseException
    ) -> tuple[type[errors.DatabaseError], str | None] | None:
        state = getattr(exception, "sqlstate", None)
        if state == _UNDEFINED_TABLE:
            named = _NO_TABLE.search(str(exception))
            return errors.MissingTable, named.group(1) if named else None
        found = class_by_name(exception)
        return None if found is None else (found, None)

    def wording(self, exception: BaseException) -> str:
        primary = getattr(getattr(exception, "diag", None), "message_primary", None)
        if primary is None:
            return super().wording(exception)
        state = getattr(exception, "sqlstate", None) or ""
        return _VALUES.sub("...", primary) if state.startswith(_DATA_EXCEPTION) else str(primary)

    def is_disconnect(self, exception: BaseException) -> bool:
        state = getattr(exception, "sqlstate", None)
        if state is not None:
            return state in _SHUTDOWNS or state.startswith("08")
        return any(words in str(exception) for words in _LOST)

    def is_conflict(self, exception: BaseException) -> bool:
        return getattr(exception, "sqlstate", None) in _CONFLICTS
