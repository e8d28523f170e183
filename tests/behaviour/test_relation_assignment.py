"""allow_relation is asked even for two objects that are nowhere yet (B77, B78)."""

from __future__ import annotations

import pytest

from manybase.contrib.auth.models import User
from manybase.errors import CrossDatabaseError
from tests.behaviour.help import person, pro, routed
from tests.behaviour.models import Book, Person, UserProfile
from tests.behaviour.routers import NoRelationRouter, RecordingRouter


def test_assignment_of_unsaved_objects_asks_the_routers() -> None:
    """B77: a foreign key between two unsaved objects may be refused."""
    book, mark = Book(title="x"), Person(name="Mark")

    with routed(NoRelationRouter()), pytest.raises(ValueError, match="editor") as raised:
        book.editor = mark

    assert isinstance(raised.value, CrossDatabaseError)


def test_reverse_one_to_one_assignment_asks_the_routers() -> None:
    """B78: a one-to-one relation set from its far end may be refused."""
    user, profile = User(username="alice"), UserProfile(flavor="mint")

    with routed(NoRelationRouter()), pytest.raises(ValueError, match="user"):
        user.userprofile = profile


def test_many_to_many_links_ask_the_routers() -> None:
    """add() between objects of one database asks as well."""
    book, mark = pro(), person("Mark")

    with routed(NoRelationRouter()), pytest.raises(ValueError, match="authors"):
        book.authors.add(mark)
    assert not Book.authors.through.objects.exists()


def test_no_opinion_means_the_same_database() -> None:
    """A router that answers None leaves the rule of one database."""
    router = RecordingRouter()
    with routed(router):
        book = pro()
        book.editor = person("Mark")

        with pytest.raises(CrossDatabaseError):
            book.editor = person("Chris", "other")
    assert len(router.relations) == 2
