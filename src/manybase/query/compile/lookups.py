"""Comparisons: ``exact``, ``in``, ``range``, texts and the rest, as SQL conditions."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from manybase.dialects.composed import Composed
from manybase.meta.storage import Storage
from manybase.query.compile.binds import Param
from manybase.query.compile.lookups_json import SIGNS, as_family, compare_json, is_json, letters
from manybase.query.compile.terms import Term, Terms

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
#: Lookups that see a document, or a value in one, as text.
TEXTUAL = frozenset({*_TEXTS, "regex", "iregex"}) - {"contains"}


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
    if is_json(left) and lookup not in TEXTUAL:
        return compare_json(terms, lookup, left, node)
    left = _settled(terms, left)
    if lookup in _TEXTS:
        return _text(terms, lookup, left, node)
    if lookup in ("regex", "iregex"):
        text = _as_text(terms, left)
        if type(node) is Param:
            bound = terms.binder.param(node, terms.dialect.regex_pattern())
            return terms.dialect.regex(text, bound, lookup == "iregex"), None
        right = _right(terms, node, Storage("text"))
        return terms.dialect.regex(text, right.sql, lookup == "iregex"), _shown(node, right)
    if isinstance(left.sql.type, sa.Integer):
        # Else values would be cast to numbers of 4 bytes, which not all are.
        left = left._replace(sql=sa.type_coerce(left.sql, sa.types.NullType()))
    if type(node) is tuple and node[0] == "list":
        return _in_list(terms, left, node), None
    if type(node) is tuple and node[0] == "pair":
        low, high = (_right(terms, part, left.storage) for part in node[1:])
        return left.sql.between(low.sql, high.sql), None
    if type(node) is tuple and node[0] == "terms":
        return left.sql.in_([terms.node(part).sql for part in node[1:]]), None
    right = _right(terms, node, left.storage)
    if lookup == "in":  # a SELECT of the program's own, in parentheses
        return Composed(left.sql, " IN ", right.sql), None
    return SIGNS[lookup](left.sql, right.sql), _shown(node, right)


def _right(terms: Terms, node: Any, storage: Storage | None) -> Term:
    if type(node) is Param:
        return Term(terms.bind(node, storage), storage, False, frozenset())
    right = terms.node(node, storage)
    if storage is not None and is_json(right):
        return as_family(terms.dialect, right, storage.family)
    return _settled(terms, right)


def _settled(terms: Terms, term: Term) -> Term:
    """A side that is computed, in the form in which equal values are equal."""
    if term.field is not None or term.storage is None:
        return term
    return term._replace(sql=terms.dialect.settled(term.sql, term.storage))


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
    text = _as_text(terms, left)
    if type(node) is Param:
        bound = terms.binder.param(node, dialect.pattern(kind, ignore_case))
        return dialect.text_match(kind, text, bound, ignore_case), None
    right = terms.node(node, Storage("text"))
    raw = right.sql if right.storage is None else _as_text(terms, right)
    return dialect.text_match(kind, text, raw, ignore_case, raw=True), right


def _as_text(terms: Terms, term: Term) -> Any:
    if is_json(term):
        return letters(terms.dialect, term)
    if term.storage is not None and term.storage.family == "text":
        return term.sql
    return terms.dialect.as_text(term.sql, term.storage)
