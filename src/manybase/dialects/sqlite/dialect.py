"""The rules of SQLite: the dialect object, its features, and how it words inserts."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Sequence
from typing import Any, ClassVar

import sqlalchemy
from sqlalchemy import ColumnElement, func
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.types import TypeEngine

from manybase.dialects.base import Dialect
from manybase.dialects.converter import Converter
from manybase.dialects.features import Features
from manybase.dialects.sqlite import values
from manybase.dialects.sqlite.compiler import Compiler
from manybase.dialects.sqlite.functions_sql import SQLiteFunctions
from manybase.dialects.sqlite.json import SQLiteJSON
from manybase.dialects.sqlite.read import SQLiteRead
from manybase.dialects.sqlite.tables import SQLiteTables
from manybase.dialects.sqlite.text import SQLiteText
from manybase.dialects.sqlite.time import SQLiteTime
from manybase.meta.storage import Storage


class SQLite(
    SQLiteFunctions, SQLiteJSON, SQLiteText, SQLiteTime, SQLiteTables, SQLiteRead, Dialect
):
    """SQLite 3.36 or later."""

    name: ClassVar[str] = "sqlite"
    scheme: ClassVar[str] = "sqlite"

    def __init__(self, *, version: tuple[int, ...], use_tz: bool, tz: str) -> None:
        super().__init__(version=version, use_tz=use_tz, tz=tz)
        self.features = _features(version)
        self.sqla = SQLiteDialect(paramstyle="qmark")
        self.sqla.server_version_info = version
        self.sqla.statement_compiler = Compiler
        self.ddl = self.sqla
        self.is_beyond = False
        self._beyond: SQLite | None = None

    @property
    def beyond(self) -> SQLite | None:
        if self._beyond is None and not self.is_beyond:
            made = copy.copy(self)
            made.is_beyond = True
            self._beyond = made
        return self._beyond

    def compared(self, storage: Storage) -> Converter | None:
        if self.is_beyond and storage.family == "integer":
            return values.BEYOND_WRITER
        return self.writer(storage)

    def reader(self, storage: Storage, *, computed: bool = False) -> Converter | None:
        if storage.family == "datetime" and self._kept_elsewhere:
            return values.zoned_reader(self.kept_in)
        return values.reader(storage, computed, self.use_tz)

    def writer(self, storage: Storage) -> Converter | None:
        if storage.family == "datetime" and self._kept_elsewhere:
            return values.zoned_writer(self.kept_in)
        return values.writer(storage, self.use_tz)

    def column_type(self, described: Any) -> TypeEngine[Any]:
        return values.column_type(described)

    def random(self) -> ColumnElement[Any]:
        return func.random()

    def insert(self, table: sqlalchemy.Table) -> Any:
        return sqlite_insert(table)

    def ignore_conflicts(self, insert: Any) -> Any:
        return insert.on_conflict_do_nothing()

    def update_conflicts(
        self, insert: Any, columns: Sequence[str], unique: Sequence[str] = ()
    ) -> Any:
        return insert.on_conflict_do_update(
            index_elements=list(unique), set_={name: insert.excluded[name] for name in columns}
        )

    def bit_xor(self, lhs: ColumnElement[Any], rhs: ColumnElement[Any]) -> ColumnElement[Any]:
        # SQLite has no operator for it: what either has, without what both have.
        return lhs.bitwise_or(rhs) - lhs.bitwise_and(rhs)


def make(*, version: tuple[int, ...] | None, use_tz: bool, tz: str) -> SQLite:
    """Make the dialect; called by ``dialect_for`` once per set of facts."""
    return SQLite(version=version or sqlite3.sqlite_version_info, use_tz=use_tz, tz=tz)


def _features(version: tuple[int, ...]) -> Features:
    one_writer = "SQLite locks the whole database for a writer, not single rows"
    return Features(
        for_update=False,
        for_update_of=False,
        skip_locked=False,
        nowait=False,
        for_no_key_update=False,
        last_key=True,
        rewrites_indexes=True,
        explain_formats=False,
        operator_classes=False,
        nulls_distinct=False,
        two_phase=False,
        distinct_on=False,
        compound_parentheses=False,
        outer_aggregate=False,
        server_cursors=True,
        native_time_zones=False,
        deferrable_unique=False,
        alter_constraints=False,
        covering_indexes=False,
        comments=False,
        returning_update=version >= (3, 35),
        max_parameters=32766 if version >= (3, 32) else 999,
        reasons={
            "array_parameters": "a parameter of SQLite is one value",
            "for_update": one_writer,
            "for_update_of": one_writer,
            "skip_locked": one_writer,
            "nowait": one_writer,
            "for_no_key_update": one_writer,
            "explain_formats": "EXPLAIN QUERY PLAN of SQLite has one form only",
            "two_phase": "SQLite has no prepared transactions",
            "distinct_on": "DISTINCT ON exists in PostgreSQL only",
            "compound_parentheses": "SQLite allows no parentheses around the parts of a UNION",
            "outer_aggregate": "SQLite finds no aggregate of the rows outside in a subquery;"
            " compare with a Subquery that computes it",
            "native_time_zones": "SQLite knows no time zones; Manybase's functions convert",
            "deferrable_unique": "SQLite checks unique constraints at once",
            "alter_constraints": "SQLite's ALTER TABLE cannot add a constraint",
            "covering_indexes": "SQLite's indexes have no INCLUDE",
            "operator_classes": "SQLite has one kind of index",
            "nulls_distinct": "in SQLite two nulls always differ",
            "array_aggregates": "SQLite has no arrays",
            "json_aggregates": "SQLite has no JSONB; use StringAgg, or JSONObject and JSONArray",
            "boolean_aggregates": "SQLite has no booleans; use Min and Max of a Case",
            "bit_aggregates": "SQLite has no aggregates over bits",
            "comments": "SQLite keeps no comments of tables and columns",
            "exact_decimals": "sums of decimals are made with floating-point numbers",
        },
    )
