"""Conditions made of attributes; mypy --strict and pyright accept every line of it.

Checked by ``test_program.py`` beside it; never run.
"""

from __future__ import annotations

import datetime
import decimal
import functools
import operator
import uuid
from typing import Any, assert_type

from manybase import models
from manybase.models import Exists, F, Q
from manybase.query.attributes import Attribute
from manybase.query.conditions import Condition


class Person(models.Model):
    name = models.CharField(max_length=100)
    boss = models.ForeignKey("Person", null=True, on_delete=models.SET_NULL)


class Book(models.Model):
    title = models.CharField(max_length=100)
    subtitle = models.CharField(max_length=100, null=True)
    pages = models.IntegerField()
    chapters = models.IntegerField(null=True)
    weight = models.FloatField(null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    sold = models.BooleanField(default=False)
    lent = models.BooleanField(null=True)
    published = models.DateField()
    added = models.DateTimeField(null=True)
    loan = models.DurationField()
    code = models.UUIDField(default=uuid.uuid4)
    data = models.JSONField()
    editor = models.ForeignKey(Person, on_delete=models.CASCADE)
    translator = models.ForeignKey(
        Person, null=True, on_delete=models.SET_NULL, related_name="translated"
    )
    authors = models.ManyToManyField(Person, related_name="written")


def comparisons() -> None:
    assert_type(Book.title, Attribute[str])
    assert_type(Book.subtitle, Attribute[str | None])
    assert_type(Book.id, Attribute[int])
    assert_type(Book.title == "x", Condition)
    assert_type(Book.title != "x", Q)
    assert_type(Book.subtitle == None, Condition)  # noqa: E711
    assert_type(Book.pages > 100, Condition)
    assert_type(100 < Book.pages, Condition)  # noqa: SIM300
    assert_type(Book.chapters <= 3, Condition)
    assert_type(Book.weight >= 1, Condition)
    assert_type(Book.price > 5, Condition)
    assert_type(Book.price < decimal.Decimal("0.5"), Condition)
    assert_type(Book.published >= datetime.date(2000, 1, 1), Condition)
    assert_type(Book.loan > datetime.timedelta(days=1), Condition)
    assert_type(Book.pages > F("chapters"), Condition)
    assert_type(Book.pages > Book.chapters, Condition)
    assert_type(Book.pages.in_([1, 2]), Condition)
    assert_type(Book.pages.in_(Book.objects.values("chapters")), Condition)
    assert_type(Book.pages.between(1, 2), Condition)
    assert_type(Book.subtitle.isnull(), Condition)
    assert_type(Book.code == uuid.uuid4(), Condition)


def texts() -> None:
    assert_type(Book.title.icontains("x"), Condition)
    assert_type(Book.subtitle.icontains("x"), Condition)
    assert_type(Book.title.contains("x"), Condition)
    assert_type(Book.title.startswith(F("subtitle")), Condition)
    assert_type(Book.title.iregex("^x"), Condition)


def parts_and_documents() -> None:
    assert_type(Book.published.year, Attribute[int])
    assert_type(Book.published.year > 2000, Condition)
    assert_type(Book.added.date == datetime.date(2000, 1, 1), Condition)
    assert_type(Book.data.has_key("a"), Condition)
    assert_type(Book.data.contains({"a": 1}), Condition)
    Book.objects.filter(Book.data["owner"]["name"] == "Ann")


def relations(person: Person) -> None:
    assert_type(Book.editor == person, Condition)
    assert_type(Book.translator == None, Condition)  # noqa: E711
    assert_type(Book.editor.in_([person, 3]), Condition)
    assert_type(Book.authors.isnull(False), Condition)
    name: Any = Book.authors.boss
    Book.objects.filter(Book.editor.name == "x", Book.authors.boss.name.icontains("y"), name == "x")


def joined(lookups: dict[str, int]) -> None:
    assert_type((Book.pages > 100) & (Book.title == "x"), Q)
    assert_type((Book.pages > 100) | Q(sold=True), Q)
    assert_type(Q(sold=True) ^ (Book.pages > 100), Q)
    assert_type(Exists(Book.objects.all()) & (Book.pages > 100), Q)
    assert_type(~(Book.pages > 100), Q)
    assert_type(~Exists(Book.objects.all()), Exists)
    assert_type(Book.sold & (Book.pages > 100), Q)
    assert_type((Book.pages > 100) & ~Book.lent, Q)
    condition = (Book.pages > 100) & ~(Book.title == "x") | Q(sold=True)
    condition &= Book.title == "x"
    some: list[Q] = [Book.pages > 100, condition]
    assert_type(functools.reduce(operator.or_, some), Q)
    Q(condition, Book.pages > 100, ("pages", 3), **lookups)


async def taken(conditions: list[Q | Exists], unknown: Any, lookups: dict[str, int]) -> None:
    condition = (Book.pages > 100) | Q(sold=True)
    Book.objects.filter(condition, *conditions, unknown).exclude(Book.price > 5)
    Book.objects.filter(Book.sold, Book.lent, F("sold"), models.Value(True), Book.data["old"])
    Book.objects.filter(models.lookups.GreaterThan(Book.pages, Book.chapters))
    Book.objects.complex_filter({"pages": 3}).complex_filter(Book.pages > 3)
    assert_type(Book.objects.get(Book.title == "x"), Book)
    assert_type(await Book.objects.filter(pages=3).aget(Book.title == "x"), Book)
    models.Count("authors", filter=Book.pages > 100)
    models.FilteredRelation("authors", condition=Book.authors.name == "x")
    models.When(sold=True, then=1)
    models.When(**lookups, then=1)
    Book.objects.order_by(Book.title, Book.pages.desc(), Book.editor, Book.editor.name)
    Book.objects.annotate(long=Book.pages > 300, twice=Book.pages * 2, who=Book.editor.name)
    models.Case(models.When(Book.pages > 300, then=models.Value("long")))
