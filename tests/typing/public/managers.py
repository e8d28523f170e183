"""Managers, querysets and rows of every kind; mypy --strict and pyright accept every line.

Checked by ``test_program.py`` beside it; never run.
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any, Self, assert_type

from manybase import models
from manybase.models import F, Manager, ManyRelatedManager, Q, QuerySet, RelatedManager


class Person(models.Model):
    name = models.CharField(max_length=100)

    # What other models add to this one is told to type checkers by annotations.
    edited: RelatedManager[Book]
    book_set: ManyRelatedManager[Book]


class BookQuerySet(QuerySet["Book"]):
    def long(self) -> BookQuerySet:
        return self.filter(pages__gt=500)


class LongBooks(Manager["Book"]):
    def get_queryset(self) -> QuerySet[Book]:
        return super().get_queryset().filter(pages__gt=500)

    def titles(self) -> list[str]:
        return [book.title for book in self.all()]


class AnyRows(QuerySet):
    """A queryset of no model in particular."""

    def newest(self) -> AnyRows:
        return self.order_by("-pk")


class AnyManager(Manager):
    """A manager of no model in particular."""


class Dated(models.Model):
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ("created",)


class Book(Dated):
    title = models.CharField(max_length=100)
    pages = models.IntegerField(default=100)
    editor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="edited")
    editor_id: int
    sequel: models.ForeignKey[Book | None] = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL
    )
    authors = models.ManyToManyField(Person)

    objects = BookQuerySet.as_manager()
    long = LongBooks()
    all_of_them = Manager()
    typed: Manager[Book] = Manager()

    class Meta(Dated.Meta):
        verbose_name = "book"

    @classmethod
    def make(cls, title: str) -> Book:
        return cls.objects.create(title=title)


class Shelf(models.Model):
    code = models.UUIDField(primary_key=True, default=uuid.uuid4)
    books = models.ManyToManyField("Book")

    objects = AnyManager()


class Label(models.Model):
    id = models.CharField(primary_key=True, max_length=10)

    def siblings(self) -> QuerySet[Self]:
        return type(self).objects.exclude(pk=self.pk)


class Page(models.Model):
    objects = Manager.from_queryset(AnyRows)()


def keys(book: Book, shelf: Shelf, label: Label, person: Person) -> None:
    number: int = book.id
    assert_type(shelf.code, uuid.UUID)
    assert_type(label.id, str)
    assert_type(book.pk, Any)
    assert_type(book.editor_id, int)
    book.id = number
    person.pk = None


def managers() -> None:
    assert_type(Book.objects, BookQuerySet)
    assert_type(Book.objects.long().filter(pages=3).long(), BookQuerySet)
    assert_type(Book.objects.first(), Book | None)
    assert_type(Book.long, LongBooks)
    assert_type(Book.long.titles(), list[str])
    assert_type(Book.long.filter(pages=3), QuerySet[Book])
    assert_type(Book.typed, Manager[Book])
    assert_type(Label._default_manager.get(), Label)
    assert_type(Label._base_manager.all(), QuerySet[Label])
    assert_type(Label.objects.db_manager("eu").get(), Label)
    assert_type(Shelf.objects, AnyManager)
    assert_type(AnyRows().newest().filter(pk=3), AnyRows)
    Book.all_of_them.get().title.upper()
    Page.objects.newest().count()


def relations(book: Book, person: Person) -> None:
    assert_type(book.sequel, Book | None)
    assert_type(book.authors, ManyRelatedManager[Person])
    assert_type(book.authors.filter(name="x").first(), Person | None)
    assert_type(book.authors.create(name="x", through_defaults={}), Person)
    assert_type(book.authors.using("eu"), QuerySet[Person])
    assert_type(person.edited.all(), QuerySet[Book])
    assert_type(person.edited.create(title="x"), Book)
    assert_type(person.edited.get_or_create(title="x"), tuple[Book, bool])
    assert_type(person.book_set.order_by("title")[0], Book)
    person.edited.add(book, bulk=False)
    person.book_set.set([book], clear=True)
    book.authors = [person]


def rows() -> None:
    labels = Label.objects.all()
    assert_type(labels.values("id"), QuerySet[dict[str, Any]])
    assert_type(Label.objects.values("id").first(), dict[str, Any] | None)
    assert_type(labels.values_list("id", "pk"), QuerySet[tuple[Any, ...]])
    names: list[str] = list(Label.objects.values_list("id", flat=True))
    assert_type(Book.typed.dates("created", "year"), QuerySet[datetime.date])
    assert_type(Book.typed.datetimes("created", "hour")[0], datetime.datetime)
    assert_type(labels.in_bulk(names), dict[Any, Label])
    assert_type(labels.aggregate(), dict[str, Any])
    assert_type(labels.raw("SELECT id FROM label")[0], Label)
    assert_type([label.id for label in Label.objects.raw("SELECT 1")], list[str])
    assert_type(labels[1:3], QuerySet[Label])
    assert_type(labels | Label.objects.filter(~Q(pk=F("id"))), QuerySet[Label])
    assert_type(labels.union(labels, all=True), QuerySet[Label])
    assert_type(labels.annotate(x=F("id")).order_by("-x").reverse(), QuerySet[Label])
    assert_type(labels.earliest("id"), Label)
    assert_type(labels.delete(), tuple[int, dict[str, int]])
    assert_type(Label.objects.bulk_create([Label(id="x")]), list[Label])
    assert_type(Label.objects.bulk_update(labels, ["id"]), int)
    for label in Label.objects.iterator():
        assert_type(label, Label)
    try:
        assert_type(Label.objects.latest("id"), Label)
    except (Label.DoesNotExist, Label.MultipleObjectsReturned) as error:
        print(error)


async def asynchronous_rows() -> None:
    assert_type([label async for label in Label.objects.filter(id="x")], list[Label])
    assert_type(await Label.objects.aget_or_create(id="x"), tuple[Label, bool])
    assert_type(await Label.objects.ain_bulk(), dict[Any, Label])
    assert_type(await Book.objects.long().alast(), Book | None)
    async for label in Label.objects.aiterator(chunk_size=3):
        assert_type(label, Label)
