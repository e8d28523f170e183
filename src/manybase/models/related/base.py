"""What the managers of relations share: an owner, the relation, and the target's own manager.

A related manager is of the class of the related model's default manager as well, so that methods
of the program's managers work on it. One class is made for each pair and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from manybase.models.related.sources import PREFETCHED, Found

if TYPE_CHECKING:
    from manybase.models.manager import Manager

    M = TypeVar("M")

    class Base(Manager[M]):
        """At run time the related model's own manager class stands here."""

else:
    M = TypeVar("M")

    class Base(Generic[M]):
        """At run time the related model's own manager class follows in the order of bases."""


Values = Mapping[str, Any] | None


def given(values: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Return keywords for a program's own method: options left out stay out."""
    return {**values, **{name: value for name, value in options.items() if value is not None}}


def plainly(kind: type, manager: Any) -> Any:
    """A related manager as the program's own manager, for calls that must not be repeated here."""
    return super(kind, manager)


_combined: dict[tuple[type, type], type] = {}


def combined(kind: type, manager_class: type) -> Any:
    """Return the class that is both a kind of related manager and the program's manager."""
    key = (kind, manager_class)
    found = _combined.get(key)
    if found is None:
        found = _combined[key] = type(
            kind.__name__,
            (kind, manager_class),
            {"__module__": kind.__module__, "__doc__": kind.__doc__, "_kind": kind},
        )
    return found


class RelatedBase(Base[M]):
    """A manager of the objects related to one object, its owner."""

    _owner: Any
    _accessor: str
    _kind: Any

    @classmethod
    def bind(cls, manager: Any, owner: Any, accessor: str, **attributes: Any) -> Self:
        """Make the manager of one object's relation.

        Args:
            manager: The related model's default manager.
            owner: The object.
            accessor: The attribute's name.
            attributes: What the kind of manager needs to know besides.
        """
        kind = combined(cls, type(manager))
        new: Self = kind.__new__(kind)
        new.__dict__.update(manager.__dict__)
        new.__dict__.update(attributes)
        new._owner = owner
        new._accessor = accessor
        new._db = None
        new._hints = {"instance": owner}
        return new

    def __call__(self, *, manager: str) -> Self:
        """Use another manager of the related model: ``person.books(manager="published")``."""
        chosen = getattr(self.model, manager)
        kind = combined(self._kind, type(chosen))
        new: Self = kind.__new__(kind)
        new.__dict__.update(chosen.__dict__)
        kept = ("_owner", "_accessor", "_db", "_hints", "_field", "_reverse", "_ends")
        new.__dict__.update((k, v) for k, v in self.__dict__.items() if k in kept)
        return new

    @property
    def _label(self) -> str:
        return f"{type(self._owner)._meta.label}.{self._accessor}"

    def _results(self) -> Any:
        """The queryset with results that ``prefetch_related`` left, if it is of this place."""
        kept = self._owner.__dict__.get(PREFETCHED)
        if kept is None or (found := kept.get(self._accessor)) is None:
            return None
        if isinstance(found, Found):
            queryset = self._owned(found.queryset)
            queryset._set_results(list(found))
            found = kept[self._accessor] = queryset
        if self._db is not None and found.db != self._db:
            return None
        return found

    def _forget(self) -> None:
        """Drop prefetched results: they are about to be wrong."""
        kept = self._owner.__dict__.get(PREFETCHED)
        if kept is not None:
            kept.pop(self._accessor, None)

    def get_queryset(self) -> Any:
        """Return the related objects as a queryset, with prefetched results if there are any."""
        found = self._results()
        return self._owned(None) if found is None else found

    def _owned(self, queryset: Any) -> Any:
        """Return a queryset, the manager's own where None is given, of the related objects."""
        if queryset is None:
            queryset = super().get_queryset()
        else:
            queryset = queryset._chain()
            queryset.hints = {**(queryset.hints or {}), "instance": self._owner}
        return self._restrict(queryset)

    def _restrict(self, queryset: Any) -> Any:
        raise NotImplementedError
