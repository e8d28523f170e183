"""Fetch modes: what reading something does that was not loaded, with the statements counted."""

from __future__ import annotations

import gc
import pickle
from typing import Any

import pytest

from manybase import models
from manybase.conf import settings
from manybase.errors import ConfigurationError, FieldFetchBlocked
from manybase.models import FETCH_ONE, FETCH_PEERS, FETCH_RAISE
from manybase.models.fetch_modes import grouped, mark
from manybase.runtime import events
from tests.models.shelf import Shelf, Ticket, Volume
from tests.relations.models import Note, Novel, Portrait, Writer


def read(mode: Any, rows: Any = None) -> list[Any]:
    """Objects as a queryset with this mode gives them."""
    found = list(Volume.objects.order_by("title") if rows is None else rows)
    mark(found, mode)
    return found


@pytest.fixture
def volumes(db: Any) -> None:
    for alias in ("default", "other"):
        for name in "abc":
            shelf = Shelf.objects.using(alias).create(name=name)
            Volume.objects.using(alias).create(title=f"{alias[0]}{name}", shelf=shelf)
        Volume.objects.using(alias).create(title=f"{alias[0]}z")


@pytest.mark.usefixtures("volumes")
class TestRelations:
    """Foreign keys."""

    def test_one(self) -> None:
        first, second, *_ = read(FETCH_ONE)
        with events.capture() as captured:
            assert first.shelf.name == "a"
            assert second.shelf.name == "b"
        assert len(captured) == 2

    def test_peers_are_loaded_by_one_query(self) -> None:
        first, second, third, fourth = read(FETCH_PEERS)
        with events.capture() as captured:
            assert [v.shelf.name for v in (first, second, third)] == ["a", "b", "c"]
            assert fourth.shelf is None
        assert len(captured) == 1
        assert first.shelf._state.db == "default"

    def test_peers_are_loaded_from_their_own_places(self) -> None:
        found = [*Volume.objects.order_by("title"), *Volume.objects.using("other")]
        mark(found, FETCH_PEERS)
        with events.capture() as captured:
            assert {v.shelf._state.db for v in found if v.shelf} == {"default", "other"}
        assert sorted(one.alias for one in captured) == ["default", "other"]

    def test_raise(self) -> None:
        first, *_, last = read(FETCH_RAISE)
        with events.capture() as captured, pytest.raises(FieldFetchBlocked) as caught:
            _ = first.shelf
        assert captured == []
        assert "'shelf' of this 'shelving.Volume'" in str(caught.value)
        assert "select_related('shelf')" in str(caught.value.hint)
        assert last.shelf is None
        (joined, *_) = read(FETCH_RAISE, Volume.objects.select_related("shelf").order_by("title"))
        assert joined.shelf.name == "a"

    def test_mode_is_passed_on(self) -> None:
        first, *_ = read(FETCH_RAISE, Volume.objects.select_related("shelf").order_by("title"))
        assert first.shelf._fetch_group.mode is FETCH_RAISE
        (peer, *_) = read(FETCH_PEERS)
        assert peer.shelf._fetch_group.mode is FETCH_PEERS

    def test_row_that_is_not_there(self) -> None:
        first, second, *_ = read(FETCH_PEERS)
        first.shelf_id = 99_999
        assert second.shelf.name == "b"
        with pytest.raises(Shelf.DoesNotExist):
            _ = first.shelf
        assert second.shelf.name == "b"

    def test_objects_that_are_gone_are_not_loaded(self) -> None:
        found = read(FETCH_PEERS)
        first = found[0]
        del found
        gc.collect()
        with events.capture() as captured:
            assert first.shelf.name == "a"
        assert len(captured) == 1
        assert "IN" not in captured[0].sql

    def test_pickles_leave_the_others_behind(self) -> None:
        first, *_ = read(FETCH_RAISE)
        again = pickle.loads(pickle.dumps(first))
        with pytest.raises(FieldFetchBlocked):
            _ = again.shelf


@pytest.mark.usefixtures("volumes")
class TestDeferredFields:
    """Columns that ``only()`` left out."""

    def test_peers(self) -> None:
        found = read(FETCH_PEERS, Volume.objects.only("id").order_by("title"))
        with events.capture() as captured:
            assert [v.title for v in found] == ["da", "db", "dc", "dz"]
        assert len(captured) == 1
        with events.capture() as captured:
            assert [v.shelf.name for v in found[:3]] == ["a", "b", "c"]
        assert len(captured) == 2

    def test_raise(self) -> None:
        found = read(FETCH_RAISE, Volume.objects.only("id"))
        with pytest.raises(FieldFetchBlocked, match="'title'"):
            _ = found[0].title

    def test_values_that_are_there_stay(self) -> None:
        first, second, *_ = read(FETCH_PEERS, Volume.objects.only("id").order_by("title"))
        second.title = "mine"
        assert (first.title, second.title) == ("da", "mine")


