"""``raw()``: SQL of the program's own, whose rows become objects.

The route is asked as for any query; the names of the columns say which fields they fill. Fields
that are not selected are deferred; other columns become plain attributes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Generic, overload

from manybase.errors import QueryError
from manybase.models.queryset.base import M
from manybase.ops import raw
from manybase.ops.prefetch import prefetch_read
from manybase.ops.prefetch_lookup import as_prefetch
from manybase.routing import decision
from manybase.routing.block import current_block
from manybase.routing.topology import topology
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync


def _check(sql: Any, params: Any) -> None:
    """Refuse SQL that is no text, and parameters that are one value."""
    if not isinstance(sql, str):
        raise QueryError(
            f"raw() takes SQL as a text, not {type(sql).__name__}",
            hint="Write raw('SELECT ... WHERE id = %s', [value]).",
        )
    several = isinstance(params, (Sequence, Mapping)) and not isinstance(params, (str, bytes))
    if params is not None and not several:
        raise QueryError(
            f"the parameters of raw() are a sequence or a mapping, not {type(params).__name__}",
            hint="Write raw(sql, [value]).",
        )


class RawQuerySet(Generic[M]):
    """Objects read by SQL of the program's own.

    Args:
        sql: The text, with ``%s`` or ``%(name)s`` for parameters.
        model: The model of the objects.
        params: The parameters; they are bound, never written into the text.
        translations: Fields by the names of columns that are called otherwise.
        using: The database; routed where it is left out.
    """

    def __init__(
        self,
        sql: str,
        model: type[M],
        params: Sequence[Any] | Mapping[str, Any] = (),
        translations: Mapping[str, str] | None = None,
        using: str | None = None,
        hints: Mapping[str, Any] | None = None,
    ) -> None:
        _check(sql, params)
        self.raw_query = sql
        self.model: Any = model
        self.params = params
        self.translations = dict(translations or {})
        self._db = using
        self._hints = hints
        self._block = current_block()
        self._cache: list[M] | None = None
        self._lookups: tuple[Any, ...] = ()

    @property
    def db(self) -> str:
        """The alias that it would be read from, were it run now."""
        return decision.read(self.model, self._db, self._block, self._hints)

    def using(self, alias: str | None) -> RawQuerySet[M]:
        """Place it on a database."""
        if alias is not None:
            topology().check(alias)
        return self._copy(alias, self._lookups)

    def prefetch_related(self, *lookups: Any) -> RawQuerySet[M]:
        """Read related objects by one further query for each relation and database."""
        found = () if lookups == (None,) else (*self._lookups, *map(as_prefetch, lookups))
        return self._copy(self._db, found)

    def _copy(self, alias: str | None, lookups: tuple[Any, ...]) -> RawQuerySet[M]:
        new = type(self)(
            self.raw_query, self.model, self.params, self.translations, alias, self._hints
        )
        new._lookups = lookups
        return new

    def _fetch_all(self) -> list[M]:
        if self._cache is None:
            self._cache = run_sync(self._read(sync))
        return self._cache

    async def _read(self, executor: Any) -> list[M]:
        found = await raw.objects(
            executor, self.db, self.model, self.raw_query, self.params, self.translations
        )
        await prefetch_read(executor, found, self._lookups)
        return found

    def __iter__(self) -> Iterator[M]:
        return iter(self._fetch_all())

    async def __aiter__(self) -> AsyncIterator[M]:
        if self._cache is None:
            self._cache = await self._read(aio)
        for one in self._cache:
            yield one

    def iterator(self) -> Iterator[M]:
        """Read the rows and give the objects."""
        return iter(run_sync(self._read(sync)))

    async def aiterator(self) -> AsyncIterator[M]:
        """See ``iterator``."""
        for one in await self._read(aio):
            yield one

    def __len__(self) -> int:
        return len(self._fetch_all())

    def __bool__(self) -> bool:
        return bool(self._fetch_all())

    @overload
    def __getitem__(self, position: int) -> M: ...
    @overload
    def __getitem__(self, position: slice) -> list[M]: ...
    def __getitem__(self, position: int | slice) -> M | list[M]:
        return self._fetch_all()[position]

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.raw_query}>"
