"""The delete collector: what goes along, in which order, on which database."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from manybase.errors import CrossDatabaseError, ProtectedError, RestrictedError
from manybase.models.signals import post_delete, pre_delete
from manybase.runtime.events import capture
from tests.deletion.models import (
    Animal,
    Branch,
    Chair,
    Dog,
    Flea,
    Ghost,
    House,
    Label,
    Letter,
    Link,
    Lock,
    Room,
    Sign,
    Street,
    Town,
    Visitor,
)


@contextlib.contextmanager
def listening() -> Iterator[list[tuple[str, str, str]]]:
    """Hear the signals of deletion: which, of what, where."""
    heard: list[tuple[str, str, str]] = []

    def before(sender: Any, using: str, **values: Any) -> None:
        heard.append(("pre", sender.__name__, using))

    def after(sender: Any, using: str, **values: Any) -> None:
        heard.append(("post", sender.__name__, using))

    pre_delete.connect(before)
    post_delete.connect(after)
    try:
        yield heard
    finally:
        pre_delete.disconnect(before)
        post_delete.disconnect(after)


def furnished(alias: str) -> House:
    """A house with two rooms, a chair, a visitor and a label."""
    house = House.objects.using(alias).create(name="h")
    room, _ = (Room.objects.using(alias).create(house=house) for _ in range(2))
    Chair.objects.using(alias).create(room=room)
    Visitor.objects.using(alias).create(name="v").houses.add(house)
    Label.objects.using(alias).create(word="w", target=house)
    return house


def test_everything_that_depends_goes_on_one_database_only() -> None:
    there, _ = furnished("other"), furnished("default")

    total, counts = there.delete()

    assert counts == {
        "deletion.Chair": 1,
        "deletion.Room": 2,
        "deletion.Visitor_houses": 1,
        "deletion.Label": 1,
        "deletion.House": 1,
    }
    assert total == 6
    assert there.pk is None and there._state.db == "other"
    for model in (House, Room, Chair, Label, Visitor.houses.through):
        assert not model.objects.using("other").exists()
        assert model.objects.using("default").exists()
    assert Visitor.objects.using("other").exists()


def test_a_queryset_is_deleted_the_same_way() -> None:
    furnished("other")
    furnished("other")
    total, counts = House.objects.using("other").filter(name="h").delete()
    assert (total, counts["deletion.House"]) == (12, 2)


def test_nothing_to_delete() -> None:
    assert Chair.objects.filter(pk=1).delete() == (0, {})
    assert House.objects.filter(pk=1).delete() == (0, {})


def test_keys_are_emptied_replaced_and_set_to_their_default() -> None:
    first, second = House.objects.create(name="1"), House.objects.create(name="2")
    letter = Letter.objects.create(emptied=second, replaced=second, defaulted=second)

    second.delete()

    letter.refresh_from_db()
    assert (letter.emptied_id, letter.replaced_id, letter.defaulted_id) == (None, first.pk, None)


def test_protected_rows_keep_it_from_happening() -> None:
    house = furnished("default")
    lock = Lock.objects.create(house=house)

    with pytest.raises(ProtectedError, match=r"protected foreign keys: 'Lock\.house'") as raised:
        house.delete()

    assert raised.value.protected_objects == {lock}
    assert Chair.objects.count() == 1 and house.pk is not None


def test_restricted_rows_may_go_another_way() -> None:
    town = Town.objects.create()
    street = Street.objects.create(town=town)
    sign = Sign.objects.create(street=street, town=town)
    with pytest.raises(RestrictedError, match=r"restricted foreign keys: 'Sign\.street'") as raised:
        street.delete()
    assert raised.value.restricted_objects == {sign}

    assert town.delete()[0] == 3
    stuck = Street.objects.create(town=Town.objects.create())
    Sign.objects.create(street=stuck)
    with pytest.raises(RestrictedError):
        stuck.town.delete()


def test_do_nothing_does_nothing() -> None:
    town = Town.objects.create()
    Ghost.objects.create(town=town)
    assert town.delete() == (1, {"deletion.Town": 1})
    assert Ghost.objects.count() == 1


def test_a_tree_of_one_table() -> None:
    root = Branch.objects.create()
    for _ in range(2):
        child = Branch.objects.create(parent=root)
        Branch.objects.create(parent=child)
    assert root.delete() == (5, {"deletion.Branch": 5})


def test_a_chain_whose_keys_cannot_be_null() -> None:
    """Where keys are checked at once, the last links go first."""
    first = Link(pk=9001, before_id=9001)
    first.save()
    last = first
    for _ in range(3):
        last = Link.objects.create(before=last)
    assert first.delete() == (4, {"deletion.Link": 4})


def test_a_function_of_set_reads_the_database_of_the_row() -> None:
    first = House.objects.using("other").create(name="1")
    House.objects.create(name="elsewhere")
    second = House.objects.using("other").create(name="2")
    letter = Letter.objects.using("other").create(replaced=second)

    second.delete()

    letter.refresh_from_db()
    assert letter.replaced == first


def test_children_of_an_inherited_table_go_with_it() -> None:
    dog = Dog.objects.using("other").create(name="Rex", tricks=2)
    Flea.objects.using("other").create(animal=dog)
    Dog.objects.create(name="Rex")

    total, counts = dog.delete()

    assert counts == {"deletion.Flea": 1, "deletion.Dog": 1, "deletion.Animal": 1}
    assert total == 3
    assert (Dog.objects.count(), Animal.objects.using("other").count()) == (1, 0)


def test_a_parent_takes_its_child_along() -> None:
    Dog.objects.create(name="Rex")
    assert Animal.objects.get().delete()[1] == {"deletion.Dog": 1, "deletion.Animal": 1}


def test_parents_can_be_kept() -> None:
    dog = Dog.objects.create(name="Rex")
    Flea.objects.create(animal=dog)
    assert dog.delete(keep_parents=True) == (1, {"deletion.Dog": 1})
    assert (Animal.objects.count(), Flea.objects.count()) == (1, 1)


def test_signals_carry_the_place() -> None:
    house = House.objects.using("other").create(name="h")
    Room.objects.using("other").create(house=house)
    with listening() as heard:
        house.delete()
    assert heard == [
        ("pre", "Room", "other"),
        ("pre", "House", "other"),
        ("post", "Room", "other"),
        ("post", "House", "other"),
    ]


def test_a_row_without_dependents_takes_one_statement() -> None:
    chair = Chair.objects.create(room=Room.objects.create(house=House.objects.create(name="h")))
    with capture() as log:
        chair.delete()
    assert len(log) == 1
    Chair.objects.create(room=Room.objects.get())
    with capture() as log:
        Chair.objects.filter(pk__gt=0).delete()
    assert len(log) == 1


def test_a_deleted_object_can_be_saved_again_in_its_place() -> None:
    house = House.objects.using("other").create(name="h")
    house.delete()
    house.save()
    assert House.objects.using("other").get() == house


def test_deleting_elsewhere_is_refused() -> None:
    house = House.objects.using("other").create(name="h")
    with pytest.raises(CrossDatabaseError, match="'default'"):
        house.delete(using="default")


def test_many_objects_go_in_batches() -> None:
    house = House.objects.create(name="h")
    Room.objects.bulk_create(Room(house=house) for _ in range(1200))
    assert house.delete()[1]["deletion.Room"] == 1200


@pytest.mark.transactional
async def test_asynchronous_face() -> None:
    house = await House.objects.using("other").acreate(name="h")
    room = await Room.objects.using("other").acreate(house=house)
    await Chair.objects.using("other").acreate(room=room)
    assert (await house.adelete())[0] == 3
    await House.objects.using("other").acreate(name="x")
    assert (await House.objects.using("other").adelete())[0] == 1
