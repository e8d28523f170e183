"""The databases that tests run on: settings for a kind, tables, and isolation between tests.

Used by the fixtures ``databases`` and ``db`` of ``tests/conftest.py``. Stands on the public test
kit (``manybase.test``), which is thereby tested too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tests.servers import PREFIX

ALIASES = ("default", "other", "third")

#: Tables whose rows are made with the database: hundreds that are the same for every test.
DESCRIBING = ("django_content_type", "auth_permission")


class Databases:
    """What a test sees: the kind, the aliases, and how to empty them."""

    def __init__(self, kind: str, urls: dict[str, str], worker: str) -> None:
        self.kind = kind
        self.aliases = ALIASES
        self.settings = {
            alias: self._one(alias, index, urls, worker) for index, alias in enumerate(ALIASES)
        }

    def kind_of(self, alias: str) -> str:
        """Return the kind of one alias; they differ where the kind is a pair."""
        kinds = self.kind.split("+")
        return kinds[ALIASES.index(alias) % len(kinds)]

    def _one(self, alias: str, index: int, urls: dict[str, str], worker: str) -> dict[str, Any]:
        kind = self.kind_of(alias)
        if kind == "sqlite":
            return {"URL": "sqlite://"}
        return {"URL": urls[kind], "TEST": {"NAME": f"{PREFIX}{worker}_{alias}"}}

    def flush(self) -> None:
        """Empty all tables of all aliases, but for the rows that describe the models."""
        from manybase.test.flush import empty, filled_tables

        for alias in self.aliases:
            empty(alias, [name for name in filled_tables(alias) if name not in DESCRIBING])

    @contextlib.contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Run a block in a transaction on each database, which is undone afterwards.

        Coroutines see the same transactions as the rest of the test, as in ``TestCase``.
        """
        from manybase.runtime.stepping import run_sync
        from manybase.runtime.sync import sync
        from manybase.test.atomic import Undone
        from manybase.test.bridge import one_connection

        with contextlib.ExitStack() as stack:
            for alias in self.aliases:
                block = sync.atomic(alias, from_test=True)
                run_sync(block.__aenter__())
                stack.callback(_undo, run_sync, block, Undone)
            stack.enter_context(one_connection())
            yield


def _undo(run_sync: Any, block: Any, reason: type[Exception]) -> None:
    run_sync(block.__aexit__(reason, reason(), None))


class TestDatabases:
    """Makes the databases at entry and drops them at exit; settings are put back."""

    __test__ = False

    def __init__(self, kind: str, urls: dict[str, str], worker: str) -> None:
        self._databases = Databases(kind, urls, worker)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Databases:
        import manybase
        from manybase.conf import settings
        from manybase.test.utils import setup_databases, teardown_databases

        apps = ["manybase.contrib.contenttypes", "manybase.contrib.auth"]
        self._stack.enter_context(
            settings.override(DATABASES=self._databases.settings, INSTALLED_APPS=apps)
        )
        manybase.setup()
        state = setup_databases(verbosity=0, interactive=False)
        self._stack.callback(teardown_databases, state, verbosity=0)
        return self._databases

    def __exit__(self, *error: object) -> None:
        self._stack.close()
