"""A program's own lookups, and transforms of both sides, as SQL conditions.

Called by ``where``, and by the kinds of nodes registered here.
"""

from __future__ import annotations

import re
from typing import Any

from manybase.dialects.composed import Composed
from manybase.meta.storage import Storage
from manybase.query.compile.binds import Param
from manybase.query.compile.terms import Term, Terms, node_kind
from manybase.query.lookups import Lookup
from manybase.query.path import Path

_PLACES = re.compile(r"(%\((?:left|right)\)s|%%)")


def compare_custom(terms: Terms, path: Path, left: Term, node: Any) -> Any:
    """Return the condition of a comparison by a program's own lookup."""
    field = path.custom.value_field
    storage = left.storage if field is None else field.storage
    if type(node) is tuple and node[0] == "many":
        right: Any = [_side(terms, part, storage).sql for part in node[1:]]
    else:
        right = _side(terms, node, storage).sql
    return condition(terms.dialect, path.custom, left.sql, right)


def condition(dialect: Any, cls: type[Lookup], left: Any, right: Any) -> Any:
    """Return what a lookup says in SQL."""
    if cls.template is None or cls.sql is not Lookup.sql:
        return cls().sql(dialect, left, right)
    sides = right if isinstance(right, list) else [right]
    parts: list[Any] = []
    for piece in _PLACES.split(cls.template):
        if piece == "%(left)s":
            parts.append(left)
        elif piece == "%(right)s":
            for position, side in enumerate(sides):
                parts += [", ", side] if position else [side]
        else:
            parts.append("%" if piece == "%%" else piece)
    return Composed("(", *parts, ")")


def _side(terms: Terms, node: Any, storage: Storage | None) -> Term:
    if type(node) is Param:
        bound = terms.dialect.argument("any", terms.bind(node, storage), storage)
        return Term(bound, storage, False)
    return terms.node(node, storage)


def both_sides(path: Path, node: Any) -> Any:
    """Return the right-hand side with the transforms that apply to both sides."""
    both = tuple(one for one in path.transforms if one.bilateral)
    if not both or node is None or path.lookup == "isnull":
        return node
    storage = path.field.storage if path.field is not None else path.storage
    if type(node) is not tuple or node[0] not in ("list", "pair", "many"):
        return ("applied", both, storage, node)
    if node[0] == "list":
        parts: tuple[Any, ...] = tuple(Param(node[1] + i) for i in range(node[2]))
        return ("terms", *[("applied", both, storage, part) for part in parts])
    return (node[0], *[("applied", both, storage, part) for part in node[1:]])


@node_kind("applied")
def applied(terms: Terms, node: tuple[Any, ...], like: Storage | None) -> Term:
    """A right-hand side that is transformed as the left-hand side is."""
    _, both, storage, inner = node
    term = _side(terms, inner, storage)
    for one in both:
        term = one.apply(terms, term)
    return term


@node_kind("custom")
def custom(terms: Terms, node: tuple[Any, ...], like: Storage | None) -> Term:
    """A program's own lookup as an expression."""
    _, cls, first, second = node
    left = terms.node(first)
    several = bool(second) and type(second[0]) is tuple
    rights = [terms.node(one, left.storage) for one in (second if several else (second,))]
    dialect = terms.dialect
    made = [dialect.argument("any", term.sql, term.storage) for term in rights]
    sql = condition(dialect, cls, left.sql, made if several else made[0])
    sides = [left, *rights]
    joins = frozenset(join for side in sides for join in side.joins)
    aggregate = any(side.aggregate for side in sides)
    return Term(sql, Storage("boolean"), True, joins, None, aggregate)
