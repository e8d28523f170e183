"""Models as SQLAlchemy tables: columns, keys, unique and check constraints.

Pure. Foreign keys are constraints only towards tables that are there: those of the models given,
and those named as existing; a table of another database cannot be referred to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy

from manybase.dialects.base import Dialect
from manybase.errors import NotSupportedError
from manybase.meta.constraints import CheckConstraint, UniqueConstraint
from manybase.schema.conditions import render_condition, render_default, render_expression
from manybase.schema.names import name_for


def table(model: Any, dialect: Dialect) -> sqlalchemy.Table:
    """Return the table of one model, with foreign keys to the tables it refers to.

    Example:
        >>> table(Book, dialect_for("sqlite")).c.title.type
        String(length=100)
    """
    targets = [_target(field).model._meta.db_table for field in _keys(model)]
    return Tables([model], dialect, existing=targets).table(model)


class Tables:
    """The tables of some models on one kind of database.

    Args:
        models: The models that get tables; proxies count as the model they stand for.
        dialect: The database's rules.
        existing: Names of tables that are there already.
    """

    def __init__(
        self, models: Iterable[Any], dialect: Dialect, existing: Collection[str] = ()
    ) -> None:
        self.dialect = dialect
        self.metadata = sqlalchemy.MetaData()
        self.models = with_links(models)
        self._here = {model._meta.db_table for model in self.models} | set(existing)
        self._made: dict[str, sqlalchemy.Table] = {}

    def table(self, model: Any) -> sqlalchemy.Table:
        """Return the table of a model, made at the first call."""
        meta = model._meta.concrete_model._meta
        found = self._made.get(meta.db_table)
        if found is None:
            found = self._made[meta.db_table] = self._make(meta)
        return found

    def _make(self, meta: Any) -> sqlalchemy.Table:
        columns = [self._column(field) for field in meta.local_concrete_fields]
        options: dict[str, Any] = self.dialect.table_options(meta.auto_field is not None)
        if meta.db_table_comment and self.dialect.features.comments:
            options["comment"] = meta.db_table_comment
        return sqlalchemy.Table(
            meta.db_table,
            self.metadata,
            *columns,
            *_key(meta),
            *self._unique(meta),
            *self._checks(meta),
            *self._foreign_keys(meta),
            **options,
        )

    def _column(self, field: Any) -> sqlalchemy.Column[Any]:
        storage = field.storage
        options: dict[str, Any] = {}
        if field.generated:
            return self._generated(field)
        if field.has_db_default():
            options["server_default"] = _verbatim(render_default(field, self.dialect))
        if field.db_comment and self.dialect.features.comments:
            options["comment"] = field.db_comment
        identity = self.dialect.identity() if storage.auto else None
        return sqlalchemy.Column(
            field.column,
            self.dialect.column_type(field),
            *([identity] if identity is not None else []),
            primary_key=field.primary_key and not field.key_part,
            autoincrement=storage.auto,
            nullable=field.null and not field.primary_key,
            **options,
        )

    def _generated(self, field: Any) -> sqlalchemy.Column[Any]:
        """A column that the database works out.

        Raises:
            NotSupportedError: It can store such a column only, or only work it out at each read.
        """
        name = "stored_columns" if field.db_persist else "virtual_columns"
        if not getattr(self.dialect.features, name):
            raise NotSupportedError(
                f"field '{field}' cannot be made with db_persist={field.db_persist}:"
                f" {self.dialect.features.why(name)}",
                hint=f"Write db_persist={not field.db_persist}.",
            )
        text = render_expression(field.model, field.expression, self.dialect)
        computed = sqlalchemy.Computed(_verbatim(text), persisted=field.db_persist)
        return sqlalchemy.Column(field.column, self.dialect.column_type(field), computed)

    def name(self, meta: Any, columns: list[str], kind: str) -> str:
        """Return the name of an unnamed constraint or index."""
        return name_for(meta.db_table, columns, kind, self.dialect.max_name_length)

    # Constraints

    def _unique(self, meta: Any) -> Iterable[sqlalchemy.UniqueConstraint]:
        for field in meta.local_concrete_fields:
            if field.unique and not field.primary_key:
                name = self.name(meta, [field.column], "uniq")
                yield sqlalchemy.UniqueConstraint(field.column, name=name)
        for names in meta.unique_together:
            columns = columns_of(meta, names)
            yield sqlalchemy.UniqueConstraint(*columns, name=self.name(meta, columns, "uniq"))
        for one in meta.constraints:
            if isinstance(one, UniqueConstraint) and is_plain(one, self.dialect):
                yield self._unique_constraint(meta, one)

    def _unique_constraint(self, meta: Any, one: UniqueConstraint) -> sqlalchemy.UniqueConstraint:
        options: dict[str, Any] = {}
        features = self.dialect.features
        if one.deferrable is not None and features.deferrable_unique:
            options.update(deferrable=True, initially=one.deferrable.value.upper())
        if one.nulls_distinct is False and features.nulls_distinct:
            options.update(self.dialect.nulls_alike())
        columns = columns_of(meta, one.fields)
        return sqlalchemy.UniqueConstraint(*columns, name=one.name, **options)

    def _checks(self, meta: Any) -> Iterable[sqlalchemy.CheckConstraint]:
        for field in meta.local_concrete_fields:
            if field.storage.positive and not field.is_relation:
                text = f"{self.dialect.quote(field.column)} >= 0"
                name = self.name(meta, [field.column], "check")
                yield sqlalchemy.CheckConstraint(_verbatim(text), name=name)
        for one in meta.constraints:
            if isinstance(one, CheckConstraint):
                text = render_condition(meta.model, one.condition, self.dialect)
                yield sqlalchemy.CheckConstraint(_verbatim(text), name=one.name)

    def _foreign_keys(self, meta: Any) -> Iterable[sqlalchemy.ForeignKeyConstraint]:
        for field in _keys(meta.model):
            target = _target(field)
            owner = target.model._meta.concrete_model._meta
            if owner.db_table not in self._here:
                continue
            self._provide(owner)
            deferred: dict[str, Any] = {}
            if self.dialect.features.deferrable_constraints:
                deferred.update(deferrable=True, initially="DEFERRED")
            yield sqlalchemy.ForeignKeyConstraint(
                [field.column],
                [f"{owner.db_table}.{target.column}"],
                name=self.name(meta, [field.column, owner.db_table], "fk"),
                **deferred,
            )

    def _provide(self, owner: Any) -> None:
        """Let a table that exists already be known, as far as foreign keys name it."""
        if any(model._meta.db_table == owner.db_table for model in self.models):
            return
        if owner.db_table not in self.metadata.tables:
            columns = [
                sqlalchemy.Column(f.column, self.dialect.column_type(f))
                for f in owner.local_concrete_fields
            ]
            sqlalchemy.Table(owner.db_table, self.metadata, *columns)


def _key(meta: Any) -> list[sqlalchemy.PrimaryKeyConstraint]:
    """The primary key of several columns, in the order in which they are named."""
    if not meta.pk.composite:
        return []
    return [sqlalchemy.PrimaryKeyConstraint(*[field.column for field in meta.pk.fields])]


def with_links(models: Iterable[Any]) -> list[Any]:
    """Return the concrete, managed models with the link models that were made for them."""
    found: list[Any] = []
    for model in models:
        concrete = model._meta.concrete_model
        links = [field.remote_field.through for field in concrete._meta.local_many_to_many]
        made = [link for link in links if not isinstance(link, str) and link._meta.auto_created]
        for one in (concrete, *made):
            if one._meta.managed and not one._meta.abstract and one not in found:
                found.append(one)
    return found


def columns_of(meta: Any, names: Iterable[str]) -> list[str]:
    """Return the columns of fields given by name."""
    return [meta.get_field(name).column for name in names]


def is_plain(one: UniqueConstraint, dialect: Dialect) -> bool:
    """Whether a unique constraint is one of the table rather than a unique index."""
    if one.nulls_distinct is False and not dialect.features.nulls_distinct:
        return False
    return not (one.expressions or one.condition is not None or one.include or one.opclasses)


def _verbatim(text: str) -> sqlalchemy.TextClause:
    return sqlalchemy.text(text.replace(":", "\\:"))  # else a colon begins a parameter


def _keys(model: Any) -> list[Any]:
    return [
        field
        for field in model._meta.concrete_model._meta.local_concrete_fields
        if field.is_relation and field.remote_field.db_constraint
    ]


def _target(field: Any) -> Any:
    return field.target_field
