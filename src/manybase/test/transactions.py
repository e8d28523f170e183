"""``TransactionTestCase``: tests that commit; their databases are emptied after each.

Slower than ``TestCase``, and needed only where the commit itself, or several connections, are
what is tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from manybase import conf
from manybase.fixtures.load import load_labels
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import session, sync
from manybase.test.flush import flush
from manybase.test.simple import SimpleTestCase


class TransactionTestCase(SimpleTestCase):
    """A test that commits; afterwards its databases are emptied.

    Example:
        >>> class MoveTests(TransactionTestCase):
        ...     databases = {"default", "eu"}
        ...     fixtures = ["shop"]
    """

    databases: ClassVar[Any] = None
    #: Labels of fixtures; ``shop.eu.json`` is loaded into "eu" alone.
    fixtures: ClassVar[Iterable[str] | None] = None
    #: Whether keys begin at 1 in each test; slower on some databases.
    reset_sequences: ClassVar[bool] = False

    @classmethod
    def declared_databases(cls) -> list[str]:
        if cls.databases is None and not cls.multi_db:
            # The default database; all where none is called that.
            configured = cls._configured()
            default = conf.settings.DEFAULT_ALIAS
            return [default] if default in configured else configured
        if cls.databases is None:
            return cls._configured()
        return super().declared_databases()

    def _before(self) -> None:
        super()._before()
        if self.reset_sequences:
            self._flush(reset_sequences=True)
        self.addCleanup(self._flush)
        self._load_fixtures(self._declared)

    def _flush(self, reset_sequences: bool = False) -> None:
        for alias in self._primaries():
            flush(alias, reset_sequences)

    @classmethod
    def _load_fixtures(cls, aliases: list[str]) -> None:
        if cls.fixtures:
            run_sync(load_labels(sync, list(cls.fixtures), aliases))

    @classmethod
    def _primaries(cls) -> list[str]:
        """The declared databases that are no copies of another."""
        found = conf.databases()
        return [alias for alias in cls._declared if found[alias].replica_of is None]

    @classmethod
    @contextmanager
    def captureOnCommitCallbacks(
        cls, *, using: str | None = None, execute: bool = False
    ) -> Iterator[list[Any]]:
        """Collect the functions given to ``on_commit()`` inside a block.

        Args:
            using: Only those that wait for this database.
            execute: Whether to call them at the end of the block, as a commit would.

        Example:
            >>> with self.captureOnCommitCallbacks(execute=True) as callbacks:
            ...     order.place()
            >>> len(callbacks)
            1
        """
        callbacks: list[Any] = []
        seen = {id(one) for one in session().waiting}
        yield callbacks
        while found := _new_waiting(seen, using):
            for one in found:
                callbacks.append(one.function)
                if execute:
                    _call(one)


def _new_waiting(seen: set[int], using: str | None) -> list[Any]:
    found = [
        one
        for one in session().waiting
        if id(one) not in seen and (using is None or one.waits_for(using))
    ]
    seen.update(id(one) for one in found)
    return found


def _call(waiting: Any) -> None:
    run_sync(session().run([waiting]))
