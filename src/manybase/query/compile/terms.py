"""Columns, parts of dates, arithmetic and values as SQL terms, each with how it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from manybase.errors import FieldError
from manybase.meta.storage import Storage
from manybase.query.compile.binds import Param
from manybase.query.compile.build import Build, Join
from manybase.query.path import Path, resolve_column

if TYPE_CHECKING:
    from manybase.dialects.base import Converter

PLAIN_STORAGES: dict[str, Storage] = {
    "int": Storage("integer", size=8),
    "str": Storage("text"),
    "float": Storage("float"),
    "bool": Storage("boolean"),
    "Decimal": Storage("decimal", precision=30, scale=10),
    "date": Storage("date"),
    "time": Storage("time"),
    "datetime": Storage("datetime"),
    "timedelta": Storage("duration"),
    "UUID": Storage("uuid"),
    "bytes": Storage("binary"),
}
TIMES = ("date", "time", "datetime")


class Term(NamedTuple):
    """A SQL expression.

    Args:
        sql: The SQLAlchemy element.
        storage: How its values are kept, where that is known.
        nullable: Whether it can be null.
        joins: The joins that it reads; without a row there it is null.
        field: The field that it is the column of, if it is one.
    """

    sql: Any
    storage: Storage | None
    nullable: bool
    joins: frozenset[Join]
    field: Any = None


class Terms:
    """Makes terms in one build.

    Args:
        build: The tables.
        reuse: Joins to many that terms may share; all when None.
    """

    def __init__(self, build: Build, reuse: set[Join] | None = None) -> None:
        self.build = build
        self.binder = build.binder
        self.dialect = build.dialect
        self.reuse = reuse

    def at(self, join: Join, path: Path) -> Term:
        """The term of a path's column, with its transforms, at a join."""
        field = path.field
        sql = self.build.column(join, field)
        term = Term(sql, field.storage, self.build.nullable(join, field), frozenset([join]), field)
        for transform in path.transforms:
            term = self._part(term, transform)
        return term

    def path(self, path: Path) -> Term:
        """The term of a path, its joins made."""
        return self.at(self.build.follow(path.steps, self.reuse), path)

    def _part(self, term: Term, part: str) -> Term:
        storage = term.storage
        assert storage is not None
        zone = self.dialect.tz if storage.family == "datetime" and self.dialect.use_tz else None
        if part == "date":
            sql, kept = self.dialect.date_of(term.sql, storage, zone), Storage("date")
        elif part == "time":
            sql, kept = self.dialect.time_of(term.sql, storage, zone), Storage("time")
        else:
            sql = self.dialect.extract(part, term.sql, storage, zone)
            kept = Storage("integer", size=4)
        return Term(sql, kept, term.nullable, term.joins)

    def node(self, node: tuple[Any, ...], like: Storage | None = None) -> Term:
        """The term of an expression's shape.

        Args:
            node: The numbered shape.
            like: How the values that it is compared with are kept.
        """
        kind = node[0]
        if kind == "col":
            return self.path(resolve_column(self.build.model, node[1]))
        if kind == "value":
            return self._value(node[1], node[2], like)
        if kind == "arith":
            return self._arithmetic(node[1], self.node(node[2], like), self.node(node[3], like))
        if kind == "random":
            return Term(self.dialect.random(), None, False, frozenset())
        raise FieldError(f"an expression of kind '{kind}' cannot stand here")

    def _value(self, param: Param, kept: Any, like: Storage | None) -> Term:
        storage = kept if isinstance(kept, Storage) else PLAIN_STORAGES.get(kept, like)
        writer = self.dialect.writer(storage) if storage is not None else None
        return Term(self.binder.param(param, writer), storage, False, frozenset())

    def _arithmetic(self, sign: str, left: Term, right: Term) -> Term:
        nullable = left.nullable or right.nullable
        joins = left.joins | right.joins
        families = [t.storage.family if t.storage else "" for t in (left, right)]
        if "duration" in families and sign in "+-" and left.storage and right.storage:
            pair = (left.storage, right.storage)
            sql = self.dialect.add(left.sql, right.sql, pair, subtract=sign == "-")
            kept = left.storage if families[0] in TIMES else right.storage
            return Term(sql, kept, nullable, joins)
        if sign == "-" and families[0] in TIMES and families[0] == families[1]:
            assert left.storage
            assert right.storage
            pair = (left.storage, right.storage)
            return Term(
                self.dialect.difference(left.sql, right.sql, pair),
                Storage("duration"),
                nullable,
                joins,
            )
        sql = sa.type_coerce(left.sql, sa.types.NullType()).op(sign, precedence=8)(right.sql)
        return Term(sql.self_group(), left.storage or right.storage, nullable, joins)

    def bind(self, param: Param, storage: Storage | None, *more: Converter | None) -> Any:
        """Bind a parameter that is compared with a column of this storage."""
        writer = self.dialect.writer(storage) if storage is not None else None
        return self.binder.param(param, writer, *more)
