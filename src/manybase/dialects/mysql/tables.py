"""Statements of MariaDB and MySQL about databases and tables, and the meaning of their errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from manybase import errors
from manybase.dialects.tables import TableWords
from manybase.dialects.words import TransactionWords, class_by_name

_NO_TABLE = re.compile(r"Table '(?:[^'.]+\.)?([^']+)' doesn't exist")
_MISSING_TABLE = 1146
#: Where the server quotes a value: 'x' before "for key" and after "value:".
_VALUES = re.compile(r"(?<=entry )'.*'(?= for key)|(?<=value: )'.*'(?= for )", re.DOTALL)
#: Numbers that the drivers file under another class.
_CLASSES: dict[int, type[errors.DatabaseError]] = {
    1048: errors.IntegrityError,  # a column cannot be null
    1364: errors.IntegrityError,  # a column without default is left out
    1690: errors.DataError,  # a number out of range
    1139: errors.DataError,  # no regular expression
    3819: errors.IntegrityError,  # a check constraint, MySQL
    4025: errors.IntegrityError,  # a check constraint, MariaDB
}
_LOST = (2002, 2003, 2006, 2013, 2014, 2055, 4031)
_CONFLICTS = (1020, 1213)


class MySQLTables(TransactionWords, TableWords):
    """Words of MariaDB and MySQL."""

    max_name_length = 64
    exact_collation: str
    mariadb: bool

    def quote(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def literal(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return str(int(value))
        if isinstance(value, bytes):
            return f"X'{value.hex()}'"
        if isinstance(value, (int, float)):
            return repr(value)
        return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"

    def create_database(self, name: str) -> list[str]:
        collation = f"CHARACTER SET utf8mb4 COLLATE {self.exact_collation}"
        return [f"CREATE DATABASE {self.quote(name)} {collation}"]

    def drop_database(self, name: str) -> list[str]:
        return [f"DROP DATABASE IF EXISTS {self.quote(name)}"]

    def flush(self, tables: Sequence[str], reset_sequences: bool = True) -> list[str]:
        if not tables:
            return []
        word = "TRUNCATE TABLE" if reset_sequences else "DELETE FROM"
        emptied = [f"{word} {self.quote(table)}" for table in tables]
        return [*self.constraints_off(), *emptied, *self.constraints_on()]

    def reset_sequence(self, table: str, column: str) -> list[str]:
        return []  # an explicit key moves the counter by itself

    def list_tables(self) -> str:
        return (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
            " AND table_type = 'BASE TABLE' ORDER BY table_name"
        )

    def check_constraints(self, tables: Sequence[str] = ()) -> list[str]:
        return []  # every constraint is checked at once

    def constraints_off(self) -> list[str]:
        return ["SET FOREIGN_KEY_CHECKS = 0"]

    def constraints_on(self) -> list[str]:
        return ["SET FOREIGN_KEY_CHECKS = 1"]

    def default(self, literal: str, expression: bool = False) -> str:
        return f"({literal})"  # texts and JSON take no other form

    def add_constraint(
        self, table: str, name: str, definition: str, if_not_exists: bool = False
    ) -> str:
        if if_not_exists and self.mariadb:
            definition = definition.replace("FOREIGN KEY", "FOREIGN KEY IF NOT EXISTS", 1)
        return super().add_constraint(table, name, definition)

    def drop_tables(self, tables: Sequence[str]) -> list[str]:
        dropped = [f"DROP TABLE IF EXISTS {self.quote(table)}" for table in tables]
        return [*self.constraints_off(), *dropped, *self.constraints_on()]

    def table_options(self, auto: bool = False) -> dict[str, Any]:
        return {
            "mysql_engine": "InnoDB",
            "mysql_charset": "utf8mb4",
            "mysql_collate": self.exact_collation,
        }

    def translate(
        self, exception: BaseException
    ) -> tuple[type[errors.DatabaseError], str | None] | None:
        found = class_by_name(exception)
        if found is None:
            return None
        number = error_number(exception)
        if number == _MISSING_TABLE:
            named = _NO_TABLE.search(str(exception))
            return errors.MissingTable, named.group(1) if named else None
        return _CLASSES.get(number, found), None

    def wording(self, exception: BaseException) -> str:
        told = list(exception.args)
        text = told[1] if error_number(exception) and len(told) > 1 else exception
        return _VALUES.sub("...", str(text).strip())

    def is_disconnect(self, exception: BaseException) -> bool:
        return error_number(exception) in _LOST or str(exception) == "(0, '')"

    def is_conflict(self, exception: BaseException) -> bool:
        return error_number(exception) in _CONFLICTS


def error_number(exception: BaseException) -> int:
    """Return the server's number of an error, or 0."""
    first = exception.args[0] if exception.args else 0
    return first if isinstance(first, int) else 0
