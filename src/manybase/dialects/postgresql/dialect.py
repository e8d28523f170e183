"""The rules of PostgreSQL: the dialect object, its features, and how it words inserts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import sqlalchemy
from sqlalchemy import ColumnElement, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import TypeEngine

from manybase.dialects.base import Dialect
from manybase.dialects.converter import Converter
from manybase.dialects.features import Features
from manybase.dialects.postgresql import arrays, values
from manybase.dialects.postgresql.functions import PostgreSQLFunctions
from manybase.dialects.postgresql.json import PostgreSQLJSON
from manybase.dialects.postgresql.read import PostgreSQLRead
from manybase.dialects.postgresql.tables import PostgreSQLTables
from manybase.dialects.postgresql.text import PostgreSQLText
from manybase.dialects.postgresql.time import PostgreSQLTime
from manybase.meta.storage import Storage


class PostgreSQL(
    PostgreSQLFunctions,
    PostgreSQLJSON,
    PostgreSQLText,
    PostgreSQLTime,
    PostgreSQLTables,
    PostgreSQLRead,
    Dialect,
):
    """PostgreSQL 13 or later."""

    name: ClassVar[str] = "postgresql"
    scheme: ClassVar[str] = "postgresql"

    def __init__(self, *, version: tuple[int, ...], use_tz: bool, tz: str) -> None:
        super().__init__(version=version, use_tz=use_tz, tz=tz)
        self.features = _features(version)
        # Numbered places are psycopg's fastest form, and a value used twice is sent once.
        make_compiler: Any = PGDialect_psycopg
        self.sqla = make_compiler(paramstyle="numeric_dollar")
        self.sqla.server_version_info = version
        self.ddl = self.sqla

    def reader(self, storage: Storage, *, computed: bool = False) -> Converter | None:
        return values.reader(storage, computed)

    def writer(self, storage: Storage) -> Converter | None:
        return values.writer(storage)

    def column_type(self, described: Any) -> TypeEngine[Any]:
        return values.column_type(described, self.use_tz)

    def bind_type(self, described: Any) -> TypeEngine[Any]:
        return values.bind_type(described, self.use_tz)

    def typed(self, bind: ColumnElement[Any], storage: Storage) -> ColumnElement[Any]:
        return sqlalchemy.cast(bind, self.bind_type(storage))

    def keep_in(self, zone: str) -> None:
        pass  # PostgreSQL has a type for moments

    def random(self) -> ColumnElement[Any]:
        return func.random()

    def insert(self, table: sqlalchemy.Table) -> Any:
        return postgresql_insert(table)

    def insert_arrays(
        self,
        insert: Any,
        columns: Sequence[str],
        binds: Sequence[Any],
        storages: Sequence[Storage],
    ) -> Any:
        # The wide types of parameters: CAST to varchar(10) would cut a long text off silently.
        casts = [
            sqlalchemy.cast(bind, ARRAY(self.bind_type(storage)))
            for bind, storage in zip(binds, storages, strict=True)
        ]
        rows = func.unnest(*casts).table_valued(*columns).render_derived()
        return insert.from_select(list(columns), sqlalchemy.select(*rows.c))

    def array_writer(self, storage: Storage) -> Callable[[list[Any]], Any]:
        return arrays.writer(storage.family)

    def ignore_conflicts(self, insert: Any) -> Any:
        return insert.on_conflict_do_nothing()

    def update_conflicts(
        self, insert: Any, columns: Sequence[str], unique: Sequence[str] = ()
    ) -> Any:
        return insert.on_conflict_do_update(
            index_elements=list(unique), set_={name: insert.excluded[name] for name in columns}
        )


def make(*, version: tuple[int, ...] | None, use_tz: bool, tz: str) -> PostgreSQL:
    """Make the dialect; called by ``dialect_for`` once per set of facts."""
    return PostgreSQL(version=version or (15, 0), use_tz=use_tz, tz=tz)


def _features(version: tuple[int, ...]) -> Features:
    return Features(
        nulls_distinct=version >= (15,),
        virtual_columns=version >= (18,),
        array_parameters=True,
        writes_in_with=True,
        array_aggregates=True,
        json_aggregates=True,
        boolean_aggregates=True,
        bit_aggregates=True,
        reasons={
            "virtual_columns": "generated columns that are not stored came with PostgreSQL 18",
            "nulls_distinct": "NULLS NOT DISTINCT came with PostgreSQL 15",
            "two_phase": "the server needs max_prepared_transactions above 0",
        },
    )
