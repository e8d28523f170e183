"""The number of statements for every kind of relation and loader, per database.

``objects`` are read from two databases at once where a loader can serve both; each gets its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from manybase.contrib.contenttypes.models import ContentType
from manybase.models import Prefetch, prefetch_related_objects
from tests.counts.help import counted
from tests.databases import Databases
from tests.language.models import Author, Chapter, Profile, Publisher, Remark, Title
from tests.language.rows import make_shop

ALIASES = ("default", "other")


@pytest.fixture(scope="module")
def shops(databases: Databases) -> Iterator[dict[str, SimpleNamespace]]:
    """The same rows on two databases."""
    ContentType.objects.clear_cache()
    yield {alias: make_shop(alias) for alias in ALIASES}
    databases.flush()
    ContentType.objects.clear_cache()


def walk(queryset: Any, *path: str) -> Callable[[], None]:
    """Read a queryset and follow a path of relations from every object."""

    def follow(obj: Any, rest: tuple[str, ...]) -> None:
        if obj is None or not rest:
            return
        found = getattr(obj, rest[0], None)
        several = list(found.all()) if hasattr(found, "all") else found
        for one in several if isinstance(several, list) else [several]:
            follow(one, rest[1:])

    def work() -> None:
        for obj in queryset.all():
            follow(obj, path)

    return work


def on(model: Any) -> Any:
    return model.objects.using("other").order_by("pk")


# Reading: five titles (one without publisher), four authors, three chapters

LAZY: dict[str, tuple[Callable[[], Any], tuple[str, ...], int]] = {
    "foreign key": (lambda: on(Title), ("publisher",), 1 + 4),
    "foreign key to itself": (lambda: on(Author), ("mentor",), 1 + 3),
    "one-to-one": (lambda: on(Profile), ("author",), 1 + 1),
    "reverse one-to-one": (lambda: on(Author), ("profile",), 1 + 4),
    "reverse foreign key": (lambda: on(Publisher), ("titles",), 1 + 2),
    "many-to-many": (lambda: on(Title), ("authors",), 1 + 5),
    "reverse many-to-many": (lambda: on(Author), ("titles",), 1 + 4),
    "many-to-many to itself": (lambda: on(Author), ("friends",), 1 + 4),
    "generic key": (lambda: on(Remark), ("about",), 1 + 3),
    "generic relation": (lambda: on(Title), ("remarks",), 1 + 5),
    "two levels": (lambda: on(Chapter), ("title", "publisher"), 1 + 3 + 3),
}
LOADED: dict[str, tuple[Callable[[], Any], tuple[str, ...], int]] = {
    "select_related": (lambda: on(Title).select_related("publisher"), ("publisher",), 1),
    "select_related, itself": (lambda: on(Author).select_related("mentor"), ("mentor",), 1),
    "select_related, one-to-one": (lambda: on(Profile).select_related("author"), ("author",), 1),
    "select_related, reverse": (lambda: on(Author).select_related("profile"), ("profile",), 1),
    "select_related, two levels": (
        lambda: on(Chapter).select_related("title__publisher"),
        ("title", "publisher"),
        1,
    ),
    "prefetch_related, key": (lambda: on(Title).prefetch_related("publisher"), ("publisher",), 2),
    "prefetch_related, itself": (lambda: on(Author).prefetch_related("mentor"), ("mentor",), 2),
    "prefetch_related, one-to-one": (
        lambda: on(Author).prefetch_related("profile"),
        ("profile",),
        2,
    ),
    "prefetch_related, reverse": (lambda: on(Publisher).prefetch_related("titles"), ("titles",), 2),
    "prefetch_related, many": (lambda: on(Title).prefetch_related("authors"), ("authors",), 2),
    "prefetch_related, many reverse": (
        lambda: on(Author).prefetch_related("titles"),
        ("titles",),
        2,
    ),
    "prefetch_related, many itself": (
        lambda: on(Author).prefetch_related("friends"),
        ("friends",),
        2,
    ),
    "prefetch_related, generic key": (lambda: on(Remark).prefetch_related("about"), ("about",), 3),
    "prefetch_related, generic": (lambda: on(Title).prefetch_related("remarks"), ("remarks",), 2),
    "prefetch_related, two levels": (
        lambda: on(Publisher).prefetch_related("titles__authors"),
        ("titles", "authors"),
        3,
    ),
    "prefetch_related, two ways": (
        lambda: on(Title).prefetch_related("authors", "chapters", "publisher"),
        ("authors",),
        4,
    ),
    "Prefetch with a queryset": (
        lambda: on(Title).prefetch_related(Prefetch("authors", Author.objects.filter(age=36))),
        ("authors",),
        2,
    ),
    # A queryset with choices of its own is asked for by the keys that a first statement links to.
    "Prefetch with an inner join": (
        lambda: on(Title).prefetch_related(
            Prefetch("authors", Author.objects.select_related("profile"))
        ),
        ("authors", "profile"),
        3,
    ),
    "Prefetch to_attr": (
        lambda: on(Title).prefetch_related(Prefetch("authors", to_attr="writers")),
        ("writers",),
        2,
    ),
    "Prefetch to_attr, two levels": (
        lambda: on(Publisher).prefetch_related(
            Prefetch("titles", to_attr="works"), Prefetch("works__authors", to_attr="writers")
        ),
        ("works", "writers"),
        3,
    ),
    "nothing to prefetch for": (
        lambda: on(Title).filter(name="?").prefetch_related("authors"),
        ("authors",),
        1,
    ),
}


@pytest.mark.parametrize(("make", "path", "number"), LAZY.values(), ids=list(LAZY))
def test_lazy_loading(shops: Any, make: Any, path: Any, number: int) -> None:
    """One statement for each object that is followed, on its own database."""
    assert counted(walk(make(), *path)) == {"other": number}


@pytest.mark.parametrize(("make", "path", "number"), LOADED.values(), ids=list(LOADED))
def test_loading_along(shops: Any, make: Any, path: Any, number: int) -> None:
    assert counted(walk(make(), *path)) == {"other": number}


@pytest.mark.parametrize(
    ("lookup", "model"),
    [
        ("publisher", Title),
        ("authors", Title),
        ("chapters", Title),
        ("remarks", Title),
        ("profile", Author),
        ("titles", Author),
    ],
)
def test_objects_of_two_places(shops: Any, lookup: str, model: Any) -> None:
    """One statement for each relation and database."""
    objects = [obj for alias in ALIASES for obj in model.objects.using(alias)]

    assert counted(lambda: prefetch_related_objects(objects, lookup)) == {"default": 1, "other": 1}


def test_what_is_there_is_not_read_again(shops: Any) -> None:
    titles = list(on(Title).prefetch_related("authors"))

    assert counted(lambda: prefetch_related_objects(titles, "authors")) == {}
    assert counted(lambda: [len(t.authors.all()) for t in titles]) == {}
    assert counted(lambda: [t.authors.count() for t in titles]) == {}
    assert counted(lambda: [t.authors.filter(age=36).count() for t in titles]) == {"other": 5}


def test_a_prefetch_elsewhere(shops: Any) -> None:
    """A Prefetch whose queryset names its database is a statement of its own there."""
    lookup = Prefetch("authors", Author.objects.using("default"))

    assert counted(lambda: list(on(Title).prefetch_related(lookup))) == {"other": 1, "default": 1}


def test_iterators(shops: Any) -> None:
    rows = on(Title)
    assert counted(lambda: list(rows.iterator(chunk_size=2))) == {"other": 1}
    loaded = rows.prefetch_related("authors")
    assert counted(lambda: list(loaded.iterator(chunk_size=2))) == {"other": 1 + 3}


def test_in_bulk(shops: Any) -> None:
    keys = list(on(Title).values_list("pk", flat=True))
    assert counted(lambda: Title.objects.using("other").in_bulk(keys)) == {"other": 1}
    assert counted(lambda: Title.objects.using("other").in_bulk([])) == {}
    assert counted(lambda: Title.objects.using("other").in_bulk()) == {"other": 1}


def test_results_are_kept(shops: Any) -> None:
    rows = on(Title)
    assert counted(lambda: [list(rows), len(rows), bool(rows), rows[0], rows.count()]) == {
        "other": 1
    }
    one = rows[0]
    assert counted(lambda: [one.publisher, one.publisher]) == {"other": 1}


def test_deferred_fields(shops: Any) -> None:
    first = on(Title).only("name")[0]
    assert counted(lambda: [first.pages, first.pages]) == {"other": 1}
