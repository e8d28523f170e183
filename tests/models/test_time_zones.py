"""Moments and wall-clock times: equal on every database, whatever zone it keeps them in."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import pytest

from manybase import models
from manybase.conf import settings
from manybase.db import connections
from manybase.errors import ConfigurationError, FieldValueError
from manybase.models import F
from tests.databases import Databases

UTC = datetime.UTC
PRAGUE = zoneinfo.ZoneInfo("Europe/Prague")
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
SUMMER = datetime.datetime(2024, 7, 1, 0, 30, tzinfo=PRAGUE)
WINTER = datetime.datetime(2024, 1, 1, 0, 30, 0, 5, tzinfo=PRAGUE)
WALL = datetime.datetime(2024, 7, 1, 0, 30)


class Happening(models.Model):
    """When something was."""

    at = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    seen = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "happening"


def check_moments() -> None:
    """What must be the same for moments, on whatever clock they are kept."""
    summer = Happening.objects.create(at=SUMMER, end=SUMMER + datetime.timedelta(hours=2))
    winter = Happening.objects.create(at=WINTER)
    for made, moment in ((summer, SUMMER), (winter, WINTER)):
        made.refresh_from_db()
        assert made.at == moment
        assert made.at.utcoffset() == datetime.timedelta(0)
        assert made.seen.tzinfo is not None
        assert Happening.objects.get(at=moment) == made
        assert Happening.objects.get(at=moment.astimezone(NEW_YORK)) == made
    found = Happening.objects.filter(at__lt=datetime.datetime(2024, 6, 30, 22, 31, tzinfo=UTC))
    assert found.count() == 2
    assert [h.pk for h in Happening.objects.order_by("at")] == [winter.pk, summer.pk]
    _check_parts(summer, winter)
    _check_sums(summer, winter)


def _check_parts(summer: Happening, winter: Happening) -> None:
    assert Happening.objects.get(at__date=datetime.date(2024, 6, 30)) == summer
    assert Happening.objects.get(at__hour=22) == summer
    assert Happening.objects.get(at__year=2023) == winter
    with settings.override(TIME_ZONE="Europe/Prague"):
        assert Happening.objects.get(at__date=datetime.date(2024, 7, 1)) == summer
        assert Happening.objects.filter(at__hour=0, at__minute=30).count() == 2
        assert list(Happening.objects.datetimes("at", "day")) == [
            datetime.datetime(2024, 1, 1, tzinfo=PRAGUE),
            datetime.datetime(2024, 7, 1, tzinfo=PRAGUE),
        ]
    with settings.override(TIME_ZONE="America/New_York"):
        assert Happening.objects.get(at__year=2023) == winter
        assert Happening.objects.get(at__hour=18, at__month=6) == summer


def _check_sums(summer: Happening, winter: Happening) -> None:
    later = Happening.objects.annotate(later=F("at") + datetime.timedelta(days=100))
    assert later.get(pk=winter.pk).later == WINTER.astimezone(UTC) + datetime.timedelta(days=100)
    spans = Happening.objects.annotate(span=F("end") - F("at"))
    assert spans.get(pk=summer.pk).span == datetime.timedelta(hours=2)


@pytest.mark.usefixtures("db")
def test_moments() -> None:
    check_moments()


@pytest.mark.kinds("postgresql", "mysql")
@pytest.mark.parametrize("zone", ["Europe/Prague", "America/New_York"])
@pytest.mark.transactional
@pytest.mark.usefixtures("db")
def test_moments_that_are_kept_in_a_zone(zone: str, databases: Databases) -> None:
    changed = {alias: {**one, "TIME_ZONE": zone} for alias, one in settings.DATABASES.items()}
    with settings.override(DATABASES=changed):
        check_moments()
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT at FROM happening_happening ORDER BY id")
            kept = cursor.fetchall()[0][0]
    if databases.kind == "mysql":
        assert kept == SUMMER.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None)
    else:
        assert kept == SUMMER


def test_file_in_a_zone(tmp_path: Path) -> None:
    here = {"URL": f"sqlite:///{tmp_path}/zone.db", "TIME_ZONE": "Europe/Prague"}
    with settings.override(DATABASES={"default": here}):
        models.create_tables(Happening)
        check_moments()
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT at FROM happening_happening ORDER BY id")
            assert cursor.fetchall()[0][0] == "2024-07-01 00:30:00"
        connections["default"].close()


def test_file_without_zones(tmp_path: Path) -> None:
    here = f"sqlite:///{tmp_path}/wall.db"
    with settings.override(DATABASES={"default": here}, USE_TZ=False, TIME_ZONE="Asia/Tokyo"):
        models.create_tables(Happening)
        made = Happening.objects.create(at=WALL)
        made.refresh_from_db()
        assert made.at == WALL
        assert made.seen.tzinfo is None
        assert Happening.objects.get(at__date=datetime.date(2024, 7, 1), at__hour=0) == made
        assert list(Happening.objects.datetimes("at", "hour")) == [WALL.replace(minute=0)]
        connections["default"].close()


@pytest.mark.kinds("postgresql", "mysql")
@pytest.mark.transactional
@pytest.mark.usefixtures("db")
def test_servers_without_zones() -> None:
    class Wall(models.Model):
        at = models.DateTimeField()

        class Meta:
            app_label = "happening"

    with settings.override(USE_TZ=False, TIME_ZONE="Asia/Tokyo"):
        models.create_tables(Wall, using="default")
        try:
            made = Wall.objects.create(at=WALL)
            made.refresh_from_db()
            assert made.at == WALL
            assert Wall.objects.get(at__date=datetime.date(2024, 7, 1), at__hour=0) == made
            assert list(Wall.objects.datetimes("at", "hour")) == [WALL.replace(minute=0)]
        finally:
            models.drop_tables(Wall, using="default")


def test_moments_become_wall_clock_times() -> None:
    with settings.override(USE_TZ=False, TIME_ZONE="Europe/Prague"):
        field = Happening._meta.get_field("at")
        assert field.prepare(WALL) is WALL
        assert field.prepare(SUMMER.astimezone(UTC)) == WALL
        assert field.present().tzinfo is None


@pytest.fixture
def prague() -> Iterator[None]:
    with settings.override(TIME_ZONE="Europe/Prague"):
        yield


@pytest.mark.usefixtures("db", "prague")
def test_naive_times_are_taken_to_be_in_the_zone_with_a_warning() -> None:
    with pytest.warns(RuntimeWarning, match="naive datetime while USE_TZ is on"):
        made = Happening.objects.create(at=WALL)
    made.refresh_from_db()
    assert made.at == SUMMER


def test_unknown_zones_are_told() -> None:
    wrong = {"URL": "sqlite://", "TIME_ZONE": "Europe/Prag"}
    with (
        pytest.raises(ConfigurationError, match="'TIME_ZONE' of the database 'default'"),
        settings.override(DATABASES={"default": wrong}),
    ):
        connections["default"].cursor()


@pytest.mark.usefixtures("db")
def test_text_that_is_no_moment() -> None:
    with pytest.raises(FieldValueError, match="takes a moment"):
        Happening.objects.filter(at="yesterday")
