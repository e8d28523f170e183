"""Functions that choose, compare and convert values."""

from __future__ import annotations

import re
from typing import Any, ClassVar, NamedTuple

from manybase.errors import QueryError
from manybase.meta.storage import Storage
from manybase.query.func import Func
from manybase.query.kinds import alike

_COLLATION = re.compile(r"[\w-]+")


class Cast(Func):
    """A value converted to the kind of a field.

    >>> Book.objects.annotate(shown=Cast("pages", CharField()))

    Args:
        expression: A field's name or an expression.
        output_field: The field.
    """

    arity = 1
    spelled = "cast"

    def __init__(self, expression: Any, output_field: Any) -> None:
        if not isinstance(getattr(output_field, "storage", None), Storage):
            raise QueryError(
                "Cast() needs the field that the result is one of",
                hint='Write Cast("pages", CharField()).',
            )
        super().__init__(expression, output_field=output_field)

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        (term,) = arguments
        return dialect.cast(dialect.argument("any", term.sql, term.storage), term.storage, storage)


class _Alike(Func):
    """What takes several values of one kind.

    Raises:
        FieldError: The values are of kinds that do not go together, and no field says which one
            the result has.
    """

    alike = True
    least: ClassVar[int] = 2

    def _check_arity(self, count: int) -> None:
        super()._check_arity(count)
        if count < self.least:
            raise QueryError(f"{type(self).__name__}() takes two expressions or more")

    def result_of(self, arguments: list[Storage | None]) -> Storage | None:
        return alike(type(self).__name__, arguments)


class Coalesce(_Alike):
    """The first value that is not null.

    >>> Person.objects.annotate(called=Coalesce("nickname", "name"))
    """

    spelled = "coalesce"


class _Extreme(_Alike):
    """One of several values, by their order."""

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        made = cls.prepared(dialect, arguments)
        if storage is not None:
            made = [dialect.settled(sql, storage) for sql in made]
        return dialect.function(cls.spelled, *made)


class Greatest(_Extreme):
    """The largest of several values; null where one of them is null."""

    spelled = "greatest"


class Least(_Extreme):
    """The smallest of several values; null where one of them is null."""

    spelled = "least"


class NullIf(_Alike):
    """The first value, or null where both are equal."""

    spelled = "nullif"
    arity = 2

    def result_of(self, arguments: list[Storage | None]) -> Storage | None:
        super().result_of(arguments)
        return arguments[0] or arguments[1]


class Collation(NamedTuple):
    """The name of a collation."""

    name: str


class Collate(Func):
    """A text under a collation, for comparing and ordering.

    Args:
        expression: A field's name or an expression.
        collation: The collation's name, as the database knows it: letters, digits, ``_``, ``-``.
    """

    arity = 1
    spelled = "collate"
    takes = ("text",)
    result = Storage("text")

    def __init__(self, expression: Any, collation: str) -> None:
        super().__init__(expression)
        name: Any = collation
        if not isinstance(name, str) or not _COLLATION.fullmatch(name):
            raise QueryError("the name of a collation must be letters, digits, '_' and '-'")
        self.collation = Collation(name)

    @property
    def options(self) -> Collation:
        return self.collation

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        return dialect.collate(cls.prepared(dialect, arguments)[0], options.name)
