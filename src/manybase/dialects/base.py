"""The rules of one kind of database: values, types, SQL text, transactions, tables.

A dialect turns what upper layers want to say into SQLAlchemy expressions and SQL text; it never
opens a connection and never runs a statement. ``dialect_for`` makes the objects, interned, so
they can be keys of caches. The parts are in ``hooks_*``, ``words`` and ``tables``.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, ClassVar

from manybase.dialects.converter import Converter, call
from manybase.dialects.features import Features
from manybase.dialects.hooks_functions import FunctionHooks
from manybase.dialects.hooks_json import JSONHooks
from manybase.dialects.hooks_query import QueryHooks
from manybase.dialects.hooks_read import ReadHooks
from manybase.dialects.hooks_text import TextHooks
from manybase.dialects.hooks_time import TimeHooks
from manybase.dialects.tables import TableWords
from manybase.dialects.words import TransactionWords
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from sqlalchemy.engine.default import DefaultDialect
    from sqlalchemy.sql import ClauseElement
    from sqlalchemy.types import TypeEngine

__all__ = ["Converter", "Dialect", "Features", "call"]


class Dialect(
    FunctionHooks,
    JSONHooks,
    TextHooks,
    TimeHooks,
    QueryHooks,
    ReadHooks,
    TransactionWords,
    TableWords,
    abc.ABC,
):
    """What SQL for one database is made with.

    Args:
        version: The server's version.
        use_tz: Whether datetimes are moments (aware) or wall-clock times (naive).
        tz: The name of the zone that wall-clock times are in.

    Attributes:
        name: The database's name.
        scheme: What stands before ``://`` in its URL.
        features: What it can do.
        sqla: The SQLAlchemy dialect that compiles for it.
        ddl: The same for statements that are sent without parameters.
    """

    name: ClassVar[str]
    scheme: ClassVar[str]
    features: Features
    sqla: DefaultDialect
    ddl: DefaultDialect

    def __init__(self, *, version: tuple[int, ...], use_tz: bool, tz: str) -> None:
        self.version = version
        self.use_tz = use_tz
        self.tz = tz

    def __repr__(self) -> str:
        return f"<Dialect {self.name} {'.'.join(map(str, self.version))}>"

    def compile(self, statement: ClauseElement) -> tuple[str, list[str]]:
        """Return SQL text for the driver, and the names of its parameters in driver order.

        Execute it with a tuple, even an empty one: where the driver's mark is ``%s``, a percent
        sign in the text is doubled.
        """
        sql, names, _ = self.compile_with_values(statement)
        return sql, names

    def compile_with_values(
        self, statement: ClauseElement
    ) -> tuple[str, list[str], dict[str, Any]]:
        """Compile, and also return the values that the statement itself holds, by name."""
        compiled: Any = statement.compile(
            dialect=self.sqla, compile_kwargs={"render_postcompile": True}
        )
        # On one line, for logs; values are never part of the text, so no text is changed by it.
        sql = str(compiled).replace(" \n", " ").replace("\n", " ")
        return sql, list(compiled.positiontup or ()), dict(compiled.params)

    # Values

    @abc.abstractmethod
    def reader(self, storage: Storage, *, computed: bool = False) -> Converter | None:
        """Return how the driver's value becomes Python's, or None when it is that already.

        Args:
            storage: How the value is kept.
            computed: Whether it is an expression's result rather than a column; drivers give
                those in more types.
        """

    @abc.abstractmethod
    def writer(self, storage: Storage) -> Converter | None:
        """Return how a prepared Python value becomes the driver's, or None to pass it as it is."""

    def compared(self, storage: Storage) -> Converter | None:
        """Return how a value is written that is compared with a column of this storage."""
        return self.writer(storage)

    @property
    def beyond(self) -> Dialect | None:
        """The same rules for numbers that the driver refuses though they can be compared.

        None where the driver takes every number.
        """
        return None

    # Types

    @abc.abstractmethod
    def column_type(self, described: Any) -> TypeEngine[Any]:
        """Return the SQLAlchemy type of a column.

        Args:
            described: A field or a Storage.
        """

    def bind_type(self, described: Any) -> TypeEngine[Any]:
        """Return the type of a parameter that is compared with such a column."""
        return self.column_type(described)

    def cast_type(self, described: Any) -> TypeEngine[Any]:
        """Return the type for ``CAST(... AS type)``."""
        return self.column_type(described)


def storage_of(described: Any) -> Storage:
    """Return the Storage of a field, or the Storage itself."""
    return described if isinstance(described, Storage) else described.storage
