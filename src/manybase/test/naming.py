"""Which test database stands for which configured one; the configured ones are never touched.

Pure: settings in, settings out. A database on a server gets a neighbour called ``test_...``, a
file one in memory; copies of a primary share the primary's.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import os
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from manybase.conf import DatabaseSettings
from manybase.dialects import dialect_for

PREFIX = "test_"
_runs = itertools.count(1)


@dataclasses.dataclass(frozen=True, slots=True)
class TestDatabase:
    """The stand-in of one configured database.

    Args:
        alias: The alias.
        name: What it is called on its server, or the path of its file; "" in memory.
        on_server: Whether it has to be made and dropped there.
        value: What ``DATABASES`` says of it while tests run.
        primary: The alias whose database it shares, or None.
        make: Whether it is made at all (``TEST: {"CREATE_DB": False}``).
    """

    __test__ = False  # pytest: no test, whatever its name

    alias: str
    name: str
    on_server: bool
    value: Mapping[str, Any]
    primary: str | None = None
    make: bool = True


def plan(configured: Mapping[str, DatabaseSettings]) -> list[TestDatabase]:
    """Return the stand-in of every database, primaries before their copies."""
    run = f"{os.getpid()}-{next(_runs)}"
    found: dict[str, TestDatabase] = {}
    for alias, settings in configured.items():
        if settings.replica_of is None:
            found[alias] = _primary(settings, found.values(), run)
    for alias, settings in configured.items():
        if settings.replica_of is not None:
            found[alias] = _copy(settings, found, configured)
    return list(found.values())


def _primary(settings: DatabaseSettings, others: Iterable[TestDatabase], run: str) -> TestDatabase:
    dialect = dialect_for(settings.scheme)
    on_server = bool(dialect.create_database("any"))
    given = settings.test.get("NAME")
    options = dict(settings.options)
    if not on_server:
        name = "" if given in (None, "", ":memory:") else str(given)
        if not name:
            # A name of its own for each run, so that it begins empty.
            options["name"] = f"test-{settings.alias}-{run}"
        return TestDatabase(settings.alias, name, False, _value(settings, name, options))
    wanted = str(given) if given else PREFIX + (settings.database or settings.alias)
    name = _free(_fit(wanted + _worker(), dialect.max_name_length), settings, others, dialect)
    make = bool(settings.test.get("CREATE_DB", True))
    value = _value(settings, name, options)
    return TestDatabase(settings.alias, name, True, value, make=make)


def _worker() -> str:
    """A suffix for each process of a parallel run."""
    found = os.environ.get("MANYBASE_TEST_SUFFIX") or os.environ.get("PYTEST_XDIST_WORKER")
    return f"_{found}" if found else ""


def _free(
    name: str, settings: DatabaseSettings, others: Iterable[TestDatabase], dialect: Any
) -> str:
    """Two aliases of one server get two databases, also where they name the same one."""
    taken = {other.name for other in others if other.on_server}
    if name not in taken:
        return name
    return _fit(f"{name}_{settings.alias}", dialect.max_name_length)


def _fit(name: str, longest: int) -> str:
    if len(name) <= longest:
        return name
    # A digest keeps two long names apart that begin alike.
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: longest - 9]}_{digest}"


def _copy(
    settings: DatabaseSettings,
    found: Mapping[str, TestDatabase],
    configured: Mapping[str, DatabaseSettings],
) -> TestDatabase:
    alias = settings.replica_of or ""
    while configured[alias].replica_of is not None:
        alias = configured[alias].replica_of or ""
    primary = found[alias]
    value = {**primary.value, "REPLICA_OF": settings.replica_of}
    return TestDatabase(settings.alias, primary.name, False, value, primary=alias)


def _value(settings: DatabaseSettings, database: str, options: Mapping[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = {"URL": url(settings, database), **settings.extra}
    if options:
        value["OPTIONS"] = dict(options)
    if settings.test:
        value["TEST"] = dict(settings.test)
    return value


def url(settings: DatabaseSettings, database: str) -> str:
    """Write the address of another database on the same server, password and all."""
    scheme = f"{settings.scheme}+{settings.driver}" if settings.driver else settings.scheme
    account = quote(settings.username, safe="")
    if settings.password:
        account += f":{quote(settings.password, safe='')}"
    host = f"[{settings.host}]" if ":" in settings.host else quote(settings.host, safe="")
    port = f":{settings.port}" if settings.port is not None else ""
    server = f"{account}@{host}{port}" if account else f"{host}{port}"
    return f"{scheme}://{server}" + (f"/{quote(database, safe='/:')}" if database else "")


def admin_value(settings: DatabaseSettings, database: str) -> dict[str, Any]:
    """What ``DATABASES`` says of an alias while its test database is made or dropped."""
    return _value(settings, database, settings.options)
