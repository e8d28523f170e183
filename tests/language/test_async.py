"""The asynchronous face: twins with the same signatures, native drivers, two databases at once."""

from __future__ import annotations

import asyncio
import inspect
import time
from types import SimpleNamespace
from typing import Any

import pytest

from manybase.db import connections
from manybase.models.queryset import QuerySet, RawQuerySet
from manybase.models.related.many import ManyRelatedManager
from manybase.models.related.reverse_many import NullableRelatedManager
from manybase.runtime.events import capture
from tests.language.data import Author, Title, models, part


def run(main: Any) -> Any:
    """Run a coroutine function in a loop of its own and close the loop's connections."""

    async def closing() -> Any:
        try:
            return await main()
        finally:
            await connections.aclose_all()

    return asyncio.run(closing())


@part("Async.every method has its twin")
@pytest.mark.parametrize(
    "cls",
    [QuerySet, models.Manager, ManyRelatedManager, NullableRelatedManager, models.Model],
    ids=lambda cls: cls.__name__,
)
def test_twins(cls: type, databases: Any) -> None:
    """The twin takes the same arguments; what has no twin asks no database."""
    names = {name for name, _ in inspect.getmembers(cls, inspect.isfunction) if name[0] != "_"}
    pairs = [(name, f"a{name}") for name in names if f"a{name}" in names]
    assert len(pairs) >= 6
    for name, twin in pairs:
        one, two = (inspect.signature(getattr(cls, each)) for each in (name, twin))
        assert [(p.name, p.kind, p.default) for p in one.parameters.values()] == [
            (p.name, p.kind, p.default) for p in two.parameters.values()
        ], name
    asking = {"get", "count", "exists", "first", "last", "create", "save", "delete", "add", "set",
              "remove", "clear", "update", "in_bulk", "aggregate", "earliest", "latest", "contains",
              "bulk_create", "bulk_update", "get_or_create", "update_or_create", "iterator",
              "explain", "refresh_from_db", "full_clean"}  # fmt: skip
    assert not {name for name in asking & names if f"a{name}" not in names}


@part("Async.async for over querysets, related managers, raw, aiterator")
def test_async_iteration(shop: SimpleNamespace) -> None:
    async def main() -> list[Any]:
        title = await Title.objects.aget(name="A")
        return [
            [t.name async for t in Title.objects.order_by("name")],
            sorted([a.name async for a in title.authors.all()]),
            [t.name async for t in Title.objects.order_by("name").aiterator(chunk_size=2)],
            [
                t.name
                async for t in Title.objects.raw("SELECT * FROM language_title WHERE pages=200")
            ],
            [n async for n in Author.objects.order_by("name").values_list("name", flat=True)],
        ]

    assert run(main) == [list("ABCDE"), ["Ada", "Bob"], list("ABCDE"), ["B"],
                         ["Ada", "Bob", "Cyd", "Dan"]]  # fmt: skip
    assert hasattr(RawQuerySet, "__aiter__")


@part("Async.native drivers, no thread for a query")
def test_native_drivers(shop: SimpleNamespace, kind: str) -> None:
    """aiosqlite has one thread for each connection; the servers' drivers have none at all."""
    import threading

    async def main() -> set[str]:
        await asyncio.gather(*(Title.objects.acount() for _ in range(4)))
        return {thread.name for thread in threading.enumerate()}

    before = {thread.name for thread in threading.enumerate()}
    if kind != "sqlite":
        assert run(main) <= before
    else:
        assert not any("ThreadPool" in name for name in run(main))


@part("Async.two databases at once under gather")
@pytest.mark.kinds("postgresql", "mysql")
def test_two_databases_at_once(databases: Any, kind: str) -> None:
    assert _together(kind, gather=True) < 0.55


@part("Async.two databases at once under a TaskGroup")
@pytest.mark.kinds("postgresql", "mysql")
def test_two_databases_in_a_task_group(databases: Any, kind: str) -> None:
    assert _together(kind, gather=False) < 0.55


@part("Async.two databases at once under gather")
@part("Async.two databases at once under a TaskGroup")
@pytest.mark.kinds("sqlite")
def test_two_sqlite_databases_at_once(databases: Any) -> None:
    """A function of the program keeps each busy; both finish in the time of one and a half."""

    async def main() -> float:
        heavy = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)"
            " SELECT max(i) AS id FROM n"
        )
        started: list[float] = []

        async def ask(alias: str) -> tuple[float, float]:
            begun = time.perf_counter()
            started.append(begun)
            async for _ in Title.objects.using(alias).raw(heavy):
                pass
            return begun, time.perf_counter()

        await asyncio.gather(ask("default"), ask("other"))
        one, two = await asyncio.gather(ask("default"), ask("other"))
        return min(one[1], two[1]) - max(one[0], two[0])

    assert run(main) > 0, "the two queries did not overlap"


def _together(kind: str, gather: bool) -> float:
    """How long two queries of 0.3 seconds on two databases take together."""
    sleep = "pg_sleep(0.3)" if kind == "postgresql" else "SLEEP(0.3)"
    sql = f"SELECT 1 AS id, {sleep} AS slept"

    async def ask(alias: str) -> None:
        async for _ in Title.objects.using(alias).raw(sql):
            pass

    async def main() -> float:
        await asyncio.gather(*(Title.objects.using(a).acount() for a in ("default", "other")))
        begun = time.perf_counter()
        if gather:
            await asyncio.gather(ask("default"), ask("other"))
        else:
            async with asyncio.TaskGroup() as group:
                group.create_task(ask("default"))
                group.create_task(ask("other"))
        return time.perf_counter() - begun

    with capture():
        return float(run(main))
