"""QuerySet: which rows, in which order, in which form."""

from __future__ import annotations

import datetime
import zoneinfo
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from manybase.errors import FieldValueError, QueryError
from manybase.runtime.events import capture
from tests.language.data import (
    UTC,
    Author,
    D,
    F,
    Face,
    Publisher,
    Q,
    Remark,
    Title,
    both,
    column,
    models,
    names,
    part,
)

pytestmark = pytest.mark.usefixtures("shop")


@part("QuerySet.get")
@both
async def test_get(face: Face) -> None:
    assert (await face.call(Title.objects, "get", name="B")).pages == 200
    assert (await face.call(Title.objects, "get", Q(pages=100), name="A")).name == "A"
    with pytest.raises(Title.DoesNotExist):
        await face.call(Title.objects, "get", name="?")
    with pytest.raises(Title.MultipleObjectsReturned):
        await face.call(Title.objects, "get", pages=100)


@part("QuerySet.first and last")
@both
async def test_first_and_last(face: Face) -> None:
    assert (await face.call(Title.objects, "first")).name == "A"
    assert (await face.call(Title.objects, "last")).name == "E"
    assert (await face.call(Title.objects.order_by("-price"), "first")).name == "D"
    assert (await face.call(Title.objects.order_by("-price"), "last")).name == "E"
    assert await face.call(Title.objects.none(), "first") is None


@part("QuerySet.earliest and latest")
@both
async def test_earliest_and_latest(face: Face) -> None:
    assert (await face.call(Title.objects, "latest")).name == "D"
    assert (await face.call(Title.objects, "earliest")).name == "A"
    assert (await face.call(Title.objects, "latest", "price", "name")).name == "D"
    assert (await face.call(Title.objects, "earliest", "-pages", "name")).name in "CD"
    with pytest.raises(Title.DoesNotExist):
        await face.call(Title.objects.none(), "latest")


@part("QuerySet.exists")
@both
async def test_exists(face: Face) -> None:
    assert await face.call(Title.objects.filter(pages=100), "exists") is True
    assert await face.call(Title.objects.filter(pages=1), "exists") is False
    assert await face.call(Title.objects.order_by("pk")[5:], "exists") is False


@part("QuerySet.count")
@both
async def test_count(face: Face) -> None:
    assert await face.call(Title.objects, "count") == 5
    assert await face.call(Title.objects.order_by("pk")[1:3], "count") == 2
    assert await face.call(Title.objects.filter(authors__age__gt=1).distinct(), "count") == 4


@part("QuerySet.contains")
@both
async def test_contains(face: Face, shop: SimpleNamespace) -> None:
    rows = Title.objects.filter(pages=100)
    assert await face.call(rows, "contains", shop.A) is True
    assert await face.call(rows, "contains", shop.B) is False
    assert await face.call(Title.objects.order_by("name")[:1], "contains", shop.B) is False


@part("QuerySet.distinct")
@both
async def test_distinct(face: Face) -> None:
    rows = Title.objects.filter(authors__age__gt=1)
    assert (await face.call(rows, "count"), await face.call(rows.distinct(), "count")) == (6, 4)
    assert await face.list(
        Title.objects.filter(pages__lt=300)
        .order_by("pages")
        .values_list("pages", flat=True)
        .distinct()
    ) == [100, 200]


@part("QuerySet.distinct(*fields)")
@both
async def test_distinct_on(face: Face, cannot: Any) -> None:
    rows = Title.objects.filter(pages__isnull=False).order_by("pages", "-name")
    with cannot("distinct_on"):
        assert await names(face, rows.distinct("pages")) == "EBD"


@part("QuerySet.order_by")
@both
async def test_order_by(face: Face) -> None:
    assert await names(face, Title.objects.order_by("pages", "-name").filter(pages__gt=1)) == "EABD"
    assert (
        await names(
            face, Title.objects.order_by("-publisher__name", "name").filter(publisher__isnull=False)
        )
        == "CEAB"
    )


@part("QuerySet.order_by expressions")
@both
async def test_order_by_expressions(face: Face) -> None:
    rows = Title.objects.order_by((F("price") * -1).asc())
    assert await names(face, rows) == "DBACE"
    counted = Title.objects.order_by(models.Count("authors").desc(), "name")
    assert await names(face, counted) == "EABDC"


