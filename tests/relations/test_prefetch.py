"""prefetch_related: one query for each relation and place, nested, with querysets of one's own."""

from __future__ import annotations

import copy
import pickle

import pytest

from manybase.contrib.contenttypes.prefetch import GenericPrefetch
from manybase.errors import CrossDatabaseError, QueryError
from manybase.models import (
    Prefetch,
    aprefetch_related_objects,
    prefetch_related_objects,
)
from manybase.runtime.events import capture
from tests.relations.help import names, novel, queries, titles, writer
from tests.relations.models import Circle, Knot, Note, Novel, Portrait, Writer


def library(alias: str) -> tuple[Novel, Novel]:
    """Two novels with writers, an editor and a note; the keys are the same on each database."""
    anne, mark = writer("Anne", alias, pk=9001), writer("Mark", alias, pk=9002)
    one, two = novel("ONE", alias, pk=9001, editor=anne), novel("TWO", alias, pk=9002)
    one.writers.add(anne, mark)
    two.writers.add(anne)
    one.notes.create(text=f"note on {alias}")
    return one, two


def test_each_relation_takes_one_query_on_the_same_database() -> None:
    library("other")
    found = Novel.objects.using("other").prefetch_related("writers", "editor", "notes")
    with queries(4, "other"), queries(0, "default"):
        one, two = found
        assert names(one.writers.all()) == ["Anne", "Mark"]
        assert names(two.writers.all()) == ["Anne"]
        assert one.editor.name == "Anne" and two.editor is None
        assert [n.text for n in one.notes.all()] == ["note on other"]
        assert list(two.notes.all()) == []
        assert one.writers.count() == 2
    assert one.writers.all()[0]._state.db == "other"


def test_reverse_relations_know_their_owner() -> None:
    one, _ = library("other")
    Portrait.objects.using("other").create(writer=one.editor, colour="red")
    found = Writer.objects.using("other").prefetch_related("edited", "novel_set", "portrait")
    with queries(4):
        anne, mark = found
        assert anne.edited.all()[0].editor is anne
        assert titles(anne.novel_set.all()) == ["ONE", "TWO"]
        assert anne.portrait.writer is anne
        assert not hasattr(mark, "portrait")


@pytest.mark.parametrize("lookups", [("writers",), ("writers", "notes")])
def test_results_are_seen_and_dropped_by_the_name_that_django_gives_them(
    lookups: tuple[str, ...],
) -> None:
    library("other")
    first, second = Novel.objects.using("other").prefetch_related(*lookups).order_by("pk")
    assert set(first._prefetched_objects_cache) == set(lookups)
    assert list(first._prefetched_objects_cache["writers"]) == list(first.writers.all())
    first._prefetched_objects_cache = {}
    with queries(1, "other"):
        assert names(first.writers.all()) == ["Anne", "Mark"]
    third = Novel.objects.using("other").prefetch_related(*lookups).order_by("pk")[0]
    del third._prefetched_objects_cache
    with queries(1, "other"):
        assert names(third.writers.all()) == ["Anne", "Mark"]
    with queries(0):
        assert names(second.writers.all()) == ["Anne"]
    assert Novel(title="unread")._prefetched_objects_cache == {}


def test_each_relation_keeps_its_own_results() -> None:
    library("other")
    found = list(Novel.objects.using("other").prefetch_related("writers").order_by("pk"))
    prefetch_related_objects(found, "notes", "writers")
    one, two = found
    with queries(0):
        assert [n.text for n in one.notes.all()] == ["note on other"]
        assert names(one.writers.all()) == ["Anne", "Mark"]
        assert list(two.notes.all()) == [] and names(two.writers.all()) == ["Anne"]
    two.writers.clear()
    with queries(1, "other"):
        assert list(two.notes.all()) == [] and names(two.writers.all()) == []
    one.refresh_from_db(fields=["notes"])
    with queries(1, "other"):
        assert [n.text for n in one.notes.all()] == ["note on other"]
        assert names(one.writers.all()) == ["Anne", "Mark"]


def test_a_relation_without_results_is_read_beside_one_with_results() -> None:
    library("other")
    one, _ = Novel.objects.using("other").prefetch_related("writers").order_by("pk")
    with queries(1, "other"):
        assert [n.text for n in one.notes.all()] == ["note on other"]
        assert names(one.writers.all()) == ["Anne", "Mark"]


