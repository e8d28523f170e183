"""Other ORMs, for those that are installed: Django, SQLAlchemy and peewee in their own words."""

from __future__ import annotations

from typing import Any

from benchmarks.sides import Keys, Manybase, Rows
from benchmarks.world import Place


class Django(Manybase):
    """Django: most words are the same."""

    name = "Django"

    def open(self, place: Place) -> None:
        """Configure Django for the place."""
        import django
        from django.conf import settings
        from django.db import connection, transaction

        parts = place.parts
        engine = {"sqlite": "sqlite3"}.get(place.kind, place.kind)
        database = {"ENGINE": f"django.db.backends.{engine}", "NAME": parts["name"]}
        if place.kind != "sqlite":
            database |= {k.upper(): parts[k] for k in ("host", "port", "user", "password")}
        settings.configure(
            DATABASES={"default": database}, USE_TZ=True, INSTALLED_APPS=["benchmarks"]
        )
        django.setup()
        self.Book = _django_models()
        self.connection, self.atomic = connection, transaction.atomic
        self.forget = lambda: None  # it has no plans
        self.Book.objects.first()


def _django_models() -> Any:
    from django.db import models

    class Author(models.Model):
        id = models.AutoField(primary_key=True)
        name = models.CharField(max_length=100)

        class Meta:
            app_label = "benchmarks"
            db_table = "bench_author"

    class Tag(models.Model):
        id = models.AutoField(primary_key=True)
        name = models.CharField(max_length=50)

        class Meta:
            app_label = "benchmarks"
            db_table = "bench_tag"

    class Book(models.Model):
        id = models.AutoField(primary_key=True)
        title = models.CharField(max_length=200)
        published = models.DateField()
        pages = models.IntegerField()
        price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
        author = models.ForeignKey(Author, models.CASCADE)
        tags = models.ManyToManyField(Tag, db_table="bench_book_tags")

        class Meta:
            app_label = "benchmarks"
            db_table = "bench_book"

    return Book


class Peewee(Manybase):
    """peewee; it has no many-to-many prefetch in few statements, and no lookups by name."""

    name = "peewee"
    prefetch = None
    shapes = None

    def open(self, place: Place) -> None:
        """Connect and define the tables."""
        import peewee

        parts = dict(place.parts)
        name = parts.pop("name")
        makers = {
            "sqlite": peewee.SqliteDatabase,
            "postgresql": peewee.PostgresqlDatabase,
            "mysql": peewee.MySQLDatabase,
        }
        database = makers[place.kind](name, **parts)
        database.connect()

        class Author(peewee.Model):
            name = peewee.CharField()

            class Meta:
                table_name = "bench_author"

        class Book(peewee.Model):
            title = peewee.CharField()
            published = peewee.DateField()
            pages = peewee.IntegerField()
            price = peewee.DecimalField(max_digits=10, decimal_places=2, null=True)
            author = peewee.ForeignKeyField(Author, column_name="author_id")

            class Meta:
                table_name = "bench_book"

        database.bind([Author, Book])
        self.Author, self.Book, self.atomic = Author, Book, database.atomic
        self.connection = database

    def get(self, keys: Keys) -> int:
        return sum([self.Book.get_by_id(key).pages for key in keys])

    def filter(self, keys: Keys) -> int:
        book = self.Book
        return sum([len(list(book.select().where(book.author == key))) for key in keys])

    def read(self) -> int:
        return len(list(self.Book.select()))

    def join(self) -> int:
        books = self.Book.select(self.Book, self.Author).join(self.Author)
        return sum([len(book.author.name) for book in books])

    def count(self, keys: Keys) -> int:
        book = self.Book
        return sum([book.select().where(book.author == key).count() for key in keys])

    def _new(self, row: tuple[Any, ...]) -> Any:
        title, published, pages, price, author = row
        return self.Book(title=title, published=published, pages=pages, price=price, author=author)

    def bulk(self, rows: Rows) -> int:
        with self.atomic():
            self.Book.bulk_create([self._new(row) for row in rows], 500)
        return len(rows)

    def load(self, keys: Keys) -> list[Any]:
        return [self.Book.get_by_id(key) for key in keys]


