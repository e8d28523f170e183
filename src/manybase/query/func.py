"""``Func``: a SQL function over expressions, and the base of all function classes.

A subclass says which function it is and how its result is kept; one that is spelled differently by
the databases asks the dialect in ``build``. Nothing here knows a database by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from manybase.errors import QueryError
from manybase.meta.storage import Storage
from manybase.query.expressions import Expression, F, Node, Value

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


class Func(Expression):
    """A SQL function.

    >>> Func(F("title"), function="LOWER", output_field=CharField())

    Args:
        expressions: Names of fields, expressions; other values are bound.
        function: The function's name: letters, digits, underscores and points.
        output_field: The field that the result is one of; that of the first argument when left
            out.
    """

    function: ClassVar[str | None] = None
    arity: ClassVar[int | None] = None
    #: The family of the result; that of the first argument when None.
    result: ClassVar[Storage | None] = None

    def __init__(
        self, *expressions: Any, function: str | None = None, output_field: Any = None
    ) -> None:
        if self.arity is not None and len(expressions) != self.arity:
            plural = "argument" if self.arity == 1 else "arguments"
            raise QueryError(
                f"{type(self).__name__}() takes {self.arity} {plural}, not {len(expressions)}"
            )
        name = function or self.function
        if name is not None and not _NAME.fullmatch(name):
            raise QueryError("the name of a SQL function must be letters, digits and underscores")
        self.name_in_sql = name
        self.arguments = [as_expression(e) for e in expressions]
        self.output_field = output_field

    @property
    def options(self) -> tuple[Any, ...]:
        """What besides the arguments changes the SQL; hashable, part of the shape."""
        return (self.name_in_sql,)

    def node(self, recorder: Recorder) -> Node:
        arguments = tuple(argument.node(recorder) for argument in self.arguments)
        kept = [recorder.storage(argument) for argument in arguments]
        if self.output_field is not None:
            storage: Storage | None = self.output_field.storage
        else:
            storage = self.result_of(kept)
        return ("func", type(self), storage, self.options, arguments)

    def result_of(self, arguments: list[Storage | None]) -> Storage | None:
        """How the result is kept, from how the arguments are."""
        return self.result or next((s for s in arguments if s is not None), None)

    @classmethod
    def build(
        cls, dialect: Any, arguments: list[Any], options: tuple[Any, ...], storage: Storage | None
    ) -> Any:
        """Return the SQLAlchemy element of a call.

        Args:
            dialect: The dialect; its hooks spell what databases say differently.
            arguments: The terms of the arguments (``.sql``, ``.storage``, ``.nullable``).
            options: What ``options`` gave.
            storage: How the result is kept.
        """
        return dialect.function(options[0], *[term.sql for term in arguments])

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self.arguments))
        return f"{type(self).__name__}({inner})"


def as_expression(value: Any) -> Expression:
    """A name becomes the field, any other plain value is bound."""
    if isinstance(value, Expression):
        return value
    return F(value) if isinstance(value, str) else Value(value)
