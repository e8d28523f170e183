"""``OpClass``: an expression of an index with the operator class that the index is made by.

The constraints and indexes of ``meta`` take it apart; it stands nowhere else. Nothing here knows a
database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manybase.errors import QueryError
from manybase.meta.constraints import check_operator_class
from manybase.query.expressions import Expression, F, Node

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder


class OpClass(Expression):
    """An expression of an index under an operator class, where the database has them.

    >>> Index(OpClass(Lower("name"), name="text_pattern_ops"), name="by_beginning")

    Args:
        expression: A field's name or an expression; ``desc()`` may stand inside or outside.
        name: The operator class's name, as the database knows it.

    Raises:
        ConfigurationError: The name is none.
    """

    def __init__(self, expression: Any, name: str) -> None:
        check_operator_class("OpClass()", name)
        self.expression = expression if isinstance(expression, Expression) else F(expression)
        self.operator_class = name

    def node(self, recorder: Recorder) -> Node:
        raise QueryError(
            "OpClass can only stand in the expressions of an Index or a UniqueConstraint",
            hint="Use the expression inside it.",
        )

    def __repr__(self) -> str:
        return f"OpClass({self.expression!r}, name={self.operator_class!r})"
