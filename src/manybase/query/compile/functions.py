"""Windows, slices of texts, comparisons and raw SQL as terms; registered by kind of node."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from manybase.meta.storage import Storage
from manybase.query.compile.expressions import aggregate_call, ordered
from manybase.query.compile.lookups import compare
from manybase.query.compile.terms import Term, Terms, node_kind
from manybase.query.compile.where import Where

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
    before = terms.build.aggregates_read
    sql, shown = compare(terms, name, first, right)
    read = terms.build.aggregates_read > before  # in a list or a range
    sides = [term] if shown is None else [term, shown]
    nullable = name != "isnull" and right is not None and any(side.nullable for side in sides)
    joins = frozenset(join for side in sides for join in side.joins)
    aggregate = read or any(side.aggregate for side in sides)
    return Term(sql, Storage("boolean"), nullable, joins, None, aggregate)


@node_kind("raw")
def raw(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """SQL of the program's own; its parameters are bound."""
    _, storage, text, parameters = node
    dialect = terms.dialect
    made = [terms.node(parameter) for parameter in parameters]
    sql = dialect.raw(text.sql, [dialect.argument("any", m.sql, m.storage) for m in made])
    return Term(sql, storage, aggregate=any(m.aggregate for m in made))


@node_kind("window")
def window(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """A function over a window of the rows."""
    _, storage, inner, partition, by, frame = node
    dialect = terms.dialect
    parts = [terms.node(part).sql for part in partition]
    directed = [
        element
        for sql, descending, nulls in ordered(terms, by)
        for element in dialect.order(sql, descending, nulls or None)
    ]
    words: dict[str, Any] = {}
    if frame is not None:
        if frame.exclusion is not None and not dialect.features.window_exclusion:
            raise dialect.not_supported("frames cannot leave rows out", "window_exclusion")
        words = {frame.kind: (frame.start, frame.end), "exclude": frame.exclusion}

    def over(call: Any) -> Any:
        return sa.over(call, partition_by=parts or None, order_by=directed or None, **words)

    if inner[0] == "aggregate":
        return Term(_aggregate_over(terms, inner, over), storage)
    _, cls, _, _, arguments = inner
    made = cls.prepared(dialect, [terms.node(argument) for argument in arguments])
    return Term(dialect.windowed(cls.spelled, made, over), storage)


def _aggregate_over(terms: Terms, node: tuple[Any, ...], over: Any) -> Any:
    _, function, kept, inner, others, by, distinct, condition, default = node
    build = terms.build
    values = [terms.node(inner), *(terms.node(other) for other in others)]
    test = None
    if condition is not None:
        test = Where(build, build.subquery, terms.reuse).condition(condition).sql
    order = ordered(terms, by)
    sql = over(
        aggregate_call(terms, function, values, distinct=distinct, condition=test, order=order)
    )
    if default is not None:
        sql = sa.func.coalesce(sql, terms.node(default, kept).sql)
    return sql
