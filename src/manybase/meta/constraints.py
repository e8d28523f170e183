"""Constraints and indexes of a table, as data; re-exported by ``manybase.models``.

``schema`` renders them, ``ops.validate`` checks them before a save. Conditions and expressions are
kept as given; what can be told wrong without a model is refused here.
"""

from __future__ import annotations

import copy
import enum
import re
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

    def get_violation_error_message(self) -> str:
        """The text of the ValidationError, with the constraint's name filled in."""
        message = self.violation_error_message or "Constraint '%(name)s' is violated."
        return message % {"name": self.name} if "%(" in message else message

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

    def __init__(
        self,
        *,
        condition: Any,
        name: str,
        violation_error_message: str | None = None,
        violation_error_code: str | None = None,
    ) -> None:
        super().__init__(
            name=name,
            violation_error_message=violation_error_message,
            violation_error_code=violation_error_code,
        )
        if not getattr(condition, "conditional", False):
            raise ConfigurationError(
                f"the condition of CheckConstraint '{name}' is a {type(condition).__name__}",
                hint=f"Write CheckConstraint(condition=Q(...), name='{name}').",
            )
        self.condition = condition


class UniqueConstraint(Constraint):
    """No two rows may have the same values.

    Args:
        expressions: Expressions, where plain fields do not say it; each may be an ``OpClass``.
        fields: Names of fields.
        condition: A ``Q``; only rows that satisfy it are compared.
        deferrable: When the database checks it.
        include: Names of fields that the index carries besides.
        nulls_distinct: Whether two nulls count as different.
        opclasses: PostgreSQL's operator classes, one for each field.
        violation_error_message: The text of the ValidationError.
        violation_error_code: Its code.

    Example:
        >>> UniqueConstraint(Lower("name"), name="person_name_whatever_case")
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
        violation_error_message: str | None = None,
        violation_error_code: str | None = None,
    ) -> None:
        super().__init__(
            name=name,
            violation_error_message=violation_error_message,
            violation_error_code=violation_error_code,
        )
        what = f"UniqueConstraint '{name}'"
        _check_columns(what, expressions, fields, opclasses, include, condition)
        if deferrable is not None:
            given = {"condition": condition, "include": include, "opclasses": opclasses}
            given["expressions"] = expressions
            _refuse_deferrable(what, deferrable, given)
        self.expressions, self.expression_opclasses = _without_classes(expressions)
        self.fields = tuple(fields)
        self.condition = condition
        self.deferrable = deferrable
        self.include = tuple(include)
        self.opclasses = tuple(opclasses)
        self.nulls_distinct = nulls_distinct


class Index:
    """An index of a table.

    Args:
        expressions: Expressions, where plain fields do not say it; each may be an ``OpClass``.
        fields: Names of fields; a leading ``-`` means descending.
        name: The index's name in the database; made from the fields when left out.
        condition: A ``Q``; only rows that satisfy it are indexed.
        include: Names of fields that the index carries besides.
        opclasses: PostgreSQL's operator classes, one for each field.
        db_tablespace: Where the database keeps the index, on PostgreSQL.

    Example:
        >>> Index(fields=["-published"], name="newest", condition=Q(visible=True))
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
        _check_columns(f"Index '{name or ''}'", expressions, fields, opclasses, include, condition)
        if name is None and (expressions or include or opclasses or condition is not None):
            raise ConfigurationError(
                "an Index with expressions, a condition, include or opclasses needs a name",
                hint="Write Index(..., name='...'); only one of plain fields gets one by itself.",
            )
        self.expressions, self.expression_opclasses = _without_classes(expressions)
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


def _check_columns(
    what: str,
    expressions: Sequence[Any],
    fields: Sequence[str],
    opclasses: Sequence[str],
    include: Sequence[str],
    condition: Any,
) -> None:
    """Refuse what no constraint or index can mean.

    Raises:
        ConfigurationError: It names the option.
    """
    for option, given in (("fields", fields), ("include", include), ("opclasses", opclasses)):
        if isinstance(given, str) or not all(isinstance(name, str) for name in given):
            raise ConfigurationError(
                f"{option} of {what} must be a list of names",
                hint=f"Write {option}=['...'].",
            )
    if bool(expressions) == bool(fields):
        raise ConfigurationError(
            f"{what} needs either fields or expressions",
            hint="Write fields=['...'], or give expressions before the keywords.",
        )
    for name in opclasses:
        check_operator_class(what, name)
    if opclasses and len(opclasses) != len(fields):
        raise ConfigurationError(
            f"{what} has {len(fields)} fields but {len(opclasses)} opclasses",
            hint="Give one operator class for each field; write OpClass(...) around expressions.",
        )
    if condition is not None and not getattr(condition, "conditional", False):
        raise ConfigurationError(
            f"the condition of {what} is a {type(condition).__name__}",
            hint="Write condition=Q(...).",
        )


def check_operator_class(what: str, name: Any) -> None:
    """Refuse what is no name of an operator class: it goes into SQL as it is.

    Raises:
        ConfigurationError: It is none.
    """
    if not isinstance(name, str) or not _OPERATOR_CLASS.fullmatch(name):
        raise ConfigurationError(
            f"the operator class of {what} must be a name: letters, digits, '_' and points",
            hint="Write name='text_pattern_ops'.",
        )


#: A name, and options in parentheses: ``gist_trgm_ops(siglen = 32)``.
_OPERATOR_CLASS = re.compile(r"[A-Za-z_][\w.]*( ?\([\w =,]*\))?", re.ASCII)


def _without_classes(expressions: Sequence[Any]) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """Take the ``OpClass`` away from expressions; return them, and the name of each or ""."""
    found, names = [], []
    for expression in expressions:
        inner: Any = getattr(expression, "expression", None)
        if hasattr(expression, "operator_class"):
            names.append(expression.operator_class)
            expression = inner
        elif hasattr(inner, "operator_class") and hasattr(expression, "descending"):
            names.append(inner.operator_class)
            expression = copy.copy(expression)
            expression.expression = inner.expression
        else:
            names.append("")
        found.append(expression)
    return tuple(found), tuple(names)


def _refuse_deferrable(what: str, deferrable: Any, given: dict[str, Any]) -> None:
    if not isinstance(deferrable, Deferrable):
        raise ConfigurationError(
            f"deferrable of {what} is a {type(deferrable).__name__}",
            hint="Write deferrable=Deferrable.DEFERRED or Deferrable.IMMEDIATE.",
        )
    for option, value in given.items():
        if value:
            raise ConfigurationError(
                f"{what} has {option} and cannot be deferrable",
                hint="Only a constraint of plain fields can be checked later than at once.",
            )
