"""What may be related to what, asked for whole lists before anything is changed or written.

Related managers and ``ops.links`` call this first; the rule for one assignment is the same as
``routing.provenance`` has it. Nothing here reads or writes a database.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manybase.errors import CrossDatabaseError
from manybase.routing.provenance import adopt
from manybase.routing.router import router
from manybase.routing.topology import same_set


def check_all(owner: Any, values: Iterable[Any], relation: str, verb: str = "add") -> None:
    """Refuse values that cannot be related to the owner, before any is changed.

    Args:
        owner: The object whose manager is used.
        values: Objects of the related model.
        relation: The relation's name, as ``"library.Book.authors"``.
        verb: What is being done, for the message.

    Raises:
        CrossDatabaseError: Two databases meet, or a router prevents the relation.
    """
    for value in values:
        if not allowed(owner, value):
            raise refusal(owner, value, relation, verb)


def allowed(owner: Any, value: Any) -> bool:
    """Whether the two may be related: routers first, else one place or an untied object."""
    if router.routers:
        answer = router.answer("allow_relation", value, owner)
        if answer is not None:
            return bool(answer)
    one, other = owner._origin.alias, value._origin.alias
    return one is None or other is None or same_set(one, other)


def refusal(owner: Any, value: Any, relation: str, verb: str) -> CrossDatabaseError:
    """The error for two objects that may not be related."""
    here, there = owner._origin.alias, value._origin.alias
    what = f"cannot {verb} a {type(value).__name__} to '{relation}'"
    if verb == "remove":
        what = f"cannot remove a {type(value).__name__} from '{relation}'"
    if here == there or None in (here, there):
        return CrossDatabaseError(
            f"{what}: the current database router prevents this relation"
            f' (instance is on database "{here}", value is on database "{there}")',
            hint="Let the router's allow_relation() answer True for these objects.",
        )
    model = type(value).__name__
    return CrossDatabaseError(
        f'{what}: instance is on database "{here}", value is on database "{there}";'
        f" the current database router prevents this relation",
        hint=f"Take the {model} from the same database: {model}.objects.using('{here}').get(...),"
        " or allow it in a router's allow_relation().",
    )


def tie(one: Any, other: Any) -> None:
    """Tie an untied object to the place that the other gives it; nothing is saved."""
    here, there = one._origin.alias, other._origin.alias
    if here is None and there is not None:
        adopt(one, other)
    elif there is None and here is not None:
        adopt(other, one)
