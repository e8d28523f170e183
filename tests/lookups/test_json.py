"""Keys, places and values of JSON documents: the same answers on every database."""

from __future__ import annotations

from typing import Any

import pytest

from manybase.errors import FieldError, FieldValueError, NotSupportedError
from manybase.models import KT, Count, F, JSONField, Q, Value
from manybase.runtime.sync import dialect
from tests.lookups.models import Document, Shelf

DOCUMENTS: dict[str, Any] = {
    "a": {"owner": {"name": "Ann", "age": 30}, "tags": ["x", "y"], "n": 1, "ok": True},
    "b": {"owner": {"name": "bob", "age": 5}, "tags": ["y", 2, [3]], "n": 2.5, "ok": False},
    "c": {"owner": None, "tags": [], "n": "10", "ok": None},
    "d": {"owner": {"name": "Änn"}, "n": 10, "d": {"deep": [{"er": [1, {"est": "z"}]}]}},
    "e": [1, "two", {"three": 3}, None],
    "f": "text",
    "g": 7,
    "h": True,
    "i": {},
    "j": {"n": 12345678901234567, "big": -1e30, "q\"uo'te": 1, "b\\s": 2, "a b": 3, "ä": 4, "0": 5},
    "k": None,
}


@pytest.fixture(autouse=True)
def documents(db: Any) -> None:
    for name, data in DOCUMENTS.items():
        Document.objects.create(name=name, data=data, number=10 if name in "ad" else None)
    Document.objects.create(name="l", data=Value(None, JSONField()))


def found(*conditions: Q, **lookups: Any) -> str:
    rows = Document.objects.filter(*conditions, **lookups).order_by("name")
    return "".join(rows.values_list("name", flat=True))


