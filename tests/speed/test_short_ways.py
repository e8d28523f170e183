"""The short ways of writing and prefetching give what the long ways give."""

from __future__ import annotations

import copy
import datetime
import gc
import pickle
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

import pytest

import manybase
from manybase import models
from manybase.errors import FieldValueError
from manybase.models import Prefetch, QuerySet
from manybase.models.managers import forget
from manybase.models.related.reverse_many import ReverseMany
from manybase.query.collector import paused, without_collections
from manybase.runtime.events import capture
from tests.databases import Databases
from tests.speed.models import Author, Book, Portrait, Sample, Tag

TEXTS = [
    "", " ", "plain", "NULL", "null", "a,b", "{a}", '"', '""', "\\", '\\"', "'", "a\nb", "a\tb",
    "{}", "é", "日本語", "😀", "%s", "$1", "?", "--", "\\N", '","', "\x7f", "a" * 5000,
]  # fmt: skip
tenant: ContextVar[int] = ContextVar("tenant")


class OfTenant(QuerySet[Any]):
    """As programs keep tenants apart."""

    def filter(self, *args: Any, **kwargs: Any) -> Any:
        return super().filter(*args, **{"tenant": tenant.get(), **kwargs})


class Leaf(models.Model):
    tenant = models.IntegerField()
    author = models.ForeignKey(Author, models.CASCADE, related_name="leaves")
    objects = models.Manager.from_queryset(OfTenant)()
    everything = models.Manager[Any]()


DAY = datetime.date(2026, 11, 22)
MOMENT = datetime.datetime(2026, 11, 22, 10, 11, 12, 131415, tzinfo=datetime.UTC)
VALUES: dict[str, list[Any]] = {
    "text": TEXTS,
    "number": [0, -1, 2**62, -(2**62), 7],
    "price": [Decimal("0.000"), Decimal("-1.500"), Decimal("123456789.125")],
    "day": [DAY, datetime.date(1, 1, 1), datetime.date(9999, 12, 31)],
    "moment": [MOMENT, MOMENT.replace(microsecond=0)],
    "clock": [datetime.time(1, 2, 3, 4), datetime.time(0)],
    "length": [datetime.timedelta(days=-3, microseconds=5), datetime.timedelta(0)],
    "uid": [uuid.UUID(int=5), uuid.UUID(int=2**127)],
    "data": [{"a": ['"', "\\", "{", "é", None, 1.5]}, [], "text", 5, True],
    "raw": [b"", b"\x00\xff\\", b'"'],
    "flag": [True, False],
    "ratio": [0.0, -1.5, 1e300],
    "address": ["127.0.0.1", "::1"],
}


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("with_null", [False, True], ids=["values", "with null"])
def test_bulk_inserts_keep_every_value(db: Databases, name: str, with_null: bool) -> None:
    values = [None, *VALUES[name], None] if with_null else VALUES[name]
    Sample.objects.bulk_create([Sample(**{name: value}) for value in values])
    found = list(Sample.objects.order_by("pk").values_list(name, flat=True))
    if name == "raw":
        found = [None if value is None else bytes(value) for value in found]
    assert found == values


def test_bulk_inserts_give_keys_in_order(db: Databases) -> None:
    authors = Author.objects.bulk_create([Author(name=f"n{i}") for i in range(1203)])
    if db.kind == "mysql":
        return  # the server cannot say which key went to which row
    assert len({a.pk for a in authors}) == 1203
    stored = dict(Author.objects.values_list("pk", "name"))
    assert {a.pk: a.name for a in authors} == stored


def test_a_null_character_is_an_error_of_the_database(db: Databases) -> None:
    if db.kind != "postgresql":
        return
    with pytest.raises(Exception, match=r"(?i)nul"):
        Sample.objects.bulk_create([Sample(text="a"), Sample(text="b\0c")])


def test_long_text_is_not_cut(db: Databases) -> None:
    if db.kind == "sqlite":
        return  # its columns have no longest text
    with pytest.raises(Exception, match=r"(?i)long"):
        Author.objects.bulk_create([Author(name="x"), Author(name="y" * 51)])


