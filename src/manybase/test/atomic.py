"""``TestCase``: each test in a transaction of its own that is rolled back.

One transaction surrounds the class, with its fixtures and ``setUpTestData``; one inside it each
test; both on every database that the class declares.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import session, sync
from manybase.test.bridge import one_connection
from manybase.test.data import wrap
from manybase.test.flush import check_references as check
from manybase.test.transactions import TransactionTestCase


class Undone(Exception):  # it reports no error: it makes a block roll back
    """Passed to a block to have it undone."""


class TestCase(TransactionTestCase):
    """A test whose databases are as before when it ends.

    Declare the databases that it uses: ``databases = {"default", "eu"}``, or ``multi_db = True``
    for all. Others are refused. Coroutines see the same transactions as the rest of the test.

    Example:
        >>> class BookTests(TestCase):
        ...     databases = {"default", "eu"}
        ...
        ...     @classmethod
        ...     def setUpTestData(cls):
        ...         cls.emma = Book.objects.using("eu").create(title="Emma")
        ...
        ...     def test_it_is_there(self):
        ...         with self.assertNumQueries(1, using="eu"):
        ...             self.emma.refresh_from_db()
    """

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        blocks = cls._enter()
        # Class clean-ups run after a failure below, too.
        cls.addClassCleanup(cls._undo, blocks)
        cls._load_fixtures(cls._declared)
        before = dict(vars(cls))
        cls.setUpTestData()
        wrap(cls, before)

    @classmethod
    def setUpTestData(cls) -> None:
        """Make the rows that all tests of the class begin with; called once.

        Objects kept as attributes of the class are copied for each test that reads them.
        """

    def _before(self) -> None:
        blocks = self._enter()
        self.addCleanup(self._undo, blocks)
        self.addCleanup(self._check_references)

    def _bridge(self) -> AbstractContextManager[Any]:
        return one_connection()

    @classmethod
    def _enter(cls) -> list[Any]:
        blocks: list[Any] = []
        try:
            for alias in cls._primaries():
                block = sync.atomic(alias, from_test=True)
                run_sync(block.__aenter__())
                blocks.append(block)
        except BaseException:
            cls._undo(blocks)
            raise
        return blocks

    @staticmethod
    def _undo(blocks: list[Any]) -> None:
        while blocks:
            run_sync(blocks.pop().__aexit__(Undone, Undone(), None))

    @classmethod
    def _check_references(cls) -> None:
        """Check foreign keys that would have been checked at the commit."""
        for alias in cls._primaries():
            line = session().lines.get(alias)
            if line is None or line.closed or line.state.broken:
                continue
            check(alias)
