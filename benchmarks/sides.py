"""The sides: hand-written code on the driver, and Manybase. Each work returns a number to compare.

A side may leave a work out; one that returns another number than the floor is reported as wrong.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from benchmarks.world import COLUMNS, MOST_READ, Place, Shape, plain

Rows = Sequence[tuple[Any, ...]]
Keys = Sequence[int]


class Author:
    """What hand-written code makes of an author."""

    __slots__ = ("id", "name")

    def __init__(self, id: int, name: str) -> None:
        self.id = id
        self.name = name


class Book:
    """What hand-written code makes of a book."""

    __slots__ = ("author", "author_id", "id", "pages", "price", "published", "tags", "title")

    author: Author
    tags: list[Author]

    def __init__(
        self,
        id: int,
        title: str,
        published: datetime.date,
        pages: int,
        price: Decimal | None,
        author_id: int,
    ) -> None:
        self.id = id
        self.title = title
        self.published = published
        self.pages = pages
        self.price = price
        self.author_id = author_id


class Raw:
    """Hand-written SQL on one cursor of the driver: the floor."""

    name = "raw driver"

    def open(self, place: Place) -> None:
        """Connect."""
        self.kind, self.mark = place.kind, place.mark
        self.connection = place.connect()
        self.cursor = self.connection.cursor()

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()

    def sql(self, text: str) -> str:
        """Text with the driver's marks."""
        return text.replace("?", self.mark)

    def rows(self, sql: str, *params: Any) -> Any:
        """All rows of a statement."""
        self.cursor.execute(sql, params)
        return self.cursor.fetchall()

    def books(self, rows: Any) -> list[Book]:
        """Objects of rows; SQLite keeps days and prices in other types."""
        if self.kind != "sqlite":
            return [Book(*row) for row in rows]
        day, number = datetime.date.fromisoformat, Decimal
        return [
            Book(i, t, day(d), p, None if c is None else number(f"{c:.2f}"), a)
            for i, t, d, p, c, a in rows
        ]

    def get(self, keys: Keys) -> int:
        """Objects by key, one by one."""
        sql = self.sql(f"SELECT {COLUMNS} FROM bench_book WHERE id = ?")
        return sum([self.books(self.rows(sql, key))[0].pages for key in keys])

    def filter(self, keys: Keys) -> int:
        """The books of an author."""
        sql = self.sql(f"SELECT {COLUMNS} FROM bench_book WHERE author_id = ?")
        return sum([len(self.books(self.rows(sql, key))) for key in keys])

    def read(self) -> int:
        """All objects."""
        return len(self.books(self.rows(f"SELECT {COLUMNS} FROM bench_book")))

    def join(self) -> int:
        """All objects with their authors."""
        names = ", ".join(f"b.{name}" for name in COLUMNS.split(", "))
        rows = self.rows(
            f"SELECT {names}, a.id, a.name FROM bench_book b"
            " JOIN bench_author a ON a.id = b.author_id"
        )
        books = self.books([row[:6] for row in rows])
        for book, row in zip(books, rows, strict=True):
            book.author = Author(row[6], row[7])
        return sum([len(book.author.name) for book in books])

    def prefetch(self, upto: int) -> int:
        """Objects with all their tags, by two statements."""
        books = self.books(
            self.rows(self.sql(f"SELECT {COLUMNS} FROM bench_book WHERE id <= ?"), upto)
        )
        tags: dict[int, list[Author]] = {}
        for book in books:
            book.tags = tags[book.id] = []
        for owner, key, name in self.rows(*self._tags(list(tags))):
            tags[owner].append(Author(key, name))
        return sum([len(book.tags) for book in books])

    def _tags(self, keys: list[int]) -> tuple[str, Any]:
        start = (
            "SELECT bt.book_id, t.id, t.name FROM bench_book_tags bt"
            " JOIN bench_tag t ON t.id = bt.tag_id WHERE bt.book_id "
        )
        if self.kind == "sqlite":
            return f"{start} IN (SELECT value FROM json_each(?))", json.dumps(keys)
        return f"{start} {'= ANY(%s)' if self.kind == 'postgresql' else 'IN %s'}", keys

    def count(self, keys: Keys) -> int:
        """How many books an author has."""
        sql = self.sql("SELECT count(*) FROM bench_book WHERE author_id = ?")
        return sum([self.rows(sql, key)[0][0] for key in keys])

    def shapes(self, shapes: Sequence[Shape]) -> int:
        """Filters of many shapes, their SQL joined by hand."""
        total = 0
        names = ", ".join(f"b.{name}" for name in COLUMNS.split(", "))
        for shape in shapes:
            where, params = ["a.name = ?"], [shape.author]
            for lookup, value, condition in shape.conditions:
                where.append(condition)
                if not lookup.endswith("isnull"):
                    params.append(f"{value}%" if lookup.endswith("startswith") else value)
            order = f"{shape.order[1:]} DESC" if shape.order[0] == "-" else shape.order
            sql = (
                f"SELECT {names} FROM bench_book b JOIN bench_author a ON a.id = b.author_id"
                f" WHERE {' AND '.join(where)} ORDER BY b.{order} LIMIT {MOST_READ}"
            )
            given = [_plain(value) for value in params] if self.kind == "sqlite" else params
            total += len(self.books(self.rows(self.sql(sql), *given)))
        return total

    _insert = (
        "INSERT INTO bench_book (title, published, pages, price, author_id) VALUES (?, ?, ?, ?, ?)"
    )

    def insert(self, rows: Rows) -> int:
        """Insert objects one by one, with their keys."""
        sql = self.sql(self._insert)
        if self.kind == "postgresql":
            sql += " RETURNING id"
        self.cursor.execute("BEGIN")
        for row in rows:
            self.cursor.execute(sql, plain(row, self.kind))
            if self.kind == "postgresql":
                self.cursor.fetchone()
        self.cursor.execute("COMMIT")
        return len(rows)

    def bulk(self, rows: Rows) -> int:
        """Insert many objects at once."""
        given = [plain(row, self.kind) for row in rows]
        self.cursor.execute("BEGIN")
        if self.kind == "postgresql":
            self.cursor.execute(
                "INSERT INTO bench_book (title, published, pages, price, author_id) SELECT * FROM"
                " unnest(%s::text[], %s::date[], %s::int[], %s::numeric[], %s::int[]) RETURNING id",
                [list(column) for column in zip(*given, strict=True)],
            )
            self.cursor.fetchall()
        else:
            self.cursor.executemany(self.sql(self._insert), given)
        self.cursor.execute("COMMIT")
        return len(rows)

    def load(self, keys: Keys) -> list[Any]:
        """Objects for ``save``; not timed."""
        sql = self.sql(f"SELECT {COLUMNS} FROM bench_book WHERE id = ?")
        return [self.books(self.rows(sql, key))[0] for key in keys]

    def save(self, books: list[Any]) -> int:
        """Write a changed column of each object."""
        sql = self.sql("UPDATE bench_book SET pages = ? WHERE id = ?")
        self.cursor.execute("BEGIN")
        for book in books:
            book.pages += 1
            self.cursor.execute(sql, (book.pages, book.id))
        self.cursor.execute("COMMIT")
        return len(books)


