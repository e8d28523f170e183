"""The objects whose public methods are called, found by inspection."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

from tests.behaviour.models import Article, Book, Review
from tests.routes import arguments as given
from tests.routes.arguments import Arguments

#: A target's name, how it is got from the world, and what its methods are called with.
TARGETS: dict[str, tuple[Callable[[SimpleNamespace], Any], dict[str, Arguments]]] = {
    "QuerySet": (lambda world: Book.objects.all(), given.QUERYSET),
    "Manager": (lambda world: Book.objects, {**given.QUERYSET, "get_queryset": given.given()}),
    "person.book_set": (lambda world: world.person.book_set, given.LINKED),
    "person.edited": (lambda world: world.person.edited, given.REVERSE),
    "book.reviews": (lambda world: world.book.reviews, given.GENERIC),
    "Model": (lambda world: world.book, given.MODEL),
    "RawQuerySet": (
        lambda world: Book.objects.raw("SELECT * FROM behaviour_book"),
        given.RAW,
    ),
}


def public_methods(target: Any) -> Iterator[str]:
    """The names of a target's public methods, of both faces; attributes are no methods."""
    for name, value in inspect.getmembers(type(target), callable):
        if inspect.isroutine(value) and name[0] != "_" and name not in given.NOT_CALLS:
            yield name


def base_name(name: str, known: dict[str, Arguments]) -> str:
    """The name whose arguments a method is called with: ``get`` for ``aget``."""
    return name if name in known or not name.startswith("a") else name[1:]


def call(target: Any, name: str, arguments: Arguments, world: SimpleNamespace) -> Any:
    """Call the method; ``dates`` and ``datetimes`` need a model that has some."""
    if name == "dates" and target.model is Review:
        return target.all()
    if name == "datetimes":
        target = Article.objects.all()
    args, values = arguments(world)
    found = getattr(target, name)(*args, **values)
    return iter(found) if name == "get_chapter_order" else found
