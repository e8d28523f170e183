"""Evaluates a constraint's condition against an object's values, in SQL's three-valued logic.

True, False, or None where a null is met. What Python would not judge exactly as the database does
is not evaluated: ``ops.validate_constraints`` asks the database then. Reads only the instance.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from manybase.errors import FieldDoesNotExist
from manybase.meta.field import DATABASE_DEFAULT
from manybase.query.expressions import Combined, Expression, F, Value
from manybase.query.q import Q


class _Unknown(Exception):
    """The condition needs the database."""


#: The answer for a condition that only the database can judge.
ASK = "ask"


def judge(condition: Any, obj: Any, skip: set[str]) -> bool | str | None:
    """Whether a condition holds for an object: True, False, None for null, or ``ASK``."""
    if not isinstance(condition, Q):
        return ASK
    try:
        return _node(condition, obj, skip)
    except _Unknown:
        return ASK


def holds(condition: Any, obj: Any, skip: set[str]) -> bool | None:
    """Whether a condition holds for an object; None where that cannot be told here.

    Args:
        condition: A ``Q``.
        obj: The object.
        skip: Names of fields that are not valid, and so are not looked at.
    """
    found = judge(condition, obj, skip)
    return None if isinstance(found, str) else found


def _node(condition: Q, obj: Any, skip: set[str]) -> bool | None:
    answers = [
        _node(child, obj, skip) if isinstance(child, Q) else _leaf(child, obj, skip)
        for child in condition.children
    ]
    found = _JOIN.get(condition.connector, _unknown)(answers)
    if condition.negated:
        return None if found is None else not found
    return found


def _all(answers: list[bool | None]) -> bool | None:
    return False if False in answers else None if None in answers else True


def _any(answers: list[bool | None]) -> bool | None:
    return True if True in answers else None if None in answers else False


def _odd(answers: list[bool | None]) -> bool | None:
    return None if None in answers else sum(bool(answer) for answer in answers) % 2 == 1


def _unknown(answers: list[bool | None]) -> bool | None:
    raise _Unknown


_JOIN = {"AND": _all, "OR": _any, "XOR": _odd}


def _leaf(child: Any, obj: Any, skip: set[str]) -> bool | None:
    if not isinstance(child, tuple):
        raise _Unknown
    name, right = child
    parts = name.split("__")
    lookup = parts.pop() if len(parts) > 1 and parts[-1] in _LOOKUPS else "exact"
    if len(parts) != 1:
        raise _Unknown
    field, left = _attribute(parts[0], obj, skip)
    if lookup == "isnull":
        return (left is None) is bool(right)
    right = _right(right, field, obj, skip, lookup)
    if right is None and lookup == "exact":
        return left is None
    if left is None or right is None:
        return None
    try:
        return bool(_LOOKUPS[lookup](left, right))
    except TypeError as error:
        raise _Unknown from error


def _attribute(name: str, obj: Any, skip: set[str]) -> tuple[Any, Any]:
    meta = type(obj)._meta
    try:
        field = meta.pk if name == "pk" else meta.get_field(name)
    except FieldDoesNotExist as error:
        raise _Unknown from error
    if field.column is None or field.name in skip or field.generated:
        raise _Unknown
    value = getattr(obj, field.attname)
    if value is DATABASE_DEFAULT or isinstance(value, Expression):
        raise _Unknown
    return field, field.prepare(value)


def _right(value: Any, field: Any, obj: Any, skip: set[str], lookup: str) -> Any:
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_right(one, field, obj, skip, "exact") for one in value]
    if isinstance(value, F):
        return _attribute(value.name, obj, skip)[1]
    if isinstance(value, Value):
        return field.prepare(value.value)
    if isinstance(value, Combined):
        left = _right(value.left, field, obj, skip, lookup)
        right = _right(value.right, field, obj, skip, lookup)
        return None if left is None or right is None else _ARITHMETIC[value.operator](left, right)
    if isinstance(value, Expression) or hasattr(value, "_origin"):
        raise _Unknown
    return field.prepare(value) if lookup in _COMPARED else value


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
_COMPARED = {"exact", "gt", "gte", "lt", "lte"}
_LOOKUPS: dict[str, Callable[[Any, Any], Any]] = {
    "exact": operator.eq,
    "iexact": lambda left, right: str(left).lower() == str(right).lower(),
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda left, right: left in right,
    "range": lambda left, right: right[0] <= left <= right[1],
    "isnull": lambda left, right: (left is None) is bool(right),
    "contains": lambda left, right: right in left,
    "icontains": lambda left, right: right.lower() in left.lower(),
    "startswith": lambda left, right: left.startswith(right),
    "istartswith": lambda left, right: left.lower().startswith(right.lower()),
    "endswith": lambda left, right: left.endswith(right),
    "iendswith": lambda left, right: left.lower().endswith(right.lower()),
    "regex": lambda left, right: re.search(right, left) is not None,
    "iregex": lambda left, right: re.search(right, left, re.IGNORECASE) is not None,
}
