"""full_clean and its parts, on the object's own database, in both faces."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from manybase.errors import ValidationError
from manybase.models import CheckConstraint, F, Q
from manybase.ops.validate_conditions import holds
from tests.models.shelf import Entry, Lamp, Rule, Shelf, Thing, Volume


def faults(obj: Any, **options: Any) -> dict[str, list[str]]:
    """What full_clean() finds."""
    try:
        obj.full_clean(**options)
    except ValidationError as error:
        return error.message_dict
    return {}


@pytest.mark.usefixtures("db")
class TestUnique:
    """Values that other rows have."""

    def test_unique_field(self) -> None:
        rule = Rule.objects.create(word="x")

        assert faults(Rule(word="x", group="b")) == {
            "word": ["Rule with this Word already exists."]
        }
        assert faults(Rule(word=None, group="b")) == {}
        assert faults(rule) == {}
        assert faults(Rule(word="x", group="b"), validate_unique=False) == {}
        assert faults(Rule(word="x", group="b"), exclude=["word"]) == {}

    def test_fields_of_parents_are_looked_up_in_their_table(self) -> None:
        Thing.objects.create(name="lamp")

        assert faults(Lamp(name="lamp")) == {"name": ["Thing with this Name already exists."]}

    def test_place_is_that_of_the_object(self) -> None:
        Rule.objects.using("other").create(word="x")
        rule = Rule(word="x")
        assert faults(rule) == {}

        rule._state.db = "other"
        assert "word" in faults(rule)

    def test_dates(self) -> None:
        day = datetime.date(2020, 5, 17)
        Entry.objects.create(day=day, title="t", slug="s", code="c")

        assert faults(Entry(day=day, title="t", slug="s", code="c")) == {
            "title": ["Title must be unique for Day date."],
            "slug": ["Slug must be unique for Day month."],
            "code": ["Code must be unique for Day year."],
        }
        assert faults(Entry(day=datetime.date(2020, 6, 17), title="t", code="d")) == {}
        assert set(faults(Entry(day=datetime.date(2020, 5, 18), title="t", code="d"))) == {"slug"}

    def test_constraint_with_a_condition(self) -> None:
        Rule.objects.create(group="a")

        assert faults(Rule(group="a")) == {"__all__": ["There is an active rule of this group."]}
        assert faults(Rule(group="a", active=False)) == {}
        assert faults(Rule(group="b")) == {}
        assert faults(Rule(group="a"), validate_constraints=False) == {}


@pytest.mark.usefixtures("db")
class TestParts:
    """Fields, clean(), keys."""

    def test_check_constraint(self) -> None:
        assert faults(Rule(low=3, high=2)) == {
            "__all__": ["Constraint 'shelving_rule_order' is violated."]
        }
        assert faults(Rule(low=3, high=3)) == {}
        assert faults(Rule(low=None, high=3)) == {}

    def test_clean_of_the_program(self) -> None:
        assert faults(Rule(word="wrong")) == {"__all__": ["The word is wrong."]}

    def test_fields_are_converted(self) -> None:
        rule = Rule(low="1", high="2")
        rule.full_clean()

        assert (rule.low, rule.high) == (1, 2)

    def test_keys_are_looked_up_where_the_object_is(self) -> None:
        shelf = Shelf.objects.using("other").create(pk=5, name="s")
        volume = Volume(title="v", shelf_id=5, _order=0)
        assert "shelf" in faults(volume)

        volume = Volume(title="v", shelf=shelf, _order=0)
        assert faults(volume) == {}

    def test_field_alone_can_be_cleaned(self) -> None:
        Shelf.objects.create(pk=5, name="s")
        field = Volume._meta.get_field("shelf")

        assert field.clean(5, None) == 5
        with pytest.raises(ValidationError):
            field.clean(6, None)


@pytest.mark.transactional
@pytest.mark.usefixtures("db")
async def test_asynchronous_face() -> None:
    await Rule.objects.acreate(word="x")
    with pytest.raises(ValidationError) as caught:
        await Rule(word="x", low=3, high=2).afull_clean()
    assert set(caught.value.message_dict) == {"word", "__all__"}
    with pytest.raises(ValidationError) as caught:
        await Volume(title="v", shelf_id=77, _order=0).afull_clean()
    assert set(caught.value.message_dict) == {"shelf"}
    with pytest.raises(ValidationError, match="wrong"):
        await Rule(word="wrong").afull_clean()


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        (Q(low=1), True),
        (Q(low=2), False),
        (~Q(low=2), True),
        (Q(low__gt=0, high__lt=9), True),
        (Q(low__gt=5) | Q(high=8), True),
        (Q(low=1) ^ Q(high=8), False),
        (Q(word__isnull=True), True),
        (Q(word=None), True),
        (Q(word="x"), None),
        (~Q(word="x"), None),
        (Q(low__in=[1, 2]), True),
        (Q(low__range=(2, 5)), False),
        (Q(high=F("low") + 7), True),
        (Q(high__lte=F("low") * 2), False),
        (Q(group__startswith="A"), False),
        (Q(group__istartswith="A"), True),
        (Q(group__regex="^a.$"), False),
        (Q(shelf__name="x"), None),
        (Q(low__unheard=3), None),
        (Q(), True),
    ],
)
def test_conditions_are_evaluated_as_the_database_would(condition: Q, answer: bool | None) -> None:
    rule = Rule(low=1, high=8, word=None, group="a")

    assert holds(condition, rule, set()) is answer


def test_conditions_on_values_that_are_not_valid_are_left_out() -> None:
    assert holds(Q(low=2), Rule(low=1), {"low"}) is None
    assert holds(CheckConstraint(condition=Q(low=1), name="x"), Rule(low=1), set()) is None
