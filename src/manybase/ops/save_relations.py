"""What a save does with the related objects that an instance holds: keys in, caches out.

Called by ``ops.save`` before anything is written. Only generic keys may have to read,
for a content type.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldValueError
from manybase.ops.save_places import Related

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


def prepare(obj: Any, relations: Related, update_fields: Iterable[str] | None) -> Related:
    """Take over the keys of related objects that were saved after they were assigned.

    Returns:
        The relations that still hold: a key that was set by hand afterwards drops its object.

    Raises:
        FieldValueError: A related object has no key yet; saving now would lose the relation.
    """
    wanted = None if update_fields is None else frozenset(update_fields)
    for field, related in relations:
        if wanted is not None and not _is_wanted(field, wanted):
            continue
        if hasattr(field, "attname") and field.column is not None:
            _prepare_key(obj, field, related)
        elif hasattr(field, "fk_field"):
            _prepare_generic(obj, field, related)
    values = obj.__dict__
    return [(field, related) for field, related in relations if field.cache_name in values]


def _is_wanted(field: Any, wanted: frozenset[str]) -> bool:
    return field.name in wanted or getattr(field, "attname", field.name) in wanted


def _prepare_key(obj: Any, field: Any, related: Any) -> None:
    values = obj.__dict__
    key = getattr(related, field.target_field.attname)
    if related.pk is None:
        if values.get(field.attname) is not None:
            # The key was set by hand after the object was assigned: the key counts.
            del values[field.cache_name]
            return
        raise _unsaved(obj, field)
    if values.get(field.attname) in (None, ""):
        if values.pop(f"{field.cache_name}_new", False):
            values[field.attname] = key
        else:
            # The key was emptied by hand after the object was assigned or loaded.
            del values[field.cache_name]
    elif values[field.attname] != key:
        del values[field.cache_name]


def _prepare_generic(obj: Any, field: Any, related: Any) -> None:
    if related.pk is None:
        raise _unsaved(obj, field)
    if getattr(obj, field.fk_field) in (None, ""):
        setattr(obj, field.fk_field, related.pk)


async def settle(executor: Executor, obj: Any, alias: str) -> None:
    """Let generic keys look up what they could not know before the place of the save."""
    for field in type(obj)._meta.all_private_fields:
        if hasattr(field, "settle"):
            await field.settle(executor, obj, alias)


def _unsaved(obj: Any, field: Any) -> FieldValueError:
    return FieldValueError(
        f"save() prohibited to prevent data loss due to unsaved related object '{field.name}'"
        f" of a '{type(obj)._meta.label}'",
        hint=f"Save obj.{field.name} first.",
    )


def forget_related(obj: Any) -> None:
    """Drop the related objects that an instance holds, after it has moved to another database."""
    meta, values = type(obj)._meta, obj.__dict__
    for field in (*meta.concrete_fields, *meta.all_private_fields):
        if field.is_relation and hasattr(field, "cache_name"):
            values.pop(field.cache_name, None)
    for relation in meta.related_objects:
        values.pop(relation.cache_name, None)
    values.pop("_kept_relations", None)
