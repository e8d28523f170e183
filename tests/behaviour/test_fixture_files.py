"""Fixtures go into the databases that they are for (B48, B49)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from manybase.conf import settings
from manybase.errors import FixtureError
from manybase.fixtures import load
from tests.behaviour.help import names, routed, titles
from tests.behaviour.models import Book, Person, Pet
from tests.behaviour.routers import NoPetsRouter

BOTH = ["default", "other"]


@pytest.fixture(autouse=True)
def folder(places) -> Iterator[None]:
    with settings.override(FIXTURE_DIRS=[str(Path(__file__).parent / "fixtures")]):
        yield


def test_common_files_go_everywhere_and_named_ones_into_their_own() -> None:
    """B48: ``name.json`` is loaded into all, ``name.<alias>.json`` into its database alone."""
    load("library-common", "library", using=BOTH)

    assert titles(Book.objects.using("default")) == ["Pro Django", "The Guide"]
    assert titles(Book.objects.using("other")) == ["Dive into Python", "The Guide"]
    assert names(Person.objects.using("default")) == ["George", "Marty"]
    assert names(Person.objects.using("other")) == ["Chris", "Mark"]


def test_natural_keys_and_forward_references() -> None:
    """B48: relations by natural key to objects that come later in the file."""
    load("library", using=BOTH)

    pro = Book.objects.using("default").get(title="Pro Django")
    assert (pro.editor.name, names(pro.authors.all())) == ("George", ["Marty"])
    dive = Book.objects.using("other").get(title="Dive into Python")
    assert (dive.editor.name, names(dive.authors.all())) == ("Chris", ["Mark"])
    assert dive.editor._state.db == "other"


def test_a_fixture_that_is_refused_loads_nothing_and_says_so() -> None:
    """B49: objects that no router allows there are passed over, and counted."""
    with routed(NoPetsRouter()):
        result = load("pets", using="default")

    assert (result.found, result.loaded) == (2, 0)
    assert "0 object(s) (of 2)" in str(result)
    assert not Pet.objects.using("default").exists()


def test_lines_are_read_and_read_again() -> None:
    """JSONL files; loading twice changes nothing."""
    load("lines", using="other")
    load("lines", using="other")

    assert list(Person.objects.using("other").values_list("pk", "name")) == [(1, "Ann"), (2, "Ben")]
    assert Person.objects.using("other").create(name="Cat").pk not in (1, 2)


def test_a_missing_fixture_is_named() -> None:
    """The error names what was looked for."""
    with pytest.raises(FixtureError, match="librari") as raised:
        load("librari", using="default")

    assert "library" in str(raised.value)