def _book(**values: Any) -> Book:
    author = Author.objects.create(name="Anne")
    return Book.objects.create(title="Emma", author_id=author.pk, **values)


def test_a_save_writes_every_column(db: Databases) -> None:
    """A key that another program changed meanwhile is overwritten, as all columns are."""
    book = _book()
    other = Author.objects.create(name="Emily")
    loaded = Book.objects.get(pk=book.pk)
    Book.objects.filter(pk=book.pk).update(author_id=other.pk, pages=99)
    loaded.title = "Persuasion"
    loaded.save()
    again = Book.objects.get(pk=book.pk)
    assert (again.title, again.pages, again.author_id) == ("Persuasion", 0, book.author_id)


def test_a_save_writes_a_changed_key(db: Databases) -> None:
    book = Book.objects.get(pk=_book().pk)
    book.author_id = Author.objects.create(name="Emily").pk
    book.pages = 7
    book.save()
    again = Book.objects.get(pk=book.pk)
    assert (again.author.name, again.pages) == ("Emily", 7)


def test_a_save_with_the_same_keys_is_one_statement(db: Databases) -> None:
    book = Book.objects.get(pk=_book().pk)
    book.pages = 7
    with capture() as seen:
        book.save()
    assert len(seen) == 1
    assert Book.objects.get(pages=7) == book


def test_the_first_and_the_last_dates_and_those_of_test_tools_are_written(db: Databases) -> None:
    class Day(datetime.date):
        """As test tools replace dates by."""

    days = [datetime.date.min, datetime.date.max, Day(2026, 1, 2)]
    for day in days:
        Sample(day=day).save()
    assert list(Sample.objects.order_by("pk").values_list("day", flat=True)) == days
    assert Sample.objects.filter(day=Day(2026, 1, 2)).count() == 1


def test_a_save_inserts_a_row_that_is_gone(db: Databases) -> None:
    book = Book.objects.get(pk=_book().pk)
    Book.objects.all().delete()
    book.save()
    assert Book.objects.get().title == "Emma"


def test_a_deletion_takes_links_along_and_counts_them(db: Databases) -> None:
    book, kept = _book(), _book()
    tags = [Tag.objects.create(name=str(i)) for i in range(3)]
    book.tags.add(*tags)
    kept.tags.add(tags[0])
    key = book.pk
    total, counts = book.delete()
    through = Book.tags.through
    assert (total, counts) == (4, {through._meta.label: 3, Book._meta.label: 1})
    assert book.pk is None and not Book.objects.filter(pk=key).exists()
    assert [t.name for t in kept.tags.all()] == ["0"]
    assert kept.delete()[0] == 2


def test_a_deletion_of_a_row_that_is_gone_counts_nothing(db: Databases) -> None:
    book = _book()
    Book.objects.all().delete()
    assert book.delete() == (0, {})


def _tagged(db: Databases) -> list[Book]:
    tags = [Tag.objects.create(name=f"t{i}") for i in range(4)]
    books = [_book(pages=i) for i in range(3)]
    for i, book in enumerate(books):
        book.tags.set(tags[i : i + 2])
    return list(Book.objects.order_by("pages").prefetch_related("tags"))


def test_prefetched_querysets_belong_to_their_owners(db: Databases) -> None:
    books = _tagged(db)
    with capture() as seen:
        names = [sorted(t.name for t in book.tags.all()) for book in books]
    assert names == [["t0", "t1"], ["t1", "t2"], ["t2", "t3"]]
    assert not seen
    for i, book in enumerate(books):
        filtered = book.tags.all().filter(name=f"t{i + 1}")
        assert [t.name for t in filtered] == [f"t{i + 1}"]
        assert book.tags.all().exclude(name=f"t{i}").count() == 1
        assert book.tags.filter(name="t9").count() == 0


def test_prefetched_children_know_their_owners(db: Databases) -> None:
    _tagged(db)
    authors = list(Author.objects.order_by("pk").prefetch_related("books"))
    with capture() as seen:
        for author in authors:
            assert [book.author for book in author.books.all()] == [author]
    assert not seen
    for author in authors:
        assert [book.author_id for book in author.books.all().order_by("-pk")] == [author.pk]
        assert author.books.all().filter(pages__gte=0).count() == 1


