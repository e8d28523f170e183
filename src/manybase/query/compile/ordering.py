"""ORDER BY: names, expressions, chance, the orders of related models, the model's own."""

from __future__ import annotations

from typing import Any

from manybase.query.compile.lookups_json import is_json
from manybase.query.compile.replay import Replay
from manybase.query.compile.terms import Term, Terms
from manybase.query.expressions import Expression, OrderBy
from manybase.query.keys import FAMILY, part_names
from manybase.query.path import resolve_column
from manybase.query.record import record_order
from manybase.query.state import Recording


def order_terms(replay: Replay) -> list[Any]:
    """Return the elements of ORDER BY; the model's own order where none was asked for."""
    nodes = replay.ordering
    if nodes is None:
        nodes = default_order(replay.model)
    terms = Terms(replay.build)
    found: list[Any] = []
    seen: set[str] = set()
    for node in nodes:
        for sql, descending, nulls in _directed(terms, node, ()):
            text = str(sql)
            if text not in seen:
                seen.add(text)
                direction = descending != replay.reversed
                if replay.reversed and nulls:
                    nulls = "last" if nulls == "first" else "first"
                found.extend(terms.dialect.order(sql, direction, nulls or None))
    return found


def default_order(model: Any) -> tuple[Any, ...]:
    """The nodes of ``Meta.ordering``."""
    ordering = model._meta.ordering
    if not ordering:
        return ()
    recording = record_order(Recording(model), ordering)
    nodes: tuple[Any, ...] = recording.shape[-1][1]
    return nodes


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
    related = _related_order(path)
    if related is not None and path.relation not in seen:
        target, ordering = related
        return [
            (sql, turned != descending, nulls)
            for part in ordering
            for sql, turned, nulls in _directed(
                terms, _under(name, part, target), (*seen, path.relation)
            )
        ]
    return [(sql, descending, "") for sql in _sortable(terms, terms.path(path))]


def _sortable(terms: Terms, term: Term) -> list[Any]:
    """What a term is ordered by: itself; of JSON its kind, then numbers and texts."""
    return terms.dialect.json_order(term.sql) if is_json(term) else [term.sql]


def _related_order(path: Any) -> tuple[Any, tuple[Any, ...]] | None:
    """The order of the model that a name ends at, where it ends at a relation."""
    if path.relation is None:
        return None
    target = path.relation.steps()[-1].target
    ordering = tuple(target._meta.ordering)
    return (target, ordering) if ordering else None


def _under(prefix: str, part: Any, target: Any) -> tuple[Any, ...]:
    """The node of a related model's ordering seen from here."""
    if isinstance(part, Expression):
        by = part if isinstance(part, OrderBy) else OrderBy(part)
        name = getattr(by.expression, "name", None)
        if name is None:
            return ("random",)
        return ("by", ("col", f"{prefix}__{name}"), by.descending, by.nulls)
    if part == "?":
        return ("random",)
    return ("sort", f"{prefix}__{part.lstrip('-+')}", part.startswith("-"))
