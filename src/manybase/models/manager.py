"""Managers: where a model's queries begin. ``Book.objects`` is one.

A manager makes a queryset and forwards the queryset's methods to it; it keeps no rows and decides
no database. Called by programs, the metaclass and the related managers.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Self, overload

from manybase.models.queryset import QuerySet
from manybase.models.queryset.base import M
from manybase.models.queryset.read import read_known
from manybase.query.branch import roots
from manybase.query.record import record_filter
from manybase.query.state import ANYWHERE, Placement
from manybase.routing import decision
from manybase.routing.block import current_block
from manybase.routing.topology import topology

if TYPE_CHECKING:
    from manybase.models.manager_methods import QuerySetMethods

_NOT_FORWARDED = frozenset({"as_manager", "delete", "adelete", "query", "ordered"})
_counter = 0


class BaseManager(Generic[M]):
    """A manager without methods of a queryset; ``Manager`` has them."""

    _queryset_class: type[QuerySet[Any]] = QuerySet
    #: Whether nothing of the program stands between its calls and the queryset's own.
    _plain = False
    __slots__ = ("__dict__", "__weakref__", "_asked_of", "_start")
    _start: Any
    """All rows, as a queryset that others are made from; no part of what the manager is."""
    _asked_of: dict[Any, Any]
    use_in_migrations = False
    auto_created = False
    model: Any
    name: str

    def __init__(self) -> None:
        self._count()
        self._db: str | None = None
        self._hints: Mapping[str, Any] = {}
        self.model = None
        self.name = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        rows = cls._queryset_class
        cls._plain = (
            cls.get_queryset is BaseManager.get_queryset
            and (rows.filter, rows.get) == (QuerySet.filter, QuerySet.get)
            and rows.__init__ is QuerySet.__init__
            and rows._next_is_sticky is QuerySet._next_is_sticky
        )

    def _count(self) -> None:
        global _counter
        _counter += 1
        self.creation_counter = _counter

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Become the manager ``name`` of a model; called by the metaclass."""
        self.name = self.name or name
        self.model = cls
        cls._meta.local_managers.append(self)
        setattr(cls, name, ManagerDescriptor(self))

    @classmethod
    def from_queryset(
        cls, queryset_class: type[QuerySet[Any]], class_name: str | None = None
    ) -> Any:
        """Return a manager class that has the queryset's methods besides its own."""
        name = class_name or f"{cls.__name__}From{queryset_class.__name__}"
        methods = _forwarders(queryset_class, cls)
        return type(name, (cls,), {"_queryset_class": queryset_class, **methods})

    def _bound_to(self, model: Any) -> Self:
        """Return this manager for a class that inherits it."""
        if model is self.model:
            return self
        new = type(self).__new__(type(self))
        new.__dict__.update(self.__dict__)
        new.model = model
        return new

    def db_manager(self, using: str | None = None, hints: Mapping[str, Any] | None = None) -> Self:
        """Return the manager placed on a database; its own methods work there too."""
        if using is not None:
            topology().check(using)
        new = type(self).__new__(type(self))
        new.__dict__.update(self.__dict__)
        new._db = using or self._db
        new._hints = hints or self._hints
        return new

    @property
    def db(self) -> str:
        """The alias that its queries would be read from, were they run now."""
        return decision.read(self.model, self._db, None, self._hints)

    @property
    def _asked(self) -> dict[Any, Any]:
        """What the prefetched results of a relation have in common; kept by ``related``."""
        try:
            return self._asked_of
        except AttributeError:
            self._asked_of = {}
            return self._asked_of

    def get_queryset(self) -> QuerySet[M]:
        """Return a new queryset; override it to restrict what the manager sees."""
        return self._queryset_class(self.model, None, self._db, self._hints)

    def all(self) -> QuerySet[M]:
        """Return all rows as a queryset."""
        return self.get_queryset()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()  # without the slot: pickling a queryset would run it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BaseManager) and (
            type(self) is type(other) and self.__dict__ == other.__dict__
        )

    __hash__ = object.__hash__

    def __str__(self) -> str:
        label = self.model._meta.label if self.model is not None else "(no model)"
        return f"{label}.{self.name}"


def _forwarders(queryset_class: type, manager_class: type) -> dict[str, Any]:
    found = {}
    for name, method in inspect.getmembers(queryset_class, inspect.isfunction):
        wanted = getattr(method, "queryset_only", None)
        if wanted or (wanted is None and (name.startswith("_") or name in _NOT_FORWARDED)):
            continue
        if not hasattr(manager_class, name):
            found[name] = _forwarder(name, method)
    return found


