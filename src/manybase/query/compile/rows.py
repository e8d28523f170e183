"""INSERT, UPDATE and DELETE of rows whose values are known: what ``save()`` and links need."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa

from manybase.dialects.base import Dialect
from manybase.meta.storage import Storage
from manybase.query.code import Column, hydrate_values
from manybase.query.compile.binds import Binder, Param
from manybase.query.compile.columns import converters
from manybase.query.compile.terms import Term
from manybase.query.plan import Plan
from manybase.query.repeated import ArrayInsert, RepeatedInsert, split


def _table(model: Any) -> Any:
    opts = model._meta.concrete_model._meta
    return sa.table(opts.db_table, *[sa.column(f.column) for f in opts.local_concrete_fields])


def _binds(binder: Binder, fields: tuple[Any, ...], first: int) -> dict[str, Any]:
    dialect = binder.dialect
    return {
        f.column: binder.param(Param(first + i), dialect.writer(f.storage))
        for i, f in enumerate(fields)
    }


def compile_insert(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that inserts rows; see ``query.plan.insert_plan``."""
    fields, returning, rows, conflict, bound = shape
    binder = Binder(dialect, bound)
    # A table without columns is what SQLAlchemy renders as an INSERT of defaults only.
    table = _table(model)
    statement: Any = dialect.insert(cast(Any, table if fields else sa.table(table.name)))
    values = [_binds(binder, fields, row * len(fields)) for row in range(rows)]
    if fields:
        statement = statement.values(values[0] if rows == 1 else values)
    statement = _on_conflict(statement, conflict, dialect)
    statement, columns = _returning(statement, table, returning, dialect)
    sql, bind = binder.finish(statement, rows * len(fields))
    hydrate = hydrate_values(columns, "tuple", len(columns))
    names = tuple(f.attname for f in returning)
    return Plan(model, sql, bind, hydrate, names, returns_rows=bool(returning))


def compile_insert_rows(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that inserts any number of rows; see ``query.plan.insert_rows_plan``."""
    fields, returning, conflict = shape
    if not dialect.features.array_parameters:
        one = compile_insert(model, (fields, returning, 1, conflict, True), dialect)
        two = compile_insert(model, (fields, returning, 2, conflict, True), dialect)
        return RepeatedInsert(split(one.sql, two.sql), one)
    binder = Binder(dialect, bound=True)
    table = _table(model)
    binds = [binder.param(Param(i)) for i in range(len(fields))]
    statement = dialect.insert_arrays(
        dialect.insert(cast(Any, table)),
        [f.column for f in fields],
        binds,
        [f.storage for f in fields],
    )
    statement, columns = _returning(
        _on_conflict(statement, conflict, dialect), table, returning, dialect
    )
    sql, bind = binder.finish(statement, len(fields))
    hydrate = hydrate_values(columns, "tuple", len(columns))
    names = tuple(f.attname for f in returning)
    plan = ArrayInsert(model, sql, bind, hydrate, names, returns_rows=bool(returning))
    plan.writers = tuple(dialect.array_writer(f.storage) for f in fields)
    return plan


def _on_conflict(statement: Any, conflict: Any, dialect: Dialect) -> Any:
    if conflict is None:
        return statement
    if conflict[0] == "ignore":
        return dialect.ignore_conflicts(statement)
    return dialect.update_conflicts(statement, conflict[1], conflict[2])


def compile_update_one(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that writes some fields of the row with a key."""
    fields, bound, returning, same = shape
    binder = Binder(dialect, bound)
    table = _table(model)
    values = _binds(binder, fields, 0)
    keys = model._meta.pk_fields
    where = [
        table.c[key.column] == binder.param(Param(len(fields) + i), dialect.compared(key.storage))
        for i, key in enumerate(keys)
    ]
    first = len(fields) + len(keys)
    for i, field in enumerate(same):
        value = binder.param(Param(first + i), dialect.writer(field.storage))
        where.append(table.c[field.column].is_not_distinct_from(value))
    statement: Any = sa.update(table).values(values).where(*where)
    statement, columns = _returning(statement, table, returning, dialect)
    sql, bind = binder.finish(statement, first + len(same))
    hydrate = hydrate_values(columns, "tuple", len(columns))
    return Plan(model, sql, bind, hydrate, returns_rows=bool(returning))


def _returning(
    statement: Any, table: Any, fields: tuple[Any, ...], dialect: Dialect
) -> tuple[Any, list[Column]]:
    """Let a statement give columns of the row that it wrote."""
    if not fields:
        return statement, []
    columns = []
    for field in fields:
        term = Term(None, field.storage, True, frozenset(), field)
        columns.append(Column(field.attname, converters(dialect, term)))
    return statement.returning(*[table.c[f.column] for f in fields]), columns


def compile_delete_in(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that deletes the rows whose field is one of so many values."""
    field, count = shape
    binder = Binder(dialect)
    table = _table(model)
    storage: Storage = field.storage
    keys = [binder.param(Param(i), dialect.compared(storage)) for i in range(count)]
    column = table.c[field.column]
    where = column == keys[0] if count == 1 else column.in_(keys)
    sql, bind = binder.finish(sa.delete(table).where(where), count)
    return Plan(model, sql, bind, hydrate_values([], "tuple", 0), returns_rows=False)


def compile_delete_linked(model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """The plan that deletes a row and the rows that link to it; see ``delete_linked_plan``."""
    (links,) = shape
    binder = Binder(dialect)
    one: Any = sa.literal_column("1")
    counts = []
    for i, (owner, field) in enumerate((*links, (model, model._meta.pk))):
        table = _table(owner)
        key = binder.param(Param(0), dialect.compared(field.storage))
        statement = sa.delete(table).where(table.c[field.column] == key).returning(one)
        part = statement.cte(f"part{i}")
        counts.append(sa.select(sa.func.count()).select_from(part).scalar_subquery())
    sql, bind = binder.finish(sa.select(*counts), 1)
    return Plan(model, sql, bind, hydrate_values([], "tuple", 0))
