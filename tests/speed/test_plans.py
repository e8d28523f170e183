"""The plan cache: counted, bounded, not blown up; ``test_shared_plans`` has threads and tasks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import manybase
from manybase import plans
from manybase.query.plan import Plans
from manybase.query.plan import plans as cache
from tests.databases import Databases
from tests.speed.models import Author


@pytest.fixture
def small_cache(monkeypatch: pytest.MonkeyPatch) -> Iterator[Plans]:
    """So few plans fit that threads drop each other's all the time."""
    cache.clear()
    monkeypatch.setattr(cache, "largest", 8)
    yield cache
    cache.clear()


def test_plans_are_counted(db: Databases) -> None:
    cache.clear()
    assert plans.info()[:3] == (0, 0, 0)
    Author.objects.filter(name="a").count()
    Author.objects.filter(name="b").count()
    info = plans.info()
    assert (info.hits, info.misses, info.size) == (1, 1, 1)
    assert info.largest == cache.largest
    assert manybase.plans is plans


@pytest.mark.kinds("sqlite")
def test_the_cache_is_bounded(db: Databases, small_cache: Plans) -> None:
    for number in range(30):
        list(Author.objects.order_by(*["name", "-name"] * number))
        assert plans.info().size <= 8
    assert plans.info().misses == 30


def test_lengths_of_lists_make_few_plans(db: Databases) -> None:
    before = plans.info().misses
    for length in range(1, 200):
        list(Author.objects.filter(pk__in=range(length)))
    assert plans.info().misses - before <= 10


def test_numbers_of_rows_make_few_plans(db: Databases) -> None:
    before = plans.info().misses
    for count in range(1, 60):
        Author.objects.bulk_create([Author(name="x") for _ in range(count)])
    assert plans.info().misses - before <= 3
