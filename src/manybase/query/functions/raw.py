"""``RawSQL``: SQL of the program's own as an expression, its parameters bound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from manybase.errors import QueryError
from manybase.query.expressions import Expression, Node, Value

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder


class Text(NamedTuple):
    """The SQL, told apart from the words of a shape."""

    sql: str


class RawSQL(Expression):
    """SQL of the program's own.

    >>> Book.objects.annotate(half=RawSQL("pages / %s", (2,), output_field=IntegerField()))

    Args:
        sql: The SQL; ``%s`` stands for a parameter, ``%%`` for a percent sign. Never put a value
            into it.
        params: The parameters, one for each place.
        output_field: The field that the result is one of.

    Raises:
        QueryError: There are more or fewer places than parameters.
    """

    def __init__(self, sql: str, params: Sequence[Any] = (), output_field: Any = None) -> None:
        if isinstance(params, (str, bytes)) or not isinstance(params, Sequence):
            raise QueryError("the parameters of RawSQL() must be a list or a tuple")
        places = re.sub(r"%%", "", sql).count("%s")
        if places != len(params):
            raise QueryError(
                f"RawSQL() has {places} places for parameters, but was given {len(params)}",
                hint="Write %s for each parameter and %% for a percent sign.",
            )
        self.sql = sql
        self.params = tuple(params)
        self.output_field = output_field

    def node(self, recorder: Recorder) -> Node:
        nodes = tuple(
            (value if isinstance(value, Expression) else Value(value)).node(recorder)
            for value in self.params
        )
        kept = None if self.output_field is None else self.output_field.storage
        return ("raw", kept, Text(self.sql), nodes)

    def __repr__(self) -> str:
        return f"RawSQL({self.sql!r}, {self.params!r})"
