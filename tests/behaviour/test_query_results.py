"""What a queryset gives: slices, rows, dates, single objects, counts; in both faces."""

from __future__ import annotations

import datetime

import pytest

from manybase.errors import QueryError
from manybase.models import F, Q
from tests.behaviour.help import Face, both, date, names, queries, titles
from tests.behaviour.models import Article, Book, Keyed, Member, Person, Sample
from tests.behaviour.query_data import make_library, make_samples, moment

pytestmark = pytest.mark.transactional


@pytest.fixture(autouse=True)
def library(places):
    return make_library()


def letters(books) -> str:
    return "".join(book.title for book in books)


# Order


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ((), "ABCDE"),
        (("title",), "ABCDE"),
        (("-title",), "EDCBA"),
        (("pages", "-title"), "EABCD"),
        (("-pages", "title"), "DCBAE"),
        (("editor__name", "title"), None),
        (("published",), "ABCED"),
        ((F("title").desc(),), "EDCBA"),
        ((F("editor__name").asc(nulls_last=True), "title"), "BEACD"),
        ((F("editor__name").desc(nulls_first=True), "title"), "DACEB"),
        (("pk",), "ABCDE"),
    ],
)
@both
async def test_order(face: Face, order, expected) -> None:
    """order_by() takes names, descending names, names over relations and expressions."""
    books = await face.list(Book.objects.order_by(*order) if order else Book.objects.all())

    if expected is None:  # the place of null is the database's
        assert letters(books).replace("D", "") == "BEAC"
    else:
        assert letters(books) == expected


@both
async def test_reverse_and_no_order(face: Face) -> None:
    """reverse() turns the order round, order_by() without names drops it."""
    assert letters(await face.list(Book.objects.reverse())) == "EDCBA"
    assert letters(await face.list(Book.objects.order_by("-pages", "title").reverse())) == "EABCD"
    assert letters(await face.list(Book.objects.reverse().reverse())) == "ABCDE"
    assert sorted(letters(await face.list(Book.objects.order_by()))) == list("ABCDE")
    assert not Book.objects.order_by().ordered
    assert Book.objects.all().ordered
    assert sorted(letters(await face.list(Book.objects.order_by("?")))) == list("ABCDE")


def test_ordering_over_a_relation_uses_the_order_of_its_model() -> None:
    """Ordering by a relation takes the order that the related model declares."""
    books = Book.objects.exclude(editor=None).order_by("editor", "title")

    assert letters(books) == "BEAC"
    assert letters(Book.objects.exclude(editor=None).order_by("-editor", "title")) == "ACEB"
    assert letters(Book.objects.exclude(editor=None).order_by("editor_id", "title")) == "BEAC"


# Slices


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (None, 2, "AB"),
        (1, 3, "BC"),
        (3, None, "DE"),
        (None, None, "ABCDE"),
        (0, 0, ""),
        (4, 10, "E"),
        (9, 12, ""),
        (2, 1, ""),
    ],
)
@both
async def test_slices(face: Face, start, stop, expected) -> None:
    """A slice takes these rows, and so do count, exists and values of it."""
    part = Book.objects.all()[start:stop]

    assert letters(await face.list(part)) == expected
    again = Book.objects.all()[start:stop]
    assert await face.call(again, "count") == len(expected)
    assert await face.call(Book.objects.all()[start:stop], "exists") == bool(expected)
    rows = await face.list(Book.objects.all()[start:stop].values_list("title", flat=True))
    assert "".join(rows) == expected


def test_slices_of_slices_and_indexes() -> None:
    """A slice is relative to the slice before it; an index gives one object."""
    books = Book.objects.all()

    assert letters(books[1:4][1:]) == "CD"
    assert letters(books[1:4][:1]) == "B"
    assert letters(books[1:3][5:]) == ""
    assert books[0].title == "A"
    assert books[4].title == "E"
    assert books[1:][1].title == "C"
    assert letters(books[::2]) == "ACE"
    with pytest.raises(IndexError):
        books[10]
    with pytest.raises(QueryError, match="end"):
        books[-1]
    with pytest.raises(QueryError, match="end"):
        books[-3:]
    with pytest.raises(TypeError):
        books["a"]


