"""Foreign keys and one-to-one fields as attributes."""

from __future__ import annotations

import pickle

import pytest

from manybase.errors import CrossDatabaseError, FieldError
from manybase.models import Count
from tests.relations.help import AllowAll, Replica, novel, queries, routed, writer
from tests.relations.models import Circle, Novel, Poet, Portrait, Reading, Ring, Writer


def test_access_loads_once_from_the_place_of_the_object() -> None:
    """The related object comes from the owner's database and is kept."""
    made = writer("Anne", "other")
    novel("Emma", "other", editor=made)
    found = Novel.objects.using("other").get()

    with queries(1, "other"):
        assert found.editor.name == "Anne"
        assert found.editor is found.editor
    assert found.editor._state.db == "other"


def test_an_empty_key_gives_none_without_a_query() -> None:
    found = novel("Emma")
    with queries(0):
        assert Novel(title="x").editor is None
        assert found.editor is None


def test_an_empty_key_that_may_not_be_raises() -> None:
    """Django's words: RelatedObjectDoesNotExist, an AttributeError and a DoesNotExist."""
    ring = Ring(size=1)
    with pytest.raises(Ring.circle.RelatedObjectDoesNotExist, match="Ring has no circle"):
        _ = ring.circle
    assert not hasattr(ring, "circle")
    assert issubclass(Ring.circle.RelatedObjectDoesNotExist, Circle.DoesNotExist)


def test_setting_the_key_forgets_the_object() -> None:
    one, two = writer("One"), writer("Two")
    found = novel("Emma", editor=one)

    found.editor_id = two.pk

    assert found.editor.name == "Two"
    found.editor_id = None
    found.save()
    assert found.editor is None
    assert Novel.objects.get().editor_id is None


def test_a_key_that_came_later_is_taken_over_at_the_save() -> None:
    anne = Writer(name="Anne")
    found = Novel(title="EMMA", editor=anne)
    with pytest.raises(ValueError, match="unsaved related object 'editor'"):
        found.save()
    anne.save()
    assert found.editor is anne
    found.save()
    assert Novel.objects.get().editor == anne


def test_assignment_across_databases_is_refused_by_name() -> None:
    found, stranger = novel("Emma", "other"), writer("Marty")
    with pytest.raises(CrossDatabaseError) as raised:
        found.editor = stranger

    text = str(raised.value)
    assert "'other'" in text and "'default'" in text and "Novel.editor" in text
    assert found.editor_id is None


def test_routers_may_allow_a_crossing() -> None:
    found, stranger = novel("Emma", "other"), writer("Marty")
    with routed(AllowAll()):
        found.editor = stranger
    assert (found._state.db, stranger._state.db) == ("other", "default")


def test_an_untied_object_is_tied_by_either_side() -> None:
    """Neither side is saved; the saves go to the place adopted."""
    tied, anne = novel("Emma", "other"), Writer(name="Anne")
    tied.editor = anne
    fresh = Novel(title="Fresh", editor=writer("Mark", "other"))

    assert (anne._state.db, fresh._state.db) == ("other", "other")
    assert Writer.objects.using("other").count() == 1
    anne.save()
    fresh.save()
    assert Writer.objects.count() == Novel.objects.count() == 0
    assert Novel.objects.using("other").count() == 2


def test_an_untied_object_adopts_the_write_place() -> None:
    mark = writer("Mark", "other")
    with routed(Replica()):
        assert Novel(title="Fresh", editor=mark)._state.db == "default"


def test_a_wrong_class_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'Novel\.editor' must be a 'Writer' instance"):
        Novel(title="x").editor = Circle(name="c")  # type: ignore[assignment]


def test_a_key_by_another_field_is_followed() -> None:
    circle = Circle.objects.create(name="inner")
    ring = Ring.objects.create(circle=circle, size=1)
    assert ring.circle_id == "inner"
    assert Ring.objects.get().circle == circle
    assert [r.size for r in circle.rings.all()] == [1]


