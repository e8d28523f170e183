"""What the managers of relations share: an owner, the relation, and the target's own manager.

A related manager is of the class of the related model's default manager as well, so that methods
of the program's managers work on it. One class is made for each pair and kept.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

from manybase.models.manager import BaseManager
from manybase.models.related.revive import Found, forget, keep, kept, quick_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manybase.models.manager import Manager

    M = TypeVar("M")

    class Base(Manager[M]):
        """At run time the related model's own manager class stands here."""

        # For the annotation of a relation's far end; ``fields.many`` says the same of its own.
        @overload
        def __get__(self, instance: None, owner: type) -> type[M]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> Self: ...
        def __get__(self, instance: Any, owner: type) -> Any: ...

        def __set__(self, instance: Any, value: Iterable[M] | Self) -> None: ...

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


class OwnerHint:
    """What routers are told by a related manager that was given no hints; made when asked for."""

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else {"instance": instance._owner}


class Held:
    """Gives the value that it was made with, as it is, to whoever reads the attribute."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self.value


class Unplaced:
    """The database that managers of a quick kind are placed on: none.

    One that is given a database becomes a manager of the general kind, whose calls look at it.

    Args:
        kind: The general kind.
    """

    __slots__ = ("kind",)

    def __init__(self, kind: Any) -> None:
        self.kind = kind

    def __get__(self, instance: Any, owner: Any = None) -> None:
        return None

    def __set__(self, instance: Any, alias: str | None) -> None:
        if alias is not None:
            instance.__class__ = self.kind
            instance._db = alias


class RelatedBase(Base[M]):
    """A manager of the objects related to one object, its owner."""

    _owner: Any
    _hints: Any = OwnerHint()
    _accessor: str
    _kind: Any
    _manager_is_plain = False
    _own_key: str | None = None  # the owner's attribute that its related objects are found by
    _own_cache: str | None = None  # where they keep their owner

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
        new.__dict__.pop("_hints", None)
        new._owner = owner
        new._accessor = accessor
        new._db = None
        return new

    @classmethod
    def bound_kind(cls, manager: Any, accessor: str, **attributes: Any) -> Any:
        """Make the class of the managers of one relation; ``_owner`` is missing.

        What does not depend on the owner is on the class, so that a manager is cheap to make.
        """
        kind = combined(cls, type(manager))
        shared = {**manager.__dict__, **attributes, "_accessor": accessor, "_db": None}
        shared.pop("_hints", None)
        for name, value in shared.items():
            if hasattr(type(value), "__get__"):  # a class would make a method of a function
                shared[name] = Held(value)
        named = {
            "__module__": cls.__module__,
            "__doc__": cls.__doc__,
            "__init__": object.__init__,  # all that the program's would do was done
        }
        shared["_manager_is_plain"] = type(manager).get_queryset is BaseManager.get_queryset
        bound: Any = type(kind.__name__, (kind,), {**named, **shared})
        key = attributes.get("_own_key")
        if kind.all is BaseManager.all and key is not None and key.isidentifier():
            quick = {"all": quick_all(accessor, key, bound.get_queryset), "_db": Unplaced(bound)}
            return type(kind.__name__, (bound,), {**named, **quick})
        return bound

    def __call__(self, *, manager: str) -> Self:
        """Use another manager of the related model: ``person.books(manager="published")``."""
        chosen = getattr(self.model, manager)
        kind = combined(self._kind, type(chosen))
        new: Self = kind.__new__(kind)
        new.__dict__.update(chosen.__dict__)
        kept = ("_owner", "_accessor", "_db", "_hints", "_field", "_reverse", "_ends")
        new.__dict__.update((k, getattr(self, k)) for k in kept if hasattr(self, k))
        return new

    @property
    def _label(self) -> str:
        return f"{type(self._owner)._meta.label}.{self._accessor}"

    def _revived(self, found: Found) -> Any:
        """Make a queryset of prefetched results, the long way."""
        asked = found.asked
        queryset = self._owned(asked.queryset)
        queryset._cache = found
        queryset._prefetched = True
        name = None if "_hints" in self.__dict__ else self._own_key
        if name is not None and not queryset.is_sliced and self._is_pattern(asked.queryset):
            asked.learn(queryset, getattr(self._owner, name), self._own_cache)
        return queryset

    def _is_pattern(self, given: Any) -> bool:
        """Whether the querysets of two owners differ in what belongs to the owner only."""
        return self._manager_is_plain if given is None else not given.hints

    def _forget(self) -> None:
        """Drop prefetched results: they are about to be wrong."""
        forget(self._owner, self._accessor)

    def get_queryset(self) -> Any:
        """Return the related objects as a queryset, with prefetched results if there are any."""
        owner, name = self._owner, self._accessor
        found = kept(owner, name)
        if found is None:
            return self._owned(None)
        if self._db is not None:  # the results are of the owner's database, or of a Prefetch's
            found = self._unplaced().get_queryset()
            return found if found.db == self._db else self._owned(None)
        if type(found) is Found:
            # A quick one is not kept: it would tie owner and results in a circle.
            made = found.asked.revived(found, owner, self._own_key)
            if made is None:
                made = self._revived(found)
                keep(owner, name, made)
            found = made
        return found

    def _unplaced(self) -> Self:
        """The manager as the owner has it."""
        new: Self = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.__dict__.pop("_hints", None)
        new._db = None
        return new

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


class ManagerAccess:
    """What the descriptors of relations to many share: a manager for each object that is asked."""

    _general: Any  # the descriptor's own class, before it takes the short way
    _is_short = False

    def __init_subclass__(cls) -> None:
        if not cls._is_short:
            cls._general = cls

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self._from_class(owner)
        bound = self.__dict__.get("_bound")
        if bound is None or not bound[0]:
            known, kind = self._bind()
            bound = self._bound = (known, _maker(kind))
            if self._general.__get__ is ManagerAccess.__get__:
                self.__class__ = _short_way(self._general, *bound)
        made = bound[1]()
        made._owner = instance
        return made

    def __set__(self, instance: Any, value: Iterable[Any]) -> None:
        self.__get__(instance).set(value)

    def _from_class(self, owner: Any) -> Any:
        """What the attribute is on the class."""
        raise NotImplementedError

    def _bind(self) -> tuple[Any, Any]:
        """What is emptied when managers change, and the managers' class."""
        raise NotImplementedError


def _maker(kind: Any) -> Callable[[], Any]:
    """What makes an instance; calling the class costs half of ``object.__new__``."""
    return kind if kind.__new__ is object.__new__ else functools.partial(object.__new__, kind)


def _short_way(general: Any, known: Any, make: Callable[[], Any]) -> Any:
    """The class of descriptors that give managers of one kind, as long as managers are known."""

    def get(self: Any, instance: Any, owner: Any = None) -> Any:
        if known and instance is not None:
            made = make()
            made._owner = instance
            return made
        return general.__get__(self, instance, owner)

    attributes = {"__get__": get, "__module__": general.__module__, "__doc__": general.__doc__}
    return type(general.__name__, (general,), {**attributes, "_is_short": True})
