"""What is loaded with an object and what later: only, defer, select_related, prefetch_related."""

from __future__ import annotations

import pytest

from manybase.errors import ManybaseError
from manybase.models import Prefetch, prefetch_related_objects
from tests.behaviour.help import Face, both, names, queries, titles
from tests.behaviour.models import (
    Bar,
    Book,
    Category,
    Chapter,
    Member,
    Passport,
    Person,
    Pet,
    Place,
    Review,
)
from tests.behaviour.query_data import make_clubs, make_library

pytestmark = pytest.mark.transactional


@pytest.fixture(autouse=True)
def library(places):
    return make_library()


# only and defer


@both
async def test_deferred_fields(face: Face) -> None:
    """only() and defer() leave fields out, and each combination is what Django's is."""
    books = Book.objects

    async def deferred(queryset):
        return (await face.call(queryset, "first")).get_deferred_fields()

    assert await deferred(books.defer("title")) == {"title"}
    assert await deferred(books.defer("title").defer("pages")) == {"title", "pages"}
    assert await deferred(books.only("title")) == {"published", "editor_id", "pages"}
    assert await deferred(books.only("title", "editor")) == {"published", "pages"}
    assert await deferred(books.only("title", "pages").defer("pages")) == {
        "published",
        "editor_id",
        "pages",
    }
    assert await deferred(books.defer("title").defer(None)) == set()
    assert await deferred(books.defer("pk")) == set()
    assert await deferred(books.only("title").only("pages")) == {
        "title",
        "published",
        "editor_id",
    }


def test_a_deferred_field_loads_when_it_is_read() -> None:
    """Reading loads that field alone, once; writing it needs no load."""
    book = Book.objects.only("title").get(title="A")
    with queries(1):
        assert book.pages == 100
        assert book.pages == 100
    with queries(0):
        book.published = None
        assert book.get_deferred_fields() == {"editor_id"}
    with queries(2):
        assert book.editor.name == "Cat"


def test_saving_leaves_deferred_fields_alone() -> None:
    """save() of an object with deferred fields writes only those that are there."""
    book = Book.objects.only("title").get(title="A")
    Book.objects.filter(title="A").update(pages=777)

    book.title = "AA"
    book.save()

    assert Book.objects.get(title="AA").pages == 777


def test_deferred_fields_of_related_objects(library) -> None:
    """only() and defer() reach over select_related."""
    book = Book.objects.select_related("editor").only("title", "editor__name").get(title="A")
    with queries(0):
        assert (book.title, book.editor.name) == ("A", "Cat")
    assert book.get_deferred_fields() == {"published", "pages"}
    book = Book.objects.select_related("editor").defer("editor__name").get(title="A")
    assert book.editor.get_deferred_fields() == {"name"}
    with queries(1):
        assert book.editor.name == "Cat"


# select_related


@both
async def test_select_related(face: Face) -> None:
    """Related objects come in the same row, None where there is none."""
    with queries(1):
        books = await face.list(Book.objects.select_related("editor"))
        found = [book.editor.name if book.editor else None for book in books]

    assert found == ["Cat", "Ann", "Cat", None, "Ben"]


def test_select_related_follows_several_steps(library) -> None:
    """Names over several relations, of nullable ones too, and of one-to-one reverse ones."""
    root = Category.objects.create(name="root")
    child = Category.objects.create(name="child", parent=root)
    Category.objects.create(name="leaf", parent=child)
    with queries(1):
        leaf = Category.objects.select_related("parent__parent").get(name="leaf")
        assert leaf.parent.parent.name == "root"
    with queries(1):
        found = Category.objects.select_related("parent__parent").get(name="root")
        assert found.parent is None
    clubs = make_clubs()
    Passport.objects.create(member=clubs.uma, number="X1")
    with queries(1):
        members = list(Member.objects.select_related("passport"))
        assert members[0].passport.number == "X1"
        assert not hasattr(members[1], "passport")
    with queries(1):
        assert Passport.objects.select_related("member").get().member.name == "Uma"
    Pet.objects.create(name="Rex", owner=library.ann)
    with queries(1):
        assert Pet.objects.select_related().get().owner.name == "Ann"
    with queries(2):
        assert Pet.objects.select_related().select_related(None).get().owner.name == "Ann"


