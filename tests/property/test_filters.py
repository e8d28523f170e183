"""filter() and exclude() compared with a plain evaluation of the same conditions.

A small schema with nulls, a key to itself and a many-to-many relation; Hypothesis makes rows and
conditions, and ``holds`` says in Python which rows must be found.
"""

from __future__ import annotations

import dataclasses
import operator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manybase.models import Q
from tests.behaviour.models import Node, Tag
from tests.databases import Databases

NUMBERS = [None, 0, 1, 2]
WORDS = [None, "a", "B", "ab"]


@dataclasses.dataclass(frozen=True)
class Row:
    """A node, or a tag, as the evaluator sees it."""

    number: int | None
    word: str | None
    parent: int | None = None
    tags: tuple[int, ...] = ()


rows = st.lists(
    st.tuples(
        st.sampled_from(NUMBERS),
        st.sampled_from(WORDS),
        st.none() | st.integers(0, 3),
        st.sets(st.integers(0, 2), max_size=3),
    ),
    min_size=1,
    max_size=4,
)
tags = st.lists(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(WORDS)), min_size=3, max_size=3)

COMPARE = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, given: value in [one for one in given if one is not None],
    "icontains": lambda value, given: given.lower() in value.lower(),
    "startswith": lambda value, given: value.startswith(given),
}

number_lookups = st.one_of(
    st.tuples(st.sampled_from(["exact", "gt", "gte", "lt", "lte"]), st.integers(0, 2)),
    st.tuples(st.just("in"), st.lists(st.sampled_from(NUMBERS), max_size=3)),
    st.tuples(st.just("isnull"), st.booleans()),
)
word_lookups = st.one_of(
    st.tuples(st.sampled_from(["exact", "icontains", "startswith"]), st.sampled_from(["a", "b"])),
    st.tuples(st.just("isnull"), st.booleans()),
)


def leaves(paths: list[str], numbers: str, texts: str):
    """Leaves (path, field, lookup, value) over these paths."""
    return st.one_of(
        st.tuples(st.sampled_from(paths), st.just(numbers), number_lookups),
        st.tuples(st.sampled_from(paths), st.just(texts), word_lookups),
    )


own = leaves(["", "parent__"], "number", "word")
many = leaves(["tags__"], "weight", "label")


def trees(leaf):
    """Conditions of and, or and not over the leaves."""
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from(["and", "or"]), inner, inner),
            st.tuples(st.just("not"), inner),
        ),
        max_leaves=4,
    )


def to_q(tree: Any) -> Q:
    """Build the Q object of a condition."""
    if tree[0] == "not":
        return ~to_q(tree[1])
    if tree[0] == "and":
        return to_q(tree[1]) & to_q(tree[2])
    if tree[0] == "or":
        return to_q(tree[1]) | to_q(tree[2])
    path, field, (lookup, value) = tree
    return Q(**{f"{path}{field}__{lookup}": value})


def compare(row: Any, field: str, lookup: str, value: Any) -> bool:
    """Whether a leaf is true of a row, which may be missing altogether."""
    found = None if row is None else getattr(row, field)
    if lookup == "isnull":
        return (found is None) is value
    return found is not None and bool(COMPARE[lookup](found, value))


