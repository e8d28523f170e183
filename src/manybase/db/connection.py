"""One database as a program sees it: ``connections["default"]``.

Holds an alias and nothing else: the open connection belongs to the thread (or the task) that asks.
Made by ``db.connections``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from manybase import conf
from manybase.conf.database import MASK, is_secret
from manybase.db.cursor import Cursor
from manybase.db.introspection import Introspection
from manybase.errors import DatabaseError
from manybase.runtime import byhand, current, sync
from manybase.runtime.aio import aio
from manybase.runtime.executor import RawResult
from manybase.runtime.loops import refuse_in_loop
from manybase.runtime.stepping import run_sync

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect
    from manybase.dialects.features import Features


class Connection:
    """A database, by its alias.

    Args:
        alias: The name in ``DATABASES``.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.introspection = Introspection(self)

    def __repr__(self) -> str:
        return f"<Connection '{self.alias}': {conf.databases()[self.alias].masked_url}>"

    @property
    def dialect(self) -> Dialect:
        """What the database can do, and how it spells things; connects the first time."""
        return sync.dialect(self.alias)

    @property
    def features(self) -> Features:
        """Named abilities, each with its reason."""
        return self.dialect.features

    @property
    def vendor(self) -> str:
        """The kind of database: the scheme of its URL."""
        return conf.databases()[self.alias].scheme

    @property
    def settings_dict(self) -> dict[str, Any]:
        """The settings in Django's keys, with secrets masked."""
        found = conf.databases()[self.alias]
        options = {key: MASK if is_secret(key) else v for key, v in found.options.items()}
        return {
            "ENGINE": found.scheme,
            "NAME": found.database,
            "USER": found.username,
            "PASSWORD": MASK if found.password else "",
            "HOST": found.host,
            "PORT": "" if found.port is None else str(found.port),
            "OPTIONS": options,
            "TEST": dict(found.test),
            **found.extra,
        }

    # Statements

    def cursor(self) -> Cursor:
        """Return a cursor for SQL written by hand."""
        return Cursor(self.alias)

    def execute(self, sql: str, params: Any = None) -> RawResult:
        """Run one statement written by hand and return all that it answers.

        Example:
            >>> connections["eu"].execute("SELECT 1").rows
            [(1,)]
        """
        return sync.raw(self.alias, sql, params)

    async def aexecute(self, sql: str, params: Any = None) -> RawResult:
        """Run one statement written by hand and return all that it answers."""
        return await aio.raw(self.alias, sql, params)

    def script(self, statements: Sequence[str]) -> None:
        """Run statements without parameters one after the other."""
        run_sync(sync.sync.script(self.alias, statements))

    async def ascript(self, statements: Sequence[str]) -> None:
        """Run statements without parameters one after the other."""
        await aio.script(self.alias, statements)

    def check_constraints(self, table_names: Sequence[str] = ()) -> None:
        """Check foreign keys now instead of at the commit.

        Raises:
            IntegrityError: A row refers to one that is not there.
        """
        sync.session().use(self.alias).check_references(table_names or ())

    # The connection of this thread

    def ensure_connection(self) -> None:
        """Connect where this thread has no connection yet."""
        refuse_in_loop(self.alias)
        sync.session().open(self.alias)

    connect = ensure_connection

    def is_usable(self) -> bool:
        """Whether the database answers."""
        try:
            return sync.raw(self.alias, "SELECT 1").rows == [(1,)]
        except DatabaseError:
            return False

    def close(self) -> None:
        """Close this thread's connection; what is open on it is rolled back."""
        sync.session().close(self.alias)

    # Transactions

    @property
    def in_atomic_block(self) -> bool:
        """Whether a block is open on this database."""
        return byhand.in_block(current.session(), self.alias)

    @property
    def needs_rollback(self) -> bool:
        """Whether the open block can only be rolled back."""
        session = current.session()
        return self.in_atomic_block and byhand.get_rollback(session, self.alias)

    @property
    def savepoint_ids(self) -> list[str | None]:
        """The savepoints of the blocks inside the outermost, None for merged ones."""
        session = current.session()
        line = session.lines.get(self.alias) if session is not None else None
        return [] if line is None else [level.savepoint for level in line.state.levels[1:]]

    @property
    def run_on_commit(self) -> list[tuple[set[str], Callable[[], Any], bool]]:
        """What waits for a commit on this database: (savepoints, function, robust)."""
        session = current.session()
        waiting = session.waiting if session is not None else []
        return [
            (set(one.marks), one.function, one.robust)
            for one in waiting
            if one.waits_for(self.alias)
        ]

    def get_autocommit(self) -> bool:
        """Whether each statement commits by itself now."""
        return byhand.get_autocommit(current.session(), self.alias)

    def set_autocommit(self, autocommit: bool) -> None:
        """Have each statement commit by itself, or wait for ``commit()``."""
        run_sync(byhand.set_autocommit(sync.session(), autocommit, self.alias))

    def commit(self) -> None:
        """Commit what was done while autocommit is off."""
        run_sync(byhand.finish(sync.session(), self.alias, True))

    def rollback(self) -> None:
        """Roll back what was done while autocommit is off."""
        run_sync(byhand.finish(sync.session(), self.alias, False))
