"""A model whose indexes name operator classes of expressions."""

from __future__ import annotations

from manybase.db import models
from manybase.models.functions import Lower


class Classed(models.Model):
    name = models.CharField(max_length=20)
    word = models.CharField(max_length=20, null=True)

    class Meta:
        app_label = "language"
        indexes = [
            models.Index(
                models.OpClass(Lower("name"), name="text_pattern_ops").desc(),
                models.OpClass("word", name="varchar_pattern_ops"),
                "id",
                name="language_classed_start",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                models.OpClass(Lower("word").desc(), name="text_pattern_ops"),
                name="language_classed_word",
            ),
        ]
