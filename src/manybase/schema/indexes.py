"""CREATE INDEX for the indexes of a model, and for unique constraints that need an index.

Pure. What a database has no means for is left out: ``limits`` tells it with the reason, and
validation in Python still checks such a constraint.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Iterable
from typing import Any

from manybase.dialects.base import Dialect
from manybase.meta.constraints import Index, UniqueConstraint
from manybase.meta.storage import Storage
from manybase.schema.conditions import Part, render_condition, render_parts
from manybase.schema.names import name_for
from manybase.schema.tables import columns_of, is_plain

LONGEST_PREFIX = 191
"""Characters of a text without limit that are indexed where a database asks for a number."""

_FLAG = Storage("integer", size=2)
#: What stands for null beside a column that says so; any value of the family will do.
_STANDINS: dict[str, Any] = {
    "integer": 0,
    "decimal": decimal.Decimal(0),
    "float": 0.0,
    "boolean": False,
    "duration": datetime.timedelta(0),
    "text": "",
    "uuid": uuid.UUID(int=0),
    "ip": "0.0.0.0",
    "date": datetime.date(2000, 1, 1),
    "datetime": datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC),
    "time": datetime.time(0),
}


class Indexes:
    """The CREATE INDEX statements of one model."""

    def __init__(self, model: Any, dialect: Dialect, if_not_exists: bool = False) -> None:
        self.meta = model._meta.concrete_model._meta
        self.dialect = dialect
        self.if_not_exists = if_not_exists
        allowed = if_not_exists and dialect.features.index_if_not_exists
        self._word = "INDEX IF NOT EXISTS" if allowed else "INDEX"

    def statements(self) -> list[str]:
        """Return the statements, fields' own indexes first."""
        found = [self._of_field(field) for field in self.meta.local_concrete_fields]
        found.extend(self._of_index(index) for index in self.meta.indexes)
        found.extend(
            self._of_unique(one)
            for one in self.meta.constraints
            if isinstance(one, UniqueConstraint) and not is_plain(one, self.dialect)
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

    def _of_index(self, index: Index) -> str | None:
        features = self.dialect.features
        if index.condition is not None and not features.partial_indexes:
            return None
        if index.expressions and not features.expression_indexes:
            return None
        parts = [part.text for part in self._parts(index)]
        name = index.name or self._name([field.lstrip("-") for field in index.fields])
        return self._create(name, parts) + self._tail(index)

    def _of_unique(self, one: UniqueConstraint) -> str | None:
        """A unique index; where the database has no such index, one over hidden columns."""
        features = self.dialect.features
        parts = list(self._parts(one))
        if one.nulls_distinct is False and not features.nulls_distinct and not one.expressions:
            parts = self._nulls_alike(one)
        if one.condition is not None and not features.partial_indexes:
            condition = render_condition(self.meta.model, one.condition, self.dialect)
            parts.append(Part(f"(CASE WHEN {condition} THEN 1 END)", _FLAG, True))
        if features.expression_indexes or not any(part.computed for part in parts):
            return self._create(one.name, [part.text for part in parts], True) + self._tail(one)
        return self._over_hidden(one, parts) if features.hidden_columns else None

    def _tail(self, index: Index | UniqueConstraint) -> str:
        features = self.dialect.features
        tail = ""
        if index.include and features.covering_indexes:
            included = [self.dialect.quote(c) for c in columns_of(self.meta, index.include)]
            tail += f" INCLUDE ({', '.join(included)})"
        if isinstance(index, UniqueConstraint) and index.nulls_distinct is False:
            tail += " NULLS NOT DISTINCT" if features.nulls_distinct else ""
        if index.condition is not None and features.partial_indexes:
            condition = render_condition(self.meta.model, index.condition, self.dialect)
            tail += f" WHERE {condition}"
        return tail

    def _parts(self, index: Index | UniqueConstraint) -> Iterable[Part]:
        if index.expressions:
            parts = render_parts(self.meta.model, index.expressions, self.dialect)
            for part, name in zip(parts, index.expression_opclasses, strict=True):
                yield self._of_class(part, name)
        for position, name in enumerate(index.fields):
            field = self.meta.get_field(name.lstrip("-"))
            text = self._column(field)
            if position < len(index.opclasses) and self.dialect.features.operator_classes:
                text += f" {index.opclasses[position]}"
            text = f"{text} DESC" if name.startswith("-") else text
            yield Part(text, field.storage, False)

    def _of_class(self, part: Part, name: str) -> Part:
        """A part under an operator class, which stands before its direction."""
        if not name or not self.dialect.features.operator_classes:
            return part
        direction = part.text.removeprefix(part.bare)
        return part._replace(text=f"{part.bare} {name}{direction}")

    def _nulls_alike(self, one: UniqueConstraint) -> list[Part]:
        """Two parts for each column that can be null: a value for null, and whether it is null."""
        found = []
        for name in one.fields:
            field = self.meta.get_field(name)
            column = self.dialect.quote(field.column)
            if not field.null or field.storage.family not in _STANDINS:
                found.append(Part(self._column(field), field.storage, False))
                continue
            value = self._standin(field.storage)
            if field.storage.family in ("uuid", "ip") and self.dialect.features.hidden_columns:
                # Bare, such a column would depend on a mode of the server that pads texts.
                column = f"RTRIM({column})"
            found.append(Part(f"(COALESCE({column}, {value}))", field.storage, True))
            found.append(Part(f"({column} IS NULL)", _FLAG, True))
        return found

    def _standin(self, storage: Storage) -> str:
        value = _STANDINS[storage.family]
        writer = self.dialect.writer(storage)
        return self.dialect.literal(value if writer is None else writer.function()(value))

    def _over_hidden(self, one: UniqueConstraint, parts: list[Part]) -> str:
        """Add columns that hold what the parts come to, seen by nobody, and their index."""
        quote, types = self.dialect.quote, self.dialect.ddl.type_compiler_instance
        unless = "IF NOT EXISTS " if self.if_not_exists else ""
        added, names = [], []
        for position, part in enumerate(parts):
            if not part.computed:
                names.append(part.text)
                continue
            name = quote(f"{one.name[: self.dialect.max_name_length - 3]}_{position}")
            kind = types.process(self.dialect.column_type(part.storage or Storage("text", 255)))
            made = f"{name} {kind} GENERATED ALWAYS AS {part.bare} VIRTUAL INVISIBLE"
            added.append(f"ADD COLUMN {unless}{made}")
            names.append(name)
        index = f"ADD UNIQUE INDEX {unless}{quote(one.name)} ({', '.join(names)})"
        return f"ALTER TABLE {quote(self.meta.db_table)} {', '.join([*added, index])}"

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
