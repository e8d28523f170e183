"""Querysets joined with others: ``|``, ``&``, ``^`` and union, intersection, difference.

Places are compared first, before any short cut; then the recordings become one. Nothing is
compiled here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from manybase.errors import CrossDatabaseError, QueryError
from manybase.query.named import groups
from manybase.query.state import VALUE, Recording, places_of

R = TypeVar("R", bound=Recording)
SIGNS = {"or": "|", "and": "&", "xor": "^"}


def common_place(verb: str, recordings: Sequence[Recording]) -> str | None:
    """The one place that was asked for by any of the recordings.

    Raises:
        CrossDatabaseError: Two places were asked for.
    """
    placed = [r for r in recordings if r.placed_on is not None]
    for other in placed[1:]:
        first = placed[0]
        if other.placed_on != first.placed_on:
            raise CrossDatabaseError(
                f"{verb} of '{first.model._meta.label}' on database '{first.placed_on}' and"
                f" '{other.model._meta.label}' on database '{other.placed_on}': one statement"
                " cannot read both",
                hint="Read each with its own query and join the lists in Python, or place both"
                " on one database with using().",
            )
    return placed[0].placed_on if placed else None


def count_values(node: Any) -> int:
    """The number of parameters that a node of a shape takes."""
    if node is VALUE:
        return 1
    if type(node) is not tuple or not node:
        return 0
    if node[0] == "list" and len(node) == 2 and type(node[1]) is int:
        size: int = node[1]
        return size
    if node[0] == "slice" and len(node) == 3 and type(node[1]) is bool:
        return int(node[1]) + int(node[2])
    return sum(count_values(part) for part in node)


def calls_with_params(recording: Recording) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """The calls of a recording, each with its parameters."""
    found, start = [], 0
    for call in recording.shape:
        end = start + count_values(call)
        found.append((call, recording.params[start:end]))
        start = end
    return found


def record_joined(left: R, right: Any, connector: str) -> R:
    """Record ``left | right``, ``left & right`` or ``left ^ right``.

    Args:
        left: Gives the order, if it has one, the annotations and all that is not a condition.
        right: A recording of the same model.
        connector: "or", "and" or "xor".
    """
    sign = SIGNS[connector]
    if not isinstance(right, Recording) or left.model is not right.model:
        raise QueryError(
            f"'{sign}' joins querysets of one model,"
            f" not '{left.model._meta.label}' and {_name(right)}"
        )
    place = common_place(f"'{sign}'", (left, right))
    if ("combine" in (c[0] for c in (*left.shape, *right.shape))) or (
        connector == "and" and (left.is_sliced or right.is_sliced)
    ):
        raise QueryError(
            f"cannot join querysets with '{sign}' after a slice or a union",
            hint="Filter with pk__in=... of the sliced queryset.",
        )
    new = _joined(left, right, connector)
    new.placed_on = place
    new.places = places_of(left.places, right.places)
    return new


def _joined(left: R, right: Recording, connector: str) -> R:
    empty = [("none",) in r.shape for r in (left, right)]
    if connector == "and":
        conditions = [c for c in calls_with_params(right) if c[0][0] in _CONDITIONS]
        if conditions and right.annotations:
            node, params = _keys(right)
            conditions = [(("filter", node), params)]
        new = left._chain()
        for call, params in (*conditions, *_order(left, right)):
            new = new._record(call, params)
        return new
    one, first = _condition(left, True)
    other, second = _condition(right, False)
    rest = [c for c in calls_with_params(left) if c[0][0] not in _CONDITIONS]
    if left.is_sliced:
        rest = [c for c in rest if c[0][0] != "slice"]
    if one is None or other is None:
        # A side without conditions has every row.
        if connector == "or":
            kept: list[Any] = []
        else:
            kept = [((connector, one or ("and",), other or ("and",)), first + second)]
    elif any(empty) and connector == "or" and all(empty):
        kept = [(("or",), ())]
    else:
        kept = [((connector, one, other), first + second)]
    new = left._chain()
    new.shape, new.params = (), ()
    for call, params in rest:
        new = new._record(call, params)
    for node, params in kept:
        new = new._record(("filter", node), params)
    for call, params in _order(left, right):
        new = new._record(call, params)
    return new


def _order(left: Recording, right: Recording) -> Sequence[tuple[Any, tuple[Any, ...]]]:
    """The order of the right side, where the left one asks for none; that of a slice is its own."""
    if left._calls("order") or right.annotations or right.is_sliced:
        return ()
    return [c for c in calls_with_params(right) if c[0][0] in ("order", "reverse")]


def _keys(recording: Recording) -> tuple[Any, tuple[Any, ...]]:
    """The condition that a row is one of a recording's, which is read by a query of its own."""
    if groups(recording) is not None:
        raise QueryError(
            f"groups of '{recording.model._meta.label}' cannot be joined with '|', '&' or '^'",
            hint="Filter with pk__in=... of rows.",
        )
    calls = [c for c in calls_with_params(recording) if c[0][0] not in _READING]
    shape = tuple(call for call, _ in calls)
    params = tuple(value for _, given in calls for value in given)
    return ("=", "pk__in", ("query", recording.model, shape, "pk")), params


