"""A router that writes down what it is asked, and the same rows on two databases."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from manybase.contrib.auth.hashers import make_password
from manybase.contrib.auth.models import Group, User
from manybase.contrib.contenttypes.models import ContentType
from manybase.runtime.events import capture
from tests.behaviour.help import date, routed
from tests.behaviour.models import Article, Book, Person, Pet, Review, UserProfile
from tests.routes.arguments import ONE, THREE, TWO

#: Statements about the numbers of models, which each database keeps for itself.
_CONTENT_TYPES = re.compile(r"(SELECT [^(]*FROM|INSERT INTO) \W?django_content_type")

READ_FROM, WRITE_TO = "other", "default"


class Recorder:
    """Reads go to ``other``, writes to ``default``; questions are kept with their hints."""

    def __init__(self, types: bool = False) -> None:
        self.types = types
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
        if self.types or model is not ContentType:
            assert set(hints) <= {"instance"}
            self.asked.append((verb, model, hints.get("instance")))


def make_world() -> SimpleNamespace:
    """The same rows with the same keys on both databases; the objects are those of ``other``."""
    hashed = make_password("secret")
    for alias in (WRITE_TO, READ_FROM):
        person = Person.objects.using(alias).create(pk=ONE, name="Ann")
        Person.objects.using(alias).create(pk=TWO, name="Ben")
        book = Book.objects.using(alias).create(
            pk=ONE, title="A", editor=person, published=date("2001-01-01")
        )
        Book.objects.using(alias).create(pk=TWO, title="B", published=date("2002-01-01"))
        Book.objects.using(alias).create(pk=THREE, title="C", published=date("1990-01-01"))
        book.authors.add(person)
        Pet.objects.using(alias).create(pk=ONE, name="fido", owner=person)
        Article.objects.using(alias).create(pk=ONE, headline="H", writer=person)
        Review.objects.using(alias).create(pk=ONE, source="S", content_object=book)
        for key, year in ((TWO, 2001), (ONE, 2002), (THREE, 2003)):
            joined = datetime.datetime(year, 1, 1, tzinfo=datetime.UTC)
            user = User(pk=key, username=f"user {year}", password=hashed, date_joined=joined)
            user.save(using=alias)
        user = User.objects.using(alias).get(pk=ONE)
        group = Group.objects.using(alias).create(pk=ONE, name="readers")
        user.groups.add(group)
        UserProfile.objects.using(alias).create(pk=ONE, user=user, flavor="plain")
        ContentType.objects.db_manager(alias).get_for_model(Person)
    review = Review.objects.using(WRITE_TO).get(pk=ONE)
    return SimpleNamespace(
        default_type=review.content_type_id,
        person=person,
        second=Person.objects.using(READ_FROM).get(pk=TWO),
        book=Book.objects.using(READ_FROM).get(pk=ONE),
        default_edited=Book.objects.using(WRITE_TO).get(pk=ONE),
        other_book=Book.objects.using(READ_FROM).get(pk=TWO),
        default_book=Book.objects.using(WRITE_TO).get(pk=TWO),
        default_review=review,
        pet=Pet.objects.using(READ_FROM).get(pk=ONE),
        review=Review.objects.using(READ_FROM).select_related("content_type").get(pk=ONE),
        user=User.objects.using(READ_FROM).get(pk=ONE),
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


def observe(call: Callable[[], Any], types: bool = False) -> Seen:
    """Make a call under the recording router; what it gives is read to its end.

    Args:
        call: What is observed.
        types: Whether the rows of content types are what it is about.
    """
    recorder = Recorder(types)
    with routed(recorder), capture() as log:
        found = call()
        if inspect.isawaitable(found) or hasattr(found, "__anext__"):
            asyncio.run(_finished(found))
        elif hasattr(found, "__next__"):
            list(found)
    seen = [event for event in log if types or not _CONTENT_TYPES.match(event.sql)]
    return Seen(recorder.asked, {event.alias for event in seen})


async def _finished(found: Any) -> None:
    if hasattr(found, "__anext__"):
        async for _ in found:
            pass
    else:
        await found
