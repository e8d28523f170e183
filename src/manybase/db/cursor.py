"""A cursor for SQL that a program writes by hand, on the connection of its open block.

Placeholders are ``%s`` and ``%(name)s`` on every database, and the driver's own ``?`` where that is
its mark. Made by ``connections[alias].cursor()``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from manybase.runtime import sync


class Cursor:
    """PEP 249's cursor, with errors of Manybase and statements that tests can see.

    Args:
        alias: The database.

    Example:
        >>> with connections["default"].cursor() as cursor:
        ...     cursor.execute("SELECT title FROM shop_book WHERE id = %s", [1])
        ...     row = cursor.fetchone()
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        line = sync.session().use(alias)
        self._line = line
        self._cursor = line.engine.drivers.raw_cursor(line.connection)

    def execute(self, sql: str, params: Any = None) -> Cursor:
        """Run a statement.

        Raises:
            DatabaseError: The database refused it.
            TransactionManagementError: The open block refuses it.
        """
        self._admit()
        self._line.run_raw(self._cursor, sql, params)
        return self

    def executemany(self, sql: str, rows: Sequence[Any]) -> Cursor:
        """Run a statement once for each row of parameters."""
        self._admit()
        if rows:
            self._line.run_raw(self._cursor, sql, rows, many=True)
        return self

    def _admit(self) -> None:
        line = sync.session().use(self.alias)
        if line is not self._line:
            self._line = line
            self._cursor = line.engine.drivers.raw_cursor(line.connection)

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None."""
        row: tuple[Any, ...] | None = self._read(self._cursor.fetchone)
        return row

    def fetchmany(self, size: int = 100) -> list[tuple[Any, ...]]:
        """Return the next rows, ``size`` at most."""
        return list(self._read(self._cursor.fetchmany, size))

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows that are left."""
        return list(self._read(self._cursor.fetchall))

    def _read(self, fetch: Any, *args: Any) -> Any:
        try:
            return fetch(*args)
        except Exception as error:  # noqa: BLE001  # raised again, translated
            self._line.refuse(error)

    @property
    def description(self) -> Any:
        """PEP 249's description of the columns, or None."""
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed or found."""
        count: int = self._cursor.rowcount
        return count

    @property
    def lastrowid(self) -> Any:
        """The key of the last inserted row, where the driver tells it."""
        return getattr(self._cursor, "lastrowid", None)

    def close(self) -> None:
        """Let the cursor go; the connection stays open."""
        self._cursor.close()

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        while (row := self.fetchone()) is not None:
            yield row

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