def test_prefetch_with_a_queryset_of_ones_own(db: Databases) -> None:
    _tagged(db)
    few = Prefetch("tags", Tag.objects.filter(name__in=["t1", "t2"]).order_by("-name"))
    books = list(Book.objects.order_by("pages").prefetch_related(few))
    assert [[t.name for t in b.tags.all()] for b in books] == [["t1"], ["t2", "t1"], ["t2"]]
    listed = Prefetch("tags", Tag.objects.order_by("name"), to_attr="words")
    books = list(Book.objects.order_by("pages").prefetch_related(listed))
    assert [[t.name for t in b.words] for b in books][1] == ["t1", "t2"]
    assert all(type(b.words) is list for b in books)


def _prefetched(db: Databases) -> Book:
    """An owner whose queryset is made the quick way: the first one is the pattern."""
    books = _tagged(db)
    assert len(books[0].tags.all()) == 2
    return books[1]


def test_a_quick_queryset_is_one_like_any_other(db: Databases) -> None:
    book = _prefetched(db)
    with capture() as seen:
        tags = book.tags.all()
        assert isinstance(tags, QuerySet) and type(tags).__name__ == "QuerySet"
        assert len(tags) == tags.count() == 2
        assert tags.exists() and bool(tags) and list(tags) == [tags[0], tags[1]]
        assert "<QuerySet [" in repr(tags)
        assert tags.db == "default"
        assert type(tags) is QuerySet  # once something was asked that not all owners share
        again = book.tags.all()
        assert list(again) == list(tags)
        assert again._hints == {"instance": book}
    assert not seen


@pytest.mark.parametrize("first", [False, True], ids=["untouched", "iterated"])
def test_a_quick_queryset_can_be_gone_on_with(db: Databases, first: bool) -> None:
    book = _prefetched(db)
    ways: list[Callable[[Any], Any]] = [
        lambda tags: tags.order_by("name"),
        lambda tags: tags.all().order_by("name"),
        lambda tags: (tags | Tag.objects.none()).order_by("name"),
        lambda tags: copy.copy(tags),
        lambda tags: pickle.loads(pickle.dumps(tags)),
    ]
    for way in ways:
        tags = book.tags.all()
        if first:
            assert len(list(tags)) == 2
        found = way(tags)
        assert type(found) is QuerySet
        assert sorted(tag.name for tag in found) == ["t1", "t2"]


def test_a_quick_queryset_is_of_the_block_that_it_was_made_in(db: Databases) -> None:
    book = _prefetched(db)
    with manybase.using("other"):
        inside = book.tags.all()
    assert (inside.block, book.tags.all().block) == ("other", None)


def test_a_quick_queryset_keeps_the_key_that_its_owner_had(db: Databases) -> None:
    book = _prefetched(db)
    tags = book.tags.all()
    key, book.pk = book.pk, None
    assert tags.filter(books=key).count() == 2


def test_later_prefetches_have_querysets_of_their_own_rows(db: Databases) -> None:
    _tagged(db)
    for _ in range(2):
        books = list(Book.objects.order_by("pages").prefetch_related("tags"))
        assert [len(book.tags.all()) for book in books] == [2, 2, 2]
    books[0].tags.add(Tag.objects.create(name="new"))
    again = list(Book.objects.order_by("pages").prefetch_related("tags"))
    assert [len(book.tags.all()) for book in again] == [3, 2, 2]
    assert [len(book.tags.all()) for book in books] == [3, 2, 2]
    assert again[0].tags.all().filter(name="new").count() == 1


def test_keys_of_another_kind_are_asked_the_long_way(db: Databases) -> None:
    book = _prefetched(db)
    book.id = str(book.id)  # type: ignore[assignment]  # as a form gives it
    assert len(book.tags.all()) == 2
    assert book.tags.all().filter(name="t1").count() == 1


