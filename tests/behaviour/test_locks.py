"""Rows that somebody else has locked: waiting is refused, or they are left out, on both faces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from manybase.db import transaction
from manybase.errors import OperationalError
from manybase.runtime import engines
from tests.behaviour.help import Face, both, date
from tests.behaviour.models import Book, Person
from tests.databases import Databases
from tests.runtime.help import leaving

pytestmark = [
    pytest.mark.transactional,
    pytest.mark.usefixtures("locked"),
    # SQLite has one writer at a time and no locks of rows.
    pytest.mark.parametrize("kind", ["postgresql", "mysql"], indirect=True),
]


@pytest.fixture
def locked(places: Databases) -> Iterator[None]:
    """Three books; somebody else has locked the first one, on a connection of their own."""
    ann = Person.objects.create(name="Ann")
    for number in range(3):
        Book.objects.create(title=f"B{number}", published=date("2001-01-01"), editor=ann)
    engine = engines.engine("default")
    connection = engine.connect()
    cursor = engine.drivers.cursor(connection)
    cursor.execute("BEGIN")
    cursor.execute("SELECT id FROM behaviour_book WHERE title = 'B0' FOR UPDATE")
    cursor.fetchall()
    yield
    cursor.execute("ROLLBACK")
    connection.close()


async def titles(face: Face, queryset: Any) -> list[str]:
    """What a block reads of the rows."""
    if face.is_async:
        async with transaction.atomic("default"):
            return [book.title async for book in queryset]
    with transaction.atomic("default"):
        return [book.title for book in queryset]


@both
async def test_locked_rows_are_left_out(face: Face) -> None:
    rows = Book.objects.order_by("title").select_for_update(skip_locked=True)
    assert await titles(face, rows) == ["B1", "B2"]
    assert await titles(face, rows.all()[:1]) == ["B1"]


@both
async def test_nobody_waits_for_locked_rows(face: Face) -> None:
    rows = Book.objects.order_by("title").select_for_update(nowait=True)
    with leaving(OperationalError):
        await titles(face, rows)
    # By key: MariaDB would lock every row that it has to look at.
    free = Book.objects.exclude(title="B0").values_list("pk", flat=True)
    keys = [key async for key in free] if face.is_async else list(free)
    assert await titles(face, rows.filter(pk__in=keys)) == ["B1", "B2"]


@both
async def test_the_same_bit_by_bit(face: Face) -> None:
    rows = Book.objects.order_by("title")
    if face.is_async:
        async with transaction.atomic("default"):
            some = rows.select_for_update(skip_locked=True).aiterator(1)
            assert [book.title async for book in some] == ["B1", "B2"]
        with leaving(OperationalError):
            async with transaction.atomic("default"):
                await anext(rows.select_for_update(nowait=True).aiterator(1))
    else:
        with transaction.atomic("default"):
            some = rows.select_for_update(skip_locked=True).iterator(1)
            assert [book.title for book in some] == ["B1", "B2"]
        with leaving(OperationalError), transaction.atomic("default"):
            next(rows.select_for_update(nowait=True).iterator(1))
    assert await titles(face, rows) == ["B0", "B1", "B2"]


@both
async def test_only_the_tables_that_are_named_are_locked(face: Face, places: Databases) -> None:
    """Where ``of`` can be said, the rows of other tables stay free."""
    from manybase.runtime import sync

    if not sync.dialect("default").features.for_update_of:
        with pytest.raises(Exception, match="MariaDB has no FOR UPDATE OF"):
            await titles(face, Book.objects.select_for_update(of=("self",)))
        return
    rows = Book.objects.select_related("editor").order_by("title")
    # The editor is free, and only her row is asked for.
    of = rows.filter(editor__isnull=False).select_for_update(nowait=True, of=("self",))
    with leaving(OperationalError):
        await titles(face, of)
    free = Person.objects.select_for_update(nowait=True)
    if face.is_async:
        async with transaction.atomic("default"):
            assert [person.name async for person in free] == ["Ann"]
    else:
        with transaction.atomic("default"):
            assert [person.name for person in free] == ["Ann"]
