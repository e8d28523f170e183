"""The number of statements that saves, bulk work, links and deletes take."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from manybase.contrib.contenttypes.models import ContentType
from tests.counts.help import counted
from tests.databases import Databases
from tests.language.models import Chapter, Profile, Publisher, Title
from tests.language.rows import make_shop


@pytest.fixture
def own(databases: Databases) -> Iterator[SimpleNamespace]:
    """Rows for one test that writes."""
    ContentType.objects.clear_cache()
    with databases.rolled_back():
        yield make_shop("other")
    ContentType.objects.clear_cache()


def test_saves(own: SimpleNamespace) -> None:
    assert counted(lambda: Publisher.objects.using("other").create(name="New")) == {"other": 1}
    assert counted(own.A.save) == {"other": 1}
    assert counted(lambda: own.A.save(update_fields=["pages"])) == {"other": 1}
    new = Title(name="N", published=own.A.published, publisher=own.orb)
    assert counted(new.save) == {"other": 1}
    assert counted(own.A.refresh_from_db) == {"other": 1}


def test_bulk_work(own: SimpleNamespace) -> None:
    houses = Publisher.objects.using("other")
    many = [Publisher(name=str(number)) for number in range(50)]
    assert counted(lambda: houses.bulk_create(many)) == {"other": 1}
    some = list(houses.order_by("pk"))
    assert counted(lambda: houses.update(city="X")) == {"other": 1}
    assert counted(lambda: houses.bulk_update(some, ["city"])) == {"other": 1}
    assert counted(lambda: houses.get_or_create(name="Orb")) == {"other": 1}
    assert counted(lambda: houses.get_or_create(name="Fresh")) == {"other": 2}


def test_links(own: SimpleNamespace) -> None:
    """Adding asks which links there are, where the database cannot be told to leave them."""
    authors = own.C.authors
    assert counted(lambda: authors.add(own.ada, own.bob))["other"] <= 2
    assert counted(lambda: authors.remove(own.ada)) == {"other": 1}
    assert counted(lambda: authors.set([own.bob]))["other"] <= 2
    assert counted(authors.clear) == {"other": 1}
    assert counted(lambda: own.orb.titles.add(own.D)) == {"other": 1}
    assert counted(lambda: own.orb.titles.remove(own.D)) == {"other": 1}
    assert counted(lambda: own.orb.titles.create(name="M", published=own.A.published)) == {
        "other": 1
    }


def test_deletes(own: SimpleNamespace) -> None:
    """One statement where nothing depends; else those who depend are found or deleted first."""
    chapters = Chapter.objects.using("other")
    assert counted(chapters.filter(number=2).delete) == {"other": 1}
    assert counted(chapters.get(title=own.E).delete) == {"other": 1}
    assert counted(Profile.objects.using("other").get().delete) == {"other": 1}
    # Its remarks are found; links, chapters, the title and the remarks are deleted.
    assert counted(own.A.delete) == {"other": 5}
    # An author's pupils lose their mentor; profile, friends (both ways), links and remarks go.
    assert counted(own.ada.delete)["other"] <= 8
