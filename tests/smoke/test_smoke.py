"""The way of a program from its first line to its rows, in both faces, in a process of its own."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.smoke

SHOP = """
    import asyncio, datetime
    import manybase
    from manybase import configure, models

    configure(databases={"default": "sqlite:///shop.db", "eu": "sqlite:///eu.db"})

    class Person(models.Model):
        name = models.CharField(max_length=50)
        class Meta:
            app_label = "shop"
            ordering = ["name"]

    class Book(models.Model):
        title = models.CharField(max_length=50)
        published = models.DateField(null=True)
        editor = models.ForeignKey(
            Person, null=True, on_delete=models.CASCADE, related_name="edited")
        authors = models.ManyToManyField(Person)
        class Meta:
            app_label = "shop"
            ordering = ["title"]

    for alias in ("default", "eu"):
        models.create_tables(Person, Book, using=alias)
"""


def test_a_program_writes_and_reads(program) -> None:
    """Models, queries, relations and places."""
    done = program(
        SHOP
        + """
    ann = Person.objects.using("eu").create(name="Ann")
    book = Book(title="Emma", published=datetime.date(1815, 12, 23), editor=ann)
    book.save()
    book.authors.add(ann)
    found = Book.objects.using("eu").filter(authors__name__icontains="an").get(editor=ann)
    print(found._state.db, found.title, found.published.year, found.editor.name)
    print(Book.objects.count(), [b.title for b in ann.edited.all()])
    try:
        Book(title="x").save()
        Book.objects.get().editor = ann
    except ValueError as error:
        print(type(error).__name__)
    with manybase.using("eu"):
        print(Book.objects.count())
    """
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "eu Emma 1815 Ann",
        "0 ['Emma']",
        "CrossDatabaseError",
        "1",
    ]


def test_a_program_in_a_loop(program) -> None:
    """The asynchronous face."""
    done = program(
        SHOP
        + """
    async def main():
        ann = await Person.objects.using("eu").acreate(name="Ann")
        await ann.edited.acreate(title="Emma")
        print([(b.title, b._state.db) async for b in Book.objects.using("eu")])
        print(await Book.objects.acount())
        await manybase.db.connections.aclose_all()

    asyncio.run(main())
    """
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["[('Emma', 'eu')]", "0"]


def test_transactions_of_a_program(program) -> None:
    """A block that fails leaves nothing behind."""
    done = program(
        SHOP
        + """
    from manybase.db import transaction
    try:
        with transaction.atomic("eu"):
            Book.objects.using("eu").create(title="gone")
            raise RuntimeError
    except RuntimeError:
        print(Book.objects.using("eu").count())
    """
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "0"
