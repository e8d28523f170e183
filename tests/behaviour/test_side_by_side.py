"""Threads and tasks that work on the same databases at the same time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from manybase.db import connections, transaction
from manybase.models import F
from tests.behaviour.help import person
from tests.behaviour.models import Book, Person

pytestmark = pytest.mark.transactional


def side_by_side(*works: Callable[[], None]) -> list[BaseException]:
    """Run functions in threads of their own; return what they raised."""
    raised: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            start.wait(10)
            work()
        except BaseException as error:  # noqa: BLE001 - reported by the test
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


def test_threads_write_and_read() -> None:
    """Many threads create and read rows of one database; none is lost, none fails."""

    def work(name: str) -> Callable[[], None]:
        def go() -> None:
            for number in range(15):
                made = Person.objects.using("other").create(name=f"{name} {number}")
                assert Person.objects.using("other").get(pk=made.pk).name == made.name
                assert Person.objects.using("other").filter(name__startswith=name).count()

        return go

    assert side_by_side(*(work(name) for name in "abcdef")) == []
    assert Person.objects.using("other").count() == 6 * 15


def test_threads_have_transactions_of_their_own() -> None:
    """A thread that rolls back takes nothing of the others with it."""

    def good() -> None:
        for number in range(5):
            with transaction.atomic("default"):
                Person.objects.create(name=f"good {number}")

    def bad() -> None:
        for number in range(5):
            with pytest.raises(RuntimeError), transaction.atomic("default"):  # noqa: PT012
                Person.objects.create(name=f"bad {number}")
                raise RuntimeError

    assert side_by_side(good, bad, good) == []
    assert Person.objects.filter(name__startswith="good").count() == 10
    assert not Person.objects.filter(name__startswith="bad").exists()


def test_counting_up_loses_no_step() -> None:
    """update() with F() is one statement, which the database serialises."""
    book = Book.objects.create(title="x", pages=0)

    def count() -> None:
        for _ in range(20):
            Book.objects.filter(pk=book.pk).update(pages=F("pages") + 1)

    assert side_by_side(count, count, count) == []
    book.refresh_from_db()
    assert book.pages == 60


def test_get_or_create_makes_one(places) -> None:
    """Threads that look for the same unique row at the same time get the same one."""
    from tests.behaviour.models import Member

    for name in ("Uma", "Ula", "Una", "Ute", "Ulf", "Udo"):
        made: list[bool] = []

        def go(name: str = name, made: list[bool] = made) -> None:
            _, new = Member.objects.get_or_create(name=name)
            made.append(new)

        assert side_by_side(*[go] * 5) == []
        assert sorted(made) == [False] * 4 + [True]
    assert Member.objects.count() == 6


async def test_tasks_write_and_read() -> None:
    """Many tasks of one loop work on one database; none is lost, none fails."""

    async def work(name: str) -> None:
        for number in range(10):
            made = await Person.objects.using("other").acreate(name=f"{name} {number}")
            found = await Person.objects.using("other").aget(pk=made.pk)
            assert found.name == made.name

    await asyncio.gather(*(work(name) for name in "abcdefgh"))
    assert await Person.objects.using("other").acount() == 80


async def test_tasks_have_transactions_of_their_own() -> None:
    """Blocks of several tasks on one database commit and roll back apart."""

    async def work(name: str, fail: bool) -> None:
        try:
            async with transaction.atomic("default"):
                await Person.objects.acreate(name=name)
                await asyncio.sleep(0)
                if fail:
                    raise RuntimeError
        except RuntimeError:
            pass

    await asyncio.gather(*(work(f"{n}", fail=n % 2 == 1) for n in range(10)))
    names = sorted([one.name async for one in Person.objects.all()])
    assert names == ["0", "2", "4", "6", "8"]


def test_a_loop_sees_what_threads_wrote() -> None:
    """Both faces read the same databases."""
    person("Mark", "other")

    async def read() -> list[str]:
        try:
            return [one.name async for one in Person.objects.using("other")]
        finally:
            await connections.aclose_all()

    assert asyncio.run(read()) == ["Mark"]