_CONDITIONS = frozenset({"filter", "exclude", "none"})
#: Calls that say what is read of the rows, not which rows.
_READING = frozenset({"values", "only", "defer", "undefer", "related", "lock"})


def _condition(recording: Recording, named: bool) -> tuple[Any, tuple[Any, ...]]:
    """The conditions of a recording as one node; None where it has none.

    One call's conditions are taken as they are. Several calls may speak of different related
    rows, and slices of some rows only: those become a query of keys.

    Args:
        recording: Either side.
        named: Whether what it annotates is known where the condition will stand.
    """
    calls = [c for c in calls_with_params(recording) if c[0][0] in _CONDITIONS]
    if recording.is_sliced or len(calls) > 1 or (calls and recording.annotations and not named):
        return _keys(recording)
    if not calls:
        return None, ()
    call, params = calls[0]
    if call[0] == "none":
        return ("or",), params
    return (("not", call[1]) if call[0] == "exclude" else call[1]), params


def record_combined(recording: R, others: Sequence[Any], kind: str, every: bool) -> R:
    """Record ``union()``, ``intersection()`` or ``difference()``.

    Args:
        recording: The first; it gives the columns' names and the kind of the results.
        others: The others.
        kind: "union", "intersection" or "difference".
        every: Whether equal rows stay, each as often as it comes.
    """
    parts: tuple[Recording, ...] = (recording, *others)
    for part in others:
        if not isinstance(part, Recording):
            raise QueryError(f"{kind}() takes querysets, not {type(part).__name__}")
    if any(part._calls("lock") for part in parts):
        raise QueryError(
            f"{kind}() cannot be used with select_for_update()",
            hint="Lock the objects by key: filter(pk__in=...).select_for_update().",
        )
    place = common_place(f"{kind}()", parts)
    _check_columns(kind, parts)
    new = recording._chain()
    new.shape = (("combine", kind, every, tuple((p.model, p.shape) for p in parts)),)
    new.params = tuple(value for p in parts for value in p.params)
    new.placed_on = place
    new.places = places_of(*(p.places for p in parts))
    return new


def _check_columns(kind: str, parts: Sequence[Recording]) -> None:
    widths = {_width(part) for part in parts}
    if len(widths) > 1:
        raise QueryError(
            f"{kind}() needs querysets with the same number of columns,"
            f" not {' and '.join(map(str, sorted(widths)))}",
            hint="Name the same number of columns with values_list().",
        )


def _width(part: Recording) -> int:
    for call in reversed(part.shape):
        if call[0] == "combine":
            model, shape = call[3][0]
            inner = Recording(model)
            inner.shape = shape
            return _width(inner)
        if call[0] == "values" and call[1]:
            annotated = sum(1 for c in _after(part, call) if c[0] == "annotate" and c[3])
            return len(call[1]) + annotated
        if call[0] == "dates":
            return 1
    named = sum(1 for c in part.shape if c[0] == "annotate" and c[3])
    return len(part.model._meta.concrete_fields) + named


def _after(part: Recording, call: tuple[Any, ...]) -> tuple[Any, ...]:
    return part.shape[part.shape.index(call) + 1 :]


def _name(value: Any) -> str:
    model = getattr(value, "model", None)
    return f"'{model._meta.label}'" if model is not None else type(value).__name__
