"""Statements about databases and whole tables, for tests, fixtures and the making of tables.

Part of a dialect; gives text, sends nothing. Called by ``schema``, ``runtime`` and the tools above.
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy


class TableWords(abc.ABC):
    """Making, emptying and listing."""

    max_name_length = 63
    admin_database = ""
    """The database to connect to while another one is made or dropped."""

    @abc.abstractmethod
    def quote(self, name: str) -> str:
        """Return a name as it stands in SQL."""

    @abc.abstractmethod
    def literal(self, value: Any) -> str:
        """Return a value of the driver's own types as it stands in SQL, for DDL."""

    @abc.abstractmethod
    def create_database(self, name: str) -> list[str]:
        """Return the statements that make a database."""

    @abc.abstractmethod
    def drop_database(self, name: str) -> list[str]:
        """Return the statements that drop a database if it is there, sessions in it included."""

    @abc.abstractmethod
    def flush(self, tables: Sequence[str], reset_sequences: bool = True) -> list[str]:
        """Return the statements that empty tables, whatever their foreign keys."""

    @abc.abstractmethod
    def reset_sequence(self, table: str, column: str) -> list[str]:
        """Return the statements after which new rows get keys above the largest one."""

    @abc.abstractmethod
    def list_tables(self) -> str:
        """Return a query for the names of all tables, one column."""

    @abc.abstractmethod
    def check_constraints(self, tables: Sequence[str] = ()) -> list[str]:
        """Return the statements that check deferred constraints now; each raises or is empty.

        A query among them gives rows (table, rowid, referred table, index) for violations.
        """

    @abc.abstractmethod
    def constraints_off(self) -> list[str]:
        """Return the statements that stop checking foreign keys (until the end, if deferred)."""

    @abc.abstractmethod
    def constraints_on(self) -> list[str]:
        """Return the statements that check foreign keys again."""

    @abc.abstractmethod
    def table_options(self, auto: bool = False) -> dict[str, Any]:
        """Return keyword arguments for a ``sqlalchemy.Table`` of this database.

        Args:
            auto: Whether the database numbers its rows.
        """

    def nulls_alike(self) -> dict[str, Any]:
        """Return keyword arguments for a unique constraint under which nulls are equal."""
        return {}

    def default(self, literal: str, expression: bool = False) -> str:
        """Return what stands after DEFAULT for a literal or another expression."""
        return literal

    def add_constraint(
        self, table: str, name: str, definition: str, if_not_exists: bool = False
    ) -> str:
        """Return the statement that adds a foreign key (``FOREIGN KEY (...) ...``) to a table."""
        return f"ALTER TABLE {self.quote(table)} ADD CONSTRAINT {self.quote(name)} {definition}"

    @abc.abstractmethod
    def drop_tables(self, tables: Sequence[str]) -> list[str]:
        """Return the statements that drop tables if they are there, whatever their keys."""

    def identity(self) -> sqlalchemy.Identity | None:
        """Return what numbers the rows, where it is not the column's type."""
        return None
