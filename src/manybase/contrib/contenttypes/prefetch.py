"""``GenericPrefetch``: a generic key to load along, with a queryset for each model behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manybase.errors import QueryError
from manybase.ops.prefetch_lookup import Prefetch


class GenericPrefetch(Prefetch):
    """A generic key that ``prefetch_related`` loads, with querysets of one's own.

    Args:
        lookup: The generic key's name, or a way that ends at one.
        querysets: One for each model that is wanted in another way than all its objects.
        to_attr: The attribute that gets the object, in the place of the key's own.

    Example:
        >>> Review.objects.prefetch_related(
        ...     GenericPrefetch("content_object", [Book.objects.select_related("editor")])
        ... )
    """

    def __init__(self, lookup: str, querysets: Iterable[Any], to_attr: str | None = None) -> None:
        found = tuple(querysets)
        for queryset in found:
            Prefetch(lookup, queryset)  # checks that it gives objects
        if len({queryset.model._meta.concrete_model for queryset in found}) < len(found):
            raise QueryError(
                f"GenericPrefetch('{lookup}') was given two querysets of one model",
                hint="Give one for each model.",
            )
        super().__init__(lookup, None, to_attr)
        self.queryset = found
