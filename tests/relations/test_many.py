"""Many-to-many managers: links, tables between, directions, signals."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import CrossDatabaseError
from manybase.models.signals import m2m_changed
from tests.relations.help import AllowAll, names, novel, queries, routed, titles, writer
from tests.relations.models import Circle, Novel, Reading, Writer

Between = Novel.writers.through


def test_forward_operations_stay_on_the_place_of_the_owner() -> None:
    book, anne, mark = novel("EMMA", "other"), writer("Anne", "other"), writer("Mark", "other")
    book.writers.add(anne, mark)
    assert names(book.writers.all()) == ["Anne", "Mark"]
    book.writers.add(anne)
    assert Between.objects.using("other").count() == 2
    book.writers.remove(anne)
    assert names(book.writers.all()) == ["Mark"]
    book.writers.clear()
    made = book.writers.create(name="Jane")
    assert made._state.db == "other"
    assert book.writers.get_or_create(name="Jane") == (made, False)
    assert book.writers.update_or_create(name="Kim")[1] is True
    assert Writer.objects.count() == Between.objects.count() == 0


def test_reverse_operations_stay_on_the_place_of_the_owner() -> None:
    book, anne = novel("EMMA", "other"), writer("Anne", "other")
    anne.novel_set.add(book)
    assert titles(anne.novel_set.all()) == ["EMMA"]
    anne.novel_set.remove(book)
    anne.novel_set.create(title="more")
    assert titles(anne.novel_set.all()) == ["MORE"]
    anne.novel_set.clear()
    assert not Between.objects.using("other").exists()


def test_set_and_assignment() -> None:
    book, anne, mark = novel("EMMA"), writer("Anne"), writer("Mark")
    book.writers = [anne]  # type: ignore[assignment]
    book.writers.set([anne, mark.pk])
    assert names(book.writers.all()) == ["Anne", "Mark"]
    book.writers.set([mark], clear=True)
    assert names(book.writers.all()) == ["Mark"]
    book.writers.set(Writer.objects.filter(name="Anne"))
    assert names(book.writers.all()) == ["Anne"]
    book.writers.set([])
    assert not book.writers.exists()


def test_strangers_are_refused_before_anything_is_written() -> None:
    book, here, there = novel("EMMA"), writer("Here"), writer("There", "other")
    book.writers.add(here)
    pattern = 'instance is on database "default", value is on database "other"'
    for change in (
        lambda: book.writers.add(there),
        lambda: book.writers.set([there, here]),
        lambda: book.writers.remove(there),
        lambda: setattr(book, "writers", [there]),
    ):
        with queries(0), pytest.raises(CrossDatabaseError, match=pattern) as raised:
            change()
        assert "Novel.writers" in str(raised.value)
    with pytest.raises(CrossDatabaseError, match=r"Writer\.novel_set"):
        there.novel_set.add(book)
    assert names(book.writers.all()) == ["Here"]


def test_allowed_strangers_keep_their_places() -> None:
    book, there = novel("EMMA"), writer("There", "other", pk=9001)
    writer("Same key as There", pk=9001)
    with routed(AllowAll()):
        book.writers.add(there)
    assert there._state.db == "other"
    assert Between.objects.count() == 1


def test_wrong_and_unsaved_values() -> None:
    book = novel("EMMA")
    with pytest.raises(TypeError, match="'Writer' instance expected"):
        book.writers.add(novel("X"))
    with pytest.raises(ValueError, match='the value for field "writer" is None'):
        book.writers.add(Writer(name="x"))
    with pytest.raises(ValueError, match='needs to have a value for field "id"'):
        Novel(title="x").writers.add(writer("y"))


def test_a_table_between_with_columns_of_its_own() -> None:
    book, anne, mark = novel("EMMA"), writer("Anne"), writer("Mark")
    book.readers.add(anne, through_defaults={"stars": 5})
    anne.read.create(title="other", through_defaults={"stars": lambda: 4})
    book.readers.set([anne, mark], through_defaults={"stars": 1})
    assert list(Reading.objects.values_list("stars", flat=True)) == [5, 4, 1]
    book.readers.add(anne)
    assert Reading.objects.count() == 3


def test_symmetrical_and_directed_relations_to_oneself() -> None:
    a, b, c = (Circle.objects.using("other").create(name=name) for name in "abc")
    a.near.add(b, c)
    assert names(b.near.all()) == ["a"]
    b.near.remove(a)
    assert names(a.near.all()) == ["c"]
    a.near.clear()
    assert not c.near.exists()
    a.above.add(b)
    assert names(b.below.all()) == ["a"]
    assert not b.above.exists()
    assert names(Circle.objects.using("other").filter(above=b)) == ["a"]


def test_filters_after_the_manager_speak_of_the_same_link() -> None:
    book, other = novel("EMMA"), novel("OTHER")
    anne = writer("Anne")
    anne.novel_set.add(book, other)
    assert names(book.writers.filter(novel__title="EMMA")) == ["Anne"]
    assert names(book.writers.exclude(name="Anne")) == []


def test_signals_carry_the_place_really_used() -> None:
    heard: list[tuple[Any, ...]] = []

    def listen(sender: Any, **values: Any) -> None:
        heard.append((values["action"], values["using"], values["reverse"], values["model"]))
        assert sender is Between

    book, anne = novel("EMMA", "other"), writer("Anne", "other")
    m2m_changed.connect(listen, sender=Between)
    try:
        book.writers.add(anne)
        book.writers.remove(anne)
        anne.novel_set.add(book)
        book.writers.clear()
    finally:
        m2m_changed.disconnect(listen, sender=Between)

    assert heard == [
        ("pre_add", "other", False, Writer),
        ("post_add", "other", False, Writer),
        ("pre_remove", "other", False, Writer),
        ("post_remove", "other", False, Writer),
        ("pre_add", "other", True, Novel),
        ("post_add", "other", True, Novel),
        ("pre_clear", "other", False, Writer),
        ("post_clear", "other", False, Writer),
    ]


def test_every_write_asks_the_router_with_the_owner() -> None:
    asked: list[Any] = []

    class Watching:
        def db_for_write(self, model: Any, **hints: Any) -> None:
            asked.append((model, hints.get("instance")))

    book, anne = novel("EMMA"), writer("Anne")
    with routed(Watching()):
        for model, owner, change in (
            (Between, book, lambda: book.writers.add(anne)),
            (Between, book, lambda: book.writers.remove(anne)),
            (Between, book, lambda: book.writers.clear()),
            (Novel, book, lambda: book.writers.create(name="x")),
            (Novel, book, lambda: book.writers.get_or_create(name="x")),
            (Writer, book, lambda: book.writers.update(name="y")),
            (Between, anne, lambda: anne.novel_set.add(book)),
            (Writer, anne, lambda: anne.novel_set.get_or_create(title="z")),
        ):
            asked.clear()
            change()
            assert (model, owner) in asked


def test_adding_without_listeners_is_one_statement() -> None:
    book, anne = novel("EMMA"), writer("Anne")
    with queries(1):
        book.writers.add(anne)


@pytest.mark.transactional
async def test_asynchronous_face() -> None:
    book = await Novel.objects.using("other").acreate(title="EMMA")
    anne = await Writer.objects.using("other").acreate(name="Anne")
    stranger = await Writer.objects.acreate(name="Stranger")
    await book.writers.aadd(anne)
    with pytest.raises(CrossDatabaseError):
        await book.writers.aset([stranger])
    assert [w.name async for w in book.writers.all()] == ["Anne"]
    await book.writers.aremove(anne)
    await book.writers.aset([anne])
    await book.writers.aclear()
    made = await book.writers.acreate(name="Kim")
    assert (await book.writers.aget_or_create(name="Kim")) == (made, False)
    assert (await book.writers.aupdate_or_create(name="Lou"))[1] is True
    assert await book.writers.acount() == 2
