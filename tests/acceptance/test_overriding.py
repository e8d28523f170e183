"""What a program's own fields and querysets do to values and filters is never passed over."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

Program = Callable[..., "subprocess.CompletedProcess[str]"]

SOURCE = """
import manybase
from manybase import models
from manybase.db import connections

manybase.configure("sqlite://")

class Shout(models.CharField):
    def get_prep_value(self, value):
        return None if value is None else str(value).upper()

    def from_db_value(self, value, expression, connection):
        return None if value is None else value.lower()

class Live(models.QuerySet):
    def filter(self, *args, **lookups):
        return super().filter(*args, gone=False, **lookups)

class Doc(models.Model):
    name = Shout(max_length=20)
    gone = models.BooleanField(default=False)
    objects = Live.as_manager()

models.create_tables()

def stored():
    return [row[0] for row in connections["default"].execute("SELECT name FROM main_doc").rows]
"""

PREPARED = """
doc = Doc.objects.create(name="one")
Doc.objects.bulk_create([Doc(name="two")])
assert stored() == ["ONE", "TWO"], stored()
doc.name = "three"
doc.save()
assert stored() == ["THREE", "TWO"], stored()
assert Doc.objects.filter(name="three").count() == 1
assert Doc.objects.get(name__in=["two"]).name == "two"
assert Doc.objects.update(name="four") == 2
assert stored() == ["FOUR", "FOUR"], stored()
"""

FILTERED = """
gone = Doc.objects.create(name="x", gone=True)
try:
    Doc.objects.get(pk=gone.pk)
except Doc.DoesNotExist:
    print("asked")
"""


def test_a_field_that_converts_values_is_asked_for_every_value(program: Program) -> None:
    """A subclass's ``get_prep_value`` runs in saves, bulk inserts, updates and filters."""
    done = program(SOURCE + PREPARED)

    assert done.returncode == 0, done.stderr


def test_get_goes_through_a_filter_of_ones_own(program: Program) -> None:
    """``get()`` finds nothing that the queryset's own ``filter()`` leaves out."""
    done = program(SOURCE + FILTERED)

    assert done.stdout == "asked\n", done.stderr


@pytest.mark.parametrize("name", ["get_prep_value", "to_python"])
def test_converting_fields_have_no_plain_values(name: str) -> None:
    """A field class that converts values takes none as it is, unless it says so."""
    from manybase.fields import CharField

    own = type("Own", (CharField,), {name: lambda self, value: value})

    assert own.plain_types == frozenset()
    assert CharField.plain_types == frozenset({str})
