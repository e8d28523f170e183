"""Mistakes that mypy --strict and pyright both find on the lines marked ``# wrong``.

Checked by ``test_program.py`` beside it; never run.
"""

from __future__ import annotations

from manybase import models
from manybase.models import QuerySet


class Person(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=100)
    subtitle = models.CharField(max_length=100, null=True)
    published = models.DateField()
    pages = models.IntegerField(default=100)
    editor = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="edited")
    translator = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL)


def wrong_assignments(book: Book) -> None:
    book.title = 3  # wrong
    book.title = None  # wrong
    book.subtitle = 3  # wrong
    book.published = "2001-01-01"  # wrong
    book.pages = "many"  # wrong
    book.editor = book  # wrong
    book.editor = None  # wrong
    book.translator = "Ann"  # wrong


def wrong_uses(book: Book) -> None:
    book.subtitle.upper()  # wrong
    book.title.year()  # wrong
    book.translator.name.upper()  # wrong
    book.editor.title.upper()  # wrong
    book.nothing.upper()  # wrong
    book.save(usng="eu")  # wrong


def wrong_results() -> None:
    one: str = Book.objects.get(pk=1)  # wrong
    first: Book = Book.objects.first()  # wrong
    people: QuerySet[Person] = Book.objects.all()  # wrong
    number: str = Book.objects.count()  # wrong
    Book.objects.fliter(title="x")  # wrong
    print(one, first, people, number)


async def wrong_twins() -> None:
    book: Book = Book.objects.aget(pk=1)  # wrong
    print(book)
