"""What each field takes, gives and refuses."""

from __future__ import annotations

import datetime
import decimal
import enum
import ipaddress
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manybase import fields
from manybase.conf import settings
from manybase.errors import ConfigurationError, DataError, FieldValueError, ValidationError
from manybase.fields.spans import duration_text, parse_duration

D = decimal.Decimal
DAY = datetime.date(2024, 2, 29)
NOON = datetime.datetime(2024, 2, 29, 12, 30, 15, 250, tzinfo=datetime.UTC)
KEY = uuid.UUID("12345678123456781234567812345678")


class Level(fields.IntegerChoices):
    LOW = 1
    HIGH = 2


class Colour(fields.TextChoices):
    RED = "r", "Red"


TAKEN: list[tuple[Any, Any, Any]] = [
    (fields.CharField(), "a", "a"),
    (fields.CharField(), 5, "5"),
    (fields.CharField(), Colour.RED, "r"),
    (fields.TextField(), D("1.5"), "1.5"),
    (fields.IntegerField(), 5, 5),
    (fields.IntegerField(), "5", 5),
    (fields.IntegerField(), True, 1),
    (fields.IntegerField(), 5.0, 5),
    (fields.IntegerField(), Level.HIGH, 2),
    (fields.BigIntegerField(), 2**63 - 1, 2**63 - 1),
    (fields.FloatField(), 5, 5.0),
    (fields.FloatField(), "1.5", 1.5),
    (fields.DecimalField(max_digits=5, decimal_places=2), "1.005", D("1.00")),
    (fields.DecimalField(max_digits=5, decimal_places=2), 1.5, D("1.50")),
    (fields.DecimalField(max_digits=5, decimal_places=2), 7, D("7.00")),
    (fields.BooleanField(), 1, True),
    (fields.BooleanField(), "false", False),
    (fields.DateField(), DAY, DAY),
    (fields.DateField(), "2024-02-29", DAY),
    (fields.DateField(), NOON, DAY),
    (fields.TimeField(), "12:30", datetime.time(12, 30)),
    (fields.TimeField(), NOON, datetime.time(12, 30, 15, 250)),
    (fields.DateTimeField(), NOON, NOON),
    (fields.DateTimeField(), "2024-02-29 12:30:15.000250+00:00", NOON),
    (fields.DateTimeField(), DAY, datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC)),
    (fields.DurationField(), "1 02:00:00", datetime.timedelta(days=1, hours=2)),
    (fields.DurationField(), "90", datetime.timedelta(seconds=90)),
    (fields.UUIDField(), str(KEY), KEY),
    (fields.UUIDField(), KEY.int, KEY),
    (fields.BinaryField(), bytearray(b"ab"), b"ab"),
    (fields.BinaryField(), memoryview(b"ab"), b"ab"),
    (fields.JSONField(), {"a": [1, None]}, {"a": [1, None]}),
    (fields.JSONField(), 1.5, 1.5),
    (fields.GenericIPAddressField(), "2001:DB8::0:1", "2001:db8::1"),
    (fields.GenericIPAddressField(), ipaddress.ip_address("10.0.0.1"), "10.0.0.1"),
    (fields.GenericIPAddressField(unpack_ipv4=True), "::ffff:10.0.0.1", "10.0.0.1"),
    (fields.FilePathField(), "/etc/hosts", "/etc/hosts"),
]


@pytest.mark.parametrize(("field", "value", "kept"), TAKEN)
def test_a_value_is_kept_in_the_fields_own_type(field: Any, value: Any, kept: Any) -> None:
    found = field.prepare(value)
    assert found == kept
    assert type(found) is type(kept)
    assert field.prepare(None) is None


class Odd:
    def __eq__(self, other: object) -> bool:
        raise TypeError("not comparable")

    __hash__ = None  # type: ignore[assignment]


