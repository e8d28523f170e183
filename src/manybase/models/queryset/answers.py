"""Calls that answer a question about the rows: how many, any at all, which by key, aggregates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from manybase.errors import QueryError
from manybase.meta.epoch import epoch
from manybase.models.queryset.base import M, keep_way
from manybase.models.queryset.combine import Combining
from manybase.ops import fetch
from manybase.ops.explain import explain
from manybase.ops.in_bulk import in_bulk
from manybase.query.named import record_aggregate
from manybase.query.plan import plans
from manybase.query.state import Placed, Recording
from manybase.routing.provenance import check_values
from manybase.runtime import aio as async_face
from manybase.runtime import sync as sync_face
from manybase.runtime.stepping import run_sync


class Answering(Combining[M]):
    """Questions about the rows."""

    __slots__ = ()

    def aggregate(self, /, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Return aggregates over all rows, by name.

        Args:
            args: Aggregates named after their field: ``Avg("pages")`` gives ``pages__avg``.
            kwargs: Aggregates, and arithmetic over them, by name.

        Example:
            >>> Book.objects.aggregate(total=Sum("pages"))
            {'total': 1024}
        """
        if not args and not kwargs:
            return {}
        recorded, alias = self._aggregated(args, kwargs)
        return run_sync(_aggregate(sync_face.sync, recorded, alias))

    async def aaggregate(self, /, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """See ``aggregate``."""
        if not args and not kwargs:
            return {}
        recorded, alias = self._aggregated(args, kwargs)
        return await _aggregate(async_face.aio, recorded, alias)

    def _aggregated(self, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Self, str]:
        self._refuse_values_of_dates("aggregate")
        for arg in args:
            named[default_alias(arg)] = arg
        recorded = record_aggregate(self, named)
        alias = self._read_alias()
        if recorded.places is not None:
            check_values(recorded.places, alias, self.model)
        return recorded, alias

    def explain(self, /, *, format: str | None = None, **options: Any) -> str:
        """Return what the database means to do, in its own words.

        Args:
            format: Such as ``"json"``, where the database knows formats.
            options: Words of the database's EXPLAIN, such as ``analyze=True``.
        """
        work = explain(sync_face.sync, self, self._read_alias(), format, options)
        return run_sync(work)

    async def aexplain(self, /, *, format: str | None = None, **options: Any) -> str:
        """See ``explain``."""
        return await explain(async_face.aio, self, self._read_alias(), format, options)

    def _refuse_values_of_dates(self, verb: str) -> None:
        if self._calls("dates"):
            raise QueryError(f"cannot call {verb}() after dates() or datetimes()")

    def count(self) -> int:
        """Return the number of rows, counted by the database."""
        if self._cache is not None:
            return len(self._cache)
        found: int = self._one_value("count", 0)
        return found

    async def acount(self) -> int:
        """See ``count``."""
        if self._cache is not None:
            return len(self._cache)
        return await fetch.count(async_face.aio, self, self._read_alias())

    def exists(self) -> bool:
        """Return whether there is a row."""
        if self._cache is not None:
            return bool(self._cache)
        return bool(self._one_value("exists", None))

    def _one_value(self, verb: str, nothing: Any) -> Any:
        """The one value of a verb; ``nothing`` where no row comes or none can."""
        way = self._way(verb)
        if way is None:
            mark, branch, alias = epoch.mark, self.branch, self._read_alias()
            if branch.nothing:
                return nothing
            way = (mark, alias, plans.find_on(branch, verb, sync_face.dialect(alias)))
            keep_way(self.model, self._placement, branch, verb, way)
        rows = sync_face.fetch(way[1], way[2], self.params)
        return rows[0][0] if rows else nothing

    async def aexists(self) -> bool:
        """See ``exists``."""
        if self._cache is not None:
            return bool(self._cache)
        return await fetch.exists(async_face.aio, self, self._read_alias())

    def contains(self, obj: Any) -> bool:
        """Return whether an object is among the rows.

        Raises:
            CrossDatabaseError: The object belongs to another database.
        """
        return self._holding(obj).exists() if self._cache is None else self._is_cached(obj)

    async def acontains(self, obj: Any) -> bool:
        """See ``contains``."""
        if self._cache is None:
            return await self._holding(obj).aexists()
        return self._is_cached(obj)

    def _is_cached(self, obj: Any) -> bool:
        place = obj._origin.alias if hasattr(obj, "_origin") else None
        if place is not None:
            given = {place: Placed("the object given to contains()", obj)}
            check_values(given, self._read_alias(), self.model)
        return obj in (self._cache or ())

    def _holding(self, obj: Any) -> Self:
        self._refuse_values("contains")
        if getattr(obj, "_meta", None) is None or obj.pk is None:
            raise QueryError("contains() takes a saved object", hint="Save it first.")
        inner = self.model._default_manager.model
        if obj._meta.concrete_model is not inner._meta.concrete_model:
            return self.none()
        if self.is_sliced:
            chosen = type(self)(self.model, using=self.placed_on).filter(pk__in=self)
            return chosen.filter(pk=obj)
        return self.filter(pk=obj)

    def in_bulk(
        self, id_list: Iterable[Any] | None = None, *, field_name: str = "pk"
    ) -> dict[Any, M]:
        """Return objects by key.

        Args:
            id_list: The keys wanted; all when None.
            field_name: A unique field to use instead of the primary key.
        """
        return run_sync(in_bulk(sync_face.sync, self, id_list, field_name))

    async def ain_bulk(
        self, id_list: Iterable[Any] | None = None, *, field_name: str = "pk"
    ) -> dict[Any, M]:
        """See ``in_bulk``."""
        return await in_bulk(async_face.aio, self, id_list, field_name)


async def _aggregate(executor: Any, recording: Recording, alias: str) -> dict[str, Any]:
    found: dict[str, Any] = (await fetch.one_value(executor, recording, alias, "aggregate"))[0]
    return found


def default_alias(expression: Any) -> str:
    """The name that an aggregate gets where the program gives none."""
    name: str | None = getattr(expression, "default_alias", None)
    if name is None:
        raise QueryError(
            "an expression given without a name must be an aggregate of one field",
            hint="Write name=expression.",
        )
    return name
