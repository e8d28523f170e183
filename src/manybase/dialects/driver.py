"""What ``runtime`` needs to know of a database's drivers, and how a missing one is reported.

Holds no connection and opens none by itself; each database gives one ``Drivers`` object.
"""

from __future__ import annotations

import abc
import dataclasses
import importlib
import importlib.util
from typing import Any

from manybase.conf.database import DatabaseSettings
from manybase.errors import MissingDriver


@dataclasses.dataclass(frozen=True, slots=True)
class Driver:
    """One library that speaks to a kind of database.

    Args:
        module: The name that it is imported by.
        face: "sync" or "async".
        install: The command that installs it.
    """

    module: str
    face: str
    install: str

    @property
    def installed(self) -> bool:
        """Whether it can be imported."""
        return importlib.util.find_spec(self.module) is not None

    def load(self, *parts: str) -> Any:
        """Import the library, or one of its parts.

        Raises:
            MissingDriver: It is not installed; the hint is the command.
        """
        try:
            return importlib.import_module(".".join((self.module, *parts)))
        except ModuleNotFoundError as error:
            raise MissingDriver(
                f"the driver '{self.module}' is not installed", hint=f"Type: {self.install}"
            ) from error


class Drivers(abc.ABC):
    """How connections to one kind of database are opened and asked; for ``runtime`` alone.

    Connections are in autocommit mode and ready to use. A driver of the synchronous face is PEP
    249's; of the asynchronous face the same with coroutines.
    """

    drivers: tuple[Driver, ...] = ()
    streams_alone = False
    """Whether a connection can do nothing else while a ``stream_cursor`` of it is being read."""

    @abc.abstractmethod
    def connect(self, settings: DatabaseSettings) -> Any:
        """Open a connection of the synchronous face."""

    @abc.abstractmethod
    async def async_connect(self, settings: DatabaseSettings) -> Any:
        """Open a connection of the asynchronous face, inside the running event loop."""

    @abc.abstractmethod
    def facts(self, connection: Any) -> dict[str, Any]:
        """Return keyword arguments for ``dialect_for`` that the server tells, version included."""

    @abc.abstractmethod
    async def async_facts(self, connection: Any) -> dict[str, Any]:
        """The same for a connection of the asynchronous face."""

    def cursor(self, connection: Any) -> Any:
        """Return a cursor for compiled SQL; it may be used again and again."""
        return connection.cursor()

    def another(self, cursor: Any, connection: Any) -> Any:
        """Return a cursor like one of the connection, whose rows are still being read."""
        return self.cursor(connection)

    async def async_cursor(self, connection: Any) -> Any:
        """The same for a connection of the asynchronous face."""
        return connection.cursor()

    def raw_cursor(self, connection: Any) -> Any:
        """Return a cursor for SQL that a user wrote with ``%s`` in it; see ``raw_sql``."""
        return self.cursor(connection)

    async def async_raw_cursor(self, connection: Any) -> Any:
        """The same for a connection of the asynchronous face."""
        return await self.async_cursor(connection)

    def stream_cursor(self, connection: Any, *, hold: bool = True) -> Any:
        """Return a cursor that does not read all rows at once.

        Args:
            connection: An open connection.
            hold: Whether it is read outside of a transaction, and so must outlive each of them.
        """
        return self.cursor(connection)

    async def async_stream_cursor(self, connection: Any, *, hold: bool = True) -> Any:
        """The same for a connection of the asynchronous face."""
        return await self.async_cursor(connection)

    def drop_stream(self, cursor: Any) -> None:
        """Forget the unread rows of a ``stream_cursor`` whose connection is closed."""
        cursor.close()

    async def async_drop_stream(self, cursor: Any) -> None:
        """The same for a connection of the asynchronous face."""
        await cursor.close()

    def raw_sql(self, sql: str, params: Any) -> tuple[str, Any]:
        """Return a user's SQL (``%s``, ``%(name)s``) and parameters as the driver takes them."""
        return sql, params

    def close(self, connection: Any) -> None:
        """Close a connection of the synchronous face."""
        connection.close()

    async def async_close(self, connection: Any) -> None:
        """Close a connection of the asynchronous face."""
        await connection.close()

    @abc.abstractmethod
    def alive(self, connection: Any) -> bool:
        """Whether the connection is believed to be open; asks no server."""

    def is_memory(self, settings: DatabaseSettings) -> bool:
        """Whether the database lives in the memory of this process."""
        return False

    def in_transaction(self, connection: Any) -> bool | None:
        """Whether a transaction is open on the server; None where the driver cannot tell."""
        return None

    def pick(self, face: str, wanted: str | None = None) -> Driver:
        """Return the wanted driver of a face, or the first that is installed.

        Raises:
            MissingDriver: None is installed; the hint is the command.
        """
        known = [d for d in self.drivers if d.face == face]
        if wanted is not None:
            known = [d for d in known if d.module.lower() == wanted.lower()] or known
        found = next((d for d in known if d.installed), None)
        if found is None:
            names = " or ".join(f"'{d.module}'" for d in known)
            raise MissingDriver(
                f"no driver is installed for this database: {names}",
                hint=f"Type: {_easiest(known).install}",
            )
        return found


def _easiest(known: list[Driver]) -> Driver:
    """The driver that an extra of Manybase brings, which needs no compiler."""
    return next((d for d in known if "manybase[" in d.install), known[0])
