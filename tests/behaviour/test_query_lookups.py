"""Every lookup on every family of fields, with the same answer on every database."""

from __future__ import annotations

import datetime
import decimal
import uuid

import pytest

from manybase.models import F, Q
from tests.behaviour.help import date
from tests.behaviour.models import Sample
from tests.behaviour.query_data import SAMPLES, make_samples, moment

INITIALS = {"Anna": "a", "berta": "b", "ÄRGER": "c", None: "d"}


@pytest.fixture(autouse=True)
def samples(places) -> list[Sample]:
    return make_samples()


def found(*conditions: Q, **lookups: object) -> str:
    """The rows found, each by its letter (a, b, c, d), in order."""
    rows = Sample.objects.filter(*conditions, **lookups).order_by("pk")
    return "".join(INITIALS[name] for name in rows.values_list("name", flat=True))


TEXT = [
    ("name", "Anna", "a"),
    ("name__exact", "Anna", "a"),
    ("name__exact", "anna", ""),
    ("name__exact", None, "d"),
    ("name", None, "d"),
    ("name__iexact", "aNNa", "a"),
    ("name__iexact", "ärger", "c"),
    ("name__iexact", None, "d"),
    ("name__contains", "nn", "a"),
    ("name__contains", "NN", ""),
    ("name__icontains", "NN", "a"),
    ("name__icontains", "ärg", "c"),
    ("name__icontains", "R", "bc"),
    ("name__contains", "R", "c"),
    ("name__startswith", "A", "a"),
    ("name__startswith", "a", ""),
    ("name__istartswith", "a", "a"),
    ("name__istartswith", "B", "b"),
    ("name__endswith", "a", "ab"),
    ("name__endswith", "A", ""),
    ("name__iendswith", "A", "ab"),
    ("name__in", ["Anna", "ÄRGER"], "ac"),
    ("name__in", ("Anna", None), "a"),
    ("name__in", set(), ""),
    ("name__gt", "Anna", "bc"),
    ("name__gte", "Anna", "abc"),
    ("name__lt", "b", "a"),
    ("name__lte", "berta", "ab"),
    ("name__range", ("A", "c"), "ab"),
    ("name__isnull", True, "d"),
    ("name__isnull", False, "abc"),
    ("name__regex", "^[A-Z]n+a$", "a"),
    ("name__regex", "^an", ""),
    ("name__iregex", "^an", "a"),
    ("name__iregex", "^(an|be)", "ab"),
    # What means something in a pattern is literal here.
    ("text__contains", "_", "a"),
    ("text__contains", "%", "b"),
    ("text__contains", "\\", "c"),
    ("text__contains", "'", "c"),
    ("text__contains", '"', "c"),
    ("text__contains", "\n", "d"),
    ("text__startswith", "one_", "a"),
    ("text__startswith", "one%", ""),
    ("text__endswith", "%", "b"),
    ("text__icontains", "ONE_L", "a"),
    ("text", "100%", "b"),
    ("text__contains", "", "abcd"),
    ("slug", "anna", "a"),
    ("email__iexact", "ANNA@EXAMPLE.COM", "a"),
    ("url__startswith", "https://", "a"),
    ("mood", "w", "b"),
    ("mood__in", ["w"], "b"),
]

NUMBERS = [
    ("integer", 10, "a"),
    ("integer", "10", "a"),
    ("integer__exact", None, "d"),
    ("integer__gt", 10, "bc"),
    ("integer__gte", 20, "bc"),
    ("integer__lt", 20, "a"),
    ("integer__lte", 20, "ab"),
    ("integer__in", [10, 30, 99], "ac"),
    ("integer__in", [], ""),
    ("integer__in", [None, 10], "a"),
    ("integer__range", (15, 30), "bc"),
    ("integer__isnull", True, "d"),
    ("integer__contains", 0, "abc"),
    ("integer__startswith", 2, "b"),
    ("small", -3, "a"),
    ("small__lt", 0, "a"),
    ("big", 2**40, "a"),
    ("big__lt", 0, "b"),
    ("positive_small__gte", 1, "ab"),
    ("positive", 7, "b"),
    ("positive_big__gt", 2**40, "a"),
    ("real", 1.5, "a"),
    ("real__lt", 0, "b"),
    ("real__range", (-3, 0), "b"),
    ("price", decimal.Decimal("9.99"), "a"),
    ("price", "9.99", "a"),
    ("price__gt", decimal.Decimal("9.99"), "b"),
    ("price__gt", 10, "b"),
    ("price__lt", 0, "c"),
    ("price__in", [decimal.Decimal(100), decimal.Decimal("-0.01")], "bc"),
    ("price__range", (decimal.Decimal(-1), decimal.Decimal(10)), "ac"),
    ("grade", 2, "b"),
]

