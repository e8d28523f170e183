"""The rest of what a statement needs said in each database's way: order, chance, conflicts.

Part of a dialect; SQLAlchemy expressions in and out. Called by the query compiler.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlalchemy
    from sqlalchemy import ColumnElement

    from manybase.meta.storage import Storage


class QueryHooks(abc.ABC):
    """Order, chance, conflicts and locks."""

    @abc.abstractmethod
    def random(self) -> ColumnElement[Any]:
        """Return a random number for each row."""

    def order(
        self, expression: ColumnElement[Any], descending: bool = False, nulls: str | None = None
    ) -> tuple[ColumnElement[Any], ...]:
        """Return what goes into ORDER BY.

        Args:
            expression: What is ordered by.
            descending: Largest first.
            nulls: "first", "last", or None for the database's own way.
        """
        directed = expression.desc() if descending else expression.asc()
        if nulls is None:
            return (directed,)
        return (directed.nulls_first() if nulls == "first" else directed.nulls_last(),)

    def group_key(self, expression: Any) -> Any:
        """Return what goes into GROUP BY."""
        return expression

    @abc.abstractmethod
    def insert(self, table: sqlalchemy.Table) -> Any:
        """Return this database's INSERT into a table."""

    @abc.abstractmethod
    def ignore_conflicts(self, insert: Any) -> Any:
        """Return the INSERT so that rows which meet an existing one are left out."""

    @abc.abstractmethod
    def update_conflicts(
        self, insert: Any, columns: Sequence[str], unique: Sequence[str] = ()
    ) -> Any:
        """Return the INSERT so that a row which meets an existing one updates it.

        Args:
            insert: What ``insert()`` gave, with its values.
            columns: The columns to update.
            unique: The columns that say which row is met, where ``features.conflict_target``.
        """

    def insert_arrays(
        self,
        insert: Any,
        columns: Sequence[str],
        binds: Sequence[Any],
        storages: Sequence[Storage],
    ) -> Any:
        """Return the INSERT of rows that come as one array for each column.

        Called where ``features.array_parameters`` only.
        """
        raise NotImplementedError

    def array_writer(self, storage: Storage) -> Callable[[list[Any]], Any]:
        """Return what makes one parameter of a column of the driver's values."""
        return list

    def typed(self, bind: ColumnElement[Any], storage: Storage) -> ColumnElement[Any]:
        """Return a parameter that behaves as a column of this storage does, in any place."""
        return bind

    def bit_xor(self, lhs: ColumnElement[Any], rhs: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return the exclusive or of the bits of two whole numbers."""
        return lhs.bitwise_xor(rhs)
