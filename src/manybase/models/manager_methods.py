"""The methods that a manager has from its queryset, for type checkers and readers.

Written by ``tools/generate_manager_methods.py`` from ``models.queryset``; do not edit. Never run:
at run time a manager forwards calls, whatever arguments its own queryset's methods take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Generic, NoReturn, overload

    from manybase.meta.fetch_mode import FetchMode
    from manybase.models.queryset import QuerySet
    from manybase.models.queryset.base import M
    from manybase.models.queryset.raw import RawQuerySet
    from manybase.models.queryset.read import CHUNK
    from manybase.query.q import Conditional

    class QuerySetBaseMethods(Generic[M]):
        """A recording with results."""

        def explain_route(self) -> Any:
            """Say which database would be read, and which rules were asked in order."""
            ...

    class BuildingMethods(QuerySetBaseMethods[M]):
        """The chain of calls."""

        def all(self) -> QuerySet[M]:
            """Return a copy without results."""
            ...

        def filter(self, /, *args: Conditional, **kwargs: Any) -> QuerySet[M]:
            """Keep the rows that satisfy all conditions."""
            ...

        def exclude(self, /, *args: Conditional, **kwargs: Any) -> QuerySet[M]:
            """Leave out the rows that satisfy all conditions; null satisfies none."""
            ...

        def complex_filter(self, condition: Conditional | dict[str, Any]) -> QuerySet[M]:
            """Filter by a ``Q`` or by a dictionary of lookups, as ``limit_choices_to`` has them."""
            ...

        def order_by(self, *names: Any) -> QuerySet[M]:
            """Order by fields (``-`` for descending, ``"?"`` for chance); no names clear the
            order.
            """
            ...

        def reverse(self) -> QuerySet[M]:
            """Turn the order round."""
            ...

        def distinct(self, *fields: str) -> QuerySet[M]:
            """Leave out rows that were read before."""
            ...

        def none(self) -> QuerySet[M]:
            """Return a queryset without rows, which asks no database."""
            ...

        def using(self, alias: str | None) -> QuerySet[M]:
            """Place the queryset on a database."""
            ...

        def values(self, /, *names: Any, **expressions: Any) -> QuerySet[dict[str, Any]]:
            """Read dictionaries of the named columns, or of all, instead of objects."""
            ...

        @overload
        def values_list(self, *names: Any) -> QuerySet[tuple[Any, ...]]: ...
        @overload
        def values_list(
            self, *names: Any, flat: bool = ..., named: bool = ...
        ) -> QuerySet[Any]: ...
        def values_list(self, *names: Any, flat: bool = False, named: bool = False) -> Any:
            """Read tuples of the named columns, or of all."""
            ...

        def dates(self, field_name: str, kind: str, order: str = "ASC") -> QuerySet[datetime.date]:
            """Read the different years, months, weeks or days that a field has, as dates."""
            ...

        def datetimes(
            self,
            field_name: str,
            kind: str,
            order: str = "ASC",
            tzinfo: datetime.tzinfo | str | None = None,
        ) -> QuerySet[datetime.datetime]:
            """Read the different years ... seconds that a field has, as datetimes."""
            ...

        def annotate(self, /, *args: Any, **kwargs: Any) -> QuerySet[M]:
            """Give every object the value of expressions, by name."""
            ...

        def alias(self, /, **kwargs: Any) -> QuerySet[M]:
            """Name expressions for later calls without reading them."""
            ...

        def extra(self, /, *args: Any, **kwargs: Any) -> NoReturn:
            """Not offered: SQL in pieces cannot be checked."""
            ...

        def select_related(self, *names: str | None) -> QuerySet[M]:
            """Read related objects of single relations by a join."""
            ...

        def prefetch_related(self, *lookups: Any) -> QuerySet[M]:
            """Read related objects by one further query for each relation and database."""
            ...

        def only(self, *names: str) -> QuerySet[M]:
            """Read these fields at once, the others when they are used."""
            ...

        def defer(self, *names: str | None) -> QuerySet[M]:
            """Read these fields when they are used; None clears."""
            ...

    class CombiningMethods(BuildingMethods[M]):
        """Several querysets, and locks."""

        def union(self, *others: Any, all: bool = False) -> QuerySet[M]:
            """Return the rows of this queryset and of others."""
            ...

        def intersection(self, *others: Any) -> QuerySet[M]:
            """Return the rows that all of the querysets have."""
            ...

        def difference(self, *others: Any) -> QuerySet[M]:
            """Return the rows that none of the others have."""
            ...

        def fetch_mode(self, mode: FetchMode | str) -> QuerySet[M]:
            """Say how relations and deferred fields that were not loaded are fetched."""
            ...

        def select_for_update(
            self,
            nowait: bool = False,
            skip_locked: bool = False,
            of: tuple[str, ...] = (),
            no_key: bool = False,
        ) -> QuerySet[M]:
            """Lock the rows until the transaction ends; read them on the database for writes."""
            ...

    class AnsweringMethods(CombiningMethods[M]):
        """Questions about the rows."""

        def aggregate(self, /, *args: Any, **kwargs: Any) -> dict[str, Any]:
            """Return aggregates over all rows, by name."""
            ...

        async def aaggregate(self, /, *args: Any, **kwargs: Any) -> dict[str, Any]:
            """See ``aggregate``."""
            ...

        def explain(self, /, *, format: str | None = None, **options: Any) -> str:
            """Return what the database means to do, in its own words."""
            ...

        async def aexplain(self, /, *, format: str | None = None, **options: Any) -> str:
            """See ``explain``."""
            ...

        def count(self) -> int:
            """Return the number of rows, counted by the database."""
            ...

        async def acount(self) -> int:
            """See ``count``."""
            ...

        def exists(self) -> bool:
            """Return whether there is a row."""
            ...

        async def aexists(self) -> bool:
            """See ``exists``."""
            ...

        def contains(self, obj: Any) -> bool:
            """Return whether an object is among the rows."""
            ...

        async def acontains(self, obj: Any) -> bool:
            """See ``contains``."""
            ...

        def in_bulk(
            self, id_list: Iterable[Any] | None = None, *, field_name: str = "pk"
        ) -> dict[Any, M]:
            """Return objects by key."""
            ...

        async def ain_bulk(
            self, id_list: Iterable[Any] | None = None, *, field_name: str = "pk"
        ) -> dict[Any, M]:
            """See ``in_bulk``."""
            ...

    class ReadingMethods(AnsweringMethods[M]):
        """What a queryset answers."""

        def iterator(self, chunk_size: int = CHUNK) -> Iterator[M]:
            """Read rows bit by bit, in bounded memory, keeping none."""
            ...

        def aiterator(self, chunk_size: int = CHUNK) -> AsyncIterator[M]:
            """See ``iterator``."""
            ...

        def get(self, /, *args: Conditional, **kwargs: Any) -> M:
            """Return the one object that satisfies the conditions."""
            ...

        async def aget(self, /, *args: Conditional, **kwargs: Any) -> M:
            """See ``get``."""
            ...

        def first(self) -> M | None:
            """Return the first object in the queryset's order, or by key; None if there is none."""
            ...

        async def afirst(self) -> M | None:
            """See ``first``."""
            ...

        def last(self) -> M | None:
            """Return the last object in the queryset's order, or by key; None if there is none."""
            ...

        async def alast(self) -> M | None:
            """See ``last``."""
            ...

        def earliest(self, *fields: str) -> M:
            """Return the first object by date fields, or by ``Meta.get_latest_by``."""
            ...

        async def aearliest(self, *fields: str) -> M:
            """See ``earliest``."""
            ...

        def latest(self, *fields: str) -> M:
            """Return the last object by date fields, or by ``Meta.get_latest_by``."""
            ...

        async def alatest(self, *fields: str) -> M:
            """See ``latest``."""
            ...

    class WritingMethods(ReadingMethods[M]):
        """What a queryset writes."""

        def create(self, /, **kwargs: Any) -> M:
            """Make an object of these values and insert it."""
            ...

        async def acreate(self, /, **kwargs: Any) -> M:
            """See ``create``."""
            ...

        def get_or_create(
            self, /, defaults: Mapping[str, Any] | None = None, **kwargs: Any
        ) -> tuple[M, bool]:
            """Return the object that these values match, made from them where there is none."""
            ...

        async def aget_or_create(
            self, /, defaults: Mapping[str, Any] | None = None, **kwargs: Any
        ) -> tuple[M, bool]:
            """See ``get_or_create``."""
            ...

        def update_or_create(
            self,
            /,
            defaults: Mapping[str, Any] | None = None,
            create_defaults: Mapping[str, Any] | None = None,
            **kwargs: Any,
        ) -> tuple[M, bool]:
            """Update the object that these values match, or create one."""
            ...

        async def aupdate_or_create(
            self,
            /,
            defaults: Mapping[str, Any] | None = None,
            create_defaults: Mapping[str, Any] | None = None,
            **kwargs: Any,
        ) -> tuple[M, bool]:
            """See ``update_or_create``."""
            ...

        def update(self, /, **kwargs: Any) -> int:
            """Write values into every row, by one statement; return how many rows matched."""
            ...

        async def aupdate(self, /, **kwargs: Any) -> int:
            """See ``update``."""
            ...

        def bulk_create(
            self,
            objs: Iterable[M],
            batch_size: int | None = None,
            ignore_conflicts: bool = False,
            update_conflicts: bool = False,
            update_fields: Sequence[str] = (),
            unique_fields: Sequence[str] = (),
        ) -> list[M]:
            """Insert objects by as few statements as possible, without signals."""
            ...

        async def abulk_create(
            self,
            objs: Iterable[M],
            batch_size: int | None = None,
            ignore_conflicts: bool = False,
            update_conflicts: bool = False,
            update_fields: Sequence[str] = (),
            unique_fields: Sequence[str] = (),
        ) -> list[M]:
            """See ``bulk_create``."""
            ...

        def bulk_update(
            self, objs: Iterable[M], fields: Sequence[str], batch_size: int | None = None
        ) -> int:
            """Write some fields of many objects, each on its own database."""
            ...

        async def abulk_update(
            self, objs: Iterable[M], fields: Sequence[str], batch_size: int | None = None
        ) -> int:
            """See ``bulk_update``."""
            ...

    class QuerySetMethods(WritingMethods[M]):
        """The rows of a model that some calls describe; asked for when they are needed."""

        def raw(
            self,
            raw_query: str,
            params: Sequence[Any] | Mapping[str, Any] = (),
            translations: Mapping[str, str] | None = None,
            using: str | None = None,
        ) -> RawQuerySet[M]:
            """Read objects by SQL of your own."""
            ...
