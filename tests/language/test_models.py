"""Models: constraints, indexes, keys of several fields, generated columns, zones, fetch modes."""

from __future__ import annotations

import datetime
import subprocess
import sys
import zoneinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from manybase.conf import settings
from manybase.db import connections
from manybase.errors import (
    FieldFetchBlocked,
    IntegrityError,
    QueryError,
    SyncOnlyOperation,
    ValidationError,
)
from manybase.runtime import sync as sync_face
from manybase.runtime.events import capture
from manybase.schema.limits import limits
from tests.constraints.models import Box, Hall, Room, Seat
from tests.language.data import F, Face, Title, both, models, part
from tests.language.index_models import Classed
from tests.language.models import Indexed

pytestmark = pytest.mark.usefixtures("empty")


async def faults(face: Face, obj: Any) -> Any:
    """What full_clean() finds, or None."""
    try:
        await face.call(obj, "full_clean")
    except ValidationError as error:
        return error
    return None


async def create(face: Face, model: Any, **values: Any) -> Any:
    return await face.call(model.objects, "create", **values)


async def is_refused(face: Face, model: Any, **values: Any) -> bool:
    """Whether the database refuses a row."""
    try:
        await create(face, model, **values)
    except IntegrityError:
        return True
    return False


@pytest.fixture
def announced(request: pytest.FixtureRequest, databases: Any) -> Any:
    """Whether the database holds a thing; where it does not, that is announced with the reason."""

    def holds(feature: str) -> bool:
        dialect = sync_face.dialect("default")
        if getattr(dialect.features, feature):
            return True
        told = [
            limit
            for model in (Room, Indexed)
            for limit in limits(model, dialect)
            if limit.feature == feature
        ]
        assert told and dialect.features.why(feature)
        request.node.user_properties.append(("cannot", feature))
        return False

    return holds


@part("Models.CheckConstraint")
@both
async def test_check(face: Face) -> None:
    assert await is_refused(face, Room, floor=1, number=200)
    error = await faults(face, Room(floor=1, number=200))
    assert "too high a number" in str(error)
    assert not await is_refused(face, Room, floor=150, number=200)


@part("Models.violation messages and codes")
@both
async def test_violations(face: Face) -> None:
    error = await faults(face, Room(floor=1, number=200))
    (found,) = error.error_dict["__all__"]
    assert found.code == "high"
    assert found.messages == ["Constraint constraining_room_number: too high a number."]


@part("Models.UniqueConstraint(fields)")
@both
async def test_unique(face: Face) -> None:
    await create(face, Room, floor=3, number=4)
    assert await is_refused(face, Room, floor=3, number=4)
    assert "already exists" in str(await faults(face, Room(floor=3, number=4)))


@part("Models.UniqueConstraint(expressions)")
@both
async def test_unique_expressions(face: Face) -> None:
    await create(face, Room, code="Ab", number=1)
    assert await is_refused(face, Room, code="aB", number=2)
    assert "constraining_room_code" in str(await faults(face, Room(code="AB", number=2)))


@part("Models.UniqueConstraint(condition)")
@part("Models.UniqueConstraint(nulls_distinct)")
@both
async def test_unique_conditions(face: Face) -> None:
    """Above the tenth floor a letter is unique, nulls are equal; below nothing is asked."""
    await create(face, Room, floor=11, number=1)
    assert await is_refused(face, Room, floor=11, number=2)
    assert await faults(face, Room(floor=11, number=2)) is not None
    await create(face, Room, floor=1, number=1)
    assert not await is_refused(face, Room, floor=1, number=2)


@part("Models.UniqueConstraint(deferrable)")
@both
async def test_deferrable(face: Face, announced: Any) -> None:
    if not announced("deferrable_unique"):
        return
    from manybase.db import transaction

    one, two = await create(face, Room, number=4), await create(face, Room, number=5)
    if face.is_async:
        async with transaction.atomic("default"):
            await Room.objects.filter(pk=one.pk).aupdate(number=5)
            await Room.objects.filter(pk=two.pk).aupdate(number=4)
    else:
        with transaction.atomic("default"):
            Room.objects.filter(pk=one.pk).update(number=5)
            Room.objects.filter(pk=two.pk).update(number=4)


@part("Models.UniqueConstraint(include), Index(include)")
def test_include(announced: Any) -> None:
    assert announced("covering_indexes") in (True, False)


@part("Models.Index(opclasses), UniqueConstraint(opclasses)")
def test_operator_classes(announced: Any) -> None:
    assert announced("operator_classes") in (True, False)


