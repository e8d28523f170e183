"""Values that a field cannot take, and misuse of querysets; no value stands in a message."""

from __future__ import annotations

import datetime

import pytest

from manybase.db import transaction
from manybase.errors import (
    DatabaseError,
    DataError,
    FieldValueError,
    IntegrityError,
    ManybaseError,
    ValidationError,
)
from tests.behaviour.help import person
from tests.behaviour.models import Book, Member, Person, Pet, Sample

pytestmark = pytest.mark.usefixtures("places")

SECRET = "hunter2-secret"

WRONG = [
    ("integer", SECRET),
    ("integer", object()),
    ("integer", [1]),
    ("big", SECRET),
    ("real", SECRET),
    ("price", SECRET),
    ("flag", SECRET),
    ("day", SECRET),
    ("day", 17),
    ("clock", SECRET),
    ("moment", SECRET),
    ("moment", 3.5),
    ("length", SECRET),
    ("code", SECRET),
    ("address", SECRET),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_wrong_values_are_refused_in_queries(name: str, value: object) -> None:
    """filter() names the field and what it takes, never the value."""
    with pytest.raises(FieldValueError, match=name) as raised:
        list(Sample.objects.filter(**{name: value}))

    assert SECRET not in str(raised.value)
    assert isinstance(raised.value, (ValueError, TypeError))


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_wrong_values_are_refused_in_saves(name: str, value: object) -> None:
    """create() and update() name the field and what it takes, never the value."""
    with pytest.raises((FieldValueError, ValidationError), match=name) as raised:
        Sample.objects.create(**{name: value})
    assert SECRET not in str(raised.value)
    with pytest.raises(FieldValueError, match=name):
        Sample.objects.update(**{name: value})
    assert not Sample.objects.exists()


def test_wrong_arguments_of_lookups() -> None:
    """isnull takes a truth value, range two values, in several."""
    with pytest.raises(ManybaseError, match="isnull"):
        Sample.objects.filter(name__isnull="yes")
    with pytest.raises(ManybaseError, match="range"):
        Sample.objects.filter(integer__range=(1, 2, 3))
    with pytest.raises(ManybaseError, match="in"):
        Sample.objects.filter(integer__in=5)
    with pytest.raises(ManybaseError, match=r"(?i)none"):
        Sample.objects.filter(integer__gt=None)


def test_objects_of_another_model_are_refused() -> None:
    """A relation compared with an object of a wrong model names both."""
    book = Book.objects.create(title="x")

    with pytest.raises((ManybaseError, ValueError), match="Person"):
        Book.objects.filter(editor=book)
    with pytest.raises((ManybaseError, ValueError), match="Person"):
        Book.objects.filter(editor__in=[book])
    with pytest.raises((ManybaseError, ValueError), match="Person"):
        Book.objects.filter(editor__in=Member.objects.all())
    with pytest.raises(ManybaseError):
        Book.objects.filter(editor=Person(name="unsaved"))


def test_conditions_must_be_conditions() -> None:
    """A positional argument that is no Q names what it is."""
    with pytest.raises((ManybaseError, TypeError), match="str"):
        Book.objects.filter("title")
    with pytest.raises((ManybaseError, TypeError), match="int"):
        Book.objects.filter(1)


def test_too_long_or_too_large_values_are_data_errors(places) -> None:
    """What the servers refuse comes as DataError, without the value."""
    if places.kind == "sqlite":
        with pytest.raises((DataError, OverflowError, FieldValueError, DatabaseError)):
            Sample.objects.create(big=2**70)
        return
    with pytest.raises(DatabaseError) as raised, transaction.atomic("default"):
        Person.objects.create(name=SECRET * 20)
    assert SECRET not in str(raised.value)
    with pytest.raises((DatabaseError, FieldValueError)), transaction.atomic("default"):
        Sample.objects.create(small=10**6)


def test_integrity_errors_do_not_show_the_row() -> None:
    """A doubled value is an IntegrityError whose text has not the value."""
    Member.objects.create(name=SECRET)

    with pytest.raises(IntegrityError) as raised, transaction.atomic("default"):
        Member.objects.create(name=SECRET)

    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is not None


def test_broken_sql_is_a_database_error() -> None:
    """A raw statement that the database cannot read names the database."""
    with pytest.raises(DatabaseError, match="SELEKT"), transaction.atomic("other"):
        list(Book.objects.using("other").raw("SELEKT id"))


def test_get_says_the_model_and_no_value() -> None:
    """DoesNotExist and MultipleObjectsReturned name the model."""
    with pytest.raises(Person.DoesNotExist, match="Person") as raised:
        Person.objects.get(name=SECRET)
    assert SECRET not in str(raised.value)
    person("a")
    person("b")
    with pytest.raises(Person.MultipleObjectsReturned, match="2"):
        Person.objects.get()


def test_saving_without_a_required_relation() -> None:
    """A missing key is refused by the database, an unsaved object before it."""
    with pytest.raises(IntegrityError), transaction.atomic("default"):
        Pet.objects.create(name="Rex")
    with pytest.raises(ValueError, match="owner"):
        Pet.objects.create(name="Rex", owner=Person(name="x"))


def test_naive_moments_are_warned_of() -> None:
    """A moment without a zone is taken in the current one, with a warning."""
    with pytest.warns(RuntimeWarning, match="moment"):
        sample = Sample.objects.create(moment=datetime.datetime(2020, 1, 1, 12))

    assert Sample.objects.get(pk=sample.pk).moment == datetime.datetime(
        2020, 1, 1, 12, tzinfo=datetime.UTC
    )
