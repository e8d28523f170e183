"""Which names of a shape are plain: own columns, and columns behind keys to one object.

Says what ``plain`` has to join and which comparisons need a row there; everything else raises
``NotPlain`` and is left to the compiler of whole statements. Never makes SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from manybase.meta.steps import Step
from manybase.query.keys import FAMILY
from manybase.query.path import Path, is_linked, resolve, resolve_column
from manybase.query.record import record_order
from manybase.query.state import VALUE, Recording


class NotPlain(Exception):
    """A part of a shape that only the compiler of whole statements knows."""


class Leaf(NamedTuple):
    """A comparison.

    Args:
        node: Its shape.
        steps: The joins to its column.
        takes: How many parameters it takes.
        requires: Whether it can hold only where the last join has a row.
    """

    node: tuple[Any, ...]
    steps: tuple[Step, ...]
    takes: int
    requires: bool


class Sort(NamedTuple):
    """A column that rows are sorted by, as it was asked for; a reversal comes on top.

    Args:
        steps: The joins to the column.
        field: The column's field.
        descending: Whether largest come first.
        nulls: "first", "last", or "" for the database's own way.
    """

    steps: tuple[Step, ...]
    field: Any
    descending: bool
    nulls: str

    def turned(self) -> Sort:
        """The same from the other end."""
        nulls = {"first": "last", "last": "first"}.get(self.nulls, "")
        return self._replace(descending=not self.descending, nulls=nulls)


def check_steps(steps: Iterable[Any]) -> None:
    """Raise ``NotPlain`` where a join is to many, or has a condition of its own."""
    for step in steps:
        if step.multi or step.restrict is not None or is_linked(step):
            raise NotPlain


def leaf_of(model: Any, node: tuple[Any, ...]) -> Leaf:
    """What a comparison ``("=", name, right-hand side)`` needs."""
    _, name, right = node
    path = resolve(model, name)
    _check(path)
    if path.custom is not None:
        raise NotPlain
    keeps_null = right is None or (path.lookup == "isnull" and right)
    return Leaf(node, path.steps, _count(path, right), not keeps_null)


def _check(path: Path) -> None:
    field = path.field
    if path.transforms or path.family in ("json", FAMILY) or field.column is None:
        raise NotPlain
    check_steps(path.steps)
    end = path.steps[-1].target if path.steps else path.model
    if field.model._meta.concrete_model is not end._meta.concrete_model:
        raise NotPlain  # the column of a parent: one more join


def _count(path: Path, right: Any) -> int:
    """How many parameters the right-hand side has."""
    if right is VALUE:
        return 1
    if right is None or (type(right) is bool and path.lookup == "isnull"):
        return 0
    if type(right) is tuple:
        if right[0] == "list" and len(right) == 2 and right[1]:
            count: int = right[1]
            return count
        if right == ("pair", VALUE, VALUE):
            return 2
    raise NotPlain


def sorts_of(model: Any, nodes: tuple[Any, ...] | None) -> tuple[Sort, ...]:
    """What nodes of ``order_by()`` sort by; the model's own order where there are none."""
    if nodes is None:
        return tuple(_of_model(model, model, "", ()))
    return tuple(sort for node in nodes for sort in _sorts(model, "", node, ()))


def _of_model(model: Any, ordered: Any, prefix: str, seen: tuple[Any, ...]) -> list[Sort]:
    ordering = ordered._meta.ordering
    if not ordering:
        return []
    recording = record_order(Recording(ordered), ordering)
    if recording.params:
        raise NotPlain
    nodes = recording.shape[-1][1]
    return [sort for node in nodes for sort in _sorts(model, prefix, node, seen)]


def _sorts(model: Any, prefix: str, node: tuple[Any, ...], seen: tuple[Any, ...]) -> list[Sort]:
    if node[0] == "by" and node[1][0] == "col":
        path = resolve_column(model, prefix + node[1][1])
        descending, nulls, related = node[2], node[3], None
    elif node[0] == "sort":
        path = resolve_column(model, prefix + node[1])
        descending, nulls = node[2], ""
        # "pk" is a column, also where it is the link to a parent.
        relation = None if path.name.rpartition("__")[2] == "pk" else path.relation
        related = None if relation is None else relation.steps()[-1].target
    else:
        raise NotPlain
    if related is not None and related._meta.ordering and path.relation not in seen:
        if path.family == FAMILY:
            raise NotPlain
        by = _of_model(model, related, f"{path.name}__", (*seen, path.relation))
        return [s._replace(descending=s.descending != descending) for s in by]
    _check(path)
    return [Sort(path.steps, path.field, descending, nulls)]
