"""Saves beyond the usual: several tables, deferred values, computed ones, other places."""

from __future__ import annotations

import pytest

from manybase.db import transaction
from manybase.errors import CrossDatabaseError, DatabaseError, FieldValueError, IntegrityError
from manybase.models import F, Value, signals
from manybase.routing import decision
from manybase.runtime.events import capture
from tests.databases import Databases
from tests.models.shelf import Careful, Lamp, Shelf, Thing, Ticket, Volume

pytestmark = pytest.mark.usefixtures("db")


def sent(log: object) -> list[str]:
    """The first word of every statement but those of transactions."""
    words = [str(line.sql).split()[0] for line in log]  # type: ignore[attr-defined]
    return [word for word in words if word in ("INSERT", "UPDATE", "SELECT", "DELETE")]


def test_key_that_a_default_makes_is_inserted_without_asking() -> None:
    with capture() as log:
        ticket = Ticket(number=1)
        ticket.save()
    assert sent(log) == ["INSERT"]

    with capture() as log:
        ticket.save()
        Ticket(pk=ticket.pk, number=5).save(force_update=True)
    assert sent(log) == ["UPDATE", "UPDATE"]
    ticket.refresh_from_db()
    assert ticket.number == 5


def test_key_that_is_given_is_updated_else_inserted() -> None:
    with capture() as log:
        Careful(id=1, number=1).save()
        Careful(id=1, number=2).save()
    assert sent(log) == ["SELECT", "INSERT", "SELECT", "UPDATE"]
    assert Careful.objects.get().number == 2


def test_values_that_the_database_works_out_are_on_the_object() -> None:
    ticket = Ticket.objects.create(number=3)

    ticket.number = F("number") * 2
    ticket.save()
    assert ticket.number == 6
    ticket.save()
    assert Ticket.objects.get().number == 6


def test_new_row_has_nothing_to_work_out_of() -> None:
    with pytest.raises(FieldValueError, match="of a new row cannot be <F"):
        Ticket(number=F("number") + 1).save()
    assert Ticket.objects.create(number=Value(4)).number == 4


def test_update_that_finds_no_row_is_told() -> None:
    ticket = Ticket.objects.create()
    Ticket.objects.all().delete()

    with pytest.raises(Ticket.NotUpdated, match="changed no row on database 'default'"):
        ticket.save(update_fields=["number"])
    with pytest.raises(DatabaseError):
        ticket.save(force_update=True)
    assert not Ticket.objects.exists()


def test_updates_need_a_key() -> None:
    with pytest.raises(FieldValueError, match=r"cannot update a 'shelving.Shelf' without a key"):
        Shelf(name="x").save(force_update=True)


def test_update_fields_are_checked() -> None:
    shelf = Shelf.objects.create(name="a")

    with pytest.raises(FieldValueError) as caught:
        shelf.save(update_fields=["nam"])
    assert str(caught.value) == (
        "update_fields names 'nam', which model 'shelving.Shelf' cannot update\n"
        "Did you mean 'name'?"
    )
    with pytest.raises(FieldValueError, match="names 'id'"):
        shelf.save(update_fields=["id"])


def test_tables_of_parents_are_written_in_one_transaction() -> None:
    lamp = Lamp.objects.create(name="desk", watts=10)
    assert lamp.pk == lamp.id == lamp.thing_ptr_id

    with pytest.raises(IntegrityError), transaction.atomic("default"):
        Lamp(name="desk").save()
    assert Thing.objects.count() == 1


def test_child_can_be_given_to_a_parent_that_is_there() -> None:
    thing = Thing.objects.create(name="old")

    lamp = Lamp(thing_ptr=thing, watts=5)
    lamp.save()

    assert (lamp.pk, lamp.name) == (thing.pk, "old")
    assert Lamp.objects.get(name="old").watts == 5
    assert Thing.objects.count() == 1


def test_raw_saves_write_one_table_and_tell_so() -> None:
    heard = []

    def listen(raw: bool, created: bool, using: str, **kwargs: object) -> None:
        heard.append((raw, created, using))

    signals.post_save.connect(listen, sender=Lamp)
    try:
        Thing(id=7, name="bare").save_base(raw=True)
        Lamp(thing_ptr_id=7, watts=3).save_base(raw=True)
    finally:
        signals.post_save.disconnect(listen, sender=Lamp)

    assert heard == [(True, True, "default")]
    assert Lamp.objects.get().name == "bare"


def test_deferred_values_are_not_written() -> None:
    Ticket.objects.create(number=1, note="a")
    ticket = Ticket.objects.defer("note").get()
    assert ticket.get_deferred_fields() == {"note"}
    Ticket.objects.update(note="b")

    ticket.number = 2
    ticket.save()

    assert ticket.get_deferred_fields() == {"note"}
    assert ticket.note == "b"
    assert Ticket.objects.get().number == 2


def test_deferred_values_are_loaded_from_the_objects_own_place() -> None:
    Ticket.objects.using("other").create(number=1, note="there")

    ticket = Ticket.objects.using("other").only("number").get()
    with capture("other") as log:
        assert ticket.note == "there"

    assert sent(log) == ["SELECT"]


