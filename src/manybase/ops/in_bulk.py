"""``in_bulk``: objects by key, in as few statements as the database's parameters allow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import QueryError
from manybase.ops import fetch
from manybase.ops.prefetch import prefetch_read

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

BATCH = 1000


async def in_bulk(
    executor: Executor, queryset: Any, keys: Iterable[Any] | None, field_name: Any
) -> dict[Any, Any]:
    """Return the queryset's objects by a unique field.

    Raises:
        QueryError: The queryset is sliced, or the field is not unique.
        TransactionManagementError: Its rows are locked, and no block is open.
    """
    opts = queryset.model._meta
    if not isinstance(field_name, str) or (
        keys is not None and (isinstance(keys, (str, bytes)) or not isinstance(keys, Iterable))
    ):
        raise QueryError(
            f"in_bulk() of '{opts.label}' takes a list of keys and the name of a field",
            hint="Write in_bulk([1, 2]), or in_bulk(['x'], field_name='slug').",
        )
    field = opts.pk if field_name == "pk" else opts.get_field(field_name)
    if not _unique(opts, field):
        raise QueryError(
            f"in_bulk() needs a unique field, and '{field_name}' of model '{opts.label}' is none"
        )
    if queryset.is_sliced:
        raise QueryError(
            "cannot use a slice with in_bulk()", hint="Slice the result, or filter first."
        )
    queryset._refuse_values("in_bulk")
    if keys is None:
        batches = [queryset._chain()]
    else:
        wanted = list(keys)
        batches = [
            queryset.filter(**{f"{field_name}__in": wanted[start : start + BATCH]})
            for start in range(0, len(wanted), BATCH)
        ]
    found: dict[Any, Any] = {}
    for batch in batches:
        rows = batch.order_by()
        alias = rows._read_alias()
        if rows._for_write:
            rows._check_lock(executor.in_block(alias))
        objects = rows._know(await fetch.objects(executor, rows, alias))
        await prefetch_read(executor, objects, rows._prefetch_related_lookups)
        for obj in objects:
            found[getattr(obj, field.attname)] = obj
    return found


def _unique(opts: Any, field: Any) -> bool:
    if field.unique:
        return True
    return any(
        tuple(c.fields) == (field.name,) and c.condition is None
        for c in opts.constraints
        if hasattr(c, "fields")
    )
