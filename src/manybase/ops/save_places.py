"""Where a save goes, and what may not go there.

The rules of the design's "Crossing": an object that is stored elsewhere is only ever inserted,
and nothing may point from one database at an object of another. Asks routing, runs at most one
lookup of keys.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import CrossDatabaseError
from manybase.ops import fetch
from manybase.query.expressions import Expression
from manybase.query.record import record_filter
from manybase.query.recorder import Recorder
from manybase.query.state import Recording
from manybase.routing import decision, provenance
from manybase.routing.router import router
from manybase.routing.topology import same_set, topology

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """Where a save goes.

    Args:
        alias: The database.
        crossing: Whether the program named it for an object that is stored elsewhere.
    """

    alias: str
    crossing: bool = False


Related = list[tuple[Any, Any]]


def decide(obj: Any, related: Related, using: str | None, copy: bool) -> Place:
    """Return where an object is saved, after checking that it may be.

    Args:
        obj: The object; an untied one follows its tied relations.
        related: Its relations with the objects that are loaded.
        using: The database that the program names.
        copy: Whether an object of another database may be written there.

    Raises:
        CrossDatabaseError: Its relations belong to two places, or to another than the save's.
    """
    cls = type(obj)
    if using is not None:
        alias = decision.write(cls, using)
        mark = obj._origin
        crossing = mark.stored and mark.alias is not None and not same_set(mark.alias, alias)
        if not copy:
            _check_relations(obj, related, alias)
            if crossing:
                _check_keys(obj, alias)
        return Place(alias, crossing)
    if related and obj._origin.alias is None:
        _follow(obj, related)
    if not router.routers:
        own = obj._origin.alias
        alias = decision.write(cls) if own is None else topology().primary(own)
        if related and not copy:
            _check_relations(obj, related, alias)
        return Place(alias)
    route = decision.write_route(cls, None, {"instance": obj})
    if not route.by_router and not copy:
        _check_relations(obj, related, route.alias)
    return Place(route.alias)


def check_expressions(obj: Any, alias: str, fields: Iterable[Any]) -> None:
    """Refuse expressions over values of another database, before anything is written.

    Args:
        obj: The object that holds them.
        alias: Where it is about to be written.
        fields: The fields that are written.

    Raises:
        CrossDatabaseError: An expression holds an object or a queryset of another database.
    """
    values = obj.__dict__
    for field in fields:
        value = values.get(field.attname)
        if isinstance(value, Expression):
            recorder = Recorder(Recording(type(obj)))
            recorder.expression(value)
            provenance.check_values(recorder.places, alias, type(obj))


def related_objects(obj: Any) -> Related:
    """The relations of an object whose far object is loaded, with that object."""
    values = obj.__dict__
    found = []
    for field, cache_name in relations_of(type(obj)._meta):
        related = values.get(cache_name)
        if related is not None and hasattr(related, "_origin"):
            found.append((field, related))
    return found


def relations_of(meta: Any) -> tuple[tuple[Any, str], ...]:
    """The relations to one object with the attribute that keeps it, worked out once."""
    source = (meta.concrete_fields, meta.all_private_fields)
    known = meta.__dict__.get("_save_relations")
    if known is None or known[0] is not source[0] or known[1] is not source[1]:
        keys = [field for field in source[0] if field.is_relation]
        private = [field for field in source[1] if hasattr(field, "cache_name")]
        relations = tuple((field, field.cache_name) for field in [*keys, *private])
        known = meta.__dict__["_save_relations"] = (*source, relations)
    found: tuple[tuple[Any, str], ...] = known[2]
    return found


def _follow(obj: Any, relations: Related) -> None:
    """Let an untied object adopt the place of its tied relations."""
    first: tuple[Any, Any] | None = None
    for field, related in relations:
        place = related._origin.alias
        if place is None:
            continue
        if first is None:
            first = (field, related)
        elif not same_set(first[1]._origin.alias, place):
            raise CrossDatabaseError(
                f"cannot save a '{type(obj)._meta.label}': its '{first[0].name}' is of database"
                f" '{first[1]._origin.alias}' and its '{field.name}' of database '{place}'",
                hint="Take both from the same database.",
            )
    if first is not None:
        provenance.adopt(obj, first[1])


def _check_relations(obj: Any, relations: Related, alias: str) -> None:
    for field, related in relations:
        if getattr(field, "cross_database", False):
            continue
        if not provenance.may_meet(related, alias, type(obj)):
            raise CrossDatabaseError(
                f"cannot save a '{type(obj)._meta.label}' on database '{alias}':"
                f" its '{field.name}' is an object of database '{related._origin.alias}'",
                hint=f"Assign an object of '{alias}': {type(related).__name__}.objects"
                f".using('{alias}').get(...); or save on '{related._origin.alias}'.",
            )


def _check_keys(obj: Any, alias: str) -> None:
    """Refuse keys that were read from another database and point at nothing known here."""
    values = obj.__dict__
    for field in type(obj)._meta.concrete_fields:
        if not field.is_relation or field.remote_field.parent_link:
            continue
        if getattr(field, "cross_database", False) or getattr(obj, field.attname) is None:
            continue
        related = values.get(field.cache_name)
        if related is None or not provenance.may_meet(related, alias, type(obj)):
            raise CrossDatabaseError(
                f"cannot save a '{type(obj)._meta.label}' of database '{obj._origin.alias}' on"
                f" database '{alias}': its '{field.attname}' is a key of"
                f" '{obj._origin.alias}'",
                hint=f"Assign obj.{field.name} an object of '{alias}' first, or write"
                f" save(using='{alias}', copy=True).",
            )


def only_inserts(obj: Any, place: Place) -> CrossDatabaseError:
    """The error for an update that is asked for on a database that is not the object's."""
    return CrossDatabaseError(
        f"cannot update a '{type(obj)._meta.label}' on database '{place.alias}': it is stored on"
        f" database '{obj._origin.alias}'",
        hint=f"Fetch the object from '{place.alias}', or write"
        f" save(using='{place.alias}', copy=True).",
    )


async def refuse_taken_keys(executor: Executor, obj: Any, place: Place) -> None:
    """Refuse a save that would meet a row of the object's key on the other database.

    Raises:
        CrossDatabaseError: Such a row is there; nothing has been written.
    """
    concrete = type(obj)._meta.concrete_model
    for model in (concrete, *concrete._meta.get_parent_list()):
        key = getattr(obj, model._meta.pk.attname)
        if key is None:
            continue
        rows = record_filter(Recording(model), (), {"pk": key})
        if await fetch.exists(executor, rows, place.alias):
            raise CrossDatabaseError(
                f"cannot save a '{type(obj)._meta.label}' of database '{obj._origin.alias}' on"
                f" database '{place.alias}': a row with its key is already there",
                hint=f"Write save(using='{place.alias}', copy=True) to overwrite it, or set"
                " obj.pk = None to insert a new row.",
            )
