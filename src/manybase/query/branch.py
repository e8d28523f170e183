"""The tree of shapes that were met: where a recording stands, and which known calls lead on.

A recording stands on a branch. A call that was made there before, with names and values of the same
kinds, leads to a known branch without anything being resolved; plans are found by branch. Nothing
is resolved or compiled here; ``record`` remembers, ``plan`` looks up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from manybase.meta.registry import registry

LARGEST = 20_000
"""Branches kept; when there are more, all are forgotten and grow again as they are needed."""


class Prepared(NamedTuple):
    """Where the words of a call lead, and what is made of its values.

    Args:
        branch: Where they lead.
        preparers: What prepares the values at which positions.
        objects: For each object its position, the path that it is compared with, the attribute
            that holds its key, and what it is, for messages.
    """

    branch: Branch
    preparers: tuple[tuple[int, Callable[[Any], Any]], ...]
    objects: tuple[tuple[int, Any, str, str], ...]


Way = tuple[object, str, Any]
"""How a verb is run: the mark of the epoch before that was worked out, the alias, the plan."""

_CLOSED = frozenset({"slice", "combine"})
_VALUES = frozenset({"values", "dates"})
SELECTING = frozenset({"related", "only", "defer"})
"""Calls that only matter to reading objects."""


class Branch:
    """A shape, in the tree of the shapes of its model.

    Attributes:
        model: The model whose rows are asked for.
        calls: The shape: the calls, as nested tuples without values.
        known: Branches by the words of calls whose values are taken as they are.
        prepared: Branches by the words of other calls, with what is made of their values.
        matchers: Branches by a call, the number of its conditions and its names, each with what
            takes the values out of a call that leads there.
        uses: How often words were met.
        after: Branches by the call that leads to them.
        ways: By verb, how it is run where nothing says which database: the mark of the epoch, the
            alias and the plan.
        annotations: The names that the calls added, of the recordings that ``known`` is for.
        closed: Whether a slice was taken or querysets were combined, so that filters are refused.
        sliced: Whether a slice was taken.
        nothing: Whether there can be no rows.
        objects: Whether objects are read, not values.
        selects: Whether a call says which parts of objects are read.
    """

    __slots__ = (
        "after",
        "annotations",
        "calls",
        "closed",
        "known",
        "matchers",
        "model",
        "nothing",
        "objects",
        "prepared",
        "selects",
        "sliced",
        "uses",
        "ways",
    )

    def __init__(
        self, model: Any, calls: tuple[Any, ...], annotations: Mapping[str, Any] | None = None
    ) -> None:
        self.model = model
        self.calls = calls
        self.annotations = annotations
        self.known: dict[Any, Branch] = {}
        self.prepared: dict[Any, Prepared] = {}
        self.matchers: dict[Any, tuple[tuple[Any, Branch], ...]] = {}
        self.uses: dict[Any, int] = {}
        self.after: dict[Any, Branch] = {}
        self.ways: dict[str, Way] = {}
        self.sliced = bool(calls) and calls[-1][0] == "slice"  # a slice stays the last call
        self.closed = any(call[0] in _CLOSED for call in calls)
        self.nothing = ("none",) in calls
        self.objects = not any(call[0] in _VALUES for call in calls)
        self.selects = any(call[0] in SELECTING for call in calls)

    def then(self, call: tuple[Any, ...]) -> Branch:
        """The branch that one more call leads to."""
        found = self.after.get(call)
        if found is None:
            found = self.after.setdefault(call, _grown(self, call))
        return found

    def __reduce__(self) -> Any:
        return (branch_of, (self.model, self.calls))

    def __repr__(self) -> str:
        return f"<Branch {self.calls!r}>"


roots: dict[Any, Branch] = {}
"""The branches of all rows, by model; ``root`` makes those that are missing."""

_grown_since = 0


def root(model: Any) -> Branch:
    """The branch of all rows of a model."""
    found = roots.get(model)
    if found is None:
        found = roots.setdefault(model, Branch(model, ()))
    return found


def branch_of(model: Any, calls: tuple[Any, ...]) -> Branch:
    """The branch that some calls lead to."""
    found = root(model)
    for call in calls:
        found = found.then(call)
    return found


def _grown(parent: Branch, call: tuple[Any, ...]) -> Branch:
    global _grown_since
    _grown_since += 1
    if _grown_since > LARGEST:
        forget()
    return Branch(parent.model, (*parent.calls, call), parent.annotations)


def forget() -> None:
    """Forget all branches; recordings that stand on one keep it."""
    global _grown_since
    roots.clear()
    _grown_since = 0


registry.on_change.append(forget)
