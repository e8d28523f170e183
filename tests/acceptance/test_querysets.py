"""What Django's pages on querysets promise and a program with several databases needs."""

from __future__ import annotations

import pickle

import pytest

from manybase import models
from manybase.db import connections
from manybase.errors import CrossDatabaseError, QueryError
from manybase.test.utils import CaptureQueriesContext
from tests.databases import Databases


class Shelf(models.Model):
    label = models.CharField(max_length=20)

    class Meta:
        app_label = "acceptance"
        ordering = ["label"]


class Item(models.Model):
    name = models.CharField(max_length=20)
    shelf = models.ForeignKey(Shelf, models.CASCADE, null=True)

    class Meta:
        app_label = "acceptance"
        ordering = ["name"]


def test_a_query_is_pickled_without_being_run(db: Databases) -> None:
    Item.objects.using("other").create(name="cup")
    Item.objects.using("other").create(name="pan")
    with CaptureQueriesContext(connections["other"]) as captured:
        text = pickle.dumps(Item.objects.using("other").filter(name="cup").query)
        rows = Item.objects.using("other")
        rows.query = pickle.loads(text)
    assert len(captured) == 0
    assert [item.name for item in rows] == ["cup"]
    assert rows.db == "other"
    assert str(rows.query) == str(pickle.loads(text))


def test_a_query_keeps_the_places_of_its_values(db: Databases) -> None:
    shelf = Shelf.objects.using("other").create(label="high")
    query = pickle.loads(pickle.dumps(Item.objects.using("other").filter(shelf=shelf).query))
    rows = Item.objects.using("default")
    with pytest.raises(CrossDatabaseError, match="'other'"):
        rows.query = query


def test_a_query_is_that_of_its_model(db: Databases) -> None:
    rows = Item.objects.all()
    with pytest.raises(QueryError, match=r"'acceptance\.Item' was given the query of"):
        rows.query = Shelf.objects.all().query
