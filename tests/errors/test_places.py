"""Errors of place: crossing databases, no place at all, missing tables and drivers, loops."""

from __future__ import annotations

import pytest

from manybase import models
from manybase.errors import CrossDatabaseError, MissingTable, SyncOnlyOperation
from tests.behaviour.help import dive, person
from tests.behaviour.models import Book, Person

pytestmark = pytest.mark.usefixtures("places")


def test_assignment_across_databases_names_both_and_the_relation() -> None:
    """The error names aliases, model and relation, and says what to write instead."""
    book, marty = dive("other"), person("Marty", "default")

    with pytest.raises(CrossDatabaseError) as raised:
        book.editor = marty

    text = str(raised.value)
    for word in ("'default'", "'other'", "behaviour.Person", "behaviour.Book.editor"):
        assert word in text
    assert "using('other')" in raised.value.hint
    assert "Marty" not in text


def test_a_query_with_a_foreign_object_says_where_to_run() -> None:
    """The hint is the call that would be right."""
    mark = person("Mark", "other")

    with pytest.raises(CrossDatabaseError) as raised:
        Book.objects.using("default").filter(editor=mark)

    assert ".using('other')" in raised.value.hint


def test_a_missing_table_says_how_to_make_it() -> None:
    """The table, the database and the call are in the message."""

    class Nowhere(models.Model):
        label = models.CharField(max_length=5)

        class Meta:
            app_label = "errors_missing"
            managed = False

    with pytest.raises(MissingTable) as raised:
        list(Nowhere.objects.using("other").all())

    text = str(raised.value)
    assert "errors_missing_nowhere" in text
    assert "other" in text
    assert "create_tables" in text or "migrate" in text


@pytest.mark.transactional
async def test_sync_calls_in_a_loop_say_the_async_spelling() -> None:
    """Each kind of synchronous call in a running loop names the twin to use."""
    mark = await Person.objects.acreate(name="Mark")
    await Book.objects.acreate(title="x", editor=mark)
    book = await Book.objects.aget()
    cases = [
        (lambda: Book.objects.get(pk=1), "aget"),
        (lambda: Book.objects.count(), "acount"),
        (lambda: Book.objects.create(title="y"), "acreate"),
        (lambda: list(Book.objects.all()), "async for"),
        (lambda: book.save(), "asave"),
        (lambda: book.delete(), "adelete"),
        (lambda: book.authors.add(mark), "aadd"),
        (lambda: book.editor, "afetch"),
    ]
    for act, word in cases:
        with pytest.raises(SyncOnlyOperation) as raised:
            act()
        assert word in str(raised.value), word


@pytest.mark.transactional
async def test_sync_calls_in_a_loop_may_be_allowed() -> None:
    """A setting allows them, as in a notebook."""
    from manybase.conf import settings
    from manybase.db import connections

    with settings.override(ALLOW_SYNC_IN_EVENT_LOOP=True):
        assert Book.objects.count() == 0
    with pytest.raises(SyncOnlyOperation):
        Book.objects.count()
    connections.close_all()
