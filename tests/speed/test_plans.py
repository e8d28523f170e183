"""The plan cache: counted, bounded, not blown up, safe for threads and tasks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

import manybase
from manybase import plans
from manybase.query.plan import Plans
from manybase.query.plan import plans as cache
from tests.databases import Databases
from tests.speed.models import Author, Book

DATABASES = ("default", "other")


@pytest.fixture
def small_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plans]:
    """So few plans fit that threads drop each other's all the time."""
    cache.clear()
    monkeypatch.setattr(cache, "largest", 8)
    yield cache
    cache.clear()


@pytest.fixture
def library(db: Databases) -> dict[str, list[int]]:
    """Authors whose names tell their database, each with books; keys by database."""
    found = {}
    for alias in DATABASES:
        made = [Author(name=f"{alias} {i}") for i in range(10)]
        authors = Author.objects.using(alias).bulk_create(made)
        Author.objects.using(alias).count()
        keys = list(Author.objects.using(alias).order_by("pk").values_list("pk", flat=True))
        assert len(keys) == len(authors)
        Book.objects.using(alias).bulk_create(
            [
                Book(title=f"{alias} {i} {n}", pages=n, author_id=keys[i])
                for i in range(10)
                for n in range(5)
            ]
        )
        found[alias] = keys
    return found


def test_plans_are_counted(db: Databases) -> None:
    cache.clear()
    assert plans.info()[:3] == (0, 0, 0)
    Author.objects.filter(name="a").count()
    Author.objects.filter(name="b").count()
    info = plans.info()
    assert (info.hits, info.misses, info.size) == (1, 1, 1)
    assert info.largest == cache.largest
    assert manybase.plans is plans


@pytest.mark.kinds("sqlite")
def test_the_cache_is_bounded(db: Databases, small_cache: Plans) -> None:
    for number in range(30):
        list(Author.objects.order_by(*["name", "-name"] * number))
        assert plans.info().size <= 8
    assert plans.info().misses == 30


def test_lengths_of_lists_make_few_plans(db: Databases) -> None:
    before = plans.info().misses
    for length in range(1, 200):
        list(Author.objects.filter(pk__in=range(length)))
    assert plans.info().misses - before <= 10


def test_numbers_of_rows_make_few_plans(db: Databases) -> None:
    before = plans.info().misses
    for count in range(1, 60):
        Author.objects.bulk_create([Author(name="x") for _ in range(count)])
    assert plans.info().misses - before <= 3


def _ask(alias: str, key: int, turn: int) -> None:
    """Questions of several shapes, whose answers tell the database and the row."""
    author = Author.objects.using(alias).get(pk=key)
    assert author.name.startswith(alias)
    books = list(Book.objects.using(alias).filter(author_id=key).order_by("pages"))
    assert [b.title for b in books] == [f"{author.name} {n}" for n in range(5)]
    assert {b._state.db for b in books} == {alias}
    some = Book.objects.using(alias).filter(author__name=author.name, pages__lt=turn % 6)
    assert some.count() == min(turn % 6, 5)
    assert some.exists() == bool(turn % 6)
    joined = Book.objects.using(alias).select_related("author").filter(author_id=key).first()
    assert joined is not None and joined.author.name == author.name


@pytest.mark.transactional
def test_eight_threads_share_plans(library: dict[str, list[int]], small_cache: Plans) -> None:
    failures: list[Exception] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        try:
            start.wait()
            for turn in range(25):
                alias = DATABASES[(number + turn) % 2]
                _ask(alias, library[alias][turn % 10], turn)
        except Exception as error:  # noqa: BLE001  # raised again by the test
            failures.append(error)
        finally:
            for alias in DATABASES:
                manybase.db.connections[alias].close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]
    assert plans.info().size <= 8


@pytest.mark.transactional
async def test_two_hundred_tasks_share_plans(
    library: dict[str, list[int]], small_cache: Plans
) -> None:
    async def work(number: int) -> None:
        alias = DATABASES[number % 2]
        key = library[alias][number % 10]
        author = await Author.objects.using(alias).aget(pk=key)
        assert author.name.startswith(alias)
        books = [
            book async for book in Book.objects.using(alias).filter(author_id=key).order_by("pages")
        ]
        assert [b.title for b in books] == [f"{author.name} {n}" for n in range(5)]
        few = Book.objects.using(alias).filter(author__name=author.name, pages__lt=number % 6)
        assert await few.acount() == min(number % 6, 5)
        assert await few.aexists() == bool(number % 6)

    await asyncio.gather(*(work(number) for number in range(200)))
    assert plans.info().size <= 8
