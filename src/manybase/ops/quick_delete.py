"""The deletion of one plain object: its links, then its row, each by a plan that is known.

For classes whose objects nothing but links of many-to-many fields hangs on, while nobody listens.
Everything else goes to ``ops.delete``, which collects what depends on the object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from manybase.meta.on_delete import CASCADE, DO_NOTHING
from manybase.meta.origin import origin
from manybase.meta.registry import registry
from manybase.meta.signals import post_delete, pre_delete
from manybase.query.plan import delete_plan

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

Deleted = tuple[int, dict[str, int]]
Links = tuple[tuple[Any, Any], ...]


def links_of(cls: Any) -> Links | None:
    """The links to delete with an object of a class; None where more hangs on it."""
    if pre_delete._receivers or post_delete._receivers:
        return None
    known: tuple[int, Links | None] | None = cls._meta.__dict__.get("_quick_delete")
    if known is None or known[0] != registry.generation:
        known = cls._meta.__dict__["_quick_delete"] = (registry.generation, _links(cls))
    return known[1]


def _links(cls: Any) -> Links | None:
    meta = cls._meta.concrete_model._meta
    if meta.parents or meta.all_private_fields:
        return None
    found = []
    for relation in meta.all_relations:
        if relation.many_to_many or relation.on_delete is DO_NOTHING:
            continue
        model = relation.related_model
        plain = model._meta.auto_created and not model._meta.all_relations
        if not plain or relation.on_delete is not CASCADE:
            return None
        if relation.target_field is not meta.pk:
            return None
        found.append((model, relation.field))
    return tuple(found)


async def delete(executor: Executor, obj: Any, alias: str, links: Links) -> Deleted:
    """Delete the links of an object and its row; return what went."""
    counts: dict[str, int] = {}
    if not links or executor.in_block(alias):
        await _delete_all(executor, obj, alias, links, counts)
    else:
        async with executor.atomic(alias, savepoint=False):
            await _delete_all(executor, obj, alias, links, counts)
    obj.__dict__[obj._meta.pk.attname] = None
    obj._origin = origin(alias, False)
    return sum(counts.values()), counts


async def _delete_all(
    executor: Executor, obj: Any, alias: str, links: Links, counts: dict[str, int]
) -> None:
    dialect = await executor.dialect(alias)
    concrete = obj._meta.concrete_model
    key = (obj.pk,)
    for model, field in (*links, (concrete, concrete._meta.pk)):
        number = await executor.execute(alias, delete_plan(model, field, 1, dialect), key)
        if number:
            counts[model._meta.label] = counts.get(model._meta.label, 0) + number
