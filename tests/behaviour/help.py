"""Small helpers of the behaviour suite: routers for a block, counts of queries, both faces."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from manybase.conf import settings
from manybase.runtime.events import capture
from tests import servers
from tests.behaviour.models import Book, Person


@contextlib.contextmanager
def routed(*routers: Any) -> Iterator[None]:
    """Put these routers in force for a block."""
    with settings.override(DATABASE_ROUTERS=list(routers)):
        yield


def titles(queryset: Any) -> list[str]:
    """The titles in the queryset's order."""
    return list(queryset.values_list("title", flat=True))


def names(queryset: Any) -> list[str]:
    """The names in the queryset's order."""
    return list(queryset.values_list("name", flat=True))


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def dive(alias: str = "other", **values: Any) -> Book:
    """ "Dive into Python", on ``other`` unless said otherwise."""
    values = {"title": "Dive into Python", "published": date("2009-05-04"), **values}
    return Book.objects.using(alias).create(**values)


def pro(alias: str = "default", **values: Any) -> Book:
    """ "Pro Django", on ``default`` unless said otherwise."""
    values = {"title": "Pro Django", "published": date("2008-12-16"), **values}
    return Book.objects.using(alias).create(**values)


def person(name: str, alias: str = "default", **values: Any) -> Person:
    return Person.objects.using(alias).create(name=name, **values)


@contextlib.contextmanager
def queries(number: int, alias: str | None = None) -> Iterator[Any]:
    """Assert how many statements a block sends."""
    with capture(alias) as log:
        yield log
    assert len(log) == number, "\n".join(["queries sent:", *map(str, log)])


class Face:
    """Calls a method by its name, or its ``a`` twin, as the face asks for."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def is_async(self) -> bool:
        return self.name == "async"

    async def call(self, target: Any, method: str, *args: Any, **values: Any) -> Any:
        if self.is_async:
            return await getattr(target, "a" + method)(*args, **values)
        return getattr(target, method)(*args, **values)

    async def list(self, queryset: Any) -> list[Any]:
        if self.is_async:
            return [item async for item in queryset]
        return list(queryset)


def both(test: Callable[..., Any]) -> Callable[..., Any]:
    """Run a coroutine test twice: stepped without a loop on the sync face, and in a loop."""

    @pytest.mark.parametrize("face", ["sync", "async"])
    @functools.wraps(test)
    def run(*args: Any, face: str, **values: Any) -> None:
        coroutine = test(*args, face=Face(face), **values)
        if face == "async":
            asyncio.run(_closing(coroutine))
            return
        try:
            coroutine.send(None)
        except StopIteration:
            return
        raise AssertionError("the synchronous face waited for something")

    return run


async def _closing(coroutine: Any) -> None:
    """Await a test and give the loop's connections back."""
    from manybase.db import connections

    try:
        await coroutine
    finally:
        await connections.aclose_all()


#: Also with two kinds at once: default on one, other on the other.
on_pairs = pytest.mark.parametrize(
    "kind", [*servers.KINDS, "postgresql+mysql", "mysql+sqlite"], indirect=True
)
