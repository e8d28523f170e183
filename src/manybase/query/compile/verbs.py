"""SELECT, COUNT and EXISTS statements of a recording, and its use inside another statement."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from manybase.dialects.base import Dialect
from manybase.errors import QueryError
from manybase.query.code import Column, hydrate_values
from manybase.query.compile.binds import Binder, number
from manybase.query.compile.build import Build
from manybase.query.compile.columns import Columns
from manybase.query.compile.combine import Combined
from manybase.query.compile.ordering import order_terms, ordered_by
from manybase.query.compile.qualify import bare, tested, with_test
from manybase.query.compile.replay import Replay
from manybase.query.compile.terms import Terms, is_constant
from manybase.query.keys import column_parts
from manybase.query.kinds import is_window
from manybase.query.path import resolve_column
from manybase.query.plan import Hydrate, Plan

MOST_GOT = 21
COUNTED: Any = sa.func.count(sa.literal_column("*"))


def replay_shape(
    model: Any, shape: tuple[Any, ...], dialect: Dialect
) -> tuple[Replay, Binder, int]:
    """Play a recording's shape back for the outermost statement."""
    numbered, count = number(shape)
    binder = Binder(dialect)
    return Replay(model, numbered, binder, subquery), binder, count


def compile_select(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that reads objects, or the values that the recording names."""
    return _select(model, shape, dialect, None)


def compile_get(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that reads the one object of ``get()``: no order, few rows."""
    return _select(model, shape, dialect, MOST_GOT)


def compile_select_told(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """As ``compile_select``; every object is made by its ``__init__``, which signals it."""
    return _select(model, shape, dialect, None, told=True)


def compile_get_told(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """As ``compile_get``; every object is made by its ``__init__``, which signals it."""
    return _select(model, shape, dialect, MOST_GOT, told=True)


def _select(
    model: Any,
    shape: tuple[Any, ...],
    dialect: Dialect,
    most: int | None,
    told: bool = False,
) -> Plan:
    replay, binder, count = replay_shape(model, shape, dialect)
    ordered = most is None or replay.is_sliced
    select, hydrate, names = _reading(replay, ordered, told)
    if most is not None and not replay.is_sliced and replay.combined is None:
        select = select.limit(sa.literal_column(str(most)))
    if replay.lock is not None:
        select = _locked(replay, select)
    sql, bind = binder.finish(select, count)
    return Plan(model, sql, bind, hydrate, names)


def _locked(replay: Replay, select: Any) -> Any:
    assert replay.lock is not None
    words, of = replay.lock
    tables = []
    for name in of:
        steps = () if name == "self" else resolve_column(replay.model, name).relation.steps()
        read = len(replay.build.joins)
        tables.append(replay.build.follow(steps).table)
        if len(replay.build.joins) > read:
            raise QueryError(
                f"select_for_update(of=...) names '{name}', whose rows are not read along",
                hint=f"Add select_related('{name}'), or leave '{name}' out.",
            )
    return replay.build.dialect.lock(select, {**words, "of": bool(of)}, tables)


def _reading(replay: Replay, ordered: bool, told: bool) -> tuple[Any, Hydrate, tuple[str, ...]]:
    if replay.combined is not None:
        both = Combined(replay, _part, _dates, told)
        assert both.hydrate is not None
        return both.select, both.hydrate, both.names
    if replay.dates is not None:
        return _dates(replay)
    replay.build.closed = replay.build.sensitive is not None
    columns = Columns(replay)
    results = columns.results(told)
    order = order_terms(replay) if ordered else []
    select = _assemble(replay, columns, order)
    return select, results.hydrate(len(select.selected_columns)), results.names


def _assemble(replay: Replay, columns: Columns, order: list[Any]) -> Any:
    """Put a SELECT together; under DISTINCT what is ordered by must be selected too."""
    chosen = list(columns.sql)
    if replay.distinct and order:
        known = {str(sql) for sql in chosen}
        chosen += [e for e in (bare(o) for o in order) if str(e) not in known]
    inside = chosen if not replay.qualified else with_test(replay, chosen, order)
    keys = _group_keys(replay, columns, order) if replay.grouped else []  # may need a join
    select = sa.select(*inside).select_from(replay.build.from_clause())
    if replay.conditions:
        select = select.where(*replay.conditions)
    if replay.grouped:
        having = list(replay.having)
        if not keys:  # all rows are one group, and no rows are none
            having.append(sa.func.count() > sa.literal_column("0"))
        select = select.group_by(*keys).having(*having)
    if replay.qualified:
        select, order = tested(replay, select, len(chosen), order)
    if replay.distinct_on:
        terms = Terms(replay.build)
        found = [terms.path(resolve_column(replay.model, n)).sql for n in replay.distinct_on]
        select = replay.build.dialect.distinct_on(select, found)
    elif replay.distinct:
        select = select.distinct()
    if order:
        select = select.order_by(*order)
    return _sliced(replay, select)


def _part(replay: Replay, columns: Columns) -> Any:
    """A part of a combination: its own order matters only to its slice."""
    return _assemble(replay, columns, order_terms(replay) if replay.is_sliced else [])


def _group_keys(replay: Replay, columns: Columns, order: list[Any]) -> list[Any]:
    """What rows are grouped by: the object, or the values chosen before the first aggregate.

    Conditions of HAVING are told which columns they read beside aggregates.
    """
    terms = Terms(replay.build)
    named = replay.build.annotations.items()
    keys = [t.sql for name, t in named if not t.aggregate and name not in replay.windowed]
    if replay.group_nodes is None:
        # An inner query hangs on the object's columns, which are all among the keys.
        keys = [key for key in keys if not isinstance(key, (sa.ScalarSelect, sa.Exists))]
        table = replay.build.root
        fields = replay.model._meta.concrete_fields
        keys += columns.sql[: columns.plain] or [replay.build.column(table, f) for f in fields]
        read = columns.single + (order if replay.ordering is None else _ordered(replay, terms))
        keys += _of_joins(replay.build, read)
    else:
        nodes = [node for _, node in replay.group_nodes if not is_window(node, replay.windowed)]
        found = [terms.node(node) for node in nodes]
        keys += [t.sql for t in found if not t.aggregate]
        keys += _ordered(replay, terms)
    paths = [path for path, found in map(terms.resolve, replay.beside) if found is None]
    build = replay.build
    beside = [build.column(build.follow(p.steps), p.field) for p in paths if p.field.column]
    beside += replay.compared
    keys += beside
    replay.having = [build.dialect.having(condition, beside) for condition in replay.having]
    unique = {str(key): key for key in keys if not is_constant(key)}
    return [build.dialect.group_key(key) for key in unique.values()]


def _of_joins(build: Build, elements: list[Any]) -> list[Any]:
    """The columns of joined tables that are read: rows of an object can differ by them."""
    tables = {id(join.table) for join in build.joins}
    found: list[Any] = []
    waiting = list(elements)
    while waiting:
        element = waiting.pop(0)
        if isinstance(element, sa.ColumnClause) and id(element.table) in tables:
            found.append(element)
        if not isinstance(element, (sa.ScalarSelect, sa.Exists, sa.Select)):
            waiting.extend(element.get_children())
    return found


def _ordered(replay: Replay, terms: Terms) -> list[Any]:
    """Columns that a grouped query is ordered by belong to its groups too."""
    found = []
    for node in replay.ordering or ():
        if node[0] == "sort" or (
            node[0] == "by"
            and not is_window(node, replay.windowed)
            and not terms.node(node[1]).aggregate
        ):
            found += ordered_by(terms, node)
    return found


def _sliced(replay: Replay, select: Any) -> Any:
    binder = replay.build.binder
    if replay.limit is not None:
        select = select.limit(binder.param(replay.limit))
    if replay.low is not None:
        select = select.offset(binder.param(replay.low))
    return select


def _dates(replay: Replay) -> tuple[Any, Hydrate, tuple[str, ...]]:
    assert replay.dates is not None
    name, kind, order, family, tz = replay.dates
    dialect = replay.build.dialect
    build, conditions = _ungrouped(replay)
    term = Terms(build).path(resolve_column(replay.model, name))
    assert term.storage is not None
    storage, sql = term.storage, term.sql
    zone = (tz or dialect.tz) if storage.family == "datetime" and dialect.use_tz else None
    if family == "date" and storage.family == "datetime":
        sql = dialect.date_of(sql, storage, zone)
        storage = type(storage)("date")
    cut = dialect.truncate(kind, sql, storage, zone).label("cut")
    read = dialect.wall_reader(storage, zone)
    label: Any = sa.literal_column("cut")
    select = (
        sa.select(cut)
        .select_from(build.from_clause())
        .where(*conditions, term.sql.is_not(None))
        .distinct()
        .order_by(label.desc() if (order == "DESC") != replay.reversed else label.asc())
    )
    column = Column(name, [read] if read is not None else [])
    return _sliced(replay, select), hydrate_values([column], "flat", 1), (name,)


def _ungrouped(replay: Replay) -> tuple[Build, list[Any]]:
    """The tables and conditions of single rows, where conditions may be of groups or windows."""
    build = replay.build
    if not (replay.having or replay.qualified):
        return build, replay.conditions
    inner = Columns(replay)
    keys = replay.model._meta.pk_fields
    inner.sql = [build.column(build.root, key) for key in keys]
    rows = _assemble(replay, inner, []).subquery("rows_")
    single = Build(replay.model, build.binder, build.depth + 1, build)
    single.subquery = build.subquery
    own = [single.column(single.root, key) for key in keys]
    same = [column == known for column, known in zip(rows.c, own, strict=False)]
    one: Any = sa.literal_column("1")
    if len(keys) == 1:
        return single, [own[0].in_(sa.select(*list(rows.c)[:1]))]
    return single, [sa.select(one).select_from(rows).where(*same).exists()]


def compile_count(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that counts rows."""
    replay, binder, count = replay_shape(model, shape, dialect)
    if replay.combined is not None:
        inner: Any = Combined(replay, _part, _dates).select.subquery("rows_")
    elif replay.dates is not None:
        inner = _dates(replay)[0].subquery("rows_")
    elif replay.distinct or replay.is_sliced or replay.grouped or replay.qualified:
        inner = _rows(replay).subquery("rows_")
    else:
        inner = None
        if replay.values:
            Columns(replay).values()  # values of many rows are as many rows
    if inner is not None:
        select = sa.select(COUNTED).select_from(inner)
    else:
        select = sa.select(COUNTED).select_from(replay.build.from_clause())
        select = select.where(*replay.conditions)
    sql, bind = binder.finish(select, count)
    return Plan(model, sql, bind, hydrate_values([Column("count", [])], "flat", 1))


def _rows(replay: Replay) -> Any:
    """A SELECT of the rows that count, as narrow as distinctness and groups allow."""
    order = order_terms(replay) if replay.is_sliced else []
    columns = Columns(replay)
    if replay.distinct or replay.grouped:
        if replay.values is None:
            columns.objects()
        else:
            columns.values()
        columns.sql = [sql.label(f"c{i}") for i, sql in enumerate(columns.sql)]
        return _assemble(replay, columns, order)
    if replay.values:
        columns.values()
    columns.sql = [sa.literal_column("1").label("one")]
    return _assemble(replay, columns, [])


def compile_exists(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that asks whether there is a row."""
    replay, binder, count = replay_shape(model, shape, dialect)
    one: Any = sa.literal_column("1")
    if replay.combined is not None:
        both = Combined(replay, _part, _dates).select.subquery("rows_")
        select = sa.select(one).select_from(both).limit(one)
    elif replay.dates is not None or replay.is_sliced or replay.grouped or replay.qualified:
        rows = _dates(replay)[0] if replay.dates is not None else _rows(replay)
        select = sa.select(one).select_from(rows.subquery("rows_")).limit(one)
    else:
        select = sa.select(one).select_from(replay.build.from_clause())
        select = select.where(*replay.conditions).limit(one)
    sql, bind = binder.finish(select, count)
    return Plan(model, sql, bind, hydrate_values([Column("one", [])], "flat", 1))


def subquery(
    outer: Build,
    model: Any,
    shape: tuple[Any, ...],
    column: str | None,
    not_null: bool = False,
    wide: bool = False,
) -> Any:
    """A recording as a SELECT of one column, or of a row of them, inside another statement.

    Args:
        outer: The build around it.
        model: The recording's model.
        shape: Its shape, numbered with the outer one's.
        column: What is selected where the recording names no values; None where only the
            existence of a row is asked for.
        not_null: Leave out nulls, which would make a NOT IN unknown.
        wide: Whether all columns that it names are wanted, and every part of a key.
    """
    replay = Replay(model, shape, outer.binder, subquery, outer.depth + 1, outer)
    if replay.combined is not None:
        return _combined_columns(replay, column, not_null, wide)
    if replay.qualified and _refers_outside(shape):
        raise QueryError(
            "a queryset that is filtered by a function of a window cannot use OuterRef",
            hint="Filter by the window in a queryset around it.",
        )
    if replay.dates is not None:
        return replay.build.finish_inner(_dates(replay)[0])
    columns = Columns(replay)
    if column is None:
        columns.sql = [sa.literal_column("1")]
        return replay.build.finish_inner(_assemble(replay, columns, []))
    terms = [columns.terms.node(node) for node in _chosen(replay, column, wide)]
    columns.sql = [term.sql.label(f"c{i}") if wide else term.sql for i, term in enumerate(terms)]
    loose = [i for i, term in enumerate(terms) if term.nullable] if not_null else []
    if not replay.is_sliced:
        for i in loose:
            conditions = replay.having if terms[i].aggregate else replay.conditions
            conditions.append(terms[i].sql.is_not(None))
    order = order_terms(replay) if replay.is_sliced else []
    select = replay.build.finish_inner(_assemble(replay, columns, order))
    wrapped = replay.is_sliced and (loose or not outer.dialect.features.limit_in_subquery)
    # A table of its own could not refer to the rows outside; one value needs none.
    if wrapped and not _refers_outside(shape):
        inner = select.subquery(f"s{outer.depth}")
        found = list(inner.c)
        return sa.select(*found).where(*[found[i].is_not(None) for i in loose])
    return select


def _chosen(replay: Replay, column: str, wide: bool) -> list[Any]:
    """The nodes of the columns that an inner query gives."""
    if not wide:
        return [replay.values[0][1] if replay.values else ("col", column)]
    if replay.values is None:
        return column_parts(replay.model, ("col", column))
    nodes = [node for _, node in replay.values] or [
        ("col", field.attname) for field in replay.model._meta.concrete_fields
    ]
    return [part for node in nodes for part in column_parts(replay.model, node)]


def _refers_outside(node: Any) -> bool:
    """Whether a shape has an ``OuterRef``."""
    if not isinstance(node, tuple):
        return False
    return node[:1] == ("outer",) or any(_refers_outside(part) for part in node)


def _combined_columns(replay: Replay, column: str | None, not_null: bool, wide: bool) -> Any:
    """One column of a combination, or a row of them, for a query around it."""
    both = Combined(replay, _part, _dates)
    if column is None:
        return both.select
    limited = replay.is_sliced and not replay.build.dialect.features.limit_in_subquery
    # A table of its own could not refer to the rows outside on every database.
    wrapped = not_null or (limited and not _refers_outside(replay.combined))
    if len(both.columns) == 1 and not wrapped:
        return both.select
    opts, found = replay.model._meta, list(both.select.subquery("both").c)
    if not wide:
        field = opts.pk if column == "pk" else opts.get_field(column)
        name = both.names[0] if both.of_values else field.attname
        found = [found[both.columns.index(name) if name in both.columns else 0]]
    elif not both.of_values:
        found = [found[both.columns.index(f.attname)] for f in opts.pk_fields]
    elif len(found) == len(both.columns):
        found = [found[both.columns.index(name)] for name in both.names]
    return sa.select(*found).where(*[c.is_not(None) for c in found if not_null])
