"""Generated functions that take the values out of a call whose shape is known already.

Telling a shape by its words and looking these up costs more than all else in a filter with several
``Q``; a call that comes again and again is compared with what it was before instead. Made by
``record`` for calls of plain values only; resolves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from manybase.query.code import Code
from manybase.query.prepare import PLAIN
from manybase.query.q import Q

Match = Callable[[tuple[Any, ...], Mapping[str, Any]], "tuple[Any, ...] | None"]
Preparers = Sequence[tuple[int, Callable[[Any], Any]]]


def matcher(args: tuple[Any, ...], kwargs: Mapping[str, Any], preparers: Preparers) -> Match | None:
    """Return the function that gives the values of a call of ``filter()`` like this one.

    It returns them prepared and in the order in which they are recorded; None for a call of another
    shape. There is no such function for a call that holds more than plain values.

    Args:
        args: The ``Q`` objects of the call.
        kwargs: Its lookups.
        preparers: What prepares the values at which positions.

    Example:
        >>> match = matcher((), {"pages__gt": 3}, [])
        >>> match((), {"pages__gt": 5})
        (5,)
    """
    written = _Matcher()
    code = written.code
    code.lines = ["def match(args, kwargs):", "    try:"]
    if not written.conditions("args", list(args)):
        return None
    code.lines.append(f"        if len(kwargs) != {len(kwargs)}: return None")
    for name, value in kwargs.items():
        variable = written.variable()
        code.lines.append(f"        {variable} = kwargs[{code.give(name)}]")
        if not written.value(variable, name, value):
            return None
    code.lines += ["    except (AttributeError, KeyError, TypeError, ValueError):"]
    code.lines += ["        return None"]
    for position, prepare in preparers:
        taken = written.taken[position]
        code.lines.append(f"    {taken} = {code.give(prepare)}({taken})")
    code.lines.append(f"    return ({''.join(f'{one}, ' for one in written.taken)})")
    match: Match = code.finish("match")
    return match


class _Matcher:
    """The function while it is written.

    Attributes:
        code: Its text.
        taken: The variables of the values that are parameters, in order.
    """

    def __init__(self) -> None:
        self.code = Code()
        self.code.names.update(Q=Q)
        self.taken: list[str] = []
        self._variables = 0

    def variable(self) -> str:
        """A new name."""
        self._variables += 1
        return f"v{self._variables}"

    def conditions(self, source: str, children: list[Any]) -> bool:
        """Compare a sequence of conditions; False where one holds more than plain values."""
        names = [self.variable() for _ in children]
        targets = "".join(f"{name}, " for name in names)
        # An empty pattern is written as a list: "() = x" takes what is empty only too.
        self._add(f"{targets or '[]'} = {source}")
        return all(self._condition(*pair) for pair in zip(names, children, strict=True))

    def _condition(self, variable: str, child: Any) -> bool:
        if type(child) is Q:
            if type(child.negated) is not bool:
                return False
            connector = self.code.give(child.connector)
            self._unless(
                f"type({variable}) is Q and {variable}.connector == {connector}"
                f" and {variable}.negated is {child.negated}"
            )
            return self.conditions(f"{variable}.children", child.children)
        if type(child) is not tuple or len(child) != 2:
            return False
        self._unless(f"type({variable}) is tuple")
        name, value = self.variable(), self.variable()
        self._add(f"{name}, {value} = {variable}")
        self._unless(f"{name} == {self.code.give(child[0])}")
        return self.value(value, child[0], child[1])

    def value(self, variable: str, name: Any, value: Any) -> bool:
        """Compare the kind of a value, as the words of conditions tell it."""
        kind = type(value)
        if value is None or kind is bool:
            self._unless(f"{variable} is {value}")
            if value is None or str(name).endswith("isnull"):
                return True
        elif kind in PLAIN:
            self._unless(f"type({variable}) is {self.code.give(kind)}")
        else:
            return False
        self.taken.append(variable)
        return True

    def _unless(self, condition: str) -> None:
        self._add(f"if not ({condition}): return None")

    def _add(self, line: str) -> None:
        self.code.lines.append(f"        {line}")
