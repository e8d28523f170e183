"""The proof of the design's second idea: a known shape builds and compiles nothing.

No clock is used. What is called is counted: SQLAlchemy's own classes are patched to count what is
made of them, and the interpreter's profiler lists every function that runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy.schema
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import dml, elements, selectable
from sqlalchemy.sql.compiler import Compiled

from manybase.db import connections
from manybase.models import F, Q
from manybase.query.plan import plans
from tests.behaviour.help import date, person
from tests.behaviour.models import Book, Person, Sample
from tests.behaviour.query_data import make_library

CLASSES = (
    Compiled,
    selectable.Select,
    selectable.Join,
    dml.Insert,
    dml.Update,
    dml.Delete,
    elements.BindParameter,
    elements.BinaryExpression,
    elements.ColumnClause,
    elements.ClauseList,
    elements.Label,
    sqlalchemy.schema.Table,
    sqlalchemy.schema.Column,
    Dialect,
)


@contextlib.contextmanager
def counted() -> Iterator[list[str]]:
    """Count the objects of SQLAlchemy that are made in the block, by name of class."""
    made: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for one in CLASSES:
            patch.setattr(one, "__init__", _counting(one, made))
        yield made


def _counting(one: type, made: list[str]) -> Callable[..., None]:
    original = one.__init__

    def count(self: Any, *args: Any, **values: Any) -> None:
        made.append(one.__name__)
        original(self, *args, **values)

    return count


@contextlib.contextmanager
def called() -> Iterator[set[tuple[str, str]]]:
    """Collect every Python function that runs in the block, as (file, name)."""
    seen: set[tuple[str, str]] = set()

    def note(frame: Any, event: str, argument: Any) -> None:
        if event == "call":
            seen.add((frame.f_code.co_filename, frame.f_code.co_name))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(before)


SHAPES: dict[str, Callable[[int, str], Any]] = {
    "get by key": lambda n, alias: Book.objects.using(alias).get(pk=Keys.of(alias)[n]),
    "filter": lambda n, alias: list(Book.objects.using(alias).filter(pages=n * 100)),
    "filter and order": lambda n, alias: list(
        Book.objects.using(alias).filter(title__gt="ABCDE"[n]).order_by("-pages", "title")
    ),
    "text lookup": lambda n, alias: list(
        Book.objects.using(alias).filter(title__icontains="abcde"[n])
    ),
    "date lookup": lambda n, alias: list(
        Book.objects.using(alias).filter(published__year=2000 + n)
    ),
    "joins": lambda n, alias: list(
        Book.objects.using(alias).filter(editor__name="ABC"[n], authors__name="BCA"[n])
    ),
    "conditions": lambda n, alias: list(
        Book.objects.using(alias).filter(Q(title="ABC"[n]) | ~Q(pages__lt=n * 10))
    ),
    "exclude over many": lambda n, alias: list(
        Book.objects.using(alias).exclude(authors__name="ABC"[n])
    ),
    "in a list": lambda n, alias: list(Book.objects.using(alias).filter(pk__in=[n, n + 1, n + 2])),
    "inner query": lambda n, alias: list(
        Book.objects.using(alias).filter(editor__in=Person.objects.filter(name="ABC"[n]))
    ),
    "expression": lambda n, alias: list(Book.objects.using(alias).filter(pages__gt=F("id") + n)),
    "slice": lambda n, alias: list(Book.objects.using(alias).all()[n + 1 : n + 3]),
    "values": lambda n, alias: list(
        Book.objects.using(alias).filter(pages__gt=n).values("title", "editor__name")
    ),
    "flat": lambda n, alias: list(
        Book.objects.using(alias).filter(pages__gt=n).values_list("title", flat=True)
    ),
    "only": lambda n, alias: list(Book.objects.using(alias).only("title").filter(pages__gt=n)),
    "select_related": lambda n, alias: list(
        Book.objects.using(alias).select_related("editor").filter(pages__gt=n)
    ),
    "prefetch_related": lambda n, alias: list(
        Book.objects.using(alias).filter(title="AABD"[n]).prefetch_related("authors")[:1]
    ),
    "dates": lambda n, alias: list(
        Book.objects.using(alias).filter(pages__gt=n).dates("published", "month")
    ),
    "distinct": lambda n, alias: list(
        Book.objects.using(alias).filter(authors__name__gt="ABC"[n]).distinct()
    ),
    "count": lambda n, alias: Book.objects.using(alias).filter(pages=n).count(),
    "exists": lambda n, alias: Book.objects.using(alias).filter(pages=n).exists(),
    "first": lambda n, alias: Book.objects.using(alias).filter(pages__gt=n).first(),
    "update": lambda n, alias: Book.objects.using(alias).filter(pages=n).update(pages=n + 1),
    "create": lambda n, alias: Person.objects.using(alias).create(name=f"new {n}"),
    "save": lambda n, alias: _save(n, alias),
    "delete": lambda n, alias: Person.objects.using(alias).create(name=f"gone {n}").delete(),
    "related manager": lambda n, alias: list(
        Person.objects.using(alias).get(name=("Ann", "Ben", "Cat")[n]).edited.filter(pages__gt=n)
    ),
    "foreign key": lambda n, alias: Book.objects.using(alias).filter(title="ABC"[n]).get().editor,
    "many to many": lambda n, alias: list(
        Book.objects.using(alias).filter(title="ABC"[n]).get().authors.all()
    ),
}


class Keys:
    """The keys of the books on each alias."""

    known: dict[str, list[int]] = {}

    @classmethod
    def of(cls, alias: str) -> list[int]:
        return cls.known[alias]


def _save(number: int, alias: str) -> None:
    book = Book.objects.using(alias).first()
    book.pages = number + 1000
    book.save()


@pytest.fixture(autouse=True)
def library(places) -> None:
    plans.clear()
    for alias in ("default", "other"):
        made = make_library(alias)
        Keys.known[alias] = [made.A.pk, made.B.pk, made.C.pk, made.D.pk]


@pytest.mark.parametrize("name", SHAPES)
def test_the_second_run_of_a_shape_makes_nothing_of_sqlalchemy(name: str) -> None:
    """Other values in a known shape: no object of SQLAlchemy is made, nothing is compiled."""
    run = SHAPES[name]
    run(0, "default")

    misses = plans.info().misses
    with counted() as made:
        run(1, "default")

    assert made == []
    assert plans.info().misses == misses


@pytest.mark.parametrize("name", SHAPES)
def test_the_second_run_of_a_shape_resolves_no_field(name: str) -> None:
    """A known shape calls neither SQLAlchemy's language nor our compiler nor path resolution."""
    run = SHAPES[name]
    run(0, "default")

    with called() as seen:
        run(1, "default")

    language = {row for row in seen if "/sqlalchemy/sql/" in Path(row[0]).as_posix()}
    ours = {row for row in seen if "/manybase/query/compile/" in Path(row[0]).as_posix()}
    walks = {row for row in seen if row[0].endswith("query/path.py") and row[1] == "_walk"}
    assert (language, ours, walks) == (set(), set(), set())


