"""Aware and naive datetimes, and the zone of the ``TIME_ZONE`` setting.

The temporal fields convert with these; ``query`` asks ``current_zone_name()``. The only clock read
is ``now()``, for ``auto_now``.
"""

from __future__ import annotations

import datetime
import functools

from manybase.conf import settings
from manybase.errors import ConfigurationError


@functools.cache
def _zone(name: str) -> datetime.tzinfo:
    if name == "UTC":
        return datetime.UTC
    import zoneinfo  # only where it is needed: imports must stay light

    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigurationError(
            "'TIME_ZONE' names no time zone that this system knows",
            hint="Write TIME_ZONE = 'Europe/Berlin'; on Windows, pip install tzdata.",
        ) from None


def current_zone_name() -> str:
    """The name of the zone that naive datetimes are taken to be in."""
    name: str = settings.TIME_ZONE
    return name


def current_zone() -> datetime.tzinfo:
    """The zone that naive datetimes are taken to be in."""
    return _zone(current_zone_name())


def is_aware(value: datetime.datetime) -> bool:
    """Whether a datetime says which zone it is in."""
    return value.utcoffset() is not None


def make_aware(value: datetime.datetime, zone: datetime.tzinfo | None = None) -> datetime.datetime:
    """Return a naive datetime as one of a zone, by default the current one."""
    return value.replace(tzinfo=zone or current_zone())


def make_naive(value: datetime.datetime, zone: datetime.tzinfo | None = None) -> datetime.datetime:
    """Return an aware datetime as the wall clock of a zone shows it."""
    return value.astimezone(zone or current_zone()).replace(tzinfo=None)


def now() -> datetime.datetime:
    """The present moment: aware and in UTC with ``USE_TZ``, else naive in ``TIME_ZONE``."""
    moment = datetime.datetime.now(datetime.UTC)
    return moment if settings.USE_TZ else make_naive(moment)


def today() -> datetime.date:
    """The present day in the current zone."""
    return datetime.datetime.now(current_zone()).date()
