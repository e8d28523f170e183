"""Names that do not exist: fields, lookups, aliases, models; the hint says which was meant."""

from __future__ import annotations

import pytest

import manybase
from manybase import models
from manybase.apps import apps
from manybase.db import connections
from manybase.errors import (
    ConfigurationError,
    FieldError,
    ManybaseError,
    UnexpectedKeyword,
    UnknownAlias,
    UnknownModel,
)
from manybase.models import F, Q
from tests.behaviour.models import Book, Person

pytestmark = pytest.mark.usefixtures("places")


def hinted(kind: type[ManybaseError], *words: str):
    """Expect an error whose text has these words."""
    return pytest.raises(kind, match="(?s)" + "".join(f"(?=.*{word})" for word in words))


CALLS = {
    "filter": lambda: Book.objects.filter(titel="x"),
    "exclude": lambda: Book.objects.exclude(titel="x"),
    "get": lambda: Book.objects.get(titel="x"),
    "Q": lambda: Book.objects.filter(Q(title="x") | ~Q(titel="x")),
    "order_by": lambda: Book.objects.order_by("titel"),
    "descending order_by": lambda: Book.objects.order_by("-titel"),
    "values": lambda: Book.objects.values("titel"),
    "values_list": lambda: Book.objects.values_list("titel", flat=True),
    "only": lambda: Book.objects.only("titel"),
    "defer": lambda: Book.objects.defer("titel"),
    "F": lambda: Book.objects.filter(title=F("titel")),
    "update": lambda: Book.objects.update(titel="x"),
    "dates": lambda: Book.objects.dates("titel", "year"),
    "earliest": lambda: Book.objects.earliest("titel"),
    "lookup of an unknown field": lambda: Book.objects.filter(titel__icontains="x"),
    "related": lambda: Person.objects.filter(edited__titel="x"),
}


@pytest.mark.parametrize("name", CALLS)
def test_unknown_fields_are_refused_when_the_call_is_made(name: str) -> None:
    """The error names the field and the model and suggests the right name; nothing has run."""
    with hinted(FieldError, "'titel'", "Book", "Did you mean 'title'") as raised:
        CALLS[name]()

    assert raised.value.code.startswith("MB-")


def test_a_name_that_is_like_none_lists_the_choices() -> None:
    """Where nothing is close all names are listed."""
    with hinted(FieldError, "'zzz'", "authors", "editor", "pages", "title"):
        Book.objects.filter(zzz=1)


def test_unknown_relations_in_the_middle_name_their_part() -> None:
    """The part of a path that is wrong is the one named."""
    with hinted(FieldError, "'nam'", "Person", "Did you mean 'name'"):
        Book.objects.filter(editor__nam__icontains="x")
    with hinted(FieldError, "'editr'", "Did you mean 'editor'"):
        Book.objects.filter(editr__name="x")


def test_unknown_fields_in_the_constructor() -> None:
    """A model's constructor and create() suggest the right name; it is a TypeError too."""
    with hinted(UnexpectedKeyword, "'titel'", "Book", "Did you mean 'title'") as raised:
        Book(titel="x")
    assert isinstance(raised.value, TypeError)
    with hinted(UnexpectedKeyword, "Did you mean 'title'"):
        Book.objects.create(titel="x")
    with pytest.raises(TypeError):
        Book(1, "x", None, None, 3, 4, 5, 6)


def test_unknown_lookups_are_refused() -> None:
    """A lookup that is none is named and the nearest suggested."""
    with hinted(FieldError, "'contain'", "Did you mean '(contains|icontains)'"):
        Book.objects.filter(title__contain="x")
    with hinted(FieldError, "'yeer'", "Did you mean 'year'"):
        Book.objects.filter(published__yeer=2001)
    with hinted(FieldError, "'name'"):
        Book.objects.filter(title__name="x")
    with hinted(FieldError, "'year'"):
        Book.objects.filter(title__year=2001)


def test_unknown_relations_of_loading() -> None:
    """select_related and prefetch_related name what cannot be followed."""
    with hinted(FieldError, "'editr'", "editor"):
        list(Book.objects.select_related("editr"))
    with hinted(ManybaseError, "'authors'"):
        list(Book.objects.select_related("authors"))
    Book.objects.create(title="x")
    with pytest.raises((AttributeError, ManybaseError), match="autors"):
        list(Book.objects.prefetch_related("autors"))


def test_unknown_aliases_are_listed() -> None:
    """The aliases there are stand in the message, the nearest in the hint."""
    for act in (
        lambda: list(Book.objects.using("othr")),
        lambda: Book(title="x").save(using="othr"),
        lambda: connections["othr"],
        lambda: manybase.using("othr").__enter__(),
        lambda: Book.objects.db_manager("othr").create(title="x"),
    ):
        with hinted(UnknownAlias, "'othr'", "default", "other") as raised:
            act()
        assert raised.value.hint


def test_unknown_models() -> None:
    """get_model() and a relation by string suggest the right model."""
    with hinted(UnknownModel, "behaviour.Boook", "Did you mean 'behaviour.Book'"):
        apps.get_model("behaviour.Boook")
    with pytest.raises(LookupError):
        apps.get_model("behaviour", "Boook")


def test_a_relation_to_a_model_that_is_not_there() -> None:
    """Using a relation whose target was never defined names it."""

    class Lonely(models.Model):
        friend = models.ForeignKey("Freind", on_delete=models.CASCADE)

        class Meta:
            app_label = "errors_lonely"

    with hinted(ManybaseError, "errors_lonely.(F|f)reind"):
        list(Lonely.objects.filter(friend__name="x"))


def test_unknown_options_of_meta() -> None:
    """A slip in Meta is found when the class is made."""
    with hinted(ConfigurationError, "'orderin'", "Did you mean 'ordering'"):

        class Wrong(models.Model):
            class Meta:
                app_label = "errors_meta"
                orderin = ("x",)


def test_a_field_name_that_cannot_be_used() -> None:
    """Two underscores separate names in queries and cannot be in a name."""
    with hinted(ConfigurationError, "'a__b'"):

        class Wrong(models.Model):
            a__b = models.IntegerField()

            class Meta:
                app_label = "errors_field"


def test_assigning_an_unknown_attribute_is_python_s_affair() -> None:
    """An object takes attributes that are no fields; they are not stored."""
    book = Book(title="x")
    book.mood = "good"
    book.save()

    assert not hasattr(Book.objects.get(), "mood")
