"""The public face of lookups: comparisons as expressions, and the bases of a program's own.

>>> from manybase.models.lookups import GreaterThan
>>> Book.objects.filter(GreaterThan(F("pages"), F("chapters") * 10))
"""

from __future__ import annotations

from manybase.query.functions.lookups import (
    Contains,
    EndsWith,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    IEndsWith,
    IExact,
    In,
    IRegex,
    IsNull,
    IStartsWith,
    LessThan,
    LessThanOrEqual,
    Range,
    Regex,
    StartsWith,
)
from manybase.query.lookups import Lookup, Transform

__all__ = [
    "Contains",
    "EndsWith",
    "Exact",
    "GreaterThan",
    "GreaterThanOrEqual",
    "IContains",
    "IEndsWith",
    "IExact",
    "IRegex",
    "IStartsWith",
    "In",
    "IsNull",
    "LessThan",
    "LessThanOrEqual",
    "Lookup",
    "Range",
    "Regex",
    "StartsWith",
    "Transform",
]
