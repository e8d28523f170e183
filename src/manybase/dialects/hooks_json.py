"""How JSON documents are read: the part of a dialect that says it in SQL.

A value inside a document is itself JSON, null where nothing is there, so that every hook takes what
``json_at`` gives. Texts and numbers are compared as such, never a text with a number. Called by
the query compiler.
"""

from __future__ import annotations

import abc
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import case, literal_column, or_

from manybase.dialects.converter import Converter

Bind = Callable[[str], Any]
Compare = Callable[[Any, Any], Any]

#: Keys that may stand in the SQL between quotes; all others are bound.
PLAIN_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ -]*", re.ASCII)
#: The order of kinds of values, that of PostgreSQL.
KINDS = ("null", "text", "number", "boolean", "list", "object")


class JSONHooks(abc.ABC):
    """Documents and the values in them."""

    @abc.abstractmethod
    def json_at(self, document: Any, keys: Sequence[str | int], bind: Bind) -> Any:
        """Return what keys and places lead to, as JSON; null where nothing is there.

        Args:
            document: A column or an expression of JSON.
            keys: Names, and numbers for places in lists (from the end below zero).
            bind: Makes a parameter of a text, the same one for the same text.
        """

    @abc.abstractmethod
    def json_kind(self, value: Any) -> Any:
        """Return the database's own word for the kind of a value."""

    @abc.abstractmethod
    def json_words(self, kind: str) -> Sequence[str]:
        """Return the database's words for one of ``KINDS``."""

    def json_is(self, value: Any, kind: str) -> Any:
        """Return the condition that a value is of one of ``KINDS``."""
        words: list[Any] = [literal_column(f"'{word}'") for word in self.json_words(kind)]
        found = self.json_kind(value)
        return found == words[0] if len(words) == 1 else found.in_(words)

    def json_text(self, value: Any) -> Any:
        """Return a text as text; null where the value is no text."""
        return case((self.json_is(value, "text"), self.json_bare(value)))

    def json_number(self, value: Any) -> Any:
        """Return a number as a number; null where the value is none."""
        return case((self.json_is(value, "number"), self.json_as_number(value)))

    def json_letters(self, value: Any) -> Any:
        """Return a text or a number as text; null for all else."""
        either = or_(self.json_is(value, "text"), self.json_is(value, "number"))
        return case((either, self.json_bare(value)))

    def json_shown(self, value: Any) -> Any:
        """Return any value as text, lists and objects as JSON; null for null."""
        return case((self.json_is(value, "null"), None), else_=self.json_bare(value))

    @abc.abstractmethod
    def json_bare(self, value: Any) -> Any:
        """Return any value as text, a text without its quotes."""

    @abc.abstractmethod
    def json_as_number(self, value: Any) -> Any:
        """Return a value that is a number as one."""

    @abc.abstractmethod
    def json_truth(self, value: Any, wanted: bool) -> Any:
        """Return the condition that a value is true, or that it is false."""

    def json_boolean(self, value: Any) -> Any:
        """Return true or false as such; null where the value is neither."""
        one: Any = literal_column("true")
        none: Any = literal_column("false")
        return case((self.json_truth(value, True), one), (self.json_truth(value, False), none))

    def json_compare_number(
        self, compare: Compare, value: Any, number: Any, whole: bool = False
    ) -> Any:
        """Return a comparison of a value with a number; ``whole`` where that has no fraction."""
        return compare(self.json_number(value), number)

    def json_compare_text(self, compare: Compare, value: Any, text: Any) -> Any:
        """Return a comparison of a value with a text, by code points."""
        return compare(self.json_text(value), text)

    @abc.abstractmethod
    def json_equal(self, one: Any, other: Any) -> Any:
        """Return the condition that two values are equal, whatever the order of their keys."""

    @abc.abstractmethod
    def json_contains(self, value: Any, part: Any, kind: str) -> Any:
        """Return the condition that a value holds another, on the same level.

        Args:
            value: The larger value.
            part: The smaller one.
            kind: Of which one of ``KINDS`` the smaller one is; "" where it is the column, and
                the larger one was given.
        """

    @abc.abstractmethod
    def json_has(self, value: Any, keys: Sequence[Any]) -> Any:
        """Return the condition that an object has a key, bound in each of ``json_key_forms``."""

    def json_key_forms(self) -> Sequence[Converter | None]:
        """Return how a key is converted for each parameter of ``json_has``."""
        return (None,)

    def json_given(self, bound: Any) -> Any:
        """Return a bound JSON text as a value."""
        return bound

    def json_order(self, value: Any) -> list[Any]:
        """Return what a value is ordered by: its kind, then numbers and texts."""
        ranks: list[Any] = [
            (self.json_is(value, kind), literal_column(str(rank)))
            for rank, kind in enumerate(KINDS, 1)
        ]
        truth = case((self.json_truth(value, True), literal_column("1")))
        return [case(*ranks), self.json_number(value), self.json_text(value), truth]


def path_text(key: str | int) -> str:
    """Return a step of a SQL/JSON path; a key stands in quotes with its letters escaped."""
    return f"[{key}]" if isinstance(key, int) else f".{json.dumps(key)}"


def raw_path_text(key: str) -> str:
    """Return a step of a path whose letters beyond ASCII are not escaped."""
    return f".{json.dumps(key, ensure_ascii=False)}"
