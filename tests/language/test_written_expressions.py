"""Values of rows that the database works out: in create(), save(), and the bulk ones."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import CrossDatabaseError, FieldValueError
from manybase.meta.field import DATABASE_DEFAULT
from manybase.models.functions import Coalesce, Concat, Lower, Now, RowNumber, Upper
from manybase.runtime import sync as sync_face
from manybase.runtime.events import capture
from tests.constraints.models import Box
from tests.language.data import F, Face, Publisher, Title, Value, both, column, models, part
from tests.language.models import Stock

pytestmark = pytest.mark.usefixtures("databases")

CROSSED = r"on database 'default' was given .* of database 'other'"
NO_ROW = r"of a new row cannot be .*: there is no row to work it out of"


async def stock(face: Face) -> list[Any]:
    return await face.list(Stock.objects.order_by("code").values_list("code", "amount", "place"))


def largest() -> Any:
    return Stock.objects.order_by("-amount").values("amount")[:1]


def title(name: str, **values: Any) -> Title:
    return Title(name=name, published="2001-01-01", **values)


@part("QuerySet.create with expressions")
@both
async def test_create_works_expressions_out(face: Face, empty: Any) -> None:
    await face.call(Stock.objects, "create", code="a", amount=Value(2) * 4)
    made = await face.call(
        Stock.objects,
        "create",
        code=Lower(Value("B")),
        amount=models.Subquery(largest()),
        place=Concat(Value("x"), Value("y")),
    )
    assert (made.code, made.amount, made.place) == ("b", 8, "xy")
    other = await face.call(Stock.objects, "create", code="c", amount=largest())
    assert other.amount == 8
    assert await stock(face) == [("a", 8, ""), ("b", 8, "xy"), ("c", 8, "")]


@part("Model.save with expressions")
@both
async def test_save_with_a_queryset_as_value(face: Face, empty: Any) -> None:
    first = await face.call(Stock.objects, "create", code="a", amount=3)
    second = await face.call(Stock.objects, "create", code="b", amount=1)
    second.amount = largest()
    await face.call(second, "save")
    assert (second.amount, first.amount) == (3, 3)


@part("QuerySet.bulk_create with expressions")
@both
async def test_bulk_create_with_expressions(face: Face, empty: Any) -> None:
    await face.call(Stock.objects, "create", code="a", amount=7)
    rows = [
        Stock(code=Lower(Value("D")), amount=1),
        Stock(code="c", amount=2),
        Stock(code="b", amount=models.Subquery(largest()), place=Upper(Value("p"))),
        Stock(code=Value("e"), amount=largest()),
    ]
    made = await face.call(Stock.objects, "bulk_create", rows)
    assert [(one.code, one.amount, one.place) for one in made] == [
        ("d", 1, ""),
        ("c", 2, ""),
        ("b", 7, "P"),
        ("e", 7, ""),
    ]
    assert await stock(face) == [
        ("a", 7, ""),
        ("b", 7, "P"),
        ("c", 2, ""),
        ("d", 1, ""),
        ("e", 7, ""),
    ]


@part("QuerySet.bulk_create with expressions")
@both
async def test_keys_and_defaults_come_back_to_their_own_objects(face: Face, empty: Any) -> None:
    rows = [
        Box(width=1, label="a"),
        Box(width=2, label=Lower(Value("B")), weight=5),
        Box(width=Value(1) + 2, label="c", note=DATABASE_DEFAULT),
        Box(id=Value(70) + 7, width=4, label="d", note=Lower(Value("N"))),
    ]
    made = await face.call(Box.objects, "bulk_create", rows)
    fresh = {
        one.label: (one.pk, one.width, one.weight, one.note, one.area, one.shown)
        for one in await face.list(Box.objects.all())
    }
    assert made[3].pk == 77
    assert {
        one.label: (one.pk, one.width, one.weight, one.note, one.area, one.shown) for one in made
    } == fresh
    assert [fresh[label][1:4] for label in "abcd"] == [
        (1, 12, "none"),
        (2, 5, "none"),
        (3, 12, "none"),
        (4, 12, "n"),
    ]


@part("QuerySet.bulk_create with expressions")
@both
async def test_conflicts_of_worked_out_rows(face: Face, empty: Any) -> None:
    await face.call(Stock.objects, "create", code="x", amount=1, place="old")
    rows = [Stock(code=Lower(Value("X")), amount=2), Stock(code="y", amount=Value(1) + 2)]
    await face.call(Stock.objects, "bulk_create", rows, ignore_conflicts=True)
    assert await stock(face) == [("x", 1, "old"), ("y", 3, "")]

    target = sync_face.dialect("default").features.conflict_target
    options: dict[str, Any] = {"unique_fields": ["code"]} if target else {}
    rows = [Stock(code="y", amount=Value(2) * 3), Stock(code=Lower(Value("Z")))]
    await face.call(
        Stock.objects,
        "bulk_create",
        rows,
        update_conflicts=True,
        update_fields=["amount"],
        **options,
    )
    assert await stock(face) == [("x", 1, "old"), ("y", 6, ""), ("z", 0, "")]


@part("QuerySet.bulk_create with expressions")
@both
async def test_values_of_every_family_are_worked_out(face: Face, empty: Any) -> None:
    null = Value(None, models.JSONField())
    rows = [
        title("a", edited=Now(), data=null),
        title("b", data=Value({"k": [1]}, models.JSONField()), price=Value(1) + 1),
        title("c", publisher_id=Value(None)),
    ]
    made = await face.call(Title.objects, "bulk_create", rows)
    assert made[0].data is None and made[0].edited.tzinfo is not None
    assert (made[1].data, made[1].price, made[2].publisher_id) == ({"k": [1]}, 2, None)
    assert await column(face, Title.objects.filter(data=null), "name") == ["a"]
    assert await column(face, Title.objects.filter(data__isnull=True), "name") == ["c"]


@part("QuerySet.bulk_create with expressions")
@both
async def test_many_expressions_are_asked_by_few_statements(face: Face, empty: Any) -> None:
    rows = [Stock(code=Lower(Value(f"C{n}")), amount=n) for n in range(250)]
    with capture() as log:
        await face.call(Stock.objects, "bulk_create", rows)
    assert len([one for one in log if one.sql.startswith("SELECT")]) == 3
    assert len([one for one in log if one.sql.startswith("INSERT")]) == 1
    assert {one.code: one.amount for one in rows} == {f"c{n}": n for n in range(250)}


@part("QuerySet.bulk_create: wrong expressions")
@both
async def test_what_needs_a_row_is_refused(face: Face, empty: Any) -> None:
    own = Stock.objects.filter(amount=models.OuterRef("amount")).values("amount")[:1]
    numbered = models.Window(RowNumber())
    message = f"'language.Stock.amount' {NO_ROW}"
    for value in (F("id"), F("id") + 1, models.Count("*"), numbered, models.Subquery(own)):
        rows = [Stock(code="y"), Stock(code="x", amount=value)]
        with pytest.raises(FieldValueError, match=message) as told:
            await face.call(Stock.objects, "create", code="x", amount=value)
        assert "use the expression in an update" in str(told.value.hint)
        with pytest.raises(FieldValueError, match=message):
            await face.call(Stock.objects, "bulk_create", rows)
        assert rows[1].amount is value
    assert await stock(face) == []


@part("QuerySet.bulk_create: wrong expressions")
@both
async def test_values_that_are_not_loaded_are_refused(face: Face, empty: Any) -> None:
    await face.call(Stock.objects, "create", code="x")
    rows = await face.list(Stock.objects.only("code"))
    rows[0].pk = None
    with pytest.raises(FieldValueError, match="needs 'amount', which is not loaded"):
        await face.call(Stock.objects, "bulk_create", rows)


@part("QuerySet.bulk_create: places of expressions")
@both
async def test_an_expression_of_another_database_is_refused(face: Face, empty: Any) -> None:
    await face.call(Stock.objects.using("other"), "create", code="o", amount=99)
    there = Stock.objects.using("other").values("amount")[:1]
    made = await face.call(Stock.objects, "create", code="a")
    for value in (models.Subquery(there), there, Coalesce(models.Subquery(there), 0)):
        rows = [Stock(code="y"), Stock(code="x", amount=value)]
        with pytest.raises(CrossDatabaseError, match=CROSSED):
            await face.call(Stock.objects, "create", code="x", amount=value)
        with pytest.raises(CrossDatabaseError, match=CROSSED):
            await face.call(Stock.objects, "bulk_create", rows)
        made.amount = value
        with pytest.raises(CrossDatabaseError, match=CROSSED):
            await face.call(made, "save")
        with pytest.raises(CrossDatabaseError, match=CROSSED):
            await face.call(Stock.objects, "bulk_update", [made], ["amount"])
    assert await stock(face) == [("a", 0, "")]


@part("QuerySet.bulk_update with expressions")
@both
async def test_bulk_update_with_expressions(face: Face, empty: Any) -> None:
    rows = [Stock(code=c, amount=n) for n, c in enumerate("abcd")]
    await face.call(Stock.objects, "bulk_create", rows)
    rows = await face.list(Stock.objects.order_by("code"))
    rows[0].amount, rows[0].place = F("amount") + 5, Lower(Value("P"))
    rows[1].amount, rows[1].place = models.Subquery(largest()), "q"
    rows[2].amount, rows[2].place = largest(), Upper("code")
    rows[3].amount = 9
    count = await face.call(Stock.objects, "bulk_update", rows, ["amount", "place"])
    assert count == 4
    found = await stock(face)
    assert [row[2] for row in found] == ["p", "q", "C", ""]
    assert [row[1] for row in found][0::3] == [5, 9]


@part("QuerySet.bulk_update with expressions")
@both
async def test_equal_expressions_are_one_statement(face: Face, empty: Any) -> None:
    rows = [Stock(code=str(n), amount=n) for n in range(20)]
    await face.call(Stock.objects, "bulk_create", rows)
    rows = await face.list(Stock.objects.all())
    for one in rows:
        one.amount = F("amount") + (1 if one.code < "5" else 2)
    with capture() as log:
        assert await face.call(Stock.objects, "bulk_update", rows, ["amount"]) == 20
    assert len([one for one in log if one.sql.startswith("UPDATE")]) == 2
    amounts = dict(await face.list(Stock.objects.values_list("code", "amount")))
    assert amounts == {str(n): n + (1 if str(n) < "5" else 2) for n in range(20)}


@part("QuerySet.update_or_create")
@both
async def test_update_or_create_with_expressions(face: Face, empty: Any) -> None:
    for expected in (3, 6):
        obj, _ = await face.call(
            Stock.objects,
            "update_or_create",
            code="x",
            defaults={"amount": F("amount") * 2},
            create_defaults={"amount": Value(1) + 2},
        )
        assert obj.amount == expected


@part("QuerySet.update over joins")
@both
async def test_update_over_joins_reads_its_own_row(face: Face, empty: Any) -> None:
    house = await face.call(Publisher.objects, "create", name="Orb", city="Rome")
    rows = [title("a", publisher=house, pages=3), title("b", publisher=house, pages=4), title("c")]
    await face.call(Title.objects, "bulk_create", rows)
    theirs = Title.objects.filter(publisher__city="Rome")
    city = models.Subquery(
        Publisher.objects.filter(pk=models.OuterRef("publisher")).values("city")[:1]
    )
    assert await face.call(theirs, "update", flags=F("pages") * 2, name=Upper("name")) == 2
    assert await face.call(theirs.filter(name="A"), "update", name=Concat(city, F("name"))) == 1
    found = await face.list(Title.objects.order_by("pk").values_list("name", "flags"))
    assert found == [("RomeA", 6), ("B", 8), ("c", 0)]


@part("Functions.Now: one moment for a statement")
@both
async def test_now_is_one_moment_for_a_statement(face: Face, empty: Any) -> None:
    await face.call(Title.objects, "bulk_create", [title(str(n)) for n in range(50)])
    await face.call(Title.objects, "update", edited=Now())
    assert len(set(await column(face, Title.objects.all(), "edited"))) == 1
    assert len(set(await column(face, Title.objects.annotate(x=Now()), "x"))) == 1


@part("QuerySet.bulk_create: keys in the list's order")
@both
async def test_rows_are_inserted_in_the_lists_order(face: Face, empty: Any) -> None:
    rows = [
        Box(label="a"),
        Box(label="b", weight=5),
        Box(label=Lower(Value("C")), note="x"),
        Box(label="d", weight=Value(2) * 3, note="y"),
        Box(label="e"),
    ]
    with capture() as log:
        made = await face.call(Box.objects, "bulk_create", rows)
    assert len([one for one in log if one.sql.startswith("INSERT")]) == 1
    found = await face.list(Box.objects.order_by("pk").values_list("label", "weight", "note"))
    assert found == [
        ("a", 12, "none"),
        ("b", 5, "none"),
        ("c", 12, "x"),
        ("d", 6, "y"),
        ("e", 12, "none"),
    ]
    assert [(one.label, one.weight, one.note) for one in made] == found
    assert [one.pk for one in made] == sorted(one.pk for one in made)