EXACT = [
    ("data__owner__name", "Ann", "a"),
    ("data__owner__name", "ann", ""),
    ("data__owner__name", "Änn", "d"),
    ("data__owner__age", 30, "a"),
    ("data__owner__age", 30.0, "a"),
    ("data__owner__age", "30", ""),
    ("data__n", 1, "a"),
    ("data__n", 2.5, "b"),
    ("data__n", "10", "c"),
    ("data__n", 10, "d"),
    ("data__n", 12345678901234567, "j"),
    ("data__n", 12345678901234568, ""),
    ("data__big", -1e30, "j"),
    ("data__ok", True, "a"),
    ("data__ok", False, "b"),
    ("data__ok", None, "c"),
    ("data__ok", 1, ""),
    ("data__n", True, ""),
    ("data__owner", None, "c"),
    ("data__owner", {"age": 30, "name": "Ann"}, "a"),
    ("data__owner", {"name": "Ann"}, ""),
    ("data__tags", ["x", "y"], "a"),
    ("data__tags", ["y", "x"], ""),
    ("data__tags", [], "c"),
    ("data__tags", ["y", 2, [3]], "b"),
    ("data__tags__0", "x", "a"),
    ("data__tags__1", 2, "b"),
    ("data__tags__2__0", 3, "b"),
    ("data__tags__9", 3, ""),
    ("data__d__deep__0__er__1__est", "z", "d"),
    ("data__0", 1, "e"),
    ("data__2__three", 3, "e"),
    ("data__3", None, "e"),
    ("data__owner__0", "A", ""),
    ("data__n__0", 1, ""),
    ("data", None, "l"),
    ("data", {}, "i"),
    ("data", "text", "f"),
    ("data", 7, "g"),
    ("data", True, "h"),
    ("data", [1, "two", {"three": 3}, None], "e"),
    ("data__a b", 3, "j"),
    ("data__q\"uo'te", 1, "j"),
    ("data__b\\s", 2, "j"),
    ("data__ä", 4, "j"),
    ("data__nothing", 1, ""),
]
OTHERS = [
    ("data__isnull", True, "k"),
    ("data__isnull", False, "abcdefghijl"),
    ("data__n__isnull", False, "abcdj"),
    ("data__n__isnull", True, "efghikl"),
    ("data__ok__isnull", False, "abc"),
    ("data__owner__name__isnull", False, "abd"),
    ("data__tags__0__isnull", False, "ab"),
    ("data__n__in", [1, "10", 10], "acd"),
    ("data__n__in", [], ""),
    ("data__n__in", [1, 2, 3, 4, 2.5, "x"], "ab"),
    ("data__ok__in", [None, True], "ac"),
    ("data__owner__in", [{"name": "Änn"}, {"age": 5, "name": "bob"}], "bd"),
    ("data__in", ["text", 7, {}, None], "fgil"),
    ("data__n__gt", 1, "bdj"),
    ("data__n__gte", 2.5, "bdj"),
    ("data__n__lt", 10, "ab"),
    ("data__n__lte", 10, "abd"),
    ("data__n__gt", "1", "c"),
    ("data__n__lt", "2", "c"),
    ("data__n__gt", 12345678901234566, "j"),
    ("data__n__range", (1, 10), "abd"),
    ("data__owner__name__gt", "Z", "bd"),
    ("data__owner__name__range", ("A", "Z"), "a"),
    ("data__gt", 6, "g"),
    ("data__owner__name__iexact", "ANN", "a"),
    ("data__owner__name__iexact", "äNN", "d"),
    ("data__owner__name__icontains", "NN", "ad"),
    ("data__owner__name__icontains", "%", ""),
    ("data__owner__name__startswith", "A", "a"),
    ("data__owner__name__startswith", "b_b", ""),
    ("data__owner__name__istartswith", "B", "b"),
    ("data__owner__name__endswith", "nn", "ad"),
    ("data__owner__name__iendswith", "OB", "b"),
    ("data__owner__name__regex", "^[a-z]+$", "b"),
    ("data__owner__name__iregex", "^an", "a"),
    ("data__owner__age__startswith", "3", "a"),
    ("data__owner__icontains", "name", ""),
    ("data__icontains", "ANN", "a"),
    ("data__contains", {"n": 1}, "a"),
    ("data__contains", {"owner": {"name": "Ann"}}, "a"),
    ("data__contains", {"owner": {}}, "abd"),
    ("data__contains", {"tags": ["y"]}, "ab"),
    ("data__contains", {"tags": ["y", "x"]}, "a"),
    ("data__contains", {}, "abcdij"),
    ("data__contains", {"ok": None}, "c"),
    ("data__contains", [1], "e"),
    ("data__contains", "two", "e"),
    ("data__contains", {"three": 3}, ""),
    ("data__contains", [{"three": 3}], "e"),
    ("data__contains", 7, "g"),
    ("data__tags__contains", "y", "ab"),
    ("data__tags__contains", ["x", "y"], "a"),
    ("data__tags__contains", 2, "b"),
    ("data__tags__contains", [[3]], "b"),
    ("data__owner__contains", {"age": 5}, "b"),
    ("data__owner__name__contains", "Ann", "a"),
    ("data__ok__contains", True, "a"),
    ("data__contained_by", {"a": 1}, "i"),
    ("data__contained_by", [1, "two", {"three": 3, "four": 4}, None, 5], "el"),
    ("data__owner__contained_by", {"name": "Änn", "age": 30}, "d"),
    ("data__tags__contained_by", ["x", "y", "z"], "ac"),
    ("data__n__contained_by", [1, 2.5], "ab"),
    ("data__has_key", "n", "abcdj"),
    ("data__has_key", "two", ""),
    ("data__has_key", "0", "j"),
    ("data__has_key", 0, "j"),
    ("data__has_key", "q\"uo'te", "j"),
    ("data__has_key", "b\\s", "j"),
    ("data__has_key", "ä", "j"),
    ("data__has_key", "ok", "abc"),
    ("data__owner__has_key", "age", "ab"),
    ("data__d__deep__0__has_key", "er", "d"),
    ("data__has_keys", ["n", "tags"], "abc"),
    ("data__has_keys", [], "abcdefghijl"),
    ("data__has_any_keys", ["d", "big"], "dj"),
    ("data__has_any_keys", [], ""),
    ("more__has_key", "n", ""),
]
ALL = EXACT + OTHERS