@part("Models.Index(OpClass), UniqueConstraint(OpClass)")
def test_operator_classes_of_expressions(request: pytest.FixtureRequest) -> None:
    """They are in the index, or it is announced that they are not."""
    dialect = sync_face.dialect("default")
    told = [one for one in limits(Classed, dialect) if one.feature == "operator_classes"]
    assert bool(told) is not dialect.features.operator_classes
    if told:
        assert dialect.features.why("operator_classes") in str(told[0])
        request.node.user_properties.append(("cannot", "operator_classes"))
        return
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'language_classed'")
        found = "\n".join(text for (text,) in cursor.fetchall())
    assert "(lower((name)::text) text_pattern_ops DESC, word varchar_pattern_ops, id)" in found
    assert "(lower((word)::text) text_pattern_ops DESC)" in found


def test_operator_classes_stand_in_indexes_only() -> None:
    with pytest.raises(QueryError, match="OpClass can only stand in the expressions of an Index"):
        Classed.objects.order_by(models.OpClass("name", name="text_pattern_ops"))


@both
async def test_a_constraint_with_operator_classes_holds(face: Face) -> None:
    for name, word in (("a", "One"), ("b", None), ("c", None)):
        await create(face, Classed, name=name, word=word)
    found = await faults(face, Classed(name="d", word="oNE"))
    assert "Constraint 'language_classed_word' is violated" in str(found)
    assert await is_refused(face, Classed, name="d", word="ONE")


INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT indexname FROM pg_indexes",
    "mysql": "SELECT DISTINCT index_name FROM information_schema.statistics",
}


def index_names(kind: str) -> set[str]:
    with connections["default"].cursor() as cursor:
        cursor.execute(INDEXES[kind])
        return {name for (name,) in cursor.fetchall()}


@part("Models.Index(fields, ordering)")
def test_indexes(kind: str) -> None:
    assert "room_code_covers" in index_names(kind)


@part("Models.Index(expressions)")
def test_expression_indexes(kind: str, announced: Any) -> None:
    if announced("expression_indexes"):
        assert "language_by_small_name" in index_names(kind)


@part("Models.Index(condition)")
def test_partial_indexes(kind: str, announced: Any) -> None:
    if announced("partial_indexes"):
        assert "language_by_some_number" in index_names(kind)


@part("Models.GeneratedField")
@both
async def test_generated(face: Face) -> None:
    box = await create(face, Box, width=3, height=4, label="ABC")
    assert (box.area, box.shown) == (12, "abc")
    box.width = 5
    await face.call(box, "save")
    assert box.area == 20
    assert await face.call(Box.objects.filter(area__gt=19), "count") == 1


@part("Models.db_default")
@both
async def test_db_default(face: Face) -> None:
    box = await create(face, Box)
    assert (box.weight, box.note) == (12, "none")
    other = await create(face, Box, label="other", weight=1)
    assert other.weight == 1


@part("Models.CompositePrimaryKey")
@both
async def test_composite_keys(face: Face) -> None:
    hall = await create(face, Hall, name="main")
    for number in (1, 2, 3):
        await create(face, Seat, hall=hall, number=number, ticket=number)
    seat = await face.call(Seat.objects, "get", pk=(hall.pk, 2))
    assert seat.pk == (hall.pk, 2)
    found = Seat.objects.filter(pk__in=[(hall.pk, 1), (hall.pk, 3)])
    assert await face.call(found, "count") == 2
    many = await face.call(Seat.objects, "in_bulk", [(hall.pk, 1)])
    assert list(many) == [(hall.pk, 1)]
    seat.taken_by = "Ann"
    await face.call(seat, "save")
    await face.call(seat, "delete")
    assert await face.call(Seat.objects, "count") == 2
    assert await is_refused(face, Seat, hall=hall, number=1)


@part("Models.managed = False")
@both
async def test_unmanaged(face: Face) -> None:
    """A model over a table that is made by somebody else."""

    class Floor(models.Model):
        name = models.CharField(max_length=20)

        class Meta:
            app_label = "constraining"
            managed = False
            db_table = "constraining_hall"

    await create(face, Hall, name="main")
    made = await face.call(models, "create_tables", Floor, using="default")
    assert not any("CREATE TABLE" in text for text in made.get("default", []))
    assert (await face.call(Floor.objects, "get")).name == "main"


@part("Models.swappable (AUTH_USER_MODEL)")
def test_swappable(kind: str, server_urls: dict[str, str], tmp_path: Path) -> None:
    """A program of its own: the user model is chosen before the tables are made."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, str(program)],
        env={"PYTHONPATH": str(root / "src"), "PATH": ""},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "['own.Person'] ann True\n", done.stderr


PROGRAM = """
import manybase
from manybase.conf import settings

