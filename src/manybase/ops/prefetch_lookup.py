"""``Prefetch``: a relation to load along, with the queryset to load it with; pure data."""

from __future__ import annotations

from typing import Any

from manybase.errors import QueryError
from manybase.meta.attributes import is_spelled
from manybase.query.state import Recording


class Prefetch:
    """A relation that ``prefetch_related`` loads, with choices of its own.

    Args:
        lookup: The relation's name, or a way over several (``"authors__publisher"``).
        queryset: Where the objects at the end come from. Without ``using()`` it runs on the
            database of the objects at hand; with it, it is a statement of its own there.
        to_attr: The attribute that gets the objects as a list, in the place of the manager.

    Example:
        >>> Author.objects.prefetch_related(
        ...     Prefetch("books", Book.objects.filter(pages__gt=300), to_attr="long_books")
        ... )
    """

    def __init__(self, lookup: str, queryset: Any = None, to_attr: str | None = None) -> None:
        if not isinstance(lookup, str):
            raise QueryError(
                f"Prefetch() takes the name of a relation, not {type(lookup).__name__}",
                hint="Write prefetch_related('authors').",
            )
        if queryset is not None and not _gives_objects(queryset):
            raise QueryError(
                f"the queryset of Prefetch('{lookup}') must give objects,"
                " not values, raw rows or anything else",
                hint="Leave values(), values_list() and raw() away; use only() to read less.",
            )
        if to_attr is not None and to_attr and (not is_spelled(to_attr) or "__" in to_attr):
            raise QueryError(
                f"to_attr of Prefetch('{lookup}') must be the name of an attribute",
                hint="Write letters, digits and single underscores.",
            )
        self.prefetch_through = lookup
        self.prefetch_to = lookup
        if to_attr:
            before, _, _ = lookup.rpartition("__")
            self.prefetch_to = f"{before}__{to_attr}" if before else to_attr
        self.queryset = queryset
        self.to_attr = to_attr

    def below(self, prefix: str) -> Prefetch:
        """Return the same lookup, started from objects that ``prefix`` leads to."""
        new = object.__new__(type(self))
        new.prefetch_through = f"{prefix}__{self.prefetch_through}"
        new.prefetch_to = f"{prefix}__{self.prefetch_to}"
        new.queryset, new.to_attr = self.queryset, self.to_attr
        return new

    def queryset_at(self, level: int) -> Any:
        """The queryset for one part of the way: the given one at the end, else None."""
        return self.queryset if level == self.prefetch_through.count("__") else None

    def name_at(self, level: int) -> str:
        """The part of the way that objects are kept under."""
        return self.prefetch_to.split("__")[level]

    def path_to(self, level: int) -> str:
        """The way up to and with one part."""
        return "__".join(self.prefetch_to.split("__")[: level + 1])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Prefetch) and self.prefetch_to == other.prefetch_to

    def __hash__(self) -> int:
        return hash(self.prefetch_to)

    def __repr__(self) -> str:
        return f"<Prefetch: {self.prefetch_to!r}>"


def _gives_objects(queryset: Any) -> bool:
    return isinstance(queryset, Recording) and queryset.branch.objects


def as_prefetch(lookup: Any, prefix: str | None = None) -> Prefetch:
    """Return a name or a ``Prefetch`` as a ``Prefetch``."""
    found = lookup if isinstance(lookup, Prefetch) else Prefetch(lookup)
    return found.below(prefix) if prefix else found