@pytest.mark.parametrize(("lookup", "value", "names"), ALL)
def test_a_lookup_finds(lookup: str, value: Any, names: str) -> None:
    assert found(**{lookup: value}) == names


@pytest.mark.parametrize(("lookup", "value", "names"), ALL)
def test_the_rest_is_excluded(lookup: str, value: Any, names: str) -> None:
    """What filter() finds and what exclude() finds are all rows, and no row is in both."""
    rest = Document.objects.exclude(**{lookup: value}).order_by("name")
    expected = "".join(name for name in "abcdefghijkl" if name not in names)
    assert "".join(rows.name for rows in rest) == expected
    assert found(~Q(**{lookup: value})) == expected


def test_places_from_the_end(db: Any) -> None:
    if not has("json_places_from_end"):
        with pytest.raises(NotSupportedError, match="from the end"):
            found(**{"data__tags__-1": "y"})
        return
    assert found(**{"data__tags__-1": "y"}) == "a"
    assert found(**{"data__-1": None}) == "e"


def has(ability: str) -> bool:
    return bool(getattr(dialect("default").features, ability))


def test_levels_of_lists(db: Any) -> None:
    """PostgreSQL's rule, where the database can: a list in a list is looked into as a list."""
    if has("json_contains_levels"):
        assert found(data__tags__contains=3) == ""
        assert found(data__tags__contains=[3]) == ""
    else:
        assert dialect("default").features.why("json_contains_levels")


def test_values_and_texts_of_keys() -> None:
    rows = Document.objects.filter(name__in=list("abcd")).order_by("name")
    assert list(rows.values_list("data__owner__name", flat=True)) == ["Ann", "bob", None, "Änn"]
    assert list(rows.values("name", "data__n"))[:3] == [
        {"name": "a", "data__n": 1},
        {"name": "b", "data__n": 2.5},
        {"name": "c", "data__n": "10"},
    ]
    assert list(rows.values_list("data__tags", flat=True)) == [
        ["x", "y"],
        ["y", 2, [3]],
        [],
        None,
    ]
    assert list(rows.values_list(F("data__ok"), flat=True)) == [True, False, None, None]
    texts = rows.annotate(t=KT("data__ok"), n=KT("data__n"), who=KT("data__owner__name"))
    assert list(texts.values_list("t", "n", "who")) == [
        ("true", "1", "Ann"),
        ("false", "2.5", "bob"),
        (None, "10", None),
        (None, "10", "Änn"),
    ]
    assert [r.name for r in texts.filter(who__startswith="b")] == ["b"]


def test_annotated_documents_have_keys_too() -> None:
    rows = Document.objects.annotate(owner=F("data__owner"))
    assert [r.owner["age"] for r in rows.filter(owner__age__gt=1).order_by("name")] == [30, 5]
    assert rows.get(owner__name="bob").name == "b"
    assert rows.filter(owner__has_key="age").count() == 2


def test_order_is_that_of_kinds_and_values() -> None:
    rows = Document.objects.filter(data__n__isnull=False)
    assert "".join(r.name for r in rows.order_by("data__n")) == "cabdj"
    assert "".join(r.name for r in rows.order_by("-data__n")) == "jdbac"
    assert "".join(r.name for r in rows.order_by(F("data__n").desc())) == "jdbac"
    for row, n in (("f", "b"), ("g", "a")):
        Document.objects.create(name=f"x{row}", data={"o": n})
    known = Document.objects.filter(data__o__isnull=False).order_by("data__o")
    assert [r.name for r in known] == ["xg", "xf"]


def test_groups_of_values() -> None:
    Document.objects.create(name="x", data={"n": 1, "a b": 3, "ä": 4})
    counted = Document.objects.values("data__n").annotate(c=Count("pk")).filter(data__n=1)
    assert list(counted) == [{"data__n": 1, "c": 2}]
    odd = Document.objects.values("data__ä").annotate(c=Count("pk")).filter(data__ä=4)
    assert list(odd) == [{"data__ä": 4, "c": 2}]