REFUSED: list[tuple[Any, Any, str]] = [
    (fields.CharField(), b"bytes", "text, not bytes"),
    (fields.CharField(), ["secret"], "text, not list"),
    (fields.CharField(), object(), "text, not object"),
    (fields.IntegerField(), "secret", "a whole number; the text given is none"),
    (fields.IntegerField(), 1.5, "a whole number, not float"),
    (fields.IntegerField(), D("1.5"), "a whole number, not Decimal"),
    (fields.IntegerField(), float("nan"), "a whole number, not float"),
    (fields.IntegerField(), [], "a whole number, not list"),
    (fields.FloatField(), "secret", "a number; the text given is none"),
    (fields.DecimalField(max_digits=4, decimal_places=2), "secret", "at most 4 digits, 2 of them"),
    (fields.DecimalField(max_digits=4, decimal_places=2), 100, "at most 4 digits"),
    (fields.DecimalField(max_digits=4, decimal_places=2), "NaN", "at most 4 digits"),
    (fields.DecimalField(max_digits=4, decimal_places=2), float("inf"), "at most 4 digits"),
    (fields.BooleanField(), "secret", "True or False; the text given is none"),
    (fields.BooleanField(), 2, "True or False, not int"),
    (fields.BooleanField(), Odd(), "True or False, not Odd"),
    (fields.DateField(), "2023-02-29", "a date (datetime.date or 'YYYY-MM-DD')"),
    (fields.DateField(), 5, "a date (datetime.date or 'YYYY-MM-DD'), not int"),
    (fields.TimeField(), "25:00", "a time without a zone"),
    (fields.TimeField(), datetime.time(1, tzinfo=datetime.UTC), "a time without a zone"),
    (fields.DateTimeField(), "secret", "a moment"),
    (fields.DurationField(), "secret", "a span of time"),
    (fields.DurationField(), 5, "a span of time"),
    (fields.UUIDField(), "secret", "a UUID; the text given is none"),
    (fields.UUIDField(), 1.5, "a UUID, not float"),
    (fields.BinaryField(), "secret", "bytes; the text given is none"),
    (fields.JSONField(), {"a": object()}, "what can be written as JSON, not dict"),
    (fields.GenericIPAddressField(), "secret", "an IP address; the text given is none"),
    (fields.FileField(), 5, "a file or its path, not int"),
]


@pytest.mark.parametrize(("field", "value", "message"), REFUSED)
def test_a_wrong_value_is_refused_and_not_shown(
    make: Any, field: Any, value: Any, message: str
) -> None:
    model = make("Book", x=field.clone())
    bound = model._meta.get_field("x")
    with pytest.raises(FieldValueError) as caught:
        bound.prepare(value)
    assert str(caught.value).startswith(f"field '{model._meta.label}.x' takes ")
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", [2**63, str(-(2**70))])
def test_a_whole_number_of_more_than_eight_bytes_is_not_kept(make: Any, value: Any) -> None:
    field = make("Book", x=fields.IntegerField())._meta.get_field("x")
    with pytest.raises(DataError, match=r"Book\.x' takes a whole number of at most 8 bytes"):
        field.prepare(value)
    assert field.prepare_compared(value) == int(value)


def test_a_text_may_be_of_a_subclass_of_str() -> None:
    class Shout(str):
        __slots__ = ()

        def __str__(self) -> str:
            return self.upper()

    assert fields.CharField().prepare(Shout("ab")) == "ab"


def test_a_date_may_be_of_an_enumeration() -> None:
    class Moon(datetime.date, fields.Choices):
        APOLLO_11 = 1969, 7, 20, "Apollo 11"
        APOLLO_12 = 1969, 11, 19

    class Plain(enum.Enum):
        A = datetime.timedelta(days=1)

    kept = fields.DateField(choices=Moon.choices).prepare(Moon.APOLLO_11)
    assert (kept, type(kept)) == (datetime.date(1969, 7, 20), datetime.date)
    assert fields.DurationField().prepare(Plain.A) == datetime.timedelta(days=1)


def test_a_naive_moment_is_taken_to_be_in_the_zone_of_the_settings(make: Any) -> None:
    field = make("Book", x=fields.DateTimeField())._meta.get_field("x")
    noon = datetime.datetime(2024, 7, 1, 12)
    with settings.override(TIME_ZONE="Europe/Berlin", USE_TZ=True):
        with pytest.warns(RuntimeWarning, match=r"Book\.x' received a naive datetime"):
            kept = field.prepare(noon)
        assert field.prepare("2024-07-01 12:00") == kept
    assert kept == datetime.datetime(2024, 7, 1, 10, tzinfo=datetime.UTC)


def test_the_day_of_an_aware_moment_is_that_of_the_zone() -> None:
    late = datetime.datetime(2024, 7, 1, 23, tzinfo=datetime.UTC)
    with settings.override(TIME_ZONE="Europe/Berlin", USE_TZ=True):
        assert fields.DateField().prepare(late) == datetime.date(2024, 7, 2)


def test_without_zones_an_aware_moment_loses_its_own() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    with settings.override(TIME_ZONE="UTC", USE_TZ=False):
        kept = fields.DateTimeField().prepare(datetime.datetime(2024, 7, 1, 12, tzinfo=zone))
        assert fields.DateTimeField(auto_now=True).present().tzinfo is None
    assert kept == datetime.datetime(2024, 7, 1, 10)