OTHERS = [
    ("flag", True, "a"),
    ("flag", False, "b"),
    ("flag", None, "cd"),
    ("flag__isnull", True, "cd"),
    ("flag__in", [True], "a"),
    ("sure", False, "bcd"),
    ("code", uuid.UUID(int=1), "a"),
    ("code", str(uuid.UUID(int=2)), "b"),
    ("code__in", [uuid.UUID(int=1), uuid.UUID(int=2)], "ab"),
    ("blob", b"\x00\x01", "a"),
    ("blob", b"", "b"),
    ("address", "10.0.0.1", "a"),
    ("address__in", ["2001:db8::1"], "b"),
    ("length", datetime.timedelta(hours=1), "a"),
    ("length__gt", datetime.timedelta(hours=1), "b"),
    ("length__lt", datetime.timedelta(0), "c"),
    ("length__in", [datetime.timedelta(seconds=-1)], "c"),
    ("length__range", (datetime.timedelta(0), datetime.timedelta(days=1)), "a"),
    ("data__isnull", True, "cd"),
]

TIMES = [
    ("day", date("2020-02-29"), "a"),
    ("day", "2020-02-29", "a"),
    ("day__gt", date("2020-02-29"), "bc"),
    ("day__range", (date("2020-01-01"), date("2020-12-31")), "ab"),
    ("day__in", [date("2021-01-03")], "c"),
    ("day__year", 2020, "ab"),
    ("day__year__gt", 2020, "c"),
    ("day__year__in", [2020, 2021], "abc"),
    ("day__iso_year", 2020, "abc"),
    ("day__month", 12, "b"),
    ("day__month__lte", 2, "ac"),
    ("day__day", 29, "a"),
    ("day__week", 53, "bc"),
    ("day__week", 9, "a"),
    ("day__week_day", 1, "c"),
    ("day__week_day", 7, "a"),
    ("day__iso_week_day", 7, "c"),
    ("day__quarter", 1, "ac"),
    ("day__quarter", 4, "b"),
    ("clock", datetime.time(8, 30, 15), "a"),
    ("clock__gt", datetime.time(8, 30, 15), "b"),
    ("clock__hour", 23, "b"),
    ("clock__minute", 30, "a"),
    ("clock__second", 15, "a"),
    ("clock", datetime.time(0, 0, 0, 1), "c"),
    ("moment", moment("2020-02-29T08:30:15.250000"), "a"),
    ("moment__gt", moment("2020-02-29T08:30:15.250000"), "bc"),
    ("moment__gte", moment("2020-02-29T08:30:15.250000"), "abc"),
    ("moment__lt", moment("2020-12-31T23:59:59"), "a"),
    ("moment__range", (moment("2020-06-01T00:00:00"), moment("2021-06-01T00:00:00")), "bc"),
    ("moment__date", date("2020-02-29"), "a"),
    ("moment__date__gt", date("2020-02-29"), "bc"),
    ("moment__year", 2020, "ab"),
    ("moment__iso_year", 2020, "abc"),
    ("moment__month", 1, "c"),
    ("moment__day", 31, "b"),
    ("moment__week", 53, "bc"),
    ("moment__week_day", 1, "c"),
    ("moment__quarter", 1, "ac"),
    ("moment__time", datetime.time(23, 59, 59), "b"),
    ("moment__time__lt", datetime.time(12, 0), "ac"),
    ("moment__hour", 8, "a"),
    ("moment__hour__gte", 8, "ab"),
    ("moment__minute", 59, "b"),
    ("moment__second", 15, "a"),
    ("moment__isnull", True, "d"),
]

ALL = [*TEXT, *NUMBERS, *OTHERS, *TIMES]


