"""Columns, parts of dates, arithmetic and values as SQL terms, each with how it is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.sql.elements import Grouping

from manybase.errors import FieldError
from manybase.meta.storage import Storage
from manybase.query.compile.binds import Param
from manybase.query.compile.build import Build, Join
from manybase.query.kinds import BITS, STORAGES, TIMES, arithmetic
from manybase.query.path import (
    Path,
    annotated_path,
    annotation_of,
    linked_path,
    resolve,
    resolve_column,
)

if TYPE_CHECKING:
    from manybase.dialects.base import Converter


class Term(NamedTuple):
    """A SQL expression.

    Args:
        sql: The SQLAlchemy element.
        storage: How its values are kept, where that is known.
        nullable: Whether it can be null.
        joins: The joins that it reads; without a row there it is null.
        field: The field that it is the column of, if it is one.
        aggregate: Whether it is one value for many rows.
        read: How a result becomes Python's, where the storage does not tell.
    """

    sql: Any
    storage: Storage | None
    nullable: bool = True
    joins: frozenset[Join] = frozenset()
    field: Any = None
    aggregate: bool = False
    read: Any = None


class Terms:
    """Makes terms in one build.

    Args:
        build: The tables and the annotations.
        reuse: Joins to many that terms may share; all when None.
    """

    def __init__(self, build: Build, reuse: set[Join] | None = None) -> None:
        self.build = build
        self.binder = build.binder
        self.dialect = build.dialect
        self.reuse = reuse
        self.comparing = False  # whether values are compared, not written or read

    # Paths

    def resolve(self, name: str) -> tuple[Path, Term | None]:
        """The path of a name with a lookup, and the annotation's term if it names one."""
        first = name.partition("__")[0]
        if first in self.build.links:
            return linked_path(self.build.model, name, self.build.links[first][0], True), None
        named = annotation_of(name, self.build.annotations)
        if named is None:
            return resolve(self.build.model, name), None
        found: Term = self.build.annotations[named[0]]
        path = annotated_path(self.build.model, name, named[1], _AsAnnotation(found.storage))
        return path, found

    def at(self, join: Join, path: Path) -> Term:
        """The term of a path's column, with its transforms, at a join."""
        field = path.field
        sql = self.build.column(join, field)
        nullable = self.build.nullable(join, field)
        term = Term(sql, field.storage, nullable, frozenset([join]), field)
        return self.parts(term, path.transforms)

    def path(self, path: Path) -> Term:
        """The term of a path, its joins made."""
        return self.at(self.build.follow(path.steps, self.reuse), path)

    def parts(self, term: Term, transforms: tuple[Any, ...]) -> Term:
        """Apply the transforms of a path."""
        for transform in transforms:
            term = transform.apply(self, term)
        return term

    # Nodes

    def node(self, node: tuple[Any, ...], like: Storage | None = None) -> Term:
        """The term of an expression's shape.

        Args:
            node: The numbered shape.
            like: How the values that it is compared with are kept.
        """
        make = _NODES.get(node[0])
        if make is None:
            raise FieldError(f"an expression of kind '{node[0]}' cannot stand here")
        return make(self, node, like)

    def _column(self, node: tuple[Any, ...], like: Storage | None) -> Term:
        return self.path(resolve_column(self.build.model, node[1]))

    def _linked(self, node: tuple[Any, ...], like: Storage | None) -> Term:
        link = self.build.links[node[1].partition("__")[0]][0]
        return self.path(linked_path(self.build.model, node[1], link, False))

    def _ref(self, node: tuple[Any, ...], like: Storage | None) -> Term:
        found: Term = self.build.annotations[node[1]]
        self.build.aggregates_read += found.aggregate
        return found

    def _part(self, node: tuple[Any, ...], like: Storage | None) -> Term:
        return self._of_annotation(self.build, node[1])

    def _of_annotation(self, build: Build, name: str) -> Term:
        """A part of an annotation: the year of a date, a key of a document."""
        named = annotation_of(name, build.annotations)
        assert named is not None
        found: Term = build.annotations[named[0]]
        known = _AsAnnotation(found.storage)
        path = annotated_path(build.model, name, named[1], known, lookups=False)
        return self.parts(found, path.transforms)

    def _outer(self, node: tuple[Any, ...], like: Storage | None) -> Term:
        build = self.build
        for _ in range(node[1]):
            if build.outer is None:
                raise FieldError(
                    f"OuterRef('{node[2]}') stands in no query around it",
                    hint="Use the queryset inside Subquery() or Exists().",
                )
            build = build.outer
        if annotation_of(node[2], build.annotations) is not None:
            found = self._of_annotation(build, node[2])
            if found.aggregate and not self.dialect.features.outer_aggregate:
                raise self.dialect.missing("outer_aggregate", f"OuterRef('{node[2]}')")
            build.aggregates_read += found.aggregate
            return found
        return Terms(build).path(resolve_column(build.model, node[2]))

    def _value(self, node: tuple[Any, ...], like: Storage | None) -> Term:
        _, param, kept = node
        storage = kept if isinstance(kept, Storage) else STORAGES.get(kept, like)
        if storage is None and kept == "NoneType":
            return Term(sa.null(), None, True)  # of a parameter a server would ask the type
        write = self.dialect.compared if self.comparing else self.dialect.writer
        writer = write(storage) if storage is not None else None
        return Term(self.binder.param(param, writer), storage, kept == "NoneType")

    def _kept(self, node: tuple[Any, ...], like: Storage | None) -> Term:
        term, wanted = self.node(node[2], like), node[1]
        known = term.storage
        if (
            known is not None
            and known.family != wanted.family
            and "json"
            not in (
                known.family,
                wanted.family,
            )
        ):
            # What is said to be of a kind is of it, whatever the database makes of the sum.
            sql = self.dialect.argument("any", term.sql, known)
            term = term._replace(sql=self.dialect.cast(sql, known, wanted))
        return term._replace(storage=wanted, field=None, read=None)

    def _random(self, node: tuple[Any, ...], like: Storage | None) -> Term:
        return Term(self.dialect.random(), None, False)

    def _arithmetic(self, node: tuple[Any, ...], like: Storage | None) -> Term:
        _, sign, first, second = node
        left, right = self.node(first, like), self.node(second, like)
        kept = arithmetic(sign, left.storage, right.storage)
        return Term(
            self._combined(sign, left, right),
            kept,
            left.nullable or right.nullable,
            left.joins | right.joins,
            None,
            left.aggregate or right.aggregate,
        )

    def _combined(self, sign: str, left: Term, right: Term) -> Any:
        if left.storage and right.storage:
            families = (left.storage.family, right.storage.family)
            moved = sign == "-" and families[0] in TIMES and families[0] == families[1]
            if moved or "duration" in families:
                return self._moved(sign, (left.sql, right.sql), (left.storage, right.storage))
        if sign in _FUNCTIONS or sign in BITS:
            return self._by_function(sign, left, right)
        plain = sa.type_coerce(left.sql, sa.types.NullType())
        return plain.op(sign, precedence=8)(right.sql).self_group()

    def _moved(self, sign: str, sides: tuple[Any, Any], pair: tuple[Storage, Storage]) -> Any:
        """Sums, differences and shares of times and durations; a parameter may need its type."""
        dialect = self.dialect
        one, other = (dialect.argument("any", s, k) for s, k in zip(sides, pair, strict=True))
        if "duration" not in (pair[0].family, pair[1].family):
            return dialect.difference(one, other, pair)
        if sign in "*/":
            return dialect.scale(one, other, pair, divide=sign == "/")
        return dialect.add(one, other, pair, subtract=sign == "-")

    def _by_function(self, sign: str, *sides: Term) -> Any:
        whole = all(side.storage is not None and side.storage.family == "integer" for side in sides)
        name, number, kind = _FUNCTIONS.get(sign, (sign, sign, "any"))
        made = [
            self.dialect.argument("any" if whole else kind, side.sql, side.storage)
            for side in sides
        ]
        return self.dialect.function(name if whole else number, *made)

    def bind(self, param: Param, storage: Storage | None, *more: Converter | None) -> Any:
        """Bind a parameter that is compared with a column of this storage."""
        writer = self.dialect.compared(storage) if storage is not None else None
        return self.binder.param(param, writer, *more)

    def bind_array(self, first: int, count: int, storage: Storage) -> Any:
        """Bind parameters that are compared with a column of this storage as one list."""
        return self.binder.array(first, count, self.dialect.writer(storage))


