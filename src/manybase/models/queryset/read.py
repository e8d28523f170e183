"""Calls that read: iteration, ``get``, ``first``, ``count`` and the rest, each with its ``a`` twin.

One statement is one line here: route, plan, rows, objects. What takes several steps is a
coroutine of ``ops`` that each face runs in its own way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self, overload

from manybase.errors import QueryError, TransactionManagementError
from manybase.meta.epoch import epoch
from manybase.models.fetch_modes import grouped
from manybase.models.queryset.answers import Answering
from manybase.models.queryset.base import PLAINLY, M, keep_way
from manybase.models.queryset.build import Building
from manybase.models.queryset.stream import AsyncRows, Parts
from manybase.ops import fetch
from manybase.ops.prefetch import prefetch_read
from manybase.query.branch import Branch
from manybase.query.named import groups
from manybase.query.plan import plans
from manybase.query.record import FIRST, record_order, record_slice
from manybase.query.state import ANYWHERE, Placement
from manybase.routing import decision
from manybase.routing.block import current_block
from manybase.runtime import aio as async_face
from manybase.runtime import sync as sync_face
from manybase.runtime.stepping import run_sync

if TYPE_CHECKING:
    from manybase.query.q import Conditional

CHUNK = 2000


def read_known(
    branch: Branch, params: Sequence[Any], model: Any, placement: Placement
) -> list[Any] | None:
    """Return what ``get()`` finds at a known branch, without a queryset of its own.

    Args:
        branch: Where the conditions lead.
        params: All values; none belongs to a database.
        model: The model that was asked.
        placement: What says which database.

    Returns:
        The objects; None where they have to know of each other, which takes a queryset.
    """
    way = branch.ways.get("get")
    if (
        way is None
        or way[0] is not epoch.mark
        or placement is not ANYWHERE
        or current_block() is not None
    ):
        if grouped(model):
            return None
        mark = epoch.mark
        alias = decision.read(model, placement.placed_on, placement.block, placement.hints)
        plan = plans.find_on(branch, fetch.reading_verb("get"), sync_face.dialect(alias))
        way = (mark, alias, plan)
        keep_way(model, placement, branch, "get", way)
    else:
        plans.hits += 1
    _, alias, plan = way
    found: list[Any] = plan.hydrate(sync_face.fetch(alias, plan, params), alias)
    return found


class Reading(Answering[M]):
    """What a queryset answers."""

    __slots__ = ()

    # Rows

    def _fetch_all(self) -> list[M]:
        found, fresh = self._cache, False
        if found is None:
            way = self.branch.ways.get("select")
            if (  # as _way() says, without entering it
                way is not None
                and way[0] is epoch.mark
                and self._placement is ANYWHERE
                and current_block() is None
            ):
                plans.hits += 1
                found = sync_face.read(way[1], way[2], self.params)
                if self._manner is not PLAINLY:
                    found = self._know(found)
                    fresh = way[2].in_parts
            else:
                found = self._know(self._read("select"))
            self._cache = found
        if not self._prefetched:
            if self._manner is not PLAINLY and self._manner.lookups and self.branch.objects:
                run_sync(prefetch_read(sync_face.sync, found, self._manner.lookups, fresh))
            self._prefetched = True
        return found

    async def _afetch_all(self) -> list[M]:
        if self._cache is None:
            self._cache = self._know(await self._aread("select"))
        if self._prefetch_related_lookups and self.branch.objects and not self._prefetched:
            await prefetch_read(async_face.aio, self._cache, self._prefetch_related_lookups)
        self._prefetched = True
        return self._cache

    def _read(self, verb: str) -> list[M]:
        mark, branch = epoch.mark, self.branch
        alias = self._read_alias()
        if self._for_write:
            self._check_lock(sync_face.sync.in_block(alias))
        if branch.nothing:
            return []
        plan = plans.find_on(branch, fetch.reading_verb(verb), sync_face.dialect(alias))
        keep_way(self.model, self._placement, branch, verb, (mark, alias, plan))
        return sync_face.read(alias, plan, self.params)

    def _check_lock(self, in_block: bool) -> None:
        if self._calls("lock") and not in_block:
            raise TransactionManagementError(
                "select_for_update() cannot be used outside of a transaction",
                hint="Read the rows inside 'with transaction.atomic():'.",
            )

    async def _aread(self, verb: str) -> list[M]:
        executor, way = async_face.aio, self._way(verb)
        if way is None:
            mark, branch = epoch.mark, self.branch
            alias = self._read_alias()
            if self._for_write:
                self._check_lock(executor.in_block(alias))
            if branch.nothing:
                return []
            dialect = await executor.dialect(alias)
            way = (mark, alias, plans.find_on(branch, fetch.reading_verb(verb), dialect))
            keep_way(self.model, self._placement, branch, verb, way)
        _, alias, plan = way
        found: list[M] = plan.hydrate(await executor.fetch(alias, plan, self.params), alias)
        return found

    def __iter__(self) -> Iterator[M]:
        return iter(self._fetch_all())

    async def __aiter__(self) -> AsyncIterator[M]:
        for one in await self._afetch_all():
            yield one

    def __len__(self) -> int:
        return len(self._cache if self._cache and self._prefetched else self._fetch_all())

    def __bool__(self) -> bool:
        return bool(self._fetch_all())

    @overload
    def __getitem__(self, position: int) -> M: ...
    @overload
    def __getitem__(self, position: slice) -> Self: ...
    def __getitem__(self, position: int | slice) -> M | Self | list[M]:
        branch = self.branch
        if type(position) is slice and self._cache is None and not branch.sliced:
            stop = position.stop
            if type(stop) is int and stop >= 0 and position.start is position.step is None:
                to = branch.after.get(FIRST) or branch.then(FIRST)
                return self._moved(to, (*self.params, stop))
        if not isinstance(position, (int, slice)):
            raise QueryError(
                f"a queryset is indexed by whole numbers and slices, not {type(position).__name__}"
            )
        _check_position(position)
        if self._cache is not None:
            return self._cache[position]
        if isinstance(position, slice):
            new = record_slice(self, position.start, position.stop)
            return list(new)[:: position.step] if position.step else new
        found = record_slice(self, position, position + 1)._fetch_all()
        if not found:
            raise IndexError(f"the queryset has no row {position}")
        return found[0]

    def __repr__(self) -> str:
        some = list(self[:21])
        shown = ", ".join(map(repr, some[:20])) + (", ..." if len(some) > 20 else "")
        return f"<{type(self).__name__} [{shown}]>"

    def iterator(self, chunk_size: int = CHUNK) -> Iterator[M]:
        """Read rows bit by bit, in bounded memory, keeping none.

        Args:
            chunk_size: Rows held at once.
        """
        parts: Parts[M] = Parts(self, sync_face.sync, chunk_size)
        try:
            while some := run_sync(parts.next()):
                yield from some
        finally:
            run_sync(parts.aclose())

    def aiterator(self, chunk_size: int = CHUNK) -> AsyncIterator[M]:
        """See ``iterator``."""
        return AsyncRows(Parts(self, async_face.aio, chunk_size))

    # One object

    def get(self, /, *args: Conditional, **kwargs: Any) -> M:
        """Return the one object that satisfies the conditions.

        Raises:
            DoesNotExist: None does.
            MultipleObjectsReturned: More than one does.
        """
        if not args and self._is_plain():
            branch = self.branch.known.get((*kwargs, *map(type, kwargs.values())))
            if branch is not None:
                quick: list[M] | None = read_known(
                    branch, (*self.params, *kwargs.values()), self.model, self._placement
                )
                if quick is not None:
                    if len(quick) == 1:
                        return quick[0]
                    raise self._not_one(len(quick))
        new = self.filter(*args, **kwargs) if args or kwargs else self._chain()
        found = new._read("get")
        if len(found) != 1:
            raise new._not_one(len(found))
        new._know(found)
        if new._prefetch_related_lookups:
            new._cache = found
            new._fetch_all()
        return found[0]

    def _is_plain(self) -> bool:
        """Whether an object can be read without asking anything else of the queryset."""
        return (
            type(self).filter is Building.filter  # a program's own filter() must be asked
            and self._manner is PLAINLY
            and not self._sticky
            and (self._placement is ANYWHERE or (self.places is None and not self._for_write))
            and self.annotations is self.branch.annotations
            and not self.branch.nothing
        )

    async def aget(self, /, *args: Conditional, **kwargs: Any) -> M:
        """See ``get``."""
        new = self.filter(*args, **kwargs) if args or kwargs else self._chain()
        found = await new._aread("get")
        if len(found) != 1:
            raise new._not_one(len(found))
        new._cache = new._know(found)
        await new._afetch_all()
        return found[0]

    def _not_one(self, count: int) -> Exception:
        name, alias = self.model.__name__, self.db
        if not count:
            error: Exception = self.model.DoesNotExist(
                f"{name} matching query does not exist on database '{alias}'."
            )
            return error
        number = f"{count}" if count <= 20 else "more than 20"
        several: Exception = self.model.MultipleObjectsReturned(
            f"get() returned more than one {name} on database '{alias}' -- it returned {number}!"
        )
        return several

    def _edge(self, last: bool) -> Self:
        """The queryset of the first or the last object alone."""
        new: Any = self if self.ordered else self._in_key_order(last)
        if last and self.ordered:
            self._refuse_slice("last")
            new = new.reverse()
        return record_slice(new, None, 1)  # type: ignore[no-any-return]  # new is a queryset

    def _in_key_order(self, last: bool) -> Self:
        if last:
            self._refuse_slice("last")
        named, key = groups(self), self.model._meta.pk
        if named is not None and not {"pk", key.name, key.attname} & {name for name, _ in named}:
            raise QueryError(
                f"{'last' if last else 'first'}() of groups needs an order: they have no key",
                hint="Name one with order_by().",
            )
        return self if self.is_sliced else record_order(self, ["-pk" if last else "pk"])

    def first(self) -> M | None:
        """Return the first object in the queryset's order, or by key; None if there is none."""
        if self._cache is not None and self.ordered:
            return self._cache[0] if self._cache else None
        return next(iter(self._edge(False)._fetch_all()), None)

    async def afirst(self) -> M | None:
        """See ``first``."""
        if self._cache is not None and self.ordered:
            return self._cache[0] if self._cache else None
        return next(iter(await self._edge(False)._afetch_all()), None)

    def last(self) -> M | None:
        """Return the last object in the queryset's order, or by key; None if there is none."""
        return next(iter(self._edge(True)._fetch_all()), None)

    async def alast(self) -> M | None:
        """See ``last``."""
        return next(iter(await self._edge(True)._afetch_all()), None)

    def earliest(self, *fields: str) -> M:
        """Return the first object by date fields, or by ``Meta.get_latest_by``."""
        return self._by_date(fields, False).get()

    async def aearliest(self, *fields: str) -> M:
        """See ``earliest``."""
        return await self._by_date(fields, False).aget()

    def latest(self, *fields: str) -> M:
        """Return the last object by date fields, or by ``Meta.get_latest_by``."""
        return self._by_date(fields, True).get()

    async def alatest(self, *fields: str) -> M:
        """See ``latest``."""
        return await self._by_date(fields, True).aget()

    def _by_date(self, fields: tuple[str, ...], last: bool) -> Self:
        verb = "latest" if last else "earliest"
        names: Any = fields or self.model._meta.get_latest_by
        if not names:
            raise QueryError(
                f"{verb}() of '{self.model._meta.label}' needs a field",
                hint=f"Write {verb}('created'), or set get_latest_by in Meta.",
            )
        self._refuse_slice(verb)
        ordered = record_order(self, [names] if isinstance(names, str) else names)
        return record_slice(ordered.reverse() if last else ordered, None, 1)


def _check_position(position: int | slice) -> None:
    if isinstance(position, slice):
        for end in (position.start, position.stop, position.step):
            if end is not None and not isinstance(end, int):
                raise QueryError(
                    f"a slice of a queryset takes whole numbers, not {type(end).__name__}"
                )
    if isinstance(position, int):
        negative = position < 0
    else:
        ends = (position.start, position.stop)
        negative = any(end is not None and end < 0 for end in ends)
    if negative:
        raise QueryError(
            "a queryset cannot be indexed from its end",
            hint="Use last(), or reverse() and a positive index.",
        )
