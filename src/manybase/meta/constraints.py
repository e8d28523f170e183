"""Constraints and indexes of a table, as data; re-exported by ``manybase.models``.

``schema`` renders them, ``models.validation`` checks them before a save. Conditions and
expressions are kept as given.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Any

from manybase.errors import ConfigurationError


class Deferrable(enum.Enum):
    """When a deferrable unique constraint is checked."""

    DEFERRED = "deferred"
    IMMEDIATE = "immediate"


class Constraint:
    """What all constraints have: a name and how a violation is worded.

    Args:
        name: The constraint's name in the database; ``%(app_label)s`` and ``%(class)s`` are
            filled in for abstract models.
        violation_error_message: The text of the ValidationError.
        violation_error_code: Its code.
    """

    def __init__(
        self,
        *,
        name: str,
        violation_error_message: str | None = None,
        violation_error_code: str | None = None,
    ) -> None:
        if not name:
            raise ConfigurationError(f"{type(self).__name__} must have a name")
        self.name = name
        self.violation_error_message = violation_error_message
        self.violation_error_code = violation_error_code

    def clone(self, name: str) -> Any:
        """Return a copy with another name, for a model that inherits the constraint."""
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__, name=name)
        return copy

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.name!r}>"


class CheckConstraint(Constraint):
    """Rows must satisfy a condition.

    Args:
        condition: A ``Q`` or a boolean expression over the model's own fields.
    """

    def __init__(self, *, condition: Any, name: str, **options: Any) -> None:
        super().__init__(name=name, **options)
        self.condition = condition


class UniqueConstraint(Constraint):
    """No two rows may have the same values.

    Args:
        expressions: Expressions, where plain fields do not say it.
        fields: Names of fields.
        condition: A ``Q``; only rows that satisfy it are compared.
        deferrable: When the database checks it.
        include: Names of fields that the index carries besides.
        nulls_distinct: Whether two nulls count as different.
    """

    def __init__(
        self,
        *expressions: Any,
        fields: Sequence[str] = (),
        name: str,
        condition: Any = None,
        deferrable: Deferrable | None = None,
        include: Sequence[str] = (),
        opclasses: Sequence[str] = (),
        nulls_distinct: bool | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        if bool(expressions) == bool(fields):
            raise ConfigurationError(
                f"UniqueConstraint '{name}' needs either fields or expressions",
                hint=f"Write UniqueConstraint(fields=['...'], name='{name}').",
            )
        self.expressions = tuple(expressions)
        self.fields = tuple(fields)
        self.condition = condition
        self.deferrable = deferrable
        self.include = tuple(include)
        self.opclasses = tuple(opclasses)
        self.nulls_distinct = nulls_distinct


class Index:
    """An index of a table.

    Args:
        expressions: Expressions, where plain fields do not say it.
        fields: Names of fields; a leading ``-`` means descending.
        name: The index's name in the database; made from the fields when left out.
        condition: A ``Q``; only rows that satisfy it are indexed.
        include: Names of fields that the index carries besides.
    """

    def __init__(
        self,
        *expressions: Any,
        fields: Sequence[str] = (),
        name: str | None = None,
        condition: Any = None,
        include: Sequence[str] = (),
        opclasses: Sequence[str] = (),
        db_tablespace: str | None = None,
    ) -> None:
        if bool(expressions) == bool(fields):
            raise ConfigurationError(
                f"Index '{name or ''}' needs either fields or expressions",
                hint="Write Index(fields=['...']).",
            )
        self.expressions = tuple(expressions)
        self.fields = tuple(fields)
        self.name = name
        self.condition = condition
        self.include = tuple(include)
        self.opclasses = tuple(opclasses)
        self.db_tablespace = db_tablespace

    @property
    def fields_orders(self) -> list[tuple[str, str]]:
        """Names of the fields, each with "" or "DESC"."""
        return [(f[1:], "DESC") if f.startswith("-") else (f, "") for f in self.fields]

    def clone(self, name: str | None) -> Index:
        """Return a copy with another name, for a model that inherits the index."""
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__, name=name)
        return copy

    def __repr__(self) -> str:
        return f"<Index: {self.name or list(self.fields)!r}>"
