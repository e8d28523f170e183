"""What every part of a queryset shares: its state, its route, its results.

The chain of calls is in ``build``, reading in ``read``, writing in ``write``. Nothing here
decides a database: ``routing`` is asked, once for each execution.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self

from manybase.errors import QueryError
from manybase.meta.epoch import epoch
from manybase.meta.fetch_mode import FetchMode
from manybase.models.fetch_modes import grouped, mark
from manybase.models.queryset.known import give_owner
from manybase.query.branch import Branch, Way, root, roots
from manybase.query.plan import plans
from manybase.query.state import ANYWHERE, Placement, Recording, part
from manybase.routing import decision
from manybase.routing.block import current_block
from manybase.routing.provenance import check_values

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from manybase.query.state import Part

    # The default makes "class Books(QuerySet)" as right as "class Books(QuerySet[Book])".
    M = TypeVar("M", default=Any)
else:
    from typing import TypeVar

    M = TypeVar("M")


def keep_way(model: Any, placement: Placement, branch: Branch, verb: str, way: Way) -> None:
    """Remember how a verb is run at a branch, where that is the same for all that nothing places.

    Args:
        model: The model that was asked.
        placement: What said which database.
        branch: Where the shape stands.
        verb: What was done.
        way: The mark of the epoch before it was worked out, the alias and the plan.
    """
    if (
        placement is ANYWHERE
        and model is branch.model
        and decision.lasts(model, way[1])
        and not grouped(model)  # their objects have to be told of each other
    ):
        branch.ways[verb] = way


def _moved_by_chain(self: Any, branch: Branch, params: tuple[Any, ...]) -> Any:
    new = self._chain()
    new.branch, new.params = branch, params
    return new


class Manner(NamedTuple):
    """What is done for objects once they are read.

    Args:
        lookups: The relations that are read along, by ``prefetch_related``.
        known_related: The attribute that keeps their owner, and the owner.
        fetch_mode: How their relations are fetched; None for as those and the settings say.
    """

    lookups: tuple[Any, ...] = ()
    known_related: tuple[str, Any] | None = None
    fetch_mode: FetchMode | None = None


PLAINLY = Manner()
"""Nothing is done; it is always this one."""


class QuerySetBase(Recording, Generic[M]):
    """A recording with results."""

    __slots__ = ("_cache", "_manner", "_prefetched", "_sticky")

    _cache: list[Any] | None
    _manner: Manner

    _prefetch_related_lookups: Part[tuple[Any, ...]] = part("_manner", "lookups", PLAINLY)
    _known_related: Part[tuple[str, Any] | None] = part("_manner", "known_related", PLAINLY)
    _fetch_mode: Part[FetchMode | None] = part("_manner", "fetch_mode", PLAINLY)
    _for_write: Part[bool] = part("_placement", "for_write", ANYWHERE)

    def __init__(
        self,
        model: Any = None,
        query: Recording | None = None,
        using: str | None = None,
        hints: Mapping[str, Any] | None = None,
    ) -> None:
        self.model = model
        places, block = None, current_block()
        if query is None:
            self.branch, self.params = roots.get(model) or root(model), ()
            self.annotations = None
        else:
            self.branch, self.params = query.branch, query.params
            places, self.annotations = query.places, query.annotations
        anywhere = using is None and block is None and places is None and not hints
        self._placement = ANYWHERE if anywhere else Placement(using, block, places, hints or None)
        self._manner = PLAINLY
        self._sticky = ""
        self._cache = None
        self._prefetched = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # A program's own method knows what else its querysets keep; every call has to ask it.
        base: Any = QuerySetBase
        if cls._moved is base._moved and (
            cls._chain is not base._chain or cls._clone is not base._clone
        ):
            cls._moved = _moved_by_chain  # type: ignore[method-assign]

    def _moved(self, branch: Branch, params: tuple[Any, ...]) -> Self:
        # Every call makes one of these; a call of the base's method would cost as much again.
        new = object.__new__(type(self))
        new.model = self.model
        new.branch = branch
        new.params = params
        new._placement = self._placement
        new.annotations = self.annotations
        new._manner = self._manner
        new._sticky = ""
        new._cache = None
        new._prefetched = False
        return new

    def _clone(self) -> Self:
        """Return a copy without results; subclasses that keep more state override it."""
        own: Any = QuerySetBase._moved  # not a subclass's, which asks this
        made: Self = own(self, self.branch, self.params)
        return made

    def _chain(self) -> Self:
        return self._clone()

    # Places

    @property
    def db(self) -> str:
        """The alias that the queryset would be read from, were it run now."""
        if self._for_write:
            return self._write_alias()
        return decision.read(self.model, self.placed_on, self.block, self.hints)

    def _read_alias(self) -> str:
        """The alias to read from; its values are checked against it."""
        placed_on, block, places, hints, for_write = self._placement
        if for_write:
            return self._write_alias()
        alias = decision.read(self.model, placed_on, block, hints)
        if places is not None:
            check_values(places, alias, self.model)
        return alias

    def _write_alias(self) -> str:
        """The alias to write to; its values are checked against it."""
        placed_on, block, places, hints, _ = self._placement
        alias = decision.write(self.model, placed_on, block, hints)
        if places is not None:
            check_values(places, alias, self.model)
        return alias

    def _way(self, verb: str) -> Way | None:
        """How the verb is run, where that is known and nothing says another database."""
        way = self.branch.ways.get(verb)
        if (
            way is not None
            and way[0] is epoch.mark
            and self._placement is ANYWHERE
            and current_block() is None
        ):
            plans.hits += 1
            return way
        return None

    def _checked(self) -> Self:
        """Check values against the place that was asked for, if one was."""
        placed_on, _, places, _, _ = self._placement
        if placed_on is not None and places is not None:
            check_values(places, placed_on, self.model)
        return self

    def _placed(self, alias: str) -> Self:
        """Return a copy at the place that a write was routed to."""
        new = self._chain()
        new.placed_on = alias
        return new

    def explain_route(self) -> Any:
        """Say which database would be read, and which rules were asked in order.

        Example:
            >>> print(Book.objects.using("eu").explain_route())
            eu (asked for with using())
        """
        return decision.explain(self.model, self.placed_on, self.block, self.hints)

    # Results

    @property
    def _result_cache(self) -> list[Any] | None:
        return self._cache

    @_result_cache.setter
    def _result_cache(self, objects: list[Any] | None) -> None:
        self._cache = objects

    @property
    def _hints(self) -> Mapping[str, Any]:
        return self.hints or {}

    @property
    def _db(self) -> str | None:
        return self.placed_on

    def _set_results(self, objects: list[Any]) -> None:
        """Give the queryset results that were read elsewhere."""
        self._cache = objects
        self._prefetched = True

    def _next_is_sticky(self) -> Self:
        """Let the next ``filter()`` share this one's joins; related managers call it."""
        self._sticky = "next"
        return self

    def _gives_objects(self) -> bool:
        return self.branch.objects

    def _know(self, objects: list[Any]) -> list[Any]:
        """Give results the related objects that are known beforehand, and each other."""
        if not objects or not self.branch.objects:
            return objects
        _, known_related, fetch_mode = self._manner
        if fetch_mode is not None or grouped(self.model):
            mark(objects, fetch_mode)
        if known_related is not None:
            give_owner(self, objects, *known_related)
        return objects

    def _refuse_values(self, verb: str) -> None:
        if not self._gives_objects():
            raise QueryError(
                f"cannot call {verb}() after values() or values_list()",
                hint=f"Call {verb}() on the queryset before values().",
            )

    def _refuse_slice(self, verb: str) -> None:
        if self.is_sliced:
            raise QueryError(
                f"cannot use a slice with {verb}()",
                hint="Filter with pk__in=... of the sliced queryset.",
            )

    # Pickling

    def __getstate__(self) -> dict[str, Any]:
        self._fetch_all()  # type: ignore[attr-defined]  # defined by the reading part
        names = [n for c in type(self).__mro__ for n in getattr(c, "__slots__", ())]
        state = {n: getattr(self, n) for n in names if n[:2] != "__" and hasattr(self, n)}
        state.update(getattr(self, "__dict__", {}))
        state["_placement"] = self._placement._replace(hints=None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self.hints = None  # puts the one value for "anywhere" back
