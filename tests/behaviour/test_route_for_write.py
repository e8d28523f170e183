"""Every write of a related manager asks for a write route with its owner (B61 to B76)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.behaviour.help import date, person, pro, routed
from tests.behaviour.models import Book, Person, Pet
from tests.behaviour.routers import RouterUsed, WriteCheckRouter

THROUGH = Book.authors.through


class Things:
    """A linked book and author, an owner with a pet."""

    def __init__(self) -> None:
        self.owner = person("Someone")
        self.pet = Pet.objects.create(name="fido", owner=self.owner)
        self.author = person("Marty")
        self.book = pro()
        self.book.authors.add(self.author)


CASES: list[tuple[str, Callable[[Things], Any], Any, str]] = [
    ("B61 delete of a key's target", lambda t: t.pet.owner.delete(), Person, "owner"),
    ("B62 delete of a reverse queryset", lambda t: t.owner.pet_set.all().delete(), Pet, "owner"),
    (
        "B63 reverse get_or_create",
        lambda t: t.owner.pet_set.get_or_create(name="fido"),
        Pet,
        "owner",
    ),
    ("B64 reverse update", lambda t: t.owner.pet_set.update(name="max"), Pet, "owner"),
    ("B65 add", lambda t: t.book.authors.add(t.author), THROUGH, "book"),
    ("B66 clear", lambda t: t.book.authors.clear(), THROUGH, "book"),
    ("B67 delete of a queryset", lambda t: t.book.authors.all().delete(), Person, "book"),
    (
        "B68 get_or_create",
        lambda t: t.book.authors.get_or_create(name="Someone else"),
        Book,
        "book",
    ),
    ("B69 remove", lambda t: t.book.authors.remove(t.author), THROUGH, "book"),
    ("B70 update", lambda t: t.book.authors.update(name="Different"), Person, "book"),
    ("B71 reverse add", lambda t: t.author.book_set.add(t.book), THROUGH, "author"),
    ("B72 reverse clear", lambda t: t.author.book_set.clear(), THROUGH, "author"),
    ("B73 delete of a reverse set", lambda t: t.author.book_set.all().delete(), Book, "author"),
    (
        "B74 reverse get_or_create of links",
        lambda t: t.author.book_set.get_or_create(title="New", published=date("2020-01-01")),
        Person,
        "author",
    ),
    ("B75 reverse remove", lambda t: t.author.book_set.remove(t.book), THROUGH, "author"),
    ("B76 reverse update of links", lambda t: t.author.book_set.update(title="D"), Book, "author"),
]


@pytest.mark.parametrize(
    ("act", "model", "owner"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_write_asks_with_its_model_and_its_owner(
    act: Callable[[Things], Any], model: Any, owner: str
) -> None:
    """B61 to B76: db_for_write is asked with the model that is written and instance=owner."""
    things = Things()

    with routed(WriteCheckRouter()), pytest.raises(RouterUsed) as raised:
        act(things)

    assert raised.value.model is model
    assert raised.value.hints == {"instance": getattr(things, owner)}