@pytest.mark.parametrize(
    "call",
    [
        lambda q: q.filter(title="A"),
        lambda q: q.exclude(title="A"),
        lambda q: q.order_by("title"),
        lambda q: q.distinct(),
        lambda q: q.update(pages=1),
        lambda q: q.delete(),
        lambda q: q.reverse(),
        lambda q: q.last(),
        lambda q: q.in_bulk([1]),
        lambda q: q.latest("published"),
    ],
)
def test_a_slice_cannot_be_narrowed(call) -> None:
    """What would have to work before the slice raises."""
    with pytest.raises(TypeError, match="slice"):
        call(Book.objects.all()[:2])


def test_a_slice_of_a_queryset_that_ran_asks_nothing() -> None:
    """Indexes, slices, len, bool, in and count of loaded results send no query."""
    books = Book.objects.all()
    with queries(1):
        assert len(books) == 5
        assert books[1].title == "B"
        assert letters(books[1:3]) == "BC"
        assert bool(books)
        assert books[0] in books
        assert books.count() == 5
        assert books.exists()
        assert letters(books) == letters(list(iter(books)))


# Rows


@both
async def test_values(face: Face) -> None:
    """values() gives dictionaries: all fields, some fields, fields over relations."""
    rows = await face.list(Book.objects.values())
    assert set(rows[0]) == {"id", "title", "published", "editor_id", "pages"}

    rows = await face.list(Book.objects.values("title", "pages").filter(pages=100))
    assert rows == [{"title": "A", "pages": 100}, {"title": "E", "pages": 100}]
    rows = await face.list(Book.objects.values("title", "editor__name")[2:4])
    assert rows == [
        {"title": "C", "editor__name": "Cat"},
        {"title": "D", "editor__name": None},
    ]
    first = await face.call(Book.objects.values("published"), "first")
    assert first == {"published": date("2001-01-15")}


@both
async def test_values_list(face: Face) -> None:
    """values_list() gives tuples, single values or named tuples."""
    assert await face.list(Book.objects.values_list("title", "pages")[:2]) == [
        ("A", 100),
        ("B", 200),
    ]
    assert await face.list(Book.objects.values_list("title", flat=True)) == list("ABCDE")
    named = await face.list(Book.objects.values_list("title", "editor__name", named=True))
    assert (named[0].title, named[0].editor__name) == ("A", "Cat")
    whole = await face.list(Book.objects.values_list()[:1])
    assert len(whole[0]) == 5
    assert await face.call(Book.objects.values_list("title"), "get", title="B") == ("B",)


@both
async def test_values_of_relations(face: Face, library) -> None:
    """A foreign key's value is the key, a many-to-many's one row for each link."""
    rows = await face.list(Book.objects.values_list("editor", "editor_id")[:1])
    assert rows == [(library.cat.pk, library.cat.pk)]
    rows = await face.list(
        Book.objects.filter(title="A").order_by("authors__name").values_list("authors__name")
    )
    assert rows == [("Ann",), ("Ben",)]
    rows = await face.list(Book.objects.filter(title="C").values_list("authors", flat=True))
    assert rows == [None]
    rows = await face.list(Book.objects.order_by("title").values("pk")[:1])
    assert rows == [{"pk": library.A.pk}]


def test_values_list_is_checked() -> None:
    """flat takes one field, and not with named."""
    with pytest.raises(TypeError, match="flat"):
        Book.objects.values_list("title", "pages", flat=True)
    with pytest.raises(TypeError, match="flat"):
        Book.objects.values_list("title", flat=True, named=True)
    with pytest.raises(TypeError, match="values"):
        Book.objects.values("title").delete()


@both
async def test_distinct(face: Face) -> None:
    """distinct() drops equal rows; of objects those that joins repeat."""
    by_author = Book.objects.filter(authors__name__in=["Ann", "Ben"])

    assert letters(await face.list(by_author)) == "AABDEE"
    assert letters(await face.list(by_author.distinct())) == "ABDE"
    assert await face.call(by_author.distinct(), "count") == 4
    pages = Book.objects.order_by("pages").values_list("pages", flat=True).distinct()
    assert await face.list(pages) == [100, 200, 300, 400]
    assert await face.call(pages, "count") == 4


