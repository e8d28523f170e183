"""The transforms in a path: registered ones, and keys of JSON documents.

Made by ``query.path`` when a name is met for the first time; the compiler calls ``apply``. Nothing
here knows a database.
"""

from __future__ import annotations

import re
from typing import Any

from manybase.errors import FieldError, QueryError
from manybase.meta.storage import Storage

_INDEX = re.compile(r"-?[0-9]{1,9}", re.ASCII)


class Applied:
    """A transform in a path.

    Args:
        cls: The registered class: a ``Transform`` or a function of one argument.
        name: Its name there.
        storage: How what it is applied to is kept.

    Attributes:
        bilateral: Whether the other side is transformed, too.
        output_field: The field that the result is one of, where the class says so.
        storage: How the result is kept.
    """

    __slots__ = ("bilateral", "name", "output_field", "storage", "transform")

    def __init__(self, cls: Any, name: str, storage: Storage) -> None:
        self.name = name
        try:
            self.transform = cls("pk")
        except (TypeError, QueryError):
            raise FieldError(
                f"'{name}' cannot stand in a name: {cls.__name__} takes more than one argument",
                hint=f"Annotate with {cls.__name__}(...) and filter on the annotation.",
            ) from None
        self.transform.check([storage])
        self.bilateral = bool(getattr(cls, "bilateral", False))
        self.output_field = self.transform.output_field
        self.storage: Storage = storage
        if self.output_field is not None:
            self.storage = self.output_field.storage
        else:
            self.storage = self.transform.result_of([storage]) or storage

    def apply(self, terms: Any, term: Any) -> Any:
        """Return the term of the result."""
        transform = self.transform
        sql = type(transform).build(terms.dialect, [term], transform.options, self.storage)
        nullable = term.nullable or getattr(transform, "can_be_null", True)
        return term._replace(
            sql=sql, storage=self.storage, field=None, nullable=nullable, read=None
        )


class Keys:
    """Keys and indexes in a path through a JSON document.

    Args:
        keys: Names and, for places in lists, numbers.
        storage: How the document is kept.
    """

    __slots__ = ("keys", "storage")

    bilateral = False
    output_field = None

    def __init__(self, keys: tuple[str | int, ...], storage: Storage) -> None:
        self.keys = keys
        self.storage = storage

    def apply(self, terms: Any, term: Any) -> Any:
        """Return the term of what the keys lead to: JSON, null where nothing is there."""
        sql = terms.dialect.json_at(term.sql, self.keys, terms.binder.shared)
        return term._replace(sql=sql, storage=self.storage, field=None, nullable=True, read=None)


def key(name: str) -> str | int:
    """A part of a name as a key: a whole number is a place in a list."""
    return int(name) if _INDEX.fullmatch(name) else name
