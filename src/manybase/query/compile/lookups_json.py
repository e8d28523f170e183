"""Comparisons with JSON documents and the values in them, as SQL conditions.

The kind of a given value stands in the shape (``query.lookups_json``): texts are compared with
texts, numbers with numbers. Called by ``lookups.compare`` where the left-hand side is JSON.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from manybase.meta.storage import Storage
from manybase.query.compile.binds import Param
from manybase.query.compile.terms import Term, Terms, node_kind

Sign = Callable[[Any, Any], Any]
SIGNS: dict[str, Sign] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
NUMBERS = frozenset({"integer", "float", "decimal"})
_JSON = Storage("json")
_BOOLEAN = Storage("boolean")


def is_json(term: Term | None) -> bool:
    """Whether a term's values are JSON."""
    return term is not None and term.storage is not None and term.storage.family == "json"


def compare_json(terms: Terms, lookup: str, left: Term, node: Any) -> tuple[Any, Term]:
    """Return the condition, and a term that is null where the condition is unknown."""
    found = _Documents(terms, left)
    sql = found.compare(lookup, node)
    sides = found.sides
    joins = frozenset(join for side in sides for join in side.joins)
    aggregate = any(side.aggregate for side in sides)
    return sql, Term(sql, _BOOLEAN, True, joins, None, aggregate)


def as_family(dialect: Any, term: Term, family: str) -> Term:
    """A JSON term as a text, a number or a truth value, to be compared with such."""
    if family == "text":
        sql = dialect.json_text(term.sql)
    elif family in NUMBERS:
        sql = dialect.json_number(term.sql)
    elif family == "boolean":
        sql = dialect.json_boolean(term.sql)
    else:
        return term
    return term._replace(sql=sql, storage=Storage(family), nullable=True, field=None, read=None)


def letters(dialect: Any, term: Term) -> Any:
    """What a lookup of texts sees: a document's whole text, or the text of a value in it."""
    if term.field is not None:
        return dialect.cast_text(term.sql, term.storage)
    return dialect.json_letters(term.sql)


class _Documents:
    """One comparison.

    Args:
        terms: Makes the terms of the right-hand side.
        left: The document, or the value in one.
    """

    def __init__(self, terms: Terms, left: Term) -> None:
        self.terms = terms
        self.dialect = terms.dialect
        self.left = left
        self.value = left.sql
        self.sides: list[Term] = []

    def compare(self, lookup: str, node: Any) -> Any:
        """Return the condition."""
        kind = node[0] if type(node) is tuple else ""
        if kind == "keys":
            return self._keys(lookup, node[1:])
        if kind == "list":
            return sa.false()
        if kind == "any":
            return sa.or_(*[self._one("exact", part) for part in node[1:]])
        if kind == "pair":
            return sa.and_(self._one("gte", node[1]), self._one("lte", node[2]))
        return self._one(lookup, node)

    def _one(self, lookup: str, node: tuple[Any, ...]) -> Any:
        if node[0] == "json":
            return self._given(lookup, *node[1:])
        right = self.terms.node(node, self.left.storage)
        self.sides.append(right)
        sign = SIGNS.get(lookup)
        if is_json(right):
            return self._with_json(lookup, sign, right)
        if lookup in ("contains", "contained_by"):
            raise AssertionError("refused when it was recorded")
        assert sign is not None
        family = right.storage.family if right.storage is not None else "text"
        if family in NUMBERS:
            whole = family == "integer"
            return self.dialect.json_compare_number(sign, self.value, right.sql, whole)
        if family == "boolean":
            return sign(self.dialect.json_boolean(self.value), right.sql)
        text = right.sql
        if family != "text":
            text = self.dialect.cast_text(text, right.storage)
        return self.dialect.json_compare_text(sign, self.value, text)

    def _with_json(self, lookup: str, sign: Sign | None, right: Term) -> Any:
        dialect, one, other = self.dialect, self.value, right.sql
        if lookup == "contains":
            return dialect.json_contains(one, other, "")
        if lookup == "contained_by":
            return dialect.json_contains(other, one, "")
        if sign is None or lookup == "exact":
            return dialect.json_equal(one, other)
        return sa.or_(
            sa.func.coalesce(
                dialect.json_compare_number(sign, one, dialect.json_number(other)), sa.false()
            ),
            sa.func.coalesce(
                dialect.json_compare_text(sign, one, dialect.json_text(other)), sa.false()
            ),
        )

    def _given(self, lookup: str, kind: str, param: Any) -> Any:
        dialect, value = self.dialect, self.value
        if lookup == "contains":
            shown = kind if kind in ("object", "list") else "simple"
            return dialect.json_contains(value, self._bound(kind, param), shown)
        if lookup == "contained_by":
            return dialect.json_contains(self._bound(kind, param), value, "")
        sign = SIGNS[lookup]
        if kind == "text":
            return dialect.json_compare_text(sign, value, self.terms.binder.param(param))
        if kind in ("integer", "float"):
            bound = self.terms.bind(param, Storage(kind, size=8))
            return dialect.json_compare_number(sign, value, bound, kind == "integer")
        if kind in ("true", "false"):
            return dialect.json_truth(value, kind == "true")
        if kind == "null":
            return dialect.json_is(value, "null")
        return dialect.json_equal(value, self._bound(kind, param))

    def _bound(self, kind: str, param: Any) -> Any:
        if param is None:
            return self.dialect.json_given(self.terms.binder.constant(kind))
        return self.dialect.json_given(self.terms.bind(param, self.left.storage))

    def _keys(self, lookup: str, params: tuple[Param, ...]) -> Any:
        forms = self.dialect.json_key_forms()
        found = [
            self.dialect.json_has(
                self.value, [self.terms.binder.param(param, form) for form in forms]
            )
            for param in params
        ]
        if lookup == "has_any_keys":
            return sa.or_(sa.false(), *found)
        return sa.and_(self.value.is_not(None), *found)


@node_kind("shown")
def shown(terms: Terms, node: tuple[Any, ...], like: Storage | None) -> Term:
    """``KT``: the text that keys lead to."""
    term = terms.node(node[1])
    sql = terms.dialect.json_shown(term.sql) if is_json(term) else term.sql
    return term._replace(sql=sql, storage=Storage("text"), nullable=True, field=None, read=None)


@node_kind("json_null")
def json_null(terms: Terms, node: tuple[Any, ...], like: Storage | None) -> Term:
    """``Value(None, JSONField())``: null as JSON knows it."""
    return Term(terms.dialect.json_given(sa.literal_column("'null'")), _JSON, False)
