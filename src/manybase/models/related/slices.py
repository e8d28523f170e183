"""A slice given to ``Prefetch``: each owner gets that part of its own objects.

The rows of each owner are numbered by a window, in the queryset's order, and those of the slice are
kept. Called by the sources of relations to many; runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manybase.errors import QueryError
from manybase.query.expressions import F, OrderBy
from manybase.query.functions.windows import RowNumber, Window
from manybase.query.record import bounds

NUMBER = "prefetch_number"


def cut(queryset: Any, partition: str) -> Callable[[dict[str, Any]], Any]:
    """Return what makes a queryset, of filters, that keeps the slice for each value of a name.

    Args:
        queryset: Sliced, and not yet filtered by owners.
        partition: The name that leads to the owner's key.
    """
    low, high = bounds(queryset)
    order = _order(queryset)
    rows = unsliced(queryset)

    def numbered(filters: dict[str, Any]) -> Any:
        window = Window(RowNumber(), partition_by=[F(partition)], order_by=order)
        kept = rows.filter(**filters).alias(**{NUMBER: window}).filter(**{f"{NUMBER}__gt": low})
        return kept if high is None else kept.filter(**{f"{NUMBER}__lte": high})

    return numbered


def unsliced(queryset: Any) -> Any:
    """The queryset without its slice, in the same order or in that of keys."""
    if not queryset.is_sliced:
        return queryset
    *calls, last = queryset.shape
    new = queryset._chain()
    new.shape = tuple(calls)
    new.params = queryset.params[: len(queryset.params) - last[1] - last[2]]
    return new if new.ordered else new.order_by("pk")


def _order(queryset: Any) -> list[OrderBy]:
    """The order of the slice as expressions; by key where there is none."""
    nodes = next((c[1] for c in reversed(queryset.shape) if c[0] == "order"), None)
    if nodes is None:
        names = queryset.model._meta.ordering or ("pk",)
        nodes = unsliced(queryset).order_by(*names).shape[-1][1]
    turned = sum(call[0] == "reverse" for call in queryset.shape) % 2 == 1
    return [_by(node, turned) for node in nodes]


def _by(node: tuple[Any, ...], turned: bool) -> OrderBy:
    if node[0] == "sort":
        return OrderBy(F(node[1]), node[2] != turned)
    if node[0] == "by" and node[1][0] in ("col", "ref"):
        return OrderBy(F(node[1][1]), node[2] != turned, node[3])
    raise QueryError(
        "a slice in a Prefetch must be ordered by fields or annotations",
        hint="Name the expression with annotate() and order by that name.",
    )
