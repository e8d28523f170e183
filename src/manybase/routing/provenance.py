"""What may meet what: objects in a relation, values in a query, a row and the place of its save.

Reads the places of objects, adopts untied ones, asks the routers' ``allow_relation`` and raises
``CrossDatabaseError`` before anything is written. Runs no query.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manybase.errors import CrossDatabaseError
from manybase.meta.origin import origin
from manybase.query.state import Placed
from manybase.routing.router import router
from manybase.routing.topology import same_set, topology


def meet(value: Any, instance: Any, relation: Any) -> None:
    """Let a value become related to an object; both may be untied.

    An untied one adopts the write place of the other; nothing is saved. Two untied objects stay
    untied.

    Args:
        value: The object that is assigned or added.
        instance: The object that owns the attribute.
        relation: The field, or the relation seen from its target.

    Raises:
        CrossDatabaseError: They belong to two databases, or a router forbids the relation.
    """
    theirs, ours = value._origin.alias, instance._origin.alias
    if ours is None and theirs is not None:
        ours = adopt(instance, value)
    elif theirs is None and ours is not None:
        theirs = adopt(value, instance)
    if getattr(relation, "cross_database", False):
        return
    if router.routers:
        if not router.allow_relation(value, instance):
            raise _refused(value, instance, relation)
    elif ours != theirs and not same_set(ours, theirs):
        raise _refused(value, instance, relation)


def adopt(untied: Any, tied: Any) -> str:
    """Give an untied object the place that writes from the tied one would go to; return it."""
    place = tied._origin.alias
    if place is None or router.routers:
        alias = router.db_for_write(type(untied), instance=tied)
    else:  # what the rules come to where there are no routers
        databases = topology()
        alias = databases.primary(databases.check(place))
    untied._origin = origin(alias, False)
    return alias


def same_place(obj: Any, alias: str | None) -> bool:
    """Whether an object belongs to this database, or to a copy of the same data."""
    return same_set(obj._origin.alias, alias)


def may_meet(value: Any, alias: str, model: Any) -> bool:
    """Whether an object may be a value in a statement of a model on a database.

    The routers are asked with a stand-in of the model that is tied to the database, and only if
    the places differ. An untied value may meet any place.
    """
    place = value._origin.alias
    if place is None or same_set(place, alias):
        return True
    return bool(router.routers) and router.allow_relation(value, stand_in(model, alias))


def stand_in(model: Any, alias: str) -> Any:
    """Make an empty object of a model, tied to a database, to ask the routers with."""
    empty = model.__new__(model)
    empty._origin = origin(alias, False)
    return empty


def check_values(places: Mapping[str, Placed], alias: str, model: Any) -> None:
    """Check the values of a queryset against the database that it runs on.

    Args:
        places: For each alias met a value of it, with its description.
        alias: Where the statement is about to run.
        model: The queryset's model.

    Raises:
        CrossDatabaseError: A value belongs to another database.
    """
    for place, first in places.items():
        if place == alias or same_set(place, alias):
            continue
        for met in (first, *first.more):
            value = met.value
            is_object = hasattr(value, "_origin") and not isinstance(value, type)
            allowed = is_object and router.routers
            if allowed and router.allow_relation(value, stand_in(model, alias)):
                continue
            raise CrossDatabaseError(
                f"a query of '{model._meta.label}' on database '{alias}' was given"
                f" {met.description} of database '{place}'",
                hint=f"Run the query with .using('{place}'), or give it a value of '{alias}';"
                " a raw key says that only the number counts.",
            )


def check_place(obj: Any, alias: str, verb: str) -> None:
    """Refuse work on a stored object at a database that is not its own.

    Args:
        obj: The object.
        alias: The database that was named.
        verb: What was asked for, as it stands in the message: ``"delete"``.

    Raises:
        CrossDatabaseError: The object is stored elsewhere.
    """
    mark = obj._origin
    if mark.stored and mark.alias is not None and not same_set(mark.alias, alias):
        raise CrossDatabaseError(
            f"cannot {verb} a '{type(obj)._meta.label}' on database '{alias}':"
            f" it is stored on database '{mark.alias}'",
            hint=f"Leave using='{alias}' away, or fetch the object there with"
            f" {type(obj).__name__}.objects.using('{alias}').get(...).",
        )


check_write = check_place


def _refused(value: Any, instance: Any, relation: Any) -> CrossDatabaseError:
    theirs, ours = value._origin.alias, instance._origin.alias
    label = type(value)._meta.label
    where = f"'{type(instance)._meta.label}.{_name(relation)}'"
    if theirs == ours:
        return CrossDatabaseError(
            f"cannot relate a '{label}' to {where}: the current database router prevents this"
            f" relation (instance and value are on database {ours!r})",
            hint="Let a router's allow_relation() return True for these objects.",
        )
    return CrossDatabaseError(
        f"cannot relate a '{label}' to {where}: the current database router prevents this"
        f" relation (instance is on database '{ours}', value is on database '{theirs}')",
        hint=f"Use an object of '{ours}': {type(value).__name__}.objects.using('{ours}').get(...);"
        " or let a router's allow_relation() return True.",
    )


def _name(relation: Any) -> str:
    accessor = getattr(relation, "get_accessor_name", None)
    return str((accessor() if accessor is not None else None) or relation.name)
