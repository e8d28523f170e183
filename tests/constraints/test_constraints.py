"""Meta.constraints and Meta.indexes: kept by the databases, and told before a save."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from manybase import models
from manybase.db import connections, transaction
from manybase.errors import (
    ConfigurationError,
    FieldError,
    IntegrityError,
    NotSupportedError,
    ValidationError,
)
from manybase.models import F, Q
from manybase.runtime import events, sync
from manybase.schema.limits import limits
from tests.constraints.models import Box, Lower, Room, Shape
from tests.databases import Databases


def faults(obj: Any, **options: Any) -> dict[str, list[str]]:
    """What full_clean() finds."""
    try:
        obj.full_clean(**options)
    except ValidationError as error:
        return error.message_dict
    return {}


def features(alias: str = "default") -> Any:
    return sync.dialect(alias).features


@pytest.mark.usefixtures("db")
class TestChecks:
    """CheckConstraint."""

    def test_database_refuses_the_row(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic("default"):
            Room.objects.create(floor=1, number=200)
        with pytest.raises(IntegrityError), transaction.atomic("default"):
            Room.objects.create(name="forbidden")
        Room.objects.create(floor=150, number=200)

    def test_long_lists(self) -> None:
        Room.objects.create(status='a"b\\c59', floor=-1)
        with pytest.raises(IntegrityError), transaction.atomic("default"):
            Room.objects.create(floor=301)
        with pytest.raises(IntegrityError), transaction.atomic("default"):
            Room.objects.create(status="ab")
        assert "constraining_room_lists" in str(faults(Room(floor=301)))

    def test_message_and_code(self) -> None:
        with pytest.raises(ValidationError) as caught:
            Room(floor=1, number=200).full_clean()

        (error,) = caught.value.error_dict["__all__"]
        assert error.messages == ["Constraint constraining_room_number: too high a number."]
        assert error.code == "high"

    def test_what_python_cannot_judge_is_asked_of_the_objects_database(self) -> None:
        room = Room(status="X1")
        room._state.db = "other"
        with events.capture() as captured, pytest.raises(ValidationError) as caught:
            room.validate_constraints()

        assert "constraining_room_status" in str(caught.value.message_dict)
        assert {statement.alias for statement in captured} == {"other"}
        assert faults(Room(status="1x")) == {}

    def test_fields_that_are_left_out_or_not_valid_are_not_judged(self) -> None:
        assert faults(Room(floor=1, number=200), exclude=["number"]) == {}
        assert set(faults(Room(floor=1, number="many"))) == {"number"}

    def test_names_are_filled_in(self) -> None:
        names = {constraint.name for constraint in Room._meta.constraints}

        assert "constraining_room_allowed" in names
        assert Room._meta.indexes[0].name is None


@pytest.mark.usefixtures("db")
class TestUnique:
    """UniqueConstraint."""

    def test_expression(self) -> None:
        room = Room.objects.create(code="Ab", number=1)
        found = faults(Room(code="aB", number=2))

        assert found == {"__all__": ["Constraint 'constraining_room_code' is violated."]}
        assert faults(room) == {}
        assert faults(Room(code=None, number=2)) == {}
        assert faults(Room(code="c", number=2)) == {}
        assert faults(Room(code="ab", number=2), exclude=["code"]) == {}

    def test_expression_is_looked_for_on_the_objects_database(self) -> None:
        Room.objects.using("other").create(code="ab", number=1)
        room = Room(code="AB", number=2)
        assert faults(room) == {}
        room._state.db = "other"
        assert "__all__" in faults(room)

    def test_databases_keep_the_expression(self) -> None:
        Room.objects.create(code="Ab", number=1)
        with pytest.raises(IntegrityError), transaction.atomic("default"):
            Room.objects.create(code="aB", number=2)
        Room.objects.create(code="c", number=2)
        Room.objects.create(code=None, number=3)
        Room.objects.create(code=None, number=4)

    def test_databases_keep_equal_nulls_and_the_condition(self) -> None:
        Room.objects.create(floor=11, letter=None, number=1)
        with pytest.raises(IntegrityError), transaction.atomic("default"):
            Room.objects.create(floor=11, letter=None, number=2)
        Room.objects.create(floor=11, letter="", number=2)
        Room.objects.create(floor=1, letter=None, number=1)
        Room.objects.create(floor=1, letter=None, number=2)

    def test_databases_keep_equal_nulls_of_every_kind(self) -> None:
        Shape.objects.create()
        with pytest.raises(IntegrityError), transaction.atomic("default"):
            Shape.objects.create()
        assert "__all__" in faults(Shape())
        shape = Shape.objects.create(
            number=0, text="", price=0, yes=False, day=datetime.date(2000, 1, 1)
        )
        assert faults(shape) == {}
        Shape.objects.create(number=0)

    def test_hidden_columns_are_hidden(self) -> None:
        Room.objects.create(code="Ab", number=1)
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT * FROM constraining_room")
            assert len(cursor.fetchone()) == len(Room._meta.concrete_fields)

    def test_nulls_that_are_equal_and_a_condition(self) -> None:
        Room.objects.create(floor=11, letter=None, number=1)

        assert "__all__" in faults(Room(floor=11, letter=None, number=2))
        assert faults(Room(floor=11, letter="a", number=2)) == {}
        Room.objects.create(floor=1, letter=None, number=1)
        assert faults(Room(floor=1, letter=None, number=2)) == {}

    def test_plain_fields_have_the_words_of_unique_together(self) -> None:
        Room.objects.create(floor=3, number=4)

        assert faults(Room(floor=3, number=4)) == {
            "__all__": ["Room with this Floor and Number already exists."]
        }

    def test_deferrable_is_checked_at_the_end_where_that_is_possible(self) -> None:
        one = Room.objects.create(floor=3, number=4)
        two = Room.objects.create(floor=3, number=5)
        if not features().deferrable_unique:
            assert "at once" in features().why("deferrable_unique")
            return
        with transaction.atomic("default"):
            Room.objects.filter(pk=one.pk).update(number=5)
            Room.objects.filter(pk=two.pk).update(number=4)

    def test_generated_column(self) -> None:
        Box.objects.create(label="ABC")

        assert faults(Box(label="abc")) == {"shown": ["Box with this Shown already exists."]}
        assert faults(Box(label="abd")) == {}
        assert faults(Box(width=100, height=100)) == {
            "__all__": ["Constraint 'constraining_box_area' is violated."]
        }


@pytest.mark.transactional
@pytest.mark.usefixtures("db")
async def test_asynchronous_face() -> None:
    await Room.objects.acreate(code="Ab", number=1)
    with pytest.raises(ValidationError) as caught:
        await Room(code="aB", status="x1", number=2).afull_clean()
    assert len(caught.value.message_dict["__all__"]) == 2


@pytest.mark.usefixtures("db")
def test_indexes_are_made(databases: Databases) -> None:
    found: dict[str, Callable[[], list[str]]] = {
        "sqlite": lambda: _names("SELECT name FROM sqlite_master WHERE type = 'index'"),
        "postgresql": lambda: _names("SELECT indexname FROM pg_indexes"),
        "mysql": lambda: _names("SELECT DISTINCT index_name FROM information_schema.statistics"),
    }
    names = found[databases.kind]()
    assert {"room_code_covers", "room_name_prefix"} <= set(names)
    if features().expression_indexes:
        assert "room_status" in names


def _names(sql: str) -> list[str]:
    with connections["default"].cursor() as cursor:
        cursor.execute(sql)
        return [name for (name,) in cursor.fetchall()]


@pytest.mark.transactional
@pytest.mark.usefixtures("db")
def test_what_a_database_cannot_hold_is_announced(caplog: pytest.LogCaptureFixture) -> None:
    dialect = sync.dialect("default")
    found = {(limit.name, limit.feature) for limit in limits(Room, dialect)}
    expected = {
        "sqlite": {"deferrable_unique", "covering_indexes", "operator_classes"},
        "postgresql": set(),
        "mysql": {
            "deferrable_unique",
            "covering_indexes",
            "operator_classes",
            "partial_indexes",
        },
    }
    assert {feature for _, feature in found} == expected[dialect.name]
    with caplog.at_level("WARNING", logger="manybase.schema"):
        models.create_tables(Room, using="default")
    assert len(caplog.messages) == len(found)
    if found:
        assert "database 'default': 'constraining_room_place' of 'constraining.Room'" in (
            caplog.text
        )
        assert dialect.features.why("deferrable_unique") in caplog.text


@pytest.mark.transactional
@pytest.mark.usefixtures("db")
def test_needed_features() -> None:
    class Needing(models.Model):
        class Meta:
            app_label = "constraining"
            required_db_features = ("deferrable_unique",)

    dialect = sync.dialect("default")
    if dialect.features.deferrable_unique:
        models.create_tables(Needing, using="default")
        models.drop_tables(Needing, using="default")
    else:
        with pytest.raises(NotSupportedError, match="at once"):
            models.create_tables(Needing, using="default")
    Needing._meta.required_db_features = ("deferable_unique",)
    with pytest.raises(ConfigurationError) as caught:
        models.create_tables(Needing, using="default")
    assert "deferrable_unique" in str(caught.value.hint)


@pytest.mark.transactional
@pytest.mark.usefixtures("db")
def test_other_tables_are_refused() -> None:
    class Beside(models.Model):
        room = models.ForeignKey(Room, models.CASCADE)

        class Meta:
            app_label = "constraining"
            constraints = [models.CheckConstraint(condition=Q(room__floor=1), name="beside")]

    with pytest.raises(ConfigurationError, match=r"'constraining\.Beside' reads another table"):
        models.create_tables(Beside, using="default")
    with pytest.raises(FieldError, match="reads another table"):
        Beside(room_id=1).validate_constraints()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: models.CheckConstraint(condition=3, name="c"), "condition of CheckConstraint"),
        (lambda: models.UniqueConstraint(name="u"), "either fields or expressions"),
        (lambda: models.UniqueConstraint("a", fields=["b"], name="u"), "either fields or"),
        (lambda: models.UniqueConstraint(fields="ab", name="u"), "fields of UniqueConstraint 'u'"),
        (
            lambda: models.UniqueConstraint(
                fields=["a"], name="u", condition=Q(a=1), deferrable=models.Deferrable.DEFERRED
            ),
            "has condition and cannot be deferrable",
        ),
        (
            lambda: models.UniqueConstraint(fields=["a"], name="u", opclasses=["x", "y"]),
            "1 fields but 2 opclasses",
        ),
        (
            lambda: models.Index(fields=["a"], name="i", opclasses=["x) WHERE (1=1"]),
            "the operator class of Index 'i' must be a name",
        ),
        (
            lambda: models.OpClass("a", name="x; DROP TABLE a"),
            r"operator class of OpClass\(\) must be a name: letters, digits, '_' and points",
        ),
        (lambda: models.UniqueConstraint(fields=["a"], name="u", condition=1), "condition of"),
        (lambda: models.UniqueConstraint(fields=["a"], name=""), "must have a name"),
        (lambda: models.Index(Lower("a")), "needs a name"),
        (lambda: models.Index(fields=["a"], condition=Q(a=1)), "needs a name"),
    ],
)
def test_senseless_options_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make()


@pytest.mark.parametrize(
    "item",
    [
        {"constraints": [models.CheckConstraint(condition=Q(nmae="x"), name="c")]},
        {"constraints": [models.CheckConstraint(condition=Q(name=F("nmae")), name="c")]},
        {"constraints": [models.UniqueConstraint(Lower("nmae"), name="c")]},
        {"indexes": [models.Index(models.OpClass("nmae", name="x_ops"), name="c")]},
        {"constraints": [models.UniqueConstraint(fields=["nmae"], name="c")]},
        {"constraints": [models.UniqueConstraint(fields=["name"], include=["nmae"], name="c")]},
        {"indexes": [models.Index(Lower("nmae").desc(), name="c")]},
        {"indexes": [models.Index(fields=["name"], name="c", condition=Q(nmae=1))]},
    ],
)
def test_unknown_names_are_told_when_the_class_is_made(item: dict[str, Any]) -> None:
    with pytest.raises(FieldError, match="nmae") as caught:
        type(
            "Misspelt",
            (models.Model,),
            {
                "__module__": __name__,
                "name": models.CharField(max_length=5),
                "Meta": type("Meta", (), {"app_label": "constraining", **item}),
            },
        )
    assert "name" in str(caught.value.hint)
