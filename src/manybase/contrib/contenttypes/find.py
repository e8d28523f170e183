"""How content types are found: in the cache, then in the database, then made.

Coroutines over an executor, for both faces of ``ContentTypeManager``.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from manybase.contrib.contenttypes.cache import ContentTypeCache, Key
from manybase.db import transaction

if TYPE_CHECKING:
    from manybase.contrib.contenttypes.models import ContentType
    from manybase.runtime.executor import Executor


def key_of(model: Any, for_concrete_model: bool = True) -> Key:
    """The label and the name of a model, or of the class of an object."""
    options = model._meta.concrete_model._meta if for_concrete_model else model._meta
    return options.app_label, options.model_name


async def for_keys(
    ex: Executor, manager: Any, cache: ContentTypeCache, wanted: Sequence[Key]
) -> dict[Key, ContentType]:
    """Return the content types of these models; make the rows that are missing."""
    alias = manager.db
    known = {key: cache.named(alias, key) for key in wanted}
    found = {key: one for key, one in known.items() if one is not None}
    missing = [key for key in known if key not in found]
    if not missing:
        return found
    for one in await _read(ex, manager, missing):
        cache.keep(alias, one)
        found[(one.app_label, one.model)] = one
    for key in missing:
        if key not in found:
            found[key] = await _make(ex, manager, cache, key)
    return found


async def _read(ex: Executor, manager: Any, keys: Sequence[Key]) -> list[ContentType]:
    if len(keys) == 1:
        rows = manager.filter(app_label=keys[0][0], model=keys[0][1])
    else:
        rows = manager.filter(
            app_label__in=sorted({app for app, _ in keys}),
            model__in=sorted({name for _, name in keys}),
        )
    by_id = await ex.call(rows, "in_bulk")
    return [one for one in by_id.values() if (one.app_label, one.model) in keys]


async def _make(ex: Executor, manager: Any, cache: ContentTypeCache, key: Key) -> ContentType:
    one: ContentType
    one, made = await ex.call(manager, "get_or_create", app_label=key[0], model=key[1])
    alias = one._state.db or manager.db
    if not made:
        cache.keep(alias, one)
        return one
    cache.made(alias, one)
    transaction.on_commit(functools.partial(cache.committed, alias, one), using=alias)
    return one


async def by_natural_key(
    ex: Executor, manager: Any, cache: ContentTypeCache, app_label: str, model: str
) -> ContentType:
    """Return the content type of a label and a name; it is not made."""
    alias = manager.db
    found = cache.named(alias, (app_label, model))
    if found is None:
        found = await ex.call(manager, "get", app_label=app_label, model=model)
        cache.keep(alias, found)
    return found


async def by_id(ex: Executor, manager: Any, cache: ContentTypeCache, pk: int) -> ContentType:
    """Return the content type of a key."""
    alias = manager.db
    found = cache.numbered(alias, pk)
    if found is None:
        found = await ex.call(manager, "get", pk=pk)
        cache.keep(alias, found)
    return found
