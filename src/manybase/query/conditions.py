"""Conditions made of a model's attributes: ``Book.pages > 100``; a ``Q`` that knows its model.

Made by ``query.attributes``; ``recorder`` records each as the keyword that it stands for, after a
look whether it speaks of the model that is queried.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from manybase.errors import FieldError, QueryError
from manybase.query.q import Q

if TYPE_CHECKING:
    from manybase.query.q import Conditional


class Comparison(tuple[str, Any]):  # noqa: SLOT001 - a tuple with an attribute has none
    """A keyword and its value, and the model that the keyword begins at.

    Args:
        model: The model.
        name: The keyword, such as ``"pages__gt"``.
        value: What it is compared with.
    """

    model: Any

    def __new__(cls, model: Any, name: str, value: Any) -> Self:
        made = super().__new__(cls, (name, value))
        made.model = model
        return made

    def __reduce__(self) -> Any:
        return (Comparison, (self.model, *self))

    def check(self, model: Any) -> None:
        """Refuse a query of another model.

        Raises:
            FieldError: The names would be looked for on the wrong model.
        """
        if not issubclass(model._meta.concrete_model, _base(self.model)):
            raise FieldError(
                f"a condition on '{self.model._meta.label}' stands in a query of"
                f" '{model._meta.label}'",
                hint=f"Begin at {model.__name__}, and go over its relations:"
                f" {model.__name__}.relation.{self[0].partition('__')[0]}.",
            )


def _base(model: Any) -> Any:
    return model if model._meta.abstract else model._meta.concrete_model


class Condition(Q):
    """One comparison, to be joined with others by ``&``, ``|``, ``^`` and ``~``.

    Args:
        model: The model that the comparison begins at.
        name: The keyword that it stands for.
        value: What it compares with.
    """

    #: The class of attributes; set by ``query.attributes``.
    attributes: ClassVar[Any] = ()

    def __init__(self, model: Any, name: str, value: Any) -> None:
        super().__init__()
        self.children = [Comparison(model, name, value)]

    def _join(self, other: Any, connector: str) -> Any:
        return Q(self)._join(other, connector)

    if TYPE_CHECKING:
        # Several comparisons are no comparison.

        def __and__(self, other: Conditional) -> Q: ...  # type: ignore[override]
        def __or__(self, other: Conditional) -> Q: ...  # type: ignore[override]
        def __xor__(self, other: Conditional) -> Q: ...  # type: ignore[override]

    def __rand__(self, other: Conditional) -> Q:  # type: ignore[override]
        return Q(other, self)

    def __ror__(self, other: Conditional) -> Q:  # type: ignore[override]
        return Q(other, self, _connector=Q.OR)

    def __invert__(self) -> Q:  # type: ignore[override]
        return Q(self, _negated=True)

    def __bool__(self) -> bool:
        name, value = self.children[0]
        if isinstance(value, self.attributes):
            # Python asks so when it looks for an attribute in a list or a dictionary.
            return hash(value) == hash((self.children[0].model, name))
        raise QueryError(
            "a condition is neither true nor false before a database is asked",
            hint="Join conditions with & and |, not with 'and' and 'or'; write"
            " (1 < Book.pages) & (Book.pages < 9) for a chain.",
        )

    def __repr__(self) -> str:
        name, value = self.children[0]
        return f"<Condition: {self.children[0].model.__name__}.{name}={value!r}>"


if TYPE_CHECKING:

    class BoolOrCondition(Condition, bool):  # type: ignore[misc]  # bool is final
        """What ``==`` of two classes gives: a condition, where they are relations."""

    class BoolOrQ(Q, bool):  # type: ignore[misc]
        """What ``!=`` of two classes gives."""
