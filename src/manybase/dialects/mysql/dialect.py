"""The rules of MariaDB and MySQL: the dialect object, its features, and how it words inserts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import sqlalchemy
from sqlalchemy import ColumnElement, func
from sqlalchemy.dialects.mysql import insert as mysql_insert
from sqlalchemy.dialects.mysql.pymysql import MySQLDialect_pymysql
from sqlalchemy.types import TypeEngine

from manybase.dialects.base import Dialect
from manybase.dialects.composed import Composed
from manybase.dialects.converter import Converter
from manybase.dialects.features import Features
from manybase.dialects.mysql import values
from manybase.dialects.mysql.functions import MySQLFunctions
from manybase.dialects.mysql.json import MySQLJSON
from manybase.dialects.mysql.read import MySQLRead
from manybase.dialects.mysql.tables import MySQLTables
from manybase.dialects.mysql.text import MySQLText
from manybase.dialects.mysql.time import MySQLTime
from manybase.meta.storage import Storage


class MySQL(MySQLFunctions, MySQLJSON, MySQLText, MySQLTime, MySQLTables, MySQLRead, Dialect):
    """MariaDB 10.5 or later, MySQL 8.0.19 or later."""

    name: ClassVar[str] = "mysql"
    scheme: ClassVar[str] = "mysql"

    def __init__(
        self,
        *,
        version: tuple[int, ...],
        use_tz: bool,
        tz: str,
        mariadb: bool,
        native_time_zones: bool,
    ) -> None:
        super().__init__(version=version, use_tz=use_tz, tz=tz)
        self.mariadb = mariadb
        self.features = _features(version, mariadb, native_time_zones)
        self.exact_collation = "utf8mb4_nopad_bin" if mariadb else "utf8mb4_0900_bin"
        self.sqla = _compiler(version, mariadb, "format")
        # With "format" a percent sign is doubled, which nobody undoes without parameters.
        self.ddl = _compiler(version, mariadb, "qmark")

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

    def cast_type(self, described: Any) -> TypeEngine[Any]:
        return values.cast_type(described)

    def typed(self, bind: ColumnElement[Any], storage: Storage) -> ColumnElement[Any]:
        if storage.family in ("float", "json", "binary"):
            return bind  # what the driver writes is of that type already
        cast: ColumnElement[Any] = sqlalchemy.cast(bind, self.cast_type(storage))
        if storage.family == "text":
            return sqlalchemy.collate(cast, storage.collation or self.exact_collation)
        return cast

    def random(self) -> ColumnElement[Any]:
        return func.rand()

    def order(
        self, expression: ColumnElement[Any], descending: bool = False, nulls: str | None = None
    ) -> tuple[ColumnElement[Any], ...]:
        expression = self.group_key(expression)
        directed = expression.desc() if descending else expression.asc()
        if nulls is None:
            return (directed,)
        empty = expression.is_(None)
        return (empty.desc() if nulls == "first" else empty.asc(), directed)

    def group_key(self, expression: Any) -> Any:
        # The driver writes parameters into the text, where a bare number is a column's position.
        if isinstance(expression, sqlalchemy.BindParameter):
            return Composed("(", expression, " + 0)")
        return expression

    def insert(self, table: sqlalchemy.Table) -> Any:
        return mysql_insert(table)

    def ignore_conflicts(self, insert: Any) -> Any:
        # INSERT IGNORE would also hide broken foreign keys and values out of range.
        column = next(iter(insert.table.primary_key or insert.table.columns))
        return insert.on_duplicate_key_update({column.name: column})

    def update_conflicts(
        self, insert: Any, columns: Sequence[str], unique: Sequence[str] = ()
    ) -> Any:
        return insert.on_duplicate_key_update({name: insert.inserted[name] for name in columns})


def make(
    *,
    version: tuple[int, ...] | None,
    use_tz: bool,
    tz: str,
    mariadb: bool = True,
    native_time_zones: bool = False,
) -> MySQL:
    """Make the dialect; called by ``dialect_for`` once per set of facts."""
    assumed = (10, 11, 0) if mariadb else (8, 0, 36)
    return MySQL(
        version=version or assumed,
        use_tz=use_tz,
        tz=tz,
        mariadb=mariadb,
        native_time_zones=native_time_zones,
    )


def _compiler(
    version: tuple[int, ...], mariadb: bool, paramstyle: Literal["format", "qmark"]
) -> MySQLDialect_pymysql:
    made = MySQLDialect_pymysql(paramstyle=paramstyle, is_mariadb=mariadb)
    made.server_version_info = version
    if mariadb:
        made.insert_returning = version >= (10, 5)
        made.delete_returning = True
    else:
        made._requires_alias_for_on_duplicate_key = version >= (8, 0, 20)
    return made


def _features(version: tuple[int, ...], mariadb: bool, native_time_zones: bool) -> Features:
    returning = mariadb and version >= (10, 5)
    return Features(
        returning_insert=returning,
        returning_delete=mariadb,
        bulk_returning=returning,
        returning_update=False,
        conflict_target=False,
        update_own_subquery=mariadb,
        ddl_in_transaction=False,
        for_update_of=not mariadb,
        for_no_key_update=False,
        last_key=True,
        skip_locked=version >= ((10, 6) if mariadb else (8, 0, 1)),
        nulls_first=False,
        distinct_on=False,
        filter_aggregate=False,
        window_exclusion=False,
        intersect_except=mariadb or version >= (8, 0, 31),
        limit_in_subquery=False,
        native_time_zones=native_time_zones,
        json_equals=not mariadb or version >= (10, 7),
        json_places_from_end=not mariadb or version >= (10, 9),
        json_contains_levels=False,
        deferrable_constraints=False,
        deferrable_unique=False,
        partial_indexes=False,
        hidden_columns=mariadb,
        expression_indexes=not mariadb,
        covering_indexes=False,
        nulls_distinct=False,
        index_if_not_exists=mariadb,
        indexes_foreign_keys=True,
        index_prefixes=True,
        operator_classes=False,
        reasons=_reasons(version, mariadb, returning),
    )


def _reasons(version: tuple[int, ...], mariadb: bool, returning: bool) -> dict[str, str]:
    name = "MariaDB" if mariadb else "MySQL"
    no_returning = f"{name} {'.'.join(map(str, version))} has no RETURNING here"
    return {
        "returning_insert": "" if returning else no_returning,
        "returning_delete": "" if mariadb else no_returning,
        "bulk_returning": "" if returning else no_returning,
        "returning_update": f"{name} has no UPDATE ... RETURNING",
        "conflict_target": "ON DUPLICATE KEY UPDATE looks at every unique key",
        "update_own_subquery": "MySQL cannot read in a subquery the table that it changes",
        "ddl_in_transaction": f"{name} commits before every change of a table",
        "for_update_of": "MariaDB has no FOR UPDATE OF",
        "for_no_key_update": "FOR NO KEY UPDATE exists in PostgreSQL only",
        "skip_locked": f"SKIP LOCKED came with {'MariaDB 10.6' if mariadb else 'MySQL 8.0.1'}",
        "nulls_first": f"{name} has no NULLS FIRST; Manybase orders by IS NULL before",
        "distinct_on": "DISTINCT ON exists in PostgreSQL only",
        "filter_aggregate": f"{name} has no FILTER; Manybase writes CASE",
        "array_parameters": f"a parameter of {name} is one value",
        "window_exclusion": f"{name} has no EXCLUDE for frames of windows",
        "array_aggregates": f"{name} has no arrays",
        "json_aggregates": f"{name} has no JSONB; use StringAgg, or JSONObject and JSONArray",
        "boolean_aggregates": f"{name} has no booleans; use Min and Max of a Case",
        "bit_aggregates": f"those of {name} give unsigned numbers, and all bits for no rows",
        "limit_in_subquery": f"{name} allows no LIMIT in a subquery after IN",
        "native_time_zones": "the server's time zone tables are empty; Manybase converts"
        " by the zone's known offsets (load them with mysql_tzinfo_to_sql)",
        "json_equals": "JSON_EQUALS came with MariaDB 10.7; values are compared by what they"
        " contain",
        "json_places_from_end": "places from the end of a list came with MariaDB 10.9",
        "json_contains_levels": "JSON_CONTAINS also finds what stands in a list inside a list",
        "deferrable_constraints": f"{name} checks foreign keys at once",
        "deferrable_unique": f"{name} checks unique constraints at once",
        "partial_indexes": f"{name} has no indexes with a condition",
        "expression_indexes": "MariaDB has no indexes over expressions",
        "covering_indexes": f"{name} has no INCLUDE for indexes",
        "index_if_not_exists": "MySQL has no CREATE INDEX IF NOT EXISTS",
        "operator_classes": f"{name} has one kind of index",
        "nulls_distinct": f"in {name} two nulls always differ",
    }
