"""Generated functions that take the values out of a call whose shape is known already.

Telling a shape by its words and looking these up costs more than all else in a filter with several
``Q``; a call that comes again and again is compared with what it was before instead. Made by
``record`` and ``named`` for calls of plain values only; resolves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from manybase.query.branch import Branch
from manybase.query.code import Code
from manybase.query.expressions import Combined, Expression, F, Value
from manybase.query.prepare import PLAIN
from manybase.query.q import Q
from manybase.query.words import AGGREGATES

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
    if written.conditions("args", list(args)) and written.named(kwargs, written.value):
        return written.finish(preparers)
    return None


def matcher_of_expressions(named: Mapping[str, Any], preparers: Preparers = ()) -> Match | None:
    """Return the same for a call of ``annotate()`` or ``update()``.

    Args:
        named: Expressions of the simplest kinds, and plain values, by name.
        preparers: What prepares the values at which positions.
    """
    written = _Matcher()
    if written.named(named, written.assignment):
        return written.finish(preparers)
    return None


MATCHED_FROM = 16
"""How often a call comes before a function is generated for its shape, which takes as long as
hundreds of look-ups."""
MOST_VARIABLES = 100
"""The largest of these functions; larger calls are told by their words."""
MOST_MATCHERS = 4
"""Functions that are tried for the same names; other shapes are told by their words."""


def comes_often(branch: Branch, key: tuple[Any, ...], words: Any) -> bool:
    """Count the uses of words; whether it is time to generate a function for them."""
    uses = branch.uses[words] = branch.uses.get(words, 0) + 1
    return uses == MATCHED_FROM and len(branch.matchers.get(key, ())) < MOST_MATCHERS


def keep_matcher(branch: Branch, key: tuple[Any, ...], match: Match | None, to: Branch) -> None:
    """Let a generated function tell further calls."""
    if match is not None:
        branch.matchers[key] = (*branch.matchers.get(key, ()), (match, to))


class _Matcher:
    """The function while it is written.

    Attributes:
        code: Its text.
        taken: The variables of the values that are parameters, in order.
    """

    def __init__(self) -> None:
        self.code = Code()
        self.code.names.update(Q=Q)
        self.code.lines = ["def match(args, named):", "    try:"]
        self.taken: list[str] = []
        self._variables = 0

    def finish(self, preparers: Preparers) -> Match:
        """Return the function."""
        code = self.code
        code.lines += ["    except (AttributeError, KeyError, TypeError, ValueError):"]
        code.lines += ["        return None"]
        for position, prepare in preparers:
            taken = self.taken[position]
            code.lines.append(f"    {taken} = {code.give(prepare)}({taken})")
        code.lines.append(f"    return ({''.join(f'{one}, ' for one in self.taken)})")
        match: Match = code.finish("match")
        return match

    def variable(self) -> str:
        """A new name."""
        self._variables += 1
        return f"v{self._variables}"

    def conditions(self, source: str, children: list[Any]) -> bool:
        """Compare a sequence of conditions; False where one holds more than plain values."""
        if self._variables + len(children) > MOST_VARIABLES:
            return False
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

    def named(self, values: Mapping[str, Any], compare: Callable[[str, Any, Any], bool]) -> bool:
        """Compare values by name; False where one is of no kind that is told so."""
        if self._variables + len(values) > MOST_VARIABLES:
            return False
        self._unless(f"len(named) == {len(values)}")
        for name, value in values.items():
            variable = self.variable()
            self._add(f"{variable} = named[{self.code.give(name)}]")
            if not compare(variable, name, value):
                return False
        return True

    def assignment(self, variable: str, name: Any, value: Any) -> bool:
        """Compare what stands in ``annotate()`` or ``update()``, as the words of those tell it."""
        kind = type(value)
        self._unless(f"type({variable}) is {self.code.give(kind)}")
        if kind in PLAIN or kind is bool:
            self.taken.append(variable)
            return True
        if kind in AGGREGATES:
            self._unless(
                f"{variable}.filter is {variable}.default is {variable}.output_field is None"
            )
            self._unless(f"{'' if value.distinct else 'not '}{variable}.distinct")
            return self._given(f"{variable}.given", value.given)
        if kind is F:
            self._unless(f"{variable}.name == {self.code.give(value.name)}")
            return True
        if kind is Value:
            if value.output_field is not None or type(value.value) not in PLAIN:
                return False
            self._unless(f"{variable}.output_field is None")
            inner = self.variable()
            self._add(f"{inner} = {variable}.value")
            return self.assignment(inner, name, value.value)
        if kind is not Combined:
            return False
        self._unless(f"{variable}.operator == {self.code.give(value.operator)}")
        return self._given(f"{variable}.left", value.left) and self._given(
            f"{variable}.right", value.right
        )

    def _given(self, source: str, value: Any) -> bool:
        """Compare an expression inside another one, or the name of a field there."""
        inner = self.variable()
        self._add(f"{inner} = {source}")
        if type(value) is not str:
            return isinstance(value, Expression) and self.assignment(inner, "", value)
        self._unless(f"type({inner}) is str and {inner} == {self.code.give(value)}")
        return True

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
