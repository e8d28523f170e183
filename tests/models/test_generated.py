"""GeneratedField, and defaults that the database works out: their values are on the objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from manybase import models
from manybase.errors import ConfigurationError, FieldValueError
from manybase.models import F, Func, Value
from manybase.runtime import events, sync
from tests.constraints.models import Box, Lower


@pytest.mark.usefixtures("db")
class TestGenerated:
    """Values that the database works out."""

    def test_values_are_there_after_each_save(self) -> None:
        box = Box(width=3, height=4, label="ABC")
        with pytest.raises(AttributeError, match="save the object first"):
            _ = box.area
        box.save()
        with events.capture() as captured:
            assert (box.area, box.shown, box.weight, box.note) == (12, "abc", 12, "none")
        box.width = 5
        with events.capture() as saved:
            box.save()
        assert box.area == 20
        assert captured == []
        assert len(saved) == (1 if sync.dialect("default").features.returning_update else 2)
        box.height = F("height") + 1
        box.save(update_fields=["height"])
        assert (box.height, box.area) == (5, 25)

    def test_queries(self) -> None:
        for width in (1, 2, 3):
            Box.objects.create(width=width, height=10, label=f"B{width}")

        assert [b.width for b in Box.objects.filter(area__gt=10).order_by("-area")] == [3, 2]
        assert list(Box.objects.order_by("area").values_list("shown", flat=True)) == [
            "b1",
            "b2",
            "b3",
        ]
        Box.objects.filter(shown="b1").update(width=F("area"))
        assert Box.objects.get(shown="b1").area == 100
        assert Box.objects.only("label").get(shown="b2").area == 20

    def test_many_objects(self) -> None:
        boxes = Box.objects.bulk_create([Box(width=w, label=str(w)) for w in (1, 2)])
        assert [Box.objects.get(pk=box.pk).area for box in boxes] == [1, 2]
        assert [box.area for box in boxes] == [1, 2]

    def test_copy_elsewhere(self) -> None:
        box = Box.objects.create(width=3)
        box.width = 4
        box.save(using="other", copy=True)
        assert (box._state.db, box.area) == ("other", 4)

    def test_new_rows_take_expressions_without_columns(self) -> None:
        box = Box(label=Lower(Value("ABC")), width=Value(2) + 3)
        box.save()
        assert (box.label, box.width, box.area) == ("abc", 5, 5)
        made = Box.objects.create(
            label=Lower(Value("DEF")), note=Func(Value("X"), function="LOWER")
        )
        assert (made.label, made.note) == ("def", "x")
        with pytest.raises(FieldValueError, match="there is no row to work it out of"):
            Box(label="g", width=F("height") + 1).save()

    def test_cannot_be_written(self) -> None:
        box = Box.objects.create()
        with pytest.raises(FieldValueError, match="'area', which"):
            box.save(update_fields=["area"])
        box.area = 7
        box.save()
        assert box.area == 1


@pytest.mark.transactional
@pytest.mark.usefixtures("db")
async def test_asynchronous_face() -> None:
    box = await Box.objects.acreate(width=2, label="A")
    assert (box.area, box.shown, box.weight) == (2, "a", 12)
    box.width = 3
    await box.asave()
    assert box.area == 3


@pytest.mark.transactional
@pytest.mark.usefixtures("db")
def test_columns_that_are_not_stored() -> None:
    class Virtual(models.Model):
        width = models.IntegerField()
        double = models.GeneratedField(
            expression=F("width") * 2, output_field=models.IntegerField(), db_persist=False
        )

        class Meta:
            app_label = "constraining"

    features = sync.dialect("default").features
    if not features.virtual_columns:
        with pytest.raises(Exception, match=features.why("virtual_columns")):
            models.create_tables(Virtual, using="default")
        return
    models.create_tables(Virtual, using="default")
    try:
        assert Virtual.objects.create(width=4).double == 8
    finally:
        models.drop_tables(Virtual, using="default")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: {"output_field": 3}, "has a int as output_field"),
        (lambda: {"expression": 3}, "has a int as expression"),
        (lambda: {"db_persist": None}, "needs db_persist=True"),
        (lambda: {"default": 3}, "cannot have a default"),
        (lambda: {"primary_key": True}, "cannot be the primary key"),
    ],
)
def test_senseless_options_are_refused(make: Callable[[], dict[str, Any]], message: str) -> None:
    given: dict[str, Any] = {
        "expression": Lower("name"),
        "output_field": models.CharField(max_length=5),
        "db_persist": True,
    }
    field = models.GeneratedField(**{**given, **make()})
    with pytest.raises(ConfigurationError, match=message):
        type(
            "Made",
            (models.Model,),
            {
                "__module__": __name__,
                "name": models.CharField(max_length=5),
                "made": field,
                "Meta": type("Meta", (), {"app_label": "constraining"}),
            },
        )
