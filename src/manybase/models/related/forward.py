"""``book.editor``: the object that a foreign key or a one-to-one field points at.

The object is loaded at the first access, from the database that routing gives for the owner, and
kept on it. Assigning asks ``routing.provenance`` first, so that no key of one database gets into a
row of another.
"""

from __future__ import annotations

import functools
from typing import Any

from manybase.errors import FieldValueError
from manybase.meta.origin import Origin
from manybase.models.fetch_modes import afetch_relation, fetch_relation, pass_on
from manybase.models.related.missing import missing, missing_class
from manybase.models.related.sources import ForwardSource
from manybase.query.attributes import on_class
from manybase.query.code import Code
from manybase.routing.provenance import meet
from manybase.runtime.guard import refuse_in_loop

_own_value = object.__getattribute__
"""Reads an attribute without loading it where it is missing."""


class ForwardOne:
    """The descriptor of a foreign key or a one-to-one field.

    On the class it gives itself; attributes of the field are reached through it.

    Args:
        field: The foreign key.
    """

    def __init__(self, field: Any) -> None:
        self.field = field

    def __reduce__(self) -> Any:
        return (ForwardOne, (self.field,))  # the class of the short way has no name

    def __getattr__(self, name: str) -> Any:
        if name == "field" or name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.field, name)

    @property
    def RelatedObjectDoesNotExist(self) -> type[Exception]:
        """What an access raises where the key is empty though it may not be."""
        return missing_class(self.field.model, self.field.related_model, self.field.name)

    @property
    def related_model(self) -> Any:
        """The model at the other end."""
        return self.field.related_model

    @property
    def prefetch_source(self) -> ForwardSource:
        """How ``prefetch_related`` loads the relation."""
        return ForwardSource(self.field)

    def is_cached(self, instance: Any) -> bool:
        """Whether the object is there without a query."""
        return self._cached(instance) is not None

    def _cached(self, instance: Any) -> tuple[Any] | None:
        """The kept object in a tuple, while it is the one that the key names."""
        values, field = instance.__dict__, self.field
        if field.cache_name not in values:
            return None
        kept = values[field.cache_name]
        key = values.get(field.attname)
        target = self._learned()
        kept_key = None if kept is None else getattr(kept, target)
        if kept_key == key or field.attname not in values:
            return (kept,)
        if key is None and field.cache_name + "_new" in values:
            return (kept,)  # assigned before it had a key, and saved since
        if kept is not None and str(kept_key) == str(key):
            return (kept,)  # a key given as text
        del values[field.cache_name]
        return None

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return on_class(owner, self, self.field)
        cached = self._cached(instance)
        if cached is not None:
            return self._answer(instance, cached[0])
        key = getattr(instance, self.field.attname)
        if key is None:
            return self._answer(instance, None)
        found = self._from_child(instance)
        if found is None:
            refuse_in_loop(twin=f"'await obj.afetch(\"{self.field.name}\")'")
            field = self.field
            if fetch_relation(instance, field.name, field.cache_name, field.fetch_mode):
                found = instance.__dict__.get(field.cache_name)
            if found is None:  # alone, or its row is not there, which get() tells
                found = self._query(instance, key).get()
                pass_on(instance, found)
        return self._keep(instance, found)

    async def afetch(self, instance: Any) -> Any:
        """Return the object, loaded without blocking the event loop."""
        cached = self._cached(instance)
        if cached is not None:
            return self._answer(instance, cached[0])
        if self.field.attname not in instance.__dict__:
            await instance.arefresh_from_db(fields=[self.field.attname])
        key = getattr(instance, self.field.attname)
        if key is None:
            return self._answer(instance, None)
        found = self._from_child(instance)
        if found is None:
            field = self.field
            if await afetch_relation(instance, field.name, field.cache_name, field.fetch_mode):
                found = instance.__dict__.get(field.cache_name)
            if found is None:
                found = await self._query(instance, key).aget()
                pass_on(instance, found)
        return self._keep(instance, found)

    def _learned(self) -> str:
        """The attribute that the key is compared with; from now on, reading takes a short way."""
        field = self.field
        target: str = field.target_field.attname
        if type(self) is ForwardOne:
            self.__class__ = _short_way(field.cache_name, field.attname, target)
        return target

    def _answer(self, instance: Any, found: Any) -> Any:
        if found is None and not self.field.null:
            raise missing(self.field.model, instance, self.field.related_model, self.field.name)
        return found

    def _query(self, instance: Any, key: Any) -> Any:
        field = self.field
        manager = field.related_model._base_manager.db_manager(hints={"instance": instance})
        return manager.get_queryset().filter(**{field.target_field.attname: key})

    def _keep(self, instance: Any, found: Any) -> Any:
        field = self.field
        self._learned()
        instance.__dict__[field.cache_name] = found
        if field.one_to_one and found is not None:
            found.__dict__[field.remote_field.cache_name] = instance
        return found

    def _from_child(self, instance: Any) -> Any:
        """Make the parent of a multi-table child from the child's own values, if it has all."""
        field = self.field
        if not field.remote_field.parent_link:
            return None
        parent, values = field.related_model, instance.__dict__
        names = [f.attname for f in parent._meta.concrete_fields]
        if not all(name in values for name in names) or not instance._origin.stored:
            return None
        found = parent.__new__(parent)
        found.__dict__.update((name, values[name]) for name in names)
        found._origin = instance._origin
        return found

    def __set__(self, instance: Any, value: Any) -> None:
        field = self.field
        values = instance.__dict__
        values.pop(field.cache_name + "_new", None)
        if value is None:
            self._forget_far_end(instance)
            values[field.attname] = None
            values[field.cache_name] = None
            return
        if not isinstance(value, field.related_model._meta.concrete_model):
            raise _wrong_class(field, value)
        meet(value, instance, field)
        key = values[field.attname] = getattr(value, field.target_field.attname)
        if key is None:
            values[field.cache_name + "_new"] = True
        if field.remote_field.parent_link and field.one_to_one:
            self._take_parent_values(instance, value)
        self._keep(instance, value)

    def _forget_far_end(self, instance: Any) -> None:
        if self.field.one_to_one:
            old = instance.__dict__.get(self.field.cache_name)
            if old is not None:
                old.__dict__.pop(self.field.remote_field.cache_name, None)

    def _take_parent_values(self, instance: Any, parent: Any) -> None:
        for field in parent._meta.concrete_fields:
            if field.attname in parent.__dict__:
                instance.__dict__[field.attname] = parent.__dict__[field.attname]


