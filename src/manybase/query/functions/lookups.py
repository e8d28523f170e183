"""Comparisons as expressions: ``GreaterThan(F("pages"), F("chapters") * 10)``.

They stand wherever a condition can: in ``filter()``, ``When``, ``Q``, and in ``annotate()`` as true
or false. Each is the lookup that a keyword of ``filter()`` would be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from manybase.query.expressions import Expression, Node
from manybase.query.func import as_expression
from manybase.query.kinds import Annotation
from manybase.query.path import annotated_path
from manybase.query.standins import FIELDS

if TYPE_CHECKING:
    from manybase.query.recorder import Recorder


class Comparison(Expression):
    """The base of comparisons.

    Args:
        lhs: What is compared: a field's name or an expression.
        rhs: What it is compared with: an expression, or a value, which is bound.
    """

    lookup_name: ClassVar[str]

    def __init__(self, lhs: Any, rhs: Any) -> None:
        self.lhs = as_expression(lhs)
        self.rhs = rhs

    @property
    def conditional(self) -> bool:
        return True

    def node(self, recorder: Recorder) -> Node:
        left = recorder.expression(self.lhs)
        storage = recorder.storage(left)
        field = FIELDS[storage.family if storage is not None else "text"]
        name = f"{getattr(self.lhs, 'name', 'expression')}__{self.lookup_name}"
        relation = recorder.relation(left)
        known = Annotation(storage, recorder.is_aggregate(left), field, True, relation=relation)
        path = annotated_path(recorder.model, name, self.lookup_name, known)
        right = recorder.compare_with(path, name, self.rhs)[2]
        return ("lookup", self.lookup_name, left, right)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.lhs!r}, {self.rhs!r})"


class Exact(Comparison):
    """Both are equal."""

    lookup_name = "exact"


class IExact(Comparison):
    """Both texts are equal but for upper and lower case."""

    lookup_name = "iexact"


class GreaterThan(Comparison):
    """The first is larger."""

    lookup_name = "gt"


class GreaterThanOrEqual(Comparison):
    """The first is larger, or both are equal."""

    lookup_name = "gte"


class LessThan(Comparison):
    """The first is smaller."""

    lookup_name = "lt"


class LessThanOrEqual(Comparison):
    """The first is smaller, or both are equal."""

    lookup_name = "lte"


class In(Comparison):
    """The first is one of a list."""

    lookup_name = "in"


class Range(Comparison):
    """The first is between two values, or equal to one of them."""

    lookup_name = "range"


class IsNull(Comparison):
    """Whether the first is null: ``IsNull(F("editor"), True)``."""

    lookup_name = "isnull"


class Contains(Comparison):
    """The second text stands in the first."""

    lookup_name = "contains"


class IContains(Comparison):
    """The second text stands in the first, upper and lower case alike."""

    lookup_name = "icontains"


class StartsWith(Comparison):
    """The first text begins with the second."""

    lookup_name = "startswith"


class IStartsWith(Comparison):
    """The first text begins with the second, upper and lower case alike."""

    lookup_name = "istartswith"


class EndsWith(Comparison):
    """The first text ends with the second."""

    lookup_name = "endswith"


class IEndsWith(Comparison):
    """The first text ends with the second, upper and lower case alike."""

    lookup_name = "iendswith"


class Regex(Comparison):
    """A regular expression is found in the text."""

    lookup_name = "regex"


class IRegex(Comparison):
    """A regular expression is found in the text, upper and lower case alike."""

    lookup_name = "iregex"