def test_reverse_one_to_one() -> None:
    """Loaded once, kept on both ends; nothing there raises, once asked without a query."""
    anne = writer("Anne", "other")
    made = Portrait.objects.using("other").create(writer=anne, colour="red")
    found = Writer.objects.using("other").get()

    with queries(1):
        assert found.portrait == made
        assert found.portrait.writer is found
    lonely = writer("Lonely")
    with pytest.raises(Writer.portrait.RelatedObjectDoesNotExist, match="has no portrait"):
        _ = lonely.portrait
    with queries(0):
        assert not hasattr(lonely, "portrait")


def test_joined_reverse_one_to_one_without_its_key() -> None:
    """The way back is known, whatever columns were left out."""
    anne = writer("Anne", "other")
    Portrait.objects.using("other").create(writer=anne, colour="red")
    some = Writer.objects.using("other").select_related("portrait").only("portrait__colour")
    (found,) = some
    with queries(0):
        assert found.portrait.colour == "red"
        assert found.portrait.writer is found
    assert found.portrait.writer_id == anne.pk


def test_reverse_one_to_one_assignment() -> None:
    anne, mark = writer("Anne", "other"), writer("Mark")
    there = Portrait.objects.using("other").create(colour="red")
    with pytest.raises(CrossDatabaseError):
        mark.portrait = there

    fresh = Portrait(colour="blue")
    anne.portrait = fresh
    assert fresh._state.db == "other"
    fresh.save()
    assert Writer.objects.using("other").get(portrait__colour="blue") == anne
    anne.portrait = None
    assert fresh.writer_id is None


def test_a_parent_is_made_of_the_child_without_a_query() -> None:
    poet = Poet.objects.using("other").create(name="Walt", verses=3)
    with queries(0):
        assert poet.writer_ptr.name == "Walt"
        assert poet.writer_ptr._state.db == "other"
    assert Writer.objects.using("other").get().poet.verses == 3


@pytest.mark.transactional
async def test_asynchronous_access() -> None:
    anne = await Writer.objects.using("other").acreate(name="Anne")
    await Novel.objects.using("other").acreate(title="EMMA", editor=anne)
    await Portrait.objects.using("other").acreate(writer=anne, colour="red")

    found = await Novel.objects.using("other").only("title").aget()
    assert (await found.afetch("editor")).name == "Anne"
    assert found.editor.name == "Anne"
    assert (await found.editor.afetch("portrait")).colour == "red"
    assert await found.afetch("pages") == 1
    with pytest.raises(FieldError, match="no relation or field 'editr'"):
        await found.afetch("editr")
    with pytest.raises(FieldError, match=r"async for one in obj\.writers\.all\(\)"):
        await found.afetch("writers")


@pytest.mark.transactional
async def test_plain_access_in_a_loop_says_what_to_type() -> None:
    anne = await Writer.objects.using("other").acreate(name="Anne")
    await Novel.objects.using("other").acreate(title="EMMA", editor=anne)
    found = await Novel.objects.using("other").aget()
    with pytest.raises(Exception, match=r"await obj\.afetch\(\"editor\"\)"):
        _ = found.editor


def test_the_first_related_object_that_is_given_says_where_an_object_belongs() -> None:
    book, anne = novel("ONE", "default"), writer("Anne", "other")
    with routed(AllowAll()):
        for _ in range(3):
            assert Reading(writer=anne, novel=book)._state.db == "other"
            assert Reading(novel=book, writer=anne)._state.db == "default"
            assert Reading(writer=anne, pk=5, novel=book).novel is book


def test_attributes_of_relations_can_be_pickled() -> None:
    """Before and after the relation was read, as part of an expression too."""
    found = novel("Emma", editor=writer("Anne"))
    for _ in range(2):
        again = pickle.loads(pickle.dumps(Count(Novel.editor)))
        assert Novel.objects.aggregate(x=again)["x"] == 1
        assert found.editor.name == "Anne"
