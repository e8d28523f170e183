"""Conditions (``Q`` and boolean expressions) as shapes: and, or, xor, not around comparisons."""

from __future__ import annotations

from typing import Any

from manybase.errors import QueryError
from manybase.query.expressions import Expression
from manybase.query.q import Q
from manybase.query.recorder import Recorder

_CONNECTORS = {Q.AND: "and", Q.OR: "or", Q.XOR: "xor"}


def record_condition(recorder: Recorder, condition: Any) -> tuple[Any, ...]:
    """Return the shape of a condition given to ``filter()``.

    Raises:
        QueryError: It is no condition.
    """
    if isinstance(condition, Q):
        nodes = [_child(recorder, child) for child in condition.children]
        node = nodes[0] if len(nodes) == 1 else (_CONNECTORS[condition.connector], *nodes)
        return ("not", node) if condition.negated else node
    if isinstance(condition, Expression) and condition.conditional:
        return ("expr", condition.node(recorder))
    raise QueryError(
        f"filter() takes keywords, Q objects and boolean expressions,"
        f" not {type(condition).__name__}",
        hint="Write filter(name=value) or filter(Q(...)).",
    )


def _child(recorder: Recorder, child: Any) -> tuple[Any, ...]:
    if isinstance(child, tuple):
        name, value = child
        return recorder.compare(name, value)
    return record_condition(recorder, child)
