"""Generic keys and their far ends."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.contrib.contenttypes.models import ContentType
from manybase.errors import CrossDatabaseError
from tests.relations.help import AllowAll, Replica, novel, queries, routed, writer
from tests.relations.models import Circle, Note, Novel, Writer


def texts(queryset: Any) -> list[str]:
    return [note.text for note in queryset]


def test_a_generic_key_is_read_from_the_place_of_its_owner() -> None:
    book = novel("EMMA", "other")
    Note.objects.using("other").create(text="good", about=book)
    found = Note.objects.using("other").get()

    assert found.about == book and found.about._state.db == "other"
    with queries(0):
        assert found.about is found.about
    assert not Note.objects.exists()


def test_the_content_type_is_that_of_the_place() -> None:
    """Numbers of content types differ from database to database."""
    ContentType.objects.using("other").filter(model="novel").delete()
    ContentType.objects.clear_cache()
    there = Note(text="x", about=novel("EMMA", "other"))
    here = Note(text="x", about=novel("EMMA"))

    for note, alias in ((there, "other"), (here, "default")):
        content_type = ContentType.objects.using(alias).get(pk=note.content_type_id)
        assert content_type.model == "novel"


def test_reverse_operations_stay_on_the_place_of_the_owner() -> None:
    book, temp = novel("EMMA", "other"), novel("TEMP", "other")
    one = Note.objects.using("other").create(text="one", about=book)
    two = Note.objects.using("other").create(text="two", about=temp)

    book.notes.add(two)
    assert texts(book.notes.all()) == ["one", "two"]
    assert not temp.notes.exists()
    book.notes.remove(one)
    assert texts(Note.objects.using("other").all()) == ["two"]
    book.notes.clear()
    made = book.notes.create(text="three")
    assert made._state.db == "other" and made.about == book
    assert book.notes.get_or_create(text="three") == (made, False)
    assert book.notes.update_or_create(text="three", defaults={"text": "four"})[0].pk == made.pk
    book.notes.set([])
    assert not Note.objects.using("other").exists()
    assert book.notes.db == "other"


def test_crossings_are_refused() -> None:
    here, there = novel("HERE"), novel("THERE", "other")
    note = Note.objects.create(text="x", about=here)
    with pytest.raises(CrossDatabaseError, match=r"Note\.about"):
        note.about = there
    with queries(0), pytest.raises(CrossDatabaseError, match=r"Novel\.notes"):
        there.notes.add(note)
    with routed(AllowAll()), pytest.raises(ValueError, match="isn't saved, use bulk=False"):
        there.notes.add(note)
    assert note.about == here


def test_an_untied_owner_is_tied_and_saved_there() -> None:
    note = Note(text="x")
    note.about = novel("EMMA", "other")
    assert note._state.db == "other"
    note.save()
    assert Note.objects.using("other").count() == 1
    with routed(Replica()):
        assert Note(text="y", about=writer("W", "other"))._state.db == "default"


def test_none_and_wrong_values() -> None:
    note = Note(text="x", about=novel("EMMA"))
    note.about = None
    assert (note.content_type_id, note.object_id, note.about) == (None, None, None)
    with pytest.raises(ValueError, match="must be an instance of a model"):
        note.about = "Emma"


def test_changing_a_column_forgets_the_object() -> None:
    one, two = novel("ONE"), novel("TWO")
    note = Note(text="x", about=one)
    note.object_id = two.pk
    assert note.about == two
    note.object_id = 0
    assert note.about is None


def test_filters_over_the_relation_stay_on_one_model_and_place() -> None:
    book, anne = novel("EMMA", "other"), writer("Anne", "other")
    book.notes.create(text="good")
    anne.notes.create(text="bad")
    found = Novel.objects.using("other")
    assert list(found.filter(notes__text="good")) == [book]
    assert not found.filter(notes__text="bad").exists()
    assert list(found.filter(notes__isnull=True)) == []


def test_filters_from_the_side_of_the_key() -> None:
    """A writer of the same key is not taken for the novel."""
    book, anne = novel("EMMA", "other", pk=9001), writer("Anne", "other", pk=9001)
    book.notes.create(text="on the novel")
    anne.notes.create(text="on the writer")
    found = Note.objects.using("other")
    assert texts(found.filter(novel__title="EMMA")) == ["on the novel"]
    assert texts(found.filter(novel=book)) == ["on the novel"]
    assert texts(found.exclude(novel=book)) == ["on the writer"]
    assert texts(found.filter(novel__isnull=True)) == ["on the writer"]
    with pytest.raises(CrossDatabaseError):
        found.filter(novel=novel("EMMA"))


def test_unsaved_objects_are_saved_when_asked() -> None:
    book = novel("EMMA", "other")
    with pytest.raises(ValueError, match="isn't saved"):
        book.notes.add(Note(text="x"))
    book.notes.add(Note(text="x"), bulk=False)
    assert texts(Note.objects.using("other").all()) == ["x"]


def test_deleting_takes_generic_children_of_the_same_place() -> None:
    book = novel("EMMA", "other")
    book.notes.create(text="there")
    novel("EMMA").notes.create(text="here")
    writer("Anne", "other").notes.create(text="stays")

    _, counts = book.delete()

    assert counts["relations.Note"] == 1
    assert texts(Note.objects.using("other").all()) == ["stays"]
    assert texts(Note.objects.all()) == ["here"]


@pytest.mark.transactional
async def test_asynchronous_face() -> None:
    book = await Novel.objects.using("other").acreate(title="EMMA")
    by_key = await Note.objects.using("other").acreate(text="z", about=book)
    assert by_key.content_type_id is not None
    await by_key.adelete()
    ContentType.objects.clear_cache()
    (bulk,) = await Note.objects.using("other").abulk_create([Note(text="b", about=book)])
    assert bulk.content_type_id == by_key.content_type_id
    await bulk.adelete()
    made = await book.notes.acreate(text="a")
    assert made._state.db == "other"
    found = await Note.objects.using("other").aget()
    assert await found.afetch("about") == book
    assert (await book.notes.aget_or_create(text="a"))[1] is False
    await book.notes.aupdate_or_create(text="b")
    await book.notes.aremove(made)
    assert [n.text async for n in book.notes.all()] == ["b"]
    await book.notes.aset([])
    await book.notes.aadd(Note(text="c"), bulk=False)
    await book.notes.aclear()
    assert await Note.objects.using("other").acount() == 0
    assert await Writer.objects.acount() == 0


def test_two_untied_objects_get_the_content_type_of_where_they_are_saved() -> None:
    for model in (Note, Writer, Circle):
        ContentType.objects.using("other").get_or_create(app_label="x", model=model.__name__)
    anne = Writer(name="Anne")
    note = Note(text="x", about=anne)
    anne.save(using="other")
    note.save(using="other")

    found = ContentType.objects.using("other").get(pk=note.content_type_id)
    assert (found.model, note.object_id) == ("writer", anne.pk)
    assert Note.objects.using("other").get().about == anne


def test_a_save_that_a_router_moves_takes_the_content_type_of_there() -> None:
    ContentType.objects.using("other").create(app_label="x", model="y")
    there = novel("EMMA", "other", pk=9001)
    note = Note.objects.using("other").create(text="x", about=there)
    with routed(Replica()):
        note.pk = None
        note.save()
    assert ContentType.objects.get(pk=note.content_type_id).model == "novel"