def test_a_manager_that_comes_later_is_asked(db: Databases) -> None:
    class Shelf(models.Model):
        words = models.ManyToManyField("Word")

        class Meta:
            app_label = "speed_later"

    class Word(models.Model):
        class Meta:
            app_label = "speed_later"

    shelf = Shelf(pk=1)
    before = type(shelf.words)
    assert type(shelf.words) is before

    class Loud(models.Manager[Any]):
        def shout(self) -> str:
            return "!"

    Loud().contribute_to_class(Word, "loud")
    Word._meta.default_manager_name = "loud"
    forget(Word)
    assert type(shelf.words) is not before
    assert shelf.words.shout() == "!"  # type: ignore[attr-defined]  # the manager came at run time


@pytest.mark.parametrize("descriptor", [vars(Book)["tags"], vars(Author)["books"]])
def test_descriptors_can_be_copied(descriptor: Any) -> None:
    descriptor.__get__(Book(pk=1) if descriptor is vars(Book)["tags"] else Author(pk=1))
    again = copy.copy(descriptor)
    assert again.field is descriptor.field
    assert type(again).__name__ == type(descriptor).__name__


def test_a_filter_of_the_program_is_asked_for_every_prefetch(db: Databases) -> None:
    author = Author.objects.create(name="Anne")
    for number in (1, 2):
        Leaf.everything.create(tenant=number, author=author)
    for number in (1, 2, 1):
        token = tenant.set(number)
        (found,) = Author.objects.filter(pk=author.pk).prefetch_related("leaves")
        assert [leaf.tenant for leaf in found.leaves.all()] == [number]  # type: ignore[attr-defined]
        narrowed = found.leaves.all().order_by("pk")  # type: ignore[attr-defined]
        assert [leaf.tenant for leaf in narrowed] == [number]
        tenant.reset(token)


def test_what_the_program_sets_on_a_quick_queryset_stays(db: Databases) -> None:
    book = _prefetched(db)
    tags: Any = book.tags.all()
    tags.placed_on = "other"
    assert tags.filter(name="t1").placed_on == "other"
    tags = book.tags.all()
    tags._result_cache = None
    assert len(tags) == 2
    for few in ([], list(book.tags.all())[:1]):
        tags = book.tags.all()
        tags._set_results(few)
        assert list(tags) == few and tags.filter(name="t1").count() == 1


def test_a_descriptor_of_the_program_is_asked_every_time(db: Databases) -> None:
    asked: list[Any] = []

    class Noting(ReverseMany):
        def __get__(self, instance: Any, owner: Any = None) -> Any:
            asked.append(instance)
            return super().__get__(instance, owner)

    author = Author.objects.create(name="Anne")
    noting = Noting(vars(Author)["books"].rel)
    for _ in range(3):
        assert noting.__get__(author).count() == 0
    assert asked == [author] * 3


def test_lookups_of_one_queryset_are_its_own(db: Databases) -> None:
    _tagged(db)
    one, other = (Book.objects.order_by("pages").prefetch_related("tags") for _ in range(2))
    assert one._prefetch_related_lookups == other._prefetch_related_lookups == ("tags",)
    both = one.prefetch_related(Prefetch("author", Author.objects.all()))
    assert [len(book.tags.all()) for book in both] == [2, 2, 2]


def test_values_of_a_queryset_with_lookups_are_read(db: Databases) -> None:
    _tagged(db)
    rows = Book.objects.order_by("pages").prefetch_related("tags")
    assert list(rows.values_list("pages", flat=True)) == [0, 1, 2]
    assert list(rows.values_list("price", flat=True)) == [None] * 3
    assert [row["pages"] for row in rows.values("pages").iterator()] == [0, 1, 2]


def test_a_new_row_of_a_known_object_is_saved_with_its_relations(db: Databases) -> None:
    book = Book.objects.get(pk=_book().pk)
    later = Author(name="late")
    book.author = later
    later.save()
    book.pk = None
    book.save(force_insert=True)
    assert Book.objects.get(pk=book.pk).author == later
    book.author, book.pk = Author(name="never"), None
    with pytest.raises(FieldValueError, match="unsaved related object"):
        book.save(force_insert=True)


