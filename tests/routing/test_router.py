"""Routers in Django's contract: the chain, missing methods, errors inside, migrations."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import ConfigurationError
from manybase.routing.router import ConnectionRouter
from tests.routing.things import Declare, EuThing, Silent, Thing, at


class Opinion:
    """A router that allows and refuses."""

    def __init__(self, migrate: bool | None = None, relate: bool | None = None) -> None:
        self.migrate = migrate
        self.relate = relate
        self.asked: list[Any] = []

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        self.asked.append((db, app_label, hints))
        return self.migrate

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        return self.relate


class Broken:
    """A router whose method has a slip in it."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        raise AttributeError("inside the router")

    db_for_write = db_for_read
    allow_relation = db_for_read


def test_chain_is_made_of_paths_classes_and_objects() -> None:
    given = Opinion()
    chain = ConnectionRouter(["tests.routing.things.Silent", Opinion, given])

    assert [type(one) for one in chain.routers] == [Silent, Opinion, Opinion]
    assert chain.routers[2] is given


def test_path_that_leads_nowhere_names_the_setting() -> None:
    chain = ConnectionRouter(["tests.routing.test_router.Missing"])

    with pytest.raises(ConfigurationError) as caught:
        _ = chain.routers

    assert str(caught.value).startswith(
        "'DATABASE_ROUTERS' names 'tests.routing.test_router.Missing', which cannot be imported"
    )


def test_routers_without_the_method_are_passed_over(declare: Declare) -> None:
    declare("default", "other")
    chain = ConnectionRouter([Silent(), Opinion(migrate=False)])

    assert chain.db_for_read(Thing) == "default"
    assert chain.allow_migrate("other", "shop") is False


@pytest.mark.parametrize("verb", ["db_for_read", "db_for_write"])
def test_attribute_error_inside_a_router_comes_out(declare: Declare, verb: str) -> None:
    declare("default")
    chain = ConnectionRouter([Broken()])

    with pytest.raises(AttributeError, match="inside the router"):
        getattr(chain, verb)(Thing)


def test_first_opinion_on_migration_wins(declare: Declare) -> None:
    declare("default", "other")

    assert ConnectionRouter([Opinion(True), Opinion(False)]).allow_migrate("other", "shop")
    assert not ConnectionRouter([Opinion(False), Opinion(True)]).allow_migrate("other", "shop")
    assert ConnectionRouter([Opinion(None)]).allow_migrate("other", "shop")


def test_migration_is_asked_with_the_model(declare: Declare) -> None:
    declare("default", "other")
    asked = Opinion(True)

    ConnectionRouter([asked]).allow_migrate_model("other", Thing)

    hints = {"model_name": "thing", "model": Thing}
    assert asked.asked == [("other", "routing_tests", hints)]


def test_model_with_a_database_of_its_own_migrates_there_only(declare: Declare) -> None:
    declare("default", "eu", "copy", replica_of={"copy": "eu"})
    chain = ConnectionRouter([])

    assert chain.allow_migrate_model("eu", EuThing)
    assert chain.allow_migrate_model("copy", EuThing)
    assert not chain.allow_migrate_model("default", EuThing)


def test_migratable_models_are_those_of_the_app(declare: Declare) -> None:
    declare("default", "eu")

    assert Thing in ConnectionRouter([]).get_migratable_models("routing_tests", "default")
    assert EuThing not in ConnectionRouter([]).get_migratable_models("routing_tests", "default")


def test_relations_are_allowed_inside_one_place_without_opinions(declare: Declare) -> None:
    declare("default", "copy", "other", replica_of={"copy": "default"})
    chain = ConnectionRouter([Silent()])

    assert chain.allow_relation(at("default"), at("copy"))
    assert not chain.allow_relation(at("default"), at("other"))
    assert chain.allow_relation(at(None), at(None))
