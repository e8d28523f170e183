"""What tables a database has now, asked by the connection of this thread.

Enough for tests and tools to look around; reading columns is the work of ``introspect``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from manybase.db.connection import Connection


class Introspection:
    """Questions to one database.

    Args:
        connection: The database.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def table_names(self, cursor: Any = None) -> list[str]:
        """Return the names of the tables, sorted.

        Args:
            cursor: Accepted for Django's sake; the connection of this thread is asked.

        Example:
            >>> connection.introspection.table_names()
            ['shop_book', 'shop_person']
        """
        found = self._connection.execute(self._connection.dialect.list_tables())
        return sorted(str(row[0]) for row in found.rows)

    async def atable_names(self) -> list[str]:
        """Return the names of the tables, sorted."""
        found = await self._connection.aexecute(self._connection.dialect.list_tables())
        return sorted(str(row[0]) for row in found.rows)
