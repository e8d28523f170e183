"""The models that the tests of the test kit write."""

from __future__ import annotations

from manybase import models


class Note(models.Model):
    text = models.CharField(max_length=50)
    parent = models.ForeignKey("self", models.CASCADE, null=True)

    class Meta:
        app_label = "kit_tests"
        ordering = ["text"]
