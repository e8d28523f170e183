"""Programs that are wrong; each marked line must be refused by both type checkers."""

from __future__ import annotations

from manybase import fields
from manybase.meta.on_delete import CASCADE


class Person:
    name = fields.CharField(max_length=100)


class Tag:
    slug = fields.SlugField()


class Book:
    title = fields.CharField(max_length=100)
    subtitle = fields.CharField(max_length=100, null=True)
    pages = fields.IntegerField()
    published = fields.DateField(null=True)
    author = fields.ForeignKey(Person, on_delete=CASCADE)
    editor = fields.ForeignKey(Person, on_delete=CASCADE, null=True)
    scan = fields.FileField()
    tags = fields.ManyToManyField(Tag)


class Slips:
    misspelled = fields.CharField(max_lenght=100)  # rejected
    foreign_option = fields.IntegerField(auto_now=True)  # rejected
    wrong_length = fields.CharField(max_length="100")  # rejected
    no_rule = fields.ForeignKey(Person)  # rejected
    wrong_rule = fields.ForeignKey(Person, on_delete="CASCADE")  # rejected
    no_model = fields.ForeignKey(5, on_delete=CASCADE)  # rejected


def write(book: Book, tag: Tag) -> None:
    book.title = 5  # rejected
    book.title = None  # rejected
    book.pages = "5"  # rejected
    book.published = "2024-01-01"  # rejected
    book.author = tag  # rejected
    book.author = None  # rejected
    book.editor = tag  # rejected
    book.tags = tag  # rejected
    book.tags = [book]  # rejected


def read(book: Book) -> None:
    number: int = book.title  # rejected
    text: str = book.subtitle  # rejected
    book.subtitle.upper()  # rejected
    book.author.title  # rejected
    book.editor.name  # rejected
    book.scan.upper()  # rejected
    book.titel  # rejected