def test_a_foreign_key_is_loaded_once(library) -> None:
    """Reading a relation asks once; assigning another object replaces it."""
    book = Book.objects.get(title="A")
    with queries(1):
        assert book.editor.name == "Cat"
        assert book.editor.name == "Cat"
    book.editor = library.ann
    with queries(0):
        assert (book.editor.name, book.editor_id) == ("Ann", library.ann.pk)
    book.editor_id = library.ben.pk
    with queries(1):
        assert book.editor.name == "Ben"


def test_related_managers_know_their_owner(library) -> None:
    """Objects of a reverse manager have the owner at hand."""
    with queries(1):
        assert [book.editor.name for book in library.cat.edited.all()] == ["Cat", "Cat"]


# prefetch_related


@both
async def test_prefetch_many(face: Face) -> None:
    """One query for all links of all objects, none when they are read."""
    with queries(2):
        books = await face.list(Book.objects.prefetch_related("authors"))
        found = ["".join(a.name[0] for a in book.authors.all()) for book in books]

    assert found == ["AB", "B", "", "A", "ABC"]


@both
async def test_prefetch_every_kind_of_relation(face: Face, library) -> None:
    """Foreign keys, reverse foreign keys, reverse many, generic ones and several steps."""
    await face.call(Pet.objects, "create", name="Rex", owner=library.ann)
    await face.call(Review.objects, "create", source="Weekly", content_object=library.A)
    with queries(2):
        books = await face.list(Book.objects.prefetch_related("editor"))
        assert [b.editor.name for b in books if b.editor] == ["Cat", "Ann", "Cat", "Ben"]
    with queries(3):
        people = await face.list(Person.objects.prefetch_related("edited", "book_set"))
        assert [len(p.edited.all()) for p in people] == [1, 1, 2]
        assert [p.book_set.count() for p in people] == [3, 3, 1]
    with queries(3):
        books = await face.list(Book.objects.prefetch_related("authors__pet_set"))
        assert [p.name for a in books[0].authors.all() for p in a.pet_set.all()] == ["Rex"]
    with queries(2):
        books = await face.list(Book.objects.filter(title="A").prefetch_related("reviews"))
        assert [r.source for r in books[0].reviews.all()] == ["Weekly"]
    reviews = await face.list(Review.objects.prefetch_related("content_object"))
    with queries(0):
        assert reviews[0].content_object.title == "A"


@both
async def test_prefetch_with_a_queryset(face: Face) -> None:
    """Prefetch() takes a queryset of one's own, and to_attr a name for the list."""
    long = Book.objects.filter(pages__gt=150)
    with queries(2):
        people = await face.list(
            Person.objects.prefetch_related(Prefetch("book_set", queryset=long, to_attr="long"))
        )
    assert [[book.title for book in one.long] for one in people] == [["D"], ["B"], []]
    with queries(2):
        people = await face.list(
            Person.objects.prefetch_related(Prefetch("edited", queryset=long.order_by("-title")))
        )
        assert [[b.title for b in one.edited.all()] for one in people] == [["B"], [], ["C"]]


@both
async def test_prefetch_after_loading(face: Face) -> None:
    """prefetch_related_objects() fills objects that are there already, and not twice."""
    from manybase import models

    books = await face.list(Book.objects.all())
    call = models.aprefetch_related_objects if face.is_async else prefetch_related_objects
    with queries(1):
        done = call(books, "authors")
        if face.is_async:
            await done
    with queries(0):
        again = call(books, "authors")
        if face.is_async:
            await again
        assert [len(b.authors.all()) for b in books] == [2, 1, 0, 1, 3]


def test_prefetched_managers_ask_again_when_narrowed(library) -> None:
    """Only all() uses what was prefetched; changes through the manager drop it."""
    book = Book.objects.prefetch_related("authors").get(title="A")
    with queries(1):
        assert names(book.authors.filter(name="Ann")) == ["Ann"]
    book.authors.remove(library.ann)
    assert [a.name for a in book.authors.all()] == ["Ben"]