async def test_a_quick_queryset_on_the_other_face(db: Databases) -> None:
    author = await Author.objects.acreate(name="Anne")
    for i in range(2):
        book = await Book.objects.acreate(title=str(i), author_id=author.pk)
        await book.tags.aadd(await Tag.objects.acreate(name=f"t{i}"))
    books = [b async for b in Book.objects.order_by("pk").prefetch_related("tags")]
    with capture() as seen:
        assert [[t.name async for t in book.tags.all()] for book in books] == [["t0"], ["t1"]]
    assert not seen
    assert await books[1].tags.all().filter(name="t1").acount() == 1


def test_a_joined_object_follows_the_key(db: Databases) -> None:
    key = _book().pk
    other = Author.objects.create(name="Emily")
    book = Book.objects.select_related("author").get(pk=key)
    with capture() as seen:
        assert book.author.name == "Anne"
    assert not seen
    book.author_id = other.pk
    assert book.author.name == "Emily"
    book.author_id = str(other.pk)  # type: ignore[assignment]  # as a form would
    with capture() as seen:
        assert book.author == other
    assert not seen


@pytest.mark.parametrize("less", ["only", "defer"])
def test_rows_of_an_owner_know_its_key(db: Databases, less: str) -> None:
    book = _book()
    author = Author.objects.get(pk=book.author_id)
    rows = author.books.only("title") if less == "only" else author.books.defer("author")
    with capture() as seen:
        (found,) = rows.filter(pages=0)
        assert found.author is author
        assert found.author_id == author.pk
    assert len(seen) == 1


def test_rows_of_two_owners_are_asked_for_theirs(db: Databases) -> None:
    one, two = _book(), _book()
    first, second = one.author, two.author
    rows = first.books.only("title") | second.books.only("title")
    assert [book.author for book in rows.order_by("pk")] == [first, second]
    narrowed = (first.books.all() | second.books.all()).filter(author_id=second.pk).only("title")
    assert [book.author_id for book in narrowed] == [second.pk]


def test_prefetched_objects_can_be_pickled(db: Databases) -> None:
    books = pickle.loads(pickle.dumps(_tagged(db)))
    with capture() as seen:
        assert sorted(t.name for t in books[1].tags.all()) == ["t1", "t2"]
    assert not seen


def test_adding_drops_prefetched_results(db: Databases) -> None:
    book = _tagged(db)[0]
    assert len(book.tags.all()) == 2
    book.tags.add(Tag.objects.create(name="t9"))
    assert len(book.tags.all()) == 3


def test_deeper_lookups_go_on_from_prefetched_objects(db: Databases) -> None:
    _tagged(db)
    authors = Author.objects.order_by("pk").prefetch_related("books", "books__tags")
    with capture() as seen:
        found = [[len(b.tags.all()) for b in a.books.all()] for a in authors]
    assert found == [[2], [2], [2]]
    assert len(seen) == 3


class TestCollector:
    """The garbage collector rests during long loops and works again afterwards."""

    def test_it_is_put_back(self) -> None:
        with paused(1000):
            assert not gc.isenabled()
            with paused(1000):
                assert not gc.isenabled()
            assert not gc.isenabled()
        assert gc.isenabled()

    def test_it_is_put_back_after_an_error(self) -> None:
        def broken(rows: Any, alias: str) -> list[Any]:
            raise ValueError(alias)

        with pytest.raises(ValueError, match="default"):
            without_collections(broken)([()] * 1000, "default")
        assert gc.isenabled()

    def test_it_stays_off_where_the_program_wants_it_off(self) -> None:
        gc.disable()
        try:
            with paused(1000):
                pass
            assert not gc.isenabled()
        finally:
            gc.enable()

    def test_short_loops_leave_it_alone(self) -> None:
        with paused(10):
            assert gc.isenabled()


def test_what_a_deeper_lookup_loaded_on_the_first_objects_stays(db: Databases) -> None:
    """A one-to-one relation leads back to the objects that the lookups began with."""
    author = Author.objects.create(name="Emily")
    Portrait.objects.create(author=author)
    for number in range(3):
        Book.objects.create(title=f"Book {number}", author=author)
    some = Prefetch("portrait__author__books", queryset=Book.objects.filter(title="Book 1"))
    for _ in range(3):
        with capture() as seen:
            (found,) = Author.objects.prefetch_related(some, "books")
        assert [book.title for book in found.books.all()] == ["Book 1"]
        assert len(seen) == 3
