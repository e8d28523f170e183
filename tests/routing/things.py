"""Models without tables, and objects of a place, for tests of routing."""

from __future__ import annotations

from collections.abc import Callable

from manybase import models
from manybase.meta.origin import origin

Declare = Callable[..., None]


class Thing(models.Model):
    """A model without a table."""

    name = models.CharField(max_length=20)

    class Meta:
        app_label = "routing_tests"
        managed = False


class EuThing(models.Model):
    """A model that belongs to "eu"."""

    class Meta:
        app_label = "routing_tests"
        managed = False
        using = "eu"


def at(alias: str | None, stored: bool = True) -> Thing:
    """An object of a place."""
    thing = Thing(name="x")
    thing._origin = origin(alias, stored and alias is not None)
    return thing


class Silent:
    """A router without any method."""
