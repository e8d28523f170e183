"""Long results are read in parts, and nothing of that is seen."""

from __future__ import annotations

import contextlib
import datetime
import json
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from manybase import models
from manybase.db import connections
from manybase.query.plan import plan_for
from manybase.runtime import sync
from manybase.runtime.sync import PART
from tests.databases import Databases
from tests.speed.models import Author, Book, Sample, Tag

LENGTHS = [0, 1, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1]


class Shouted(models.CharField):
    """A field that asks the database while a row is read."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return f"{value}{Author.objects.filter(name='Emily').count()}"


class Asking(json.JSONDecoder):
    """A decoder that does the same."""

    def decode(self, text: str) -> Any:  # type: ignore[override]
        return [super().decode(text), Author.objects.filter(name="Emily").count()]


class Heard(models.Model):
    name = Shouted(max_length=20)
    data = models.JSONField(decoder=Asking, null=True)


class Told(models.Model):
    name = models.CharField(max_length=20)

    @classmethod
    def from_db(cls, db: Any, names: Any, values: Any) -> Told:
        Author.objects.filter(name="Emily").first()
        return super().from_db(db, names, values)


@pytest.fixture
def emily(db: Databases) -> Author:
    return Author.objects.create(name="Emily")


@pytest.mark.parametrize("length", LENGTHS)
def test_every_row_comes_once_and_in_order(emily: Author, length: int) -> None:
    Book.objects.bulk_create([Book(title=str(i), pages=i, author=emily) for i in range(length)])
    rows = Book.objects.order_by("pages")
    numbers = list(range(length))
    for _ in range(2):
        assert [book.pages for book in rows.all()] == numbers
        assert [book.author.name for book in rows.select_related("author")] == ["Emily"] * length
        assert list(rows.values_list("pages", flat=True)) == numbers
        assert list(rows.values_list("pages", "price")) == [(i, None) for i in numbers]
        assert list(rows.values("pages")) == [{"pages": i} for i in numbers]
        assert len(rows.filter(pages__lt=PART)) == min(length, PART)


@pytest.mark.parametrize("rows", [Heard.objects.all(), Told.objects.all()], ids=["field", "model"])
def test_code_of_the_program_may_ask_the_database_meanwhile(emily: Author, rows: Any) -> None:
    count = PART + 7
    rows.model.objects.bulk_create([rows.model(name=str(i)) for i in range(count)])

    found = [one.name for one in rows.order_by("pk")]

    assert len(found) == count
    assert found == [f"{i}1" if rows.model is Heard else str(i) for i in range(count)]
    assert not plan_for(rows, "select", sync.dialect("default")).in_parts


def test_a_decoder_of_the_program_may_ask_the_database_meanwhile(emily: Author) -> None:
    count = PART + 7
    Heard.objects.bulk_create([Heard(name="x", data=i) for i in range(count)])

    assert list(Heard.objects.order_by("pk").values_list("data", flat=True)) == [
        [i, 1] for i in range(count)
    ]


def test_long_prefetches_bring_every_link_once(emily: Author) -> None:
    tags = Tag.objects.bulk_create([Tag(name=str(i)) for i in range(3)])
    books = [Book(title=str(i), pages=i, author=emily) for i in range(PART + 7)]
    Book.objects.bulk_create(books)
    through = Book.tags.through
    through.objects.bulk_create(
        [
            through(book_id=book.pk, tag_id=tag.pk)
            for book in books
            for tag in tags[: book.pages % 4]
        ]
    )
    for _ in range(2):
        found = Book.objects.order_by("pages").prefetch_related("tags")
        assert [sorted(tag.name for tag in book.tags.all()) for book in found] == [
            [tag.name for tag in tags[: i % 4]] for i in range(len(books))
        ]
        made = [tag for book in found for tag in book.tags.all()]
        assert len({id(tag) for tag in made}) == len(made)
        assert {tag._origin.alias for tag in made} == {"default"}


class Heeded(models.Model):
    books = models.ManyToManyField(Book, related_name="heeded")

    @classmethod
    def from_db(cls, db: Any, names: Any, values: Any) -> Heeded:
        Author.objects.filter(name="Emily").first()
        return super().from_db(db, names, values)


def test_a_model_may_ask_the_database_while_links_are_read(emily: Author) -> None:
    book = Book.objects.create(title="one", author=emily)
    Heeded.objects.bulk_create([Heeded() for _ in range(2 * PART + 7)])
    book.heeded.set(Heeded.objects.all())  # type: ignore[attr-defined]  # the far end's name
    for _ in range(2):
        (found,) = Book.objects.prefetch_related("heeded")
        assert len(found.heeded.all()) == 2 * PART + 7  # type: ignore[attr-defined]


class Noted(models.Model):
    name = models.CharField(max_length=20)

    @property
    def total(self) -> int:
        return self._total

    @total.setter
    def total(self, value: int) -> None:
        Author.objects.count()
        self._total = value


def test_properties_of_the_program_may_ask_the_database_meanwhile(emily: Author) -> None:
    count = 2 * PART + 7
    Noted.objects.bulk_create([Noted(name="x") for _ in range(count)])
    rows = Noted.objects.annotate(total=models.F("id") - models.F("id") + 5)
    for _ in range(2):
        assert [one.total for one in rows.all()] == [5] * count


@contextlib.contextmanager
def after(name: str, act: Callable[[], Any]) -> Iterator[None]:
    """Act once, when a function of the driver of that name has returned."""
    left = [act]

    def note(frame: Any, event: str, argument: Any) -> None:
        code = getattr(argument, "__name__", "") if event == "c_return" else frame.f_code.co_name
        if left and event in ("c_return", "return") and code == name:
            left.pop()()

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


@pytest.mark.kinds("sqlite", "postgresql", "mysql")
def test_a_statement_between_two_parts_takes_no_rows(emily: Author) -> None:
    count = 3 * PART + 7
    Book.objects.bulk_create([Book(title=str(i), pages=i, author=emily) for i in range(count)])
    rows = Book.objects.order_by("pages")
    assert len(rows.all()) == count
    with after("resting", lambda: Book.objects.filter(pages=1).update(title="one")):
        found = [book.pages for book in rows.all()]
    assert found == list(range(count))


def _stop() -> None:
    raise KeyboardInterrupt


@pytest.mark.kinds("sqlite")
@pytest.mark.transactional
@pytest.mark.parametrize("name", ["fetchmany", "resting"])
def test_a_key_press_leaves_no_lock(db: Databases, name: str) -> None:
    Sample.objects.bulk_create([Sample(number=i) for i in range(3 * PART)])
    rows = Sample.objects.order_by("number")
    assert len(rows.all()) == 3 * PART
    with pytest.raises(KeyboardInterrupt), after(name, _stop):
        list(rows.all())
    failures: list[BaseException] = []
    thread = threading.Thread(target=_write, args=(failures,))
    thread.start()
    thread.join()
    assert not failures
    assert len(rows.all()) == 3 * PART


@pytest.mark.kinds("sqlite")
@pytest.mark.transactional
def test_a_row_that_cannot_be_read_leaves_no_lock(db: Databases) -> None:
    day = datetime.date(2026, 11, 27)
    Sample.objects.bulk_create([Sample(number=i, day=day) for i in range(3 * PART)])
    rows = Sample.objects.order_by("number")
    assert len(rows.all()) == 3 * PART
    connections["default"].execute(
        "UPDATE speed_sample SET day = 'junk' WHERE number IN (%s, %s)", (3, PART + 3)
    )
    for broken in (rows.all(), rows.filter(number__gte=PART // 2)):
        with pytest.raises(ValueError, match="Invalid isoformat"):
            list(broken)
        failures: list[BaseException] = []
        thread = threading.Thread(target=_write, args=(failures,))
        thread.start()
        thread.join()
        assert not failures
    assert rows.filter(number=7).count() == 1


def _write(failures: list[BaseException]) -> None:
    try:
        Sample.objects.filter(number=7).update(text="written")
    except BaseException as error:  # noqa: BLE001  # told to the test
        failures.append(error)
    finally:
        connections["default"].close()


@pytest.mark.kinds("sqlite")
def test_a_null_that_should_not_be_there_is_read_in_any_part(emily: Author) -> None:
    table = "CREATE TABLE speed_lax (id INTEGER PRIMARY KEY, price decimal)"
    connections["default"].execute(table)

    class Lax(models.Model):
        price = models.DecimalField(max_digits=6, decimal_places=2)

        class Meta:
            app_label = "speed"
            db_table = "speed_lax"
            managed = False

    Lax.objects.bulk_create([Lax(price=i) for i in range(2 * PART)])
    connections["default"].execute("UPDATE speed_lax SET price = NULL WHERE id = %s", (PART + 5,))

    found = [one.price for one in Lax.objects.order_by("pk")]

    assert found == [None if i == PART + 4 else i for i in range(2 * PART)]
