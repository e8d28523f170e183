"""Random queries as plain data, and the querysets they stand for; see ``evaluate``."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from manybase.db import models
from tests.behaviour.models import Node, Tag

F, Q, Value = models.F, models.Q, models.Value
NUMBERS = ["number", "parent__number", "parent__parent__number"]
TEXTS = ["word", "parent__word"]

# Conditions

number_lookups = st.one_of(
    st.tuples(st.sampled_from(["exact", "gt", "gte", "lt", "lte"]), st.integers(-1, 3)),
    st.tuples(st.just("in"), st.lists(st.integers(-1, 2), max_size=3)),
    st.tuples(st.just("range"), st.tuples(st.integers(-1, 1), st.integers(1, 3))),
    st.tuples(st.just("isnull"), st.booleans()),
)
text_lookups = st.one_of(
    st.tuples(st.sampled_from(["exact", "icontains", "startswith"]), st.sampled_from("abB")),
    st.tuples(st.just("isnull"), st.booleans()),
)


def leaf(word: str, names: list[str], lookups: Any) -> Any:
    """Leaves ``(word, name, lookup, value)``."""
    return st.tuples(st.just(word), st.sampled_from(names), lookups).map(
        lambda given: (given[0], given[1], *given[2])
    )


own = st.one_of(
    leaf("leaf", NUMBERS, number_lookups),
    leaf("leaf", TEXTS, text_lookups),
    st.tuples(
        st.just("against"),
        st.sampled_from(NUMBERS),
        st.sampled_from(["exact", "gt", "lte"]),
        st.sampled_from(NUMBERS),
    ),
)
of_tags = st.one_of(leaf("tag", ["weight"], number_lookups), leaf("tag", ["label"], text_lookups))


def trees(leaves: Any, words: tuple[str, ...] = ("and", "or", "xor"), turned: bool = True) -> Any:
    """Conditions over leaves; with negations where ``turned``."""

    def joined(inner: Any) -> Any:
        found = [st.tuples(st.sampled_from(words), inner, inner)]
        if turned:
            found.append(st.tuples(st.just("not"), inner))
        return st.one_of(*found)

    return st.recursive(leaves, joined, max_leaves=3)


def condition(tree: Any, prefix: str = "") -> Any:
    """The ``Q`` of a condition."""
    word = tree[0]
    if word == "not":
        return ~condition(tree[1], prefix)
    if word in ("and", "or", "xor"):
        one, two = condition(tree[1], prefix), condition(tree[2], prefix)
        return one & two if word == "and" else one | two if word == "or" else one ^ two
    if word == "against":
        return Q(**{f"{tree[1]}__{tree[2]}": F(tree[3])})
    return Q(**{f"{prefix if word == 'tag' else ''}{tree[1]}__{tree[2]}": tree[3]})


# Expressions

simple = st.one_of(
    st.tuples(st.just("field"), st.sampled_from(NUMBERS)),
    st.tuples(st.just("value"), st.integers(0, 3)),
)


def numbers(names: list[str]) -> Any:
    """Number expressions; ``names`` are annotations that they may use."""
    base = (
        simple
        if not names
        else st.one_of(simple, st.tuples(st.just("name"), st.sampled_from(names)))
    )
    return st.recursive(
        base,
        lambda inner: st.one_of(
            st.tuples(st.sampled_from("+-*"), inner, inner),
            st.tuples(st.just("coalesce"), inner, st.tuples(st.just("value"), st.integers(0, 3))),
            st.tuples(st.just("case"), trees(own), inner, inner),
        ),
        max_leaves=3,
    )


over_many = st.one_of(
    st.tuples(st.just("many"), st.just("count"), st.sampled_from(["tags", "kids"]), st.booleans()),
    st.tuples(
        st.just("many"),
        st.sampled_from(["sum", "min", "max"]),
        st.sampled_from(["tags__weight", "kids__number"]),
        st.just(False),
    ),
    st.tuples(st.just("largest")),
)
exists = st.tuples(st.just("exists"), trees(of_tags))
AGGREGATES = {"count": models.Count, "sum": models.Sum, "min": models.Min, "max": models.Max}


def expression(tree: Any) -> Any:
    """The expression of a tree."""
    word = tree[0]
    if word in ("field", "name"):
        return F(tree[1])
    if word == "value":
        return Value(tree[1])
    if word in "+-*":
        one, two = expression(tree[1]), expression(tree[2])
        return one + two if word == "+" else one - two if word == "-" else one * two
    if word == "coalesce":
        return models.Coalesce(expression(tree[1]), expression(tree[2]))
    if word == "case":
        when = models.When(condition(tree[1]), then=expression(tree[2]))
        return models.Case(when, default=expression(tree[3]), output_field=models.IntegerField())
    tags = Tag.objects.filter(nodes=models.OuterRef("pk"))
    if word == "exists":
        return models.Exists(tags.filter(condition(tree[1])))
    if word == "largest":
        return models.Subquery(
            tags.filter(weight__isnull=False).order_by("-weight").values("weight")[:1]
        )
    _, function, path, distinct = tree
    return AGGREGATES[function](path, **({"distinct": True} if distinct else {}))


# Whole queries


@st.composite
def queries(draw: Any, annotated: bool = True) -> Any:
    """A query: steps, an order that is total, a slice."""
    steps: list[Any] = []
    names: list[str] = []
    for number in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from(["filter", "exclude", "annotate", "annotate", "named"]))
        if kind == "annotate" and annotated:
            name = f"x{number}"
            tree = draw(st.one_of(numbers(names), over_many, exists))
            steps.append(("annotate", name, tree))
            if tree[0] != "exists":
                names.append(name)
        elif kind == "named" and names:
            steps.append(("filter", draw(leaf("named", names, number_lookups))))
        else:
            verb = kind if kind in ("filter", "exclude") else "filter"
            steps.append((verb, draw(trees(own))))
    keys = st.tuples(st.sampled_from(["number", *names]), st.booleans(), st.booleans())
    order = [*draw(st.lists(keys, max_size=2)), ("pk", draw(st.booleans()), False)]
    start = draw(st.integers(0, 2))
    stop = draw(st.none() | st.integers(0, 6).map(lambda size: start + size))
    bounds = draw(st.sampled_from([(0, None), (start, stop)]))
    return {"steps": steps, "order": order, "slice": bounds, "names": names}


def queryset(query: Any, sliced: bool = True) -> Any:
    """The queryset that a query stands for."""
    rows = Node.objects.all()
    for step in query["steps"]:
        if step[0] == "annotate":
            rows = rows.annotate(**{step[1]: expression(step[2])})
        else:
            rows = getattr(rows, step[0])(condition(step[1]))
    rows = rows.order_by(*(_order(key) for key in query["order"]))
    start, stop = query["slice"]
    return rows[start:stop] if sliced and (start, stop) != (0, None) else rows


def _order(key: tuple[str, bool, bool]) -> Any:
    name, descending, nulls_first = key
    nulls = {"nulls_first": True} if nulls_first else {"nulls_last": True}
    return F(name).desc(**nulls) if descending else F(name).asc(**nulls)
