"""Loading one field that was deferred, for several objects at once: a query for each place.

Called by ``models.fetch_modes``. A single object refreshes itself (``ops.refresh``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.ops import fetch
from manybase.query.record import record_filter, record_values
from manybase.query.state import Recording
from manybase.routing import decision

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


async def load_field(executor: Executor, objects: Iterable[Any], field: Any) -> None:
    """Give objects of one model the value of a field; those that have it keep theirs.

    Args:
        executor: What reaches the databases.
        objects: Stored objects of any places.
        field: A concrete field of their model.
    """
    places: dict[str, dict[Any, list[Any]]] = {}
    for obj in objects:
        if field.attname not in obj.__dict__ and obj.pk is not None:
            alias = decision.read(type(obj), None, None, {"instance": obj})
            places.setdefault(alias, {}).setdefault(obj.pk, []).append(obj)
    works = [_load(executor, alias, owners, field) for alias, owners in places.items()]
    if len(works) == 1:
        await works[0]
    elif works:
        await executor.gather(works)


async def _load(executor: Executor, alias: str, owners: dict[Any, list[Any]], field: Any) -> None:
    first = next(iter(owners.values()))[0]
    meta = type(first)._meta
    dialect = await executor.dialect(alias)
    size = max(1, dialect.features.max_parameters // (2 * len(meta.pk_fields)))
    keys = list(owners)
    for start in range(0, len(keys), size):
        rows = Recording(meta.concrete_model)
        rows = record_filter(rows, (), {"pk__in": keys[start : start + size]})
        rows = record_values(rows, ("pk", field.attname), "tuple")
        for key, value in await fetch.rows(executor, rows, alias):
            for obj in owners.get(key, ()):
                obj.__dict__[field.attname] = value
