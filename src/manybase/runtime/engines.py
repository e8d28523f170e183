"""What is known of each configured database once it was spoken to: its drivers and its dialect.

An engine opens connections and keeps none. Engines follow the settings: where those of a database
change, its engine is made anew and lines of the old one are closed by their owners. Called by
``sync`` and ``aio``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from manybase import conf
from manybase.conf import DatabaseSettings, settings
from manybase.dialects import dialect_for, drivers_for
from manybase.errors import DatabaseError
from manybase.meta.epoch import epoch
from manybase.routing.topology import topology
from manybase.runtime.translate import raise_instead, translated

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect


class Engine:
    """How one database is reached.

    Args:
        settings: Its address and options.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self.alias = settings.alias
        self.settings = settings
        self.drivers = drivers_for(settings.scheme)
        self._facts: dict[str, Any] | None = None
        self._dialect: Dialect | None = None

    @property
    def known(self) -> bool:
        """Whether the server has told what it can do."""
        return self._facts is not None

    @property
    def dialect(self) -> Dialect:
        """What the database can do, with the settings of time that hold now."""
        found = self._dialect
        if found is None:
            zone = {"use_tz": settings.USE_TZ, "tz": settings.TIME_ZONE}
            if self.settings.extra.get("TIME_ZONE"):
                zone["kept_in"] = self.settings.extra["TIME_ZONE"]
            found = dialect_for(self.settings.scheme, **(self._facts or {}), **zone)
            if self._facts is not None:
                self._dialect = found
        return found

    def forget_zone(self) -> None:
        """Ask for the settings of time again."""
        self._dialect = None

    def connect(self) -> Any:
        """Open a connection of the synchronous face.

        Raises:
            MissingDriver: No driver is installed.
            DatabaseError: The server cannot be reached or refuses.
        """
        try:
            connection = self.drivers.connect(self.settings)
            if self._facts is None:
                self._facts = self.drivers.facts(connection)
        except Exception as error:  # noqa: BLE001  # raised again, translated
            raise_instead(self._refused(error), error)
        return connection

    async def async_connect(self) -> Any:
        """Open a connection of the asynchronous face, as ``connect()`` does."""
        try:
            connection = await self.drivers.async_connect(self.settings)
            if self._facts is None:
                self._facts = await self.drivers.async_facts(connection)
        except Exception as error:  # noqa: BLE001  # raised again, translated
            raise_instead(self._refused(error), error)
        return connection

    def _refused(self, error: Exception) -> Exception:
        found = translated(error, self.dialect, self.alias)
        if isinstance(found, DatabaseError) and found.hint is None:
            found.hint = f"The database '{self.alias}' is {self.settings.masked_url}"
        return found


_engines: dict[str, Engine] = {}

dialects: dict[str, Dialect] = {}
"""The dialects of databases that were spoken to; emptied when a setting changes them."""

_watchers: list[Callable[[], Any]] = []


def engine(alias: str) -> Engine:
    """Return the engine of an alias.

    Raises:
        UnknownAlias: No database has this alias.
        ConfigurationError: The settings are wrong.
    """
    found = _engines.get(alias)
    if found is None:
        topology().check(alias)
        found = _engines.setdefault(alias, Engine(conf.databases()[alias]))
    return found


def known_dialect(alias: str) -> Dialect:
    """Return the dialect of a database that was spoken to, and remember it."""
    found = dialects[alias] = engine(alias).dialect
    return found


def watch(changed: Callable[[], Any]) -> None:
    """Call ``changed()`` when engines may have become old."""
    _watchers.append(changed)


def _settings_changed(name: str) -> None:
    if name in ("USE_TZ", "TIME_ZONE"):
        for one in _engines.values():
            one.forget_zone()
    elif name == "DATABASES":
        declared = conf.databases() if settings.DATABASES else {}
        for alias, one in list(_engines.items()):
            if declared.get(alias) != one.settings:
                del _engines[alias]
    else:
        return
    dialects.clear()
    epoch.turn()
    for changed in _watchers:
        changed()


conf.subscribe(_settings_changed)
