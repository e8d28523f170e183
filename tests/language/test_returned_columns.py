"""What the database fills in comes back to its own object: keys, defaults, generated columns."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import ConfigurationError
from manybase.runtime import sync as sync_face
from tests.constraints.models import Box
from tests.language.data import Face, both, models, part
from tests.language.key_models import Filled, Plot, PlotProxy, Turned

pytestmark = pytest.mark.usefixtures("databases", "empty")


def target(*names: str) -> dict[str, Any]:
    """``unique_fields``, where the database asks for them."""
    asks = sync_face.dialect("default").features.conflict_target
    return {"unique_fields": list(names)} if asks else {}


@part("Models.CompositePrimaryKey: inherited")
@both
async def test_inherited_keys(face: Face) -> None:
    one = await face.call(Plot.objects, "create", row=1)
    assert (one.pk, one.note, one.double, one._state.adding) == ((1, "a"), "none", 2, False)
    rows = [Plot(row=2), Plot(row=3, letter="b", note="n")]
    for made in await face.call(Plot.objects, "bulk_create", rows):
        fresh = await face.call(Plot.objects, "get", pk=made.pk)
        assert (made.note, made.double, made.made) == (fresh.note, fresh.double, fresh.made)
        assert made == fresh and not made._state.adding
    turned = await face.call(Turned.objects, "create", row=1, letter="z")
    assert turned.pk == ("z", 1) == (await face.call(Turned.objects, "get", pk=("z", 1))).pk
    assert [field.name for field in Turned._meta.pk_fields] == ["letter", "row"]
    one.note = "new"
    await face.call(one, "save")
    assert (await face.call(Plot.objects, "get", pk=(1, "a"))).note == "new"


@part("Models.CompositePrimaryKey: inherited")
@both
async def test_keys_of_proxies(face: Face) -> None:
    (made,) = await face.call(PlotProxy.objects, "bulk_create", [PlotProxy(row=4)])
    assert (made.pk, made.note, made.double) == ((4, "a"), "none", 8)
    assert type(await face.call(PlotProxy.objects, "get", pk=(4, "a"))) is PlotProxy
    assert await face.call(Plot.objects.filter(pk__in=PlotProxy.objects.all()), "count") == 1
    assert await face.call(PlotProxy.objects.filter(pk__in=Plot.objects.all()), "count") == 1


def test_a_table_of_its_own_cannot_hang_on_such_a_key() -> None:
    with pytest.raises(ConfigurationError, match="primary key is the fields 'row', 'letter'"):
        type("Child", (Plot,), {"__module__": __name__, "more": models.IntegerField()})


@part("QuerySet.bulk_create: defaults and generated columns returned")
@both
async def test_filled_columns_come_back(face: Face) -> None:
    rows = [
        Filled(code="a"),
        Filled(id=7, code="b", width=5, word="x"),
        Filled(id=8, code="c", width=3, data=[1]),
        Filled(id=9, code="d"),
    ]
    made = await face.call(Filled.objects, "bulk_create", rows)
    seen = {o.code: (o.pk, o.width, o.twice, o.word, o.data) for o in made}
    assert seen == {
        "a": (5, 1, 2, "w", {"a": 1}),
        "b": (7, 5, 10, "x", {"a": 1}),
        "c": (8, 3, 6, "w", [1]),
        "d": (9, 1, 2, "w", {"a": 1}),
    }
    fresh = await face.list(Filled.objects.all())
    assert {o.code: (o.pk, o.width, o.twice, o.word, o.data) for o in fresh} == seen
    one = await face.call(Filled.objects.filter(pk=5), "delete")
    assert one[0] == 1 and (await face.call(Filled.objects, "create", code="e")).pk == 5


@part("QuerySet.bulk_create: defaults and generated columns returned")
@both
async def test_filled_columns_of_batches(face: Face) -> None:
    rows = [Box(width=n, label=f"b{n}") for n in range(90)]
    for made in await face.call(Box.objects, "bulk_create", rows, batch_size=40):
        assert (made.area, made.shown, made.weight) == (made.width, f"b{made.width}", 12)
    keys = {box.label: box.pk for box in await face.list(Box.objects.all())}
    assert {box.label: box.pk for box in rows} == keys


@part("QuerySet.bulk_create(update_conflicts=): keys returned")
@both
async def test_rows_that_were_updated_come_back(face: Face) -> None:
    await face.call(Box.objects, "bulk_create", [Box(label=c, width=1) for c in "abc"])
    rows = [Box(label=c, width=n) for n, c in enumerate("xbyca", 2)]
    await face.call(
        Box.objects,
        "bulk_create",
        rows,
        update_conflicts=True,
        update_fields=["width"],
        **target("shown"),
    )
    fresh = {box.label: (box.pk, box.width, box.area) for box in await face.list(Box.objects.all())}
    assert {box.label: (box.pk, box.width, box.area) for box in rows} == fresh
    assert not any(box._state.adding for box in rows)


@part("QuerySet.bulk_create(update_conflicts=): keys returned")
@both
async def test_a_key_of_several_fields_says_which_row_is_met(face: Face) -> None:
    await face.call(Plot.objects, "create", row=1, note="old")
    rows = [Plot(row=1, note="new"), Plot(row=2)]
    await face.call(
        Plot.objects,
        "bulk_create",
        rows,
        update_conflicts=True,
        update_fields=["note"],
        **target("pk"),
    )
    found = await face.list(Plot.objects.order_by("pk").values_list("pk", "note"))
    assert found == [((1, "a"), "new"), ((2, "a"), "none")]
    assert [(plot.note, plot.double) for plot in rows] == [("new", 2), ("none", 4)]


@part("QuerySet.bulk_create(ignore_conflicts=)")
@both
async def test_defaults_of_rows_with_known_keys_are_read_when_asked_for(face: Face) -> None:
    rows = [Plot(row=1), Plot(row=2)]
    await face.call(Plot.objects, "bulk_create", rows, ignore_conflicts=True)
    assert rows[1].get_deferred_fields() >= {"note", "made"}
    await face.call(rows[1], "refresh_from_db", fields=["note", "double"])
    assert (rows[1].note, rows[1].double) == ("none", 4)
