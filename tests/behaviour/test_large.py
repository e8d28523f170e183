"""Numbers of rows beyond what one statement can carry as parameters."""

from __future__ import annotations

import pytest

from manybase.models import prefetch_related_objects
from tests.behaviour.help import person, queries
from tests.behaviour.models import Book, Person, Pet

#: More than the parameters of one statement: SQLite takes 32,766, PostgreSQL 65,535.
MANY = {"sqlite": 33_000, "postgresql": 66_000}

pytestmark = [pytest.mark.kinds("sqlite", "postgresql"), pytest.mark.timeout(240)]


def test_many_rows_are_made_found_and_deleted(places) -> None:
    """bulk_create, in_bulk, prefetch, long lists and delete work in pieces."""
    number = MANY[places.kind]
    owner = person("Owner", "other")
    pets = [Pet(name=f"{n:06}", owner=owner) for n in range(number)]

    made = Pet.objects.using("other").bulk_create(pets)
    keys = [pet.pk for pet in made]
    assert len(set(keys)) == number
    assert made[-1]._state.db == "other"

    found = Pet.objects.using("other").in_bulk(keys)
    assert len(found) == number
    assert Pet.objects.using("other").filter(pk__in=keys).count() == number
    assert not Pet.objects.using("other").exclude(pk__in=keys).exists()

    again = list(found.values())
    with queries(1):
        prefetch_related_objects(again, "owner")
    assert again[7].owner == owner

    total, by_label = owner.delete()
    assert by_label == {"behaviour.Pet": number, "behaviour.Person": 1}
    assert total == number + 1


def test_links_of_many_objects(places) -> None:
    """add(), prefetch and set() of more links than one statement carries."""
    number = MANY[places.kind] // 2 + 10
    book = Book.objects.create(title="x")
    people = Person.objects.bulk_create(Person(name=str(n)) for n in range(number))

    book.authors.add(*people)
    assert book.authors.count() == number
    prefetch_related_objects(people, "book_set")
    assert [b.title for b in people[-1].book_set.all()] == ["x"]
    book.authors.set(people[:2])
    assert book.authors.count() == 2


def test_iterating_does_not_keep_the_rows(places) -> None:
    """iterator() and streaming loops read many rows in pieces."""
    Person.objects.bulk_create(Person(name=str(n)) for n in range(5000))

    seen = sum(1 for _ in Person.objects.iterator(chunk_size=500))

    assert seen == 5000