def test_documents_are_compared_with_columns() -> None:
    Document.objects.create(name="Ann", data={"name": "Ann", "n": 3, "m": 3.0, "l": [1]}, number=3)
    assert found(data__name=F("name")) == "Ann"
    assert found(name=F("data__name")) == "Ann"
    assert found(data__n=F("number")) == "Ann" + "d"
    assert found(number=F("data__n")) == "Ann" + "d"
    assert found(data__n=F("data__m")) == "Ann"
    assert found(data__n__gte=F("data__m")) == "Ann"
    assert found(data__n__gt=F("number") - 1) == "Ann" + "d"
    assert found(data__name__startswith=F("name")) == "Ann"
    assert found(data__name__in=Document.objects.values("name")) == "Ann"
    texts = Document.objects.annotate(t=KT("data__name")).values("t")
    assert found(name__in=texts) == "Ann"
    assert found(data__contains={"l": [1]}) == "Ann"


def test_documents_across_relations() -> None:
    shelf = Shelf.objects.create(label="s")
    Document.objects.filter(name__in=["a", "c"]).update(shelf=shelf)
    assert Shelf.objects.filter(documents__data__owner__name="Ann").get() == shelf
    assert not Shelf.objects.exclude(documents__data__n="10").exists()
    assert Shelf.objects.filter(documents__data__ok=None).count() == 1
    assert list(
        Shelf.objects.values_list("documents__data__n", flat=True).order_by("documents")
    ) == [
        1,
        "10",
    ]


def test_null_of_json_is_not_null_of_sql() -> None:
    assert Document.objects.get(name="k").data is None
    assert Document.objects.get(name="l").data is None
    assert found(data=None) == found(data=Value(None, JSONField())) == "l"
    assert found(data__isnull=True) == "k"
    Document.objects.filter(name="l").update(data=None)
    assert found(data__isnull=True) == "kl"


@pytest.mark.parametrize(
    ("lookups", "message"),
    [
        ({"data__n__gt": True}, "'data__n__gt' takes a text or a number, not bool"),
        ({"data__n__gt": None}, "'data__n__gt' takes a text or a number, not NoneType"),
        ({"data__n__lt": [1]}, "'data__n__lt' takes a text or a number, not list"),
        ({"data__n__in": 3}, "'data__n__in' takes a list of values, not int"),
        ({"data__n__in": "abc"}, "'data__n__in' takes a list of values, not str"),
        ({"data__n__range": 3}, "'data__n__range' takes two values"),
        ({"data__n": {1, 2}}, "'data__n' takes what can be written as JSON, not set"),
        ({"data__n": float("nan")}, "'data__n' takes what can be written as JSON, not float"),
        ({"data__has_key": ["n"]}, "'data__has_key' takes keys, not list"),
        ({"data__has_keys": "n"}, "'data__has_keys' takes a list of keys, not str"),
        ({"data__has_any_keys": [None]}, "'data__has_any_keys' takes keys, not NoneType"),
        ({"data__n__isnull": 1}, "'data__n__isnull' takes True or False, not int"),
        ({"data__n__startswith": None}, "'data__n__startswith' cannot be compared with None"),
    ],
)
def test_wrong_values_are_refused_at_the_call(lookups: dict[str, Any], message: str) -> None:
    with pytest.raises(FieldValueError) as error:
        Document.objects.filter(**lookups)
    assert error.value.message == message


def test_keys_of_documents_only() -> None:
    with pytest.raises(FieldError, match="unknown lookup 'has_key' of 'name__has_key'"):
        Document.objects.filter(name__has_key="x")
    with pytest.raises(FieldError, match=r"KT\('name'\) names no key"):
        Document.objects.annotate(x=KT("name"))
    with pytest.raises(FieldError, match=r"KT\('data'\) names no key"):
        Document.objects.annotate(x=KT("data"))


@pytest.mark.transactional
async def test_the_asynchronous_face_reads_documents_alike() -> None:
    rows = Document.objects.order_by("name")
    assert [row.name async for row in rows.filter(data__owner__name="Ann")] == ["a"]
    assert await rows.filter(data__has_key="n").acount() == 5
    assert await rows.filter(data__contains={"tags": ["y"]}).exclude(data__n=1).acount() == 1
    assert (await rows.values("data__n").aget(data__ok=True)) == {"data__n": 1}