@part("QuerySet.order_by nulls first and last")
@both
async def test_order_of_nulls(face: Face) -> None:
    async def order(expression: Any) -> str:
        return await names(face, Title.objects.order_by(expression, "name"))

    assert await order(F("pages").asc(nulls_first=True)) == "CAEBD"
    assert await order(F("pages").asc(nulls_last=True)) == "AEBDC"
    assert await order(F("pages").desc(nulls_first=True)) == "CDBAE"
    assert await order(F("pages").desc(nulls_last=True)) == "DBAEC"


@part("QuerySet.order_by related Meta.ordering")
@both
async def test_related_ordering(face: Face) -> None:
    """``publisher`` orders as publishers are ordered: the last name first."""
    rows = Title.objects.filter(publisher__isnull=False)
    assert await names(face, rows.order_by("publisher", "name")) == "CEAB"
    assert await names(face, rows.order_by("-publisher", "name")) == "ABCE"
    assert await names(face, rows.order_by("publisher_id", "name")) == "ABCE"
    assert await face.list(Publisher.objects.values_list("name", flat=True)) == ["Zed", "Orb"]


@part("QuerySet.order_by('?')")
@both
async def test_random_order(face: Face) -> None:
    found = await face.list(Title.objects.order_by("?"))
    assert sorted(t.name for t in found) == list("ABCDE")


@part("QuerySet.reverse")
@both
async def test_reverse(face: Face) -> None:
    assert await names(face, Title.objects.order_by("name").reverse()) == "EDCBA"
    assert (
        await names(face, Title.objects.order_by("pages", "name").filter(pages=100).reverse())
        == "EA"
    )
    last = Title.objects.order_by(F("pages").asc(nulls_last=True), "name").reverse()
    assert await names(face, last) == "CDBEA"


@part("QuerySet slices")
@both
async def test_slices(face: Face) -> None:
    rows = Title.objects.order_by("name")
    assert await names(face, rows[1:3]) == "BC"
    assert await names(face, rows[1:][1:3]) == "CD"
    assert await names(face, rows[:0]) == ""
    with pytest.raises(QueryError, match="cannot be indexed from its end"):
        _ = rows[-1]


@part("QuerySet.values")
@both
async def test_values(face: Face) -> None:
    rows = Title.objects.order_by("pk").values("name", "publisher__name", "publisher")
    first = (await face.list(rows))[0]
    assert (first["name"], first["publisher__name"]) == ("A", "Orb")
    assert isinstance(first["publisher"], int)
    whole = (await face.list(Title.objects.order_by("pk").values()))[0]
    assert whole["publisher_id"] == first["publisher"]


@part("QuerySet.values of expressions")
@both
async def test_values_of_expressions(face: Face) -> None:
    rows = Title.objects.order_by("pk").values("name", double=F("pages") * 2)
    assert (await face.list(rows))[0] == {"name": "A", "double": 200}
    rows = Title.objects.order_by("pk").values_list("name", F("pages") + 1)
    assert (await face.list(rows))[0] == ("A", 101)


@part("QuerySet.values_list")
@both
async def test_values_list(face: Face) -> None:
    rows = Title.objects.order_by("pk")
    assert (await face.list(rows.values_list("name", "pages")))[1] == ("B", 200)
    assert await face.list(rows.values_list("name", flat=True)) == list("ABCDE")
    named = (await face.list(rows.values_list("name", "pages", named=True)))[0]
    assert (named.name, named.pages) == ("A", 100)


@part("QuerySet.dates")
@both
async def test_dates(face: Face) -> None:
    assert await face.list(Title.objects.dates("published", "year")) == [
        D(2001, 1, 1),
        D(2002, 1, 1),
        D(2003, 1, 1),
    ]
    assert await face.list(Title.objects.dates("published", "month", order="DESC")) == [
        D(2003, 11, 1),
        D(2002, 3, 1),
        D(2001, 12, 1),
        D(2001, 1, 1),
    ]


@part("QuerySet.datetimes")
@both
async def test_datetimes(face: Face) -> None:
    assert await face.list(Title.objects.datetimes("edited", "day")) == [
        datetime.datetime(2001, 1, 15, tzinfo=UTC),
        datetime.datetime(2001, 12, 31, tzinfo=UTC),
    ]
    tokyo = zoneinfo.ZoneInfo("Asia/Tokyo")
    found = await face.list(Title.objects.datetimes("edited", "day", tzinfo=tokyo))
    assert [one.date() for one in found] == [D(2001, 1, 16), D(2001, 12, 31)]


