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


class Deletion:
    """How an object of a class is deleted on a dialect.

    Attributes:
        links: The links to delete before it.
        plans: The plans that delete the links and the row, one after the other.
        labels: What each of them deletes.
        together: The plan that does it all by one statement, where the database can.
        key: The attribute of the key.
    """

    __slots__ = ("key", "labels", "links", "plans", "together")

    def __init__(self, cls: Any, links: Links, dialect: Any) -> None:
        concrete = cls._meta.concrete_model
        ends = (*links, (concrete, concrete._meta.pk))
        self.links = links
        self.plans = tuple([delete_plan(model, field, 1, dialect) for model, field in ends])
        self.labels = tuple([model._meta.label for model, _ in ends])
        self.key: str = concrete._meta.pk.attname
        self.together: Plan | None = None
        if links and dialect.features.writes_in_with:
            self.together = delete_linked_plan(concrete, links, dialect)


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


def deletion_of(cls: Any, links: Links, dialect: Any) -> Deletion:
    """How an object of a class is deleted on a dialect, worked out once."""
    known: dict[Any, Deletion] = cls._meta.__dict__.setdefault("_quick_deletes", {})
    found = known.get(dialect)
    if found is None or found.links is not links:
        found = known[dialect] = Deletion(cls, links, dialect)
    return found


def deleted(obj: Any, alias: str, deletion: Deletion, numbers: Sequence[int]) -> Deleted:
    """Untie a deleted object; return what went."""
    counts: dict[str, int] = {}
    total = 0
    for label, number in zip(deletion.labels, numbers, strict=True):
        if number:
            total += number
            counts[label] = counts.get(label, 0) + number
    obj.__dict__[deletion.key] = None
    obj._origin = origin(alias, False)
    return total, counts


async def delete(executor: Executor, obj: Any, alias: str, links: Links) -> Deleted:
    """Delete the links of an object and its row; return what went."""
    how = deletion_of(type(obj), links, await executor.dialect(alias))
    if how.together is not None:
        (row,) = await executor.fetch(alias, how.together, (obj.pk,))
        return deleted(obj, alias, how, row)
    if not links or executor.in_block(alias):
        numbers = await _run(executor, obj, alias, how)
    else:
        async with executor.atomic(alias, savepoint=False):
            numbers = await _run(executor, obj, alias, how)
    return deleted(obj, alias, how, numbers)


async def _run(executor: Executor, obj: Any, alias: str, how: Deletion) -> list[int]:
    key = (obj.pk,)
    return [await executor.execute(alias, plan, key) for plan in how.plans]
