"""One small plan cache under eight threads and two hundred tasks that use two databases.

Plans are dropped and compiled again all the time; every answer is compared with what plain Python
says. Also with two kinds of database at once, whose plans differ while their shapes are the same.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from manybase import plans
from manybase.db import connections
from manybase.models import Count, F, Q, Sum
from manybase.query.plan import Plans
from manybase.query.plan import plans as cache
from tests import servers
from tests.behaviour.help import Face
from tests.databases import Databases
from tests.speed.models import Author, Book

pytestmark = [
    pytest.mark.transactional,
    pytest.mark.parametrize("kind", [*servers.KINDS, "postgresql+mysql"], indirect=True),
]

DATABASES = ("default", "other")
BOUND = 8
"""How many plans fit; one turn of ``work`` needs about three times as many."""
THREADS, TURNS, TASKS = 8, 6, 200
SHARED = [10, 20, 30, 40]
"""The pages of the books that nobody changes."""


@pytest.fixture
def small_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plans]:
    cache.clear()
    monkeypatch.setattr(cache, "largest", BOUND)
    yield cache
    cache.clear()


@pytest.fixture
def shared(db: Databases) -> None:
    """On each database an author whose books everybody reads."""
    for alias in DATABASES:
        author = Author.objects.using(alias).create(name=f"shared on {alias}")
        for pages in SHARED:
            Book.objects.using(alias).create(title=f"{alias} {pages}", pages=pages, author=author)


async def some(face: Face, books: Any, alias: str) -> None:
    found = await face.list(books.filter(Q(pages__lt=15) | Q(pages__gt=35)).order_by("-pages"))
    assert [book.title for book in found] == [f"{alias} 40", f"{alias} 10"]
    assert {book._state.db for book in found} == {alias}


async def number_of(face: Face, books: Any, alias: str) -> None:
    assert await face.call(books, "count") == len(SHARED)


async def sums(face: Face, books: Any, alias: str) -> None:
    found = await face.call(books, "aggregate", n=Count("pk"), pages=Sum("pages"))
    assert found == {"n": len(SHARED), "pages": sum(SHARED)}


async def joined(face: Face, books: Any, alias: str) -> None:
    first = await face.call(books.select_related("author").order_by("pages"), "first")
    assert (first.pages, first.author.name) == (10, f"shared on {alias}")


async def listed(face: Face, books: Any, alias: str) -> None:
    titles = books.filter(pages__in=[20, 30]).order_by("pages").values_list("title", flat=True)
    assert await face.list(titles) == [f"{alias} 20", f"{alias} 30"]


async def annotated(face: Face, books: Any, alias: str) -> None:
    found = await face.list(
        books.annotate(more=F("pages") + 1).filter(more__gt=21).order_by("more")
    )
    assert [book.more for book in found] == [31, 41]


async def grouped(face: Face, books: Any, alias: str) -> None:
    found = await face.list(books.values("author__name").annotate(n=Count("pk")))
    assert found == [{"author__name": f"shared on {alias}", "n": len(SHARED)}]


QUESTIONS = [some, number_of, sums, joined, listed, annotated, grouped]


async def read(face: Face, alias: str, order: random.Random) -> None:
    """Ask about the rows that nobody changes, in an order of one's own."""
    books = Book.objects.using(alias).filter(author__name=f"shared on {alias}")
    for question in order.sample(QUESTIONS, len(QUESTIONS)):
        await question(face, books, alias)


async def write(face: Face, alias: str, name: str) -> None:
    """Make, change and delete rows of one's own; ask after each step."""
    authors, books = Author.objects.using(alias), Book.objects.using(alias)
    author = await face.call(authors, "create", name=name)
    mine = books.filter(author_id=author.pk).order_by("pages")
    made = [Book(title=f"{name} {n}", pages=n, author=author) for n in range(3)]
    await face.call(books, "bulk_create", made)
    assert await face.list(mine.values_list("title", "pages")) == [
        (f"{name} {n}", n) for n in range(3)
    ]
    assert await face.call(mine.filter(pages__gte=1), "update", pages=F("pages") + 100) == 2
    last = await face.call(mine, "get", pages=102)
    last.title = f"{name} changed"
    await face.call(last, "save", update_fields=["title"])
    again = await face.call(books, "get", pk=last.pk)
    assert (again.title, again.pages) == (f"{name} changed", 102)
    _, new = await face.call(authors, "get_or_create", name=name)
    assert not new
    assert await face.call(mine.exclude(pages=0), "exists")
    await face.call(last, "delete")
    assert await face.list(mine.values_list("pages", flat=True)) == [0, 101]
    assert (await face.call(mine, "delete"))[0] == 2
    assert await face.call(authors.filter(pk=author.pk), "count") == 1


async def work(face: Face, number: int, turn: int) -> None:
    """One turn: reads and writes on one database, then reads on the other."""
    alias, other = DATABASES[number % 2], DATABASES[(number + 1) % 2]
    # Tasks take turns one statement each, so equal orders would need few plans at a time.
    order = random.Random(number)
    if number % 3:
        await read(face, alias, order)
    await write(face, alias, f"{number} {turn}")
    await read(face, other, order)


def run_sync(number: int, turn: int) -> None:
    try:
        work(Face("sync"), number, turn).send(None)
    except StopIteration:
        return
    raise AssertionError("the synchronous face waited for something")


def check(written: list[str]) -> None:
    """What is left, how often plans were made again, and that the cache kept its bound."""
    found = [
        name
        for alias in DATABASES
        for name in Author.objects.using(alias)
        .exclude(name__startswith="shared")
        .values_list("name", flat=True)
    ]
    assert sorted(found) == sorted(written)
    assert [Book.objects.using(alias).count() for alias in DATABASES] == [len(SHARED)] * 2
    info = plans.info()
    assert info.size <= BOUND
    assert info.misses > 10 * BOUND
    assert info.hits > 0


@pytest.mark.usefixtures("shared")
def test_eight_threads(small_cache: Plans) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(THREADS)

    def turns(number: int) -> None:
        try:
            start.wait()
            for turn in range(TURNS):
                run_sync(number, turn)
        except BaseException as error:  # noqa: BLE001  # raised again by the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=turns, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    if failures:
        raise failures[0]
    check([f"{number} {turn}" for number in range(THREADS) for turn in range(TURNS)])


@pytest.mark.usefixtures("shared")
def test_two_hundred_tasks(small_cache: Plans) -> None:
    async def main() -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(TASKS):
                    group.create_task(work(Face("async"), number, 0))
        finally:
            await connections.aclose_all()

    asyncio.run(main())

    check([f"{number} 0" for number in range(TASKS)])
