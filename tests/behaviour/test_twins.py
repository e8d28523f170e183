"""Each method that asks a database has an ``a`` twin with the same parameters."""

from __future__ import annotations

import inspect

import pytest

from manybase import models
from manybase.models import Model, QuerySet
from tests.behaviour.help import Face, both, pro
from tests.behaviour.models import Article, Book, Category, Person, UserProfile

TERMINALS = (
    *("get", "first", "last", "latest", "earliest", "count", "exists", "contains", "in_bulk"),
    *("create", "get_or_create", "update_or_create", "bulk_create", "bulk_update"),
    *("update", "delete", "iterator"),
)

OF_MODELS = (
    *("save", "delete", "refresh_from_db", "full_clean"),
    *("validate_unique", "validate_constraints"),
)

LINKS = ["add", "remove", "clear", "set", "create", "get_or_create", "update_or_create"]


def parameters(function) -> list[tuple[str, object, object]]:
    found = inspect.signature(function).parameters.values()
    return [(one.name, one.kind, one.default) for one in found]


def same(owner, name: str) -> None:
    twin = getattr(owner, f"a{name}", None)
    assert twin is not None, f"{owner} has no a{name}"
    assert parameters(getattr(owner, name)) == parameters(twin), name
    iterates = str(inspect.signature(twin).return_annotation).startswith("AsyncIterator")
    assert iterates or inspect.iscoroutinefunction(twin), f"a{name} cannot be awaited"


@pytest.mark.parametrize("name", TERMINALS)
def test_terminals_of_querysets_have_twins(name: str) -> None:
    """Every method of a queryset that runs a statement."""
    same(QuerySet, name)


@pytest.mark.parametrize("name", [name for name in TERMINALS if name != "delete"])
def test_terminals_of_managers_have_twins(name: str) -> None:
    """The same on managers, those of querysets of one's own too."""
    for manager in (Person.objects, Article.objects):
        assert parameters(getattr(manager, name)) == parameters(getattr(manager, f"a{name}"))


@pytest.mark.parametrize("name", OF_MODELS)
def test_methods_of_models_have_twins(name: str) -> None:
    """Every method of an object that runs a statement."""
    same(Model, name)


@pytest.mark.parametrize("name", LINKS)
def test_methods_of_related_managers_have_twins(name: str) -> None:
    """Every method of the managers of relations: links, reverse keys, generic."""
    book, person = pro(), Person.objects.create(name="Mark")
    for manager in (book.authors, person.book_set, person.edited, book.reviews):
        same(manager, name)


def test_reverse_keys_that_cannot_be_null_have_no_remove() -> None:
    """Where the key cannot be null a related object cannot be taken out."""
    person = Person.objects.create(name="Mark")

    for name in ("remove", "clear"):
        with pytest.raises(AttributeError):
            getattr(person.pet_set, name)


def test_nothing_public_lacks_its_twin() -> None:
    """No public method of a queryset has an ``a`` twin without being in the lists above."""
    methods = {name for name, _ in inspect.getmembers(QuerySet, inspect.isfunction)}
    with_twin = {name for name in methods if f"a{name}" in methods and not name.startswith("_")}

    assert with_twin >= set(TERMINALS)
    for name in with_twin:
        same(QuerySet, name)


def test_functions_have_twins() -> None:
    """prefetch_related_objects() and create_tables() too."""
    same(models, "prefetch_related_objects")
    same(models, "create_tables")


@pytest.mark.transactional
@both
async def test_neighbours_in_both_faces(face: Face) -> None:
    """get_next_by_X has a twin that finds the same."""
    one = await face.call(Book.objects, "create", title="a", published="2001-01-01")
    two = await face.call(Book.objects, "create", title="b", published="2002-01-01")
    await face.call(one, "refresh_from_db")

    assert await face.call(one, "get_next_by_published") == two
    with pytest.raises(Book.DoesNotExist):
        await face.call(one, "get_previous_by_published")


@pytest.mark.transactional
async def test_relations_are_loaded_by_awaiting() -> None:
    """On the asynchronous face relations are read through select_related or a twin."""
    root = await Category.objects.acreate(name="root")
    leaf = await Category.objects.acreate(name="leaf", parent=root)

    found = await Category.objects.select_related("parent").aget(pk=leaf.pk)
    assert found.parent == root
    assert [one.name async for one in root.children.all()] == ["leaf"]
    assert await root.children.acount() == 1


@pytest.mark.transactional
async def test_one_to_one_in_a_loop() -> None:
    """Accounts are made in a loop as well."""
    from manybase.contrib.auth.models import User

    user = await User.objects.acreate_user("alice", "alice@example.com", "words")
    await UserProfile.objects.acreate(user=user, flavor="mint")

    found = await User.objects.select_related("userprofile").aget(username="alice")
    assert found.userprofile.flavor == "mint"
    assert await found.acheck_password("words")


@pytest.mark.transactional
async def test_a_related_object_is_fetched_by_name() -> None:
    """afetch() loads a relation or a deferred field without blocking the loop."""
    mark = await Person.objects.using("other").acreate(name="Mark")
    await Book.objects.using("other").acreate(title="x", editor=mark)

    book = await Book.objects.using("other").defer("pages").aget()
    assert await book.afetch("editor") == mark
    assert book.editor == mark
    assert await book.afetch("pages") == 100
    assert (book.pages, book.editor._state.db) == (100, "other")
