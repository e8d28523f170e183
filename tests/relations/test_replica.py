"""Relations with a router that reads from "other" and writes to "default" (B35 to B43)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.relations.help import Replica, names, novel, routed, titles, writer
from tests.relations.models import Note, Novel, Portrait, Writer

Between = Novel.writers.through


@pytest.fixture(autouse=True)
def replica(places: object) -> Iterator[None]:
    with routed(Replica()):
        yield


def here_and_there() -> tuple[Novel, Novel, Writer, Writer]:
    """A novel and a writer on the write place, and others on the one that is read."""
    return (
        novel("PRO", "default", pk=9001),
        novel("DIVE", "other", pk=9002),
        writer("Marty", "default", pk=9001),
        writer("Mark", "other", pk=9002),
    )


def test_routes_of_reads_and_writes() -> None:
    """B32, B35: reads by the router, writes by the router, explicit places win."""
    pro, dive, _, _ = here_and_there()
    assert Novel.objects.db == "other"
    assert Novel.objects.using("default").db == "default"
    assert titles(Novel.objects.all()) == ["DIVE"]
    assert Novel.objects.update(title="new") == 1
    assert Novel.objects.using("default").get().title == "new"
    assert pro.writers.db == "default" and dive.writers.db == "other"
    _, made = Novel.objects.get_or_create(title="new")
    assert made is False


def test_keys_across_allowed_places() -> None:
    """B37: assignment keeps both places, the save moves the object to the write place."""
    _, dive, marty, mark = here_and_there()
    writer("Mark on the primary", "default", pk=9002)
    dive.editor = marty
    assert (dive._state.db, marty._state.db) == ("other", "default")

    dive.save()

    assert dive._state.db == "default"
    assert Novel.objects.using("default").get(pk=9002).editor == marty
    fresh = Novel(title="FRESH", editor=mark)
    assert fresh._state.db == "default"
    fresh.save()
    assert fresh._state.db == "default"
    tied = Writer(name="Untied")
    Novel.objects.using("other").get(pk=9002).editor = tied
    assert tied._state.db == "default"


def test_reverse_managers_across_allowed_places() -> None:
    """B36, B37: without bulk the objects are saved and move; with it they are refused."""
    pro, dive, marty, _ = here_and_there()
    with pytest.raises(ValueError, match="isn't saved, use bulk=False"):
        marty.edited.set([pro, dive])

    marty.edited.set([pro, dive], bulk=False)

    assert (pro._state.db, dive._state.db) == ("default", "default")
    assert titles(Novel.objects.using("default").filter(editor=marty)) == ["DIVE", "PRO"]
    other = novel("OTHER", "other", pk=9003)
    marty.edited.add(other, bulk=False)
    assert other._state.db == "default"


def test_reverse_managers_create_on_the_write_place() -> None:
    _, _, _, mark = here_and_there()
    writer("Mark on the primary", "default", pk=9002)
    assert mark.edited.create(title="a")._state.db == "default"
    assert mark.edited.get_or_create(title="B", defaults={"pages": 2})[0]._state.db == "default"
    assert mark.edited.db == "other"
    assert mark.edited.db_manager("default").db == "default"
    assert mark.edited.db_manager("default").all().db == "default"


def test_links_across_allowed_places() -> None:
    """B38: objects keep their places, links are written on the write place only."""
    pro, dive, marty, mark = here_and_there()
    novel("DIVE on the primary", "default", pk=9002)
    writer("Mark on the primary", "default", pk=9002)

    marty.novel_set.set([pro, dive])
    assert (marty._state.db, pro._state.db, dive._state.db) == ("default", "default", "other")
    assert Between.objects.using("default").count() == 2
    dive.writers.set([mark, marty])
    dive.writers.add(mark)
    mark.novel_set.add(pro)

    assert Between.objects.using("default").count() == 4
    assert not Between.objects.using("other").exists()
    made = dive.writers.create(name="Alice")
    assert made._state.db == "default"
    assert dive.writers.get_or_create(name="Bob")[0]._state.db == "default"
    assert dive.writers.db == "other" and dive.writers.db_manager("default").db == "default"
    assert names(Writer.objects.using("other").all()) == ["Mark"]


def test_one_to_one_across_allowed_places() -> None:
    """B39: assigned from its far end, moved by its save."""
    _, _, marty, _ = here_and_there()
    portrait = Portrait.objects.using("other").create(colour="red")
    marty.portrait = portrait
    assert (marty._state.db, portrait._state.db) == ("default", "other")
    portrait.save()
    assert portrait._state.db == "default"


def test_generic_keys_across_allowed_places() -> None:
    """B40, B43: assigned, moved by the save with the content type of there; add and create."""
    pro, dive, _, _ = here_and_there()
    novel("DIVE on the primary", "default", pk=9002)
    first = Note.objects.using("default").create(text="1", about=pro)
    second = Note.objects.using("other").create(text="2", about=dive)

    first.about = dive
    assert (first._state.db, dive._state.db) == ("default", "other")
    first.save()
    assert Note.objects.using("default").get(pk=first.pk).about.title == "DIVE on the primary"

    dive.notes.add(second, bulk=False)
    assert second._state.db == "default"
    third = Note(text="3")
    third.about = dive
    assert third._state.db == "default"
    third.save()
    assert dive.notes.create(text="4")._state.db == "default"
    assert dive.notes.db == "other" and dive.notes.db_manager("default").db == "default"
