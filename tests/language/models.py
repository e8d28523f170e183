"""A small publishing world: nulls, every kind of relation, every family of values."""

from __future__ import annotations

from manybase.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from manybase.contrib.contenttypes.models import ContentType
from manybase.db import models
from manybase.models.functions import Lower


class Publisher(models.Model):
    name = models.CharField(max_length=40)
    city = models.CharField(max_length=40, null=True)

    class Meta:
        ordering = ("-name",)


class Remark(models.Model):
    text = models.CharField(max_length=40)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    about = GenericForeignKey()


class Author(models.Model):
    name = models.CharField(max_length=40)
    age = models.IntegerField(null=True)
    mentor = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="pupils")
    friends = models.ManyToManyField("self")
    remarks = GenericRelation(Remark, related_query_name="author")


class Title(models.Model):
    """A book; its name leaves ``Book`` to the behaviour suite."""

    name = models.CharField(max_length=40, unique=True)
    pages = models.IntegerField(null=True)
    price = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    rating = models.FloatField(null=True)
    flags = models.IntegerField(default=0)
    printed = models.BooleanField(default=True)
    published = models.DateField()
    edited = models.DateTimeField(null=True)
    opens = models.TimeField(null=True)
    loan = models.DurationField(null=True)
    data = models.JSONField(null=True)
    publisher = models.ForeignKey(
        Publisher, null=True, on_delete=models.CASCADE, related_name="titles"
    )
    authors = models.ManyToManyField(Author, related_name="titles")
    remarks = GenericRelation(Remark, related_query_name="title")

    class Meta:
        get_latest_by = "published"


class Profile(models.Model):
    author = models.OneToOneField(Author, on_delete=models.CASCADE, related_name="profile")
    motto = models.CharField(max_length=40, default="")


class Chapter(models.Model):
    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="chapters")
    number = models.IntegerField()
    heading = models.CharField(max_length=40, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["title", "number"], name="language_chapter_once"),
        ]


class Stock(models.Model):
    """Counted things, by a unique code."""

    code = models.CharField(max_length=20, unique=True)
    amount = models.IntegerField(default=0)
    place = models.CharField(max_length=20, default="")


class Indexed(models.Model):
    """An index of expressions, and one of some rows."""

    name = models.CharField(max_length=20)
    number = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(Lower("name").desc(), name="language_by_small_name"),
            models.Index(
                fields=["number"], name="language_by_some_number", condition=models.Q(number__gt=3)
            ),
        ]