@pytest.mark.usefixtures("volumes")
class TestDefaults:
    """The setting and the option of a relation."""

    def test_setting(self) -> None:
        assert not grouped(Volume)
        with settings.override(FETCH_MODE="peers"):
            assert grouped(Volume)
            first, second, *_ = read(None)
            with events.capture() as captured:
                assert first.shelf != second.shelf
            assert len(captured) == 1
            (one, *_) = read(FETCH_ONE)
            assert one._fetch_group.mode is FETCH_ONE
        assert not grouped(Volume)
        with settings.override(FETCH_MODE="raise"), pytest.raises(FieldFetchBlocked):
            _ = Volume.objects.get(title="da").shelf
        with settings.override(FETCH_MODE="pears"), pytest.raises(ConfigurationError) as caught:
            _ = Volume.objects.get(title="da").shelf
        assert "peers" in str(caught.value.hint)

    def test_option_of_a_relation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Volume._meta.get_field("shelf"), "fetch_mode", FETCH_RAISE)
        volume = Volume.objects.get(title="da")
        with pytest.raises(FieldFetchBlocked):
            _ = volume.shelf
        mark([volume], FETCH_ONE)
        assert volume.shelf.name == "a"

    def test_wrong_options_are_refused(self) -> None:
        assert models.ForeignKey(Shelf, models.CASCADE, fetch_mode="peers").fetch_mode is (
            FETCH_PEERS
        )
        with pytest.raises(ConfigurationError, match="fetch_mode of a ForeignKey is 'lazy'"):
            models.ForeignKey(Shelf, models.CASCADE, fetch_mode="lazy")


@pytest.mark.transactional
@pytest.mark.usefixtures("volumes")
async def test_asynchronous_face() -> None:
    found = [v async for v in Volume.objects.order_by("title")]
    mark(found, FETCH_PEERS)
    with events.capture() as captured:
        shelves = [await v.afetch("shelf") for v in found]
    assert [shelf.name for shelf in shelves[:3]] == ["a", "b", "c"]
    assert len(captured) == 1
    mark(found, FETCH_RAISE)
    found[0].__dict__.pop("_shelf_cache")
    assert (await found[0].afetch("shelf")).name == "a"


@pytest.mark.usefixtures("db")
def test_objects_of_other_models_are_left_alone() -> None:
    tickets = [Ticket.objects.create(), Ticket.objects.create()]
    mark([*tickets, Novel(title="x")], FETCH_PEERS)
    assert all("_fetch_group" in t.__dict__ for t in tickets)
    mark([], FETCH_PEERS)


@pytest.mark.usefixtures("volumes")
class TestQuerysets:
    """``fetch_mode()`` of querysets."""

    def test_every_way_to_objects(self) -> None:
        rows = Volume.objects.fetch_mode(FETCH_RAISE)
        by_key = rows.in_bulk()
        found = [
            rows.get(title="da"),
            rows.order_by("title").first(),
            rows.order_by("title")[0],
            next(iter(rows.order_by("title"))),
            next(rows.order_by("title").iterator()),
            next(v for v in by_key.values() if v.title == "da"),
        ]
        for volume in found:
            assert volume is not None
            with pytest.raises(FieldFetchBlocked):
                _ = volume.shelf

    def test_peers(self) -> None:
        found = list(Volume.objects.filter(shelf__isnull=False).fetch_mode("peers"))
        with events.capture() as captured:
            assert {v.shelf.name for v in found} == {"a", "b", "c"}
        assert len(captured) == 1

    def test_wins_over_the_setting(self) -> None:
        with settings.override(FETCH_MODE="raise"):
            assert Volume.objects.fetch_mode(FETCH_ONE).get(title="da").shelf.name == "a"

    def test_wrong_modes_are_refused(self) -> None:
        with pytest.raises(ConfigurationError, match=r"fetch_mode\(\) is 'lazy'"):
            Volume.objects.fetch_mode("lazy")


@pytest.mark.usefixtures("db")
class TestOtherRelations:
    """The far ends of one-to-one fields, and generic keys."""

    def test_far_ends(self) -> None:
        writers = [Writer.objects.create(name=name) for name in "abc"]
        for writer in writers[:2]:
            Portrait.objects.create(writer=writer)
        found = list(Writer.objects.order_by("name").fetch_mode(FETCH_PEERS))
        with events.capture() as captured:
            assert found[0].portrait.writer is found[0]
            assert found[1].portrait.writer is found[1]
            with pytest.raises(Portrait.DoesNotExist):
                _ = found[2].portrait
        assert len(captured) == 1
        (refused, *_) = Writer.objects.order_by("name").fetch_mode(FETCH_RAISE)
        with pytest.raises(FieldFetchBlocked, match="'portrait'"):
            _ = refused.portrait

    def test_generic_keys(self) -> None:
        writer = Writer.objects.create(name="a")
        novel = Novel.objects.create(title="n")
        for about in (writer, novel, writer):
            Note.objects.create(about=about)
        found = list(Note.objects.order_by("id").fetch_mode(FETCH_PEERS))
        with events.capture() as captured:
            assert [note.about for note in found] == [writer, novel, writer]
        assert len([one for one in captured if "content_type" not in one.sql]) == 2
        with pytest.raises(FieldFetchBlocked, match="'about'"):
            _ = Note.objects.fetch_mode(FETCH_RAISE)[0].about
