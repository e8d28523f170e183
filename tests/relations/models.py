"""A publishing house: one relation of every kind."""

from __future__ import annotations

from typing import Any

from manybase import models
from manybase.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from manybase.contrib.contenttypes.models import ContentType


class Note(models.Model):
    text = models.CharField(max_length=50)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    about = GenericForeignKey()

    class Meta:
        ordering = ("text",)


class Writer(models.Model):
    name = models.CharField(max_length=50)
    notes = GenericRelation(Note)

    class Meta:
        ordering = ("name",)


class ShoutingManager(models.Manager["Novel"]):
    def create(self, **values: Any) -> Novel:
        values["title"] = values["title"].upper()
        return super().create(**values)

    def long(self) -> Any:
        return self.filter(pages__gt=100)


class Novel(models.Model):
    title = models.CharField(max_length=50)
    pages = models.IntegerField(default=1)
    editor = models.ForeignKey(Writer, null=True, on_delete=models.SET_NULL, related_name="edited")
    writers = models.ManyToManyField(Writer)
    readers = models.ManyToManyField(Writer, through="Reading", related_name="read")
    notes = GenericRelation(Note, related_query_name="novel")

    objects = ShoutingManager()

    class Meta:
        ordering = ("title",)


class Chapter(models.Model):
    novel = models.ForeignKey(Novel, on_delete=models.CASCADE)
    number = models.IntegerField()

    class Meta:
        ordering = ("number",)


class Reading(models.Model):
    novel = models.ForeignKey(Novel, on_delete=models.CASCADE)
    writer = models.ForeignKey(Writer, on_delete=models.CASCADE)
    stars = models.IntegerField(default=3)

    class Meta:
        ordering = ("pk",)


class Portrait(models.Model):
    writer = models.OneToOneField(Writer, null=True, on_delete=models.CASCADE)
    colour = models.CharField(max_length=20)


class Circle(models.Model):
    name = models.CharField(max_length=20, unique=True)
    near = models.ManyToManyField("self")
    above = models.ManyToManyField("self", symmetrical=False, related_name="below")

    class Meta:
        ordering = ("name",)


class Ring(models.Model):
    """Points at a circle by its name, both ways."""

    circle = models.ForeignKey(
        Circle, to_field="name", on_delete=models.CASCADE, related_name="rings"
    )
    size = models.IntegerField()

    class Meta:
        ordering = ("size",)


class Knot(models.Model):
    """Its relations have the names that objects might keep something of their own under."""

    relations = models.ForeignKey(
        Circle, null=True, on_delete=models.CASCADE, related_name="kept_relations"
    )
    prefetched = models.ManyToManyField(Circle, related_name="prefetched")


class Poet(Writer):
    verses = models.IntegerField(default=0)
