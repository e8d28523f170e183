"""Validators for texts of a known format: addresses of mail, web and network, slugs, lists.

Built on ``validators``; used by the text and network families and by programs.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from manybase.errors import ValidationError
from manybase.fields.validators import RegexValidator

_ATOMS = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_QUOTED = re.compile(r'"([^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*"')
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.IGNORECASE)


@functools.cache
def _domain_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """How a label of a domain looks, and the last one; so wide a range takes time to compile."""
    label = re.compile(r"(?!-)[a-zA-Z0-9\u00a1-\uffff-]{1,63}(?<!-)")
    top_level = re.compile(r"(?!-)(?!\d+$)[a-zA-Z0-9\u00a1-\uffff-]{2,63}(?<!-)")
    return label, top_level


def _is_domain(text: str) -> bool:
    labels = text.removesuffix(".").split(".")
    if len(text) > 253 or len(labels) < 2:
        return False
    label, top_level = _domain_patterns()
    return all(label.fullmatch(one) for one in labels) and bool(top_level.fullmatch(labels[-1]))


class EmailValidator:
    """The text must be a mail address.

    Args:
        message: The text of the error.
        code: Its code.
        allowlist: Domains that are accepted as they are.
    """

    message = "Enter a valid email address."
    code = "invalid"
    domain_allowlist: Sequence[str] = ("localhost",)

    def __init__(
        self,
        message: str | None = None,
        code: str | None = None,
        allowlist: Sequence[str] | None = None,
    ) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.domain_allowlist = allowlist if allowlist is not None else self.domain_allowlist

    def __call__(self, value: Any) -> None:
        """Raise a ValidationError unless the value is a mail address."""
        user, at, domain = str(value or "").rpartition("@")
        wellformed = bool(at) and len(str(value)) <= 320
        user_fits = bool(_ATOMS.fullmatch(user) or _QUOTED.fullmatch(user))
        if not (wellformed and user_fits and self._domain_fits(domain)):
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def _domain_fits(self, domain: str) -> bool:
        if domain in self.domain_allowlist or _is_domain(domain):
            return True
        if domain.startswith("[") and domain.endswith("]"):
            return _is_ip(domain[1:-1].removeprefix("IPv6:"))
        return False

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), self.message))


class URLValidator:
    """The text must be a complete URL of a known scheme.

    Args:
        schemes: The schemes that are accepted.
        message: The text of the error.
        code: Its code.
    """

    message = "Enter a valid URL."
    code = "invalid"
    schemes: Sequence[str] = ("http", "https", "ftp", "ftps")
    max_length = 2048

    def __init__(
        self,
        schemes: Sequence[str] | None = None,
        message: str | None = None,
        code: str | None = None,
    ) -> None:
        self.schemes = [s.lower() for s in schemes] if schemes is not None else self.schemes
        self.message = message or self.message
        self.code = code or self.code

    def __call__(self, value: Any) -> None:
        """Raise a ValidationError unless the value is such a URL."""
        if not isinstance(value, str) or not self._is_url(value):
            raise ValidationError(self.message, code=self.code, params={"value": value})

    def _is_url(self, text: str) -> bool:
        if len(text) > self.max_length or re.search(r"[\s\x00-\x1f\x7f<>\"]", text):
            return False
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname or "", parts.port  # a wrong port raises
        except ValueError:
            return False
        known = bool(_SCHEME.fullmatch(parts.scheme)) and parts.scheme.lower() in self.schemes
        if not known or parts.netloc.count("@") > 1 or parts.netloc.endswith(":"):
            return False
        return host == "localhost" or _is_domain(host) or _is_ip(host)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), self.message))


def _is_ip(text: str, *versions: int) -> bool:
    try:
        return ipaddress.ip_address(text).version in (versions or (4, 6))
    except ValueError:
        return False


def validate_ipv4_address(value: Any) -> None:
    """Raise a ValidationError unless the value is an IPv4 address."""
    if not _is_ip(str(value), 4):
        raise ValidationError("Enter a valid IPv4 address.", "invalid", {"value": value})


def validate_ipv6_address(value: Any) -> None:
    """Raise a ValidationError unless the value is an IPv6 address."""
    if not _is_ip(str(value), 6):
        raise ValidationError("Enter a valid IPv6 address.", "invalid", {"value": value})


def validate_ipv46_address(value: Any) -> None:
    """Raise a ValidationError unless the value is an IPv4 or IPv6 address."""
    if not _is_ip(str(value)):
        raise ValidationError("Enter a valid IPv4 or IPv6 address.", "invalid", {"value": value})


validate_email = EmailValidator()
validate_url = URLValidator()
validate_integer = RegexValidator(r"^-?\d+\Z", "Enter a valid integer.")
validate_slug = RegexValidator(
    r"^[-a-zA-Z0-9_]+\Z",
    "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
)
validate_unicode_slug = RegexValidator(
    r"^[-\w]+\Z",
    "Enter a valid “slug” consisting of Unicode letters, numbers, underscores, or hyphens.",
)


def int_list_validator(
    sep: str = ",",
    message: str | None = None,
    code: str = "invalid",
    allow_negative: bool = False,
) -> RegexValidator:
    """Return a validator for whole numbers with a separator between them."""
    number = r"-?\d+" if allow_negative else r"\d+"
    return RegexValidator(
        rf"^{number}(?:{re.escape(sep)}{number})*\Z",
        message=message or f"Enter only digits separated by “{sep}”.",
        code=code,
    )


validate_comma_separated_integer_list = int_list_validator(
    message="Enter only digits separated by commas."
)