def test_an_unknown_zone_is_told() -> None:
    field, text = fields.DateTimeField(), "'TIME_ZONE' names no time zone"
    with (
        pytest.raises(ConfigurationError, match=text),
        settings.override(TIME_ZONE="Mars/Olympus", USE_TZ=True),
    ):
        field.prepare("2024-07-01 12:00")


def test_auto_now_sets_the_present_on_the_instance(make: Any) -> None:
    model = make(
        "Book",
        made=fields.DateTimeField(auto_now_add=True),
        day=fields.DateField(auto_now=True),
        clock=fields.TimeField(auto_now=True),
    )
    made, day, clock = (model._meta.get_field(n) for n in ("made", "day", "clock"))
    assert not made.editable
    assert made.blank
    one = model(made=None, day=None)
    assert made.pre_save(one, True) == one.made
    assert one.made.tzinfo is datetime.UTC
    before = one.made
    assert made.pre_save(one, False) is before
    assert day.pre_save(one, False) == one.day
    assert isinstance(clock.pre_save(one, True), datetime.time)


def test_a_json_default_is_not_shared() -> None:
    field = fields.JSONField(default={"a": []})
    first, second = field.get_default(), field.get_default()
    assert first == second
    assert first is not second


def test_the_text_of_a_value_for_fixtures(make: Any) -> None:
    model = make(
        "Book",
        raw=fields.BinaryField(),
        span=fields.DurationField(),
        day=fields.DateField(),
        data=fields.JSONField(),
    )
    one = model(raw=b"\x00\xff", span=datetime.timedelta(-1, 5, 7), day=DAY, data={"a": 1})
    text = {n: model._meta.get_field(n).value_to_string(one) for n in ("raw", "span", "day")}
    assert text == {"raw": "AP8=", "span": "-1 00:00:05.000007", "day": "2024-02-29"}
    assert model._meta.get_field("data").value_to_string(one) == {"a": 1}
    assert model._meta.get_field("raw").to_python("AP8=") == b"\x00\xff"
    assert model._meta.get_field("span").to_python(text["span"]) == one.span


@given(st.timedeltas())
def test_the_text_of_a_duration_reads_back(value: datetime.timedelta) -> None:
    assert parse_duration(duration_text(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3 days", datetime.timedelta(3)),
        ("1 day, 1:00:00", datetime.timedelta(1, 3600)),
        ("-0:30", datetime.timedelta(seconds=-30)),
        ("1:02:03.5", datetime.timedelta(0, 3723, 500000)),
        ("P3DT1H", datetime.timedelta(3, 3600)),
        ("-PT1,5S", datetime.timedelta(seconds=-1.5)),
        ("P2W", datetime.timedelta(14)),
        ("P", None),
        ("PT", None),
        ("1::2", None),
    ],
)
def test_durations_in_other_spellings(text: str, value: datetime.timedelta | None) -> None:
    assert parse_duration(text) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-999, max_value=999))
def test_a_fitting_decimal_is_kept_as_it_is(value: decimal.Decimal) -> None:
    field = fields.DecimalField(max_digits=5, decimal_places=2)
    assert field.prepare(value) == value
    assert field.clean(value, None) == value


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        (fields.CharField(max_length=3), "four", "max_length"),
        (fields.CharField(), "a\x00", "null_characters_not_allowed"),
        (fields.CharField(), "", "blank"),
        (fields.CharField(), None, "null"),
        (fields.CharField(choices=Colour), "x", "invalid_choice"),
        (fields.IntegerField(), 2**31, "max_value"),
        (fields.SmallIntegerField(), -(2**15) - 1, "min_value"),
        (fields.PositiveIntegerField(), -1, "min_value"),
        (fields.DecimalField(max_digits=5, decimal_places=2), D("1.005"), "max_decimal_places"),
        (fields.DecimalField(max_digits=5, decimal_places=2), D(1000), "max_whole_digits"),
        (fields.EmailField(), "a.example.org", "invalid"),
        (fields.URLField(), "example.org", "invalid"),
        (fields.SlugField(), "a b", "invalid"),
        (fields.GenericIPAddressField(protocol="ipv4"), "::1", "invalid"),
        (fields.BinaryField(max_length=1, editable=True), b"ab", "max_length"),
        (fields.JSONField(), float, "invalid"),
    ],
)
def test_clean_tells_what_is_wrong(field: Any, value: Any, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        field.clone().clean(value, None)
    assert [error.code for error in caught.value.error_list] == [code]


def test_a_slug_may_hold_letters_of_all_languages() -> None:
    assert fields.SlugField(allow_unicode=True).clean("größe", None) == "größe"


def test_false_is_a_value() -> None:
    assert fields.BooleanField().clean("0", None) is False
    assert fields.BooleanField(null=True, blank=True).clean("", None) is None