@functools.cache
def _short_way(cache_name: str, attname: str, target: str) -> Any:
    """The class of descriptors that give an object while it is the one that the key names.

    Its ``__get__`` has the names of attributes in it: by ``getattr`` or ``__dict__``, which makes
    objects larger besides, reading takes two to three times as long.
    """
    if not all(name.isidentifier() for name in (cache_name, attname, target)):
        return ForwardOne
    code = Code()
    code.names.update(own=_own_value, get=ForwardOne.__get__)
    code.lines = [
        "def __get__(self, instance, owner=None):",
        "    try:",
        f"        kept = instance.{cache_name}",
        f"        if own(instance, {attname!r}) == kept.{target}: return kept",
        "    except AttributeError: pass",  # none is kept, or the key was left out
        "    return get(self, instance, owner)",
    ]
    attributes = {"__get__": code.finish("__get__"), "__module__": __name__}
    return type(ForwardOne.__name__, (ForwardOne,), attributes)


def _wrong_class(field: Any, value: Any) -> FieldValueError:
    return FieldValueError(
        f"cannot assign a {type(value).__name__}: '{field.model._meta.object_name}.{field.name}'"
        f" must be a '{field.related_model._meta.object_name}' instance",
        hint=f"To assign a key, write .{field.attname} = ... instead."
        if not isinstance(getattr(value, "_origin", None), Origin)
        else None,
    )
