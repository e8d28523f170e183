"""UPDATE and DELETE of the rows that a recording matches."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from manybase.dialects.base import Dialect
from manybase.errors import FieldError
from manybase.query.code import hydrate_values
from manybase.query.compile.binds import Binder, Param, number
from manybase.query.compile.build import Build
from manybase.query.compile.columns import Columns
from manybase.query.compile.ordering import order_terms
from manybase.query.compile.replay import Replay
from manybase.query.compile.terms import Terms
from manybase.query.compile.verbs import _assemble, replay_shape
from manybase.query.plan import Plan


def compile_update(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan of ``update()``; its assignments are columns of the model's own table."""
    replay, binder, count = replay_shape(model, shape, dialect)
    # Where the rows are found by a subquery, values are read of the row that is written.
    written = replay if _is_plain(replay) else _names_only(replay, shape)
    table = written.build.root.table
    fields = [(model._meta.get_field(name), node) for name, node in replay.assignments]
    values = {field.column: _assigned(written.build, field, node) for field, node in fields}
    statement = sa.update(table).values(values).where(*_matching(replay, table))
    return _changing(model, statement, binder, count)


def _names_only(replay: Replay, shape: tuple[Any, ...]) -> Replay:
    """The recording's annotations, on tables of their own."""
    calls = [call for call in number(shape)[0] if call[0] in ("annotate", "relate")]
    return Replay(replay.model, tuple(calls), replay.build.binder, replay.build.subquery)


def _assigned(build: Build, field: Any, node: Any) -> Any:
    terms = Terms(build)
    if type(node) is Param:
        return terms.binder.param(node, build.dialect.writer(field.storage))
    if node[0] == "query":
        return build.subquery(build, *node[1:4]).scalar_subquery()
    joins = len(build.joins)
    term = terms.node(node, field.storage)
    if len(build.joins) != joins or term.joins - {build.root}:
        raise FieldError(
            f"update() of field '{field}' reads a column of another table",
            hint="Name fields of the model itself in F(), or use a subquery.",
        )
    return _as_kept(terms, term, field)


def _as_kept(terms: Terms, term: Any, field: Any) -> Any:
    """A computed value as the field's column takes it."""
    if term.storage is None:
        return term.sql
    return terms.dialect.assigned(term.sql, term.storage, field.storage)


def compile_delete(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that deletes matching rows of the model's own table."""
    replay, binder, count = replay_shape(model, shape, dialect)
    table = _target(replay)
    statement = sa.delete(table).where(*_matching(replay, table))
    return _changing(model, statement, binder, count)


def _is_plain(replay: Replay) -> bool:
    """Whether the conditions speak of the table itself alone."""
    build = replay.build
    inner = replay.is_sliced or replay.distinct or replay.grouped or replay.qualified
    return not (build.joins or inner)


def _target(replay: Replay) -> Any:
    """The table to change: the one that the conditions name, if they name no other."""
    if _is_plain(replay):
        return replay.build.root.table
    return Build(replay.model, replay.build.binder).root.table


def _matching(replay: Replay, table: Any) -> list[Any]:
    """The conditions themselves, or a subquery of keys where they need other tables."""
    if _is_plain(replay):
        return replay.conditions
    names = [field.column for field in replay.model._meta.pk_fields]
    order = order_terms(replay) if replay.is_sliced else []
    columns = Columns(replay)
    columns.sql = [replay.build.root.table.c[name] for name in names]
    select = _assemble(replay, columns, order).correlate(None)
    rows = select.subquery("matching")
    if len(names) == 1:
        return [table.c[names[0]].in_(sa.select(*list(rows.c)[:1]))]
    same = [column == table.c[name] for column, name in zip(rows.c, names, strict=False)]
    one: Any = sa.literal_column("1")
    return [sa.select(one).select_from(rows).where(*same).correlate(table).exists()]


def _changing(model: Any, statement: Any, binder: Binder, count: int) -> Plan:
    sql, bind = binder.finish(statement, count)
    return Plan(model, sql, bind, hydrate_values([], "tuple", 0), returns_rows=False)
