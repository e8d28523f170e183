"""The models that functions are tried on: one row has a value of every kind."""

from __future__ import annotations

from manybase import models
from manybase.models.functions import Coalesce


class Author(models.Model):
    name = models.CharField(max_length=100)


class Piece(models.Model):
    author = models.ForeignKey(Author, null=True, on_delete=models.CASCADE, related_name="pieces")
    name = models.CharField(max_length=100, null=True)
    text = models.TextField(default="")
    count = models.IntegerField(null=True)
    other = models.IntegerField(default=0)
    real = models.FloatField(null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    long = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    flag = models.BooleanField(null=True)
    day = models.DateField(null=True)
    clock = models.TimeField(null=True)
    moment = models.DateTimeField(null=True)
    length = models.DurationField(null=True)
    code = models.UUIDField(null=True)
    data = models.JSONField(null=True)


class Shelf(models.Model):
    """Its own order is by expressions, with a value in one of them."""

    name = models.CharField(max_length=10, null=True)

    class Meta:
        ordering = (
            Coalesce("name", models.Value("m")),
            models.Case(models.When(name__in=["x", "y"], then=1), default=0),
            models.F("pk").desc(),
        )


class Box(models.Model):
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)
