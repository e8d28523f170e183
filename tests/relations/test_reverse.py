"""The manager at the far end of a foreign key."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import CrossDatabaseError
from tests.relations.help import AllowAll, novel, queries, routed, titles, writer
from tests.relations.models import Chapter, Novel, Writer


def test_operations_stay_on_the_place_of_the_owner() -> None:
    anne = writer("Anne", "other")
    one, two = novel("ONE", "other"), novel("TWO", "other")

    anne.edited.add(one, two)
    assert titles(anne.edited.all()) == ["ONE", "TWO"]
    assert one.editor is anne
    anne.edited.remove(one)
    assert titles(anne.edited.all()) == ["TWO"]
    anne.edited.clear()
    assert not anne.edited.exists()
    made = anne.edited.create(title="three")
    assert made._state.db == "other" and made.title == "THREE"
    assert anne.edited.get_or_create(title="THREE")[1] is False
    assert anne.edited.update_or_create(title="THREE", defaults={"pages": 7})[0].pages == 7
    assert not Novel.objects.exists()


def test_set_writes_the_difference() -> None:
    anne = writer("Anne")
    one, two, three = novel("1"), novel("2"), novel("3")
    anne.edited.set([one, two])
    anne.edited.set([two, three])
    assert titles(anne.edited.all()) == ["2", "3"]
    anne.edited.set([one], clear=True)
    assert titles(anne.edited.all()) == ["1"]
    anne.edited = [two]  # type: ignore[assignment]
    assert titles(anne.edited.all()) == ["2"]


def test_a_stranger_is_refused_before_anything_is_written() -> None:
    anne, here, there = writer("Anne"), novel("HERE"), novel("THERE", "other")
    anne.edited.add(novel("OLD"))
    for change in (anne.edited.set, lambda objs: anne.edited.add(*objs)):
        with queries(0), pytest.raises(CrossDatabaseError, match="router prevents") as raised:
            change([here, there])
        assert '"default"' in str(raised.value) and '"other"' in str(raised.value)
        assert "Writer.edited" in str(raised.value)
    assert here.editor_id is None
    assert titles(anne.edited.all()) == ["OLD"]
    with pytest.raises(CrossDatabaseError):
        anne.edited.remove(there)


def test_an_allowed_stranger_needs_a_save_of_its_own() -> None:
    anne, there = writer("Anne"), novel("THERE", "other")
    with routed(AllowAll()), pytest.raises(ValueError, match="isn't saved, use bulk=False"):
        anne.edited.set([there])


def test_unsaved_objects_are_saved_when_asked() -> None:
    anne, fresh = writer("Anne", "other"), Novel(title="FRESH")
    with pytest.raises(ValueError, match="isn't saved, use bulk=False"):
        anne.edited.add(fresh)
    anne.edited.add(fresh, bulk=False)
    assert titles(Novel.objects.using("other").filter(editor=anne)) == ["FRESH"]


def test_a_key_that_cannot_be_null_leaves_no_way_to_remove() -> None:
    book = novel("EMMA")
    assert not hasattr(book.chapter_set, "remove")
    assert not hasattr(book.chapter_set, "clear")
    first, second = Chapter(number=1), Chapter(number=2)
    book.chapter_set.add(first, bulk=False)
    book.chapter_set.set([second], bulk=False)
    assert [c.number for c in book.chapter_set.all()] == [1, 2]


def test_removing_what_is_not_there_raises() -> None:
    anne, other = writer("Anne"), writer("Other")
    with pytest.raises(Writer.DoesNotExist, match="not related"):
        anne.edited.remove(novel("X", editor=other))


def test_an_owner_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match="needs to have a primary key value"):
        Writer(name="x").edited.all()


def test_results_know_their_owner() -> None:
    anne = writer("Anne")
    novel("EMMA", editor=anne)
    with queries(1):
        assert [book.editor for book in anne.edited.all()] == [anne]


def test_managers_are_real_managers() -> None:
    anne = writer("Anne")
    novel("LONG", pages=200, editor=anne)
    novel("SHORT", editor=anne)
    assert titles(anne.edited.long()) == ["LONG"]
    assert titles(anne.edited(manager="objects").long()) == ["LONG"]
    assert anne.edited.values_list("title", flat=True)[0] == "LONG"


def test_place_of_the_manager() -> None:
    anne = writer("Anne", "other")
    assert anne.edited.db == "other"
    assert anne.edited.all().db == "other"
    assert anne.edited.db_manager("default").db == "default"
    assert anne.edited.using("default").db == "default"


def test_every_write_asks_the_router_with_the_owner() -> None:
    asked: list[Any] = []

    class Watching:
        def db_for_write(self, model: Any, **hints: Any) -> None:
            asked.append((model, hints.get("instance")))

    anne, book = writer("Anne"), novel("EMMA")
    with routed(Watching()):
        for change in (
            lambda: anne.edited.add(book),
            lambda: anne.edited.remove(book),
            lambda: anne.edited.clear(),
            lambda: anne.edited.create(title="x"),
            lambda: anne.edited.update(pages=2),
        ):
            asked.clear()
            change()
            assert (Novel, anne) in asked


@pytest.mark.transactional
async def test_asynchronous_face() -> None:
    anne = await Writer.objects.using("other").acreate(name="Anne")
    one = await Novel.objects.using("other").acreate(title="ONE")
    await anne.edited.aadd(one)
    assert [n.title async for n in anne.edited.all()] == ["ONE"]
    await anne.edited.aremove(one)
    await anne.edited.aset([one])
    await anne.edited.aclear()
    assert (await anne.edited.acreate(title="TWO"))._state.db == "other"
    assert (await anne.edited.aget_or_create(title="TWO"))[1] is False
    assert (await anne.edited.aupdate_or_create(title="TWO", defaults={"pages": 5}))[0].pages == 5
    assert await anne.edited.acount() == 1
