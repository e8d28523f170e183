"""Every error that Manybase raises, in one hierarchy, and the suggestions they carry.

Imports nothing of Manybase, executes nothing. All layers raise from here; drivers' own exceptions
are translated into these classes by ``runtime.translate``. A message never holds a password or a
row's value; ``hint`` says what to type instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class ManybaseError(Exception):
    """The root of all errors raised by Manybase.

    Args:
        message: One sentence that says what happened, with names in quotes.
        hint: What to type instead; shown on a line of its own.
    """

    code = "MB-0000"

    def __init__(self, message: str = "", *args: object, hint: str | None = None) -> None:
        super().__init__(message, *args)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


def _rebuild(
    cls: type[ManybaseError], args: tuple[Any, ...], attributes: dict[str, Any]
) -> ManybaseError:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(attributes)
    return error


# Settings and start-up


class ConfigurationError(ManybaseError):
    """A setting is missing or wrong; the message names the key and the cure."""

    code = "MB-C001"


ImproperlyConfigured = ConfigurationError


class MissingDriver(ConfigurationError):
    """The driver of a database is not installed; the hint is the pip command."""

    code = "MB-C002"


class AppRegistryNotReady(ManybaseError):
    """A model or an app was asked for before ``manybase.setup()``."""

    code = "MB-C003"


# Names


class FieldError(ManybaseError):
    """A name in a query is no field, relation or lookup of the model."""

    code = "MB-Q001"


class FieldDoesNotExist(FieldError):
    """``_meta.get_field()`` was asked for a name that the model does not have."""

    code = "MB-Q002"


class UnknownModel(ManybaseError, LookupError):
    """A model named by a string is not registered."""

    code = "MB-M001"


class UnknownAlias(ManybaseError, LookupError):
    """An alias is not among the configured databases."""

    code = "MB-D001"


ConnectionDoesNotExist = UnknownAlias


class UnexpectedKeyword(ManybaseError, TypeError):
    """A model's constructor was given a name that is no field of it."""

    code = "MB-M002"


class FieldValueError(ManybaseError, ValueError, TypeError):
    """A value cannot be one of the field that it is compared with or stored in."""

    code = "MB-F001"


# Places


class CrossDatabaseError(ManybaseError, ValueError):
    """Two databases meet where only one can be; both aliases are named."""

    code = "MB-P001"


class NoPlace(ManybaseError):
    """No rule says which database a query belongs to; the aliases are listed."""

    code = "MB-P002"


class DatabaseNotAllowed(ManybaseError, AssertionError):
    """A test touched a database that its class does not declare in ``databases``."""

    code = "MB-P003"


# Results


class ObjectDoesNotExist(ManybaseError):
    """The query of ``get()`` matched no row; each model has its own ``DoesNotExist``."""

    code = "MB-R001"


class MultipleObjectsReturned(ManybaseError):
    """The query of ``get()`` matched more than one row."""

    code = "MB-R002"


class ObjectNotUpdated(ManybaseError):
    """A forced update, or one of named fields, changed no row."""

    code = "MB-R003"


# Use


class SyncOnlyOperation(ManybaseError, RuntimeError):
    """A synchronous call was made inside a running event loop."""

    code = "MB-A001"


SynchronousOnlyOperation = SyncOnlyOperation


class CoreSuspended(ManybaseError, RuntimeError):
    """A coroutine of the core waited for something on the synchronous face: a defect."""

    code = "MB-A002"


class TransactionManagementError(ManybaseError):
    """A transaction was used in a way that its state does not allow."""

    code = "MB-T001"


class QueryError(ManybaseError, TypeError):
    """A queryset method was called in a way that has no meaning for this queryset."""

    code = "MB-Q003"


class FieldFetchBlocked(QueryError):
    """A value was read that was not loaded, and its fetch mode forbids to load it unasked."""

    code = "MB-Q006"


class UnknownPrefetch(QueryError, AttributeError):
    """A name given to ``prefetch_related()`` is no attribute of the objects."""

    code = "MB-Q004"


class NotPrefetchable(QueryError, ValueError):
    """A name given to ``prefetch_related()`` is an attribute, but no relation."""

    code = "MB-Q005"


class FixtureError(ManybaseError):
    """A fixture cannot be found, read or loaded."""

    code = "MB-X001"


# What the databases answer (PEP 249's classes, translated)


class DatabaseError(ManybaseError):
    """A database or its driver refused a statement."""

    code = "MB-D100"


class InterfaceError(DatabaseError):
    """The driver was used wrongly, as on a closed connection."""

    code = "MB-D101"


class DataError(DatabaseError):
    """A value is out of the range of its column."""

    code = "MB-D102"


class OperationalError(DatabaseError):
    """The server is unreachable, a lock timed out, or the like."""

    code = "MB-D103"


