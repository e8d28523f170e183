"""The order of the rules that say which database, and what is told about it."""

from __future__ import annotations

import pytest

from manybase.errors import NoPlace, UnknownAlias
from manybase.routing import decision
from manybase.routing.block import current_block, open_blocks, using
from manybase.routing.router import router
from tests.routing.things import Declare, EuThing, Thing, at


class Reads:
    """A router that has an opinion on everything."""

    def __init__(self, read: str | None = None, write: str | None = None) -> None:
        self.answers = {"read": read, "write": write}
        self.asked: list[tuple[str, object, dict[str, object]]] = []

    def db_for_read(self, model: object, **hints: object) -> str | None:
        self.asked.append(("read", model, hints))
        return self.answers["read"]

    def db_for_write(self, model: object, **hints: object) -> str | None:
        self.asked.append(("write", model, hints))
        return self.answers["write"]


def test_default_is_where_everything_goes_that_nobody_places(declare: Declare) -> None:
    declare("default", "other")

    assert decision.read(Thing) == "default"
    assert decision.write(Thing) == "default"


def test_explicit_place_wins_over_block_and_routers(declare: Declare) -> None:
    declare("default", "other", "third", routers=[Reads("third", "third")])

    with using("third"):
        assert decision.read(Thing, "other") == "other"
        assert decision.write(Thing, "other") == "other"


def test_unknown_alias_lists_the_aliases_and_suggests(declare: Declare) -> None:
    declare("default", "other")

    with pytest.raises(UnknownAlias) as caught:
        decision.read(Thing, "othr")

    assert str(caught.value) == (
        "no database has the alias 'othr'\nDid you mean 'other'? The databases are: default, other."
    )


def test_using_an_unknown_alias_raises_before_the_block(declare: Declare) -> None:
    declare("default")

    with pytest.raises(UnknownAlias, match="no database has the alias 'eu'"):
        using("eu")


def test_block_wins_over_routers_and_ends(declare: Declare) -> None:
    declare("default", "other", routers=[Reads("default", "default")])

    with using("other"):
        assert current_block() == "other"
        assert decision.read(Thing) == "other"

    assert current_block() is None
    assert decision.read(Thing) == "default"


def test_block_in_which_a_queryset_was_made_counts_outside_of_it(declare: Declare) -> None:
    declare("default", "other")

    assert decision.read(Thing, None, "other") == "other"


def test_blocks_nest_and_decorate(declare: Declare) -> None:
    declare("default", "other", "third")

    @using("third")
    def inside() -> str:
        return decision.write(Thing)

    with using("other"):
        assert inside() == "third"
        assert decision.write(Thing) == "other"


async def test_blocks_work_around_coroutines(declare: Declare) -> None:
    declare("default", "other")

    @using("other")
    async def inside() -> str:
        return decision.write(Thing)

    assert await inside() == "other"
    async with using("other"):
        assert decision.write(Thing) == "other"
    assert decision.write(Thing) == "default"


def test_tied_object_stays_at_its_place_inside_a_block(declare: Declare) -> None:
    declare("default", "other")

    with using("default"):
        assert decision.write(Thing, None, None, {"instance": at("other")}) == "other"


def test_untied_object_follows_the_block(declare: Declare) -> None:
    declare("default", "other")

    with using("other"):
        assert decision.write(Thing, None, None, {"instance": at(None)}) == "other"


def test_routers_are_asked_before_the_objects_own_place(declare: Declare) -> None:
    asked = Reads("third", None)
    declare("default", "other", "third", routers=[asked])
    thing = at("other")

    assert decision.read(Thing, None, None, {"instance": thing}) == "third"
    assert decision.write(Thing, None, None, {"instance": thing}) == "other"
    assert asked.asked == [
        ("read", Thing, {"instance": thing}),
        ("write", Thing, {"instance": thing}),
    ]


def test_meta_using_counts_after_the_routers(declare: Declare) -> None:
    declare("default", "eu")

    assert decision.read(EuThing) == "eu"

    declare("default", "eu", routers=[Reads("default")])
    assert decision.read(EuThing) == "default"
    assert decision.write(EuThing) == "eu"


def test_meta_using_that_is_not_configured_is_named(declare: Declare) -> None:
    declare("default")

    with pytest.raises(UnknownAlias) as caught:
        decision.read(EuThing)

    assert str(caught.value) == (
        "Meta.using names the database 'eu' for 'routing_tests.EuThing', which is not configured\n"
        "The databases are: default."
    )


def test_router_that_names_an_unknown_database_is_told_so(declare: Declare) -> None:
    declare("default", routers=[Reads("moon")])

    with pytest.raises(UnknownAlias, match="router Reads names the database 'moon'"):
        decision.read(Thing)


def test_no_place_lists_the_aliases(declare: Declare) -> None:
    declare("eu", "us")

    with pytest.raises(NoPlace) as caught:
        decision.read(Thing)

    assert str(caught.value) == (
        "nothing says which database 'routing_tests.Thing' belongs to here;"
        " the databases are: eu, us\n"
        "Name one with .using('eu') or inside 'with manybase.using(\"eu\"):'."
    )


def test_only_database_needs_no_name(declare: Declare) -> None:
    declare("eu", "eu_copy", replica_of={"eu_copy": "eu"})

    assert decision.read(Thing) == "eu"
    assert decision.write(Thing) == "eu"


def test_reads_stay_with_the_writer_of_an_open_block(declare: Declare) -> None:
    declare("default", "other", routers=[Reads("other", "default")])
    assert decision.read(Thing) == "other"

    token = open_blocks.set(("default",))
    try:
        assert decision.read(Thing) == "default"
    finally:
        open_blocks.reset(token)


def test_open_block_elsewhere_does_not_move_reads(declare: Declare) -> None:
    declare("default", "other", "third", routers=[Reads("other", "default")])

    token = open_blocks.set(("third",))
    try:
        assert decision.read(Thing) == "other"
    finally:
        open_blocks.reset(token)


def test_route_is_explained_by_the_rules_that_were_asked(declare: Declare) -> None:
    declare("default", "other", routers=[Reads("other")])

    route = decision.explain(Thing)

    assert (route.alias, route.why) == ("other", "router Reads says so")
    assert route.by_router
    assert route.steps == (
        ("using()", "no database named"),
        ("using block", "no opinion"),
        ("router Reads", "other"),
    )
    assert str(route) == (
        "other (router Reads says so) after using(): no database named;"
        " using block: no opinion; router Reads: other"
    )


def test_explained_write_may_differ_from_the_read(declare: Declare) -> None:
    declare("default", "other", routers=[Reads("other")])

    route = decision.explain(Thing, write=True)

    assert (route.alias, route.why) == ("default", "the default database")


def test_new_routers_are_seen_at_once(declare: Declare) -> None:
    declare("default", "other")
    assert decision.read(Thing) == "default"

    router.routers = [Reads("other")]

    assert decision.read(Thing) == "other"


def test_writes_of_what_was_read_from_a_replica_go_to_its_primary(declare: Declare) -> None:
    declare("default", "copy", replica_of={"copy": "default"})
    hints = {"instance": at("copy")}

    assert decision.read(Thing, None, None, hints) == "copy"
    assert decision.write(Thing, None, None, hints) == "default"
    with using("copy"):
        assert (decision.read(Thing), decision.write(Thing)) == ("copy", "default")
