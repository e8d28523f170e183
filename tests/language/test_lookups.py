"""Lookups and transforms: on every family of values, nested, typed, as expressions."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from manybase.errors import FieldError
from tests.language.data import (
    Author,
    D,
    F,
    Face,
    Q,
    Title,
    Value,
    both,
    models,
    moment,
    names,
    part,
)

pytestmark = pytest.mark.usefixtures("shop")

#: A part of the matrix, keywords of filter(), and the titles that are found.
TITLES: list[tuple[str, dict[str, Any], str]] = [
    ("exact", {"name__exact": "A"}, "A"),
    ("exact", {"pages": None}, "C"),
    ("exact", {"price": Decimal("9.99")}, "A"),
    ("exact", {"loan": datetime.timedelta(days=1)}, "B"),
    ("exact", {"printed": False}, "D"),
    ("iexact", {"name__iexact": "a"}, "A"),
    ("contains", {"publisher__name__contains": "r"}, "AB"),
    ("contains", {"publisher__name__contains": "R"}, ""),
    ("contains", {"publisher__name__contains": "%"}, ""),
    ("icontains", {"publisher__name__icontains": "R"}, "AB"),
    ("startswith", {"publisher__name__startswith": "O"}, "AB"),
    ("istartswith", {"publisher__name__istartswith": "o"}, "AB"),
    ("endswith", {"publisher__name__endswith": "b"}, "AB"),
    ("iendswith", {"publisher__name__iendswith": "B"}, "AB"),
    ("regex", {"publisher__name__regex": "^[OZ]rb?$"}, "AB"),
    ("iregex", {"publisher__name__iregex": "^z.d$"}, "CE"),
    ("in", {"pages__in": [100, 400, None]}, "ADE"),
    ("in", {"name__in": []}, ""),
    ("gt", {"pages__gt": 100}, "BD"),
    ("gte", {"pages__gte": 200}, "BD"),
    ("lt", {"pages__lt": 200}, "AE"),
    ("lte", {"rating__lte": 1.5}, "AB"),
    ("range", {"pages__range": (150, 400)}, "BD"),
    ("range", {"published__range": (D(2002, 1, 1), D(2003, 11, 1))}, "CE"),
    ("isnull", {"pages__isnull": True}, "C"),
    ("isnull", {"publisher__isnull": False}, "ABCE"),
    ("isnull", {"authors__isnull": True}, "C"),
    ("year", {"published__year": 2001}, "AB"),
    ("year", {"published__year__gte": 2003}, "DE"),
    ("year", {"published__year__in": [2001, 2002]}, "ABC"),
    ("year", {"published__year__range": (2002, 2003)}, "CDE"),
    ("iso_year", {"published__iso_year": 2002}, "BC"),
    ("month", {"published__month": 11}, "DE"),
    ("day", {"published__day__lt": 6}, "CE"),
    ("week", {"published__week": 1}, "B"),
    ("week_day", {"published__week_day": 2}, "AB"),
    ("iso_week_day", {"published__iso_week_day": 1}, "AB"),
    ("quarter", {"published__quarter": 4}, "BDE"),
    ("date", {"edited__date": D(2001, 1, 15)}, "A"),
    ("date", {"edited__date__gt": D(2001, 1, 15)}, "B"),
    ("time", {"edited__time": datetime.time(10)}, "B"),
    ("hour", {"edited__hour": 23}, "A"),
    ("hour", {"opens__hour__gte": 8}, "A"),
    ("minute", {"edited__minute": 30}, "A"),
    ("second", {"edited__second": 15}, "A"),
    ("chained transforms", {"edited__date__year": 2001}, "AB"),
    ("chained transforms", {"edited__date__month__gte": 12}, "B"),
    ("chained transforms", {"edited__time__hour__lt": 12}, "B"),
    ("over relations", {"authors__mentor__name": "Ada"}, "ABE"),
    ("over relations", {"publisher__titles__name": "B"}, "AB"),
    ("by object", {"publisher__isnull": True, "authors__name": "Ada"}, "D"),
    ("pk", {"publisher__pk__in": []}, ""),
]


@pytest.mark.parametrize(
    ("name", "values", "expected"), TITLES, ids=[f"{one[0]}-{n}" for n, one in enumerate(TITLES)]
)
@both
async def test_lookups(
    face: Face, name: str, values: dict[str, Any], expected: str, request: pytest.FixtureRequest
) -> None:
    request.node.add_marker(part(f"Lookups.{name}"))
    assert await names(face, Title.objects.filter(**values).distinct()) == expected
    if "authors" not in str(values) and "titles" not in str(values):
        left = await names(face, Title.objects.exclude(**values))
        assert sorted(expected + left) == list("ABCDE")


@part("Lookups.by object")
@both
async def test_objects_as_values(face: Face, shop: Any) -> None:
    assert await names(face, Title.objects.filter(publisher=shop.orb)) == "AB"
    assert (
        await names(face, Title.objects.filter(authors__in=[shop.cyd, shop.bob]).distinct())
        == "ABE"
    )
    assert await names(face, Author.objects.filter(mentor=shop.ada.pk)) == "BobCyd"
    assert await names(face, Title.objects.filter(publisher__lt=shop.zed)) == "AB"


@part("Lookups with expressions on the right")
@both
async def test_expressions_on_the_right(face: Face) -> None:
    assert await names(face, Title.objects.filter(pages__gt=F("flags") * 60)) == "BDE"
    assert await names(face, Title.objects.filter(edited__date=F("published"))) == "AB"
    assert await names(face, Title.objects.filter(name__in=[F("name"), "x"])) == "ABCDE"
    assert await names(face, Title.objects.filter(pages__range=(F("flags"), Value(150)))) == "AE"
    assert await names(face, Author.objects.filter(name__startswith=F("mentor__name"))) == ""
    assert (
        await names(
            face, Title.objects.filter(publisher__name__icontains=models.Lower(Value("ORB")))
        )
        == "AB"
    )


@part("Lookups as expressions")
@both
async def test_lookups_as_expressions(face: Face) -> None:
    from manybase.models import lookups

    rows = Title.objects.filter(lookups.GreaterThan(F("pages"), F("flags") * 60))
    assert await names(face, rows) == "BDE"
    rows = Title.objects.annotate(x=lookups.LessThan(F("pages"), 200)).order_by("pk")
    assert await face.list(rows.values_list("x", flat=True)) == [True, False, None, False, True]
    assert await names(face, Title.objects.filter(lookups.IsNull(F("pages"), True))) == "C"
    assert await names(face, Title.objects.filter(~lookups.Exact(F("pages"), 100))) == "BCD"
    long = lookups.GreaterThanOrEqual(F("pages"), 200) | Q(name="C")
    assert await names(face, Title.objects.filter(long)) == "BCD"
    case = models.Case(models.When(lookups.IContains(F("name"), "a"), then=1), default=0)
    assert await face.call(Title.objects.annotate(x=case).filter(x=1), "count") == 1


@part("Lookups.Tuple comparison")
@both
async def test_tuples(face: Face) -> None:
    pair = models.Tuple("pages", "flags")
    rows = Title.objects.alias(pair=pair)
    assert await names(face, rows.filter(pair=(100, 5))) == "A"
    assert await names(face, rows.filter(pair__in=[(100, 5), (200, 3)])) == "AB"
    assert await names(face, rows.filter(pair__gt=(100, 4))) == "ABD"


# A program's own


class NotEqual(models.Lookup):
    lookup_name = "ne"

    def sql(self, dialect: Any, left: Any, right: Any) -> Any:
        return left != right


class Absolute(models.Transform):
    lookup_name = "abs"
    function = "ABS"


class Folded(models.Transform):
    lookup_name = "folded"
    function = "UPPER"
    bilateral = True


@part("Lookups.custom lookups on a class")
@both
async def test_custom_lookups(face: Face) -> None:
    models.IntegerField.register_lookup(NotEqual)
    try:
        assert await names(face, Title.objects.filter(pages__ne=100)) == "BD"
        assert (
            await names(face, Author.objects.filter(titles__pages__ne=100).distinct()) == "AdaBob"
        )
    finally:
        models.IntegerField.unregister_lookup(NotEqual)
    with pytest.raises(FieldError, match="'ne'"):
        Title.objects.filter(pages__ne=100)


@part("Lookups.custom lookups on a field")
@both
async def test_custom_lookups_of_a_field(face: Face) -> None:
    field = Title._meta.get_field("flags")
    field.register_lookup(NotEqual, "unlike")
    try:
        assert await names(face, Title.objects.filter(flags__unlike=0)) == "ABD"
        with pytest.raises(FieldError, match="'unlike'"):
            Title.objects.filter(pages__unlike=0)
    finally:
        field.unregister_lookup(NotEqual, "unlike")


@part("Lookups.custom transforms, chained and bilateral")
@both
async def test_custom_transforms(face: Face) -> None:
    models.FloatField.register_lookup(Absolute)
    models.CharField.register_lookup(Folded)
    try:
        assert await names(face, Title.objects.filter(rating__abs__gt=2)) == "BD"
        assert (
            await names(
                face, Title.objects.order_by("-rating__abs").filter(rating__abs__isnull=False)
            )
            == "DBEA"
        )
        assert await names(face, Author.objects.filter(name__folded="aDA")) == "Ada"
        assert await names(face, Author.objects.filter(name__folded__in=["ada", "BOB"])) == "AdaBob"
    finally:
        models.FloatField.unregister_lookup(Absolute)
        models.CharField.unregister_lookup(Folded)


# JSON: A {"kind": "novel", "size": {"w": 10, "h": 20}, "tags": ["x", "y"], "gone": None},
# B {"kind": "essay", "size": {"w": 12}}, C [1, "two", None], D null,
# E {"kind": "Novel", "tags": []}

JSON: list[tuple[str, dict[str, Any], str]] = [
    ("key", {"data__kind": "novel"}, "A"),
    ("key", {"data__size__w": 12}, "B"),
    ("key", {"data__size": {"w": 12}}, "B"),
    ("key", {"data__gone": None}, "A"),
    ("index", {"data__0": 1}, "C"),
    ("index", {"data__1": "two"}, "C"),
    ("path", {"data__tags__0": "x"}, "A"),
    ("path", {"data__tags__1": "y"}, "A"),
    ("exact", {"data": {"kind": "Novel", "tags": []}}, "E"),
    ("exact", {"data": [1, "two", None]}, "C"),
    ("isnull", {"data__isnull": True}, "D"),
    ("isnull of a key", {"data__tags__isnull": True}, "BCD"),
    ("isnull of a key", {"data__gone__isnull": False}, "A"),
    ("has_key", {"data__has_key": "tags"}, "AE"),
    ("has_key", {"data__size__has_key": "h"}, "A"),
    ("has_keys", {"data__has_keys": ["kind", "size"]}, "AB"),
    ("has_any_keys", {"data__has_any_keys": ["gone", "tags"]}, "AE"),
    ("in", {"data__kind__in": ["novel", "essay", 3]}, "AB"),
    ("gt and lt of numbers", {"data__size__w__gt": 10}, "B"),
    ("gt and lt of numbers", {"data__size__w__lte": 10}, "A"),
    ("gt and lt of numbers", {"data__0__lt": 5}, "C"),
    ("gt and lt of texts", {"data__kind__lt": "f"}, "BE"),
    ("iexact of a key", {"data__kind__iexact": "NOVEL"}, "AE"),
    ("text lookups of a key", {"data__kind__startswith": "nov"}, "A"),
    ("text lookups of a key", {"data__kind__icontains": "OVE"}, "AE"),
    ("text lookups of a key", {"data__kind__endswith": "ay"}, "B"),
    ("text lookups of a key", {"data__kind__regex": "^[Nn]ovel$"}, "AE"),
]


@pytest.mark.parametrize(
    ("name", "values", "expected"), JSON, ids=[f"{one[0]}-{n}" for n, one in enumerate(JSON)]
)
@both
async def test_json(
    face: Face, name: str, values: dict[str, Any], expected: str, request: pytest.FixtureRequest
) -> None:
    request.node.add_marker(part(f"JSON.{name}"))
    assert await names(face, Title.objects.filter(**values)) == expected


CONTAINMENT: list[tuple[str, dict[str, Any], str]] = [
    ("contains", {"data__contains": {"kind": "novel"}}, "A"),
    ("contains", {"data__contains": {"size": {"w": 12}}}, "B"),
    ("contains", {"data__tags__contains": ["y"]}, "A"),
    ("contained_by", {"data__contained_by": {"kind": "Novel", "tags": [], "more": 1}}, "E"),
]


@pytest.mark.parametrize(
    ("name", "values", "expected"), CONTAINMENT, ids=["keys", "nested", "of a key", "by"]
)
@both
async def test_json_containment(
    face: Face, name: str, values: dict[str, Any], expected: str, request: pytest.FixtureRequest
) -> None:
    request.node.add_marker(part(f"JSON.{name}"))
    assert await names(face, Title.objects.filter(**values)) == expected


@part("JSON.key transforms in values, order_by, F and KT")
@both
async def test_json_elsewhere(face: Face) -> None:
    keyed = Title.objects.filter(data__has_key="kind").order_by("pk")
    assert await face.list(keyed.values_list("data__kind", flat=True)) == [
        "novel",
        "essay",
        "Novel",
    ]
    assert await face.list(keyed.values_list("data__size__w", flat=True)) == [10, 12, None]
    sized = Title.objects.filter(data__size__w__isnull=False)
    assert await names(face, sized.order_by("-data__size__w")) == "BA"
    found = await face.list(keyed.annotate(x=F("data__size")).values_list("x", flat=True))
    assert found == [{"w": 10, "h": 20}, {"w": 12}, None]
    found = await face.list(keyed.annotate(x=models.KT("data__kind")).values_list("x", flat=True))
    assert found == ["novel", "essay", "Novel"]


@part("JSON.keys of any text")
@both
async def test_json_keys_of_any_text(face: Face) -> None:
    for key in ("it's", 'a"b', "%s", "a.b", "$", "[0]", ") OR 1=1 --"):
        assert await names(face, Title.objects.filter(**{f"data__{key}": 1})) == ""
        assert await names(face, Title.objects.filter(data__has_key=key)) == ""


# Typed spelling

TYPED: list[tuple[str, Any, str]] = [
    ("==", lambda: Title.name == "A", "A"),
    ("!=", lambda: Title.pages != 100, "BCD"),
    (">", lambda: Title.pages > 100, "BD"),
    (">=", lambda: Title.pages >= 200, "BD"),
    ("<", lambda: Title.pages < 200, "AE"),
    ("<=", lambda: Title.pages <= 100, "AE"),
    ("icontains", lambda: Title.name.icontains("a"), "A"),
    ("startswith", lambda: Title.name.startswith("B"), "B"),
    ("in_", lambda: Title.pages.in_([200, 400]), "BD"),
    ("isnull", lambda: Title.pages.isnull(True), "C"),
    ("over relations", lambda: Title.publisher.name == "Orb", "AB"),
    ("over relations", lambda: Title.authors.name == "Bob", "ABE"),
    ("~ & |", lambda: ~(Title.pages > 100) & (Title.name > "A"), "CE"),
    ("~ & |", lambda: (Title.pages > 300) | (Title.name == "A"), "AD"),
    ("~ & |", lambda: (Title.pages > 300) | Q(name="A"), "AD"),
]


@pytest.mark.parametrize(
    ("name", "make", "expected"), TYPED, ids=[f"{one[0]}-{n}" for n, one in enumerate(TYPED)]
)
@both
async def test_typed_conditions(
    face: Face, name: str, make: Any, expected: str, request: pytest.FixtureRequest
) -> None:
    request.node.add_marker(part("Typed conditions: filter"))
    assert await names(face, Title.objects.filter(make())) == expected


@part("Typed conditions: exclude, get, When, annotate")
@both
async def test_typed_conditions_elsewhere(face: Face) -> None:
    assert await names(face, Title.objects.exclude(Title.pages > 100)) == "ACE"
    assert (await face.call(Title.objects, "get", Title.name == "B")).pages == 200
    case = models.Case(models.When(Title.pages > 100, then=Value(1)), default=Value(0))
    rows = Title.objects.annotate(x=case).order_by("pk")
    assert await face.list(rows.values_list("x", flat=True)) == [0, 1, 0, 1, 0]
    rows = Title.objects.filter(pages__isnull=False).annotate(x=Title.pages > 100).order_by("pk")
    assert await face.list(rows.values_list("x", flat=True)) == [False, True, True, False]


def test_the_rows_are_as_told() -> None:
    """What the expectations above stand on."""
    assert Title.objects.get(name="A").edited == moment("2001-01-15T23:30:15.250000")
