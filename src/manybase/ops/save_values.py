"""What a save writes: the columns of a table, and an object's values prepared for them.

Called by ``ops.save_table``. Which columns there are is worked out once for a model; an object
whose values all have the fields' own types is read in one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from manybase.meta.field import DATABASE_DEFAULT
from manybase.ops.computed import COMPUTED

_MISSING = object()


class Column(NamedTuple):
    """A field as a save sees it.

    Args:
        field: The field.
        attname: Where the instance has the value.
        hooked: Whether the field has a word in what is written (``pre_save``).
        plain: Types of values that are written as they are.
    """

    field: Any
    attname: str
    hooked: bool
    plain: frozenset[type]


class Columns:
    """The columns of a table that a save writes.

    Attributes:
        fields: Their fields.
        simple: Attname and plain types of each, or None where a field is hooked.
    """

    __slots__ = ("_columns", "fields", "simple")

    def __init__(self, columns: Iterable[Column]) -> None:
        self._columns = tuple(columns)
        self.fields = tuple(column.field for column in self._columns)
        hooked = any(column.hooked for column in self._columns)
        self.simple = None if hooked else [(c.attname, c.plain) for c in self._columns]

    def of(self, names: frozenset[str] | None) -> Iterator[Column]:
        """Yield those of the fields named, all for None."""
        for column in self._columns:
            if names is None or column.field.name in names or column.attname in names:
                yield column


class TableColumns(NamedTuple):
    """The columns of a table: those that are written, those of them that are not the key, and the
    fields that the database works out.
    """

    source: tuple[Any, ...]
    all: Columns
    others: Columns
    generated: tuple[Any, ...] = ()


def columns_of(meta: Any) -> TableColumns:
    """The columns of a model's own table, worked out anew when its fields have changed."""
    source = meta.local_concrete_fields
    known: TableColumns | None = meta.__dict__.get("_save_columns")
    if known is None or known.source is not source:
        every = [_column(field) for field in source if not field.generated]
        others = [column for column in every if not column.field.primary_key]
        generated = tuple(field for field in source if field.generated)
        known = TableColumns(source, Columns(every), Columns(others), generated)
        meta.__dict__["_save_columns"] = known
    return known


def _column(field: Any) -> Column:
    # What a key may hold is known by the field that it points at.
    plain = field.target_field.plain_types if field.is_relation else field.plain_types
    return Column(field, field.attname, field.hooked, plain)


def quick_values(obj: Any, columns: Columns) -> list[Any] | None:
    """The values of an object if all can be written as they are; else None."""
    if columns.simple is None:
        return None
    values, found = obj.__dict__, []
    for attname, plain in columns.simple:
        value = values.get(attname, _MISSING)
        if value is not None and type(value) not in plain:
            return None
        found.append(value)
    return found


def value_of(obj: Any, column: Column, raw: bool, add: bool) -> Any:
    """The prepared value of one column, or an expression, or DATABASE_DEFAULT."""
    field, attname = column.field, column.attname
    if column.hooked and not raw:
        value = field.pre_save(obj, add)
    else:
        values = obj.__dict__
        value = values[attname] if attname in values else getattr(obj, attname)
    if value is None or type(value) in column.plain:
        return value
    if value is DATABASE_DEFAULT or isinstance(value, COMPUTED):
        return value
    return field.prepare(value)
