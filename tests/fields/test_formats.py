"""Validators, by what they accept and refuse."""

from __future__ import annotations

import decimal
from typing import Any

import pytest

from manybase.errors import ValidationError
from manybase.fields import formats, validators

ACCEPTED: list[tuple[Any, Any]] = [
    (formats.validate_email, "emma@example.org"),
    (formats.validate_email, '"odd name"@example.org'),
    (formats.validate_email, "emma+books@sub.example.museum"),
    (formats.validate_email, "emma@localhost"),
    (formats.validate_email, "emma@[127.0.0.1]"),
    (formats.validate_email, "emma@[IPv6:::1]"),
    (formats.validate_email, "emma@bücher.example"),
    (formats.validate_url, "https://example.org/a?b=c#d"),
    (formats.validate_url, "http://localhost:8000/"),
    (formats.validate_url, "http://[::1]:80/"),
    (formats.validate_url, "ftp://user:pw@example.org"),
    (formats.URLValidator(schemes=["git"]), "git://example.org"),
    (formats.validate_slug, "a-b_1"),
    (formats.validate_unicode_slug, "größe"),
    (formats.validate_integer, "-12"),
    (formats.validate_comma_separated_integer_list, "1,2,3"),
    (formats.int_list_validator(sep=";", allow_negative=True), "-1;2"),
    (formats.validate_ipv4_address, "10.0.0.1"),
    (formats.validate_ipv6_address, "::1"),
    (validators.RegexValidator("x", inverse_match=True), "abc"),
    (validators.MaxValueValidator(lambda: 5), 5),
    (validators.StepValueValidator(0.1), 0.3),
    (validators.StepValueValidator(2, offset=1), 7),
    (validators.DecimalValidator(4, 2), decimal.Decimal("12.34")),
    (validators.DecimalValidator(4, 2), decimal.Decimal("0.01")),
    (validators.DecimalValidator(4, 2), decimal.Decimal("1E1")),
    (validators.FileExtensionValidator(["PDF"]), "a.pdf"),
    (validators.FileExtensionValidator(), "a"),
]

REFUSED: list[tuple[Any, Any, str]] = [
    (formats.validate_email, "", "invalid"),
    (formats.validate_email, "emma", "invalid"),
    (formats.validate_email, "emma@example", "invalid"),
    (formats.validate_email, "a b@example.org", "invalid"),
    (formats.validate_email, "emma@-example.org", "invalid"),
    (formats.validate_email, "emma@example.org\n", "invalid"),
    (formats.validate_url, "example.org", "invalid"),
    (formats.validate_url, "javascript:alert(1)", "invalid"),
    (formats.validate_url, "http://a b.org", "invalid"),
    (formats.validate_url, "http://example.org:99999", "invalid"),
    (formats.validate_url, "http://[::1", "invalid"),
    (formats.validate_url, "http://example", "invalid"),
    (formats.validate_url, None, "invalid"),
    (formats.validate_slug, "größe", "invalid"),
    (formats.validate_slug, "a\n", "invalid"),
    (formats.validate_integer, "1.5", "invalid"),
    (formats.validate_comma_separated_integer_list, "1,", "invalid"),
    (formats.validate_ipv4_address, "10.0.0.256", "invalid"),
    (formats.validate_ipv46_address, "x", "invalid"),
    (validators.RegexValidator("^x", code="no_x"), "abc", "no_x"),
    (validators.MaxValueValidator(5), 6, "max_value"),
    (validators.MinLengthValidator(2), "a", "min_length"),
    (validators.StepValueValidator(3), 4, "step_size"),
    (validators.DecimalValidator(4, 2), decimal.Decimal("1E3"), "max_whole_digits"),
    (validators.DecimalValidator(4, 2), decimal.Decimal("1E9"), "max_digits"),
    (validators.DecimalValidator(4, 2), decimal.Decimal("NaN"), "invalid"),
    (validators.FileExtensionValidator(["pdf"]), "a.exe", "invalid_extension"),
    (validators.ProhibitNullCharactersValidator(), "\x00", "null_characters_not_allowed"),
]


@pytest.mark.parametrize(("validate", "value"), ACCEPTED)
def test_accepted(validate: Any, value: Any) -> None:
    validate(value)


@pytest.mark.parametrize(("validate", "value", "code"), REFUSED)
def test_refused(validate: Any, value: Any, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate(value)
    assert caught.value.code == code
    assert "%(" not in caught.value.messages[0]


def test_equal_validators_are_equal() -> None:
    assert validators.MaxValueValidator(5) == validators.MaxValueValidator(5)
    assert validators.MaxValueValidator(5) != validators.MaxValueValidator(6)
    assert validators.RegexValidator("a") == validators.RegexValidator("a")
    assert len({validators.MaxLengthValidator(5), validators.MaxLengthValidator(5)}) == 1
