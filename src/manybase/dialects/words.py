"""The words of transactions, and what the exceptions of drivers mean.

Part of a dialect; gives text and classes, sends nothing. Called by ``runtime``.
"""

from __future__ import annotations

import abc

from manybase import errors

_CLASSES: dict[str, type[errors.DatabaseError]] = {
    "InterfaceError": errors.InterfaceError,
    "DataError": errors.DataError,
    "OperationalError": errors.OperationalError,
    "IntegrityError": errors.IntegrityError,
    "InternalError": errors.InternalError,
    "ProgrammingError": errors.ProgrammingError,
    "NotSupportedError": errors.NotSupportedError,
}


class TransactionWords(abc.ABC):
    """Statements that begin and end transactions, and the meaning of errors."""

    begin = "BEGIN"
    commit = "COMMIT"
    rollback = "ROLLBACK"

    @abc.abstractmethod
    def quote(self, name: str) -> str:
        """Return a name as it stands in SQL."""

    def savepoint(self, name: str) -> str:
        """Return the statement that sets a savepoint."""
        return f"SAVEPOINT {self.quote(name)}"

    def release(self, name: str) -> str:
        """Return the statement that forgets a savepoint and keeps what was done."""
        return f"RELEASE SAVEPOINT {self.quote(name)}"

    def rollback_to(self, name: str) -> str:
        """Return the statement that undoes what was done since a savepoint."""
        return f"ROLLBACK TO SAVEPOINT {self.quote(name)}"

    def isolation(self, level: str) -> str:
        """Return the statement that sets the isolation of the transaction being begun."""
        return f"SET TRANSACTION ISOLATION LEVEL {level.upper().replace('_', ' ')}"

    @abc.abstractmethod
    def translate(
        self, exception: BaseException
    ) -> tuple[type[errors.DatabaseError], str | None] | None:
        """Say what a driver's exception means.

        Returns:
            The class of Manybase and, for a missing table, its name; None where the exception is
            not one of a driver.
        """

    def wording(self, exception: BaseException) -> str:
        """Return the sentence of a driver's exception without the values of a row."""
        return str(exception).strip()

    @abc.abstractmethod
    def is_disconnect(self, exception: BaseException) -> bool:
        """Whether the exception says that the connection is gone."""

    def is_conflict(self, exception: BaseException) -> bool:
        """Whether the exception says that the whole transaction may be tried again."""
        return False


def class_by_name(exception: BaseException) -> type[errors.DatabaseError] | None:
    """Return the class for a PEP 249 exception, found by the names of its bases."""
    for base in type(exception).__mro__:
        found = _CLASSES.get(base.__name__)
        if found is not None:
            return found
    if any(base.__name__ in ("DatabaseError", "MySQLError") for base in type(exception).__mro__):
        return errors.DatabaseError
    return None
