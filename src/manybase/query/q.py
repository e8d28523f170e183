"""``Q``: conditions joined by and, or, xor and not, as a value; recorded when a filter takes it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Self

from manybase.errors import QueryError

if TYPE_CHECKING:
    from typing import Protocol

    class Conditional(Protocol):
        """What type checkers let stand as a condition: ``Q`` and expressions that may be one.

        An attribute says of itself what its values are, so that ``filter(Book.title)`` is refused.
        """

        def _truth(self) -> bool | None: ...


class Q:
    """A condition that can be joined with others.

    >>> Q(title="Emma") | ~Q(pages__gt=300)

    Args:
        args: Other conditions: ``Q`` or boolean expressions.
        kwargs: Lookups, as in ``filter()``; all must hold.
    """

    AND = "AND"
    OR = "OR"
    XOR = "XOR"
    default = AND
    conditional = True

    def __init__(
        self,
        /,
        *args: Conditional | tuple[str, Any],
        _connector: Any = None,  # not str: **{"pages": 3} must pass the type checkers
        _negated: Any = False,
        **kwargs: Any,
    ) -> None:
        if _connector is not None and _connector not in (self.AND, self.OR, self.XOR):
            raise QueryError(
                f"_connector must be 'AND', 'OR' or 'XOR', not '{_connector}'",
                hint="Join conditions with &, | and ^.",
            )
        self.children: list[Any] = [*args, *kwargs.items()] if args else list(kwargs.items())
        self.connector = _connector or "AND"
        self.negated = _negated

    def _join(self, other: Any, connector: str) -> Self:
        # Written out, for programs join conditions in every query.
        if type(other) is Q and type(self) is Q and not (self.negated or other.negated):
            mine, theirs = self.children, other.children
            if (
                mine
                and theirs
                and (len(mine) == 1 or self.connector == connector)
                and (len(theirs) == 1 or other.connector == connector)
            ):
                quick: Any = _new()
                quick.connector, quick.negated, quick.children = connector, False, mine + theirs
                return quick  # type: ignore[no-any-return]
        return self._joined(other, connector)

    def _joined(self, other: Any, connector: str) -> Self:
        mine, theirs = self.children, [other]
        if type(other) is Q or isinstance(other, Q):
            if not mine:
                return other if isinstance(other, type(self)) else type(self)(other)
            if not other.children:
                return self
            if not other.negated and (other.connector == connector or len(other.children) == 1):
                theirs = other.children
        elif not getattr(other, "conditional", False):
            raise QueryError(
                f"Q cannot be joined with {type(other).__name__}",
                hint="Join it with another Q or a boolean expression.",
            )
        elif not mine:
            return type(self)(other)
        if self.negated or (self.connector != connector and len(mine) != 1):
            mine = [self]
        joined = object.__new__(type(self))
        joined.connector, joined.negated = connector, False
        joined.children = mine + theirs
        return joined

    if TYPE_CHECKING:

        def _truth(self) -> bool | None: ...

    def __and__(self, other: Conditional) -> Self:
        return self._join(other, "AND")

    def __or__(self, other: Conditional) -> Self:
        return self._join(other, "OR")

    def __xor__(self, other: Conditional) -> Self:
        return self._join(other, "XOR")

    def __rand__(self, other: Conditional) -> Self:
        return type(self)(other, self)

    def __ror__(self, other: Conditional) -> Self:
        return type(self)(other, self, _connector=self.OR)

    def __invert__(self) -> Self:
        return type(self)(self, _negated=True)

    def __bool__(self) -> bool:
        return bool(self.children)

    def __len__(self) -> int:
        return len(self.children)

    def __repr__(self) -> str:
        inner = ", ".join(
            f"{c[0]}={c[1]!r}" if isinstance(c, tuple) else repr(c) for c in self.children
        )
        sign = "NOT " if self.negated else ""
        return f"<Q: {sign}{self.connector}({inner})>"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Q)
            and (self.connector, self.negated) == (other.connector, other.negated)
            and self.children == other.children
        )

    def __hash__(self) -> int:
        return hash((self.connector, self.negated, len(self.children)))


_new = functools.partial(object.__new__, Q)
