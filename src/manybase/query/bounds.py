"""Numbers compared with a column of coarser ones: ``pages__gt=4.5``, ``price__lt="1.005"``.

What is saved is rounded to the field's digits; what is compared must not be. Called by the
recorder while a call is recorded.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from manybase.meta.storage import Storage
from manybase.query.path import Path

Rounding = Callable[[Any], int]
#: The whole number that a bound between two of them comes to.
_WHOLE: dict[str, Rounding] = {
    "gt": math.floor,
    "lte": math.floor,
    "gte": math.ceil,
    "lt": math.ceil,
}


def bound(path: Path, value: Any, rounding: Rounding | None = None) -> Any:
    """Return a number as it is compared where the field would round or refuse it, else None.

    Args:
        path: What it is compared with.
        value: The value.
        rounding: How the end of a range becomes a whole number.
    """
    kept = path.storage
    if kept.family == "integer":
        rounding = rounding or _WHOLE.get(path.lookup)
        fine = isinstance(value, (float, Decimal)) and math.isfinite(value)
        return rounding(value) if fine and rounding is not None else None
    if kept.family == "decimal" and not path.transforms and isinstance(value, (Decimal, str)):
        return _exact(kept, value)
    return None


def _exact(kept: Storage, value: Any) -> Decimal | None:
    """Return a number of more digits after the point than the field has."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    exponent = number.as_tuple().exponent
    finer = isinstance(exponent, int) and kept.scale is not None and exponent < -kept.scale
    return number if finer else None
