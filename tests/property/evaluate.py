"""The query language in plain Python: what a random query must give for the rows of ``WORLD``.

A query is plain data (tuples), made by ``queries``; here it is computed row by row. ``queries``
turns the same data into a queryset.
"""

from __future__ import annotations

import dataclasses
import operator
from typing import Any


@dataclasses.dataclass(frozen=True)
class Node:
    """A node: its columns, the position of its parent, the positions of its tags."""

    number: int | None
    word: str | None
    parent: int | None
    tags: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Tag:
    """A tag."""

    weight: int | None
    label: str | None


TAGS = (Tag(0, "a"), Tag(2, None), Tag(None, "b"), Tag(1, "ab"))
NODES = (
    Node(0, "a", None, (0, 1)),
    Node(1, None, 0, ()),
    Node(None, "B", 0, (2,)),
    Node(2, "ab", 1, (0, 1, 2, 3)),
    Node(2, "ab", 3, (1,)),
    Node(None, None, 3, (2, 3)),
    Node(1, "b", None, (3,)),
    Node(-1, "a", 5, (0,)),
)
COMPARE: dict[str, Any] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, given: value in given,
    "range": lambda value, given: given[0] <= value <= given[1],
    "icontains": lambda value, given: given.lower() in value.lower(),
    "startswith": lambda value, given: value.startswith(given),
}
Row = dict[str, Any]


def column(node: Node | None, path: str) -> Any:
    """The value of ``number``, ``parent__word`` and the like; None where no parent is."""
    while node is not None and path.startswith("parent__"):
        path = path.removeprefix("parent__")
        node = None if node.parent is None else NODES[node.parent]
    return None if node is None else getattr(node, path)


def compare(found: Any, lookup: str, value: Any) -> bool:
    """A leaf: nothing but ``isnull`` is true of null."""
    if lookup == "isnull":
        return (found is None) is value
    return found is not None and value is not None and bool(COMPARE[lookup](found, value))


def holds(tree: Any, row: Row, tag: Tag | None = None) -> bool:
    """Whether a condition is true of a row, and of the one tag that is spoken of."""
    word = tree[0]
    if word == "not":
        return not holds(tree[1], row, tag)
    if word == "and":
        return holds(tree[1], row, tag) and holds(tree[2], row, tag)
    if word == "or":
        return holds(tree[1], row, tag) or holds(tree[2], row, tag)
    if word == "xor":
        return holds(tree[1], row, tag) != holds(tree[2], row, tag)
    if word == "leaf":
        return compare(column(row["node"], tree[1]), tree[2], tree[3])
    if word == "against":
        return compare(column(row["node"], tree[1]), tree[2], column(row["node"], tree[3]))
    if word == "named":
        return compare(row[tree[1]], tree[2], tree[3])
    if word == "tag":
        return compare(None if tag is None else getattr(tag, tree[1]), tree[2], tree[3])
    raise ValueError(tree)


def value(tree: Any, row: Row) -> Any:
    """What a number expression gives for a row."""
    word = tree[0]
    if word == "field":
        return column(row["node"], tree[1])
    if word == "value":
        return tree[1]
    if word == "name":
        return row[tree[1]]
    if word in ARITHMETIC:
        one, two = value(tree[1], row), value(tree[2], row)
        return None if one is None or two is None else ARITHMETIC[word](one, two)
    if word == "coalesce":
        found = value(tree[1], row)
        return value(tree[2], row) if found is None else found
    if word == "case":
        return value(tree[2] if holds(tree[1], row) else tree[3], row)
    return over_many(tree, row["node"])


ARITHMETIC = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def over_many(tree: Any, node: Node) -> Any:
    """An aggregate over tags or children, or whether a tag exists."""
    tags = [TAGS[position] for position in node.tags]
    if tree[0] == "exists":
        return any(holds(tree[1], {}, tag) for tag in tags)
    if tree[0] == "largest":
        return max((tag.weight for tag in tags if tag.weight is not None), default=None)
    _, function, path, distinct = tree
    if path == "tags":
        values: list[Any] = list(node.tags)
    elif path == "tags__weight":
        values = [tag.weight for tag in tags]
    else:
        position = next(at for at, one in enumerate(NODES) if one is node)
        kids = [at for at, one in enumerate(NODES) if one.parent == position]
        values = kids if path == "kids" else [NODES[at].number for at in kids]
    values = [one for one in values if one is not None]
    return aggregate(function, list(set(values)) if distinct else values)


def aggregate(function: str, values: list[Any]) -> Any:
    """An aggregate of values without nulls."""
    if function == "count":
        return len(values)
    if not values:
        return None
    return {"sum": sum, "min": min, "max": max}[function](values)


def rows_of(query: Any) -> list[Row]:
    """The rows of a query: steps in order, then the order, then the slice."""
    rows: list[Row] = [
        {"pk": position, "node": node, "number": node.number, "word": node.word}
        for position, node in enumerate(NODES)
    ]
    for step in query["steps"]:
        if step[0] == "annotate":
            for row in rows:
                row[step[1]] = value(step[2], row)
        elif step[0] == "over tags":
            rows = [r for r in rows if _any_tag(step[1], r)]
        else:
            rows = [r for r in rows if holds(step[1], r) is (step[0] == "filter")]
    for name, descending, nulls_first in reversed(query["order"]):
        rows.sort(key=lambda row: (row[name] is not None, row[name] or 0), reverse=descending)
        missing = [row for row in rows if row[name] is None]
        there = [row for row in rows if row[name] is not None]
        rows = missing + there if nulls_first else there + missing
    start, stop = query["slice"]
    return rows[start:stop]


def _any_tag(tree: Any, row: Row) -> bool:
    tags: list[Tag | None] = [TAGS[position] for position in row["node"].tags]
    return any(holds(tree, row, tag) for tag in tags or [None])


def combined(kind: str, one: list[Any], two: list[Any]) -> list[Any]:
    """The rows of a set operation, in any order."""
    if kind == "union all":
        return one + two
    first, second = set(one), set(two)
    found = {"union": first | second, "intersection": first & second, "difference": first - second}
    return list(found[kind])
