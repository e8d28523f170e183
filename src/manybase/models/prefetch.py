"""``Prefetch`` and ``prefetch_related_objects``: relations of objects at hand, loaded at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manybase.ops.prefetch import prefetch
from manybase.ops.prefetch_lookup import Prefetch
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync


def prefetch_related_objects(instances: Iterable[Any], *lookups: Any) -> None:
    """Load relations of objects, one query for each relation and database.

    Args:
        instances: Objects; each is served from its own database.
        lookups: Names of relations, and ``Prefetch`` objects.

    Raises:
        QueryError: A name leads to nothing that can be loaded along.

    Example:
        >>> prefetch_related_objects([book_of_eu, book_of_us], "authors", "editor")
    """
    run_sync(prefetch(sync, instances, lookups))


async def aprefetch_related_objects(instances: Iterable[Any], *lookups: Any) -> None:
    """Load relations of objects, one query for each; see ``prefetch_related_objects``."""
    await prefetch(aio, instances, lookups)


__all__ = ["Prefetch", "aprefetch_related_objects", "prefetch_related_objects"]
