"""ORDER BY: names, expressions, chance, the orders of related models, the model's own."""

from __future__ import annotations

from typing import Any

from manybase.query.compile.binds import number
from manybase.query.compile.lookups_json import is_json
from manybase.query.compile.replay import Replay
from manybase.query.compile.terms import Term, Terms, is_constant
from manybase.query.keys import FAMILY, part_names
from manybase.query.path import resolve_column
from manybase.query.record import record_order
from manybase.query.state import Recording


def order_terms(replay: Replay) -> list[Any]:
    """Return the elements of ORDER BY; the model's own order where none was asked for."""
    terms = Terms(replay.build)
    if replay.ordering is not None:
        directed = [found for node in replay.ordering for found in _directed(terms, node, ())]
    elif replay.group_nodes is not None:
        directed = []  # groups have no column of the model's order
    else:
        directed = _of_model(terms, replay.model, "", ())
    found: list[Any] = []
    seen: set[str] = set()
    for sql, descending, nulls in directed:
        text = str(sql)
        if text not in seen and not is_constant(sql):
            seen.add(text)
            direction = descending != replay.reversed
            if replay.reversed and nulls:
                nulls = "last" if nulls == "first" else "first"
            found.extend(terms.dialect.order(sql, direction, nulls or None))
    return found


def ordered_by(terms: Terms, node: tuple[Any, ...]) -> list[Any]:
    """The elements that one node of an order reads, without their directions."""
    return [sql for sql, _, _ in _directed(terms, node, ())]


def _of_model(
    terms: Terms, model: Any, prefix: str, seen: tuple[Any, ...]
) -> list[tuple[Any, bool, str]]:
    """What ``Meta.ordering`` orders by, seen from where ``prefix`` leads to the model."""
    ordering = model._meta.ordering
    if not ordering:
        return []
    recording = record_order(Recording(model), ordering)
    numbered, _ = number(recording.shape[-1:])
    # The values of a model's order are the same for every query: they belong to the plan.
    with terms.binder.fixed(recording.params):
        return [
            found
            for node in numbered[0][1]
            for found in _directed(terms, _under(prefix, node), seen)
        ]


def _directed(
    terms: Terms, node: tuple[Any, ...], seen: tuple[Any, ...]
) -> list[tuple[Any, bool, str]]:
    if node[0] == "random":
        return [(terms.node(node).sql, False, "")]
    if node[0] == "by":
        return [(sql, node[2], node[3]) for sql in _sortable(terms, terms.node(node[1]))]
    _, name, descending = node
    path = resolve_column(terms.build.model, name)
    if path.family == FAMILY:
        paths = [resolve_column(terms.build.model, part) for part in part_names(path)]
        return [(terms.path(part).sql, descending, "") for part in paths]
    related = None if name.rpartition("__")[2] == "pk" else _related_order(path)
    if related is not None and path.relation not in seen:
        by = _of_model(terms, related, f"{name}__", (*seen, path.relation))
        return [(sql, turned != descending, nulls) for sql, turned, nulls in by]
    return [(sql, descending, "") for sql in _sortable(terms, terms.path(path))]


def _sortable(terms: Terms, term: Term) -> list[Any]:
    """What a term is ordered by: itself; of JSON its kind, then numbers and texts."""
    if is_json(term):
        return terms.dialect.json_order(term.sql)
    if term.field is not None or term.storage is None:
        return [term.sql]
    return [terms.dialect.settled(term.sql, term.storage)]


def _related_order(path: Any) -> Any:
    """The model that a name ends at, where it ends at a relation to a model with an order."""
    if path.relation is None:
        return None
    target = path.relation.steps()[-1].target
    return target if target._meta.ordering else None


def _under(prefix: str, node: Any) -> Any:
    """The node of a related model's order seen from here."""
    if not prefix or type(node) is not tuple or not node or node[0] in ("query", "exists"):
        return node
    kind, *rest = node
    if kind in ("col", "sort", "="):
        return (kind, prefix + rest[0], *(_under(prefix, part) for part in rest[1:]))
    return tuple(_under(prefix, part) for part in node)
