"""Whole numbers of each size, and a link to another row."""

from __future__ import annotations

from manybase.db import models


class Measure(models.Model):
    small = models.SmallIntegerField(null=True)
    whole = models.IntegerField(null=True)
    large = models.BigIntegerField(null=True)
    next = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="former")

    class Meta:
        app_label = "language"
