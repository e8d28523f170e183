"""Models and fields with ways of their own: conversions, constructors, constraints, families."""

from __future__ import annotations

import pytest

from manybase.db import connections, transaction
from manybase.errors import IntegrityError, ValidationError
from tests.behaviour.help import Face, both, names, person, queries
from tests.behaviour.models import (
    Bar,
    Bounded,
    Located,
    Novelist,
    Person,
    Pet,
    Place,
    Point,
    Remembering,
    Restaurant,
)


def test_a_field_of_ones_own_converts_both_ways() -> None:
    """from_db_value() and get_prep_value() are used by objects, rows, filters and updates."""
    Located.objects.create(name="a", point=Point(1, 2))
    Located.objects.create(name="b")

    assert Located.objects.get(name="a").point == Point(1, 2)
    assert Located.objects.get(name="b").point is None
    assert Located.objects.get(point=Point(1, 2)).name == "a"
    assert list(Located.objects.values_list("point", flat=True)) == [Point(1, 2), None]
    Located.objects.filter(name="b").update(point=Point(3, 4))
    assert [o.name for o in Located.objects.filter(point__in=[Point(3, 4)])] == ["b"]
    again = Located.objects.defer("point").get(name="b")
    assert again.point == Point(3, 4)


@pytest.mark.transactional
@both
async def test_models_that_override_loading(face: Face) -> None:
    """__init__, from_db and save of the model are called for every row."""
    made = await face.call(Remembering.objects.using("other"), "create", name="x")
    assert (made.size, made.made_with) == (1, 1)

    found = await face.call(Remembering.objects.using("other"), "get", name="x")
    assert found.loaded["name"] == "x"
    assert found.made_with == 3
    assert (found._state.db, found._state.adding) == ("other", False)
    await face.call(found, "save")
    again = await face.call(Remembering.objects.using("other").only("size"), "get")
    assert again.size == 2
    assert again.get_deferred_fields() == {"name"}


def test_checks_and_partial_uniqueness_hold(places) -> None:
    """The database and full_clean() refuse what the constraints forbid."""
    Bounded.objects.create(low=1, high=2, label="unique")

    with pytest.raises(IntegrityError), transaction.atomic("default"):
        Bounded.objects.create(low=3, high=2)
    with pytest.raises(ValidationError, match=r"behaviour_low_high|constraint"):
        Bounded(low=3, high=2).full_clean()
    with pytest.raises(ValidationError):
        Bounded(low=1, high=5, label="unique").full_clean()
    Bounded.objects.create(low=1, high=5, label="other")
    if connections["default"].features.partial_indexes:
        with pytest.raises(IntegrityError), transaction.atomic("default"):
            Bounded.objects.create(low=1, high=6, label="unique")
    assert Bounded.objects.filter(low=1).count() == 2


def test_relations_of_parents_belong_to_children() -> None:
    """Fields, keys and filters of the parents' tables work on a child."""
    chef = person("Chef", "other")
    bar = Bar.objects.using("other").create(name="Pub", chef=chef, taps=2)

    assert bar.place_ptr_id == bar.restaurant_ptr_id == bar.pk == bar.id
    found = Bar.objects.using("other").select_related("chef").get(chef__name="Chef", name="Pub")
    with queries(0):
        assert (found.chef.name, found.chef._state.db) == ("Chef", "other")
    assert names(chef.restaurant_set.all()) == ["Pub"]
    assert [b.taps for b in Bar.objects.using("other").order_by("-name", "taps")] == [2]
    assert list(Bar.objects.using("other").values_list("name", "taps")) == [("Pub", 2)]
    assert Place.objects.using("other").get(restaurant__chef=chef).restaurant.bar == found
    with queries(2):
        prefetched = Bar.objects.using("other").prefetch_related("chef").get()
        assert prefetched.chef == chef


def test_a_child_can_be_given_to_an_existing_parent() -> None:
    """A row of the child's table may be added to a parent that is there."""
    place = Place.objects.create(name="Park", street="Main")

    restaurant = Restaurant(place_ptr=place, serves_pizza=True)
    restaurant.__dict__.update({k: v for k, v in place.__dict__.items() if k in ("name", "street")})
    restaurant.save()

    assert Restaurant.objects.get().street == "Main"
    assert Place.objects.count() == 1
    restaurant.delete(keep_parents=True)
    assert names(Place.objects.all()) == ["Park"]


def test_proxies_are_their_model_in_relations() -> None:
    """A proxy may be assigned, compared and filtered by; deleting it cascades."""
    writer = Novelist.objects.create(name="Ann")
    Pet.objects.create(name="Rex", owner=writer)

    assert Pet.objects.get(owner=writer).owner == writer
    assert writer.pet_set.count() == 1
    assert Novelist.objects.filter(pet__name="Rex").get() == Person.objects.get()
    writer.delete()
    assert not Pet.objects.exists()


def test_a_table_s_name_may_have_spaces() -> None:
    """Names are quoted wherever they stand."""
    Bounded.objects.create(low=1, high=2)

    assert [r.high for r in Bounded.objects.raw('SELECT * FROM "Bounded rows"')] == [2]
    assert Bounded.objects.filter(high__gt=1).delete()[0] == 1
