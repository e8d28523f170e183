"""A program that uses the public API; mypy --strict and pyright accept every line of it.

Checked by ``test_program.py`` beside it; never run.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import assert_type

import manybase
from manybase import models
from manybase.contrib.auth.models import User
from manybase.db import connections, transaction
from manybase.errors import CrossDatabaseError
from manybase.models import F, Manager, Prefetch, Q, QuerySet, signals

manybase.configure("sqlite:///shop.db")
manybase.configure(databases={"default": "sqlite://", "eu": "postgresql://eu/shop"})


class Person(models.Model):
    name = models.CharField(max_length=100)
    born = models.DateField(null=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class BookQuerySet(QuerySet["Book"]):
    def long(self) -> BookQuerySet:
        return self.filter(pages__gt=500)


class BookManager(Manager["Book"]):
    def get_queryset(self) -> BookQuerySet:
        return BookQuerySet(self.model, using=self._db)

    def by_title(self, title: str) -> Book:
        return self.get(title=title)


class Book(models.Model):
    title = models.CharField(max_length=100)
    published = models.DateField()
    subtitle = models.CharField(max_length=100, null=True)
    pages = models.IntegerField(default=100)
    weight = models.FloatField(null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    sold = models.BooleanField(default=False)
    added = models.DateTimeField(auto_now_add=True)
    opens = models.TimeField(null=True)
    loan = models.DurationField()
    code = models.UUIDField(default=uuid.uuid4)
    cover = models.BinaryField(null=True)
    editor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="edited")
    translator = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="translated"
    )
    owner = models.OneToOneField(User, on_delete=models.CASCADE)
    authors = models.ManyToManyField(Person)

    objects = BookManager()

    class Meta:
        ordering = ("title",)
        constraints = [models.UniqueConstraint(fields=["title"], name="one_title")]


class Shelf(models.Model):
    label = models.CharField(max_length=10)


def types_of_values(book: Book) -> None:
    assert_type(book.title, str)
    assert_type(book.published, datetime.date)
    assert_type(book.subtitle, str | None)
    assert_type(book.pages, int)
    assert_type(book.weight, float | None)
    assert_type(book.price, decimal.Decimal)
    assert_type(book.sold, bool)
    assert_type(book.added, datetime.datetime)
    assert_type(book.opens, datetime.time | None)
    assert_type(book.loan, datetime.timedelta)
    assert_type(book.code, uuid.UUID)
    assert_type(book.cover, bytes | None)


def types_of_relations(book: Book, person: Person) -> None:
    assert_type(book.editor, Person)
    assert_type(book.translator, Person | None)
    assert_type(book.owner, User)
    assert_type(book.authors.all(), QuerySet[Person])
    assert_type(book.authors.get(name="x"), Person)
    book.authors.add(person)
    book.authors.set([person])
    book.authors.remove(person)
    book.authors.clear()
    book.editor = person
    book.translator = None


def types_of_queries() -> None:
    assert_type(Shelf.objects, Manager[Shelf])
    assert_type(Shelf.objects.filter(label="x"), QuerySet[Shelf])
    assert_type(Shelf.objects.all(), QuerySet[Shelf])
    assert_type(Shelf.objects.using("eu").exclude(label="x"), QuerySet[Shelf])
    assert_type(Shelf.objects.order_by("-label").distinct()[:3], QuerySet[Shelf])
    assert_type(Shelf.objects.get(pk=1), Shelf)
    assert_type(Shelf.objects.first(), Shelf | None)
    assert_type(Shelf.objects.all()[0], Shelf)
    assert_type(Shelf.objects.create(label="x"), Shelf)
    assert_type(Shelf.objects.get_or_create(label="x"), tuple[Shelf, bool])
    assert_type(Shelf.objects.count(), int)
    assert_type(Shelf.objects.filter(Q(label="x") | ~Q(label=F("label"))).exists(), bool)
    assert_type(Shelf.objects.filter(label="x").update(label="y"), int)
    assert_type(Shelf.objects.filter(label="x").db, str)
    for shelf in Shelf.objects.filter(label="x"):
        assert_type(shelf, Shelf)
    assert_type([shelf.label for shelf in Shelf.objects.all()], list[str])


def types_of_custom_managers() -> None:
    assert_type(Book.objects, BookManager)
    assert_type(Book.objects.by_title("x"), Book)
    assert_type(Book.objects.get_queryset().long(), BookQuerySet)
    assert_type(Book.objects.get_queryset().filter(pages=3).long(), BookQuerySet)
    assert_type(Book.objects.filter(title="x").first(), Book | None)
    assert_type(Book.objects.filter(title="x").get().title, str)
    assert_type(Book.objects.db_manager("eu"), BookManager)


async def types_of_twins() -> None:
    assert_type(await Shelf.objects.aget(pk=1), Shelf)
    assert_type(await Shelf.objects.filter(label="x").afirst(), Shelf | None)
    assert_type(await Shelf.objects.acount(), int)
    assert_type(await Shelf.objects.acreate(label="x"), Shelf)
    async with transaction.atomic("eu"):
        async for shelf in Shelf.objects.all():
            assert_type(shelf, Shelf)
            await shelf.asave(using="eu")
            await shelf.arefresh_from_db()
            await shelf.adelete()


def objects_and_places(book: Book) -> None:
    book.save(using="eu", update_fields=["title"])
    book.delete(using="eu")
    book.refresh_from_db(using="eu", fields=["title"])
    book.full_clean()
    assert_type(book._state.db, str | None)
    with manybase.using("eu"), transaction.atomic("eu"):
        try:
            book.save()
        except (CrossDatabaseError, Book.DoesNotExist) as error:
            print(error)
    with transaction.atomic():
        transaction.on_commit(lambda: None)
    for alias in connections:
        assert_type(alias, str)
    list(Person.objects.prefetch_related(Prefetch("book_set", queryset=Book.objects.all())))
    models.create_tables(Book, Person, using="eu")


def told(sender: type[Book], instance: Book, using: str, **values: object) -> None:
    print(sender, instance.title, using)


signals.post_save.connect(told, sender=Book)
made = Book(title="x", published=datetime.date(2000, 1, 1), editor=Person(name="y"))
assert_type(made, Book)
