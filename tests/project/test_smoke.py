"""The quickest proof that the package works; also run on the other versions of Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.smoke

BOOKS = """
import manybase
from manybase import models

manybase.configure(databases={"default": "sqlite://", "eu": "sqlite://"})


class Author(models.Model):
    name = models.CharField(max_length=50)


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, null=True, on_delete=models.SET_NULL)


models.create_tables(Author, Book)
models.create_tables(Author, Book, using="eu")
anne = Author.objects.using("eu").create(name="Anne")
Book.objects.using("eu").create(title="Agnes Grey", author=anne)
Book.objects.create(title="Emma")
book = Book.objects.using("eu").select_related("author").get(author__name__startswith="An")
print(book.title, book.author.name, book._state.db)
print(Book.objects.count(), list(Book.objects.values_list("title", flat=True)))
try:
    Book(title="x", author=anne).save(using="default")
except manybase.errors.CrossDatabaseError as error:
    print("refused:", "'default'" in str(error), "'eu'" in str(error))
book.delete()
print(Book.objects.using("eu").exists())
"""


def test_two_databases_in_one_program(program: Callable[..., Any]) -> None:
    done = program(BOOKS)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "Agnes Grey Anne eu",
        "1 ['Emma']",
        "refused: True True",
        "False",
    ]
