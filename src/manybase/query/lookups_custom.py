"""Comparisons by a program's own lookups, and with transformed values, while they are recorded.

Called by ``recorder``; the SQL is made by ``query.compile.lookups_custom``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldValueError, ValidationError
from manybase.query import transforms  # noqa: F401  # the names that are built in
from manybase.query.expressions import Expression
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.query.path import Path
    from manybase.query.recorder import Recorder


def checker(path: Path) -> Any:
    """The field that checks values compared with transformed ones."""
    bilateral = any(one.bilateral for one in path.transforms)
    return path.value_field if bilateral else path.holder or path.value_field


def compare_custom(recorder: Recorder, path: Path, value: Any) -> tuple[Any, ...]:
    """The node of a comparison by a program's own lookup.

    Raises:
        FieldValueError: The value cannot be compared.
    """
    lookup = path.custom()
    if not lookup.takes_list:
        return ("=", path.name, _one(recorder, path, lookup, value))
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise FieldValueError(
            f"'{path.name}' takes a list of values, not {type(value).__name__}",
            hint=f"Write {path.name}=[...].",
        )
    found = tuple(_one(recorder, path, lookup, one) for one in value)
    return ("=", path.name, ("many", *found))


def _one(recorder: Recorder, path: Path, lookup: Any, value: Any) -> Any:
    if isinstance(value, Expression):
        return value.node(recorder)
    if isinstance(value, Recording):
        return recorder.subquery(value, "pk", f"the queryset given to '{path.name}'")
    if value is None and not lookup.takes_none:
        raise FieldValueError(
            f"'{path.name}' cannot be compared with None",
            hint=f"Use {path.name.removesuffix('__' + path.lookup)}__isnull=True.",
        )
    if hasattr(value, "_meta") and hasattr(value, "_origin"):
        return recorder.take(recorder.prepare(path, value))
    field = path.custom.value_field  # asked of the class: a field is a descriptor
    if field is None:
        field = checker(path) if path.transforms else path.value_field
    return recorder.take(part(path, Checked(lookup, field), value))


class Checked:
    """A field as a lookup sees it: the lookup may prepare values in its own way."""

    def __init__(self, lookup: Any, field: Any) -> None:
        self.lookup = lookup
        self.field = field

    def get_prep_value(self, value: Any) -> Any:
        """Return the value as it is bound."""
        return self.lookup.prepare(self.field, value)

    def describe_values(self) -> str:
        """What values it takes, for messages."""
        return str(self.field.describe_values())


def part(path: Path, field: Any, value: Any) -> Any:
    """A value compared with something that is no field: the error names the lookup."""
    try:
        return field.get_prep_value(value)
    except (ValidationError, TypeError, ValueError, OverflowError) as error:
        raise FieldValueError(
            f"'{path.name}' takes {field.describe_values()}, not {type(value).__name__}"
        ) from error