@pytest.mark.parametrize("name", SHAPES)
def test_plans_are_shared_by_aliases_of_one_dialect(name: str) -> None:
    """A shape known from default is known on other."""
    run = SHAPES[name]
    run(0, "default")

    misses = plans.info().misses
    with counted() as made:
        run(1, "other")

    assert made == []
    assert plans.info().misses == misses


def test_the_counters_count() -> None:
    """The first run of a shape does make objects of SQLAlchemy: the proof proves something."""
    with counted() as made, called() as seen:
        list(Sample.objects.exclude(positive_big__gte=3, slug__iendswith="x"))

    assert "Select" in made
    assert any("/sqlalchemy/sql/" in Path(row[0]).as_posix() for row in seen)


def test_a_known_shape_is_a_hit() -> None:
    """plans.info() counts hits and misses."""
    Book.objects.filter(title="x", pages=1).count()
    before = plans.info()

    for number in range(10):
        Book.objects.filter(title=str(number), pages=number).count()

    after = plans.info()
    assert after.misses == before.misses
    assert after.hits >= before.hits + 10


def test_what_changes_the_statement_changes_the_shape() -> None:
    """None, isnull's answer, a slice and the number of values after ``in`` are other plans."""
    assert Book.objects.filter(editor=Person.objects.first()).count() >= 0
    assert Book.objects.filter(editor=None).count() == 1
    assert Book.objects.filter(editor__isnull=True).count() == 1
    assert Book.objects.filter(editor__isnull=False).count() == 4
    assert Book.objects.filter(pk__in=Keys.of("default")[:2]).count() == 2
    assert Book.objects.filter(pk__in=Keys.of("default")[:3]).count() == 3
    assert Book.objects.filter(pk__in=Keys.of("default")[:1]).count() == 1
    assert len(Book.objects.all()[:2]) == 2
    assert len(Book.objects.all()[:4]) == 4
    assert len(Book.objects.all()) == 5


@pytest.mark.transactional
def test_plans_are_shared_by_threads() -> None:
    """A shape known in one thread is known in all."""
    SHAPES["joins"](0, "default")
    misses = plans.info().misses
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(3):
                SHAPES["joins"](number, "default")
        except BaseException as error:  # noqa: BLE001 - reported by the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert failures == []
    assert plans.info().misses == misses


@pytest.mark.transactional
def test_plans_are_shared_by_both_faces_and_by_tasks() -> None:
    """A shape known on the synchronous face is known in every task of a loop."""
    assert Book.objects.filter(editor__name="Ann", pages__gt=1).count() == 1
    misses = plans.info().misses

    async def work(number: int) -> int:
        return await Book.objects.filter(editor__name="Ann", pages__gt=number).acount()

    async def main() -> list[int]:
        try:
            return await asyncio.gather(*(work(number) for number in range(5)))
        finally:
            await connections.aclose_all()

    with counted() as made:
        found = asyncio.run(main())

    assert found == [1] * 5
    assert made == []
    assert plans.info().misses == misses


def test_the_cache_is_bounded() -> None:
    """Old plans go when there are too many; results stay right."""
    largest = plans.largest
    plans.largest = 20
    try:
        for number in range(1, 60):
            keys = list(range(-number, 0))
            assert Book.objects.filter(pk__in=keys).exclude(pages__in=keys).count() == 0
            Book.objects.filter(title="A").order_by("pages").values_list("title")[:number]
        assert plans.info().size <= 20
    finally:
        plans.largest = largest


def test_values_never_enter_the_statement() -> None:
    """The SQL of a plan holds no value: two runs differ in their parameters alone."""
    from manybase.runtime.events import capture

    secret = "O'Brien; DROP TABLE"
    with capture() as log:
        list(Person.objects.filter(name=secret))
        list(Person.objects.filter(name="x"))
        person(secret)
        Book.objects.filter(title=secret).update(published=date("2001-02-03"))

    texts = [entry.sql for entry in log]
    assert texts[0] == texts[1]
    assert not any("Brien" in text or "2001" in text for text in texts)
