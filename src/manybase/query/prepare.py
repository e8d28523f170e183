"""Plain values, which never change a shape, and what makes them values of the compared field.

Called by ``recorder`` while a call is recorded in full, and by ``words`` to tell plain values.
"""

from __future__ import annotations

import datetime
import decimal
import functools
import math
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from manybase.errors import FieldError, FieldValueError
from manybase.query.keys import FAMILY
from manybase.query.lookups_custom import checker, part
from manybase.query.lookups_json import JSON
from manybase.query.path import COMPARISONS, TEXT_LOOKUPS, Path

PLAIN = frozenset(
    {
        int,
        str,
        float,
        decimal.Decimal,
        datetime.date,
        datetime.datetime,
        datetime.time,
        datetime.timedelta,
        uuid.UUID,
    }
)
"""Instances of subclasses may be more: members of enumerations, for instance."""


def preparer(path: Path) -> Callable[[Any], Any]:
    """The function that makes a plain value one of the compared field's type."""
    prepare: Callable[[Any], Any]
    if path.transforms:
        prepare = functools.partial(part, path, checker(path))
    elif hasattr(path.value_field, "model"):
        prepare = path.value_field.prepare
    else:
        prepare = functools.partial(part, path, path.value_field)
    if path.storage.family != "integer" or path.lookup not in _ROUNDED:
        return prepare
    rounded = _ROUNDED[path.lookup]
    return lambda value: prepare(whole(value, rounded))


#: How a number with a fraction is rounded, so that the same whole numbers satisfy the lookup.
_ROUNDED: Mapping[str, Callable[[Any], int]] = {
    "gt": math.floor,
    "lte": math.floor,
    "gte": math.ceil,
    "lt": math.ceil,
}


def whole(value: Any, rounded: Callable[[Any], int]) -> Any:
    """A number that whole numbers are compared with; what is none stays as it is."""
    fraction = isinstance(value, (float, decimal.Decimal)) and math.isfinite(value)
    return rounded(value) if fraction else value


def is_taken(path: Path, value: Any) -> bool:
    """Whether a plain value is taken, prepared or not, or only changes the shape."""
    if path.custom is not None or path.family == FAMILY or path.family == JSON:
        return False
    if path.lookup == "isnull" or value is None or path.lookup in COMPARISONS:
        return True
    return path.lookup in TEXT_LOOKUPS and type(value) is str


def key_of(path: Path, value: Any) -> Any:
    """The key that stands for an object where it is compared with a relation or a key.

    Raises:
        FieldError: The object is of a model that the path does not lead to.
        FieldValueError: The object has no key yet, or no object can stand here.
    """
    relation, key = path.relation, object_field(path, type(value))
    if relation is None:
        if path.transforms or not (path.field.primary_key or path.field.is_relation):
            raise path.value_field.wrong_value(value)
        # The key of a relation, spelt editor_id or editor__pk, takes the object too.
        target = path.field.related_model if path.field.is_relation else path.model
    else:
        target = relation.steps()[-1].target
    check_related(path, target, type(value))
    found = getattr(value, key.attname)
    if found is None:
        raise FieldValueError(
            f"an object of '{type(value)._meta.label}' without '{key.name}' cannot be"
            f" compared with '{path.name}'",
            hint="Save it first.",
        )
    return found


def object_field(path: Path, given: Any) -> Any:
    """The field of an object of a model whose value stands for it."""
    key = path.value_field if path.relation is None else path.object_field
    while key.is_relation and not issubclass(given, key.model):
        key = key.target_field  # an object of a parent stands for the child with its key
    return key


def described(path: Path) -> str:
    """What an object is in a query, for messages about places."""
    return f"the value of '{path.name}'"


def check_related(path: Path, wanted: Any, given: Any) -> None:
    """Refuse an object or a queryset of a model that the relation cannot lead to."""
    one, other = wanted._meta.concrete_model, given._meta.concrete_model
    if one is other or one in other._meta.get_parent_list() or other in one._meta.get_parent_list():
        return
    raise FieldError(
        f"'{path.name}' takes objects of '{one._meta.label}', not of '{other._meta.label}'"
    )
