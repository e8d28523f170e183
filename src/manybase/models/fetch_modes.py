"""Fetch modes at work: load for one object, for all objects of its query, or not at all.

A queryset calls ``mark`` with the objects that it read; the descriptors of relations and of
deferred fields ask here before they send a query. The mode of the queryset counts first, then that
of the relation, then the setting ``FETCH_MODE``. Objects hold each other weakly.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from typing import Any

from manybase.conf import settings, subscribe
from manybase.errors import FieldFetchBlocked
from manybase.meta.epoch import epoch
from manybase.meta.fetch_mode import (
    FETCH_ONE,
    FETCH_PEERS,
    FETCH_RAISE,
    FetchMode,
    as_mode,
)
from manybase.meta.registry import registry
from manybase.ops.deferred import load_field
from manybase.ops.prefetch import prefetch
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync

__all__ = [
    "FETCH_ONE",
    "FETCH_PEERS",
    "FETCH_RAISE",
    "FetchMode",
    "grouped",
    "mark",
]

GROUP = "_fetch_group"
"""The attribute of an object that keeps its group."""


class Group:
    """The objects of one query.

    Args:
        mode: What the queryset asked for; None where it said nothing.
        objects: The objects.
    """

    __slots__ = ("_members", "mode")

    def __init__(self, mode: FetchMode | None, objects: Iterable[Any] = ()) -> None:
        self.mode = mode
        self._members = [weakref.ref(obj) for obj in objects]

    def members(self, asked: Any) -> list[Any]:
        """The objects that are still there, the one that was asked among them."""
        found = [obj for ref in self._members if (obj := ref()) is not None]
        found = [obj for obj in found if type(obj) is type(asked) and obj._origin.stored]
        return found if any(obj is asked for obj in found) else [asked, *found]

    def __reduce__(self) -> Any:
        # A pickled object leaves the others behind; what was asked for stays with it.
        return (Group, (self.mode,))


def mark(objects: Sequence[Any], mode: FetchMode | None = None) -> None:
    """Let objects know the others that were read with them, joined ones too.

    Args:
        objects: Model instances that one query gave.
        mode: What the queryset asked for, or None.
    """
    by_model: dict[type, dict[int, Any]] = {}
    waiting = list(objects)
    while waiting:
        joined: list[Any] = []
        for obj in waiting:
            model = type(obj)
            known = by_model.get(model)
            if known is None:
                known = by_model[model] = {}
            if id(obj) not in known:
                known[id(obj)] = obj
                joined.extend(_joined(obj, model))
        waiting = joined
    for model, found in by_model.items():
        if mode is not None or grouped(model):
            group = Group(mode, found.values())
            for obj in found.values():
                obj.__dict__[GROUP] = group


def _joined(obj: Any, model: Any) -> Iterable[Any]:
    """The objects that came with an object's own row."""
    values = obj.__dict__
    for field in model._meta.concrete_fields:
        if field.is_relation:
            found = values.get(field.cache_name)
            if found is not None and found._origin.stored and GROUP not in found.__dict__:
                yield found


_grouped: dict[Any, tuple[int, bool]] = {}


def grouped(model: Any) -> bool:
    """Whether objects must know each other though their queryset says nothing."""
    known = _grouped.get(model)
    if known is None or known[0] != registry.generation:
        asked = [_option(field) for field in model._meta.fields]
        known = _grouped[model] = (
            registry.generation,
            default() is FETCH_PEERS or FETCH_PEERS in asked,
        )
    return known[1]


def _option(field: Any) -> FetchMode | None:
    mode: FetchMode | None = getattr(field, "fetch_mode", None)
    return mode


def default() -> FetchMode:
    """The mode of the setting ``FETCH_MODE``."""
    return as_mode(settings.FETCH_MODE, "the setting 'FETCH_MODE'") or FETCH_ONE


def _changed(name: str) -> None:
    if name == "FETCH_MODE":
        _grouped.clear()
        epoch.turn()


subscribe(_changed)


def _peers(obj: Any, name: str, option: FetchMode | None, explicit: bool) -> list[Any] | None:
    """The objects to load for; None for the one alone.

    Raises:
        FieldFetchBlocked: Nothing is to be loaded unasked.
    """
    group: Group | None = obj.__dict__.get(GROUP)
    mode = (group.mode if group is not None else None) or option or default()
    if mode is FETCH_RAISE and not explicit:
        raise FieldFetchBlocked(
            f"'{name}' of this '{type(obj)._meta.label}' was not loaded, and its fetch mode is"
            " FETCH_RAISE",
            hint=f"Load it with the object: select_related('{name}'), prefetch_related('{name}')"
            f" or only('{name}', ...).",
        )
    if mode is not FETCH_PEERS or group is None:
        return None
    peers = group.members(obj)
    return peers if len(peers) > 1 else None


def fetch_relation(obj: Any, name: str, cache_name: str, option: FetchMode | None) -> bool:
    """Load a relation for all objects of the query, where the mode says so.

    Raises:
        FieldFetchBlocked: The mode is ``FETCH_RAISE``.
    """
    peers = _peers(obj, name, option, False)
    if peers is None:
        return False
    run_sync(prefetch(sync, peers, [name]))
    _pass_on(peers, cache_name, obj)
    return True


async def afetch_relation(obj: Any, name: str, cache_name: str, option: FetchMode | None) -> bool:
    """Load a relation as ``fetch_relation`` does; what is awaited was asked for, never raises."""
    peers = _peers(obj, name, option, True)
    if peers is None:
        return False
    await prefetch(aio, peers, [name])
    _pass_on(peers, cache_name, obj)
    return True


def fetch_field(obj: Any, field: Any) -> bool:
    """Load a deferred field for all objects of the query, where the mode says so.

    Raises:
        FieldFetchBlocked: The mode is ``FETCH_RAISE``.
    """
    peers = _peers(obj, field.name, None, False)
    if peers is None:
        return False
    run_sync(load_field(sync, peers, field))
    return field.attname in obj.__dict__


async def afetch_field(obj: Any, field: Any) -> bool:
    """Load a deferred field as ``fetch_field`` does; what is awaited never raises."""
    peers = _peers(obj, field.name, None, True)
    if peers is None:
        return False
    await load_field(aio, peers, field)
    return field.attname in obj.__dict__


def _pass_on(owners: Iterable[Any], cache_name: str, obj: Any) -> None:
    """Make a group of the objects that were found, with the mode of their owners."""
    found = [one for owner in owners if (one := owner.__dict__.get(cache_name)) is not None]
    mark(found, obj.__dict__[GROUP].mode)


def pass_on(obj: Any, found: Any) -> None:
    """Give the one object that a relation led to the mode of the object that was asked."""
    group: Group | None = obj.__dict__.get(GROUP)
    if group is not None and group.mode is not None and found is not None:
        found.__dict__.setdefault(GROUP, Group(group.mode, [found]))
