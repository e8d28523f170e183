"""Generic foreign keys and relations beside what the places of queries cover."""

from __future__ import annotations

import pytest

from manybase.contrib.contenttypes.models import ContentType
from tests.behaviour.help import dive, person, pro, queries, titles
from tests.behaviour.models import Book, Person, Review


def test_a_generic_key_points_at_any_model() -> None:
    """The object may be of any model; the key and the type are columns of the row."""
    book, mark = pro(), person("Mark")
    one = Review.objects.create(source="a", content_object=book)
    two = Review.objects.create(source="b", content_object=mark)

    assert Review.objects.get(pk=one.pk).content_object == book
    assert Review.objects.get(pk=two.pk).content_object == mark
    assert one.content_type == ContentType.objects.get_for_model(Book)
    assert two.object_id == mark.pk
    assert Review(source="c").content_object is None


def test_a_generic_key_is_loaded_once() -> None:
    """Reading asks once; a changed key asks again; nothing there gives None."""
    Review.objects.create(source="a", content_object=pro(pk=5))
    other = dive("default", pk=6)
    review = Review.objects.get()
    assert review.content_object.title == "Pro Django"
    with queries(0):
        assert review.content_object.title == "Pro Django"
    review.object_id = 6
    assert review.content_object == other
    review.object_id = 999
    assert review.content_object is None
    review.content_object = None
    assert (review.content_type_id, review.object_id) == (None, None)


def test_generic_managers_make_and_find() -> None:
    """create, get_or_create, filter, set, update and delete of the related rows alone."""
    book, twin = pro(), dive("default")
    twin.reviews.create(source="z")
    book.reviews.create(source="a")
    found, made = book.reviews.get_or_create(source="a")
    assert not made
    found, made = book.reviews.get_or_create(source="b")
    assert made and found.content_object == book
    assert [r.source for r in book.reviews.filter(source="b")] == ["b"]
    book.reviews.set([found])
    assert [r.source for r in book.reviews.all()] == ["b"]
    assert book.reviews.update(source="c") == 1
    book.reviews.all().delete()
    assert [r.source for r in Review.objects.all()] == ["z"]


def test_generic_relations_in_queries() -> None:
    """Filters over a generic relation, orders and excludes."""
    one, two = pro(), dive("default")
    one.reviews.create(source="b")
    two.reviews.create(source="a")
    Review.objects.create(source="a", content_object=person("P", pk=one.pk))

    assert titles(Book.objects.filter(reviews__source="a")) == ["Dive into Python"]
    assert titles(Book.objects.order_by("reviews__source")) == ["Dive into Python", "Pro Django"]
    assert titles(Book.objects.exclude(reviews__source="a")) == ["Pro Django"]


@pytest.mark.transactional
def test_prefetch_of_generic_keys_of_several_models() -> None:
    """One query for each model pointed at."""
    book, mark = pro(), person("Mark")
    for number in range(3):
        Review.objects.create(source=f"a{number}", content_object=book)
        Review.objects.create(source=f"b{number}", content_object=mark)
    ContentType.objects.get_for_model(Person)
    with queries(3):
        found = [r.content_object for r in Review.objects.prefetch_related("content_object")]
    assert found == [book] * 3 + [mark] * 3


def test_an_unsaved_object_cannot_be_pointed_at() -> None:
    """Saving a review of an object that has no key yet raises."""
    review = Review(source="a", content_object=Book(title="x"))

    with pytest.raises(ValueError, match=r"(?i)unsaved|not saved|no key|content_object"):
        review.save()


@pytest.mark.transactional
def test_content_types_are_kept_for_each_database() -> None:
    """The content type of a model is another row on another database."""
    one = ContentType.objects.get_for_model(Book)
    two = ContentType.objects.db_manager("other").get_for_model(Book)

    assert (one._state.db, two._state.db) == ("default", "other")
    assert one.model_class() is Book
    assert one.natural_key() == ("behaviour", "book")
    with queries(0):
        ContentType.objects.get_for_model(Book)
        ContentType.objects.db_manager("other").get_for_model(Book)
    assert ContentType.objects.get_by_natural_key("behaviour", "book") == one
    assert ContentType.objects.get_for_id(one.pk) == one