def _plain(value: Any) -> Any:
    """A value as sqlite3 takes it."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


class Manybase:
    """The same in Manybase."""

    name = "manybase"

    def open(self, place: Place) -> None:
        """Point the default database at the place."""
        import manybase
        from benchmarks import models
        from manybase.db import connections, transaction

        manybase.configure(databases={"default": place.url})
        self.Book, self.connection = models.Book, connections["default"]
        self.atomic = transaction.atomic
        self.forget = _forget

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()

    def get(self, keys: Keys) -> int:
        """Objects by key, one by one."""
        return sum([self.Book.objects.get(pk=key).pages for key in keys])

    def filter(self, keys: Keys) -> int:
        """The books of an author."""
        return sum([len(self.Book.objects.filter(author_id=key)) for key in keys])

    def read(self) -> int:
        """All objects."""
        return len(self.Book.objects.all())

    def join(self) -> int:
        """All objects with their authors."""
        return sum([len(b.author.name) for b in self.Book.objects.select_related("author")])

    def prefetch(self, upto: int) -> int:
        """Objects with all their tags."""
        books = self.Book.objects.filter(id__lte=upto).prefetch_related("tags")
        return sum([len(book.tags.all()) for book in books])

    def count(self, keys: Keys) -> int:
        """How many books an author has."""
        return sum([self.Book.objects.filter(author_id=key).count() for key in keys])

    def shapes(self, shapes: Sequence[Shape]) -> int:
        """Filters of many shapes, of which none is known."""
        self.forget()
        total = 0
        for shape in shapes:
            books = self.Book.objects.filter(author__name=shape.author)
            for lookup, value, _ in shape.conditions:
                books = books.filter(**{lookup: value})
            total += len(books.order_by(shape.order)[:MOST_READ])
        return total

    def _new(self, row: tuple[Any, ...]) -> Any:
        title, published, pages, price, author = row
        return self.Book(
            title=title, published=published, pages=pages, price=price, author_id=author
        )

    def insert(self, rows: Rows) -> int:
        """Insert objects one by one."""
        with self.atomic():
            for row in rows:
                self._new(row).save()
        return len(rows)

    def bulk(self, rows: Rows) -> int:
        """Insert many objects at once."""
        return len(self.Book.objects.bulk_create([self._new(row) for row in rows]))

    def load(self, keys: Keys) -> list[Any]:
        """Objects for ``save``; not timed."""
        return [self.Book.objects.get(pk=key) for key in keys]

    def save(self, books: list[Any]) -> int:
        """Save each object after a change."""
        with self.atomic():
            for book in books:
                book.pages += 1
                book.save()
        return len(books)


def _forget() -> None:
    """Forget plans, and all that was worked out from the models."""
    from manybase.meta.registry import registry

    registry.touch()
