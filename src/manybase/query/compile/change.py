"""UPDATE and DELETE of the rows that a recording matches."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from manybase.dialects.base import Dialect
from manybase.errors import FieldError
from manybase.query.code import hydrate_values
from manybase.query.compile.binds import Binder, Param
from manybase.query.compile.build import Build
from manybase.query.compile.replay import Replay
from manybase.query.compile.terms import Terms
from manybase.query.compile.verbs import _assemble, replay_shape, subquery
from manybase.query.plan import Plan


def compile_update(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan of ``update()``; its assignments are columns of the model's own table."""
    replay, binder, count = replay_shape(model, shape, dialect)
    table = Build(model, binder).root.table
    values = {
        model._meta.get_field(name).column: _assigned(replay, model._meta.get_field(name), node)
        for name, node in replay.assignments
    }
    statement = sa.update(table).values(values).where(*_matching(replay, table, dialect))
    return _changing(model, statement, binder, count)


def _assigned(replay: Replay, field: Any, node: Any) -> Any:
    terms = Terms(replay.build)
    if type(node) is Param:
        return terms.bind(node, field.storage)
    if node[0] == "query":
        return replay.subquery(replay.build, *node[1:]).scalar_subquery()
    joins = len(replay.build.joins)
    term = terms.node(node, field.storage)
    if len(replay.build.joins) != joins:
        raise FieldError(
            f"update() of field '{field}' reads a column of another table",
            hint="Name fields of the model itself in F(), or use a subquery.",
        )
    return term.sql


def compile_delete(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that deletes matching rows of the model's own table."""
    replay, binder, count = replay_shape(model, shape, dialect)
    table = Build(model, binder).root.table
    statement = sa.delete(table).where(*_matching(replay, table, dialect))
    return _changing(model, statement, binder, count)


def _matching(replay: Replay, table: Any, dialect: Dialect) -> list[Any]:
    """The conditions themselves, or a subquery of keys where they need other tables."""
    build = replay.build
    if not build.joins and not replay.is_sliced and not replay.distinct:
        return replay.conditions
    key = build.root.table.c[replay.model._meta.pk.column]
    select = _assemble(replay, [key], [])
    inner = select.correlate(None)
    rows = inner.subquery("matching")
    return [table.c[key.name].in_(sa.select(*list(rows.c)[:1]))]


def _changing(model: Any, statement: Any, binder: Binder, count: int) -> Plan:
    sql, bind = binder.finish(statement, count)
    return Plan(model, sql, bind, hydrate_values([], "tuple", 0), returns_rows=False)


__all__ = ["compile_delete", "compile_update", "subquery"]
