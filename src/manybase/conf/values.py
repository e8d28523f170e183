"""Checks the values of settings, and hides the passwords of those that are shown.

Each check names the key and the cure. Called by ``conf.settings`` for values of every source;
what a database's own settings say is checked by ``conf.dictionary``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from manybase.conf.database import MASK, is_secret
from manybase.errors import ConfigurationError

_ACCOUNT = re.compile(r"(://[^/?#@:]*):.*@", re.DOTALL)
_OPTION = re.compile(r"([?&][^=&]*(?:password|passwd|secret|token)[^=&]*=)[^&]*", re.IGNORECASE)

_LISTS = frozenset({"DATABASE_ROUTERS", "FIXTURE_DIRS", "INSTALLED_APPS", "PASSWORD_HASHERS"})
_FLAGS = frozenset({"ALLOW_SYNC_IN_EVENT_LOOP", "USE_TZ"})


class ShownDatabases(dict[Any, Any]):
    """What ``DATABASES`` holds, in a dictionary whose ``repr()`` hides the passwords."""

    def __repr__(self) -> str:
        shown = {key: MASK if is_secret(str(key)) else _masked(self[key]) for key in self}
        return repr(shown)

    def __reduce__(self) -> Any:
        return (ShownDatabases, (dict(self),))


def checked(name: str, value: Any) -> Any:
    """Return the value of a setting as it is kept.

    Raises:
        ConfigurationError: It is no value of this setting.
    """
    if name == "DATABASES":
        return _hidden(value) if isinstance(value, Mapping) else value
    if name in _LISTS and isinstance(value, str):
        raise ConfigurationError(
            f"{name!r} is a text, and a list is needed", hint=f"Write [{value!r}]."
        )
    if name in _FLAGS and not isinstance(value, bool):
        raise ConfigurationError(
            f"{name!r} is a value of type {type(value).__name__!r}", hint="Write True or False."
        )
    if name == "TIME_ZONE":
        _check_zone(value)
    return value


def _hidden(value: Mapping[Any, Any]) -> ShownDatabases:
    return ShownDatabases(
        (key, _hidden(inner) if isinstance(inner, Mapping) else inner)
        for key, inner in value.items()
    )


def _masked(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _OPTION.sub(rf"\1{MASK}", _ACCOUNT.sub(rf"\1:{MASK}@", value))


def _check_zone(value: Any) -> None:
    if value == "UTC":
        return
    import zoneinfo  # most programs never need it

    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        import difflib  # only where it is needed: imports must stay light

        near = difflib.get_close_matches(str(value), zoneinfo.available_timezones(), n=1)
        raise ConfigurationError(
            f"'TIME_ZONE' names no time zone: {value!r}",
            hint=f"Did you mean {near[0]!r}?" if near else "Write a name such as 'Europe/Berlin'.",
        ) from None
