"""Desks of rooms, whose key is the room and a number; bookings that may name one."""

from __future__ import annotations

from manybase.db import models


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
