"""CREATE INDEX for the indexes of a model, and for unique constraints that need an index.

Pure. What a database has no means for is left out: ``features.why()`` gives the reason, and
validation in Python still checks such a constraint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manybase.dialects.base import Dialect
from manybase.meta.constraints import Index, UniqueConstraint
from manybase.schema.conditions import render_condition, render_order
from manybase.schema.names import name_for
from manybase.schema.tables import columns_of, is_plain

LONGEST_PREFIX = 191
"""Characters of a text without limit that are indexed where a database asks for a number."""


class Indexes:
    """The CREATE INDEX statements of one model."""

    def __init__(self, model: Any, dialect: Dialect, if_not_exists: bool = False) -> None:
        self.meta = model._meta.concrete_model._meta
        self.dialect = dialect
        allowed = if_not_exists and dialect.features.index_if_not_exists
        self._word = "INDEX IF NOT EXISTS" if allowed else "INDEX"

    def statements(self) -> list[str]:
        """Return the statements, fields' own indexes first."""
        found = [self._of_field(field) for field in self.meta.local_concrete_fields]
        found.extend(self._of_index(index) for index in self.meta.indexes)
        found.extend(
            self._of_index(one, unique=True)
            for one in self.meta.constraints
            if isinstance(one, UniqueConstraint) and not is_plain(one)
        )
        return [statement for statement in found if statement]

    def _of_field(self, field: Any) -> str | None:
        if not field.db_index or field.unique:
            return None
        features = self.dialect.features
        if field.is_relation and field.remote_field.db_constraint and features.indexes_foreign_keys:
            return None
        name = self._name([field.column])
        return self._create(name, [self._column(field)])

    def _of_index(self, index: Index | UniqueConstraint, unique: bool = False) -> str | None:
        features = self.dialect.features
        if index.condition is not None and not features.partial_indexes:
            return None
        if index.expressions and not features.expression_indexes:
            return None
        if index.expressions:
            parts = render_order(self.meta.model, index.expressions, self.dialect)
        else:
            parts = list(self._parts(index))
        name = index.name or self._name([field.lstrip("-") for field in index.fields])
        statement = self._create(name, parts, unique)
        if index.include and features.covering_indexes:
            included = [self.dialect.quote(c) for c in columns_of(self.meta, index.include)]
            statement += f" INCLUDE ({', '.join(included)})"
        if isinstance(index, UniqueConstraint) and index.nulls_distinct is False:
            statement += " NULLS NOT DISTINCT" if features.nulls_distinct else ""
        if index.condition is not None:
            condition = render_condition(self.meta.model, index.condition, self.dialect)
            statement += f" WHERE {condition}"
        return statement

    def _parts(self, index: Index | UniqueConstraint) -> Iterable[str]:
        for position, name in enumerate(index.fields):
            part = self._column(self.meta.get_field(name.lstrip("-")))
            if position < len(index.opclasses) and self.dialect.features.operator_classes:
                part += f" {index.opclasses[position]}"
            yield f"{part} DESC" if name.startswith("-") else part

    def _column(self, field: Any) -> str:
        quoted = self.dialect.quote(field.column)
        storage = field.storage
        endless = storage.family in ("text", "binary", "json") and not storage.size
        if endless and self.dialect.features.index_prefixes:
            return f"{quoted}({LONGEST_PREFIX})"
        return quoted

    def _create(self, name: str, parts: list[str], unique: bool = False) -> str:
        word = f"UNIQUE {self._word}" if unique else self._word
        table = self.dialect.quote(self.meta.db_table)
        return f"CREATE {word} {self.dialect.quote(name)} ON {table} ({', '.join(parts)})"

    def _name(self, columns: list[str]) -> str:
        return name_for(self.meta.db_table, columns, "idx", self.dialect.max_name_length)
