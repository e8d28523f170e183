"""``Func``: a SQL function over expressions, and the base of all function classes.

A subclass says which function it is and how its result is kept; one that is spelled differently by
the databases asks the dialect in ``build``. Nothing here knows a database by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from manybase.errors import FieldError, QueryError
from manybase.meta.storage import Storage
from manybase.query.expressions import Expression, F, Node, Value, as_field
from manybase.query.q import Q
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_TEMPLATE = re.compile(r"%\((\w+)\)s|%%|%")
NUMBERS = frozenset({"integer", "float", "decimal"})
#: The families of values that an argument of each kind can have; others are open.
TAKES: dict[str, frozenset[str]] = {
    "number": NUMBERS,
    "float": NUMBERS,
    "integer": frozenset({"integer"}),
}


class Spelling(NamedTuple):
    """What besides its arguments changes the SQL of a plain ``Func``."""

    name: str | None
    template: str | None
    joiner: str


class Func(Expression):
    """A SQL function.

    >>> Func(F("title"), function="LOWER", output_field=CharField())

    Args:
        expressions: Names of fields, expressions; other values are bound.
        function: The function's name: letters, digits, underscores and points.
        template: SQL of the program's own around ``%(function)s`` and ``%(expressions)s``; a
            percent sign is written ``%%``. Values never go into it.
        arg_joiner: What stands between the arguments in a template.
        output_field: The field that the result is one of; that of the first argument when left
            out.

    Raises:
        QueryError: The number of arguments is wrong, or the name or the template.
    """

    #: The function's name in SQL, for classes of the program's own.
    function: ClassVar[str | None] = None
    template: ClassVar[str | None] = None
    arg_joiner: ClassVar[str] = ", "
    arity: ClassVar[int | None] = None
    #: The name that dialects spell, for the functions that are built in.
    spelled: ClassVar[str] = ""
    #: What kinds of arguments it takes; the last counts for all that follow.
    takes: ClassVar[tuple[str, ...]] = ("any",)
    #: Whether its arguments are values of the kind of its result.
    alike: ClassVar[bool] = False
    #: How the result is kept; as the first argument when None.
    result: ClassVar[Storage | None] = None

    def __init__(
        self,
        *expressions: Any,
        function: str | None = None,
        template: str | None = None,
        arg_joiner: str | None = None,
        output_field: Any = None,
    ) -> None:
        self._check_arity(len(expressions))
        name = function or self.function
        template = template or self.template
        if name is not None and not _NAME.fullmatch(name):
            raise QueryError("the name of a SQL function must be letters, digits and underscores")
        if template is not None:
            _check_template(template)
        self.spelling = Spelling(name, template, arg_joiner or self.arg_joiner)
        self.arguments = [as_expression(e) for e in expressions]
        self.output_field = as_field(output_field)

    def _check_arity(self, count: int) -> None:
        if self.arity is not None and count != self.arity:
            plural = "argument" if self.arity == 1 else "arguments"
            raise QueryError(f"{type(self).__name__}() takes {self.arity} {plural}, not {count}")

    @property
    def options(self) -> Any:
        """What besides the arguments changes the SQL; hashable, a named tuple, no plain one."""
        if not self.spelled and self.spelling.name is None and self.spelling.template is None:
            raise QueryError(
                f"{type(self).__name__}() needs the name of a SQL function",
                hint='Write Func(..., function="LOWER").',
            )
        return self.spelling

    def node(self, recorder: Recorder) -> Node:
        arguments = tuple(recorder.expression(argument) for argument in self.arguments)
        kept = [recorder.storage(argument) for argument in arguments]
        self.check(kept)
        if self.output_field is not None:
            storage: Storage | None = self.output_field.storage
        else:
            storage = self.result_of(kept)
        return ("func", type(self), storage, self.options, arguments)

    def check(self, arguments: list[Storage | None]) -> None:
        """Refuse arguments of kinds that the function does not take.

        Raises:
            FieldError: An argument has another kind.
        """
        for position, storage in enumerate(arguments):
            wanted = TAKES.get(self.kind_of(position))
            if wanted is not None and storage is not None and storage.family not in wanted:
                raise FieldError(
                    f"{type(self).__name__}() takes {' or '.join(sorted(wanted))} as argument"
                    f" {position + 1}, not values of kind '{storage.family}'"
                )

    @classmethod
    def kind_of(cls, position: int) -> str:
        """What kind of argument stands at a position."""
        return cls.takes[min(position, len(cls.takes) - 1)]

    def result_of(self, arguments: list[Storage | None]) -> Storage | None:
        """How the result is kept, from how the arguments are."""
        return self.result or next((s for s in arguments if s is not None), None)

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        """Return the SQLAlchemy element of a call.

        Args:
            dialect: The dialect; its hooks spell what databases say differently.
            arguments: The terms of the arguments (``.sql``, ``.storage``, ``.nullable``).
            options: What ``options`` gave.
            storage: How the result is kept.
        """
        made = cls.prepared(dialect, arguments)
        if cls.spelled:
            return dialect.function(cls.spelled, *made)
        if options.template is None:
            return dialect.sql_function(options.name, *made)
        return dialect.template(options.template, options.name or "", options.joiner, made)

    @classmethod
    def prepared(cls, dialect: Any, arguments: list[Any]) -> list[Any]:
        """Return the arguments' elements, each as the function needs it."""
        return [
            dialect.argument(cls.kind_of(position), term.sql, term.storage)
            for position, term in enumerate(arguments)
        ]

    @classmethod
    def reader(cls, dialect: Any, options: Any, storage: Any) -> Any:
        """Return how results become Python's where the storage does not tell, or None."""
        return None

    def __repr__(self) -> str:
        inner = ", ".join(map(repr, self.arguments))
        return f"{type(self).__name__}({inner})"


def _check_template(template: str) -> None:
    for found in _TEMPLATE.finditer(template):
        if found.group() != "%%" and found.group(1) not in ("function", "expressions"):
            raise QueryError(
                f"the template of a function holds '{found.group()}'",
                hint="Only %(function)s and %(expressions)s can stand in it; write %% for a"
                " percent sign, and give values as arguments.",
            )


def as_expression(value: Any) -> Any:
    """A name becomes the field, any other plain value is bound; conditions and querysets stay."""
    if isinstance(value, (Expression, Q, Recording)):
        return value
    return F(value) if isinstance(value, str) else Value(value)


def plain_number(function: str, name: str, value: Any, least: int) -> Any:
    """Return an argument that counts letters or rows, checked where it is a plain number.

    Raises:
        QueryError: It is no whole number, or below the least.
    """
    if isinstance(value, Expression):
        return value
    if isinstance(value, str):
        return F(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise QueryError(
            f"'{name}' of {function}() must be a whole number, not {type(value).__name__}"
        )
    if value < least:
        raise QueryError(f"'{name}' of {function}() must be at least {least}")
    return value
