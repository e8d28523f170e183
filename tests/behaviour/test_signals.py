"""Signals tell the database that was really used (B51, B52), and everything else they owe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from manybase.models import signals
from tests.behaviour.help import Face, both, dive, person, pro, routed
from tests.behaviour.models import Book, Person, Pet
from tests.behaviour.routers import WriteToOtherRouter


@contextmanager
def listening(*wanted: Any, sender: Any = None) -> Iterator[list[tuple[Any, dict[str, Any]]]]:
    """Collect what the signals say within a block."""
    heard: list[tuple[Any, dict[str, Any]]] = []

    def receiver(signal: Any, **values: Any) -> None:
        heard.append((signal, values))

    for one in wanted:
        one.connect(receiver, sender=sender, weak=False)
    try:
        yield heard
    finally:
        for one in wanted:
            one.disconnect(receiver, sender=sender)


SAVE_AND_DELETE = (
    signals.pre_save,
    signals.post_save,
    signals.pre_delete,
    signals.post_delete,
)


def _used(heard):
    return [values["using"] for _, values in heard]


def test_save_and_delete_tell_the_database() -> None:
    """B51: pre and post signals of save and delete carry the alias that is used."""
    with listening(*SAVE_AND_DELETE, sender=Person) as heard:
        mark = person("Mark", "default")
        assert _used(heard) == ["default", "default"]
        heard.clear()

        mark.save(using="default")
        assert _used(heard) == ["default", "default"]
        heard.clear()

        mark.delete(using="default")
        assert _used(heard) == ["default", "default"]
        heard.clear()

        paul = person("Paul", "other")
        paul.save()
        paul.delete()
        assert _used(heard) == ["other"] * 6


def test_save_signals_tell_what_happens() -> None:
    """post_save says whether a row was made, raw and update_fields; pre_save comes first."""
    with listening(signals.pre_save, signals.post_save, sender=Book) as heard:
        book = pro()
        book.save(update_fields=["title"])

    kinds = [signal for signal, _ in heard]
    assert kinds == [signals.pre_save, signals.post_save] * 2
    first, second = heard[1][1], heard[3][1]
    assert (first["created"], first["raw"], first["update_fields"]) == (True, False, None)
    assert second["created"] is False
    assert set(second["update_fields"]) == {"title"}
    assert first["instance"] is book
    assert first["sender"] is Book


@pytest.mark.parametrize("with_router", [False, True])
def test_links_tell_the_database(with_router: bool) -> None:
    """B52: m2m_changed carries the alias for add, remove and clear of both ends."""
    pro("default", pk=1), person("Marty", "default", pk=1)
    pro("other", pk=1), person("Marty", "other", pk=1)
    book = Book.objects.using("default").get()
    marty = Person.objects.using("default").get()

    class Allowing(WriteToOtherRouter):
        def allow_relation(self, *objects, **hints):
            return True

    expected = "other" if with_router else "default"
    steps = (
        lambda: book.authors.add(marty),
        lambda: book.authors.remove(marty),
        lambda: marty.book_set.add(book),
        lambda: marty.book_set.remove(book),
        lambda: book.authors.add(marty),
        lambda: book.authors.clear(),
        lambda: marty.book_set.set([book]),
    )
    with routed(*([Allowing()] if with_router else [])):
        for step in steps:
            with listening(signals.m2m_changed, sender=Book.authors.through) as heard:
                step()
            assert set(_used(heard)) == {expected}


def test_links_tell_what_changed() -> None:
    """m2m_changed says action, side, model and keys; nothing new says nothing."""
    book, mark, john = pro(), person("Mark"), person("John")
    through = Book.authors.through

    with listening(signals.m2m_changed, sender=through) as heard:
        book.authors.add(mark, john)
        book.authors.add(mark)
        mark.book_set.remove(book)
        book.authors.clear()

    told = [(v["action"], v["reverse"], v["model"], v["pk_set"]) for _, v in heard]
    both_keys = {mark.pk, john.pk}
    assert [row for row in told if row[3] != set()] == [
        ("pre_add", False, Person, both_keys),
        ("post_add", False, Person, both_keys),
        ("pre_remove", True, Book, {book.pk}),
        ("post_remove", True, Book, {book.pk}),
        ("pre_clear", False, Person, None),
        ("post_clear", False, Person, None),
    ]
    assert heard[0][1]["instance"] is book


def test_init_signals_are_sent_for_loaded_rows() -> None:
    """pre_init and post_init are heard for each object made, when somebody listens."""
    pro()
    with listening(signals.pre_init, signals.post_init, sender=Book) as heard:
        Book(title="x")
        list(Book.objects.all())

    kinds = [signal for signal, _ in heard]
    assert kinds == [signals.pre_init, signals.post_init] * 2
    assert heard[3][1]["instance"].title == "Pro Django"


def test_class_prepared_is_sent_once_for_each_model() -> None:
    """class_prepared tells a new model class."""
    from manybase import models

    with listening(signals.class_prepared) as heard:

        class Fresh(models.Model):
            class Meta:
                app_label = "behaviour_fresh"

    assert Fresh in [values["sender"] for _, values in heard]


def test_cascaded_deletions_are_told_when_heard() -> None:
    """Listeners of a child's deletion hear of it when the parent is deleted."""
    mark = person("Mark", "other")
    mark.pet_set.create(name="Wilbur")

    with listening(signals.post_delete, sender=Pet) as heard:
        mark.delete()

    assert [(v["instance"].name, v["using"]) for _, v in heard] == [("Wilbur", "other")]


def test_queryset_deletion_is_told_for_each_object() -> None:
    """A queryset's delete() sends the signals of each object; update() sends none."""
    for name in ("a", "b"):
        person(name)

    with listening(*SAVE_AND_DELETE, sender=Person) as heard:
        Person.objects.filter(name="a").update(name="c")
        assert heard == []
        Person.objects.all().delete()

    deleted = [v["instance"].name for s, v in heard if s is signals.post_delete]
    assert sorted(deleted) == ["b", "c"]


@both
async def test_signals_are_sent_by_both_faces(face: Face) -> None:
    """A save and a delete of either face tell the same."""
    with listening(*SAVE_AND_DELETE, sender=Person) as heard:
        mark = await face.call(Person.objects.using("other"), "create", name="Mark")
        await face.call(mark, "save")
        await face.call(mark, "delete")

    assert _used(heard) == ["other"] * 6


def test_an_error_in_a_receiver_stops_the_save() -> None:
    """What a pre_save receiver raises reaches the program and nothing is written."""

    def refuse(**values: Any) -> None:
        raise RuntimeError("no more books")

    signals.pre_save.connect(refuse, sender=Book)
    try:
        with pytest.raises(RuntimeError, match="no more books"):
            dive()
    finally:
        signals.pre_save.disconnect(refuse, sender=Book)
    assert not Book.objects.using("other").exists()