settings.configure(
    DATABASES={"default": "sqlite://"},
    INSTALLED_APPS=["manybase.contrib.contenttypes", "manybase.contrib.auth"],
    AUTH_USER_MODEL="own.Person",
)
from manybase import models
from manybase.contrib.auth.models import AbstractUser

class Person(AbstractUser):
    class Meta:
        app_label = "own"

class Note(models.Model):
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)

    class Meta:
        app_label = "own"

manybase.setup()
models.create_tables()
from manybase.contrib.auth import get_user_model
ann = get_user_model().objects.create_user("ann", password="x")
note = Note.objects.create(author=ann)
found = Note.objects.select_related("author").get(author__username="ann")
print([get_user_model()._meta.label], found.author.username, found.author.check_password("x"))
"""


# Time zones

TOKYO = zoneinfo.ZoneInfo("Asia/Tokyo")
MOMENT = datetime.datetime(2024, 7, 1, 0, 30, tzinfo=TOKYO)


@part("Models.USE_TZ = True")
@both
async def test_aware_moments(face: Face) -> None:
    made = await create(face, Title, name="Z", published=MOMENT.date(), edited=MOMENT)
    await face.call(made, "refresh_from_db")
    assert made.edited == MOMENT and made.edited.utcoffset() == datetime.timedelta(0)
    assert await face.call(Title.objects.filter(edited=MOMENT), "exists")
    with settings.override(TIME_ZONE="Asia/Tokyo"):
        assert await face.call(Title.objects.filter(edited__date=MOMENT.date()), "exists")
        assert await face.call(Title.objects.filter(edited__hour=0), "exists")


@part("Models.USE_TZ = False")
@both
async def test_naive_moments(face: Face) -> None:
    """The whole program says wall-clock times, its tables too."""

    class Happening(models.Model):
        at = models.DateTimeField()

        class Meta:
            app_label = "language"

    wall = datetime.datetime(2024, 7, 1, 0, 30, 0, 7)
    with settings.override(USE_TZ=False):
        await face.call(models, "create_tables", Happening, using="default")
        try:
            made = await create(face, Happening, at=wall)
            await face.call(made, "refresh_from_db")
            assert made.at == wall and made.at.tzinfo is None
            assert await face.call(Happening.objects.filter(at=wall, at__hour=0), "exists")
        finally:
            await face.call(models, "drop_tables", Happening, using="default")


# Fetch modes


@pytest.fixture
def titles(fresh: SimpleNamespace) -> SimpleNamespace:
    return fresh


async def fetched(face: Face, rows: Any, name: str) -> list[Any]:
    """An attribute of each row, which may have to be fetched first."""
    found = await face.list(rows)
    if face.is_async:
        return [await one.afetch(name) for one in found]
    return [getattr(one, name) for one in found]


@part("Models.fetch modes: per queryset")
@both
async def test_fetch_modes(face: Face, fresh: SimpleNamespace) -> None:
    """One by one, all of the query together, or not at all."""
    rows = Title.objects.order_by("name")
    for mode, statements in ((models.FETCH_ONE, 5), (models.FETCH_PEERS, 2)):
        with capture() as log:
            found = await fetched(face, rows.fetch_mode(mode), "publisher")
        assert [one and one.name for one in found] == ["Orb", "Orb", "Zed", None, "Zed"]
        assert len(log) == statements
    with capture() as log:
        found = await fetched(face, rows.only("name").fetch_mode(models.FETCH_PEERS), "pages")
    assert found == [100, 200, None, 400, 100]
    assert len(log) == 2
    first = await face.call(rows.fetch_mode(models.FETCH_RAISE), "first")
    # A loop refuses plain access of what is not loaded before any mode is asked.
    with pytest.raises(SyncOnlyOperation if face.is_async else FieldFetchBlocked):
        _ = first.publisher


@part("Models.fetch modes: setting")
@both
async def test_fetch_mode_setting(face: Face, fresh: SimpleNamespace) -> None:
    with settings.override(FETCH_MODE="peers"), capture() as log:
        assert len(await fetched(face, Title.objects.all(), "publisher")) == 5
    assert len(log) == 2


@part("Models.save with F")
@both
async def test_expressions_in_save(face: Face) -> None:
    box = await create(face, Box, width=3)
    box.width = F("width") + 1
    await face.call(box, "save")
    await face.call(box, "refresh_from_db")
    assert box.width == 4
