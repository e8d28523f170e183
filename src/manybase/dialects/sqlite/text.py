"""How SQLite compares texts: GLOB and instr, which tell cases apart, and ``manybase_upper``."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal_column

from manybase.dialects.converter import Converter, call
from manybase.dialects.hooks_text import TextHooks
from manybase.errors import DataError


def _escape_glob(value: str) -> str:
    return str(value).replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")


def glob_startswith(value: str) -> str:
    """Return a GLOB pattern for texts that begin with the value."""
    return f"{_escape_glob(value)}*"


def glob_endswith(value: str) -> str:
    """Return a GLOB pattern for texts that end with the value."""
    return f"*{_escape_glob(value)}"


_PATTERNS = {"startswith": call(glob_startswith), "endswith": call(glob_endswith)}


def checked_pattern(value: str) -> str:
    """Return a regular expression that Python can read.

    Raises:
        DataError: It cannot; the database would only say that a function failed.
    """
    try:
        re.compile(value)
    except re.error as error:
        raise DataError(f"the text given is no regular expression: {error.msg}") from error
    return value


class SQLiteText(TextHooks):
    """SQLite's comparisons of texts."""

    def pattern(self, kind: str, ignore_case: bool = False) -> Converter | None:
        return None if ignore_case else _PATTERNS.get(kind)

    def text_match(
        self,
        kind: str,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        ignore_case: bool = False,
        raw: bool = False,
    ) -> ColumnElement[bool]:
        if ignore_case:
            lhs, rhs = func.manybase_upper(lhs), func.manybase_upper(rhs)
        if kind == "exact":
            return lhs == rhs
        if kind == "contains":
            return func.instr(lhs, rhs) > literal_column("0")
        if not raw and not ignore_case:
            # A pattern that begins with letters can use an index.
            return lhs.op("GLOB", is_comparison=True)(rhs)
        if kind == "startswith":
            return func.substr(lhs, literal_column("1"), func.length(rhs)) == rhs
        start = func.length(lhs) - func.length(rhs) + literal_column("1")
        tail = func.substr(lhs, start) == rhs
        return (func.length(lhs) >= func.length(rhs)) & tail

    def regex_pattern(self) -> Converter | None:
        return call(checked_pattern)

    def regex(
        self, lhs: ColumnElement[Any], rhs: ColumnElement[Any], ignore_case: bool = False
    ) -> ColumnElement[bool]:
        if ignore_case:
            rhs = literal_column("'(?i)'", String).concat(rhs)
        return lhs.op("REGEXP", is_comparison=True)(rhs)

    def cast_text(self, lhs: ColumnElement[Any], storage: Any = None) -> ColumnElement[str]:
        return cast(lhs, String)
