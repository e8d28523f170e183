"""``person.profile``: the one object whose one-to-one field points here.

Loaded at the first access from the database that routing gives for the owner, and kept on it.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar, overload

from manybase.errors import FieldValueError
from manybase.models.fetch_modes import afetch_relation, fetch_relation
from manybase.models.related.missing import missing, missing_class
from manybase.models.related.sources import ReverseOneSource
from manybase.query.attributes import on_class
from manybase.routing.provenance import meet
from manybase.runtime.guard import refuse_in_loop

M = TypeVar("M")
_UNKNOWN = object()


class ReverseOne(Generic[M]):
    """The descriptor at the far end of a one-to-one field.

    A model that says ``profile: ReverseOne[Profile]`` tells type checkers of it.

    Args:
        related: The relation, seen from here.
    """

    def __init__(self, related: Any) -> None:
        self.related = related

    @property
    def RelatedObjectDoesNotExist(self) -> type[Exception]:
        """What an access raises where nothing points here."""
        return missing_class(self.related.model, self.related.related_model, self._name)

    @property
    def related_model(self) -> Any:
        """The model at the other end."""
        return self.related.related_model

    @property
    def prefetch_source(self) -> ReverseOneSource:
        """How ``prefetch_related`` loads the relation."""
        return ReverseOneSource(self.related)

    @property
    def _name(self) -> str:
        return str(self.related.get_accessor_name())

    def is_cached(self, instance: Any) -> bool:
        """Whether the object is there without a query."""
        return self.related.cache_name in instance.__dict__

    @overload
    def __get__(self, instance: None, owner: Any = None) -> type[M]: ...
    @overload
    def __get__(self, instance: Any, owner: Any = None) -> M: ...
    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return on_class(owner, self, self.related)
        found = instance.__dict__.get(self.related.cache_name, _UNKNOWN)
        if found is _UNKNOWN:
            query = self._query(instance)
            if query is not None:
                refuse_in_loop(twin=f"'await obj.afetch(\"{self._name}\")'")
                if fetch_relation(instance, self._name, self.related.cache_name, None):
                    return self._answer(instance, instance.__dict__[self.related.cache_name])
            found = self._keep(instance, list(query[:2]) if query is not None else [])
        return self._answer(instance, found)

    async def afetch(self, instance: Any) -> Any:
        """Return the object, loaded without blocking the event loop."""
        found = instance.__dict__.get(self.related.cache_name, _UNKNOWN)
        if found is _UNKNOWN:
            query = self._query(instance)
            name, cache_name = self._name, self.related.cache_name
            if query is not None and await afetch_relation(instance, name, cache_name, None):
                return self._answer(instance, instance.__dict__[cache_name])
            rows = [] if query is None else [obj async for obj in query[:2]]
            found = self._keep(instance, rows)
        return self._answer(instance, found)

    def _answer(self, instance: Any, found: Any) -> Any:
        if found is None:
            raise missing(self.related.model, instance, self.related.related_model, self._name)
        return found

    def _query(self, instance: Any) -> Any:
        field = self.related.field
        key = getattr(instance, field.target_field.attname)
        if key is None:
            return None
        manager = self.related.related_model._base_manager.db_manager(hints={"instance": instance})
        return manager.get_queryset().filter(**{field.attname: key})

    def _keep(self, instance: Any, found: list[Any]) -> Any:
        one = found[0] if found else None
        if one is not None:
            one.__dict__[self.related.field.cache_name] = instance
        elif getattr(instance, self.related.field.target_field.attname) is None:
            # Nothing was asked: the answer may be another one once the object has a key.
            return None
        instance.__dict__[self.related.cache_name] = one
        return one

    def __set__(self, instance: Any, value: M | None) -> None:
        field = self.related.field
        if value is None:
            old = instance.__dict__.pop(self.related.cache_name, None)
            if old is not None:
                setattr(old, field.name, None)
            return
        if not isinstance(value, self.related.related_model):
            raise FieldValueError(
                f"cannot assign a {type(value).__name__}:"
                f" '{type(instance)._meta.object_name}.{self._name}' must be a"
                f" '{self.related.related_model._meta.object_name}' instance"
            )
        meet(value, instance, self.related)
        key = value.__dict__[field.attname] = getattr(instance, field.target_field.attname)
        if key is None:
            value.__dict__[field.cache_name + "_new"] = True
        value.__dict__[field.cache_name] = instance
        instance.__dict__[self.related.cache_name] = value
