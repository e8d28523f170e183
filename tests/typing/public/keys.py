"""Keys of several fields, generated columns, constraints and fetch modes as type checkers see them.

Checked by ``test_program.py`` beside it; never run.
"""

from __future__ import annotations

from typing import Any, assert_type

from manybase import models
from manybase.models import FETCH_PEERS, FETCH_RAISE, F, Q, QuerySet


class Hall(models.Model):
    name = models.CharField(max_length=50)


class Seat(models.Model):
    pk = models.CompositePrimaryKey("hall", "number")
    hall = models.ForeignKey(Hall, models.CASCADE, fetch_mode=FETCH_PEERS)
    number = models.IntegerField()
    double = models.GeneratedField(
        expression=F("number") * 2, output_field=models.IntegerField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(number__gt=0), name="seat_number"),
            models.UniqueConstraint(
                fields=["double"], name="seat_double", deferrable=models.Deferrable.DEFERRED
            ),
        ]
        indexes = [models.Index(fields=["-number"])]


seat = Seat(pk=(1, 2))
seat.pk = (3, 4)
key: Any = seat.pk
assert_type(seat.double, int)
assert_type(seat.hall, Hall)
assert_type(Seat.objects.filter(pk=(1, 2)).fetch_mode(FETCH_RAISE), QuerySet[Seat])
Seat.objects.fetch_mode("peers")
