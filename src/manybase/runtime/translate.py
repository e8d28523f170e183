"""Turns what a driver raises into the errors of Manybase, with a hint where one helps.

The dialect says what an exception means; the sentence is made here. Never shows parameters: they
may hold what is private. Called by the executors on the way out of a failed statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from manybase.errors import DatabaseError, ManybaseError, MissingTable

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect


def translated(error: Exception, dialect: Dialect, alias: str) -> Exception:
    """Return the error to raise for what a driver raised.

    An exception that is no driver's, or Manybase's already, is returned unchanged.
    """
    if isinstance(error, ManybaseError):
        return error
    found = dialect.translate(error)
    if found is None:
        return error
    kind, table = found
    if issubclass(kind, MissingTable):
        return _missing_table(kind, table, alias)
    return kind(dialect.wording(error) or type(error).__name__)


def raise_instead(found: Exception, error: Exception) -> NoReturn:
    """Raise the translated error with the driver's as its cause, or the same one again."""
    if found is error:
        raise error
    raise found from error


def _missing_table(kind: type[MissingTable], table: str | None, alias: str) -> DatabaseError:
    return kind(
        f"the database '{alias}' has no table '{table}'",
        hint=f"Type models.create_tables(..., using='{alias}') to make it, or name the database"
        " that has it with .using().",
    )