@part("QuerySet.none")
@both
async def test_none(face: Face) -> None:
    with capture() as log:
        assert await face.list(Title.objects.none()) == []
        assert await face.call(Title.objects.none(), "count") == 0
    assert not log


@part("QuerySet.using")
@both
async def test_using(face: Face) -> None:
    assert await face.call(Title.objects.using("other"), "count") == 0


@part("QuerySet.explain")
@both
async def test_explain(face: Face) -> None:
    text = await face.call(Title.objects.filter(pages=1), "explain")
    assert text and isinstance(text, str)


@part("QuerySet.explain(format)")
@both
@pytest.mark.kinds("postgresql", "mysql")
async def test_explain_with_options(face: Face, kind: str) -> None:
    text = await face.call(Title.objects.filter(pages=1), "explain", format="json")
    assert text.lstrip().startswith(("[", "{"))
    if kind == "postgresql":
        assert "actual" in (await face.call(Title.objects.all(), "explain", analyze=True)).lower()


@part("QuerySet.explain(format)")
@both
@pytest.mark.kinds("sqlite")
async def test_explain_formats_are_refused(face: Face, cannot: Any) -> None:
    with cannot("explain_formats"):
        await face.call(Title.objects.all(), "explain", format="json")


@part("QuerySet.select_for_update")
@both
async def test_select_for_update(face: Face) -> None:
    """Where rows cannot be locked, it is taken without a word, as Django does on SQLite."""
    from manybase.db import transaction

    rows = Title.objects.filter(name="A").select_for_update()
    if face.is_async:
        async with transaction.atomic("default"):
            assert [t.name async for t in rows] == ["A"]
    else:
        with transaction.atomic("default"):
            assert [t.name for t in rows] == ["A"]


@pytest.mark.parametrize(
    ("options", "feature"),
    [
        ({"nowait": True}, "nowait"),
        ({"skip_locked": True}, "skip_locked"),
        ({"no_key": True}, "for_no_key_update"),
        ({"of": ("self",)}, "for_update_of"),
    ],
    ids=["nowait", "skip_locked", "no_key", "of"],
)
@both
async def test_select_for_update_options(
    face: Face, options: dict[str, Any], feature: str, cannot: Any, request: pytest.FixtureRequest
) -> None:
    """Where rows cannot be locked at all, the words are taken without effect."""
    from manybase.db import transaction
    from manybase.runtime import sync as sync_face

    silently = not sync_face.dialect("default").features.for_update
    request.node.add_marker(part(f"QuerySet.select_for_update({next(iter(options))})"))
    rows = Title.objects.filter(name="A").select_for_update(**options)
    if face.is_async:
        async with transaction.atomic("default"):
            with cannot(feature, silently=silently):
                assert [t.name async for t in rows] == ["A"]
    else:
        with transaction.atomic("default"), cannot(feature, silently=silently):
            assert [t.name for t in rows] == ["A"]


@part("QuerySet.raw")
@both
async def test_raw(face: Face) -> None:
    sql = "SELECT id, name FROM language_title WHERE pages = %s ORDER BY id"
    found = await face.list(Title.objects.raw(sql, [100]))
    assert [t.name for t in found] == ["A", "E"]
    assert "price" in found[0].get_deferred_fields()
    named = "SELECT * FROM language_title WHERE pages = %(pages)s"
    assert [t.name for t in await face.list(Title.objects.raw(named, {"pages": 200}))] == ["B"]


@part("QuerySet.raw: translations and annotations")
@both
async def test_raw_translations(face: Face) -> None:
    sql = "SELECT id, name AS called, pages * 2 AS twice FROM language_title ORDER BY id"
    found = await face.list(Title.objects.raw(sql, translations={"called": "name"}))
    assert [(t.name, t.twice) for t in found[:2]] == [("A", 200), ("B", 400)]


@part("QuerySet.raw with prefetch_related")
@both
async def test_raw_with_prefetch(face: Face) -> None:
    rows = Title.objects.raw("SELECT * FROM language_title ORDER BY id").prefetch_related("authors")
    found = await face.list(rows)
    with capture() as log:
        assert [len(t.authors.all()) for t in found] == [2, 1, 0, 1, 3]
    assert not log


