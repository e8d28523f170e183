"""The objects whose public methods are called, found by inspection."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import manybase
from manybase import fixtures, models
from manybase.contrib.auth.models import Group, Permission, User
from manybase.contrib.contenttypes.models import ContentType
from tests.behaviour.models import Article, Book, Person, Review
from tests.routes import arguments as given
from tests.routes.arguments import Arguments

Target = tuple[Callable[[SimpleNamespace], Any], dict[str, Arguments]]


def _functions(world: SimpleNamespace) -> Any:
    return FUNCTIONS


#: A target's name, how it is got from the world, and what its methods are called with.
TARGETS: dict[str, Target] = {
    "QuerySet": (lambda world: Book.objects.all(), given.QUERYSET),
    "Manager": (lambda world: Book.objects, {**given.QUERYSET, "get_queryset": given.given()}),
    "person.book_set": (lambda world: world.person.book_set, given.LINKED),
    "book.authors": (lambda world: world.book.authors, given.FORWARD),
    "person.edited": (lambda world: world.person.edited, given.REVERSE),
    "book.reviews": (lambda world: world.book.reviews, given.GENERIC),
    "Model": (lambda world: world.book, given.MODEL),
    "RawQuerySet": (
        lambda world: Book.objects.raw("SELECT * FROM behaviour_book"),
        given.RAW,
    ),
    "User.objects": (lambda world: User.objects, given.USERS),
    "Group.objects": (lambda world: Group.objects, given.GROUPS),
    "Permission.objects": (lambda world: Permission.objects, given.PERMISSIONS),
    "ContentType.objects": (lambda world: ContentType.objects, given.TYPES),
    "User": (lambda world: world.user, given.USER),
    "ContentType": (lambda world: world.review.content_type, given.TYPE),
    "functions": (_functions, given.FUNCTIONS),
}

#: Of these only what they have beside the names of a target above.
BESIDES: dict[str, type] = {
    **dict.fromkeys(
        ("User.objects", "Group.objects", "Permission.objects", "ContentType.objects"),
        models.Manager,
    ),
    **dict.fromkeys(("User", "ContentType"), models.Model),
}


class Functions:
    """What modules of the public face offer beside classes."""

    def __init__(self) -> None:
        for module in (manybase, models, fixtures):
            for name in module.__all__:
                if inspect.isroutine(found := getattr(module, name)):
                    setattr(self, name, found)


FUNCTIONS = Functions()


def public_methods(name: str, target: Any) -> Iterator[str]:
    """The names of a target's public methods, of both faces; attributes are no methods."""
    if target is FUNCTIONS:
        none = given.NOT_FOR_ROWS
        yield from (one for one in vars(target) if not {one, one.removeprefix("a")} & none)
        return
    known = dir(BESIDES[name]) if name in BESIDES else ()
    for one, value in inspect.getmembers(type(target), callable):
        if inspect.isroutine(value) and one[0] != "_" and one not in (*known, *given.NOT_CALLS):
            yield one


def base_name(name: str, known: dict[str, Arguments]) -> str:
    """The name whose arguments a method is called with: ``get`` for ``aget``."""
    return name if name in known or not name.startswith("a") else name[1:]


def call(target: Any, name: str, arguments: Arguments, world: SimpleNamespace) -> Any:
    """Call the method; ``dates`` and ``datetimes`` need a model that has some."""
    if name == "dates" and target.model in (Review, Person):
        return target.all()
    if name == "datetimes":
        target = Article.objects.all()
    args, values = arguments(world)
    found = getattr(target, name)(*args, **values)
    return iter(found) if name == "get_chapter_order" else found
