"""Mistakes in conditions that mypy --strict and pyright both find on the lines marked ``# wrong``.

Checked by ``test_program.py`` beside it; never run.
"""

from __future__ import annotations

from manybase import models


class Person(models.Model):
    book_set: models.RelatedManager[Book]


class Book(models.Model):
    title = models.CharField(max_length=100)
    pages = models.IntegerField()
    subtitle = models.CharField(max_length=100, null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    published = models.DateField()


def wrong() -> None:
    made = [
        Book.title.icontains(3),  # wrong
        Book.subtitle.icontains(3),  # wrong
        Book.pages.icontains("x"),  # wrong
        Book.published.startswith("2000"),  # wrong
        Book.pages > "many",  # wrong
        Book.title > 3,  # wrong
        Book.published < "2000-01-01",  # wrong
        Book.price > "5",  # wrong
        Book.title.iregex(None),  # wrong
        Book.title.nothing("x"),  # wrong
        Book.pages.year > 3,  # wrong
        Book.titel == "x",  # wrong
        Book.pages.between(1),  # wrong
        Book.subtitle.isnull("yes"),  # wrong
    ]
    print(made)


def wrong_kinds(book: Book, person: Person) -> None:
    made = [
        Book.objects.filter(Book.title),  # wrong
        Book.objects.exclude(Book.pages),  # wrong
        Book.objects.filter(book.title == "x"),  # wrong
        Book.objects.filter("title"),  # wrong
        Book.objects.filter(None),  # wrong
        Book.objects.filter(True),  # wrong
        Book.objects.filter(Book.pages == "many"),  # wrong
        Book.objects.filter(Book.title == 3),  # wrong
        Book.objects.filter(Book),  # wrong
        Book.objects.get(Book.title),  # wrong
        Book.objects.filter(pages=3).get(book.pages > 3),  # wrong
        person.book_set.filter(Book.title),  # wrong
        models.When(Book.title, then=3),  # wrong
        models.When(book.title == "x", then=3),  # wrong
        models.Count("pk", filter=Book.title),  # wrong
        models.Q(Book.title),  # wrong
        models.Q(book.title == "x"),  # wrong
    ]
    print(made)


def wrongly_joined(book: Book) -> None:
    made = [
        (Book.pages > 3) & Book.title,  # wrong
        (Book.pages > 3) | (book.title == "x"),  # wrong
        models.Q(pages=3) & Book.title,  # wrong
        models.Exists(Book.objects.all()) | Book.title,  # wrong
        Book.title & (Book.pages > 3),  # wrong
        ~Book.title,  # wrong
    ]
    print(made)


async def wrong_twins() -> None:
    print(await Book.objects.aget(Book.title))  # wrong