@part("FilteredRelation")
@both
async def test_filtered_relation(face: Face) -> None:
    old = models.FilteredRelation("authors", condition=Q(authors__age__gt=30))
    rows = Title.objects.annotate(old=old)
    assert await names(face, rows.filter(old__name="Ada")) == "ADE"
    counted = rows.annotate(x=models.Count("old"))
    assert await column(face, counted) == [1, 0, 0, 1, 1]
    listed = await face.list(rows.values_list("name", "old__name"))
    assert {row for row in listed if row[1]} == {("A", "Ada"), ("D", "Ada"), ("E", "Ada")}
    assert {row[0] for row in listed} == set("ABCDE"), "rows without such an author stay"


@part("FilteredRelation with select_related")
@both
async def test_filtered_relation_loaded(face: Face) -> None:
    rows = Author.objects.annotate(
        older=models.FilteredRelation("mentor", condition=Q(mentor__age__gt=30))
    ).select_related("older")
    found = await face.list(rows.order_by("name"))
    with capture() as log:
        assert [a.older and a.older.name for a in found] == [None, "Ada", "Ada", None]
    assert not log


@part("str(QuerySet.query)")
@both
async def test_shown_sql(face: Face) -> None:
    text = str(Title.objects.filter(name="A'", pages__gt=3).query)
    assert text.startswith("SELECT ") and "'A'''" in text and "> 3" in text


@part("QuerySet over generic relations")
@both
async def test_generic_relations(face: Face, shop: SimpleNamespace) -> None:
    assert await names(face, Title.objects.filter(remarks__text="odd")) == "A"
    found = await face.list(Remark.objects.filter(author__name="Ada"))
    assert [r.text for r in found] == ["kind"]
    assert await column(face, Title.objects.annotate(x=models.Count("remarks"))) == [2, 0, 0, 0, 0]


@part("QuerySet.get_next_by and get_previous_by")
@both
async def test_neighbours(face: Face, shop: SimpleNamespace) -> None:
    assert (await face.call(shop.A, "get_next_by_published")).name == "B"
    assert (await face.call(shop.B, "get_previous_by_published")).name == "A"
    with pytest.raises(Title.DoesNotExist):
        await face.call(shop.D, "get_next_by_published")


@part("QuerySet.complex_filter")
@both
async def test_complex_filter(face: Face) -> None:
    assert await names(face, Title.objects.complex_filter({"pages": 100})) == "AE"
    assert await names(face, Title.objects.complex_filter(Q(pages=200))) == "B"


@part("QuerySet.extra: what to use instead")
@both
async def test_extra_is_not_offered(face: Face) -> None:
    with pytest.raises((QueryError, AttributeError), match=r"annotate|RawSQL"):
        Title.objects.extra(where=["1=1"])
    with pytest.raises((QueryError, AttributeError), match=r"annotate|RawSQL"):
        Title.objects.all().extra(where=["1=1"])


@both
async def test_first_of_rows_that_were_read(face: Face) -> None:
    rows = Title.objects.order_by("-name")
    await face.list(rows) if not face.is_async else await rows._afetch_all()
    with capture() as log:
        assert (await face.call(rows, "first")).name == "E"
    assert log == []


@both
async def test_whole_numbers_are_compared_with_fractions(face: Face) -> None:
    """A mean can stand after gt, gte, lt and lte; nothing whole equals it."""
    assert await names(face, Title.objects.filter(pages__gt=199.5)) == "BD"
    assert await names(face, Title.objects.filter(pages__gte=99.5, pages__lt=100.5)) == "AE"
    assert await names(face, Title.objects.filter(pages__lte=Decimal("200.7"))) == "ABE"
    assert await names(face, Title.objects.filter(pages__lt=200.0)) == "AE"
    assert await names(face, Title.objects.filter(published__year__gt=2001.5)) == "CDE"
    mean = await face.call(Title.objects, "aggregate", x=models.Avg("pages"))
    assert await names(face, Title.objects.filter(pages__gt=mean["x"])) == "D"
    counted = Title.objects.annotate(n=models.Count("authors"))
    assert await names(face, counted.filter(n__gt=1.4)) == "AE"
    for wrong in (100.5, float("inf"), float("nan")):
        with pytest.raises(FieldValueError, match="takes a whole number, not float"):
            Title.objects.filter(pages=wrong)
    with pytest.raises(FieldValueError, match="takes a whole number, not float"):
        Title.objects.filter(pages__gt=float("inf"))
