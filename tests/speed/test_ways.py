"""A known way to a database is left as soon as something says another one, or another plan."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest

import manybase
from manybase import models, plans
from manybase.conf import settings
from manybase.meta.epoch import epoch
from manybase.models import Case, F, QuerySet, Value, When
from manybase.models.signals import post_init, pre_save
from manybase.routing.router import router
from tests.databases import Databases
from tests.speed.counting import frames_of
from tests.speed.models import Author, Book

pytestmark = pytest.mark.kinds("sqlite")


class ToOther:
    """A router that sends everything to one database."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "other"

    db_for_write = db_for_read


@pytest.fixture(autouse=True)
def authors(db: Databases) -> None:
    Author.objects.using("default").create(name="here")
    Author.objects.using("other").create(name="there")


def _update() -> str:
    assert Author.objects.filter(name__startswith="x").update(name=F("name")) == 0
    return str(Author.objects.filter(pk__gt=0).explain_route().alias)


READS: dict[str, Callable[[], str]] = {
    "iterate": lambda: next(a.name for a in Author.objects.all()),
    "filter": lambda: next(iter(Author.objects.filter(pk__gt=0))).name,
    "get": lambda: Author.objects.get(pk__gt=0).name,
    "queryset's get": lambda: Author.objects.all().get(pk__gt=0).name,
    "first": lambda: Author.objects.order_by("pk").first().name,  # type: ignore[union-attr]
    "count": lambda: "here" if Author.objects.filter(name="here").count() else "there",
    "exists": lambda: "here" if Author.objects.filter(name="here").exists() else "there",
    "values": lambda: Author.objects.values_list("name", flat=True)[0],
    "save": lambda: "here" if _saved("new")._origin.alias == "default" else "there",
}


def _saved(name: str) -> Author:
    author = Author(name=name)
    author.save()
    author.delete()
    return author


@pytest.fixture(params=READS)
def read(request: pytest.FixtureRequest) -> Callable[[], str]:
    """A call that was made before, so that its way is known."""
    call = READS[request.param]
    assert [call() for _ in range(3)] == ["here"] * 3
    return call


def test_a_known_way_asks_no_rule(db: Databases) -> None:
    def known() -> None:
        list(Author.objects.filter(name="here"))

    known()
    known()
    assert not [f for f in frames_of(known) if f.endswith(("decision.py:read", "plan.py:find_on"))]


def test_a_router_is_asked_from_the_moment_that_it_is_set(read: Callable[[], str]) -> None:
    with settings.override(DATABASE_ROUTERS=[ToOther()]):
        assert read() == "there"
    assert read() == "here"
    before = router.routers
    router.routers = [ToOther()]
    try:
        assert read() == "there"
    finally:
        router.routers = before
    assert read() == "here"


def test_a_block_counts(read: Callable[[], str]) -> None:
    with manybase.using("other"):
        assert read() == "there"
    assert read() == "here"


def test_the_setting_of_the_default_counts(read: Callable[[], str]) -> None:
    with settings.override(DEFAULT_ALIAS="other"):
        assert read() == "there"
    assert read() == "here"


def test_the_queryset_of_a_block_stays_with_it() -> None:
    with manybase.using("other"):
        rows = Author.objects.filter(pk__gt=0)
    assert [author.name for author in rows] == ["there"]
    rows = Author.objects.filter(pk__gt=0)
    with manybase.using("other"):
        assert [author.name for author in rows] == ["there"]


def test_updates_follow_too() -> None:
    def write() -> int:
        return Author.objects.filter(name="here").update(name=F("name"))

    assert [write() for _ in range(20)] == [1] * 20
    with manybase.using("other"):
        assert write() == 0
    with settings.override(DATABASE_ROUTERS=[ToOther()]):
        assert write() == 0
    assert write() == 1


def test_listeners_are_called_from_the_moment_that_they_listen() -> None:
    author = Author.objects.get(name="here")
    author.save()
    told = []

    def note(sender: Any, instance: Any, **kwargs: Any) -> None:
        told.append(instance.name)

    pre_save.connect(note)
    post_init.connect(note, sender=Author)
    author.save()
    assert [found.name for found in Author.objects.all()] == ["here"]
    assert told == ["here", "here"]
    del note
    gc.collect()  # the signals hold it weakly
    author.save()
    list(Author.objects.all())
    assert told == ["here", "here"]


def test_fetch_modes_count() -> None:
    Book.objects.create(title="Emma", author=Author.objects.get(name="here"))
    assert len(list(Book.objects.all())) == 1
    with settings.override(FETCH_MODE="peers"):
        one = Book.objects.all()[0]
        assert "_fetch_group" in vars(next(iter(Book.objects.all())))
        assert one.author.name == "here"
    assert "_fetch_group" not in vars(next(iter(Book.objects.all())))


def test_forgotten_plans_are_made_again() -> None:
    list(Author.objects.filter(name="here"))
    plans.clear()
    assert plans.info().size == 0
    list(Author.objects.filter(name="here"))
    assert plans.info().misses == 1


def test_every_change_turns_the_epoch() -> None:
    marks = [epoch.mark]
    with settings.override(USE_TZ=False):
        marks.append(epoch.mark)
    marks.append(epoch.mark)
    plans.clear()
    marks.append(epoch.mark)

    class Later(models.Model):
        class Meta:
            app_label = "ways"

    marks.append(epoch.mark)
    assert len({id(mark) for mark in marks}) == 5


def test_a_value_of_an_update_is_read_once(db: Databases) -> None:
    for _ in range(2):
        once = (key for key in Author.objects.values_list("pk", flat=True))
        hit = Case(When(pk__in=once, then=Value("hit")), default=Value("miss"))
        Author.objects.update(name=hit)
        assert Author.objects.get().name == "hit"
        plans.clear()


def test_a_kept_beginning_belongs_to_no_block() -> None:
    class Begun(models.Model):
        class Meta:
            app_label = "ways"

    with manybase.using("other"):
        assert Begun.objects.filter(pk=1).block == "other"
    assert Begun.objects._start.block is None
    assert Begun.objects.filter(pk=1).block is None


def test_a_program_may_call_a_method_placement() -> None:
    class Placing(QuerySet[Any]):
        def placement(self) -> Any:
            return self.filter(pk=1)

    class Placeable(models.Model):
        objects = Placing.as_manager()

        class Meta:
            app_label = "ways"

    assert Placeable.objects.all().placement().params == (1,)
    assert Placeable.objects.placement().params == (1,)