@both
async def test_dates(face: Face) -> None:
    """dates() gives the first days of years, months and weeks, once each, in order."""
    books = Book.objects

    async def got(*words, **options):
        return await face.list(books.dates("published", *words, **options))

    assert await got("year") == [date("2001-01-01"), date("2002-01-01"), date("2003-01-01")]
    assert await got("year", order="DESC") == [
        date("2003-01-01"),
        date("2002-01-01"),
        date("2001-01-01"),
    ]
    assert await got("month") == [
        date("2001-01-01"),
        date("2001-03-01"),
        date("2002-03-01"),
        date("2003-11-01"),
    ]
    assert date("2001-01-15") in await got("week")
    assert await got("day") == sorted(
        date(text)
        for text in ("2001-01-15", "2001-03-20", "2002-03-05", "2003-11-30", "2003-11-01")
    )
    found = books.filter(editor__name="Cat").dates("published", "year")
    assert await face.list(found) == [date("2001-01-01"), date("2002-01-01")]


@both
async def test_datetimes(face: Face) -> None:
    """datetimes() truncates in the current time zone and leaves nulls out."""
    await face.call(Article.objects, "create", headline="a", when=moment("2020-05-06T07:08:09"))
    await face.call(Article.objects, "create", headline="b", when=moment("2020-05-06T07:59:59"))
    await face.call(Article.objects, "create", headline="c", when=None)
    articles = Article.objects.all()

    assert await face.list(articles.datetimes("when", "year")) == [moment("2020-01-01T00:00:00")]
    assert await face.list(articles.datetimes("when", "month")) == [moment("2020-05-01T00:00:00")]
    assert await face.list(articles.datetimes("when", "day")) == [moment("2020-05-06T00:00:00")]
    assert await face.list(articles.datetimes("when", "hour")) == [moment("2020-05-06T07:00:00")]
    assert await face.list(articles.datetimes("when", "minute", order="DESC")) == [
        moment("2020-05-06T07:59:00"),
        moment("2020-05-06T07:08:00"),
    ]
    assert len(await face.list(articles.datetimes("when", "second"))) == 2


def test_dates_are_checked() -> None:
    """A kind or field that does not fit raises."""
    with pytest.raises((ValueError, TypeError), match=r"hour|year"):
        Book.objects.dates("published", "hour")
    with pytest.raises((ValueError, TypeError)):
        Book.objects.dates("title", "year")
    with pytest.raises((ValueError, TypeError)):
        Book.objects.dates("published", "year", order="up")


# Single objects and counts


@both
async def test_get(face: Face) -> None:
    """get() gives the one object, and raises the model's own errors otherwise."""
    assert (await face.call(Book.objects, "get", title="A")).title == "A"
    with pytest.raises(Book.DoesNotExist, match=r"Book"):
        await face.call(Book.objects, "get", title="Z")
    with pytest.raises(Book.MultipleObjectsReturned, match="2"):
        await face.call(Book.objects, "get", pages=100)
    assert (await face.call(Book.objects.filter(pages=100), "get", ~Q(title="A"))).title == "E"


@both
async def test_first_and_last(face: Face) -> None:
    """first() and last() follow the order, or the key; None where there is nothing."""
    assert (await face.call(Book.objects, "first")).title == "A"
    assert (await face.call(Book.objects, "last")).title == "E"
    by_pages = Book.objects.order_by("-pages")
    assert (await face.call(by_pages, "first")).title == "D"
    assert (await face.call(Book.objects.order_by(), "first")).title == "A"
    assert (await face.call(Book.objects.order_by(), "last")).title == "E"
    assert await face.call(Book.objects.none(), "first") is None
    assert await face.call(Book.objects.filter(title="Z"), "last") is None


@both
async def test_latest_and_earliest(face: Face) -> None:
    """latest() and earliest() take names or Meta.get_latest_by."""
    assert (await face.call(Book.objects, "latest", "published")).title == "D"
    assert (await face.call(Book.objects, "earliest", "published")).title == "A"
    assert (await face.call(Book.objects, "latest", "pages", "title")).title == "D"
    await face.call(Article.objects, "create", headline="a", when=moment("2020-01-01T00:00:00"))
    await face.call(Article.objects, "create", headline="b", when=moment("2021-01-01T00:00:00"))
    assert (await face.call(Article.objects, "latest")).headline == "b"
    with pytest.raises(Member.DoesNotExist):
        await face.call(Member.objects, "latest", "name")
    with pytest.raises(QueryError, match="get_latest_by"):
        await face.call(Member.objects, "latest")


