"""Makers of objects, and routers, for the tests of relations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from manybase.conf import settings
from manybase.runtime.events import capture
from tests.relations.models import Novel, Writer


def novel(title: str, alias: str = "default", **values: Any) -> Novel:
    """Make a novel; its manager writes titles in capitals."""
    return Novel.objects.using(alias).create(title=title, **values)


def writer(name: str, alias: str = "default", **values: Any) -> Writer:
    """Make a writer."""
    return Writer.objects.using(alias).create(name=name, **values)


def names(queryset: Any) -> list[str]:
    """The names, in order."""
    return [obj.name for obj in queryset]


def titles(queryset: Any) -> list[str]:
    """The titles, in order."""
    return [obj.title for obj in queryset]


@contextlib.contextmanager
def routed(*routers: Any) -> Iterator[None]:
    """Put these routers in force for a block."""
    with settings.override(DATABASE_ROUTERS=list(routers)):
        yield


@contextlib.contextmanager
def queries(number: int, alias: str | None = None) -> Iterator[None]:
    """Assert how many statements a block sends to a database, or in all."""
    with capture(alias) as log:
        yield
    assert len(log) == number, "\n".join(["queries sent:", *map(str, log)])


class AllowAll:
    """Lets any two objects be related; has no other opinion."""

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True


class Replica:
    """Reads go to the instance's place or to "other", writes to "default"."""

    def db_for_read(self, model: Any, instance: Any = None, **hints: Any) -> str:
        return (instance._state.db if instance is not None else None) or "other"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True
