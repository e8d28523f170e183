"""What may meet what: adoption at assignment, refusals, values of queries."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import CrossDatabaseError
from manybase.query.state import Placed
from manybase.routing import provenance
from tests.routing.things import Declare, Thing, at

FIELD = Thing._meta.get_field("name")


class Allows:
    """A router that answers for relations."""

    def __init__(self, answer: bool | None, write: str | None = None) -> None:
        self.answer = answer
        self.write = write
        self.asked: list[tuple[Any, Any]] = []

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        self.asked.append((one, other))
        return self.answer

    def db_for_write(self, model: Any, **hints: Any) -> str | None:
        return self.write


def test_untied_object_adopts_the_place_of_a_tied_value(declare: Declare) -> None:
    declare("default", "other")
    owner, value = at(None), at("other")

    provenance.meet(value, owner, FIELD)

    assert owner._state.db == "other"
    assert owner._state.adding


def test_untied_value_adopts_the_place_of_a_tied_owner(declare: Declare) -> None:
    declare("default", "other")
    owner, value = at("other"), at(None)

    provenance.meet(value, owner, FIELD)

    assert value._state.db == "other"
    assert value._state.adding


def test_adoption_asks_for_the_write_place(declare: Declare) -> None:
    declare("default", "other", routers=[Allows(True, write="default")])
    value = at(None)

    provenance.meet(value, at("other"), FIELD)

    assert value._state.db == "default"


def test_two_untied_objects_stay_untied(declare: Declare) -> None:
    declare("default", "other")
    owner, value = at(None), at(None)

    provenance.meet(value, owner, FIELD)

    assert owner._state.db is None
    assert value._state.db is None


def test_routers_are_asked_even_for_two_untied_objects(declare: Declare) -> None:
    declare("default", routers=[Allows(False)])

    with pytest.raises(CrossDatabaseError, match="the current database router prevents this"):
        provenance.meet(at(None), at(None), FIELD)


def test_objects_of_two_places_are_refused_by_name(declare: Declare) -> None:
    declare("default", "other")

    with pytest.raises(CrossDatabaseError) as caught:
        provenance.meet(at("default"), at("other"), FIELD)

    assert isinstance(caught.value, ValueError)
    assert str(caught.value) == (
        "cannot relate a 'routing_tests.Thing' to 'routing_tests.Thing.name': the current database"
        " router prevents this relation (instance is on database 'other', value is on database"
        " 'default')\nUse an object of 'other': Thing.objects.using('other').get(...); or let a"
        " router's allow_relation() return True."
    )


def test_copies_of_one_database_are_one_place(declare: Declare) -> None:
    declare("default", "copy", replica_of={"copy": "default"})

    provenance.meet(at("default"), at("copy"), FIELD)

    assert provenance.same_place(at("copy"), "default")


def test_router_may_allow_a_relation_across_places(declare: Declare) -> None:
    declare("default", "other", routers=[Allows(True)])
    owner, value = at("other"), at("default")

    provenance.meet(value, owner, FIELD)

    assert (owner._state.db, value._state.db) == ("other", "default")


def test_value_of_another_place_is_refused_in_a_query(declare: Declare) -> None:
    declare("default", "other")
    places = {"other": Placed("the value of 'editor'", at("other"))}

    provenance.check_values(places, "other", Thing)
    with pytest.raises(CrossDatabaseError) as caught:
        provenance.check_values(places, "default", Thing)

    assert str(caught.value) == (
        "a query of 'routing_tests.Thing' on database 'default' was given the value of 'editor'"
        " of database 'other'\nRun the query with .using('other'), or give it a value of"
        " 'default'; a raw key says that only the number counts."
    )


def test_router_is_asked_with_a_stand_in_for_values_of_another_place(declare: Declare) -> None:
    asked = Allows(True)
    declare("default", "other", routers=[asked])
    value = at("other")

    provenance.check_values({"other": Placed("a value", value)}, "default", Thing)
    provenance.check_values({"other": Placed("a value", value)}, "other", Thing)

    ((one, stand_in),) = asked.asked
    assert one is value
    assert (type(stand_in), stand_in._state.db) == (Thing, "default")


def test_placed_queryset_is_refused_whatever_a_router_says(declare: Declare) -> None:
    declare("default", "other", routers=[Allows(True)])

    with pytest.raises(CrossDatabaseError, match="of database 'other'"):
        provenance.check_values({"other": Placed("a subquery", Thing)}, "default", Thing)


def test_work_on_an_object_stored_elsewhere_is_refused(declare: Declare) -> None:
    declare("default", "other")

    provenance.check_place(at("other", stored=False), "default", "delete")
    with pytest.raises(CrossDatabaseError) as caught:
        provenance.check_place(at("other"), "default", "delete")

    assert str(caught.value) == (
        "cannot delete a 'routing_tests.Thing' on database 'default': it is stored on database"
        " 'other'\nLeave using='default' away, or fetch the object there with"
        " Thing.objects.using('default').get(...)."
    )
