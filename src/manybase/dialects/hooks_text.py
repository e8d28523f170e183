"""How texts are compared: the part of a dialect that says it in SQL.

Case-sensitive where it is not asked otherwise, beyond ASCII where it is; wildcards in a value are
letters like any other. Called by the query compiler.
"""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

from manybase.dialects.converter import Converter

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class TextHooks(abc.ABC):
    """Comparisons of texts."""

    @abc.abstractmethod
    def text_match(
        self,
        kind: str,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        ignore_case: bool = False,
        raw: bool = False,
    ) -> ColumnElement[bool]:
        """Return the condition that a text matches another.

        Args:
            kind: "exact", "contains", "startswith" or "endswith".
            lhs: A text; cast other things with ``cast_text`` first.
            rhs: A parameter that went through ``pattern(kind, ignore_case)``; with ``raw`` any
                expression, taken as it is.
            ignore_case: Compare upper case with upper case.
            raw: Whether ``rhs`` is an expression.
        """

    @abc.abstractmethod
    def pattern(self, kind: str, ignore_case: bool = False) -> Converter | None:
        """Return what a parameter of ``text_match`` must go through, or None for nothing."""

    def regex_pattern(self) -> Converter | None:
        """Return what a regular expression goes through before the database sees it."""
        return None

    @abc.abstractmethod
    def regex(
        self, lhs: ColumnElement[Any], rhs: ColumnElement[Any], ignore_case: bool = False
    ) -> ColumnElement[bool]:
        """Return the condition that a regular expression is found in a text."""

    @abc.abstractmethod
    def cast_text(self, lhs: ColumnElement[Any], storage: Any = None) -> ColumnElement[str]:
        """Return any value as text; ``storage`` tells what it is, where that is known."""


def like_contains(value: str) -> str:
    """Return a LIKE pattern for texts that hold the value."""
    return f"%{escape_like(value)}%"


def like_startswith(value: str) -> str:
    """Return a LIKE pattern for texts that begin with the value."""
    return f"{escape_like(value)}%"


def like_endswith(value: str) -> str:
    """Return a LIKE pattern for texts that end with the value."""
    return f"%{escape_like(value)}"


def escape_like(value: str) -> str:
    """Return the value with LIKE's wildcards made literal by a backslash."""
    return str(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