class SQLAlchemy:
    """SQLAlchemy's ORM with a session for each work."""

    name = "SQLAlchemy"

    def open(self, place: Place) -> None:
        """Make an engine and map the tables."""
        import sqlalchemy
        from sqlalchemy import orm

        driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
        url = place.url.replace(place.kind, driver.get(place.kind, place.kind), 1)
        self.engine = sqlalchemy.create_engine(url)
        self.session = lambda: orm.Session(self.engine, expire_on_commit=False)
        self.sa, self.orm = sqlalchemy, orm
        self.Book = _mapped(sqlalchemy, orm)

    def close(self) -> None:
        """Drop the connections."""
        self.engine.dispose()

    def get(self, keys: Keys) -> int:
        with self.session() as session:
            total = 0
            for key in keys:
                total += session.get(self.Book, key).pages
                session.expunge_all()
            return total

    def filter(self, keys: Keys) -> int:
        with self.session() as session:
            total = 0
            for key in keys:
                query = self.sa.select(self.Book).where(self.Book.author_id == key)
                total += len(session.scalars(query).all())
                session.expunge_all()
            return total

    def read(self) -> int:
        with self.session() as session:
            return len(session.scalars(self.sa.select(self.Book)).all())

    def join(self) -> int:
        query = self.sa.select(self.Book).options(self.orm.joinedload(self.Book.author))
        with self.session() as session:
            return sum([len(book.author.name) for book in session.scalars(query)])

    def prefetch(self, upto: int) -> int:
        query = self.sa.select(self.Book).where(self.Book.id <= upto)
        query = query.options(self.orm.selectinload(self.Book.tags))
        with self.session() as session:
            return sum([len(book.tags) for book in session.scalars(query)])

    def count(self, keys: Keys) -> int:
        count, book = self.sa.func.count, self.Book
        with self.session() as session:
            queries = [
                self.sa.select(count()).select_from(book).where(book.author_id == key)
                for key in keys
            ]
            return sum([session.scalar(query) for query in queries])

    def _new(self, row: tuple[Any, ...]) -> Any:
        title, published, pages, price, author = row
        return self.Book(
            title=title, published=published, pages=pages, price=price, author_id=author
        )

    def insert(self, rows: Rows) -> int:
        with self.session() as session:
            for row in rows:
                session.add(self._new(row))
                session.flush()
            session.commit()
        return len(rows)

    def bulk(self, rows: Rows) -> int:
        with self.session() as session:
            session.add_all([self._new(row) for row in rows])
            session.commit()
        return len(rows)

    def load(self, keys: Keys) -> list[Any]:
        self.open_session = self.session()
        return [self.open_session.get(self.Book, key) for key in keys]

    def save(self, books: list[Any]) -> int:
        with self.open_session as session:
            for book in books:
                book.pages += 1
                session.flush()
            session.commit()
        return len(books)


def _mapped(sa: Any, orm: Any) -> Any:
    base = orm.declarative_base()
    links = sa.Table(
        "bench_book_tags",
        base.metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("book_id", sa.ForeignKey("bench_book.id")),
        sa.Column("tag_id", sa.ForeignKey("bench_tag.id")),
    )

    class Author(base):
        __tablename__ = "bench_author"
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(100))

    class Tag(base):
        __tablename__ = "bench_tag"
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(50))

    class Book(base):
        __tablename__ = "bench_book"
        id = sa.Column(sa.Integer, primary_key=True)
        title = sa.Column(sa.String(200))
        published = sa.Column(sa.Date)
        pages = sa.Column(sa.Integer)
        price = sa.Column(sa.Numeric(10, 2))
        author_id = sa.Column(sa.ForeignKey("bench_author.id"))
        author = orm.relationship(Author)
        tags = orm.relationship(Tag, secondary=links)

    return Book
