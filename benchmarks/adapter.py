"""Manybase's part in the harness of peers: each work in the words of a program's own code.

Called by ``python -m ormbench.runner --adapter manybase=benchmarks/adapter.py``, one process for
each adapter. It measures nothing itself.
"""

from __future__ import annotations

from typing import Any

from ormbench.adapter import Adapter
from ormbench.data import LIMIT, PRAGMAS

import manybase
from manybase import models
from manybase.db import connections, transaction
from manybase.models import Count, F, Max, Q, Sum

FIELDS = ("id", "title", "published", "pages", "price", "author_id")
LOOKUPS = {
    "pages_gte": "pages__gte",
    "pages_lt": "pages__lt",
    "price_lt": "price__lt",
    "published_gt": "published__gt",
    "published_lt": "published__lt",
    "title_prefix": "title__startswith",
}


class Author(models.Model):
    """Who writes."""

    name = models.CharField(max_length=100)

    class Meta:
        db_table = "author"
        app_label = "bench"


class Tag(models.Model):
    """A word that books share."""

    name = models.CharField(max_length=50)

    class Meta:
        db_table = "tag"
        app_label = "bench"


class Book(models.Model):
    """What is read and written."""

    id = models.AutoField(primary_key=True)
    title = models.CharField(max_length=200)
    published = models.DateField()
    pages = models.IntegerField()
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag, db_table="book_tags")

    class Meta:
        db_table = "book"
        app_label = "bench"


def _book(row: tuple[Any, ...]) -> Book:
    title, published, pages, price, author_id = row
    return Book(title=title, published=published, pages=pages, price=price, author_id=author_id)


class Bench(Adapter):
    """The works, in Manybase."""

    name = "manybase"

    def open(self, target: Any) -> None:
        """Point the default database at the harness's copy."""
        manybase.configure(databases={"default": target.url(target.backend)})
        if target.backend == "sqlite":
            with connections["default"].cursor() as cursor:
                for key, value in PRAGMAS.items():
                    cursor.execute(f"PRAGMA {key} = {value}")

    def close(self) -> None:
        """Give the connection back."""
        connections["default"].close()

    def probe(self) -> tuple[Any, ...]:
        book = Book.objects.get(pk=77)
        return book.title, book.published, book.pages, book.price, book.author_id

    def insert_each(self, rows: Any) -> int:
        with transaction.atomic():
            for row in rows:
                _book(row).save()
        return len(rows)

    def insert_bulk(self, rows: Any) -> int:
        return len(Book.objects.bulk_create([_book(row) for row in rows]))

    def get(self, ids: Any) -> int:
        total = 0
        for pk in ids:
            total += Book.objects.get(pk=pk).pages
        return total

    def filter(self, author_ids: Any) -> int:
        total = 0
        for author in author_ids:
            total += len(list(Book.objects.filter(author_id=author)))
        return total

    def read_objects(self) -> int:
        return len(list(Book.objects.all()))

    def read_tuples(self) -> int:
        return len(list(Book.objects.values_list(*FIELDS)))

    def read_dicts(self) -> int:
        return len(list(Book.objects.values(*FIELDS)))

    def join(self) -> int:
        return sum([len(book.author.name) for book in Book.objects.select_related("author")])

    def prefetch(self, upto: int) -> int:
        books = Book.objects.filter(id__lte=upto).prefetch_related("tags")
        return sum([len(book.tags.all()) for book in books])

    def load(self, ids: Any) -> list[Book]:
        return list(Book.objects.filter(id__in=ids))

    def update_each(self, objects: Any) -> int:
        with transaction.atomic():
            for book in objects:
                book.pages += 1
                book.save()
        return len(objects)

    def update_filter(self, author_ids: Any) -> int:
        with transaction.atomic():
            for author in author_ids:
                Book.objects.filter(author_id=author).update(pages=F("pages") + 1)
        return len(author_ids)

    def delete_each(self, objects: Any) -> int:
        count = len(objects)
        with transaction.atomic():
            for book in objects:
                book.delete()
        return count

    def aggregate(self, author_ids: Any) -> int:
        total = 0
        for author in author_ids:
            rows = (
                Book.objects.filter(author_id__gte=author, author_id__lt=author + 5)
                .values_list("author_id")
                .annotate(n=Count("id"), total=Sum("pages"), top=Max("pages"))
                .order_by("author_id")
            )
            total += sum([row[1] for row in rows])
        return total

    def complex_fixed(self, filters: Any) -> int:
        total = 0
        for f in filters:
            books = Book.objects.filter(
                Q(author__name=f.name_a) | Q(author__name=f.name_b),
                Q(price__isnull=True) | Q(price__lt=f.price_lt),
                pages__gte=f.pages_gte,
                pages__lt=f.pages_lt,
                published__gt=f.published_gt,
            ).order_by("id")[:LIMIT]
            total += len(books)
        return total

    def complex_varied(self, filters: Any) -> int:
        total = 0
        for f in filters:
            first, second = f["names"]
            books = Book.objects.filter(Q(author__name=first) | Q(author__name=second))
            for key, lookup in LOOKUPS.items():
                if key in f:
                    books = books.filter(**{lookup: f[key]})
            if "price_set" in f:
                books = books.filter(price__isnull=False)
            total += len(books.order_by(("-" if f["desc"] else "") + f["order"])[:LIMIT])
        return total

    def count_exists(self, author_ids: Any) -> int:
        total = 0
        for author in author_ids:
            total += Book.objects.filter(author_id=author).count()
            total += Book.objects.filter(author_id=author).exists()
        return total

    def stream(self) -> int:
        count = 0
        for _ in Book.objects.iterator(chunk_size=2000):
            count += 1
        return count
