"""What fields give on instances; read by the type checkers, never run."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any, assert_type

from manybase import fields
from manybase.meta.on_delete import CASCADE, SET_NULL
from manybase.models.related.many import ManyRelatedManager
from manybase.query.attributes import Attribute


class State(fields.TextChoices):
    DRAFT = "d", "Draft"
    OUT = "o"


class Person:
    name = fields.CharField(max_length=100)
    nick = fields.CharField("called", max_length=100, null=True, blank=True)


class Tag:
    slug = fields.SlugField(unique=True)


class Book:
    id = fields.BigAutoField(primary_key=True)
    title = fields.CharField(max_length=100)
    subtitle = fields.CharField(max_length=100, null=True)
    body = fields.TextField(db_collation="C")
    notes = fields.TextField(null=True)
    slug = fields.SlugField(allow_unicode=True)
    mail = fields.EmailField(null=True)
    link = fields.URLField(validators=[print], choices=[("a", "b")])
    pages = fields.IntegerField(default=0)
    copies = fields.PositiveBigIntegerField(null=True)
    weight = fields.FloatField()
    price = fields.DecimalField(max_digits=5, decimal_places=2)
    rebate = fields.DecimalField("Rabatt", max_digits=5, decimal_places=2, null=True)
    out = fields.BooleanField(default=False)
    checked = fields.BooleanField(null=True)
    published = fields.DateField(null=True)
    opens = fields.TimeField()
    created = fields.DateTimeField(auto_now_add=True)
    changed = fields.DateTimeField(auto_now=True, null=True)
    lent_for = fields.DurationField()
    key = fields.UUIDField(default=uuid.uuid4)
    cover = fields.BinaryField()
    data = fields.JSONField(default=dict)
    host = fields.GenericIPAddressField(protocol="ipv4", null=True)
    scan = fields.FileField(upload_to="scans")
    picture = fields.ImageField(null=True)
    where = fields.FilePathField(path="/srv")
    state = fields.CharField(max_length=1, choices=State.choices, default=State.DRAFT)
    author = fields.ForeignKey(Person, CASCADE)
    editor = fields.ForeignKey(Person, on_delete=SET_NULL, null=True, related_name="edited")
    named = fields.ForeignKey("shop.Person", on_delete=CASCADE)
    declared: fields.ForeignKey[Person] = fields.ForeignKey("shop.Person", on_delete=CASCADE)
    blurb = fields.OneToOneField(Tag, on_delete=CASCADE)
    extra = fields.OneToOneField(Tag, on_delete=CASCADE, null=True)
    tags = fields.ManyToManyField(Tag, related_name="books")
    readers = fields.ManyToManyField("shop.Person", through="shop.Loan")


def read(book: Book) -> None:
    assert_type(book.id, int)
    assert_type(book.title, str)
    assert_type(book.subtitle, str | None)
    assert_type(book.body, str)
    assert_type(book.notes, str | None)
    assert_type(book.slug, str)
    assert_type(book.mail, str | None)
    assert_type(book.link, str)
    assert_type(book.pages, int)
    assert_type(book.copies, int | None)
    assert_type(book.weight, float)
    assert_type(book.price, decimal.Decimal)
    assert_type(book.rebate, decimal.Decimal | None)
    assert_type(book.out, bool)
    assert_type(book.checked, bool | None)
    assert_type(book.published, datetime.date | None)
    assert_type(book.opens, datetime.time)
    assert_type(book.created, datetime.datetime)
    assert_type(book.changed, datetime.datetime | None)
    assert_type(book.lent_for, datetime.timedelta)
    assert_type(book.key, uuid.UUID)
    assert_type(book.cover, bytes)
    assert_type(book.data, Any)
    assert_type(book.host, str | None)
    assert_type(book.scan, fields.FieldFile)
    assert_type(book.picture, fields.FieldFile)
    assert_type(book.where, str)
    assert_type(book.state, str)


def follow(book: Book) -> None:
    assert_type(book.author, Person)
    assert_type(book.author.name, str)
    assert_type(book.editor, Person | None)
    assert_type(book.named, Any)
    assert_type(book.declared, Person)
    assert_type(book.blurb, Tag)
    assert_type(book.extra, Tag | None)
    assert_type(book.tags, ManyRelatedManager[Tag])


def look_at_the_class() -> None:
    assert_type(Book.title, Attribute[str])
    assert_type(Book.author, type[Person])
    assert_type(Book.tags, type[Tag])
    assert_type(State.DRAFT.label, str)
    assert_type(State.choices, list[tuple[Any, str]])


def write(book: Book, person: Person, tag: Tag) -> None:
    book.title = "Emma"
    book.subtitle = None
    book.pages = 5
    book.price = decimal.Decimal(5)
    book.state = State.OUT
    book.author = person
    book.editor = None
    book.scan = "scans/a.pdf"
    book.data = {"a": 1}
    book.tags = [tag]
    book.readers = [person]


class Upper(fields.CharField):
    """A field of a program's own."""


class Shelf:
    label = Upper(max_length=5)


def own(shelf: Shelf) -> None:
    assert_type(shelf.label, str)
