"""One real connection per kind of database, in a database of its own, without the runtime.

Used by the tests of ``dialects`` and ``schema``.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy

from manybase.conf import url
from manybase.conf.database import DatabaseSettings
from manybase.dialects import dialect_for, drivers_for
from manybase.dialects.base import Dialect
from manybase.dialects.driver import Drivers

_numbers = itertools.count(1)


@dataclasses.dataclass
class Line:
    """A connection with the dialect that its server calls for."""

    settings: DatabaseSettings
    drivers: Drivers
    dialect: Dialect
    connection: Any

    def with_tz(self, use_tz: bool, tz: str = "UTC") -> Line:
        facts = self.drivers.facts(self.connection)
        dialect = dialect_for(self.settings.scheme, use_tz=use_tz, tz=tz, **facts)
        return dataclasses.replace(self, dialect=dialect)

    def run(self, statement: Any, **values: Any) -> list[tuple[Any, ...]]:
        """Compile, execute, and return the rows as the driver gives them."""
        sql, names, held = self.dialect.compile_with_values(statement)
        return self.send(sql, tuple({**held, **values}[name] for name in names))

    def send(self, sql: str, params: tuple[Any, ...] | None = None) -> list[tuple[Any, ...]]:
        cursor = self.drivers.cursor(self.connection)
        cursor.execute(sql) if params is None else cursor.execute(sql, params)
        rows = [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        cursor.close()
        return rows

    def table(self, name: str, **columns: Any) -> sqlalchemy.Table:
        """Make a table of these storages, with a key, and a name that no prepared plan knows."""
        from sqlalchemy.schema import CreateTable

        name = f"{name}_{next(_numbers)}"
        made = sqlalchemy.Table(
            name,
            sqlalchemy.MetaData(),
            sqlalchemy.Column("id", sqlalchemy.Integer, primary_key=True, autoincrement=False),
            *[sqlalchemy.Column(n, self.dialect.column_type(s)) for n, s in columns.items()],
            **self.dialect.table_options() if self.settings.scheme == "mysql" else {},
        )
        self.send(str(CreateTable(made).compile(dialect=self.dialect.sqla)))
        return made


@pytest.fixture(scope="module")
def line(kind: str, server_urls: dict[str, str], worker: str) -> Iterator[Line]:
    name = f"manybase_dialects_{worker}_{os.getpid()}"
    admin = _open(kind, "sqlite://" if kind == "sqlite" else server_urls[kind], name)
    for statement in (*admin.dialect.drop_database(name), *admin.dialect.create_database(name)):
        admin.send(statement)
    database = "" if kind == "sqlite" else name
    made = _connect(admin.settings.replace(database=database))
    yield made
    made.drivers.close(made.connection)
    for statement in admin.dialect.drop_database(name):
        admin.send(statement)
    admin.drivers.close(admin.connection)


def _open(kind: str, address: str, alias: str) -> Line:
    return _connect(url.parse(alias, address))


def _connect(settings: DatabaseSettings) -> Line:
    drivers = drivers_for(settings.scheme)
    connection = drivers.connect(settings)
    dialect = dialect_for(settings.scheme, **drivers.facts(connection))
    return Line(settings, drivers, dialect, connection)
