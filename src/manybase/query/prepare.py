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
    if path.transforms:
        return functools.partial(part, path, checker(path))
    if not hasattr(path.value_field, "model"):
        return functools.partial(part, path, path.value_field)
    prepare: Callable[[Any], Any] = path.value_field.prepare
    return prepare


def is_taken(path: Path, value: Any) -> bool:
    """Whether a plain value is taken, prepared or not, or only changes the shape."""
    if path.custom is not None or path.family == FAMILY or path.family == JSON:
        return False
    if path.lookup == "isnull" or value is None or path.lookup in COMPARISONS:
        return True
    return path.lookup in TEXT_LOOKUPS and type(value) is str