class IntegrityError(DatabaseError):
    """A constraint refused the row."""

    code = "MB-D104"


class InternalError(DatabaseError):
    """The database is in a state that it cannot go on from."""

    code = "MB-D105"


class ProgrammingError(DatabaseError):
    """The statement is wrong for this database."""

    code = "MB-D106"


class NotSupportedError(DatabaseError):
    """The database has no such feature; the message gives the reason."""

    code = "MB-D107"


class MissingTable(ProgrammingError, OperationalError):
    """A statement names a table that is not there; the hint says how to make it."""

    code = "MB-D108"


class ProtectedError(IntegrityError):
    """``on_delete=PROTECT`` keeps an object from being deleted."""

    code = "MB-D109"

    def __init__(self, message: str, protected_objects: Iterable[Any] = ()) -> None:
        super().__init__(message)
        self.protected_objects = set(protected_objects)


class RestrictedError(IntegrityError):
    """``on_delete=RESTRICT`` keeps an object from being deleted."""

    code = "MB-D110"

    def __init__(self, message: str, restricted_objects: Iterable[Any] = ()) -> None:
        super().__init__(message)
        self.restricted_objects = set(restricted_objects)


# Validation

NON_FIELD_ERRORS = "__all__"


class ValidationError(ManybaseError):
    """One or several values are not valid; raised by validators and ``full_clean()``.

    Args:
        message: A text, a list of texts or errors, or a mapping of field names to those.
        code: A word that programs can tell the failure by (``"max_length"``).
        params: Values for ``%(name)s`` places in the text.
    """

    def __init__(
        self,
        message: str | list[Any] | Mapping[str, Any] | ValidationError,
        code: str | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message if isinstance(message, str) else "")
        self.code = code or ""
        self.params = params
        self.error_list: list[ValidationError] = []
        if isinstance(message, ValidationError):
            self._copy(message)
        elif isinstance(message, Mapping):
            self.error_dict = {name: _errors(errors) for name, errors in message.items()}
        elif isinstance(message, list):
            self.error_list = [e for item in message for e in _errors(item)]
        else:
            self.error_list = [self]

    def _copy(self, other: ValidationError) -> None:
        if hasattr(other, "error_dict"):
            self.error_dict = other.error_dict
        elif other.error_list != [other]:
            self.error_list = other.error_list
        else:
            self.message, self.code, self.params = other.message, other.code, other.params
            self.args = (other.message,)
            self.error_list = [self]

    @property
    def message_dict(self) -> dict[str, list[str]]:
        """The texts by field name; only where the error was made from a mapping."""
        return {name: [m for e in found for m in e.messages] for name, found in self._dict()}

    def _dict(self) -> Iterable[tuple[str, list[ValidationError]]]:
        if not hasattr(self, "error_dict"):
            raise AttributeError("this ValidationError has no fields; read .messages")
        return self.error_dict.items()

    @property
    def messages(self) -> list[str]:
        """All texts, with their parameters filled in."""
        if hasattr(self, "error_dict"):
            return [m for found in self.error_dict.values() for e in found for m in e.messages]
        return [str(e.message % dict(e.params) if e.params else e.message) for e in self.error_list]

    def update_error_dict(
        self, error_dict: dict[str, list[ValidationError]]
    ) -> dict[str, list[ValidationError]]:
        """Add these errors to a mapping of lists and return it."""
        if hasattr(self, "error_dict"):
            for name, found in self.error_dict.items():
                error_dict.setdefault(name, []).extend(found)
        else:
            error_dict.setdefault(NON_FIELD_ERRORS, []).extend(self.error_list)
        return error_dict

    def __str__(self) -> str:
        return repr(self.message_dict) if hasattr(self, "error_dict") else repr(self.messages)

    def __repr__(self) -> str:
        return f"ValidationError({self})"


def _errors(value: Any) -> list[ValidationError]:
    error = value if isinstance(value, ValidationError) else ValidationError(value)
    if hasattr(error, "error_dict"):
        return [e for found in error.error_dict.values() for e in found]
    return error.error_list


def suggest(name: str, choices: Iterable[str]) -> str | None:
    """Say which of the known names was probably meant, as a hint, or None.

    >>> suggest("titel", ["id", "title"])
    "Did you mean 'title'?"
    """
    import difflib  # only where it is needed: imports must stay light

    found = difflib.get_close_matches(name, list(choices), n=1, cutoff=0.6)
    return f"Did you mean '{found[0]}'?" if found else None


def hint_for(name: str, choices: Iterable[str]) -> str:
    """Return a suggestion, or the sorted list of all choices where nothing is close."""
    names = sorted(choices)
    return suggest(name, names) or f"Choices are: {', '.join(names)}."
