"""A conversion of values as a piece of source, for generated code to inline.

``query`` puts converters of several columns into one function, so the names that they use must not
mean two things: a name always stands for one object.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any


@dataclasses.dataclass(frozen=True, eq=False)
class Converter:
    """A Python expression over ``{v}``, with the names that it needs.

    Args:
        template: The expression; ``{v}`` stands exactly once. Never evaluated for None.
        names: What the expression's names mean.
        foreign: Whether it is a function of the program's.

    Example:
        >>> Converter("float({v})").template.format(v="row[2]")
        'float(row[2])'
    """

    template: str
    names: Mapping[str, object] = dataclasses.field(default_factory=dict)
    foreign: bool = False

    def function(self) -> Callable[[Any], Any]:
        """Return the conversion as a function that leaves None alone."""
        source = f"lambda v: None if v is None else {self.template.format(v='v')}"
        made: Callable[[Any], Any] = eval(source, dict(self.names))
        return made

    def then(self, other: Converter | None) -> Converter:
        """Return this conversion followed by another."""
        if other is None:
            return self
        template = other.template.format(v=f"({self.template})")
        foreign = self.foreign or other.foreign
        return Converter(template, {**self.names, **other.names}, foreign)


def call(function: Callable[[Any], Any], *, foreign: bool = False) -> Converter:
    """Return a converter that calls the function, under a name that no other one has."""
    name = f"{getattr(function, '__name__', 'convert').strip('<>')}_{id(function)}"
    return Converter(f"{name}({{v}})", {name: function}, foreign)
