"""Pickles of objects and querysets keep their database (B50)."""

from __future__ import annotations

import pickle

import pytest

from manybase.db import connections
from tests.behaviour.help import dive, person, queries
from tests.behaviour.models import Book


def again(value):
    return pickle.loads(pickle.dumps(value))


def test_a_queryset_keeps_its_db() -> None:
    """B50: the database of an unpickled queryset is that of the original, bound or not."""
    for alias in connections:
        dive(alias)
        for queryset in (Book.objects.all(), Book.objects.using(alias)):
            assert again(queryset).db == queryset.db
    bound = again(Book.objects.using("other").filter(title__startswith="Dive"))
    assert [book._state.db for book in bound] == ["other"]


def test_an_object_keeps_its_place() -> None:
    """A pickled object comes back equal, tied to its database, with its loaded relations."""
    book = dive(editor=person("Mark", "other"))
    book = Book.objects.using("other").select_related("editor").get(pk=book.pk)

    copy = again(book)

    assert copy == book
    assert (copy._state.db, copy._state.adding) == ("other", False)
    with queries(0):
        assert copy.editor.name == "Mark"


def test_an_unsaved_object_stays_unsaved() -> None:
    """An untied object is untied after pickling."""
    copy = again(Book(title="Draft"))

    assert (copy.title, copy._state.db, copy._state.adding) == ("Draft", None, True)


def test_a_deferred_object_loads_after_pickling() -> None:
    """Deferred fields stay deferred and load from the object's database."""
    dive()
    book = again(Book.objects.using("other").defer("title").get())

    assert book.get_deferred_fields() == {"title"}
    assert book.title == "Dive into Python"


def test_an_evaluated_queryset_keeps_its_results() -> None:
    """A queryset that has run does not run again after pickling."""
    dive()
    queryset = Book.objects.using("other").all()
    assert len(queryset) == 1

    with queries(0):
        assert [book.title for book in again(queryset)] == ["Dive into Python"]


def test_does_not_exist_can_be_pickled() -> None:
    """A model's own exception survives a process border."""
    with pytest.raises(Book.DoesNotExist) as raised:
        Book.objects.get(title="none")

    copy = again(raised.value)

    assert type(copy) is Book.DoesNotExist
    assert str(copy) == str(raised.value)
