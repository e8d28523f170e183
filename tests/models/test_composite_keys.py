"""CompositePrimaryKey: rows told apart by several fields, on every database and both faces."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from manybase import models
from manybase.errors import (
    ConfigurationError,
    FieldError,
    FieldValueError,
    IntegrityError,
    QueryError,
    UnexpectedKeyword,
    ValidationError,
)
from manybase.models import Count, F, Max
from manybase.runtime import events
from tests.constraints.models import Hall, Seat, Tag


@pytest.fixture
def hall(db: Any) -> Hall:
    hall = Hall.objects.create(name="main")
    for number in (3, 1, 2):
        Seat.objects.create(hall=hall, number=number, ticket=number * 10)
    return hall


class TestValue:
    """``obj.pk``."""

    def test_tuple_of_the_fields_values(self) -> None:
        seat = Seat(hall_id=1, number=2)
        assert seat.pk == (1, 2)
        assert Seat(pk=(3, 4)).hall_id == 3
        assert Seat(hall_id=1).pk is None
        assert Seat(hall_id=1, number=2) == Seat(pk=(1, 2))
        assert hash(seat) == hash((1, 2))
        assert str(seat) == "Seat object ((1, 2))"

    def test_assignment(self) -> None:
        seat = Seat()
        seat.pk = (5, 6)
        assert (seat.hall_id, seat.number) == (5, 6)
        seat.pk = None
        assert (seat.hall_id, seat.number) == (None, None)
        with pytest.raises(FieldValueError, match="a tuple of hall, number"):
            seat.pk = (1, 2, 3)

    def test_copies(self) -> None:
        seat = Seat(pk=(1, 2))
        assert pickle.loads(pickle.dumps(seat)).pk == copy.copy(seat).pk == (1, 2)

    def test_class_tells_of_it(self) -> None:
        meta = Seat._meta
        assert meta.pk is meta.get_field("pk")
        assert [field.name for field in meta.pk_fields] == ["hall", "number"]
        assert [field.name for field in meta.concrete_fields] == [
            "hall",
            "number",
            "taken_by",
            "ticket",
        ]


class TestQueries:
    """``pk`` in filters and orders."""

    def test_comparisons(self, hall: Hall) -> None:
        def numbers(**lookups: Any) -> list[int]:
            return [seat.number for seat in Seat.objects.filter(**lookups).order_by("pk")]

        assert numbers(pk=(hall.pk, 2)) == [2]
        assert numbers(pk__exact=(hall.pk, 2)) == [2]
        assert numbers(pk=[hall.pk, "2"]) == [2]
        assert numbers(pk__in=[(hall.pk, 2), (hall.pk, 3), (0, 1)]) == [2, 3]
        assert numbers(pk__in=[]) == []
        assert numbers(pk__gt=(hall.pk, 1)) == [2, 3]
        assert numbers(pk__lte=(hall.pk, 2)) == [1, 2]
        assert numbers(pk=Seat(pk=(hall.pk, 1))) == [1]
        assert numbers(pk__isnull=True) == []
        assert [s.number for s in Seat.objects.exclude(pk=(hall.pk, 2)).order_by("-pk")] == [3, 1]
        assert Seat.objects.filter(pk=(hall.pk, 2)) | Seat.objects.filter(pk=(hall.pk, 1))

    def test_across_relations(self, hall: Hall) -> None:
        Hall.objects.create(name="empty")

        assert Hall.objects.get(seat__pk=(hall.pk, 2)) == hall
        assert Hall.objects.get(seat=Seat.objects.get(number=3)) == hall
        assert Hall.objects.filter(seat__pk__in=[(hall.pk, 7)]).count() == 0
        assert Hall.objects.filter(seat__isnull=True).get().name == "empty"

    def test_rows(self, hall: Hall) -> None:
        seats = Seat.objects.order_by("pk")

        assert seats.get(pk=(hall.pk, 3)).ticket == 30
        assert seats.first().number == 1
        assert seats.last().number == 3
        assert list(seats.values_list("pk", flat=True)) == [(hall.pk, n) for n in (1, 2, 3)]
        assert seats.values("pk", "ticket")[0] == {"pk": (hall.pk, 1), "ticket": 10}
        assert list(seats.values_list("ticket", "pk")[:1]) == [(10, (hall.pk, 1))]
        assert Seat.objects.in_bulk([(hall.pk, 1), (hall.pk, 9)]).keys() == {(hall.pk, 1)}
        assert len(Seat.objects.in_bulk()) == 3
        assert seats.count() == 3
        assert hall.seat_set.get(number=2).pk == (hall.pk, 2)
        assert list(Hall.objects.prefetch_related("seat_set")[0].seat_set.order_by("number")) == [
            Seat(pk=(hall.pk, n)) if False else seat for n, seat in enumerate(seats)
        ]
        assert seats.contains(Seat.objects.get(number=1))
        assert seats.select_related("hall")[0].hall == hall
        assert seats.only("ticket")[0].pk == (hall.pk, 1)
        assert Hall.objects.annotate(seats=Count("seat__number")).get().seats == 3

    def test_many_keys(self, hall: Hall) -> None:
        wanted = [(hall.pk, number) for number in range(1, 3000)]

        assert Seat.objects.filter(pk__in=wanted).count() == 3
        assert len(Seat.objects.in_bulk(wanted)) == 3

    def test_changes(self, hall: Hall) -> None:
        assert Seat.objects.filter(pk=(hall.pk, 2)).update(taken_by="Ann") == 1
        assert Seat.objects.filter(hall__name="main", number__gt=1).update(taken_by="Bob") == 2
        assert sorted(Seat.objects.values_list("taken_by", flat=True)) == ["", "Bob", "Bob"]
        assert Seat.objects.filter(hall__name="main", number__gt=2).delete()[0] == 1
        assert Seat.objects.count() == 2


class TestErrors:
    """What has no meaning is told at the call."""

    @pytest.mark.parametrize(
        ("call", "error", "message"),
        [
            (lambda: Seat.objects.filter(pk=3), FieldValueError, "a tuple of hall, number"),
            (lambda: Seat.objects.filter(pk=(1,)), FieldValueError, "a tuple of hall, number"),
            (lambda: Seat.objects.filter(pk=(1, "x")), FieldValueError, "takes a whole number"),
            (lambda: Seat.objects.filter(pk=None), FieldValueError, "compared with None"),
            (lambda: Seat.objects.filter(pk__in=3), FieldValueError, "list of tuples"),
            (lambda: Seat.objects.filter(pk=F("number")), QueryError, "2 columns, not with 1"),
            (lambda: Seat.objects.filter(pk=F("number") + 1), QueryError, "several fields"),
            (lambda: Seat.objects.filter(pk=Hall(pk=1)), FieldError, "takes objects of"),
            (lambda: Seat.objects.update(pk=(1, 2)), QueryError, "cannot update 'pk'"),
            (lambda: Seat(1, 2, 3, 4, 5), UnexpectedKeyword, "takes 4 values"),
        ],
    )
    @pytest.mark.usefixtures("db")
    def test_wrong_values(
        self, call: Callable[[], Any], error: type[Exception], message: str
    ) -> None:
        with pytest.raises(error, match=message):
            call()

    @pytest.mark.usefixtures("db")
    def test_key_without_one_column(self) -> None:
        with pytest.raises(FieldError, match="several columns"):
            Seat.objects.aggregate(n=Max("pk"))

    @pytest.mark.usefixtures("db")
    def test_incomplete_key_is_not_saved(self) -> None:
        with pytest.raises(FieldValueError, match="without 'number', which is part of its key"):
            Seat(hall_id=1).save()

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"pk": models.CompositePrimaryKey("a", "c")}, "names 'c', which is no field"),
            ({"key": models.CompositePrimaryKey("a", "b")}, "is called 'key'"),
            (
                {
                    "pk": models.CompositePrimaryKey("a", "b"),
                    "c": models.IntegerField(primary_key=True),
                },
                "has a CompositePrimaryKey and also 'c'",
            ),
            (
                {"pk": models.CompositePrimaryKey("a", "c"), "c": models.IntegerField(null=True)},
                "has null=True",
            ),
            (
                {"pk": models.CompositePrimaryKey("a", "c"), "c": models.ManyToManyField(Hall)},
                "has no column",
            ),
        ],
    )
    def test_senseless_keys_are_refused(self, fields: dict[str, Any], message: str) -> None:
        with pytest.raises(ConfigurationError, match=message):
            _model({"a": models.IntegerField(), "b": models.IntegerField(), **fields})

    def test_too_few_names(self) -> None:
        with pytest.raises(ConfigurationError, match="two or more"):
            models.CompositePrimaryKey("a")
        with pytest.raises(ConfigurationError, match="twice"):
            models.CompositePrimaryKey("a", "a")

    def test_foreign_keys_need_one_value(self) -> None:
        with pytest.raises(ConfigurationError, match="'hall', 'number' together") as caught:
            _model({"seat": models.ForeignKey(Seat, models.CASCADE)})
        assert "to_field" in str(caught.value.hint)
        made = _model({"seat": models.ForeignKey(Seat, models.CASCADE, to_field="ticket")})
        assert made._meta.get_field("seat").target_field.name == "ticket"


def _model(fields: dict[str, Any]) -> Any:
    meta = type("Meta", (), {"app_label": "constraining", "managed": False})
    return type("Made", (models.Model,), {"__module__": __name__, "Meta": meta, **fields})


class TestSaving:
    """Rows are written by the whole key."""

    def test_insert_update_delete(self, hall: Hall) -> None:
        seat = Seat(hall=hall, number=9)
        seat.save()
        assert seat._state.db == "default"
        seat.taken_by = "Ann"
        with events.capture() as captured:
            seat.save()
        assert len(captured) == 1
        seat.taken_by = ""
        seat.refresh_from_db()
        assert seat.taken_by == "Ann"
        seat.taken_by = "Bob"
        seat.save(update_fields=["taken_by"])
        assert Seat.objects.get(number=9).taken_by == "Bob"
        assert seat.delete() == (1, {"constraining.Seat": 1})
        assert seat.pk is None
        assert Seat.objects.count() == 3

    def test_forced(self, hall: Hall) -> None:
        Seat(hall=hall, number=3, taken_by="x").save(force_update=True)
        with pytest.raises(Seat.NotUpdated):
            Seat(hall=hall, number=33).save(force_update=True)
        with pytest.raises(FieldValueError, match="cannot update"):
            Seat.objects.get(number=3).save(update_fields=["number"])

    @pytest.mark.transactional
    def test_taken_keys(self, hall: Hall) -> None:
        with pytest.raises(IntegrityError):
            Seat.objects.create(hall=hall, number=3)

    def test_only_a_key(self, db: Any) -> None:
        Tag.objects.create(kind="a", word="b")
        Tag(kind="a", word="b").save()
        assert Tag.objects.get(pk=("a", "b")).word == "b"
        with pytest.raises(ValidationError) as caught:
            Tag(kind="a", word="b").full_clean()
        assert caught.value.message_dict == {
            "__all__": ["Tag with this Kind and Word already exists."]
        }
        Tag.objects.get().full_clean()

    def test_many_objects(self, hall: Hall) -> None:
        made = Seat.objects.bulk_create([Seat(hall=hall, number=n) for n in (7, 8)])
        assert [seat._state.db for seat in made] == ["default", "default"]
        for seat in made:
            seat.taken_by = "x"
        assert Seat.objects.bulk_update(made, ["taken_by"]) == 2
        assert Seat.objects.filter(taken_by="x").count() == 2
        assert hall.delete()[1] == {"constraining.Seat": 5, "constraining.Hall": 1}

    def test_get_or_create(self, hall: Hall) -> None:
        seat, made = Seat.objects.get_or_create(pk=(hall.pk, 1), defaults={"ticket": 5})
        assert (seat.ticket, made) == (10, False)
        seat, made = Seat.objects.update_or_create(hall=hall, number=77, defaults={"ticket": 5})
        assert (seat.pk, made) == ((hall.pk, 77), True)

    def test_places(self, hall: Hall) -> None:
        Hall.objects.using("other").create(pk=hall.pk, name="elsewhere")
        seat = Seat.objects.using("other").create(hall_id=hall.pk, number=1, taken_by="there")

        assert seat != Seat.objects.get(number=1)
        assert seat.same_row(Seat.objects.get(number=1))
        seat.refresh_from_db()
        assert seat.taken_by == "there"


@pytest.mark.transactional
@pytest.mark.usefixtures("db")
async def test_asynchronous_face() -> None:
    hall = await Hall.objects.acreate(name="main")
    seat = await Seat.objects.acreate(hall=hall, number=1)
    seat.taken_by = "Ann"
    await seat.asave()
    assert (await Seat.objects.aget(pk=(hall.pk, 1))).taken_by == "Ann"
    assert (await Seat.objects.ain_bulk([(hall.pk, 1)])).keys() == {(hall.pk, 1)}
    await seat.arefresh_from_db()
    await seat.adelete()
    assert await Seat.objects.acount() == 0
