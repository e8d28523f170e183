"""Desks of rooms, whose key is the room and a number; bookings that may name one."""

from __future__ import annotations

from manybase.db import models
from manybase.models.functions import Now


class Office(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        app_label = "language"


class Desk(models.Model):
    pk = models.CompositePrimaryKey("office", "number")
    office = models.ForeignKey(Office, on_delete=models.CASCADE, related_name="desks")
    number = models.IntegerField()
    code = models.IntegerField(unique=True)
    note = models.CharField(max_length=20, default="")

    class Meta:
        app_label = "language"


class Booking(models.Model):
    desk = models.ForeignKey(
        Desk, null=True, on_delete=models.CASCADE, to_field="code", related_name="bookings"
    )
    place = models.IntegerField(null=True)
    spot = models.IntegerField(null=True)

    class Meta:
        app_label = "language"


class Spot(models.Model):
    """A key of two fields to inherit."""

    pk = models.CompositePrimaryKey("row", "letter")
    row = models.IntegerField()
    letter = models.CharField(max_length=5, default="a")

    class Meta:
        abstract = True


class Stamped(models.Model):
    """A column that the database fills in, to inherit."""

    made = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


class Plot(Spot, Stamped):
    note = models.CharField(max_length=10, db_default="none")
    double = models.GeneratedField(
        expression=models.F("row") * 2, output_field=models.IntegerField(), db_persist=True
    )

    class Meta:
        app_label = "language"


class Turned(Spot):
    """The same fields the other way round."""

    pk = models.CompositePrimaryKey("letter", "row")

    class Meta:
        app_label = "language"


class PlotProxy(Plot):
    class Meta:
        app_label = "language"
        proxy = True


class Filled(models.Model):
    """A key and more that the database fills in."""

    id = models.IntegerField(primary_key=True, db_default=5)
    code = models.CharField(max_length=10, unique=True)
    width = models.IntegerField(default=1)
    twice = models.GeneratedField(
        expression=models.F("width") * 2, output_field=models.IntegerField(), db_persist=True
    )
    word = models.CharField(max_length=10, db_default="w")
    data = models.JSONField(db_default={"a": 1})

    class Meta:
        app_label = "language"
