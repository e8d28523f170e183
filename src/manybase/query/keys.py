"""Comparisons with a primary key of several fields: tuples are taken apart while they are recorded.

Called by ``recorder`` where a name ends at such a key, or at a relation to a model that has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldError, FieldValueError, QueryError
from manybase.query.expressions import Expression, F, OuterRef, Subquery
from manybase.query.path import Path, check_related, resolve_column
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder

FAMILY = "tuple"
_LOOKUPS = ("exact", "in", "isnull", "gt", "gte", "lt", "lte")


def compare_key(recorder: Recorder, path: Path, value: Any) -> tuple[Any, ...]:
    """The node of a comparison with a key of several fields.

    Raises:
        FieldError: The lookup has no meaning for a tuple.
        FieldValueError: The value is no tuple of the key's length.
        QueryError: The value is an expression, or a queryset of other columns.
    """
    lookup, names = path.lookup, part_names(path)
    if lookup not in _LOOKUPS:
        raise FieldError(
            f"lookup '{lookup}' of '{path.name}' does not apply to a key of several fields",
            hint=f"Compare one of its fields, or use one of {', '.join(_LOOKUPS)}.",
        )
    if lookup == "isnull":
        return recorder.compare(f"{names[0]}__isnull", value)
    value = inner_queryset(value)
    if isinstance(value, Recording):
        if not value._calls("values", "dates"):
            check_related(path, path.field.model, value.model)
        return ("=", path.name, query_of_rows(recorder, path.name, lookup, len(names), value))
    if isinstance(value, Expression):
        return ("=", path.name, _key_of_row(recorder, path, value))
    if lookup != "in":
        return ("=", path.name, ("rows", _taken(recorder, _key(recorder, path, value))))
    if not isinstance(value, Iterable) or isinstance(value, (str, bytes)):
        raise FieldValueError(
            f"'{path.name}' takes a list of tuples, not {type(value).__name__}",
            hint=f"Write {path.name}=[(...), (...)].",
        )
    keys = list(dict.fromkeys(_key(recorder, path, one) for one in value))
    return ("=", path.name, list_of_rows(recorder, keys))


def _key_of_row(recorder: Recorder, path: Path, value: Expression) -> tuple[Any, ...]:
    """The node of a key of the row at hand, or of one further out."""
    node = value.node(recorder) if isinstance(value, (F, OuterRef)) else None
    if path.lookup == "in" or node is None or node[0] not in ("col", "outer"):
        raise QueryError(
            f"'{path.name}' is a key of several fields and cannot be compared with an expression",
            hint="Compare its fields one by one, or give a queryset of their values.",
        )
    parts = [node] if node[0] == "outer" else column_parts(recorder.model, node)
    if node[0] == "col" and len(parts) != len(path.field.fields):
        raise wrong_width(path.name, len(path.field.fields), len(parts))
    return ("key", *parts)


def wrong_width(name: str, wanted: int, given: int) -> QueryError:
    """The error for a comparison with too few or too many columns."""
    return QueryError(
        f"'{name}' is compared with {wanted} columns, not with {given}",
        hint="Name a key of as many fields, or compare its fields one by one.",
    )


def list_of_rows(recorder: Recorder, rows: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    """The node of rows of prepared values; their number is rounded up to few sizes."""
    if not rows:
        recorder.met_empty_list = True
        return ("list", 0)
    size = 1 << (len(rows) - 1).bit_length()
    more = [rows[-1]] * (size - len(rows))
    return ("rows", *[_taken(recorder, row) for row in (*rows, *more)])


def _taken(recorder: Recorder, row: Sequence[Any]) -> tuple[Any, ...]:
    return tuple([recorder.take(part) for part in row])


def inner_queryset(value: Any) -> Any:
    """The queryset inside a ``Subquery``; other values as they are."""
    return value.queryset if type(value) is Subquery else value


def query_of_rows(
    recorder: Recorder, name: str, lookup: str, width: int, value: Recording
) -> tuple[Any, ...]:
    """The node of a queryset that several columns are compared with.

    Raises:
        QueryError: It gives another number of columns, or may give many rows where one is wanted.
    """
    if lookup != "in" and not value.is_sliced:
        raise QueryError(
            f"'{name}' takes one row, and the queryset may give many",
            hint=f"Write {name}=queryset[:1], or compare with __in.",
        )
    given = _width(value)
    if given != width:
        raise QueryError(
            f"the queryset given to '{name}' must give {width} columns, not {given}",
            hint=f"Name {width} columns with values_list('...', '...').",
        )
    recorder.splice(value, f"the queryset given to '{name}'")
    return ("query", value.model, value.shape, "pk")


def _width(value: Recording) -> int:
    """How many columns a queryset gives inside another: its key's where it names none."""
    model, shape = value.model, value.shape
    while shape and shape[0][0] == "combine":
        own = [call for call in shape if call[0] == "values"]
        if own:
            break
        model, shape = shape[0][3][0]
    width = None
    for call in shape:
        if call[0] == "values":
            nodes = call[1] or [("", ("col", f.attname)) for f in model._meta.concrete_fields]
            width = sum(len(column_parts(model, node)) for _, node in nodes)
        elif call[0] == "dates":
            width = 1
        elif call[0] == "annotate" and call[3] and width is not None:
            width += 1
    return len(model._meta.pk_fields) if width is None else width


def column_parts(model: Any, node: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """The nodes of the columns that a node stands for: those of a key of several fields, or one."""
    path = resolve_column(model, node[1]) if node[0] == "col" else None
    if path is None or path.family != FAMILY:
        return [node]
    return [("col", name) for name in part_names(path)]


def part_names(path: Path) -> list[str]:
    """The names of the key's fields, as the path's name would go on to them."""
    parts = path.name.split("__")
    if path.lookup != "exact" or parts[-1] == "exact":
        parts.pop()
    if parts[-1] == "pk":
        parts.pop()
    return ["__".join((*parts, field.name)) for field in path.field.fields]


def _key(recorder: Recorder, path: Path, value: Any) -> tuple[Any, ...]:
    """A key as prepared values; an object gives its own."""
    if hasattr(value, "_meta") and hasattr(value, "_origin"):
        wanted, given = path.field.model._meta.concrete_model, value._meta.concrete_model
        if wanted is not given:
            raise FieldError(
                f"'{path.name}' takes objects of '{wanted._meta.label}', not of"
                f" '{given._meta.label}'"
            )
        recorder.note(value._origin.alias, f"the value of '{path.name}'", value)
        value = value.pk
    if value is None:
        raise FieldValueError(
            f"'{path.name}' cannot be compared with None",
            hint="Give a tuple; an object must be saved first.",
        )
    key: tuple[Any, ...] = path.field.get_prep_value(value)
    return key
