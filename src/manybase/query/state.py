"""The recording that a queryset is: which calls were made (shape), with which values (params).

A recording never changes; each call makes a new one. The shape is hashable and holds no value,
so it finds the plan again; it resolves nothing and knows no database.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar

from manybase.query.branch import Branch, branch_of, root

if TYPE_CHECKING:
    V = TypeVar("V")

    class Part(Generic[V]):
        """What type checkers see of ``part``."""

        def __get__(self, instance: object, owner: Any = None) -> V: ...
        def __set__(self, instance: object, value: V) -> None: ...


class ValueMark:
    """Stands in a shape where a value is taken from the parameters."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "?"

    def __reduce__(self) -> str:
        return "VALUE"


VALUE = ValueMark()


class Once(list[Any]):
    """Values without None, each of them once."""


class Placed(NamedTuple):
    """A value of a query that belongs to a database: an object or a placed queryset.

    Args:
        description: Where it stands, for error messages: "the value of 'editor'".
        value: The object, or the model of the queryset.
        more: Values of the same database that a router might judge otherwise: objects of other
            models, or a queryset, which no router allows.
    """

    description: str
    value: Any
    more: tuple[Placed, ...] = ()

    def beside(self, other: Placed) -> Placed:
        """These values and others of the same database, one for each kind."""
        found = self
        for one in (other, *other.more):
            # A model stands for its querysets, which no router allows: one is enough.
            kinds = {type(known.value) for known in (found, *found.more)}
            if type(one.value) not in kinds and not any(issubclass(k, type) for k in kinds):
                found = found._replace(more=(*found.more, one._replace(more=())))
        return found


class Placement(NamedTuple):
    """What says, or lets routers say, which database a recording belongs to.

    Args:
        placed_on: The database asked for with ``using()``; None when not placed.
        block: The alias of the ``manybase.using()`` block that it was made in.
        places: Aliases that its values come from, each with a description of the value.
        hints: What routers are told, such as ``instance``.
        for_write: Whether it reads on the database for writes.
    """

    placed_on: str | None = None
    block: str | None = None
    places: Mapping[str, Placed] | None = None
    hints: Mapping[str, Any] | None = None
    for_write: bool = False


ANYWHERE = Placement()
"""Nothing is said. It is always this one: most recordings are told by ``is ANYWHERE``."""

_named: dict[str, Placement] = {}


def at(alias: str) -> Placement:
    """What is said by ``using(alias)`` alone, made once for a configured alias."""
    return _named.get(alias) or _named.setdefault(alias, Placement(alias))


def part(slot: str, name: str, plain: Any) -> Any:
    """An attribute that is kept with others in one value, so that copies take one step.

    Args:
        slot: The attribute that keeps the value, a named tuple.
        name: The part's name in it.
        plain: The value of which there is only one.
    """

    def put(self: Any, value: Any) -> None:
        made = getattr(self, slot)._replace(**{name: value})
        setattr(self, slot, plain if made == plain else made)

    return property(attrgetter(f"{slot}.{name}"), put)


class Recording:
    """Calls on a model's rows, not yet resolved.

    Attributes:
        model: The model whose rows are asked for.
        branch: Where its shape stands in the tree of those that were met.
        params: The values, in the order in which the shape names them.
        _placement: What says which database; its parts are attributes too.
        annotations: Names that ``annotate()`` and ``alias()`` added.
    """

    __slots__ = ("annotations", "branch", "model", "params", "_placement")

    model: Any
    branch: Branch
    params: tuple[Any, ...]
    _placement: Placement
    annotations: Mapping[str, Any] | None

    placed_on: Part[str | None] = part("_placement", "placed_on", ANYWHERE)
    block: Part[str | None] = part("_placement", "block", ANYWHERE)
    places: Part[Mapping[str, Placed] | None] = part("_placement", "places", ANYWHERE)
    hints: Part[Mapping[str, Any] | None] = part("_placement", "hints", ANYWHERE)

    def __init__(self, model: Any, alias: str | None = None) -> None:
        self.model = model
        self.branch = root(model)
        self.params = ()
        self._placement = ANYWHERE if alias is None else Placement(alias)
        self.annotations = None

    def _chain(self) -> Self:
        """Return a copy without results."""
        return self._moved(self.branch, self.params)

    def _moved(self, branch: Branch, params: tuple[Any, ...]) -> Self:
        """Return a copy without results that stands on another branch, with its values."""
        new = object.__new__(type(self))
        new.model = self.model
        new.branch = branch
        new.params = params
        new._placement = self._placement
        new.annotations = self.annotations
        return new

    @property
    def shape(self) -> tuple[Any, ...]:
        """The calls, as nested tuples without values."""
        return self.branch.calls

    @shape.setter
    def shape(self, calls: tuple[Any, ...]) -> None:
        self.branch = branch_of(self.model, calls)

    def _record(self, call: tuple[Any, ...], params: tuple[Any, ...] = ()) -> Self:
        """Return a copy with one more call; a slice stays the last one."""
        branch = self.branch
        if branch.sliced:
            new, last = self._chain(), branch.calls[-1]
            cut = len(self.params) - last[1] - last[2]
            new.shape = (*branch.calls[:-1], call, last)
            new.params = self.params[:cut] + params + self.params[cut:]
            return new
        return self._moved(branch.then(call), self.params + params if params else self.params)

    def _calls(self, *names: str) -> bool:
        """Whether one of these calls was made."""
        return any(call[0] in names for call in self.branch.calls)

    @property
    def is_sliced(self) -> bool:
        """Whether a slice was taken."""
        return self.branch.sliced


def places_of(*found: Mapping[str, Placed] | None) -> Mapping[str, Placed] | None:
    """Merge what several recordings noted of their values' aliases."""
    merged: dict[str, Placed] = {}
    for one in found:
        for alias, placed in (one or {}).items():
            merge_place(merged, alias, placed)
    return merged or None


def merge_place(places: dict[str, Placed], alias: str, placed: Placed) -> None:
    """Note a value of a database beside those that are noted."""
    known = places.get(alias)
    places[alias] = placed if known is None else known.beside(placed)
