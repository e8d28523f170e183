"""Random queries on each database, compared with an evaluator in plain Python.

Filters, excludes, annotations (counts, sums, subqueries, conditions, arithmetic), orders, slices
and set operations over nodes with nulls, a key to themselves and tags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from manybase.models import Count, Max, Min, Sum
from tests.behaviour import models as stored
from tests.databases import Databases
from tests.property import evaluate
from tests.property.queries import condition, of_tags, own, queries, queryset, trees

EXAMPLES = {"sqlite": 300, "postgresql": 120, "mysql": 120}


@pytest.fixture(scope="module")
def keys(databases: Databases) -> Iterator[list[int]]:
    """The keys of the stored nodes, by their positions."""
    tags = [stored.Tag.objects.create(weight=t.weight, label=t.label) for t in evaluate.TAGS]
    made = [stored.Node.objects.create(number=n.number, word=n.word) for n in evaluate.NODES]
    for node, row in zip(made, evaluate.NODES, strict=True):
        node.tags.set([tags[position] for position in row.tags])
        if row.parent is not None:
            node.parent = made[row.parent]
            node.save()
    yield [node.pk for node in made]
    databases.flush()


def checked(databases: Databases, share: int = 1) -> Callable[[Any], Any]:
    """So many examples on this kind of database."""
    return settings(
        max_examples=EXAMPLES[databases.kind] // share,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


def test_queries(databases: Databases, keys: list[int]) -> None:
    """The rows, their order, their number and their computed values."""

    @checked(databases)
    @given(query=queries())
    def examine(query: Any) -> None:
        rows = queryset(query)
        note(str(rows.query))
        expected = evaluate.rows_of(query)
        names = [step[1] for step in query["steps"] if step[0] == "annotate"]
        found = list(rows.values_list("pk", "number", *names))
        assert found == [
            (keys[row["pk"]], row["number"], *(row[name] for name in names)) for row in expected
        ]
        assert rows.count() == len(expected)
        assert rows.exists() is bool(expected)

    examine()


def test_aggregates(databases: Databases, keys: list[int]) -> None:
    """Aggregates over annotated, filtered, ordered and sliced rows."""

    @checked(databases, 2)
    @given(query=queries())
    def examine(query: Any) -> None:
        names = ["number", *query["names"]]
        wanted: dict[str, Any] = {"n": Count("pk")}
        for name in names:
            wanted |= {f"s_{name}": Sum(name), f"l_{name}": Min(name), f"h_{name}": Max(name)}
        found = queryset(query).aggregate(**wanted)
        rows = evaluate.rows_of(query)
        assert found.pop("n") == len(rows)
        for name in names:
            values = [row[name] for row in rows if row[name] is not None]
            for prefix, function in (("s", "sum"), ("l", "min"), ("h", "max")):
                assert found[f"{prefix}_{name}"] == evaluate.aggregate(function, values)

    examine()


def test_set_operations(databases: Databases, keys: list[int]) -> None:
    """union, intersection and difference of whole queries, ordered and sliced again."""
    kinds = st.sampled_from(["union", "union all", "intersection", "difference"])

    @checked(databases)
    @given(kind=kinds, one=queries(), two=queries(), size=st.none() | st.integers(0, 4))
    def examine(kind: str, one: Any, two: Any, size: int | None) -> None:
        left, right = (queryset(q).values_list("pk", "number") for q in (one, two))
        if kind == "union all":
            joined = left.union(right, all=True)
        else:
            joined = getattr(left, kind)(right)
        note(str(joined.query))
        first, second = (
            [(keys[row["pk"]], row["number"]) for row in evaluate.rows_of(q)] for q in (one, two)
        )
        expected = sorted(evaluate.combined(kind, first, second), key=lambda row: row[0])
        assert joined.count() == len(expected)
        assert list(joined.order_by("pk")[:size]) == expected[:size]

    examine()


def test_joined_querysets(databases: Databases, keys: list[int]) -> None:
    """``|``, ``&`` and ``^`` of filtered querysets, and querysets inside querysets."""

    @checked(databases)
    @given(sign=st.sampled_from("|&^"), one=trees(own), two=trees(own))
    def examine(sign: str, one: Any, two: Any) -> None:
        left, right = (stored.Node.objects.filter(condition(tree)) for tree in (one, two))
        joined = left | right if sign == "|" else left & right if sign == "&" else left ^ right
        first, second = (
            {
                keys[at]
                for at, node in enumerate(evaluate.NODES)
                if evaluate.holds(t, {"node": node})
            }
            for t in (one, two)
        )
        both = {"|": first | second, "&": first & second, "^": first ^ second}[sign]
        assert list(joined.order_by("pk").values_list("pk", flat=True)) == sorted(both)
        inside = stored.Node.objects.filter(pk__in=left, parent__in=right)
        expected = [
            keys[at]
            for at, node in enumerate(evaluate.NODES)
            if keys[at] in first and node.parent is not None and keys[node.parent] in second
        ]
        assert list(inside.order_by("pk").values_list("pk", flat=True)) == expected

    examine()


def test_conditions_over_many(databases: Databases, keys: list[int]) -> None:
    """One call to filter() speaks of one tag; what exclude() leaves out is what filter() finds."""
    leaves = trees(st.one_of(own, of_tags), words=("and", "or"), turned=False)

    @checked(databases)
    @given(tree=leaves)
    def examine(tree: Any) -> None:
        expected = [
            keys[row["pk"]]
            for row in evaluate.rows_of(
                {"steps": [("over tags", tree)], "order": [], "slice": (0, None)}
            )
        ]
        rows = stored.Node.objects.filter(condition(tree, "tags__")).distinct()
        assert list(rows.order_by("pk").values_list("pk", flat=True)) == expected
        assert rows.count() == len(expected)

    examine()
