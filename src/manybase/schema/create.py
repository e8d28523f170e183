"""The statements that make and drop the tables of models, in an order that works.

Pure; ``ops.tables`` and the test kit send what is returned here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy
from sqlalchemy.schema import CreateTable, SetColumnComment, SetTableComment

from manybase.dialects.base import Dialect
from manybase.schema.indexes import Indexes
from manybase.schema.tables import Tables, with_links


def create_statements(
    models: Iterable[Any],
    dialect: Dialect,
    if_not_exists: bool = False,
    existing: Collection[str] = (),
) -> list[str]:
    """Return the statements that make the tables of models, links included.

    Args:
        models: The models, in any order.
        dialect: The rules of the database.
        if_not_exists: Leave tables and indexes that are there as they are.
        existing: Names of tables that are there already; foreign keys to them become
            constraints. A key to a table that is neither here nor there is a plain column.

    Example:
        >>> create_statements([Person, Book], dialect_for("sqlite"))
        ['CREATE TABLE ...', ...]
    """
    tables = Tables(models, dialect, existing)
    ordered = in_order(tables.models)
    made_tables = [tables.table(model) for model in ordered]  # all, as keys may point ahead
    statements: list[str] = []
    late: list[sqlalchemy.ForeignKeyConstraint] = []
    made = set(existing)
    for model, table in zip(ordered, made_tables, strict=True):
        made.add(table.name)
        early, later = _split(table, made, dialect)
        late.extend(later)
        create = CreateTable(
            table, if_not_exists=if_not_exists, include_foreign_key_constraints=early
        )
        statements.append(_text(create, dialect))
        statements.extend(_comments(table, dialect))
        statements.extend(Indexes(model, dialect, if_not_exists).statements())
    statements.extend(_added(key, dialect, if_not_exists) for key in late)
    return statements


def drop_statements(models: Iterable[Any], dialect: Dialect) -> list[str]:
    """Return the statements that drop the tables of models if they are there, links included."""
    names = [model._meta.db_table for model in reversed(in_order(with_links(models)))]
    return dialect.drop_tables(names) if names else []


def in_order(models: Iterable[Any]) -> list[Any]:
    """Return models so that each comes after those it refers to, as far as that is possible."""
    waiting = {model._meta.db_table: model for model in models}
    ordered: list[Any] = []
    entered: set[str] = set()

    def visit(name: str) -> None:
        if name in entered:
            return  # done, or on the way here: a cycle
        entered.add(name)
        for target in _targets(waiting[name]):
            if target in waiting:
                visit(target)
        ordered.append(waiting[name])

    for name in waiting:
        visit(name)
    return ordered


def _targets(model: Any) -> list[str]:
    return [
        field.target_field.model._meta.concrete_model._meta.db_table
        for field in model._meta.local_concrete_fields
        if field.is_relation and field.remote_field.db_constraint
    ]


def _split(
    table: sqlalchemy.Table, made: Collection[str], dialect: Dialect
) -> tuple[list[sqlalchemy.ForeignKeyConstraint], list[sqlalchemy.ForeignKeyConstraint]]:
    """Part the foreign keys into those that CREATE TABLE can hold and those added later."""
    keys = sorted(table.foreign_key_constraints, key=lambda key: str(key.name))
    if not dialect.features.alter_constraints:
        return keys, []  # such a database takes the name of a table that is not made yet
    early = [key for key in keys if key.elements[0].target_fullname.rpartition(".")[0] in made]
    return early, [key for key in keys if key not in early]


def _added(key: sqlalchemy.ForeignKeyConstraint, dialect: Dialect, if_not_exists: bool) -> str:
    table, _, column = key.elements[0].target_fullname.rpartition(".")
    definition = (
        f"FOREIGN KEY ({dialect.quote(key.column_keys[0])})"
        f" REFERENCES {dialect.quote(table)} ({dialect.quote(column)})"
    )
    if dialect.features.deferrable_constraints:
        definition += " DEFERRABLE INITIALLY DEFERRED"
    return dialect.add_constraint(key.table.name, str(key.name), definition, if_not_exists)


def _comments(table: sqlalchemy.Table, dialect: Dialect) -> list[str]:
    if not dialect.features.comments or dialect.ddl.inline_comments:
        return []
    commented: list[Any] = [SetTableComment(table)] if table.comment else []
    commented.extend(SetColumnComment(column) for column in table.columns if column.comment)
    return [_text(one, dialect) for one in commented]


def _text(element: Any, dialect: Dialect) -> str:
    return str(element.compile(dialect=dialect.ddl)).strip()
