"""What the databases can do, how they keep values, and how they are spoken to.

The only place that knows databases by name. ``dialect_for`` gives the rules that SQL is compiled
with, ``drivers_for`` the functions that open connections (called by ``runtime`` alone). Each loads
just the module that is needed, so that importing Manybase stays light.
"""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING, Any

from manybase.errors import ConfigurationError, hint_for

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect
    from manybase.dialects.driver import Drivers

_SCHEMES = ("mysql", "postgresql", "sqlite")
_known: dict[tuple[Any, ...], Dialect] = {}
_lock = threading.Lock()


def dialect_for(
    scheme: str,
    version: tuple[int, ...] | None = None,
    *,
    use_tz: bool = True,
    tz: str = "UTC",
    kept_in: str = "UTC",
    **facts: Any,
) -> Dialect:
    """Return the one dialect object for these facts; equal facts give the same object.

    Args:
        scheme: The kind of database: ``conf.DatabaseSettings.scheme``.
        version: The server's version; a recent one is assumed when it is left out.
        use_tz: ``settings.USE_TZ``: whether datetimes are moments or wall-clock times.
        tz: ``settings.TIME_ZONE``.
        kept_in: ``TIME_ZONE`` of the database: the zone in which it keeps moments, where it has
            no type for them.
        facts: What ``drivers_for(scheme).facts(connection)`` says beside the version.

    Example:
        >>> dialect_for("sqlite").name
        'sqlite'
    """
    key = (scheme, version, use_tz, tz, kept_in, *sorted(facts.items()))
    found = _known.get(key)
    if found is None:
        make = _module(scheme, "dialect").make
        with _lock:
            made = make(version=version, use_tz=use_tz, tz=tz, **facts)
            if kept_in != "UTC":
                made.keep_in(kept_in)
            found = _known.setdefault(key, made)
    return found


def drivers_for(scheme: str) -> Drivers:
    """Return the functions that open connections to this kind of database.

    Example:
        >>> connection = drivers_for("sqlite").connect(databases()["default"])
    """
    drivers: Drivers = _module(scheme, "drivers").DRIVERS
    return drivers


def _module(scheme: str, part: str) -> Any:
    if scheme not in _SCHEMES:
        raise ConfigurationError(
            f"no dialect is known for '{scheme}'", hint=hint_for(scheme, _SCHEMES)
        )
    return importlib.import_module(f"manybase.dialects.{scheme}.{part}")
