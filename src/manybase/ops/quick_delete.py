"""The deletion of one plain object: its links, then its row, each by a plan that is known.

For classes whose objects nothing but links of many-to-many fields hangs on, while nobody listens.
Everything else goes to ``ops.delete``, which collects what depends on the object.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from manybase.meta.on_delete import CASCADE, DO_NOTHING
from manybase.meta.origin import origin
from manybase.meta.registry import registry
from manybase.meta.signals import post_delete, pre_delete
from manybase.query.plan import Plan, delete_linked_plan, delete_plan

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

Deleted = tuple[int, dict[str, int]]
Links = tuple[tuple[Any, Any], ...]
Plans = tuple[tuple[Plan, str], ...]


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


def plans_of(cls: Any, links: Links, dialect: Any) -> Plans:
    """The plans that delete an object's links and its row, each with what it deletes."""
    known: dict[Any, tuple[Links, Plans]] = cls._meta.__dict__.setdefault("_quick_deletes", {})
    found = known.get(dialect)
    if found is None or found[0] is not links:
        concrete = cls._meta.concrete_model
        ends = (*links, (concrete, concrete._meta.pk))
        plans = tuple(
            (delete_plan(model, field, 1, dialect), model._meta.label) for model, field in ends
        )
        found = known[dialect] = (links, plans)
    return found[1]


def together(cls: Any, links: Links, dialect: Any) -> Plan:
    """The plan that deletes links and row by one statement, where the database can."""
    return delete_linked_plan(cls._meta.concrete_model, links, dialect)


def deleted(obj: Any, alias: str, plans: Plans, numbers: Sequence[int]) -> Deleted:
    """Untie a deleted object; return what went."""
    counts: dict[str, int] = {}
    for (_, label), number in zip(plans, numbers, strict=True):
        if number:
            counts[label] = counts.get(label, 0) + number
    obj.__dict__[obj._meta.pk.attname] = None
    obj._origin = origin(alias, False)
    return sum(counts.values()), counts


async def delete(executor: Executor, obj: Any, alias: str, links: Links) -> Deleted:
    """Delete the links of an object and its row; return what went."""
    dialect = await executor.dialect(alias)
    plans = plans_of(type(obj), links, dialect)
    if links and dialect.features.writes_in_with:
        plan = together(type(obj), links, dialect)
        (row,) = await executor.fetch(alias, plan, (obj.pk,))
        return deleted(obj, alias, plans, row)
    if not links or executor.in_block(alias):
        numbers = await _run(executor, obj, alias, plans)
    else:
        async with executor.atomic(alias, savepoint=False):
            numbers = await _run(executor, obj, alias, plans)
    return deleted(obj, alias, plans, numbers)


async def _run(executor: Executor, obj: Any, alias: str, plans: Plans) -> list[int]:
    key = (obj.pk,)
    return [await executor.execute(alias, plan, key) for plan, _ in plans]
