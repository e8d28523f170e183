"""Comparisons: ``exact``, ``in``, ``range``, texts and the rest, as SQL conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from manybase.meta.storage import Storage
from manybase.query.compile.binds import Param
from manybase.query.compile.terms import Term, Terms

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "exact": lambda a, b: a == b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
}
#: Families whose lists go as one parameter where the database has arrays, from this length on.
_IN_ARRAYS = frozenset({"integer", "text", "uuid", "decimal", "date", "datetime", "float"})
_FEW = 4
_TEXTS = {
    "contains": ("contains", False),
    "icontains": ("contains", True),
    "startswith": ("startswith", False),
    "istartswith": ("startswith", True),
    "endswith": ("endswith", False),
    "iendswith": ("endswith", True),
    "iexact": ("exact", True),
}


def compare(terms: Terms, lookup: str, left: Term, node: Any) -> tuple[Any, Term | None]:
    """Return the condition, and the right-hand term where it is an expression.

    Args:
        terms: Makes the terms of the right-hand side.
        lookup: The comparison's name.
        left: What is compared.
        node: The numbered shape of the right-hand side.
    """
    if node is None:
        return left.sql.is_(None), None
    if lookup == "isnull":
        return (left.sql.is_(None) if node else left.sql.is_not(None)), None
    if lookup in _TEXTS:
        return _text(terms, lookup, left, node)
    if lookup in ("regex", "iregex"):
        text = terms.dialect.cast_text(left.sql, left.storage)
        right = _right(terms, node, Storage("text"))
        return terms.dialect.regex(text, right.sql, lookup == "iregex"), _shown(node, right)
    if type(node) is tuple and node[0] == "list":
        return _in_list(terms, left, node), None
    if type(node) is tuple and node[0] == "pair":
        low, high = (_right(terms, part, left.storage) for part in node[1:])
        return left.sql.between(low.sql, high.sql), None
    right = _right(terms, node, left.storage)
    return _SIGNS[lookup](left.sql, right.sql), _shown(node, right)


def _right(terms: Terms, node: Any, storage: Storage | None) -> Term:
    if type(node) is Param:
        return Term(terms.bind(node, storage), storage, False, frozenset())
    return terms.node(node, storage)


def _shown(node: Any, right: Term) -> Term | None:
    return None if type(node) is Param else right


def _in_list(terms: Terms, left: Term, node: tuple[Any, ...]) -> Any:
    _, first, count = node
    if not count:
        return sa.false()
    storage = left.storage
    if (
        storage is not None
        and storage.family in _IN_ARRAYS
        and count > _FEW
        and terms.dialect.features.array_parameters
    ):
        return left.sql == sa.func.any(terms.bind_array(first, count, storage))
    return left.sql.in_([terms.bind(Param(first + i), left.storage) for i in range(count)])


def _text(terms: Terms, lookup: str, left: Term, node: Any) -> tuple[Any, Term | None]:
    kind, ignore_case = _TEXTS[lookup]
    dialect = terms.dialect
    text = left.sql
    if left.storage is None or left.storage.family != "text":
        text = dialect.cast_text(text, left.storage)
    if type(node) is Param:
        bound = terms.binder.param(node, dialect.pattern(kind, ignore_case))
        return dialect.text_match(kind, text, bound, ignore_case), None
    right = terms.node(node, Storage("text"))
    raw = right.sql
    if right.storage is not None and right.storage.family != "text":
        raw = dialect.cast_text(raw, right.storage)
    return dialect.text_match(kind, text, raw, ignore_case, raw=True), right
