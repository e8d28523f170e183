"""Content types: a row for each model in each database, kept per database."""

from __future__ import annotations

from typing import Any

import pytest

from manybase import models
from manybase.contrib.contenttypes.creation import create_contenttypes
from manybase.contrib.contenttypes.models import ContentType
from manybase.db import transaction
from manybase.errors import UnknownModel
from manybase.test import CaptureQueriesContext, override_router
from tests.databases import Databases


class Thing(models.Model):
    name = models.CharField(max_length=20)

    class Meta:
        app_label = "content_tests"
        verbose_name = "curious thing"


class ThingProxy(Thing):
    class Meta:
        app_label = "content_tests"
        proxy = True


class App:
    label = "content_tests"

    @staticmethod
    def get_models() -> list[Any]:
        return [Thing, ThingProxy]


@pytest.fixture(autouse=True)
def fresh(db: Databases) -> Any:
    ContentType.objects.clear_cache()
    yield
    ContentType.objects.clear_cache()


def test_a_row_is_made_where_it_is_asked_for() -> None:
    found = ContentType.objects.db_manager("other").get_for_model(Thing)

    assert found._state.db == "other"
    assert found.natural_key() == ("content_tests", "thing")
    assert found.model_class() is Thing
    assert str(found) == "content_tests | curious thing"
    assert not ContentType.objects.filter(app_label="content_tests").exists()


def test_equal_keys_of_two_databases_are_told_apart() -> None:
    here = ContentType.objects.get_for_model(Thing)
    there = ContentType.objects.db_manager("other").get_for_model(Thing)

    assert (here._state.db, there._state.db) == ("default", "other")
    assert ContentType.objects.get_for_id(here.pk)._state.db == "default"
    assert ContentType.objects.db_manager("other").get_for_id(there.pk)._state.db == "other"


def test_what_was_read_is_kept() -> None:
    create_contenttypes(App, using="other")
    manager = ContentType.objects.db_manager("other")
    first = manager.get_for_model(Thing)

    with CaptureQueriesContext() as queries:
        assert manager.get_for_model(Thing) is first
        assert manager.get_for_id(first.pk) is first
        assert manager.get_by_natural_key("content_tests", "thing") is first
    assert len(queries) == 0

    manager.clear_cache()
    with CaptureQueriesContext() as queries:
        manager.get_for_model(Thing)
    assert len(queries) == 1


def test_a_row_that_was_rolled_back_is_not_kept() -> None:
    manager = ContentType.objects.db_manager("other")
    with transaction.atomic("other"):
        manager.get_for_model(Thing)
        manager.get_for_model(Thing)
        transaction.set_rollback(True, using="other")

    assert not manager.filter(app_label="content_tests").exists()
    assert manager.get_for_model(Thing).pk in manager.values_list("pk", flat=True)


def test_a_proxy_has_the_content_type_of_its_model() -> None:
    assert ContentType.objects.get_for_model(ThingProxy).model == "thing"
    own = ContentType.objects.get_for_model(ThingProxy, for_concrete_model=False)
    assert own.model == "thingproxy"
    assert own.model_class() is ThingProxy


def test_several_models_take_one_query() -> None:
    create_contenttypes(App, using="default")

    with CaptureQueriesContext() as queries:
        found = ContentType.objects.get_for_models(Thing, ThingProxy, for_concrete_models=False)

    assert len(queries) == 1
    assert {model: one.model for model, one in found.items()} == {
        Thing: "thing",
        ThingProxy: "thingproxy",
    }


def test_objects_are_read_where_the_routers_say() -> None:
    Thing.objects.using("other").create(pk=1, name="there")
    Thing.objects.create(pk=1, name="here")
    kind = ContentType.objects.get_for_model(Thing)

    assert kind.get_object_for_this_type(pk=1).name == "here"
    assert kind.get_object_for_this_type(using="other", pk=1).name == "there"
    assert [t.name for t in kind.get_all_objects_for_this_type(using="other")] == ["there"]
    with override_router(ReadsOther()):
        assert kind.get_object_for_this_type(pk=1).name == "there"


class ReadsOther:
    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "other" if model is Thing else None


class OnlyDefault:
    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"


def test_none_are_made_where_the_table_does_not_belong() -> None:
    with override_router(OnlyDefault()):
        create_contenttypes(App, using="other")
        create_contenttypes(App, using="default")

    assert not ContentType.objects.using("other").filter(app_label="content_tests").exists()
    assert ContentType.objects.filter(app_label="content_tests").count() == 2


def test_a_model_that_is_gone_is_named() -> None:
    gone = ContentType.objects.create(app_label="content_tests", model="gone")

    assert gone.model_class() is None
    assert gone.name == "gone"
    with pytest.raises(UnknownModel, match=r"content_tests\.gone"):
        gone.get_object_for_this_type(pk=1)


async def test_the_asynchronous_twins_agree() -> None:
    manager = ContentType.objects.db_manager("other")
    found = await manager.aget_for_model(Thing)

    assert (await manager.aget_for_id(found.pk)) == found
    assert (await manager.aget_by_natural_key("content_tests", "thing")) == found
    assert (await manager.aget_for_models(Thing))[Thing] == found
    await Thing.objects.using("other").acreate(pk=5, name="there")
    assert (await found.aget_object_for_this_type(using="other", pk=5)).name == "there"
