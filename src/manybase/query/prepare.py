"""Plain values, which never change a shape, and what makes them values of the compared field.

Called by ``recorder`` while a call is recorded in full, and by ``words`` to tell plain values.
"""

from __future__ import annotations

import datetime
import decimal
import functools
import uuid
from collections.abc import Callable
from typing import Any

from manybase.errors import FieldValueError
from manybase.meta.field import Field
from manybase.query.bounds import bound
from manybase.query.code import Code
from manybase.query.keys import FAMILY
from manybase.query.lookups_custom import checker, part
from manybase.query.lookups_json import JSON
from manybase.query.path import COMPARISONS, TEXT_LOOKUPS, Path, check_related

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


def preparer(path: Path, kind: type) -> Callable[[Any], Any]:
    """The function that makes plain values of a type values of the compared field's type."""
    prepare = unbounded(path)
    if path.storage.family not in ("integer", "decimal") or not issubclass(kind, _FRACTIONS):
        return prepare

    def prepared(value: Any) -> Any:
        found = bound(path, value)
        return prepare(value) if found is None else found

    code = Code()
    field = None if path.transforms else path.value_field
    plain = field.plain_condition("v", code.give) if isinstance(field, Field) else None
    if plain is None:
        return prepared
    # What has the field's digits already, as most has, is told from the rest without a call.
    code.lines = [f"def prepare(v): return v if {plain} else {code.give(prepared)}(v)"]
    told: Callable[[Any], Any] = code.finish("prepare")
    return told


_FRACTIONS = (float, decimal.Decimal, str)


def unbounded(path: Path) -> Callable[[Any], Any]:
    """The same for values that are no bounds between two of the field's."""
    if path.transforms:
        return functools.partial(part, path, checker(path))
    if not hasattr(path.value_field, "model"):
        return functools.partial(part, path, path.value_field)
    prepare: Callable[[Any], Any] = path.value_field.prepare_compared
    return prepare


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
        if not hasattr(path.field, "model"):  # of an annotation
            raise FieldValueError(
                f"'{path.name}' takes {path.value_field.describe_values()},"
                f" not an object of '{value._meta.label}'"
            )
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


def object_field(path: Path, model: Any) -> Any:
    """The field of an object of a model whose value stands for it."""
    key = path.value_field if path.relation is None else path.object_field
    while key.is_relation and not issubclass(model, key.model):
        key = key.target_field  # an object of a parent stands for the child with its key
    return key


def described(path: Path) -> str:
    """What an object is in a query, for messages about places."""
    return f"the value of '{path.name}'"