#: Signs that are functions of a dialect: of whole numbers, of others, what these take.
_FUNCTIONS = {
    "/": ("whole_quotient", "quotient", "any"),
    "%": ("mod", "mod", "number"),
    "power": ("whole_power", "power", "float"),
}


class _AsAnnotation(NamedTuple):
    storage: Storage | None
    field: Any = None
    relation: Any = None


def is_constant(sql: Any) -> bool:
    """Whether an element has one value for all rows: a database may take it for a place."""
    while isinstance(sql, (sa.Cast, sa.TypeCoerce, Grouping)):
        sql = sql.clause if isinstance(sql, (sa.Cast, sa.TypeCoerce)) else sql.element
    plain = (sa.BindParameter, sa.Null, sa.True_, sa.False_)
    return isinstance(sql, plain)


Make = Callable[[Terms, tuple[Any, ...], Storage | None], Term]
_NODES: dict[str, Make] = {
    "col": Terms._column,
    "ref": Terms._ref,
    "part": Terms._part,
    "linked": Terms._linked,
    "outer": Terms._outer,
    "value": Terms._value,
    "kept": Terms._kept,
    "random": Terms._random,
    "arith": Terms._arithmetic,
}


def node_kind(name: str) -> Callable[[Make], Make]:
    """Register the function that makes terms of a kind of node."""

    def register(make: Make) -> Make:
        _NODES[name] = make
        return make

    return register
