"""Models that depend on each other in every way that ``on_delete`` knows."""

from __future__ import annotations

from manybase import models
from manybase.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from manybase.contrib.contenttypes.models import ContentType


class Label(models.Model):
    word = models.CharField(max_length=20)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    target = GenericForeignKey()


class House(models.Model):
    name = models.CharField(max_length=20)
    labels = GenericRelation(Label)


class Room(models.Model):
    house = models.ForeignKey(House, on_delete=models.CASCADE)


class Chair(models.Model):
    room = models.ForeignKey(Room, on_delete=models.CASCADE)


class Visitor(models.Model):
    name = models.CharField(max_length=20)
    houses = models.ManyToManyField(House)


def fallback() -> int | None:
    """The key that ``SET`` writes: the first house of all."""
    return House.objects.order_by("pk").values_list("pk", flat=True)[0]


class Letter(models.Model):
    emptied = models.ForeignKey(House, null=True, on_delete=models.SET_NULL, related_name="+")
    replaced = models.ForeignKey(House, null=True, on_delete=models.SET(fallback), related_name="+")
    defaulted = models.ForeignKey(
        House, null=True, default=None, on_delete=models.SET_DEFAULT, related_name="+"
    )


class Lock(models.Model):
    house = models.ForeignKey(House, on_delete=models.PROTECT)


class Town(models.Model):
    pass


class Street(models.Model):
    town = models.ForeignKey(Town, on_delete=models.CASCADE)


class Sign(models.Model):
    """Restricted by its street, and gone with its town."""

    street = models.ForeignKey(Street, on_delete=models.RESTRICT)
    town = models.ForeignKey(Town, null=True, on_delete=models.CASCADE)


class Ghost(models.Model):
    town = models.ForeignKey(Town, on_delete=models.DO_NOTHING, db_constraint=False)


class Branch(models.Model):
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE)


class Link(models.Model):
    """A chain whose key cannot be null: a link points at the one before it."""

    before = models.ForeignKey("self", on_delete=models.CASCADE, db_constraint=False)


class Animal(models.Model):
    name = models.CharField(max_length=20)


class Dog(Animal):
    tricks = models.IntegerField(default=0)


class Flea(models.Model):
    animal = models.ForeignKey(Animal, on_delete=models.CASCADE)
