"""Models with documents, texts and numbers, for the tests of lookups."""

from __future__ import annotations

from manybase import models


class Shelf(models.Model):
    """What documents stand on."""

    label = models.CharField(max_length=20)

    class Meta:
        app_label = "lookups"


class Document(models.Model):
    """A named document."""

    name = models.CharField(max_length=40)
    number = models.IntegerField(null=True)
    data = models.JSONField(null=True)
    more = models.JSONField(default=dict)
    day = models.DateField(null=True)
    shelf = models.ForeignKey(Shelf, models.CASCADE, null=True, related_name="documents")

    class Meta:
        app_label = "lookups"
