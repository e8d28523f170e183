"""Errors inside routers are not hidden (B53 to B56); routers are given classes (B57, B58)."""

from __future__ import annotations

import pytest

from tests.behaviour.help import dive, person, routed
from tests.behaviour.models import Book, Person, Pet
from tests.behaviour.routers import BrokenRouter, ModelOnlyRouter


@pytest.fixture
def book() -> Book:
    return dive("default", pk=1)


def broken():
    return pytest.raises(AttributeError, match="broken inside")


def test_reading_shows_the_error_of_a_router(book: Book) -> None:
    """B53: an AttributeError raised inside db_for_read reaches the program."""
    with routed(BrokenRouter()), broken():
        Book.objects.get(pk=book.pk)


def test_saving_shows_the_error_of_a_router(book: Book) -> None:
    """B54: the same for save()."""
    with routed(BrokenRouter()), broken():
        book.save()


def test_deleting_shows_the_error_of_a_router(book: Book) -> None:
    """B55: the same for delete()."""
    with routed(BrokenRouter()), broken():
        book.delete()


def test_setting_links_shows_the_error_of_a_router(book: Book) -> None:
    """B56: the same for set() of a many-to-many relation."""
    mark = person("Mark")

    with routed(BrokenRouter()), broken():
        book.authors.set([mark])


def test_links_give_routers_model_classes() -> None:
    """B57: add, remove, clear, set and the deletion of an owner ask with a model class."""
    with routed(ModelOnlyRouter()):
        book, mark = dive("default"), person("Mark")

        book.authors.add(mark)
        book.authors.remove(mark)
        book.authors.clear()
        book.authors.set([mark])
        book.delete()

    assert not Book.authors.through.objects.exists()


def test_cascades_give_routers_model_classes() -> None:
    """B58: the collection of children asks with a model class."""
    with routed(ModelOnlyRouter()):
        mark = person("Mark")
        Pet.objects.create(name="Wilbur", owner=mark)

        mark.delete()

    assert not Pet.objects.exists()
    assert not Person.objects.exists()