def test_no_results_are_results_too() -> None:
    library("other")
    one = Novel.objects.using("other").prefetch_related("readers").get(title="ONE")
    with queries(0):
        assert list(one.readers.all()) == []
        prefetch_related_objects([one], "readers")
        assert list(pickle.loads(pickle.dumps(one)).readers.all()) == []


@pytest.mark.parametrize("lookups", [("writers",), ("writers", "notes")])
def test_a_copy_drops_results_for_itself(lookups: tuple[str, ...]) -> None:
    library("other")
    one = Novel.objects.using("other").prefetch_related(*lookups).get(title="ONE")
    other = copy.copy(one)
    other.writers.clear()
    with queries(0):
        assert names(one.writers.all()) == ["Anne", "Mark"]
    with queries(1, "other"):
        assert names(other.writers.all()) == []


def test_relations_may_be_called_as_what_objects_keep() -> None:
    circle = Circle.objects.using("other").create(name="big")
    knot = Knot.objects.create(relations=circle)
    knot.prefetched.add(circle)
    rows = Knot.objects.using("other").select_related("relations").prefetch_related("prefetched")
    with queries(2, "other"):
        found = rows.get()
        assert found.relations == circle and list(found.prefetched.all()) == [circle]
    found.refresh_from_db(fields=["relations"])
    assert (
        Circle.objects.using("other").prefetch_related("kept_relations", "prefetched")[0] == circle
    )
    assert found.relations == circle and list(found.prefetched.all()) == [circle]


def test_nested_lookups() -> None:
    library("other")
    found = Novel.objects.using("other").prefetch_related("writers__edited__notes")
    with queries(4):
        one, two = found
        assert [n.text for n in one.writers.all()[0].edited.all()[0].notes.all()] == [
            "note on other"
        ]
        assert titles(two.writers.all()[0].edited.all()) == ["ONE"]


def test_objects_of_several_places_get_their_own() -> None:
    """P5: the same keys on two databases, one query for each."""
    here, _ = library("default")
    there, _ = library("other")
    Writer.objects.using("other").filter(name="Anne").update(name="Anna")
    objects = [Novel.objects.get(pk=here.pk), Novel.objects.using("other").get(pk=there.pk)]

    with queries(3, "default"), queries(3, "other"):
        prefetch_related_objects(objects, "editor", "writers__edited")
        assert [novel.editor.name for novel in objects] == ["Anne", "Anna"]
        assert names(objects[1].writers.all()) == ["Anna", "Mark"]


def test_a_queryset_of_ones_own() -> None:
    library("other")
    marks = Prefetch("writers", Writer.objects.filter(name__startswith="M"), to_attr="ms")
    by_name = Prefetch("writers", Writer.objects.order_by("-name"))
    with queries(3, "other"):
        one, two = Novel.objects.using("other").prefetch_related(marks, by_name)
        assert (names(one.ms), two.ms) == (["Mark"], [])
        assert names(one.writers.all()) == ["Mark", "Anne"]


def test_querysets_that_need_more_than_columns() -> None:
    library("other")
    lean = Prefetch("writers", Writer.objects.only("id"))
    one, two = Novel.objects.using("other").prefetch_related(lean)
    with queries(0):
        assert [len(one.writers.all()), len(two.writers.all())] == [2, 1]
    assert one.writers.all()[0].name == "Anne"
    joined = Prefetch("edited", Novel.objects.select_related("editor"))
    with queries(2):
        assert len(Writer.objects.using("other").prefetch_related(joined)) == 2


def test_inner_prefetches_of_a_queryset() -> None:
    library("other")
    inner = Prefetch("writers", Writer.objects.prefetch_related("edited"), to_attr="found")
    with queries(3):
        one, _ = Novel.objects.using("other").prefetch_related(inner)
        assert titles(one.found[0].edited.all()) == ["ONE"]
    with queries(4):
        outer = Novel.objects.using("other").prefetch_related(inner, "found__novel_set")
        assert titles(outer[0].found[1].novel_set.all()) == ["ONE"]


def test_a_queryset_that_names_its_database_is_asked_there() -> None:
    """A statement of its own, asked for; refused where it would serve two places at once."""
    there, _ = library("other")
    here, _ = library("default")
    Writer.objects.filter(name="Anne").update(name="Anna")
    placed = Prefetch("writers", Writer.objects.using("default"))
    with queries(1, "default"):
        (one,) = Novel.objects.using("other").filter(pk=there.pk).prefetch_related(placed)
        assert names(one.writers.all()) == ["Anna", "Mark"]
    with pytest.raises(CrossDatabaseError, match="'default' and 'other'"):
        prefetch_related_objects([here, there], placed)