class World:
    """The rows that were stored, for the evaluator."""

    def __init__(self, nodes: list[Row], labels: list[Row]) -> None:
        self.nodes = nodes
        self.labels = labels

    def of(self, node: Row, path: str) -> Row | None:
        return node if path == "" else None if node.parent is None else self.nodes[node.parent]

    def tags_of(self, node: Row) -> list[Row | None]:
        """The tags of a node; one missing row where it has none, as a left join gives."""
        return [self.labels[number] for number in node.tags] or [None]

    def holds(self, tree: Any, node: Row, tag: Row | None, negated: bool = False) -> bool:
        """Whether a condition is true of a node and of one chosen tag.

        Inside a negation a leaf over many is about any of the tags, outside about the one that
        the whole filter() is about.
        """
        if tree[0] == "not":
            return not self.holds(tree[1], node, tag, True)
        if tree[0] in ("and", "or"):
            one = self.holds(tree[1], node, tag, negated)
            two = self.holds(tree[2], node, tag, negated)
            return (one and two) if tree[0] == "and" else (one or two)
        path, field, (lookup, value) = tree
        name = {"weight": "number", "label": "word"}.get(field, field)
        if path != "tags__":
            return compare(self.of(node, path), name, lookup, value)
        if negated:
            return any(compare(one, name, lookup, value) for one in self.tags_of(node))
        return compare(tag, name, lookup, value)

    def found(self, tree: Any) -> list[int]:
        return [
            position
            for position, node in enumerate(self.nodes)
            if any(self.holds(tree, node, tag) for tag in self.tags_of(node))
        ]


def store(nodes: list[Any], labels: list[Any]) -> tuple[World, list[int]]:
    """Write the rows and return them with their keys."""
    made_tags = [Tag.objects.create(weight=weight, label=label) for weight, label in labels]
    world = World([], [Row(weight, label) for weight, label in labels])
    made: list[Node] = []
    for number, word, parent, linked in nodes:
        chosen = parent if parent is not None and parent < len(made) else None
        node = Node.objects.create(
            number=number, word=word, parent=None if chosen is None else made[chosen]
        )
        node.tags.set([made_tags[one] for one in linked])
        made.append(node)
        world.nodes.append(Row(number, word, chosen, tuple(sorted(linked))))
    return world, [node.pk for node in made]


EXAMPLES = {"sqlite": 150, "postgresql": 50, "mysql": 50}


def check(databases: Databases, tree: Any, nodes: list[Any], labels: list[Any]) -> None:
    with databases.rolled_back():
        world, keys = store(nodes, labels)
        condition = to_q(tree)
        expected = [keys[position] for position in world.found(tree)]
        found = Node.objects.filter(condition).distinct().order_by("pk")
        assert [node.pk for node in found] == expected

        refused = [keys[position] for position in world.found(("not", tree))]
        left = Node.objects.exclude(condition).distinct().order_by("pk")
        assert [node.pk for node in left] == refused
        assert Node.objects.filter(condition).distinct().count() == len(expected)


def run(databases: Databases, trees_of: Any) -> None:
    @settings(
        max_examples=EXAMPLES[databases.kind],
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(tree=trees_of, nodes=rows, labels=tags)
    def examine(tree: Any, nodes: list[Any], labels: list[Any]) -> None:
        check(databases, tree, nodes, labels)

    examine()


def test_conditions_over_columns_and_keys(databases: Databases) -> None:
    """Own columns and those over a nullable key, with nulls everywhere."""
    run(databases, trees(own))


def test_conditions_over_many(databases: Databases) -> None:
    """The same with leaves over a many-to-many relation."""
    run(databases, trees(st.one_of(own, many)))


@pytest.mark.parametrize("sign", [operator.and_, operator.or_])
def test_chained_calls(databases: Databases, sign: Any) -> None:
    """Chained filters of own columns are and; querysets joined by ``|`` are or."""

    @settings(
        max_examples=EXAMPLES[databases.kind] // 2,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(one=trees(own), two=trees(own), nodes=rows, labels=tags)
    def examine(one: Any, two: Any, nodes: list[Any], labels: list[Any]) -> None:
        with databases.rolled_back():
            world, keys = store(nodes, labels)
            word = "and" if sign is operator.and_ else "or"
            expected = [keys[position] for position in world.found((word, one, two))]
            joined = sign(Node.objects.filter(to_q(one)), Node.objects.filter(to_q(two)))
            assert [node.pk for node in joined.distinct().order_by("pk")] == expected
            if sign is operator.and_:
                chained = Node.objects.filter(to_q(one)).filter(to_q(two)).order_by("pk")
                assert [node.pk for node in chained] == expected

    examine()
