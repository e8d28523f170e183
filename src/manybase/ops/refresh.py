"""Fetching an object's values again, or those that were deferred.

``Model.refresh_from_db`` and the descriptors of fields call it; the place is the object's own
unless another one is named or a router says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldDoesNotExist, QueryError, hint_for
from manybase.ops import fetch
from manybase.query.choose import record_only
from manybase.query.record import record_filter
from manybase.query.state import Recording
from manybase.routing import decision

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


async def refresh(
    executor: Executor,
    obj: Any,
    using: str | None = None,
    fields: Iterable[str] | None = None,
    queryset: Any = None,
) -> None:
    """Fetch the values of an object again.

    Args:
        executor: What reaches the database.
        obj: The object; its values, its place and its caches are replaced.
        using: The database to read.
        fields: Names of the fields to fetch; all that are loaded when None.
        queryset: The rows to look in.

    Raises:
        DoesNotExist: The row is not there; the class is the model's own.
    """
    cls = type(obj)
    names = None if fields is None else _forget_prefetched(obj, list(fields))
    if names is not None and not names:
        return
    alias = decision.read(cls, using, None, {"instance": obj})
    wanted = _wanted(obj, names)
    found = await _row(executor, obj, alias, wanted, queryset)
    _take(obj, found, names)


def _forget_prefetched(obj: Any, fields: list[str]) -> list[str]:
    """Drop the prefetched relations among the names; return the fields."""
    prefetched = {} if obj._kept_relations is None else obj._prefetched_objects_cache
    kept = [name for name in fields if name not in prefetched]
    if len(kept) < len(fields):  # a new dictionary: copies of the object have the old one
        obj._kept_relations = {n: found for n, found in prefetched.items() if n not in fields}
    known = type(obj)._meta.forward_names
    for name in kept:
        if "__" in name:
            raise QueryError(
                f"'{name}' goes across a relation; an object refreshes its own fields only",
                hint=f"Refresh the related object: obj.{name.split('__')[0]}.refresh_from_db().",
            )
        if name not in known and not _is_reverse(obj, name):
            raise FieldDoesNotExist(
                f"model '{type(obj)._meta.label}' has no field '{name}'",
                hint=hint_for(name, known),
            )
    return kept


def _is_reverse(obj: Any, name: str) -> bool:
    return any(r.get_accessor_name() == name for r in type(obj)._meta.related_objects)


def _wanted(obj: Any, names: list[str] | None) -> list[str] | None:
    """Names of the columns to fetch; None for all."""
    meta = type(obj)._meta
    if names is not None:
        found = [meta.forward_names[name] for name in names if name in meta.forward_names]
        return [field.name for field in found if field.column is not None]
    values = obj.__dict__
    loaded = [f.name for f in meta.concrete_fields if f.attname in values]
    return None if len(loaded) == len(meta.concrete_fields) else loaded


async def _row(
    executor: Executor, obj: Any, alias: str, wanted: list[str] | None, queryset: Any
) -> Any:
    cls = type(obj)
    if queryset is not None:
        recording = queryset
    elif cls._meta.base_manager_name is not None:
        recording = cls._base_manager.get_queryset()
    else:
        recording = Recording(cls)
    recording = record_filter(recording, (), {"pk": obj.pk})
    if wanted is not None:
        recording = record_only(recording, wanted, "only")
    found = await fetch.objects(executor, recording, alias)
    if not found:
        raise cls.DoesNotExist(
            f"'{cls._meta.label}' with this key is not on database '{alias}' any more"
            if obj._origin.alias == alias
            else f"'{cls._meta.label}' with this key is not on database '{alias}'"
        )
    return found[0]


def _take(obj: Any, found: Any, names: list[str] | None) -> None:
    meta = type(obj)._meta
    values, fresh = obj.__dict__, found.__dict__
    wanted = None if names is None else {meta.forward_names.get(name) for name in names}
    for field in meta.concrete_fields:
        if field.attname in fresh and (wanted is None or field in wanted):
            values[field.attname] = fresh[field.attname]
        if field.is_relation and (wanted is None or field in wanted):
            values.pop(field.cache_name, None)
    _forget_related(obj, names)
    obj._origin = found._origin


def _forget_related(obj: Any, names: list[str] | None) -> None:
    """Drop loaded objects of generic keys and of the far ends of relations."""
    meta, values = type(obj)._meta, obj.__dict__
    for field in meta.all_private_fields:
        if (names is None or field.name in names) and hasattr(field, "cache_name"):
            values.pop(field.cache_name, None)
    for relation in meta.related_objects:
        if names is None or relation.get_accessor_name() in names:
            values.pop(relation.cache_name, None)
    if names is None:
        values.pop("_kept_relations", None)
