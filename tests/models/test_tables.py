"""create_tables and drop_tables; neighbours by date."""

from __future__ import annotations

import datetime

import pytest

from manybase import models
from manybase.errors import FieldValueError, MissingTable, UnknownAlias
from tests.models.shelf import Entry, Lamp, Shelf


class Later(models.Model):
    """Its table is made by the tests."""

    name = models.CharField(max_length=5)
    lamps = models.ManyToManyField(Lamp, db_constraint=False)

    class Meta:
        app_label = "shelving"
        managed = False


@pytest.mark.transactional
@pytest.mark.usefixtures("db")
def test_tables_are_made_and_dropped_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Later._meta, "managed", True)
    monkeypatch.setattr(Later.lamps.through._meta, "managed", True)
    with pytest.raises(MissingTable):
        Later.objects.using("third").count()

    run = models.create_tables(Later, using="third")
    try:
        assert list(run) == ["third"]
        assert Later.objects.using("third").count() == 0
        assert Later.lamps.through.objects.using("third").count() == 0
        models.create_tables(Later, using=["third"])
        with pytest.raises(MissingTable):
            Later.objects.using("other").count()
    finally:
        models.drop_tables(Later, using="third")
    with pytest.raises(MissingTable):
        Later.objects.using("third").count()


class ShelfRow(models.Model):
    """A view of a table that another model makes."""

    label = models.CharField(max_length=20, db_column="name")

    class Meta:
        app_label = "shelving"
        managed = False
        db_table = "shelving_shelf"


@pytest.mark.usefixtures("db")
def test_unmanaged_models_read_and_write_tables_of_others() -> None:
    assert models.create_tables(ShelfRow, using="default") == {"default": []}
    shelf = Shelf.objects.create(name="s")
    row = ShelfRow.objects.get(pk=shelf.pk)
    row.label = "t"
    row.save()
    shelf.refresh_from_db()
    assert shelf.name == "t"
    assert row.delete()[0] == 1


@pytest.mark.usefixtures("db")
def test_unknown_databases_are_refused() -> None:
    with pytest.raises(UnknownAlias, match="thrid"):
        models.create_tables(Later, using="thrid")


@pytest.mark.usefixtures("db")
def test_neighbours_by_date_stay_in_the_database() -> None:
    def entry(alias: str, day: int) -> Entry:
        date = datetime.date(2020, 1, day)
        return Entry.objects.using(alias).create(day=date, title=str(day))

    first, second, third = entry("other", 1), entry("other", 3), entry("other", 3)
    entry("default", 2)

    assert first.get_next_by_day() == second
    assert second.get_next_by_day() == third
    assert third.get_previous_by_day() == second
    assert first.get_next_by_day(title="3")._state.db == "other"
    with pytest.raises(Entry.DoesNotExist, match=r"no 'shelving.Entry' after this one by 'day'"):
        third.get_next_by_day()
    with pytest.raises(FieldValueError, match="without a key has no neighbours"):
        Entry(day=datetime.date(2020, 1, 1)).get_next_by_day()


@pytest.mark.transactional
@pytest.mark.usefixtures("db")
async def test_neighbours_in_asynchronous_code() -> None:
    one = await Entry.objects.acreate(day=datetime.date(2020, 1, 1), title="a")
    two = await Entry.objects.acreate(day=datetime.date(2020, 1, 2), title="b")

    assert await one.aget_next_by_day() == two
    assert await two.aget_previous_by_day() == one