def test_prefetch_is_lazy_and_can_be_dropped(library) -> None:
    """prefetch_related(None) drops what was asked; an empty result asks once."""
    with queries(1):
        list(Book.objects.prefetch_related("authors").prefetch_related(None))
    with queries(1):
        list(Book.objects.filter(title="Z").prefetch_related("authors"))
    with queries(2):
        assert Book.objects.prefetch_related("authors").first().title == "A"


def test_prefetch_follows_the_database_of_the_queryset() -> None:
    """The second query goes where the first went; counted per database."""
    make_library("other")
    with queries(2, "other"), queries(0, "default"):
        books = list(Book.objects.using("other").prefetch_related("authors"))
        assert {a._state.db for book in books for a in book.authors.all()} == {"other"}


def test_prefetch_joins_work_with_iterator(library) -> None:
    """iterator() prefetches for each piece."""
    with queries(1 + 3):
        books = Book.objects.prefetch_related("authors").iterator(chunk_size=2)
        assert [len(book.authors.all()) for book in books] == [2, 1, 0, 1, 3]


# Raw queries


def test_raw(library) -> None:
    """raw() makes objects from any statement: parameters, missing columns, other names."""
    table = Book._meta.db_table
    found = list(
        Book.objects.raw(f'SELECT * FROM "{table}" WHERE pages > %s ORDER BY title', [150])
    )
    assert [book.title for book in found] == ["B", "C", "D"]
    assert found[0].published.year == 2001

    found = list(Book.objects.raw(f'SELECT id, title FROM "{table}" ORDER BY title'))
    assert found[0].get_deferred_fields() == {"published", "editor_id", "pages"}
    assert found[0].pages == 100

    sql = f'SELECT id, title AS named, pages + 1 AS more FROM "{table}" ORDER BY title'
    book = Book.objects.raw(sql, translations={"named": "title"})[0]
    assert (book.title, book.more) == ("A", 101)

    named = f'SELECT * FROM "{table}" WHERE title = %(title)s'
    assert [b.title for b in Book.objects.raw(named, {"title": "C"})] == ["C"]


def test_raw_is_lazy_and_checked(library) -> None:
    """A raw queryset runs once when it is read; without the key it raises."""
    table = Book._meta.db_table
    with queries(0):
        raw = Book.objects.raw(f'SELECT * FROM "{table}" ORDER BY title')
    with queries(1):
        assert len(raw) == 5
        assert raw[0].title == "A"
    with pytest.raises(ManybaseError, match="primary key"):
        list(Book.objects.raw(f'SELECT title FROM "{table}"'))


def test_raw_percent_signs_are_literal_without_parameters(library) -> None:
    """A per cent sign of the statement itself needs no doubling without parameters."""
    table = Book._meta.db_table
    found = Book.objects.raw(f"SELECT * FROM \"{table}\" WHERE title LIKE 'A%'")

    assert [book.title for book in found] == ["A"]


@both
async def test_raw_in_both_faces(face: Face) -> None:
    """A raw queryset can be read by ``for`` and by ``async for``."""
    sql = f'SELECT * FROM "{Book._meta.db_table}" ORDER BY title'

    assert [book.title for book in await face.list(Book.objects.raw(sql))] == list("ABCDE")


# Inheritance and order


def test_children_load_their_parents_columns() -> None:
    """Multi-table children select_related as one object."""
    Bar.objects.create(name="Pub", street="Main", serves_pizza=True, taps=4)

    with queries(1):
        bar = Bar.objects.get(name="Pub")
        assert (bar.street, bar.serves_pizza, bar.taps) == ("Main", True, 4)
    with queries(1):
        place = Place.objects.select_related("restaurant__bar").get()
        assert place.restaurant.bar.taps == 4


def test_order_with_respect_to(library) -> None:
    """Chapters keep their order within a book, which can be changed."""
    first, second = (Chapter.objects.create(book=library.A, heading=h) for h in "xy")

    assert list(library.A.get_chapter_order()) == [first.pk, second.pk]
    assert first.get_next_in_order() == second
    assert second.get_previous_in_order() == first
    library.A.set_chapter_order([second.pk, first.pk])
    assert [c.heading for c in Chapter.objects.filter(book=library.A)] == ["y", "x"]
    assert titles(Book.objects.filter(chapter__heading="x")) == ["A"]
