"""Managers and querysets of one's own, and what ``_meta`` tells of a model."""

from __future__ import annotations

import pytest

from manybase import models
from manybase.errors import FieldDoesNotExist
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
