"""``Case`` and ``When``: the value of the first condition that holds.

A text names a field, as in every other expression; the values must be of kinds that go together.
Nothing here knows a model or a database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from manybase.errors import QueryError
from manybase.query.expressions import Expression, F, Node, Value, as_field
from manybase.query.kinds import alike
from manybase.query.q import Q
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.query.q import Conditional
    from manybase.query.recorder import Recorder


def result(value: Any) -> Any:
    """What a ``Case`` may give: a text names a field, any other plain value is bound."""
    if isinstance(value, (Expression, Q, Recording)):
        return value
    return F(value) if isinstance(value, str) else Value(value)


class When(Expression):
    """A condition and the value where it holds; a part of ``Case``.

    Args:
        condition: A ``Q`` or a boolean expression; lookups may be given as keywords instead.
        then: An expression; a text names a field, any other plain value is bound.
    """

    @overload
    def __init__(self, /, condition: Conditional, then: Any = None, **lookups: Any) -> None: ...
    @overload
    def __init__(self, /, *, then: Any = None, **lookups: Any) -> None: ...
    def __init__(self, /, condition: Any = None, then: Any = None, **lookups: Any) -> None:
        if condition is None and not lookups:
            raise QueryError("When() needs a condition", hint="Write When(pages__gt=3, then=...).")
        self.condition = condition
        self.lookups = lookups
        self.then = result(then)

    def nodes(self, recorder: Recorder) -> tuple[Node, Node]:
        """Write the condition and the value."""
        parts = [] if self.condition is None else [recorder.condition(self.condition)]
        parts.extend(recorder.compare(name, value) for name, value in self.lookups.items())
        node = parts[0] if len(parts) == 1 else ("and", *parts)
        return node, recorder.expression(self.then)


class Case(Expression):
    """The value of the first condition that holds.

    Args:
        cases: ``When`` objects.
        default: The value where none holds; a text names a field.
        output_field: The field that the result is one of, where that is not clear.

    Raises:
        FieldError: The values are of kinds that do not go together, and no field says which one
            the result has.
    """

    def __init__(self, *cases: When, default: Any = None, output_field: Any = None) -> None:
        if not all(isinstance(case, When) for case in cases):
            raise QueryError("Case() takes When objects")
        self.cases = cases
        self.default = result(default)
        self.output_field = as_field(output_field)

    def node(self, recorder: Recorder) -> Node:
        whens = tuple(case.nodes(recorder) for case in self.cases)
        default = recorder.expression(self.default)
        if self.output_field is not None:
            return ("case", self.output_field.storage, whens, default)
        found = [recorder.storage(then) for _, then in whens] + [recorder.storage(default)]
        return ("case", alike("Case", found), whens, default)