def test_copy_elsewhere_writes_whole_rows() -> None:
    Ticket.objects.using("other").create(number=1, note="there")
    ticket = Ticket.objects.using("other").only("number").get()

    ticket.save(using="default")

    assert Ticket.objects.using("default").get().note == "there"
    assert ticket._state.db == "default"


def test_move_by_a_router_is_not_refused_and_writes_whole_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Writes:
        def db_for_write(self, model: object, **hints: object) -> str:
            return "other"

    ticket = Ticket.objects.create(number=1, note="here")
    loaded = Ticket.objects.only("number").get()
    monkeypatch.setattr(decision.router, "_routers", [Writes()])
    monkeypatch.setattr(decision.router, "shortcut", None)

    loaded.save()

    assert loaded._state.db == "other"
    assert Ticket.objects.using("other").get(pk=ticket.pk).note == "here"
    monkeypatch.undo()
    decision.router.shortcut = None


def test_taken_key_of_a_parent_is_seen_before_anything_is_written() -> None:
    Thing.objects.using("default").create(pk=3, name="mine")
    lamp = Lamp.objects.using("other").create(pk=3, name="theirs")

    with capture("default") as log, pytest.raises(CrossDatabaseError) as caught:
        lamp.save(using="default")

    assert set(sent(log)) == {"SELECT"}
    assert str(caught.value) == (
        "cannot save a 'shelving.Lamp' of database 'other' on database 'default': a row with its"
        " key is already there\nWrite save(using='default', copy=True) to overwrite it, or set"
        " obj.pk = None to insert a new row."
    )
    assert lamp._state.db == "other"


def test_object_without_key_is_inserted_elsewhere_as_a_new_one() -> None:
    lamp = Lamp.objects.using("other").create(pk=3, name="theirs")

    lamp.pk = None
    lamp.save(using="default")

    assert Lamp.objects.using("default").get().name == "theirs"
    assert Lamp.objects.using("other").get().pk == 3


def test_keys_of_objects_that_stay_behind_are_refused() -> None:
    shelf = Shelf.objects.using("other").create(name="s")
    volume = Volume.objects.using("other").create(shelf=shelf, title="v")

    with pytest.raises(CrossDatabaseError, match="its 'shelf' is an object of database 'other'"):
        volume.save(using="default")
    again = Volume.objects.using("other").get()
    with pytest.raises(CrossDatabaseError, match="its 'shelf_id' is a key of 'other'"):
        again.save(using="default")
    again.shelf = None
    again.save(using="default")
    assert Volume.objects.using("default").count() == 1


def test_refresh_looks_where_it_is_told() -> None:
    ticket = Ticket.objects.create(number=1)
    ticket.save(using="other")
    Ticket.objects.using("default").update(number=9)

    ticket.refresh_from_db(using="default")
    assert (ticket.number, ticket._state.db) == (9, "default")
    with pytest.raises(Ticket.DoesNotExist):
        ticket.refresh_from_db(from_queryset=Ticket.objects.filter(number=1))
    with pytest.raises(Exception, match="has no field 'nummer'"):
        ticket.refresh_from_db(fields=["nummer"])


def test_object_stored_elsewhere_is_not_deleted_here() -> None:
    ticket = Ticket.objects.using("other").create()

    with pytest.raises(CrossDatabaseError, match=r"cannot delete a 'shelving.Ticket'"):
        ticket.delete(using="default")
    ticket.delete()
    assert not Ticket.objects.using("other").exists()


def test_order_among_the_objects_of_a_parent() -> None:
    one, two = Shelf.objects.create(name="1"), Shelf.objects.create(name="2")
    a, b, c = (Volume.objects.create(shelf=one, title=t) for t in "abc")
    d = Volume.objects.create(shelf=two, title="d")

    assert [v._order for v in (a, b, c, d)] == [0, 1, 2, 0]
    assert a.get_next_in_order() == b
    assert c.get_previous_in_order() == b
    with pytest.raises(Volume.DoesNotExist):
        d.get_next_in_order()
    one.set_volume_order([c.pk, a.pk, b.pk])
    assert list(one.get_volume_order()) == [c.pk, a.pk, b.pk]
    assert [v.title for v in Volume.objects.filter(shelf=one)] == ["c", "a", "b"]


@pytest.mark.transactional
async def test_asynchronous_face(databases: Databases) -> None:
    shelf = Shelf(name="s")
    await shelf.asave(using="other")
    volume = Volume(title="v", shelf=shelf)
    await volume.asave()
    assert volume._state.db == "other"
    twin = await Volume.objects.using("other").only("title").aget()
    assert await twin.afetch("shelf_id") == shelf.pk
    await twin.arefresh_from_db()
    assert [key async for key in shelf.get_volume_order()] == [volume.pk]
    assert await volume.adelete() == (1, {"shelving.Volume": 1})
    with pytest.raises(Volume.DoesNotExist):
        await twin.arefresh_from_db()
