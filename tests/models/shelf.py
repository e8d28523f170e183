"""The models of the tests beside: orders, unique values, constraints, two tables."""

from __future__ import annotations

import uuid

from manybase import models
from manybase.errors import ValidationError


class Shelf(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        app_label = "shelving"


class Volume(models.Model):
    shelf = models.ForeignKey(Shelf, models.CASCADE, null=True, blank=True)
    title = models.CharField(max_length=20)

    class Meta:
        app_label = "shelving"
        order_with_respect_to = "shelf"


class Ticket(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    number = models.IntegerField(default=0)
    note = models.CharField(max_length=20, default="", blank=True)

    class Meta:
        app_label = "shelving"


class Careful(models.Model):
    id = models.IntegerField(primary_key=True)
    number = models.IntegerField(default=0)

    class Meta:
        app_label = "shelving"
        select_on_save = True


class Entry(models.Model):
    day = models.DateField()
    title = models.CharField(max_length=20, unique_for_date="day")
    slug = models.CharField(max_length=20, unique_for_month="day", default="s")
    code = models.CharField(max_length=20, unique_for_year="day", default="c")

    class Meta:
        app_label = "shelving"


class Rule(models.Model):
    low = models.IntegerField(null=True, blank=True)
    high = models.IntegerField(null=True, blank=True)
    word = models.CharField(max_length=20, null=True, blank=True, unique=True)
    group = models.CharField(max_length=5, default="a")
    active = models.BooleanField(default=True)

    class Meta:
        app_label = "shelving"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(high__gte=models.F("low")) | models.Q(high=None),
                name="shelving_rule_order",
            ),
            models.UniqueConstraint(
                fields=["group"],
                condition=models.Q(active=True),
                name="shelving_rule_one_active",
                violation_error_message="There is an active rule of this group.",
            ),
        ]

    def clean(self) -> None:
        if self.word == "wrong":
            raise ValidationError("The word is wrong.", code="wrong")


class Thing(models.Model):
    name = models.CharField(max_length=20, unique=True)

    class Meta:
        app_label = "shelving"


class Lamp(Thing):
    watts = models.IntegerField(default=40)
    shelf = models.ForeignKey(Shelf, models.CASCADE, null=True, blank=True)

    class Meta:
        app_label = "shelving"
