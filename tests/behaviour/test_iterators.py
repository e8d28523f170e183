"""``iterator()`` and ``aiterator()`` beside other work, in blocks and outside, on both faces."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from manybase.db import transaction
from manybase.errors import TransactionManagementError
from manybase.runtime.events import capture
from tests.behaviour.help import Face, both, date
from tests.behaviour.models import Book, Person
from tests.databases import Databases
from tests.runtime.help import leaving

pytestmark = [pytest.mark.transactional, pytest.mark.usefixtures("shelf")]

NUMBER = 10


@pytest.fixture
def shelf(places: Databases) -> None:
    """Books, each with an author."""
    for number in range(NUMBER):
        book = Book.objects.create(title=f"B{number}", pages=number, published=date("2001-01-01"))
        book.authors.add(Person.objects.create(name=f"P{number}"))


class Block:
    """``atomic()`` on a face, or nothing."""

    def __init__(self, face: Face, inside: bool) -> None:
        self.face, self.inside = face, inside
        self.block = transaction.atomic("default")

    async def __aenter__(self) -> None:
        if self.inside:
            await self.block.__aenter__() if self.face.is_async else self.block.__enter__()

    async def __aexit__(self, *error: Any) -> None:
        if self.inside and self.face.is_async:
            await self.block.__aexit__(*error)
        elif self.inside:
            self.block.__exit__(*error)


class Rows:
    """A queryset's iterator on a face."""

    def __init__(self, face: Face, queryset: Any, size: int) -> None:
        self.face = face
        self.rows = queryset.aiterator(size) if face.is_async else queryset.iterator(size)

    def __aiter__(self) -> Rows:
        return self

    async def __anext__(self) -> Any:
        if self.face.is_async:
            return await anext(self.rows)
        for row in self.rows:
            return row
        raise StopAsyncIteration


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
@both
async def test_saving_what_is_read(face: Face, inside: bool) -> None:
    """Each object is read once, whatever is written meanwhile."""
    seen = []
    async with Block(face, inside):
        async for book in Rows(face, Book.objects.order_by("title"), 4):
            seen.append(book.title)
            book.pages += 100
            await face.call(book, "save")
    assert seen == [f"B{n}" for n in range(NUMBER)]
    assert await face.call(Book.objects.filter(pages__gte=100), "count") == NUMBER


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
@both
async def test_prefetching_for_each_chunk(face: Face, inside: bool) -> None:
    rows = Book.objects.order_by("title").prefetch_related("authors")
    with capture() as log:
        async with Block(face, inside):
            found = [book async for book in Rows(face, rows, 4)]
    assert len(log) == 1 + 3
    assert [[one.name for one in book.authors.all()] for book in found] == [
        [f"P{n}"] for n in range(NUMBER)
    ]
    assert len(log) == 1 + 3


@pytest.mark.parametrize("inside", [True, False], ids=["inside", "outside"])
@both
async def test_leaving_early(face: Face, inside: bool) -> None:
    """What was not read is in nobody's way."""
    async with Block(face, inside):
        async for book in Rows(face, Book.objects.order_by("title"), 4):
            if book.pages == 5:
                break
        await face.call(Person.objects, "create", name="new")
        assert await face.call(Book.objects, "count") == NUMBER
    assert await face.call(Person.objects.filter(name="new"), "exists")


@both
async def test_one_iterator_inside_another(face: Face) -> None:
    async with Block(face, True):
        pairs = [
            (book.pages, author.name)
            async for book in Rows(face, Book.objects.order_by("title"), 2)
            async for author in Rows(face, book.authors, 1)
        ]
    assert pairs == [(n, f"P{n}") for n in range(NUMBER)]


@both
async def test_an_error_in_the_loop_undoes_the_block(face: Face) -> None:
    with leaving(KeyError):
        async with Block(face, True):
            async for book in Rows(face, Book.objects.order_by("title"), 2):
                book.pages = 500
                await face.call(book, "save")
                if book.title == "B3":
                    raise KeyError
    assert not await face.call(Book.objects.filter(pages=500), "exists")


@both
async def test_rows_are_locked_as_they_are_read(face: Face) -> None:
    rows = Book.objects.order_by("title").select_for_update()
    async with Block(face, True):
        found = [book.pages async for book in Rows(face, rows, 2)]
    assert found == list(range(NUMBER))


@both
async def test_locked_rows_need_a_block(face: Face) -> None:
    """As for a queryset that is read at once."""
    with pytest.raises(
        TransactionManagementError,
        match=r"select_for_update\(\) cannot be used outside of a transaction",
    ):
        await anext(Rows(face, Book.objects.select_for_update(), 2))
    for keys in (None, [1]):
        with pytest.raises(TransactionManagementError, match="outside of a transaction"):
            await face.call(Book.objects.select_for_update(), "in_bulk", keys)


@both
async def test_values_come_bit_by_bit(face: Face) -> None:
    flat = Book.objects.order_by("title").values_list("pages", flat=True)
    assert [n async for n in Rows(face, flat, 4)] == list(range(NUMBER))
    found = [row async for row in Rows(face, Book.objects.order_by("title").values("pages"), 4)]
    assert found == [{"pages": n} for n in range(NUMBER)]
    assert [book async for book in Rows(face, Book.objects.none(), 4)] == []


async def test_an_iterator_may_be_closed() -> None:
    """``contextlib.aclosing()`` works, and a closed one gives nothing more."""
    async with transaction.atomic("default"):
        async with contextlib.aclosing(Book.objects.order_by("title").aiterator(2)) as rows:
            assert (await anext(rows)).title == "B0"
        assert [book async for book in rows] == []
        assert await Book.objects.acount() == NUMBER
