"""What ``iterator()`` and ``aiterator()`` read: a queryset's objects, some at a time.

Both faces share the coroutine that reads the next ones; none is kept. Called by ``read``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic

from manybase.errors import QueryError
from manybase.models.queryset.base import M
from manybase.ops import fetch
from manybase.ops.prefetch import prefetch_read

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor, RowParts


class Parts(Generic[M]):
    """The objects of a queryset in lists.

    Args:
        queryset: What is read.
        executor: The face that reads it.
        size: How many objects are held at once.
    """

    def __init__(self, queryset: Any, executor: Executor, size: Any) -> None:
        self._queryset = queryset
        self._executor = executor
        self._size = size
        self._alias = ""
        self._plan: Any = None
        self._rows: RowParts | None = None

    async def next(self) -> list[M]:
        """Return the next objects; none at the end.

        Raises:
            QueryError: The size is not at least 1.
            TransactionManagementError: Rows are locked, and no block is open.
        """
        queryset = self._queryset
        if self._rows is None:
            await self._begin()
        some = await anext(self._rows, None) if self._rows is not None else None
        if some is None:
            return []
        found: list[M] = queryset._know(self._plan.hydrate(some, self._alias))
        if queryset._prefetch_related_lookups and queryset.branch.objects:
            await prefetch_read(self._executor, found, queryset._prefetch_related_lookups)
        return found

    async def _begin(self) -> None:
        if not isinstance(self._size, int) or self._size < 1:
            raise QueryError("chunk_size must be a whole number and at least 1")
        queryset, executor = self._queryset, self._executor
        self._alias = alias = queryset._read_alias()
        if queryset._for_write:
            queryset._check_lock(executor.in_block(alias))
        if ("none",) not in queryset.shape:
            self._plan = fetch.reading_plan(queryset, await executor.dialect(alias))
            self._rows = executor.stream(alias, self._plan, queryset.params, self._size)

    async def aclose(self) -> None:
        """Want no more."""
        if self._rows is not None:
            await self._rows.aclose()


class AsyncRows(Generic[M]):
    """What ``aiterator()`` gives, to be used with ``async for``.

    No generator: one that is dropped is ended by the loop when that has time, while the statement
    that comes next must know that nobody wants the rest.
    """

    __slots__ = ("_parts", "_some")

    def __init__(self, parts: Parts[M]) -> None:
        self._parts = parts
        self._some: Iterator[M] = iter(())

    def __aiter__(self) -> AsyncRows[M]:
        return self

    async def __anext__(self) -> M:
        for one in self._some:
            return one
        self._some = iter(await self._parts.next())
        for one in self._some:
            return one
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Want no more; leaving the loop does the same."""
        self._some = iter(())
        await self._parts.aclose()
