"""The models of the tests of speed: books with an author and tags, and a row of every kind."""

from __future__ import annotations

from manybase import models


class Author(models.Model):
    name = models.CharField(max_length=50)


class Tag(models.Model):
    name = models.CharField(max_length=50)


class Book(models.Model):
    title = models.CharField(max_length=100)
    pages = models.IntegerField(default=0)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    tags = models.ManyToManyField(Tag, related_name="books")


class Sample(models.Model):
    text = models.TextField(null=True)
    number = models.BigIntegerField(null=True)
    price = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    day = models.DateField(null=True)
    moment = models.DateTimeField(null=True)
    clock = models.TimeField(null=True)
    length = models.DurationField(null=True)
    uid = models.UUIDField(null=True)
    data = models.JSONField(null=True)
    raw = models.BinaryField(null=True)
    flag = models.BooleanField(null=True)
    ratio = models.FloatField(null=True)
    address = models.GenericIPAddressField(null=True)


class Portrait(models.Model):
    author = models.OneToOneField(Author, models.CASCADE, related_name="portrait")