@both
async def test_count_and_exists(face: Face) -> None:
    """count() and exists() of everything, of filters, of joins and of nothing."""
    assert await face.call(Book.objects, "count") == 5
    assert await face.call(Book.objects.filter(authors__name__in=["Ann", "Ben"]), "count") == 6
    assert await face.call(Book.objects.filter(title="Z"), "count") == 0
    assert await face.call(Book.objects, "exists") is True
    assert await face.call(Book.objects.filter(title="Z"), "exists") is False
    assert await face.call(Book.objects, "contains", await face.call(Book.objects, "first"))


@both
async def test_none(face: Face) -> None:
    """none() is empty, stays empty and asks no database."""
    with queries(0):
        empty = Book.objects.none().filter(title="A").order_by("title")
        assert await face.list(empty) == []
        assert await face.call(empty, "count") == 0
        assert await face.call(empty, "exists") is False
        assert await face.call(empty, "update", pages=3) == 0
        assert (await face.call(empty, "delete"))[0] == 0
        assert await face.list(empty.values("title")) == []
        with pytest.raises(Book.DoesNotExist):
            await face.call(empty, "get")


@both
async def test_an_empty_list_asks_no_database(face: Face) -> None:
    """``in`` an empty list can match nothing, which is known without asking."""
    with queries(0):
        assert await face.list(Book.objects.filter(pk__in=[])) == []
        assert await face.call(Book.objects.filter(pk__in=[]), "count") == 0
        assert await face.call(Book.objects.filter(pk__in=[]), "first") is None


@both
async def test_in_bulk(face: Face, library) -> None:
    """in_bulk() maps keys, or the values of a unique field, to objects."""
    found = await face.call(Book.objects, "in_bulk", [library.A.pk, library.B.pk, 99999])
    assert {key: book.title for key, book in found.items()} == {
        library.A.pk: "A",
        library.B.pk: "B",
    }
    assert len(await face.call(Book.objects, "in_bulk")) == 5
    assert await face.call(Book.objects, "in_bulk", []) == {}
    await face.call(Member.objects, "create", name="Uma")
    found = await face.call(Member.objects, "in_bulk", ["Uma"], field_name="name")
    assert list(found) == ["Uma"]
    with pytest.raises(QueryError, match="title"):
        await face.call(Book.objects, "in_bulk", ["A"], field_name="title")


@both
async def test_get_or_create(face: Face) -> None:
    """get_or_create() finds by the lookups or makes one from them and the defaults."""
    member, made = await face.call(Member.objects, "get_or_create", name="Uma")
    assert made
    again, made = await face.call(Member.objects, "get_or_create", name="Uma")
    assert (again, made) == (member, False)
    book, made = await face.call(
        Book.objects, "get_or_create", title__iexact="z", defaults={"title": "Z", "pages": 3}
    )
    assert (book.title, book.pages, made) == ("Z", 3, True)
    book, made = await face.call(
        Book.objects, "get_or_create", title="Y", defaults={"pages": lambda: 8}
    )
    assert (book.pages, made) == (8, True)
    with pytest.raises(Book.MultipleObjectsReturned):
        await face.call(Book.objects, "get_or_create", pages=100)


@both
async def test_update_or_create(face: Face) -> None:
    """update_or_create() changes the row found or makes one."""
    book, made = await face.call(Book.objects, "update_or_create", title="A", defaults={"pages": 7})
    assert (book.pages, made) == (7, False)
    book, made = await face.call(Book.objects, "update_or_create", title="Z", defaults={"pages": 8})
    assert (book.pages, made) == (8, True)
    assert await face.call(Book.objects, "count") == 6
    assert (await face.call(Book.objects, "get", title="A")).pages == 7


@both
async def test_bulk_create(face: Face) -> None:
    """bulk_create() inserts many rows in few statements and gives them their keys and place."""
    people = [Person(name=f"P{i:03}") for i in range(250)]
    made = await face.call(Person.objects.using("other"), "bulk_create", people, batch_size=100)

    assert [one._state.db for one in made] == ["other"] * 250
    assert await face.call(Person.objects.using("other"), "count") == 250
    assert all(one.pk for one in made)
    found = await face.call(Person.objects.using("other"), "get", name="P007")
    assert found.pk == made[7].pk
    assert await face.call(Keyed.objects, "bulk_create", []) == []


