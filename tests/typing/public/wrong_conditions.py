"""Mistakes in conditions that mypy --strict and pyright both find on the lines marked ``# wrong``.

Checked by ``test_conditions.py`` beside it; never run.
"""

from __future__ import annotations

from manybase import models


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