def _forwarder(name: str, method: Any) -> Any:
    @functools.wraps(method)
    def forward(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.get_queryset(), name)(*args, **kwargs)

    return forward


if TYPE_CHECKING:

    class Manager(BaseManager[M], QuerySetMethods[M]):
        """What ``objects`` is: a manager with the methods of a queryset."""

else:

    class KnownCalls(BaseManager):
        """The calls that programs make most, on a shorter way where they were made before."""

        def filter(self, /, *args, **kwargs):
            """See ``QuerySet.filter``."""
            if not self._plain:
                return self.get_queryset().filter(*args, **kwargs)
            try:
                start = self._start
            except AttributeError:
                start = self._begun()
            if start.branch is not roots.get(self.model) or (
                (start._placement is not ANYWHERE or self._db is not None)
                and start.placed_on is not self._db
            ):
                start = self._begun()
            known = None if args else start.branch.known.get((*kwargs, *map(type, kwargs.values())))
            if known is not None:
                found = start._moved(known, tuple(kwargs.values()))
            else:
                found = record_filter(start, args, kwargs)
                if found._placement is not ANYWHERE:
                    found._checked()
            block = current_block()
            if block is not None:
                found.block = block
            return found

        def using(self, alias):
            """See ``QuerySet.using``."""
            if not self._plain or self._db is not None or current_block() is not None:
                return self.get_queryset().using(alias)
            try:
                start = self._start
            except AttributeError:
                start = self._begun()
            if start._placement is not ANYWHERE or start.branch is not roots.get(self.model):
                start = self._begun()
            return start.using(alias)

        def _begun(self):
            """Make the queryset that the next calls begin with, too."""
            start = self.get_queryset()
            start.block = None
            self._start = start  # the last: other threads begin with it
            return start

        def get(self, /, *args, **kwargs):
            """See ``QuerySet.get``."""
            if self._plain and not args:
                start = roots.get(self.model)
                known = start and start.known.get((*kwargs, *map(type, kwargs.values())))
                if known is not None:
                    db, hints = self._db, self._hints
                    place = Placement(db, hints=hints) if db or hints else ANYWHERE
                    found = read_known(known, tuple(kwargs.values()), self.model, place)
                    if found is not None:
                        if len(found) == 1:
                            return found[0]
                        raise self.get_queryset()._not_one(len(found))
            return self.get_queryset().get(*args, **kwargs)

    class Manager(KnownCalls.from_queryset(QuerySet), Generic[M]):
        """What ``objects`` is: a manager with the methods of a queryset."""


QuerySet._manager_class = Manager


class ManagerDescriptor:
    """Gives a manager on the class, for each class that inherits it, and none on instances."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager
        self._owner: Any = None  # the manager's model, once it is known to have a table
        self._copies: dict[Any, Any] = {}

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[M]) -> Manager[M]: ...
        @overload
        def __get__(self, instance: object, owner: type[Any]) -> object: ...
        def __get__(self, instance: object, owner: Any) -> Any: ...

    else:

        def __get__(self, instance, owner):
            if owner is self._owner and instance is None:
                return self.manager
            if instance is not None:
                raise AttributeError(
                    f"manager '{self.manager.name}' is not accessible through"
                    f" '{owner.__name__}' instances; use {owner.__name__}.{self.manager.name}"
                )
            meta = owner._meta
            if meta.swappable is not None:
                _refuse_swapped(meta)
            if owner is self.manager.model and not meta.abstract:
                self._owner = None if meta.swappable is not None else owner
                return self.manager
            found = self._copies.get(owner)
            if found is None:
                found = self._copies[owner] = self._copy_for(owner)
            return found

    def _copy_for(self, owner: Any) -> Any:
        meta = owner._meta
        if meta.abstract:
            raise AttributeError(
                f"manager isn't available; '{owner.__name__}' is abstract and has no table"
            )
        return meta.managers_by_name[self.manager.name]._bound_to(owner)


def _refuse_swapped(meta: Any) -> None:
    if meta.swapped is not None:
        raise AttributeError(
            f"manager isn't available; '{meta.label}' is swapped for '{meta.swapped}'"
        )


class EmptyManager(Manager[M]):
    """A manager of no objects, as for the groups of somebody who is not logged in.

    Args:
        model: The model.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def get_queryset(self) -> QuerySet[M]:
        return super().get_queryset().none()


__all__ = ["BaseManager", "EmptyManager", "Manager", "ManagerDescriptor"]
