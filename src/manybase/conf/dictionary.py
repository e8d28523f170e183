"""Reads one value of ``DATABASES``: a URL, Django's dictionary, or a dictionary with a URL in it.

Pure data to data; errors name the alias and the key. Called by ``conf.declared``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manybase.conf import url
from manybase.conf.database import DatabaseSettings
from manybase.conf.schemes import engine_of
from manybase.errors import ConfigurationError, hint_for

_ADDRESS = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")
_EXTRA = (
    "ATOMIC_REQUESTS",
    "AUTOCOMMIT",
    "CONN_HEALTH_CHECKS",
    "CONN_MAX_AGE",
    "DISABLE_SERVER_SIDE_CURSORS",
    "TIME_ZONE",
)
_KEYS = (*_ADDRESS, *_EXTRA, "URL", "OPTIONS", "TEST", "REPLICA_OF")
_TEST_KEYS = (
    "CHARSET",
    "COLLATION",
    "CREATE_DB",
    "DEPENDENCIES",
    "MIGRATE",
    "MIRROR",
    "NAME",
    "PASSWORD",
    "TEMPLATE",
    "USER",
)


def parse(alias: str, value: object) -> DatabaseSettings:
    """Read what ``DATABASES[alias]`` says.

    Raises:
        ConfigurationError: A key is unknown or its value is wrong.
    """
    if isinstance(value, str):
        return url.parse(alias, value)
    if not isinstance(value, Mapping):
        raise ConfigurationError(
            f"the database {alias!r} is given by a value of type {type(value).__name__!r}",
            hint='Write a URL, such as "sqlite:///shop.db", or a dictionary with ENGINE and NAME.',
        )
    _check_keys(alias, value)
    test = _mapping(alias, value, "TEST")
    _check_test(alias, test)
    _check_zone(alias, value.get("TIME_ZONE"))
    settings = _from_url(alias, value) if "URL" in value else _from_keys(alias, value)
    primary = value.get("REPLICA_OF") or test.get("MIRROR") or settings.replica_of
    return settings.replace(
        options={**settings.options, **_mapping(alias, value, "OPTIONS")},
        test=dict(test),
        replica_of=primary,
        extra={key: value[key] for key in _EXTRA if key in value},
    )


def _check_keys(alias: str, value: Mapping[str, Any]) -> None:
    for key in value:
        if key not in _KEYS:
            raise ConfigurationError(
                f"unknown key {key!r} in the settings of the database {alias!r}",
                hint=hint_for(str(key).upper(), _KEYS),
            )
    if "URL" not in value and "ENGINE" not in value:
        raise ConfigurationError(
            f"the settings of the database {alias!r} have neither 'ENGINE' nor 'URL'",
            hint='Write {"URL": "sqlite:///shop.db"} or {"ENGINE": "sqlite3", "NAME": "shop.db"}.',
        )
    both = [key for key in _ADDRESS if key in value and "URL" in value]
    if both:
        raise ConfigurationError(
            f"the settings of the database {alias!r} have 'URL' and also {both[0]!r}",
            hint="Keep one of the two.",
        )


def _check_zone(alias: str, name: object) -> None:
    if name is None or name == "UTC":
        return
    import zoneinfo  # only where it is needed: imports must stay light

    try:
        zoneinfo.ZoneInfo(str(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            f"'TIME_ZONE' of the database {alias!r} names no time zone that this system knows",
            hint="Write a name such as 'Europe/Berlin', or leave it out for UTC.",
        ) from None


def _check_test(alias: str, test: Mapping[str, Any]) -> None:
    for key in test:
        if key not in _TEST_KEYS:
            raise ConfigurationError(
                f"unknown key {key!r} in 'TEST' of the database {alias!r}",
                hint=hint_for(str(key).upper(), _TEST_KEYS),
            )


def _from_url(alias: str, value: Mapping[str, Any]) -> DatabaseSettings:
    if not isinstance(value["URL"], str):
        raise ConfigurationError(
            f"'URL' of the database {alias!r} is a value of type {type(value['URL']).__name__!r}",
            hint='Write a text such as "sqlite:///shop.db".',
        )
    return url.parse(alias, value["URL"])


def _from_keys(alias: str, value: Mapping[str, Any]) -> DatabaseSettings:
    return DatabaseSettings(
        alias,
        engine_of(value["ENGINE"], alias),
        username=_text(value, "USER"),
        password=_text(value, "PASSWORD"),
        host=_text(value, "HOST"),
        port=_port(alias, value.get("PORT")),
        database=_text(value, "NAME"),
    )


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return "" if found is None else str(found)


def _port(alias: str, value: object) -> int | None:
    if value in (None, ""):
        return None
    text = str(value)
    if not (text.isdecimal() and 0 < int(text) < 65536):
        raise ConfigurationError(
            f"'PORT' of the database {alias!r} is {value!r}",
            hint="Write a number from 1 to 65535, or leave it out for the usual port.",
        )
    return int(text)


def _mapping(alias: str, value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key) or {}
    if not isinstance(found, Mapping):
        raise ConfigurationError(
            f"{key!r} of the database {alias!r} is a value of type {type(found).__name__!r}",
            hint=f'Write a dictionary: "{key}": {{...}}.',
        )
    return found
