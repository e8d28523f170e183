"""Managers and querysets of one's own, and what ``_meta`` tells of a model."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import manybase
from manybase import models
from manybase.errors import FieldDoesNotExist
from manybase.runtime.events import capture
from tests.behaviour.help import names, person
from tests.behaviour.models import (
    Article,
    ArticleQuerySet,
    Book,
    Category,
    LiveManager,
    Member,
    Novelist,
    Person,
    Restaurant,
)


@pytest.fixture(autouse=True)
def articles(places) -> None:
    ann = person("Ann")
    Article.objects.create(headline="on", live=True, writer=ann)
    Article.objects.create(headline="off", live=False, writer=ann)
    Article.objects.using("other").create(headline="far", live=True)


def headlines(queryset) -> list[str]:
    return [one.headline for one in queryset]


def test_a_queryset_becomes_a_manager() -> None:
    """as_manager() gives a manager that has the queryset's own methods, chained too."""
    assert headlines(Article.objects.published()) == ["on"]
    assert headlines(Article.objects.named("off")) == ["off"]
    assert headlines(Article.objects.filter(headline="on").published().named("on")) == ["on"]
    assert headlines(Article.objects.using("other").published()) == ["far"]
    assert isinstance(Article.objects.all(), ArticleQuerySet)


def test_a_manager_narrows_what_there_is() -> None:
    """A manager's get_queryset() is where its queries begin."""
    assert headlines(Article.current.all()) == ["on"]
    assert Article.current.headlines() == ["on"]
    assert Article.current.count() == 1
    assert Article.current.using("other").count() == 1
    assert Article.current.db_manager("other").headlines() == ["far"]
    with pytest.raises(Article.DoesNotExist):
        Article.current.get(headline="off")


def test_from_queryset_makes_a_manager_class() -> None:
    """Manager.from_queryset() joins a manager's methods and a queryset's."""
    made = LiveManager.from_queryset(ArticleQuerySet)

    assert issubclass(made, LiveManager)
    assert hasattr(made, "named") and hasattr(made, "headlines")


def test_related_managers_have_the_queryset_s_methods() -> None:
    """The manager of a reverse relation is one of the model's default manager class."""
    ann = Person.objects.get(name="Ann")

    assert headlines(ann.article_set.published()) == ["on"]
    assert ann.article_set.count() == 2
    with pytest.raises(AttributeError):
        ann.article_set.headlines  # noqa: B018 - of another manager


def test_managers_are_of_the_class() -> None:
    """A manager cannot be read from an object; the default one is the first."""
    with pytest.raises(AttributeError, match=r"(?i)manager"):
        Article().objects  # noqa: B018 - reading is the act
    assert Article._default_manager.name == "objects"
    assert [manager.name for manager in Article._meta.managers] == ["objects", "current"]
    assert Novelist.objects.model is Novelist


def test_meta_lists_fields() -> None:
    """_meta.get_fields() has the fields, relations from elsewhere and the generic ones."""
    found = {field.name for field in Book._meta.get_fields()}

    assert found == {
        "id",
        "title",
        "published",
        "editor",
        "pages",
        "authors",
        "reviews",
        "chapter",
    }
    assert Book._meta.pk.name == "id"
    assert Book._meta.get_field("title").max_length == 100
    assert Book._meta.get_field("editor").related_model is Person
    assert Person._meta.get_field("edited").related_model is Book
    assert Restaurant._meta.get_field("name").model._meta.object_name == "Place"
    assert "hidden" not in {f.name for f in Member._meta.get_fields()}
    with pytest.raises(FieldDoesNotExist, match="titel"):
        Book._meta.get_field("titel")


def test_meta_tells_names() -> None:
    """Labels, tables and verbose names."""
    assert Book._meta.label == "behaviour.Book"
    assert Book._meta.label_lower == "behaviour.book"
    assert Book._meta.db_table == "behaviour_book"
    assert str(Book._meta.verbose_name_plural) == "books"
    assert Book._meta.ordering == ("title",)
    assert Novelist._meta.db_table == Person._meta.db_table
    assert Book.authors.through._meta.db_table == "behaviour_book_authors"


