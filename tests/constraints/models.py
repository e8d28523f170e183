"""The models of the tests beside: constraints, indexes, generated columns, keys of two fields."""

from __future__ import annotations

from manybase import models
from manybase.models import F, Func, Q, Value


class Lower(Func):
    """Small letters."""

    function = "LOWER"
    arity = 1


class Named(models.Model):
    """What several models take over."""

    name = models.CharField(max_length=20, default="n")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="forbidden"), name="%(app_label)s_%(class)s_allowed"
            ),
        ]
        indexes = [models.Index(fields=["name"], name="%(class)s_by_name", condition=Q(id__gt=0))]


class Room(Named):
    floor = models.IntegerField(default=0)
    number = models.IntegerField(default=0)
    letter = models.CharField(max_length=5, null=True, blank=True)
    code = models.CharField(max_length=20, null=True, blank=True)
    status = models.CharField(max_length=10, default="open")

    class Meta(Named.Meta):
        app_label = "constraining"
        constraints = [
            *Named.Meta.constraints,
            models.CheckConstraint(
                condition=Q(number__lt=100) | Q(floor__gt=F("number") - 100),
                name="constraining_room_number",
                violation_error_message="Constraint %(name)s: too high a number.",
                violation_error_code="high",
            ),
            models.CheckConstraint(
                condition=Q(floor__in=[*range(300), -1])
                & Q(status__in=["open", "1x", "x1", "X1", *('a"b\\c' + str(i) for i in range(60))]),
                name="constraining_room_lists",
            ),
            models.CheckConstraint(
                condition=~Q(status__iregex="^x[0-9]"), name="constraining_room_status"
            ),
            models.UniqueConstraint(
                Lower("code"), name="constraining_room_code", violation_error_code="taken"
            ),
            models.UniqueConstraint(
                fields=["floor", "letter"],
                nulls_distinct=False,
                name="constraining_room_letter",
                include=["status"],
                condition=Q(floor__gt=10),
            ),
            models.UniqueConstraint(
                fields=["floor", "number"],
                name="constraining_room_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        indexes = [
            models.Index(fields=["-floor", "number"]),
            models.Index(
                Lower("status").desc(), F("floor"), name="room_status", condition=Q(floor=1)
            ),
            models.Index(fields=["code"], include=["status"], name="room_code_covers"),
            models.Index(
                fields=["name"], opclasses=["varchar_pattern_ops"], name="room_name_prefix"
            ),
        ]


class Box(models.Model):
    width = models.IntegerField(default=1)
    height = models.IntegerField(default=1)
    label = models.CharField(max_length=20, default="box")
    area = models.GeneratedField(
        expression=F("width") * F("height"), output_field=models.IntegerField(), db_persist=True
    )
    shown = models.GeneratedField(
        expression=Lower("label"), output_field=models.CharField(max_length=20), db_persist=True
    )
    weight = models.IntegerField(db_default=Value(3) * 4)
    note = models.CharField(max_length=20, db_default="none")

    class Meta:
        app_label = "constraining"
        constraints = [
            models.CheckConstraint(condition=Q(area__lt=1000), name="constraining_box_area"),
            models.UniqueConstraint(fields=["shown"], name="constraining_box_shown"),
        ]


class Hall(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        app_label = "constraining"


class Seat(models.Model):
    pk = models.CompositePrimaryKey("hall", "number")
    hall = models.ForeignKey(Hall, models.CASCADE)
    number = models.IntegerField()
    taken_by = models.CharField(max_length=20, default="")
    ticket = models.IntegerField(unique=True, null=True)

    class Meta:
        app_label = "constraining"


class Tag(models.Model):
    """Nothing but a key."""

    pk = models.CompositePrimaryKey("kind", "word")
    kind = models.CharField(max_length=5)
    word = models.CharField(max_length=20)

    class Meta:
        app_label = "constraining"


class Shape(models.Model):
    number = models.IntegerField(null=True, blank=True)
    text = models.CharField(max_length=5, null=True, blank=True)
    price = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    yes = models.BooleanField(null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    span = models.DurationField(null=True, blank=True)
    code = models.UUIDField(null=True, blank=True)

    class Meta:
        app_label = "constraining"
        constraints = [
            models.UniqueConstraint(
                fields=["number", "text", "price", "yes", "day", "at", "span", "code"],
                nulls_distinct=False,
                name="constraining_shape_whole",
            )
        ]