def test_another_place_of_the_manager_ignores_what_was_prefetched() -> None:
    library("default")
    library("other")
    one = Novel.objects.using("other").prefetch_related("writers")[0]
    with queries(1, "default"):
        list(one.writers.using("default"))
    with queries(1, "default"):
        list(one.writers.db_manager("default").all())


def test_a_manager_at_another_place_leaves_later_ones_where_they_are() -> None:
    library("default")
    library("other")
    Writer._default_manager._asked.clear()  # as in a program that prefetches for the first time
    (one, *_) = Novel.objects.using("default").prefetch_related("writers")
    assert one.writers.db_manager("other").all().db == "other"
    for each in [one, *Novel.objects.using("default").prefetch_related("writers")]:
        assert each.writers.all().db == "default"
        assert each.writers.all().filter(name="Mark").db == "default"
        each.writers.all().update(name="Here")
    assert not Writer.objects.using("other").filter(name="Here").exists()


def test_changing_a_relation_drops_what_was_prefetched() -> None:
    library("other")
    one = Novel.objects.using("other").prefetch_related("writers")[0]
    one.writers.clear()
    assert not one.writers.all()


def test_generic_keys_of_several_models() -> None:
    one, _ = library("other")
    one.editor.notes.create(text="a")
    with capture("other") as log:
        notes = list(Note.objects.using("other").prefetch_related("about"))
        assert [type(n.about) for n in notes] == [Writer, Novel]
    assert len([event for event in log if "content_type " not in event.sql]) == 3


def test_generic_keys_with_querysets_of_ones_own() -> None:
    one, _ = library("other")
    one.editor.notes.create(text="a")
    wanted = GenericPrefetch("about", [Novel.objects.select_related("editor")], to_attr="found")
    notes = list(Note.objects.using("other").prefetch_related(wanted))
    with queries(0):
        assert notes[1].found.editor.name == "Anne"
        assert notes[0].found.name == "Anne"
    with pytest.raises(QueryError, match="takes no queryset"):
        list(Note.objects.using("other").prefetch_related(Prefetch("about", Novel.objects.all())))
    with pytest.raises(QueryError, match="two querysets of one model"):
        GenericPrefetch("about", [Novel.objects.all(), Novel.objects.all()])


def test_keys_by_another_field_and_oneself() -> None:
    a, b = Circle.objects.create(name="a"), Circle.objects.create(name="b")
    a.near.add(b)
    a.rings.create(size=1)
    with queries(3):
        found = Circle.objects.prefetch_related("near", "rings")
        assert [names(c.near.all()) for c in found] == [["b"], ["a"]]
        assert [len(c.rings.all()) for c in found] == [1, 0]
    with queries(2):
        assert [r.circle.name for r in a.rings.model.objects.prefetch_related("circle")] == ["a"]


def test_what_is_loaded_already_is_not_loaded_again() -> None:
    library("other")
    one = Novel.objects.using("other").prefetch_related("writers")[0]
    with queries(1):
        prefetch_related_objects([one], "writers__edited")


def test_wrong_lookups() -> None:
    library("other")
    found = Novel.objects.using("other")
    with pytest.raises(AttributeError, match="cannot find 'writrs' on Novel object") as raised:
        list(found.prefetch_related("writrs"))
    assert "Did you mean 'writers'?" in str(raised.value)
    with pytest.raises(ValueError, match="does not resolve to an item that supports"):
        list(found.prefetch_related("title"))
    with pytest.raises(ValueError, match="to_attr=title conflicts"):
        list(found.prefetch_related(Prefetch("writers", to_attr="title")))
    with pytest.raises(QueryError, match="already seen with a different queryset"):
        list(found.prefetch_related("writers", Prefetch("writers", Writer.objects.all())))
    with pytest.raises(QueryError, match="must give objects"):
        Prefetch("writers", Writer.objects.values("name"))


@pytest.mark.transactional
async def test_asynchronous_face() -> None:
    book = await Novel.objects.using("other").acreate(title="EMMA")
    await book.writers.acreate(name="Anne")
    found = [n async for n in Novel.objects.using("other").prefetch_related("writers")]
    assert names(found[0].writers.all()) == ["Anne"]
    await aprefetch_related_objects([book], "editor", "writers__portrait")
    assert book.editor is None
