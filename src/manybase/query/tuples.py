"""``Tuple``: several columns compared at once, in the order of their names.

A name given to one by ``alias()`` is compared with tuples of values; it is taken apart while the
comparison is recorded. It is no column and cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldError, FieldValueError, QueryError, hint_for
from manybase.query.expressions import Expression
from manybase.query.keys import inner_queryset, list_of_rows, query_of_rows
from manybase.query.path import resolve
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder

LOOKUPS = ("exact", "in", "gt", "gte", "lt", "lte")


class Tuple(Expression):
    """Columns to compare at once, for ``alias()``.

    >>> Book.objects.alias(place=Tuple("shelf", "position")).filter(place__gt=(3, 12))

    Args:
        names: Fields, also across relations.
    """

    def __init__(self, *names: str) -> None:
        if len(names) < 2 or not all(isinstance(name, str) for name in names):
            raise QueryError(
                "Tuple() takes the names of two or more fields", hint="Write Tuple('a', 'b')."
            )
        self.names = names


def compare_tuple(
    recorder: Recorder, name: str, parts: tuple[str, ...], value: Any
) -> tuple[Any, ...]:
    """The node of a comparison of several columns with a tuple, or with tuples.

    Raises:
        FieldError: The lookup has no meaning for tuples.
        FieldValueError: The value is no tuple of that length.
    """
    lookup = name.partition("__")[2] or "exact"
    if lookup not in LOOKUPS:
        raise FieldError(
            f"lookup '{lookup}' of '{name}' does not apply to a Tuple",
            hint=hint_for(lookup, LOOKUPS),
        )
    value = inner_queryset(value)
    if isinstance(value, Recording):
        if not value._calls("values", "dates"):
            raise QueryError(
                f"the queryset given to '{name}' names no columns",
                hint=f"Name {len(parts)} columns with values_list('...', '...').",
            )
        return _rows(
            recorder, parts, lookup, query_of_rows(recorder, name, lookup, len(parts), value)
        )
    if lookup != "in":
        row = _row(recorder, name, parts, value)
        if lookup == "exact":
            pairs = zip(parts, row, strict=True)
            return ("and", *[("=", part, recorder.take(one)) for part, one in pairs])
        taken = ("rows", tuple([recorder.take(one) for one in row]))
        return _rows(recorder, parts, lookup, taken)
    if not isinstance(value, Iterable) or isinstance(value, (str, bytes)):
        raise FieldValueError(f"'{name}' takes a list of tuples, not {type(value).__name__}")
    rows = [_row(recorder, name, parts, one) for one in value]
    return _rows(recorder, parts, lookup, list_of_rows(recorder, rows))


def _row(recorder: Recorder, name: str, parts: tuple[str, ...], value: Any) -> list[Any]:
    if not isinstance(value, (tuple, list)) or len(value) != len(parts):
        raise FieldValueError(
            f"'{name}' takes tuples of {len(parts)} values",
            hint=f"They are compared with {', '.join(parts)}.",
        )
    if any(one is None or isinstance(one, Expression) for one in value):
        raise FieldValueError(f"'{name}' takes tuples of plain values, none of them None")
    paths = [resolve(recorder.model, part) for part in parts]
    return [recorder.prepare(path, one) for path, one in zip(paths, value, strict=True)]


def _rows(
    recorder: Recorder, parts: tuple[str, ...], lookup: str, right: tuple[Any, ...]
) -> tuple[Any, ...]:
    columns = tuple(recorder.column(part) for part in parts)
    return ("expr", ("keys", columns, lookup, right))
