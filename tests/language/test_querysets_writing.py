"""QuerySet: create, update and delete, one by one and in bulk."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from manybase.db import connections
from manybase.errors import FieldError, QueryError
from manybase.runtime.events import capture
from tests.language.data import (
    Author,
    Chapter,
    F,
    Face,
    Publisher,
    Q,
    Remark,
    Title,
    Value,
    both,
    column,
    models,
    names,
    part,
)
from tests.language.models import Stock

written = pytest.mark.usefixtures("fresh")
pytestmark = pytest.mark.usefixtures("databases")


async def stock(face: Face) -> list[Any]:
    return await face.list(Stock.objects.order_by("code").values_list("code", "amount", "place"))


@part("QuerySet.create")
@both
async def test_create(face: Face, empty: Any) -> None:
    made = await face.call(Stock.objects, "create", code="x", amount=3)
    assert made.pk and await stock(face) == [("x", 3, "")]


@part("QuerySet.get_or_create")
@both
async def test_get_or_create(face: Face, empty: Any) -> None:
    first, made = await face.call(
        Stock.objects, "get_or_create", code="x", defaults={"amount": 3, "place": lambda: "p"}
    )
    again, made_again = await face.call(Stock.objects, "get_or_create", code="x")
    assert (first == again, made, made_again) == (True, True, False)
    assert await stock(face) == [("x", 3, "p")]


@part("QuerySet.get_or_create: raced")
@pytest.mark.parametrize("face", ["sync", "async"])
def test_raced_get_or_create(face: str, empty: Any) -> None:
    """Of several at once one creates, and the others get what it created."""
    found = _in_tasks() if face == "async" else _in_threads()
    assert sorted(made for _, made in found) == [False, False, False, True]
    assert len({obj.pk for obj, _ in found}) == 1


def _in_tasks() -> list[Any]:
    async def main() -> list[Any]:
        try:
            return await asyncio.gather(
                *(Stock.objects.aget_or_create(code="x", defaults={"amount": n}) for n in range(4))
            )
        finally:
            await connections.aclose_all()

    return asyncio.run(main())


def _in_threads() -> list[Any]:
    together = threading.Barrier(4)

    def work(number: int) -> Any:
        try:
            together.wait(10)
            return Stock.objects.get_or_create(code="x", defaults={"amount": number})
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, range(4)))


@part("QuerySet.update_or_create")
@both
async def test_update_or_create(face: Face, empty: Any) -> None:
    call = "update_or_create"
    _, made = await face.call(Stock.objects, call, code="x", defaults={"amount": 1})
    _, made_again = await face.call(
        Stock.objects, call, code="x", defaults={"amount": F("amount") + 1}
    )
    assert (made, made_again) == (True, False)
    assert await stock(face) == [("x", 2, "")]


@part("QuerySet.update_or_create(create_defaults=)")
@both
async def test_update_or_create_with_create_defaults(face: Face, empty: Any) -> None:
    for _ in range(2):
        await face.call(
            Stock.objects,
            "update_or_create",
            code="x",
            defaults={"place": "again"},
            create_defaults={"place": "first"},
        )
        if len(await stock(face)) == 1 and (await stock(face))[0][2] == "again":
            break
        assert await stock(face) == [("x", 0, "first")]
    assert await stock(face) == [("x", 0, "again")]


@part("QuerySet.bulk_create")
@both
async def test_bulk_create(face: Face, empty: Any) -> None:
    made = await face.call(
        Stock.objects, "bulk_create", [Stock(code=str(n), amount=n) for n in range(5)], batch_size=2
    )
    assert [one.amount for one in made] == [0, 1, 2, 3, 4]
    assert await face.call(Stock.objects, "count") == 5


@part("QuerySet.bulk_create: keys returned")
@both
async def test_bulk_create_returns_keys(face: Face, empty: Any, cannot: Any) -> None:
    made = await face.call(Stock.objects, "bulk_create", [Stock(code="a"), Stock(code="b")])
    with cannot("bulk_returning", AssertionError):
        assert [one.pk for one in made] == [
            one.pk for one in await face.list(Stock.objects.order_by("code"))
        ]


@part("QuerySet.bulk_create(ignore_conflicts=)")
@both
async def test_bulk_create_ignoring(face: Face, empty: Any) -> None:
    await face.call(Stock.objects, "create", code="x", amount=1)
    rows = [Stock(code="x", amount=2), Stock(code="y", amount=3)]
    await face.call(Stock.objects, "bulk_create", rows, ignore_conflicts=True)
    assert await stock(face) == [("x", 1, ""), ("y", 3, "")]


@part("QuerySet.bulk_create(update_conflicts=)")
@both
async def test_bulk_create_updating(face: Face, empty: Any) -> None:
    await face.call(Stock.objects, "create", code="x", amount=1, place="old")
    rows = [Stock(code="x", amount=2, place="new"), Stock(code="y", amount=3)]
    # MariaDB looks at every unique key, the others at the one that is named.
    from manybase.runtime import sync as sync_face

    target = sync_face.dialect("default").features.conflict_target
    options = {"unique_fields": ["code"]} if target else {}
    await face.call(
        Stock.objects,
        "bulk_create",
        rows,
        update_conflicts=True,
        update_fields=["amount"],
        **options,
    )
    assert await stock(face) == [("x", 2, "old"), ("y", 3, "")]


@part("QuerySet.bulk_create(unique_fields=)")
@both
async def test_bulk_create_with_unique_fields(face: Face, empty: Any, cannot: Any) -> None:
    await face.call(Stock.objects, "create", code="x", amount=1)
    with cannot("conflict_target"):
        await face.call(
            Stock.objects,
            "bulk_create",
            [Stock(code="x", amount=2)],
            update_conflicts=True,
            update_fields=["amount"],
            unique_fields=["code"],
        )
        assert await stock(face) == [("x", 2, "")]


@part("QuerySet.bulk_create: wrong combinations")
@both
async def test_bulk_create_is_checked(face: Face, empty: Any) -> None:
    rows = [Stock(code="x")]
    for options, words in [
        ({"ignore_conflicts": True, "update_conflicts": True}, "exclude|together|both|mutually"),
        ({"update_conflicts": True, "unique_fields": ["code"]}, "update_fields"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": -1}, "batch_size"),
    ]:
        with pytest.raises((QueryError, ValueError), match=words):
            await face.call(Stock.objects, "bulk_create", rows, **options)


@part("QuerySet.bulk_update")
@both
async def test_bulk_update(face: Face, empty: Any) -> None:
    await face.call(Stock.objects, "bulk_create", [Stock(code=c) for c in "abc"])
    rows = await face.list(Stock.objects.order_by("code"))
    for number, one in enumerate(rows):
        one.amount, one.place = number, one.code * 2
    rows[2].amount = F("amount") + 7
    count = await face.call(Stock.objects, "bulk_update", rows, ["amount", "place"], batch_size=2)
    assert count == 3
    assert await stock(face) == [("a", 0, "aa"), ("b", 1, "bb"), ("c", 7, "cc")]


@part("QuerySet.update")
@both
@written
async def test_update(face: Face) -> None:
    assert await face.call(Title.objects.filter(pages=100), "update", pages=101, flags=0) == 2
    assert await column(face, Title.objects.all(), "pages") == [101, 200, None, 400, 101]


@part("QuerySet.update with F")
@both
@written
async def test_update_with_f(face: Face) -> None:
    await face.call(Title.objects, "update", pages=F("pages") + F("flags"), flags=F("flags") * 2)
    assert await column(face, Title.objects.all(), "flags") == [10, 6, 0, 12, 0]


@part("QuerySet.update with expressions")
@both
@written
async def test_update_with_expressions(face: Face) -> None:
    case = models.Case(models.When(pages__gt=150, then=Value(1)), default=Value(0))
    await face.call(Title.objects, "update", flags=case)
    assert await column(face, Title.objects.all(), "flags") == [0, 1, 0, 1, 0]


@part("QuerySet.update with subqueries")
@both
@written
async def test_update_with_subqueries(face: Face) -> None:
    house = Publisher.objects.filter(pk=models.OuterRef("publisher"))
    city = models.Subquery(house.values("city")[:1])
    number = models.Case(
        models.When(models.Exists(house.filter(city="Rome")), then=Value(9)), default=Value(1)
    )
    await face.call(Author.objects, "update", name=models.F("name"))
    await face.call(Title.objects, "update", flags=number)
    assert await column(face, Title.objects.all(), "flags") == [9, 9, 1, 1, 1]
    await face.call(Title.objects.filter(publisher__city__isnull=False), "update", data=None)
    await face.call(Publisher.objects.filter(name="Zed"), "update", city="Oslo")
    await face.call(Title.objects.filter(name="E"), "update", name=city)
    assert await face.call(Title.objects.filter(name="Oslo"), "exists")


@part("QuerySet.update over joins")
@both
@written
async def test_update_over_joins(face: Face) -> None:
    count = await face.call(Title.objects.filter(publisher__city="Rome"), "update", flags=70)
    assert count == 2
    count = await face.call(Title.objects.filter(authors__name="Ada"), "update", rating=9.0)
    assert count == 3
    assert await column(face, Title.objects.all(), "flags") == [70, 70, 0, 6, 0]


@part("QuerySet.update of annotated rows")
@both
@written
async def test_update_of_annotated_rows(face: Face) -> None:
    rows = Title.objects.annotate(n=models.Count("authors")).filter(n__gt=1)
    assert await face.call(rows, "update", flags=1) == 2
    doubled = Title.objects.annotate(d=F("pages") * 2)
    await face.call(doubled.filter(name="B"), "update", flags=F("d"))
    assert await column(face, Title.objects.all(), "flags") == [1, 400, 0, 6, 1]


@part("QuerySet.update of ordered rows")
@both
@written
async def test_update_of_ordered_rows(face: Face) -> None:
    assert await face.call(Title.objects.order_by("-name"), "update", flags=2) == 5


@part("QuerySet.delete")
@both
@written
async def test_delete(face: Face, fresh: SimpleNamespace) -> None:
    """With what depends on the rows: chapters, links and remarks."""
    count, each = await face.call(Title.objects.filter(pages=100), "delete")
    assert each["language.Title"] == 2 and each["language.Chapter"] == 3
    assert count == sum(each.values())
    assert await names(face, Title.objects.all()) == "BCD"
    assert await face.call(Remark.objects, "count") == 1


@part("QuerySet.delete: one statement where nothing depends")
@both
@written
async def test_fast_delete(face: Face) -> None:
    with capture() as log:
        count, each = await face.call(Chapter.objects.filter(number=1), "delete")
    assert (count, each) == (2, {"language.Chapter": 2})
    assert len(log) == 1 and log[0].sql.startswith("DELETE")


@part("QuerySet.delete over joins")
@both
@written
async def test_delete_over_joins(face: Face) -> None:
    count, _ = await face.call(Chapter.objects.filter(title__publisher__name="Orb"), "delete")
    assert count == 2
    await face.call(Author.objects.filter(Q(titles__name="B") | Q(name="Dan")).distinct(), "delete")
    assert await names(face, Author.objects.all()) == "AdaCyd"


@part("Model.save")
@both
@written
async def test_save(face: Face, fresh: SimpleNamespace) -> None:
    fresh.A.pages = F("pages") + 1
    await face.call(fresh.A, "save")
    await face.call(fresh.A, "refresh_from_db")
    assert fresh.A.pages == 101
    fresh.A.pages, fresh.A.flags = 1, 99
    await face.call(fresh.A, "save", update_fields=["pages"])
    assert (await face.call(Title.objects, "get", pk=fresh.A.pk)).flags == 5


@part("Model.delete")
@both
@written
async def test_delete_of_one(face: Face, fresh: SimpleNamespace) -> None:
    _, each = await face.call(fresh.orb, "delete")
    assert each["language.Title"] == 2 and fresh.orb.pk is None


@part("related managers: add, remove, set, clear, create")
@both
@written
async def test_related_managers(face: Face, fresh: SimpleNamespace) -> None:
    authors = fresh.B.authors
    await face.call(authors, "add", fresh.cyd)
    assert await names(face, authors.order_by("name")) == "BobCyd"
    await face.call(authors, "remove", fresh.bob)
    await face.call(authors, "set", [fresh.ada, fresh.dan])
    assert await names(face, authors.order_by("name")) == "AdaDan"
    await face.call(authors, "clear")
    eve = await face.call(authors, "create", name="Eve")
    assert await names(face, authors.all()) == "Eve"
    assert await face.list(eve.titles.values_list("name", flat=True)) == ["B"]
    await face.call(fresh.orb.titles, "add", fresh.D)
    await face.call(fresh.orb.titles, "remove", fresh.A)
    assert await names(face, fresh.orb.titles.order_by("name")) == "BD"


@written
@both
async def test_update_found_over_relations_reads_its_own_row(face: Face) -> None:
    """Rows found by a join are written from their own columns, annotated ones too."""
    adas = Title.objects.filter(authors__name="Ada")
    assert await face.call(adas, "update", pages=F("pages") + 1) == 3
    assert await column(face, Title.objects.all(), "pages") == [101, 200, None, 401, 101]
    doubled = Title.objects.annotate(x=F("pages") * 2).filter(publisher__name="Orb")
    assert await face.call(doubled, "update", pages=F("x")) == 2
    assert await column(face, Title.objects.all(), "pages") == [202, 400, None, 401, 101]
    counted = Title.objects.annotate(n=models.Count("authors")).filter(n=1)
    assert await face.call(counted.distinct(), "update", pages=F("id") - F("id")) == 2
    assert await column(face, Title.objects.all(), "pages") == [202, 0, None, 0, 101]
    first = Chapter.objects.filter(title=models.OuterRef("pk")).order_by("-number")
    assert await face.call(adas, "update", pages=models.Subquery(first.values("number")[:1])) == 3
    assert await column(face, Title.objects.all(), "pages") == [2, 0, None, None, 1]


@written
@both
async def test_update_reads_no_other_table(face: Face) -> None:
    """Not even one that the rows are found by, nor over an annotation."""
    pupils = Author.objects.filter(mentor__name="Ada")
    named = Author.objects.annotate(x=F("mentor__age"))
    for rows, value in ((pupils, F("mentor__age")), (named, F("x"))):
        with pytest.raises(FieldError, match="reads a column of another table"):
            await face.call(rows, "update", age=value)
    assert await column(face, Author.objects.all(), "age") == [36, 20, None, 50]
