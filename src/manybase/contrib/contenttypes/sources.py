"""How ``prefetch_related`` follows generic keys: a query for each model that they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from manybase.contrib.contenttypes.models import ContentType
from manybase.errors import QueryError
from manybase.models.related.sources import unique, with_instance
from manybase.ops.prefetch import Batch, Source
from manybase.routing import decision

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


class GenericKeySource(Source):
    """The objects that generic keys point at.

    Args:
        field: The generic key.
    """

    single = True

    def __init__(self, field: Any) -> None:
        self.field = field

    def is_loaded(self, obj: Any) -> bool:
        """Whether the object's key was followed already."""
        return bool(self.field.is_cached(obj))

    def loaded(self, obj: Any) -> Iterable[Any]:
        """The object that was found."""
        found = getattr(obj, self.field.name)
        return () if found is None else (found,)

    async def batches(
        self, executor: Executor, objects: Sequence[Any], queryset: Any
    ) -> list[Batch]:
        """One query for each model; those of rows without a key get None at once."""
        if queryset is not None and not isinstance(queryset, tuple):
            raise QueryError(
                f"a Prefetch of the generic key '{self.field.name}' takes no queryset",
                hint="Its objects are of several models: use GenericPrefetch.",
            )
        given = {one.model._meta.concrete_model: one for one in queryset or ()}
        attname = self.field.type_attname
        by_type: dict[Any, list[Any]] = {}
        for obj in objects:
            if getattr(obj, attname) is not None and getattr(obj, self.field.fk_field) is not None:
                by_type.setdefault(getattr(obj, attname), []).append(obj)
            else:
                self.field.keep(obj, None)
        return [
            batch
            for number, members in by_type.items()
            if (batch := await self._batch(executor, number, members, given)) is not None
        ]

    async def _batch(
        self, executor: Executor, number: Any, objects: list[Any], given: dict[Any, Any]
    ) -> Batch | None:
        first = objects[0]
        alias = first._origin.alias or decision.read(ContentType, None, None, None)
        types = ContentType.objects.db_manager(alias)
        model = (await executor.call(types, "get_for_id", number)).model_class()
        if model is None:
            for obj in objects:
                self.field.keep(obj, None)
            return None
        to_key, name = model._meta.pk.to_python, self.field.fk_field
        keys = unique(to_key(getattr(obj, name)) for obj in objects)
        queryset = given.get(model._meta.concrete_model)
        if queryset is None:
            queryset = model._base_manager.get_queryset()
        query = with_instance(queryset, first).filter(pk__in=keys)
        return Batch(
            query,
            objects,
            lambda owner: to_key(getattr(owner, name)),
            lambda found: found.pk,
        )

    def keep(self, obj: Any, found: list[Any], queryset: Any, to_attr: str | None) -> None:
        """Keep the one object, or None."""
        one = found[0] if found else None
        if to_attr:
            setattr(obj, to_attr, one)
        else:
            self.field.keep(obj, one)
