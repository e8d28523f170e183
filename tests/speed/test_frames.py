"""A known query goes from the call to the cursor through a handful of Python functions.

The bounds are a few above what is needed today; whoever exceeds one has made every program slower.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from manybase import models, plans
from manybase.db import transaction
from manybase.models import Count, F, Max, Q
from manybase.runtime.events import capture
from tests.databases import Databases
from tests.speed.counting import blocks_left_by, blocks_of, frames_of
from tests.speed.models import Author, Book

pytestmark = [pytest.mark.kinds("sqlite"), pytest.mark.transactional]


@pytest.fixture
def author(db: Databases) -> Author:
    author = Author.objects.create(name="Emily")
    Book.objects.bulk_create(
        [Book(title=f"Book {i}", pages=i, price=Decimal("1.50"), author=author) for i in range(20)]
    )
    return author


def _new(author: Author) -> Book:
    return Book(title="New", pages=3, price=Decimal("9.90"), author_id=author.pk)


WORKS: dict[str, tuple[int, Callable[[Author], Callable[[], Any]]]] = {
    "get": (8, lambda a: lambda: Author.objects.get(pk=a.pk)),
    "filter, 20 rows": (12, lambda a: lambda: list(Book.objects.filter(author_id=a.pk))),
    "count": (10, lambda a: lambda: Book.objects.filter(author_id=a.pk).count()),
    "exists": (10, lambda a: lambda: Book.objects.filter(author_id=a.pk).exists()),
    "first": (25, lambda a: lambda: Book.objects.filter(author_id=a.pk).first()),
    "insert": (10, lambda a: lambda: _new(a).save()),
    "update": (
        23,
        lambda a: lambda: Book.objects.filter(author_id=a.pk).update(pages=F("pages") + 1),
    ),
    "group by": (
        28,
        lambda a: (
            lambda: list(
                Book.objects.values_list("author_id")
                .annotate(n=Count("id"), top=Max("pages"))
                .order_by("author_id")
            )
        ),
    ),
    "create": (14, lambda a: lambda: Author.objects.create(name="Anne")),
}


@pytest.mark.parametrize("name", WORKS)
def test_a_known_call_enters_few_functions(author: Author, name: str) -> None:
    most, make = WORKS[name]
    work = make(author)
    work()
    entered = frames_of(work)
    assert len(entered) <= most, "\n".join(entered)
    assert not [one for one in entered if "sqlalchemy" in one]


def test_an_update_enters_few_functions(author: Author) -> None:
    book = Book.objects.first()
    book.save()
    entered = frames_of(book.save)
    assert len(entered) <= 8, "\n".join(entered)


def test_a_deletion_enters_few_functions(author: Author) -> None:
    one, two = Book.objects.all()[:2]
    with transaction.atomic():
        one.delete()
        entered = frames_of(two.delete)
    assert len(entered) <= 24, "\n".join(entered)


def test_rows_enter_no_function_each(author: Author) -> None:
    few = frames_of(lambda: list(Book.objects.filter(author_id=author.pk)))
    Book.objects.bulk_create([_new(author) for _ in range(200)])
    many = frames_of(lambda: list(Book.objects.filter(author_id=author.pk)))
    assert len(many) <= len(few) + 4


def test_bulk_inserts_enter_few_functions_a_row(author: Author) -> None:
    def insert(count: int) -> int:
        books = [_new(author) for _ in range(count)]
        return len(frames_of(lambda: Book.objects.bulk_create(books)))

    insert(100)
    one_hundred, two_hundred = insert(100), insert(200)
    assert (two_hundred - one_hundred) / 100 <= 1.1


def test_a_new_object_enters_one_function(author: Author) -> None:
    _new(author)
    entered = frames_of(lambda: Book(title="New", pages=3, author_id=author.pk))
    assert len(entered) == 2, "\n".join(entered)  # the author's key is one
    assert blocks_of(lambda: Book(title="New", pages=3, author_id=1)) < 2.5


def test_blank_objects_do_not_make_later_ones_larger() -> None:
    """Python lays out the objects of a class by its first thirty."""

    class Blank(models.Model):
        one = models.IntegerField()
        two = models.IntegerField()

        class Meta:
            app_label = "speed"
            managed = False

    def filled() -> Blank:
        obj = Blank.__new__(Blank)
        obj.id, obj.one, obj.two = 1, 2, 3
        return obj

    for _ in range(50):
        Blank.__new__(Blank)
    assert blocks_of(filled) < 2.5


def test_prefetched_objects_enter_few_functions_an_owner(author: Author) -> None:
    books = list(Book.objects.prefetch_related("tags"))
    assert not len(books[0].tags.all())
    entered = frames_of(lambda: [len(book.tags.all()) for book in books[1:]])
    assert len(entered) / (len(books) - 1) <= 3.2, "\n".join(entered[:20])


def test_a_second_prefetch_knows_what_the_first_found_out(author: Author) -> None:
    def ask() -> list[int]:
        return [len(book.tags.all()) for book in Book.objects.prefetch_related("tags")]

    ask()
    kept = Book.objects.prefetch_related("tags")
    with capture() as seen:
        entered = frames_of(lambda: ask())
    assert len(seen) == 2
    assert "check_lookup" not in "\n".join(entered)
    assert "_owned" not in "\n".join(entered)  # no queryset is made the long way
    assert (
        kept._prefetch_related_lookups
        == Book.objects.prefetch_related("tags")._prefetch_related_lookups
    )


def test_prefetched_querysets_are_not_kept(author: Author) -> None:
    books = list(Book.objects.prefetch_related("tags"))
    assert blocks_left_by(lambda: [len(book.tags.all()) for book in books]) <= 4


def test_a_joined_object_is_one_function_and_no_memory(author: Author) -> None:
    books = list(Book.objects.select_related("author"))
    assert books[0].author == author
    fresh = list(Book.objects.select_related("author"))
    gc.collect()
    before = sys.getallocatedblocks()
    for book in fresh:
        book.author  # noqa: B018  # what it leaves behind
    assert sys.getallocatedblocks() - before <= 5  # a dictionary for each were 20 and more
    entered = frames_of(lambda: [book.author for book in fresh])
    assert len(entered) <= len(fresh) + 2, "\n".join(entered[:20])


@pytest.mark.parametrize("name", WORKS)
def test_a_known_shape_builds_no_plan(author: Author, name: str) -> None:
    work = WORKS[name][1](author)
    work()
    before = plans.info().misses
    work()
    assert plans.info().misses == before


def test_objects_take_few_blocks_of_memory(author: Author) -> None:
    book = Book.objects.first()
    assert blocks_of(lambda: Book.objects.get(pk=book.pk)) <= 8


def test_each_call_of_a_chain_makes_one_object(author: Author) -> None:
    books = Book.objects.all()
    assert blocks_of(lambda: books.filter(pages=3)) <= 6


def test_shapes_know_no_values(author: Author) -> None:
    def ask(low: int, title: str) -> None:
        list(Book.objects.filter(Q(pages__gte=low) | Q(title=title)).order_by("-pages")[:low])

    ask(1, "a")
    before = plans.info().misses
    for number in range(2, 40):
        ask(number, str(number))
    assert plans.info().misses == before


def test_nobody_listening_costs_nothing(author: Author) -> None:
    """While somebody captures statements they take the long way, and the short one afterwards."""
    work = WORKS["get"][1](author)
    work()
    short = len(frames_of(work))
    with capture() as seen:
        work()
        assert len(frames_of(work)) > short
    assert len(seen) == 2
    work()
    assert len(frames_of(work)) == short