@both
async def test_bulk_update(face: Face) -> None:
    """bulk_update() writes other values to many rows and says how many it changed."""
    books = await face.list(Book.objects.all())
    for number, book in enumerate(books):
        book.pages = number
        book.editor = None

    changed = await face.call(Book.objects, "bulk_update", books, ["pages", "editor"])

    assert changed == 5
    assert await face.list(Book.objects.values_list("pages", "editor")) == [
        (number, None) for number in range(5)
    ]


@both
async def test_iterators(face: Face) -> None:
    """iterator() yields the same objects in pieces and keeps none."""
    books = Book.objects.all()
    if face.is_async:
        found = [book async for book in books.aiterator(chunk_size=2)]
    else:
        found = list(books.iterator(chunk_size=2))

    assert letters(found) == "ABCDE"
    assert books._result_cache is None


# Writing


@both
async def test_update(face: Face, library) -> None:
    """update() sets values, keys, objects, nulls and expressions, and counts the rows."""
    books = Book.objects

    assert await face.call(books.filter(pages=100), "update", pages=101) == 2
    assert await face.call(books.filter(title="A"), "update", pages=F("pages") + 9) == 1
    assert (await face.call(books, "get", title="A")).pages == 110
    await face.call(books.filter(title="A"), "update", editor=library.ben, published="2010-02-03")
    book = await face.call(books, "get", title="A")
    assert (book.editor_id, book.published) == (library.ben.pk, date("2010-02-03"))
    await face.call(books.filter(title="A"), "update", editor=None)
    assert (await face.call(books, "get", title="A")).editor_id is None
    await face.call(books.filter(title="B"), "update", editor_id=library.cat.pk)
    assert (await face.call(books, "get", title="B")).editor_id == library.cat.pk


@both
async def test_update_over_joins(face: Face) -> None:
    """update() and delete() take filters over relations."""
    books = Book.objects

    assert await face.call(books.filter(editor__name="Cat"), "update", pages=1) == 2
    assert await face.call(books.filter(authors__name="Ann"), "update", pages=2) == 3
    assert await face.call(books.exclude(authors__name="Ann"), "update", pages=3) == 2
    rows = await face.list(books.values_list("title", "pages"))
    assert rows == [("A", 2), ("B", 3), ("C", 3), ("D", 2), ("E", 2)]
    await face.call(books.filter(authors__name__in=["Ann", "Ben"]), "delete")
    assert letters(await face.list(books.all())) == "C"


@both
async def test_delete(face: Face) -> None:
    """delete() removes the rows with their links and says how many of what."""
    total, by_label = await face.call(Book.objects.filter(title__in=["A", "B"]), "delete")

    assert total == 2 + 3
    assert by_label == {"behaviour.Book": 2, "behaviour.Book_authors": 3}
    assert letters(await face.list(Book.objects.all())) == "CDE"
    assert await face.call(Book.objects.filter(title="Z"), "delete") == (0, {})


def test_a_queryset_can_be_shown() -> None:
    """repr() shows the first objects, str(query) the statement without running it."""
    with queries(1):
        assert repr(Book.objects.all()).startswith("<QuerySet [<Book: A>, <Book: B>")
    with queries(0):
        shown = str(Book.objects.filter(title="A").query)
    assert "SELECT" in shown.upper()
    assert "behaviour_book" in shown


def test_querysets_are_lazy_and_independent() -> None:
    """Building asks nothing; each call leaves the queryset before it as it was."""
    with queries(0):
        base = Book.objects.filter(pages__gte=200)
        narrow = base.exclude(title="D").order_by("-title")

    assert titles(base) == ["B", "C", "D"]
    assert titles(narrow) == ["C", "B"]
    with queries(1):
        assert titles(narrow.all()) == ["C", "B"]


def test_samples_with_aware_moments_keep_their_zone(library) -> None:
    """Moments come back aware, in UTC or the current zone, equal to what was stored."""
    make_samples()
    eastern = datetime.timezone(datetime.timedelta(hours=-5))
    stored = datetime.datetime(2020, 2, 29, 3, 30, 15, 250000, tzinfo=eastern)

    row = Sample.objects.get(moment=stored)

    assert row.moment == stored
    assert row.moment.tzinfo is not None


def test_names_of_people_are_ordered() -> None:
    """The default order of the model is used by managers and relations."""
    assert names(Person.objects.all()) == ["Ann", "Ben", "Cat"]
