"""Aggregates, conditions, CASE and inner queries as terms; registered by kind of node."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from manybase.errors import QueryError
from manybase.meta.storage import Storage
from manybase.query.compile.build import Build, Join, RowsRepeated
from manybase.query.compile.terms import Term, Terms, node_kind
from manybase.query.compile.where import Where
from manybase.query.kinds import names_in

Like = Storage | None
#: Aggregates that repeated rows do not change.
STEADY = frozenset({"min", "max"})


@node_kind("star")
def star(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """``*`` of ``Count("*")``."""
    return Term(sa.literal_column("*"), None, False)


@node_kind("aggregate")
def aggregate(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """An aggregate over the rows of the query, or over a query of its own.

    Joins to several relations to many multiply rows; so that nothing is counted twice, an
    aggregate that would meet another such join is computed by an inner query on the same object.
    """
    build = terms.build
    _, function, kept, inner, others, by, distinct, condition, default = node
    before = list(build.joins)
    argument = terms.node(inner)
    if function == "count" and not distinct and condition is None and _is_own_key(build, inner):
        argument = terms.node(("star",))  # the same number, without reading the column
    values = [argument, *(terms.node(other) for other in others)]
    order = ordered(terms, by)
    test = Where(build, build.subquery, None, of_row=True)
    where = None if condition is None else test.condition(condition).sql
    joins = {join for join in build.joins if _is_many(join)}
    own = {m for join in argument.joins | test.joins | build.group_joins for m in _lineage(join)}
    own |= {m for join in build.joins if join not in before for m in _lineage(join)}
    steady = function in STEADY or distinct or build.ungrouped
    foreign = joins - own
    broken = build.sensitive is not None and bool((joins & own) - build.sensitive)
    if (foreign and not steady) or broken:
        build.joins[:] = before
        return _by_inner_query(terms, node)
    if not steady:
        build.sensitive = (build.sensitive or set()) | joins
    sql = aggregate_call(terms, function, values, distinct=distinct, condition=where, order=order)
    if default is not None:
        sql = sa.func.coalesce(sql, terms.node(default, kept).sql)
    return Term(sql, kept, True, frozenset(), None, True)


Directed = tuple[Any, bool, str]
#: What kind of argument an aggregate takes, as dialects know it.
KINDS = {
    "avg": "mean",
    "string_agg": "text",
    **dict.fromkeys(("stddev_pop", "stddev_samp", "var_pop", "var_samp"), "spread"),
}


def ordered(terms: Terms, nodes: tuple[Any, ...]) -> list[Directed]:
    """What an aggregate or a window is ordered by: elements, directions, places of nulls."""
    return [(terms.node(node[1]).sql, node[2], node[3]) for node in nodes]


def aggregate_call(
    terms: Terms,
    function: str,
    values: list[Term],
    *,
    distinct: bool,
    condition: Any = None,
    order: list[Directed] | None = None,
) -> Any:
    """The call of an aggregate over terms."""
    dialect = terms.dialect
    kind = KINDS.get(function, "any")
    made = [dialect.argument(kind, value.sql, value.storage) for value in values]
    kept = values[0].storage
    if function in STEADY and values[0].field is None and kept is not None:
        made[0] = dialect.settled(made[0], kept)
    return dialect.aggregate(
        function, made, distinct=distinct, condition=condition, order=order or []
    )


def _is_own_key(build: Build, node: tuple[Any, ...]) -> bool:
    """Whether a node is the key of the query's own table, which is never null there.

    Of a table that is not Manybase's, nobody knows that.
    """
    meta = build.model._meta
    return meta.managed and node[0] == "col" and node[1] in ("pk", meta.pk.name, meta.pk.attname)


def _is_many(join: Join) -> bool:
    return join.step is not None and join.step.multi


def _lineage(join: Join) -> list[Join]:
    found = [join]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return [j for j in found if _is_many(j)]


def _by_inner_query(terms: Terms, node: tuple[Any, ...]) -> Term:
    outer = terms.build
    if outer.grouped_by_values and not outer.apart:
        raise RowsRepeated
    if outer.grouped_by_values:
        raise QueryError(
            "two aggregates over different relations to many cannot share one grouped query:"
            " rows would count more than once",
            hint="Use distinct=True with Count, or two queries.",
        )
    inner = Build(outer.model, outer.binder, outer.depth + 1, outer)
    inner.subquery, inner.condition, inner.links = outer.subquery, outer.condition, outer.links
    wanted = _named(outer, node)
    for name, made in outer.nodes.items():
        if name in wanted:
            inner.annotations[name] = Terms(inner).node(made)
    found = Terms(inner).node(node)
    same = inner.same_row(outer)
    select: Any = sa.select(found.sql).select_from(inner.from_clause()).where(same)
    return Term(inner.finish_inner(select).scalar_subquery(), found.storage, True)


def _named(build: Build, node: Any) -> set[str]:
    """The annotations that a node reads, and those that these read in turn."""
    found: set[str] = set()
    waiting = list(names_in(node))
    while waiting:
        name = waiting.pop()
        if name in build.nodes and name not in found:
            found.add(name)
            waiting.extend(names_in(build.nodes[name]))
    return found


@node_kind("func")
def function(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """A SQL function; its class builds the call."""
    _, cls, storage, options, arguments = node
    made = [terms.node(argument, storage if cls.alike else None) for argument in arguments]
    storage = storage or next((term.storage for term in made if term.storage is not None), None)
    sql = cls.build(terms.dialect, made, options, storage)
    joins = frozenset(join for term in made for join in term.joins)
    read = cls.reader(terms.dialect, options, storage)
    return Term(sql, storage, True, joins, None, any(term.aggregate for term in made), read)


@node_kind("condition")
def condition(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """A ``Q`` as a value: true or false."""
    build = terms.build
    where = Where(build, build.subquery, terms.reuse, of_row=True)
    clause = where.condition(node[1], True)
    joins = frozenset(where.joins)
    return Term(clause.sql, Storage("boolean"), False, joins, aggregate=clause.aggregate)


@node_kind("negated")
def negated(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """The opposite of a truth value; null stays."""
    term = terms.node(node[1])
    return term._replace(sql=sa.not_(term.sql), storage=Storage("boolean"), field=None, read=None)


@node_kind("expr")
def expression(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """A boolean expression inside a condition."""
    return terms.node(node[1], like)


@node_kind("case")
def case(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """``Case``: the value of the first condition that holds."""
    _, storage, whens, default = node
    build = terms.build
    where = Where(build, build.subquery, terms.reuse, of_row=True)
    pairs = []
    last = terms.node(default, storage)
    joins, aggregate = set(last.joins), last.aggregate
    for test, then in whens:
        clause, value = where.condition(test), terms.node(then, storage)
        joins |= value.joins
        aggregate = aggregate or clause.aggregate or value.aggregate
        pairs.append((clause.sql, _typed(terms, value)))
    sql = sa.case(*pairs, else_=_typed(terms, last)) if pairs else last.sql
    return Term(sql, storage, True, frozenset(joins | where.joins), None, aggregate)


def _typed(terms: Terms, value: Term) -> Any:
    """A value beside others: a parameter would be a text to some databases."""
    return terms.dialect.argument("any", value.sql, value.storage)


@node_kind("query")
def query(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """A queryset of one column as a value."""
    before = terms.build.aggregates_read
    select = terms.build.subquery(terms.build, *node[1:4])
    aggregate = terms.build.aggregates_read > before
    kept = node[4] if len(node) > 4 else like
    return Term(select.scalar_subquery(), kept, True, aggregate=aggregate)


@node_kind("exists")
def exists(terms: Terms, node: tuple[Any, ...], like: Like) -> Term:
    """Whether a queryset has a row."""
    _, model, shape, negated = node
    before = terms.build.aggregates_read
    found = terms.build.subquery(terms.build, model, shape, None).exists()
    aggregate = terms.build.aggregates_read > before
    sql = sa.not_(found) if negated else found
    return Term(sql, Storage("boolean"), False, aggregate=aggregate)
