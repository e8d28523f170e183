"""Comparisons with a primary key of several fields: tuples are taken apart while they are recorded.

Called by ``recorder`` where a name ends at such a key, or at a relation to a model that has one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldError, FieldValueError, QueryError
from manybase.query.expressions import Expression

if TYPE_CHECKING:
    from manybase.query.path import Path
    from manybase.query.recorder import Recorder

FAMILY = "tuple"
_LOOKUPS = ("exact", "in", "isnull", "gt", "gte", "lt", "lte")


def compare_key(recorder: Recorder, path: Path, value: Any) -> tuple[Any, ...]:
    """The node of a comparison with a key of several fields.

    Raises:
        FieldError: The lookup has no meaning for a tuple.
        FieldValueError: The value is no tuple of the key's length.
        QueryError: The value is worked out by the database.
    """
    lookup, names = path.lookup, part_names(path)
    if lookup not in _LOOKUPS:
        raise FieldError(
            f"lookup '{lookup}' of '{path.name}' does not apply to a key of several fields",
            hint=f"Compare one of its fields, or use one of {', '.join(_LOOKUPS)}.",
        )
    if lookup == "isnull":
        return recorder.compare(f"{names[0]}__isnull", value)
    if isinstance(value, Expression) or hasattr(value, "shape"):
        raise QueryError(
            f"'{path.name}' is a key of several fields and cannot be compared with an expression"
            " or a queryset",
            hint="Compare its fields one by one, or use Exists(...) with OuterRef.",
        )
    if lookup != "in":
        return _one(recorder, path, names, _key(recorder, path, value))
    if not isinstance(value, Iterable) or isinstance(value, (str, bytes)):
        raise FieldValueError(
            f"'{path.name}' takes a list of tuples, not {type(value).__name__}",
            hint=f"Write {path.name}=[(...), (...)].",
        )
    keys = list(dict.fromkeys(_key(recorder, path, one) for one in value))
    if not _is_own(path):
        return ("or", *[_one(recorder, path, names, key) for key in keys])
    if not keys:
        return ("or",)
    size = 1 << (len(keys) - 1).bit_length()
    keys.extend([keys[-1]] * (size - len(keys)))
    return _tuples(recorder, names, "in", keys)


def part_names(path: Path) -> list[str]:
    """The names of the key's fields, as the path's name would go on to them."""
    parts = path.name.split("__")
    if path.lookup != "exact" or parts[-1] == "exact":
        parts.pop()
    if parts[-1] == "pk":
        parts.pop()
    return ["__".join((*parts, field.name)) for field in path.field.fields]


def _is_own(path: Path) -> bool:
    return not path.steps


def _one(recorder: Recorder, path: Path, names: list[str], key: tuple[Any, ...]) -> tuple[Any, ...]:
    if path.lookup in ("exact", "in"):
        nodes = [recorder.compare(n, part) for n, part in zip(names, key, strict=True)]
        return ("and", *nodes)
    if not _is_own(path):
        raise FieldError(
            f"'{path.name}' cannot be compared across a relation",
            hint="Compare its fields one by one.",
        )
    return _tuples(recorder, names, path.lookup, [key])


def _tuples(
    recorder: Recorder, names: list[str], lookup: str, keys: list[tuple[Any, ...]]
) -> tuple[Any, ...]:
    columns = tuple(recorder.column(name) for name in names)
    rows = tuple(tuple([recorder.take(part) for part in key]) for key in keys)
    return ("expr", ("keys", columns, lookup, rows))


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
