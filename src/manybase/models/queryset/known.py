"""The owner of rows that a related manager read, given to them so that nobody asks for it again.

Called for the results of querysets; runs nothing.
"""

from __future__ import annotations

from typing import Any

from manybase.query.combine import calls_with_params
from manybase.query.state import VALUE, Recording


def give_owner(recording: Recording, objects: list[Any], cache: str, owner: Any) -> None:
    """Keep the owner on each object, with its key where the column was left out.

    Args:
        recording: What was read.
        objects: Its rows.
        cache: The attribute that keeps the owner.
        owner: The object that they were asked for from.
    """
    if recording._calls("only", "defer") and not _give_key(recording, objects, cache, owner):
        return
    for obj in objects:
        if getattr(obj, cache) is None:
            setattr(obj, cache, owner)


def _give_key(recording: Recording, objects: list[Any], cache: str, owner: Any) -> bool:
    """Write the owner's key where it was left out; False where that may be another one's."""
    field = next(
        f for f in recording.model._meta.concrete_fields if f.is_relation and f.cache_name == cache
    )
    if not any(field.attname not in obj.__dict__ for obj in objects):
        return True
    key = getattr(owner, field.target_field.attname)
    own = (("filter", ("=", field.attname, VALUE)), (key,))
    if own not in calls_with_params(recording):
        return False  # joined with another owner's rows by "|"
    for obj in objects:
        obj.__dict__.setdefault(field.attname, key)
    return True