def test_models_may_be_named_by_strings() -> None:
    """``"self"`` and a model's name resolve; the accessors are there."""
    assert Category._meta.get_field("parent").related_model is Category
    root = Category.objects.create(name="root")
    root.children.create(name="leaf")
    assert names(root.children.all()) == ["leaf"]


def test_managers_keep_arguments_of_their_own() -> None:
    """A manager made with arguments keeps them on every database."""

    class Sized(models.Manager):
        def __init__(self, size: int = 0) -> None:
            super().__init__()
            self.size = size

    class Sack(models.Model):
        objects = Sized(3)

        class Meta:
            app_label = "behaviour_managers"

    assert Sack.objects.size == 3
    assert Sack.objects.db_manager("other").size == 3


class Noting(models.QuerySet):
    """A queryset with state of its own, which every call has to keep."""

    note = ""

    def noting(self, note: str) -> Noting:
        new = self._clone()
        new.note = note
        return new

    def _clone(self) -> Noting:
        new = super()._clone()
        new.note = self.note
        return new


class Chaining(models.QuerySet):
    """The same, by the other name."""

    note = ""

    def _chain(self) -> Chaining:
        new = super()._chain()
        new.note = self.note
        return new


class Mixed:
    """The same, in a class that is no queryset."""

    note = ""

    def _chain(self) -> Any:
        new = super()._chain()
        new.note = self.note
        return new


class Mixing(Mixed, models.QuerySet):
    """A queryset that has it from there."""


class Both(Chaining):
    """More state, by the other name."""

    more = ""

    def _clone(self) -> Both:
        new = super()._clone()
        new.more = self.more
        return new


@pytest.mark.parametrize("rows", [Noting, Chaining, Mixing, Both], ids=lambda one: one.__name__)
def test_querysets_keep_state_of_their_own(rows: type[models.QuerySet]) -> None:
    """What a queryset's own _clone() copies is there after every call, known or new."""
    start = rows(Article)
    start.note = "kept"

    for _ in range(2):
        for made in (
            start.all(),
            start.filter(headline="on"),
            start.filter(models.Q(headline="on") | models.Q(headline="off")),
            start.exclude(headline="on"),
            start.order_by("headline"),
            start.annotate(n=models.Count("writer")),
            start.values("headline"),
            start.using("other"),
            start.order_by("pk")[:1],
            start.distinct(),
        ):
            assert made.note == "kept"
            assert made.all().note == "kept"


def test_querysets_keep_the_state_of_their_parents_too() -> None:
    """What _chain() and what _clone() copies is both there, each in its own class."""
    start = Both(Article)
    start.note, start.more = "kept", "too"
    for made in (start.filter(headline="on"), start.order_by("pk"), start.all()):
        assert (made.note, made.more) == ("kept", "too")


class PicklingManager(models.Manager):
    """A manager with a __getstate__ of its own."""

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__.copy()


def test_pickling_a_manager_reads_nothing() -> None:
    """Whatever a manager's own __getstate__ gives, no rows are among it."""
    manager = PicklingManager()
    manager.model, manager.name = Person, "objects"
    assert names(manager.filter(name="Ann")) == ["Ann"]
    with capture() as sent:
        copy = pickle.loads(pickle.dumps(manager))
    assert not sent
    assert names(copy.filter(name="Ann")) == ["Ann"]
    manager._db = "other"
    assert names(manager.filter(name="Ann")) == []


def test_managers_are_equal_whatever_they_were_asked() -> None:
    """What a manager remembers of its calls is no part of it: not compared, not pickled."""
    asked, again = Person.objects.db_manager("default"), Person.objects.db_manager("default")
    asked.filter(name="Ann")

    assert asked == again
    with capture() as sent:
        copy = pickle.loads(pickle.dumps(asked))
    assert not sent
    assert names(copy.filter(name="Ann")) == ["Ann"]


def test_a_manager_follows_the_block_that_each_call_is_made_in() -> None:
    """A call that was made before takes the block of its own time."""
    for _ in range(3):
        assert headlines(Article.objects.filter(headline="far")) == []
        with manybase.using("other"):
            inside = Article.objects.filter(headline="far")
            both = Article.objects.filter(models.Q(headline="far") | models.Q(headline="on"))
        assert headlines(inside) == ["far"]
        assert headlines(both) == ["far"]
