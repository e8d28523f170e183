"""Functions, slices of texts and comparisons as terms; registered by kind of node."""

from __future__ import annotations

from typing import Any

from manybase.meta.storage import Storage
from manybase.query.compile.lookups import compare
from manybase.query.compile.terms import Term, Terms, node_kind

Like = Storage | None


@node_kind("sliced")
def sliced(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """Some letters of a text."""
    _, storage, inner, *bounds = node
    text = terms.node(inner)
    numbers = [terms.node(bound) for bound in bounds]
    dialect = terms.dialect
    made = [dialect.argument("integer", term.sql, term.storage) for term in numbers]
    return text._replace(
        sql=dialect.function("substr", dialect.argument("text", text.sql, text.storage), *made),
        storage=storage,
        field=None,
        read=None,
    )


@node_kind("lookup")
def lookup(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """A comparison as a value: true, false, or null where a side is null."""
    _, name, left, right = node
    term = terms.node(left)
    dialect = terms.dialect
    first = term._replace(sql=dialect.argument("any", term.sql, term.storage))
    sql, shown = compare(terms, name, first, right)
    sides = [term] if shown is None else [term, shown]
    nullable = name != "isnull" and right is not None and any(side.nullable for side in sides)
    joins = frozenset(join for side in sides for join in side.joins)
    aggregate = any(side.aggregate for side in sides)
    return Term(sql, Storage("boolean"), nullable, joins, None, aggregate)


@node_kind("raw")
def raw(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """SQL of the program's own; its parameters are bound."""
    _, storage, text, parameters = node
    dialect = terms.dialect
    made = [terms.node(parameter) for parameter in parameters]
    sql = dialect.raw(text.sql, [dialect.argument("any", m.sql, m.storage) for m in made])
    return Term(sql, storage)
