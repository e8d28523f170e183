"""A router that writes down what it is asked, and the same rows on two databases."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from manybase.contrib.contenttypes.models import ContentType
from manybase.runtime.events import capture
from tests.behaviour.help import date, routed
from tests.behaviour.models import Article, Book, Person, Pet, Review

#: Statements about the numbers of models, which each database keeps for itself.
_CONTENT_TYPES = re.compile(r"(SELECT [^(]*FROM|INSERT INTO) \W?django_content_type")

READ_FROM, WRITE_TO = "other", "default"


class Recorder:
    """Reads go to ``other``, writes to ``default``; questions are kept with their hints."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, Any]] = []

    def db_for_read(self, model: Any, **hints: Any) -> str:
        self._keep("read", model, hints)
        return READ_FROM

    def db_for_write(self, model: Any, **hints: Any) -> str:
        self._keep("write", model, hints)
        return WRITE_TO

    def allow_relation(self, *objects: Any, **hints: Any) -> bool:
        return True

    def _keep(self, verb: str, model: Any, hints: dict[str, Any]) -> None:
        if model is not ContentType:
            assert set(hints) <= {"instance"}
            self.asked.append((verb, model, hints.get("instance")))


def make_world() -> SimpleNamespace:
    """The same rows with the same keys on both databases; the objects are those of ``other``."""
    for alias in (WRITE_TO, READ_FROM):
        person = Person.objects.using(alias).create(pk=1, name="Ann")
        Person.objects.using(alias).create(pk=2, name="Ben")
        book = Book.objects.using(alias).create(
            pk=1, title="A", editor=person, published=date("2001-01-01")
        )
        Book.objects.using(alias).create(pk=2, title="B", published=date("2002-01-01"))
        Book.objects.using(alias).create(pk=3, title="C", published=date("1990-01-01"))
        book.authors.add(person)
        Pet.objects.using(alias).create(pk=1, name="fido", owner=person)
        Article.objects.using(alias).create(pk=1, headline="H", writer=person)
        review = Review.objects.using(alias).create(pk=1, source="S", content_object=book)
        ContentType.objects.db_manager(alias).get_for_model(Person)
    return SimpleNamespace(
        person=person,
        second=Person.objects.using(READ_FROM).get(pk=2),
        book=Book.objects.using(READ_FROM).get(pk=1),
        default_edited=Book.objects.using(WRITE_TO).get(pk=1),
        other_book=Book.objects.using(READ_FROM).get(pk=2),
        default_book=Book.objects.using(WRITE_TO).get(pk=2),
        default_review=Review.objects.using(WRITE_TO).get(pk=1),
        pet=Pet.objects.using(READ_FROM).get(pk=1),
        review=review,
    )


class Seen:
    """What one call asked the router and where its statements ran."""

    def __init__(self, asked: list[tuple[str, Any, Any]], aliases: set[str]) -> None:
        self.asked = asked
        self.aliases = aliases

    def named(self, world: SimpleNamespace) -> list[tuple[str, str, str | None]]:
        """The questions, with hints named as the world names its objects."""
        names = {id(value): name for name, value in vars(world).items()}
        return [
            (verb, model.__name__, None if hint is None else names.get(id(hint), "the object"))
            for verb, model, hint in self.asked
        ]


def observe(call: Callable[[], Any]) -> Seen:
    """Make a call under the recording router; what it gives is read to its end."""
    recorder = Recorder()
    with routed(recorder), capture() as log:
        found = call()
        if inspect.isawaitable(found) or hasattr(found, "__anext__"):
            asyncio.run(_finished(found))
        elif hasattr(found, "__next__"):
            list(found)
    return Seen(
        recorder.asked, {event.alias for event in log if not _CONTENT_TYPES.match(event.sql)}
    )


async def _finished(found: Any) -> None:
    if hasattr(found, "__anext__"):
        async for _ in found:
            pass
    else:
        await found
