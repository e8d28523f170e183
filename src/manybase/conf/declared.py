"""The databases that the settings declare, parsed once and checked against each other.

``configure()`` is the one-line way in; ``databases()`` is what topology and engines read. Opens
nothing: a wrong host shows at the first connection, a wrong setting shows here.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from manybase.conf import dictionary
from manybase.conf.database import DatabaseSettings
from manybase.conf.settings import settings
from manybase.errors import ConfigurationError, hint_for

_HOW = (
    'Type manybase.configure("sqlite:///shop.db"), or set DATABASE_URL in the environment, or write'
    " [tool.manybase.databases] into pyproject.toml."
)

_read: tuple[Any, dict[str, DatabaseSettings]] | None = None
"""What DATABASES was when it was last parsed (a copy, as programs change it in place)."""


def configure(
    url: str | Mapping[str, Any] | None = None,
    /,
    *,
    databases: Mapping[str, str | Mapping[str, Any]] | None = None,
    **values: Any,
) -> None:
    """Give the databases and any other setting, as ``manybase.configure()`` does.

    Raises:
        ConfigurationError: Nothing is given, a database is given twice, or a setting is wrong.
    """
    given = {name.upper(): value for name, value in values.items()}
    if [url is None, databases is None, "DATABASES" not in given].count(False) > 1:
        raise ConfigurationError(
            "configure() was given the databases twice",
            hint='Type configure("sqlite:///shop.db") or configure(databases={"default": ...}).',
        )
    if isinstance(url, Mapping) and url and not any(str(key).isupper() for key in url):
        raise ConfigurationError(
            "configure() was given a mapping of aliases in the place of one database",
            hint='Type configure(databases={"default": ...}).',
        )
    if url is not None:
        given["DATABASES"] = {given.get("DEFAULT_ALIAS", settings.DEFAULT_ALIAS): url}
    elif databases is not None:
        given["DATABASES"] = databases
    if not given:
        raise ConfigurationError("configure() was given nothing", hint=_HOW)
    if "DATABASES" in given:
        given["DATABASES"] = _copied(given["DATABASES"])
        parse_all(given["DATABASES"])
    settings.configure(**given)


def databases() -> dict[str, DatabaseSettings]:
    """Return the parsed settings of every database, by alias.

    Raises:
        ConfigurationError: No database is configured, or one is configured wrongly.
    """
    global _read
    declared = settings.DATABASES
    if _read is None or _read[0] != declared:
        if not declared:
            raise ConfigurationError("no database is configured", hint=_HOW)
        _read = (copy.deepcopy(declared), parse_all(declared))
    return _read[1]


def parse_all(declared: object) -> dict[str, DatabaseSettings]:
    """Parse a value of ``DATABASES`` and check that replicas name a primary that exists.

    Raises:
        ConfigurationError: It names the alias, the key and the cure.
    """
    found = {alias: dictionary.parse(alias, value) for alias, value in _copied(declared).items()}
    for alias, one in found.items():
        primary = one.replica_of
        if primary is not None and (primary not in found or primary == alias):
            others = [name for name in found if name != alias]
            raise ConfigurationError(
                f"the database {alias!r} is a replica of {primary!r}, which is no other database",
                hint=hint_for(primary, others) if others else "Declare the primary too.",
            )
    return found


def _copied(declared: object) -> dict[str, Any]:
    if not isinstance(declared, Mapping):
        raise ConfigurationError(
            f"'DATABASES' is a value of type {type(declared).__name__!r}",
            hint='Write {"default": "sqlite:///shop.db"}.',
        )
    for alias in declared:
        if not isinstance(alias, str) or not alias:
            raise ConfigurationError(
                f"'DATABASES' has the alias {alias!r}", hint="An alias is a text of your choice."
            )
    return dict(declared)
