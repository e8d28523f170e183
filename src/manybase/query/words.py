"""The words of a call: what makes two calls record the same shape, told without resolving names.

Names, connectors and the types of plain values; calls with anything else have no words and are
recorded in full. The values are collected in the order in which they are recorded. Called by
``record`` and ``named``, which keep the branch that the words of a call lead to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from manybase.query.aggregates import Avg, Count, Max, Min, Sum
from manybase.query.expressions import Combined, F, Value
from manybase.query.prepare import PLAIN
from manybase.query.q import Q

AGGREGATES = frozenset({Avg, Count, Max, Min, Sum})
_END = "."

Words = tuple[Any, ...]


def of_keywords(kwargs: Mapping[str, Any]) -> Words:
    """The words of keywords whose values are all taken as they are."""
    return (*kwargs, *map(type, kwargs.values()))


def of_conditions(
    args: Iterable[Any], kwargs: Mapping[str, Any], values: list[Any], negated: bool
) -> Words | None:
    """The words of ``filter(*args, **kwargs)``; None where it holds more than plain values."""
    words: list[Any] = [negated]
    for arg in args:
        if type(arg) is not Q:
            return None
    if _conditions(args, words, values) and _conditions(kwargs.items(), words, values):
        return tuple(words)
    return None


def _conditions(children: Iterable[Any], words: list[Any], values: list[Any]) -> bool:
    for child in children:
        if type(child) is tuple:
            try:
                name, value = child
            except ValueError:
                return False  # the recorder says what is wrong with it
            kind = type(value)
            if kind in PLAIN:
                # One by one: a call of append() enters nothing and makes no tuple.
                words.append(name)
                words.append(kind)
                values.append(value)
            elif kind is bool:
                words += (name, value)
                if not str(name).endswith("isnull"):
                    values.append(value)
            elif value is None:
                words += (name, None)
            elif hasattr(kind, "_origin"):  # an object of a model
                words += (name, kind)
                values.append(value)
            else:
                return False
        elif type(child) is Q:
            words.append(child.connector)
            words.append(child.negated)
            if not _conditions(child.children, words, values):
                return False
            words.append(_END)
        else:
            return False
    return True


def of_expressions(call: str, named: Mapping[str, Any], values: list[Any]) -> Words | None:
    """The words of a call with expressions by name; None where one is not of the simplest kinds."""
    words: list[Any] = [call]
    for name, expression in named.items():
        words.append(name)
        if not _expression(expression, words, values):
            return None
    return tuple(words)


def _expression(expression: Any, words: list[Any], values: list[Any]) -> bool:
    kind = type(expression)
    if kind in AGGREGATES:
        if not (expression.filter is expression.default is expression.output_field is None):
            return False
        words.append(kind)
        words.append(bool(expression.distinct))
        expression = expression.given
        kind = type(expression)
        if kind is str:
            words.append(expression)
            return True
    if kind is F:
        words += (F, expression.name)
        return True
    if kind is Combined:
        words += (Combined, expression.operator)
        left, right = expression.left, expression.right
        return _expression(left, words, values) and _expression(right, words, values)
    if kind is Value and expression.output_field is None and type(expression.value) in PLAIN:
        words += (Value, type(expression.value))
        values.append(expression.value)
        return True
    return False


def of_assignments(named: Mapping[str, Any], values: list[Any]) -> Words | None:
    """The words of ``update(**named)``; None where a value is more than plain or simple."""
    words: list[Any] = []
    for name, value in named.items():
        kind = type(value)
        words.append(name)
        if kind in PLAIN or kind is bool or hasattr(kind, "_origin"):
            words.append(kind)
            values.append(value)
        elif not _expression(value, words, values):
            return None
    return tuple(words)
