"""Makes the test databases before a run and drops them after it.

``DATABASES`` points at them meanwhile. Called by runners; ``naming`` says what they are called.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

from manybase import conf
from manybase.conf import DatabaseSettings, settings
from manybase.dialects import dialect_for
from manybase.errors import ConfigurationError, DatabaseError, OperationalError
from manybase.ops import tables
from manybase.runtime import threads
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync
from manybase.test import naming
from manybase.test.flush import announce, models_of
from manybase.test.naming import TestDatabase


@dataclasses.dataclass(slots=True)
class TestDatabases:
    """What ``setup_databases`` made; ``teardown_databases`` takes it.

    Args:
        configured: The settings of the program's own databases.
        made: Their stand-ins.
        before: What ``DATABASES`` said.
    """

    __test__ = False  # pytest: no test, whatever its name

    configured: dict[str, DatabaseSettings]
    made: list[TestDatabase]
    before: Any


def setup_databases(
    verbosity: int = 1, interactive: bool = True, *, aliases: Iterable[str] | None = None
) -> TestDatabases:
    """Make a test database for each configured one, with the tables of all models.

    Args:
        verbosity: 0 says nothing, 1 names the databases.
        interactive: Whether to ask before a database left over from another run is dropped.
        aliases: Only these, with the primaries of copies among them; all when None.

    Returns:
        What ``teardown_databases()`` needs.

    Raises:
        DatabaseError: A server refuses.

    Example:
        >>> state = setup_databases(verbosity=0, interactive=False)
        >>> teardown_databases(state)
    """
    configured = dict(conf.databases())
    planned = naming.plan(configured)
    if aliases is not None:
        wanted = set(aliases)
        wanted |= {one.primary for one in planned if one.alias in wanted and one.primary}
        planned = [one for one in planned if one.alias in wanted]
    before = settings.DATABASES
    made: list[TestDatabase] = []
    try:
        for one in planned:
            _make(one, configured[one.alias], verbosity, interactive)
            made.append(one)
    except BaseException:
        for one in made:
            _drop(one, configured[one.alias], 0)
        raise
    settings.configure(DATABASES={**before, **{one.alias: one.value for one in planned}})
    state = TestDatabases(configured, made, before)
    try:
        _fill(state, verbosity)
    except BaseException:
        teardown_databases(state, verbosity=0)
        raise
    return state


def _fill(state: TestDatabases, verbosity: int) -> None:
    aliases = [one.alias for one in state.made if one.primary is None]
    for alias in aliases:
        run_sync(tables.create(sync, models_of(alias), [alias]))
    for alias in aliases:
        announce(alias, verbosity)


def teardown_databases(state: TestDatabases, verbosity: int = 1) -> None:
    """Drop what ``setup_databases`` made and point the settings at the program's own again."""
    _close_all(state.configured)
    settings.configure(DATABASES=state.before)
    for one in state.made:
        _drop(one, state.configured[one.alias], verbosity)


def _close_all(aliases: Iterable[str]) -> None:
    for session in threads.every():
        for alias in aliases:
            session.close(alias)


def _make(one: TestDatabase, original: DatabaseSettings, verbosity: int, interactive: bool) -> None:
    if one.primary is not None or not one.make:
        return
    _say(verbosity, f"Creating test database for alias '{one.alias}'...")
    if not one.on_server:
        if one.name and Path(one.name).exists():
            _agree(one, interactive)
            Path(one.name).unlink()
        return
    dialect = dialect_for(original.scheme)
    with _Server(one.alias, original) as server:
        try:
            server.run(dialect.create_database(one.name))
        except DatabaseError as error:
            if not server.exists(error):
                raise
            _agree(one, interactive)
            server.run(dialect.drop_database(one.name))
            server.run(dialect.create_database(one.name))


def _agree(one: TestDatabase, interactive: bool) -> None:
    if not interactive:
        return
    sys.stderr.write(f"The test database '{one.name}' of '{one.alias}' is there already.\n")
    if input("Type 'yes' to delete it, anything else to stop: ").strip() != "yes":
        raise ConfigurationError(
            f"the test database '{one.name}' is there already",
            hint="Drop it, or run with interactive=False.",
        )


def _drop(one: TestDatabase, original: DatabaseSettings, verbosity: int) -> None:
    if one.primary is not None or not one.make:
        return
    _say(verbosity, f"Destroying test database for alias '{one.alias}'...")
    if one.on_server:
        with _Server(one.alias, original) as server:
            server.run(dialect_for(original.scheme).drop_database(one.name))
    elif one.name:
        for suffix in ("", "-wal", "-shm"):
            Path(one.name + suffix).unlink(missing_ok=True)


class _Server:
    """The server of a database, spoken to through another database than that."""

    def __init__(self, alias: str, original: DatabaseSettings) -> None:
        self.alias = alias
        self.original = original
        self._override: AbstractContextManager[None] | None = None

    def __enter__(self) -> Self:
        admin = dialect_for(self.original.scheme).admin_database
        self._point(admin)
        try:
            self.run(["SELECT 1"])
        except OperationalError:
            # An account may be kept from the server's own database.
            if self.original.database in ("", admin):
                self.__exit__()
                raise
            self._point(self.original.database)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _point(self, database: str) -> None:
        self.__exit__()
        value: Any = naming.admin_value(self.original, database)
        self._override = settings.override(DATABASES={**settings.DATABASES, self.alias: value})
        self._override.__enter__()

    def run(self, statements: list[str]) -> None:
        """Send statements, each on its own."""
        run_sync(sync.script(self.alias, statements))

    @staticmethod
    def exists(error: DatabaseError) -> bool:
        """Whether a database could not be made because it is there."""
        return "exists" in str(error).lower()

    def __exit__(self, *error: object) -> None:
        if self._override is not None:
            _close_all([self.alias])
            self._override.__exit__(None, None, None)
            self._override = None


def _say(verbosity: int, text: str) -> None:
    if verbosity >= 1:
        sys.stderr.write(f"{text}\n")
