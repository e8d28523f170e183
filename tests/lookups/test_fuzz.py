"""Names are never SQL: whatever stands in a name, it is a key, a name, or refused by the message.

Keys of documents are looked for as they are, on every database; unknown names and lookups at every
level of nesting are a FieldError with a suggestion.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manybase.errors import FieldError
from manybase.models import KT, Count, F
from manybase.query.path import JSON_LOOKUPS, LOOKUPS
from tests.lookups.models import Document, Shelf

quick = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

NASTY = [
    "'",
    '"',
    "a'b",
    'a"b',
    "a\\",
    "\\'",
    "' OR 1=1 --",
    '"] = 1) OR ("1" = "1',
    "%s",
    "%(a)s",
    "%%",
    "?",
    "$1",
    "$",
    "$.a",
    "a.b",
    "[0]",
    "*",
    "**",
    "{}",
    ":p0",
    "p0",
    "a b",
    "\n",
    "a\tb",
    "ä",
    "😀",
    "--",
    "-a",
    "a ",
    " a",
    "/*",
    ";",
    "01",
    "1e5",
    "+1",
    " 1",
    "٣",
    "null",
    "a_",
    "",
]
letters = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=12
)
keys = (st.sampled_from(NASTY[:-2]) | letters).filter(
    lambda key: "__" not in key and key.strip("_") == key and key not in JSON_LOOKUPS
)


def index(key: str) -> bool:
    return key.lstrip("-").isascii() and key.lstrip("-").isdigit()


@quick
@given(keys=st.lists(keys.filter(lambda k: not index(k)), min_size=1, max_size=3, unique=True))
def test_any_text_is_a_key_and_nothing_else(db: Any, keys: list[str]) -> None:
    """What is stored under keys is found by them, and nothing is found beside."""
    Document.objects.all().delete()
    inner: Any = 1
    for key in reversed(keys):
        inner = {key: inner}
    Document.objects.create(name="there", data=inner)
    Document.objects.create(name="other", data={"x": 1})
    path = "__".join(["data", *keys])
    rows = Document.objects.all()

    assert [row.name for row in rows.filter(**{path: 1})] == ["there"]
    assert [row.name for row in rows.exclude(**{path: 1})] == ["other"]
    assert [row.name for row in rows.filter(**{f"{path}__gt": 0})] == ["there"]
    assert rows.filter(**{f"{path}__isnull": False}).count() == 1
    assert rows.filter(data__has_key=keys[0]).count() == 1
    assert rows.filter(data__has_keys=[keys[0], "x"]).count() == 0
    assert rows.filter(data__has_any_keys=[keys[0], "x"]).count() == 2
    assert rows.filter(data__contains=inner).count() == 1
    assert list(rows.order_by("name").values_list(path, flat=True)) == [None, 1]
    assert list(rows.order_by(path, "pk").filter(name="there").values(path)) == [{path: 1}]
    assert rows.annotate(n=F(path)).filter(n=1).count() == 1
    assert rows.annotate(n=KT(path)).filter(n="1").count() == 1
    counted = rows.values(path).annotate(c=Count("pk")).order_by("c")
    assert sorted(row["c"] for row in counted) == [1, 1]


# Larger ones are whole numbers to PostgreSQL, which keeps them as decimals.
floats = st.floats(-1e15, 1e15, allow_nan=False, allow_subnormal=False)


@quick
@given(value=letters | st.integers(-(2**62), 2**62) | st.booleans() | st.none() | floats)
def test_any_value_is_found_as_it_is(db: Any, value: Any) -> None:
    Document.objects.all().delete()
    Document.objects.create(name="there", data={"k": value, "l": [value]})
    rows = Document.objects.all()
    assert rows.filter(data__k=value).count() == 1
    assert rows.filter(data__l__0=value).count() == 1
    assert rows.filter(data__k__in=[value, "some text"]).count() == 1
    assert rows.filter(data__l=[value]).count() == 1
    assert rows.exclude(data__k=value).count() == 0
    assert rows.values_list("data__k", flat=True).get() == value
    if isinstance(value, str):
        assert rows.filter(data__k__contains=value).count() == 1
        assert rows.filter(data__k__endswith=value).count() == 1
        assert rows.filter(data__k__gte=value).count() == 1


LEVELS = ["", "shelf__", "shelf__documents__", "shelf__documents__shelf__"]


@pytest.mark.parametrize("level", LEVELS)
@quick
@given(name=st.sampled_from(NASTY[:-1]) | letters)
def test_unknown_names_are_refused_at_every_level(level: str, name: str) -> None:
    model = Shelf if level.count("shelf") > level.count("documents") else Document
    if name.split("__")[0] in model._meta.names or name == "pk" or (level and name in LOOKUPS):
        return
    for call in (
        lambda: Document.objects.filter(**{level + name: 1}),
        lambda: Document.objects.exclude(**{level + name: 1}),
        lambda: Document.objects.order_by(F(level + name)),
        lambda: Document.objects.values(level + name),
        lambda: Document.objects.annotate(x=F(level + name)),
        lambda: Document.objects.annotate(x=KT(level + name)),
    ):
        with pytest.raises(FieldError) as error:
            call()
        assert error.value.hint


FIELDS = [
    "name__",
    "number__",
    "day__",
    "day__year__",
    "shelf__label__",
    "shelf__documents__name__",
]


@pytest.mark.parametrize("level", FIELDS)
@quick
@given(name=st.sampled_from(NASTY) | letters)
def test_unknown_lookups_are_refused_at_every_level(level: str, name: str) -> None:
    known = Document._meta.get_field("day").get_lookups()
    if name in JSON_LOOKUPS or name in known or "__" in name:
        return
    with pytest.raises(FieldError) as error:
        Document.objects.filter(**{level + name: 1})
    assert f"unknown lookup '{name}' of '{level}{name}'" in error.value.message
    assert error.value.hint


@pytest.mark.parametrize(
    ("lookup", "hint"),
    [
        ("nmae", "Did you mean 'name'?"),
        ("shelf__lable", "Did you mean 'label'?"),
        ("shelf__documents__numbr", "Did you mean 'number'?"),
        ("name__icontain", "Did you mean 'icontains'?"),
        ("day__yaer", "Did you mean 'year'?"),
        ("day__year__gtt", "Did you mean 'gt'?"),
        ("shelf__documents__day__mnth", "Did you mean 'month'?"),
    ],
)
def test_suggestions(lookup: str, hint: str) -> None:
    with pytest.raises(FieldError) as error:
        Document.objects.filter(**{lookup: 1})
    assert error.value.hint == hint