@pytest.mark.parametrize(
    ("lookup", "value", "expected"), ALL, ids=[f"{row[0]}-{i}" for i, row in enumerate(ALL)]
)
def test_a_lookup_finds_its_rows(lookup: str, value: object, expected: str) -> None:
    """The lookup finds these rows; excluding it finds the others, those with null among them."""
    assert found(**{lookup: value}) == expected
    rest = "".join(letter for letter in "abcd" if letter not in expected)
    assert found(~Q(**{lookup: value})) == rest


def test_values_come_back_as_they_were_stored(samples: list[Sample]) -> None:
    """Each family gives back values of its own type, equal to those saved."""
    for made, values in zip(samples, SAMPLES, strict=True):
        again = Sample.objects.get(pk=made.pk)
        for name, value in values.items():
            kept = getattr(again, name)
            assert kept == value, name
            assert type(kept) is type(value), name


def test_nulls_come_back_as_none(samples: list[Sample]) -> None:
    """What was left null is None, in objects and in values()."""
    again = Sample.objects.get(pk=samples[3].pk)

    for name in ("integer", "price", "flag", "day", "moment", "length", "code", "blob", "data"):
        assert getattr(again, name) is None, name
    row = Sample.objects.values("price", "moment", "code").get(pk=samples[3].pk)
    assert row == {"price": None, "moment": None, "code": None}


@pytest.mark.parametrize("other", ["positive", "small", "big"])
def test_lookups_compare_with_another_column(other: str) -> None:
    """F() on the right compares two columns of a row; null compares to nothing."""
    larger = [
        INITIALS[row["name"]]
        for row in SAMPLES
        if row.get("integer") is not None
        and row.get(other) is not None
        and row["integer"] > row[other]
    ]

    assert found(integer__gt=F(other)) == "".join(larger)


def test_lookups_compute_with_columns() -> None:
    """F() takes part in arithmetic with numbers and other columns."""
    assert found(integer=F("positive") + 8) == "a"
    assert found(integer__gte=F("positive") * 2 + F("positive_small")) == "ab"
    assert found(integer__lt=F("integer") - F("small")) == "a"


def test_text_lookups_compare_with_another_column() -> None:
    """contains, startswith and iexact take a column, whose wildcards are literal."""
    assert found(email__startswith=F("slug"), slug__gt="") == "ab"
    assert found(email__contains=F("slug"), slug__gt="") == "ab"
    assert found(name__iexact=F("slug")) == "ab"
    assert found(text__contains=F("text")) == "abcd"


def test_pk_is_a_name_for_the_key(samples: list[Sample]) -> None:
    """``pk`` works with every lookup of the key's family."""
    first, second = samples[0].pk, samples[1].pk

    assert found(pk=first) == "a"
    assert found(pk__in=[first, second]) == "ab"
    assert found(pk__gt=second) == "cd"
    assert found(id__lte=first) == "a"


def test_several_conditions_are_all_required() -> None:
    """Keyword arguments, Q objects and chained calls are joined by and."""
    assert found(Q(integer__gte=20), integer__lt=30, text="100%") == "b"
    queryset = Sample.objects.filter(integer__gte=20).filter(integer__lt=30)
    assert [row.name for row in queryset] == ["berta"]


def test_a_time_zone_decides_the_day() -> None:
    """Parts of a moment are those of the current time zone."""
    from manybase.conf import settings

    with settings.override(TIME_ZONE="Asia/Tokyo"):
        assert found(moment__date=date("2021-01-01")) == "b"
        assert found(moment__year=2021) == "bc"
        assert found(moment__hour=17) == "a"
        assert found(moment__day=3) == "c"


@pytest.mark.parametrize("size", [1, 2, 3, 50, 1500])
def test_in_takes_lists_of_any_length(size: int, samples: list[Sample]) -> None:
    """The number of values after ``in`` is no limit, and repeated values do not matter."""
    keys = [samples[0].pk] * 2 + list(range(10_000, 10_000 + size))

    assert found(pk__in=keys) == "a"
    assert found(~Q(pk__in=keys)) == "bcd"


def test_lookups_see_rows_of_their_database() -> None:
    """Every family gives the same answers on another alias."""
    assert not Sample.objects.using("other").filter(integer=10).exists()
    make_samples("other")
    for lookup, value, expected in ALL[::7]:
        rows = Sample.objects.using("other").filter(**{lookup: value}).order_by("pk")
        assert "".join(INITIALS[row.name] for row in rows) == expected
