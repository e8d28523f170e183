"""Saves by one statement: of objects on a named database, and of objects that keep others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import manybase
from manybase import models
from manybase.conf import settings
from manybase.errors import CrossDatabaseError, FieldValueError, UnknownAlias
from manybase.models.signals import post_save
from manybase.runtime.events import capture
from tests.behaviour.help import Face, both
from tests.databases import Databases
from tests.speed.models import Author, Book

pytestmark = pytest.mark.kinds("sqlite", "postgresql")


def _counts(model: Any = Author) -> dict[str, int]:
    return {alias: model.objects.using(alias).count() for alias in ("default", "other")}


def _book(author: Author, **values: Any) -> Book:
    return Book.objects.create(title="Emma", author=author, **values)


def _author(alias: str, name: str = "Jane") -> Author:
    return Author.objects.using(alias).create(name=name)


async def _saved(face: Face, author: Author) -> Author:
    await face.call(author, "save", using="other")
    return author


async def _saved_in_bulk(face: Face) -> Author:
    made = await face.call(Author.objects.using("other"), "bulk_create", [Author(name="new")])
    author: Author = made[0]
    return author


NEW: dict[str, Callable[[Face], Awaitable[Author]]] = {
    "save": lambda face: _saved(face, Author(name="new")),
    "create": lambda face: face.call(Author.objects.using("other"), "create", name="new"),
    "manager": lambda face: face.call(Author.objects.db_manager("other"), "create", name="new"),
    "bulk": _saved_in_bulk,
}


@pytest.mark.parametrize("how", NEW)
@both
async def test_a_new_object_goes_to_the_database_that_is_named(
    db: Databases, how: str, face: Face
) -> None:
    for times in range(1, 4):
        with capture() as seen:
            author = await NEW[how](face)
        assert [s.alias for s in seen if "INSERT" in s.sql] == ["other"] and len(seen) == 1
        assert (author._origin.alias, author._origin.stored) == ("other", True)
        assert len(await face.list(Author.objects.using("other"))) == times
    assert await face.list(Author.objects.using("default")) == []
    author.name = "changed"
    await face.call(author, "save")
    assert (await face.call(Author.objects.using("other"), "get", pk=author.pk)).name == "changed"
    with manybase.using("default"):
        assert (await NEW[how](face))._origin.alias == "other"


def test_the_named_database_is_the_objects_own(db: Databases) -> None:
    author = _author("other")
    author.name = "Emily"
    with capture() as seen:
        author.save(using="other")
    assert [s.alias for s in seen] == ["other"]
    assert Author.objects.using("other").get().name == "Emily"


@pytest.mark.parametrize("known", [False, True])
def test_an_unknown_alias_is_refused(db: Databases, known: bool) -> None:
    if known:
        _author("other")
    with pytest.raises(UnknownAlias, match="no database has the alias 'othr'"):
        Author(name="x").save(using="othr")
    with pytest.raises(UnknownAlias, match="no database has the alias 'othr'"):
        Author.objects.using("othr")
    assert _counts()["default"] == 0


def test_routers_do_not_move_what_is_named(db: Databases) -> None:
    class Home:
        """Sends everything to the default database."""

        def db_for_write(self, model: Any, **hints: Any) -> str:
            return "default"

    _author("other")
    with settings.override(DATABASE_ROUTERS=[Home()]):
        assert _author("other")._origin.alias == "other"
        author = Author(name="x")
        author.save(using="other")
        assert author._origin.alias == "other"
    assert _counts() == {"default": 0, "other": 3}


def test_signals_hear_of_a_named_save(db: Databases) -> None:
    heard: list[Any] = []

    def hear(sender: Any, using: str, **more: Any) -> None:
        heard.append(using)

    _author("other")
    post_save.connect(hear, sender=Author)
    try:
        _author("other")
        Author(name="x").save(using="other")
    finally:
        post_save.disconnect(hear, sender=Author)
    assert heard == ["other", "other"]


# Objects that keep others


@pytest.mark.parametrize("alias", ["default", "other"])
def test_an_object_is_made_with_a_related_one_by_one_statement(db: Databases, alias: str) -> None:
    author = _author(alias)
    for _ in range(3):
        with capture() as seen:
            book = _book(author)
        assert [s.alias for s in seen] == [alias]
        assert (book._origin.alias, book.author_id) == (alias, author.pk)
        assert book.author is author
    assert _counts(Book)[alias] == 3


def test_an_object_with_its_related_one_is_saved_by_one_statement(db: Databases) -> None:
    _book(_author("other"))
    book = Book.objects.using("other").select_related("author").get()
    book.title = "Persuasion"
    with capture() as seen:
        book.save()
    assert [s.alias for s in seen] == ["other"]
    assert Book.objects.using("other").get().title == "Persuasion"
    assert book.author.name == "Jane"


def test_a_key_that_was_set_by_hand_counts(db: Databases) -> None:
    book, other = _book(_author("default")), _author("default", "Emily")
    book.author_id = other.pk
    book.save()
    assert Book.objects.get().author.name == book.author.name == "Emily"
    made = Book(title="x", author=other, author_id=book.pk + 1000)
    made.save()
    assert made.author_id == other.pk


def test_an_unsaved_related_object_is_refused(db: Databases) -> None:
    book = _book(_author("default"))
    book.author = Author(name="new")
    message = "save\\(\\) prohibited to prevent data loss due to unsaved related object 'author'"
    with pytest.raises(FieldValueError, match=message):
        book.save()
    with pytest.raises(FieldValueError, match=message):
        _book(Author(name="new"))
    book.author.save()
    book.save()
    assert Book.objects.get().author.name == "new"


def test_a_related_object_of_another_database_is_refused(db: Databases) -> None:
    here = _author("default")
    there = Author.objects.using("other").create(pk=here.pk, name="Emily")
    book = _book(here)
    message = "its 'author' is an object of database 'other'"
    book.__dict__["_author_cache"] = there  # as an assignment would not allow
    with pytest.raises(CrossDatabaseError, match=message):
        book.save()
    made = Book(title="x", author_id=here.pk)
    made.__dict__["_author_cache"] = there
    with pytest.raises(CrossDatabaseError, match=message):
        made.save(using="default")
    with pytest.raises(CrossDatabaseError, match="'author' is an object of database 'default'"):
        Book(title="x", author=here).save(using="other")
    with pytest.raises(CrossDatabaseError):
        Book.objects.using("other").create(title="x", author=here)
    assert _counts(Book) == {"default": 1, "other": 0}


def test_an_object_that_is_said_to_be_stored_follows_the_block(db: Databases) -> None:
    for alias in ("default", "other"):
        Author.objects.using(alias).create(pk=1, name="old")
    for _ in range(2):
        author = Author(pk=1, name="here")
        author._state.adding = False
        author.save()
        assert author == Author.objects.get()
    there = Author(pk=1, name="there")
    there._state.adding = False
    with manybase.using("other"):
        there.save()
    found = [Author.objects.using(alias).get().name for alias in ("default", "other")]
    assert found == ["here", "there"]


def test_a_forced_insert_into_another_model_is_refused(db: Databases) -> None:
    author = _author("default")
    for options in ({}, {"using": "default"}):
        with pytest.raises(FieldValueError, match="force_insert names 'Author', which is neither"):
            Book(title="x", author=author).save(force_insert=(Author,), **options)
    Book(title="x", author=author).save(force_insert=(Book,))
    assert _counts(Book) == {"default": 1, "other": 0}


def test_what_is_no_object_is_no_related_object(db: Databases) -> None:
    book = _book(_author("default"))
    book.__dict__["_author_cache"] = "as a test double might be"
    book.save()
    assert Book.objects.get().author.name == "Jane"


def test_places_are_checked_before_values(db: Databases) -> None:
    here = _author("default")
    books: list[Any] = [Book(title="x", author_id=1, pages="many"), Book(title="y", author=here)]
    with pytest.raises(CrossDatabaseError, match="belongs to database 'default'"):
        Book.objects.using("other").bulk_create(books)


class Writer(Author):
    """Authors under another name."""

    class Meta:
        proxy = True
        app_label = "speed"


def test_bulk_inserts_by_a_proxy_give_keys(db: Databases) -> None:
    mixed = [Writer(name="a"), Author(name="b")]
    for objects in ([Writer(name="a"), Writer(name="b")], mixed):
        made: list[Any] = Writer.objects.bulk_create(objects)  # type: ignore[arg-type]  # both
        assert all(author.pk and author._origin.stored for author in made)
    assert _counts() == {"default": 4, "other": 0}


def test_bulk_inserts_take_related_objects(db: Databases) -> None:
    here, there = _author("default"), _author("other")
    for alias, author in (("default", here), ("other", there)):
        with capture() as seen:
            made = Book.objects.bulk_create([Book(title=f"{i}", author=author) for i in range(3)])
        assert [s.alias for s in seen] == [alias]
        assert {book._origin.alias for book in made} == {alias} and all(book.pk for book in made)
    mixed = [Book(title="x", author_id=here.pk), Book(title="y", author=here)]
    assert [book.pk is not None for book in Book.objects.bulk_create(mixed)] == [True, True]
    with pytest.raises(CrossDatabaseError, match="belongs to database 'other'"):
        Book.objects.bulk_create([Book(title="x", author=here), Book(title="y", author=there)])
    with pytest.raises(CrossDatabaseError, match="belongs to database 'other'"):
        Book.objects.bulk_create([Book(title="x", author_id=1), Book(title="y", author=there)])
    with pytest.raises(FieldValueError, match=r"Book\.author': its related object is not saved"):
        Book.objects.bulk_create([Book(title="x", author=Author(name="new"))])
    assert _counts(Book) == {"default": 5, "other": 3}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, None])
def test_bulk_inserts_in_parts_give_each_object_its_own_key(
    db: Databases, size: int | None
) -> None:
    author = _author("default")
    books = [Book(title=f"{i}", author_id=author.pk, pages=i) for i in range(5)]
    with capture() as seen:
        Book.objects.bulk_create(books, batch_size=size)
    assert len([s for s in seen if "INSERT" in s.sql]) == -(-5 // (size or 5))
    found = Book.objects.in_bulk()
    assert [(found[b.pk].title, found[b.pk].pages) for b in books] == [
        (f"{i}", i) for i in range(5)
    ]


@pytest.mark.parametrize("value", [7, "7.5", 7.5, True, None])
def test_bulk_inserts_prepare_values_of_other_types(db: Databases, value: Any) -> None:
    author = _author("default")
    books = [Book(title=f"{i}", author_id=author.pk, price=value) for i in range(3)]
    Book.objects.bulk_create(books)
    one = Book(title="one", author_id=author.pk, price=value)
    one.save()
    assert len(set(Book.objects.values_list("price", flat=True))) == 1


def test_bulk_inserts_refuse_a_wrong_value_before_anything_is_written(db: Databases) -> None:
    author = _author("default")
    books: list[Book] = [Book(title=f"{i}", author_id=author.pk) for i in range(3)]
    books[2].pages = "many"  # type: ignore[assignment]  # the mistake
    with pytest.raises(FieldValueError, match="pages"):
        Book.objects.bulk_create(books)
    assert Book.objects.count() == 0 and all(book.pk is None for book in books)


class Words(models.CharField[str]):
    """A field of the program's own that takes any words, once."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else " ".join(value)


class Poem(models.Model):
    words = Words(max_length=100)
    pages = models.IntegerField(null=True)

    class Meta:
        app_label = "speed"
        managed = False
        db_table = "speed_book"


def test_a_value_that_can_be_read_only_once_is_read_once(db: Databases) -> None:
    read: list[str] = []

    def words() -> Any:
        for word in ("one", "two"):
            read.append(word)
            yield word

    poems = [Poem(words=words()), Poem(words=["three"], pk=None), Poem(words=["four"], pk=5)]
    with pytest.raises(Exception, match="words"):  # the table has no such column
        Poem.objects.bulk_create(poems)
    assert read == ["one", "two"]
