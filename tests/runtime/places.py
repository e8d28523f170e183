"""Two databases of each kind with one table, and both faces of the runtime.

Nothing here needs models: what is tested is the runtime alone.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from manybase.conf import settings
from manybase.conf.dictionary import parse
from manybase.dialects import dialect_for, drivers_for
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import dialect, session, sync

ALIASES = ("default", "eu")


class Text:
    """A plan made of a text with ``{}`` for each parameter."""

    def __init__(self, alias: str, text: str) -> None:
        marks = {"qmark": "?", "format": "%s", "numeric_dollar": "${}"}
        mark = marks[dialect(alias).sqla.paramstyle]
        self.sql = text.format(*(mark.format(number) for number in range(1, 9)))

    def bind(self, params: Any) -> Any:
        return params


class Place:
    """Two databases with an empty table ``note`` in each."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        for alias in ALIASES:
            dialect(alias)

    def plan(self, alias: str, text: str) -> Text:
        return Text(alias, text)

    async def add(self, ex: Any, number: int, alias: str = "default") -> None:
        await ex.execute(alias, Text(alias, "INSERT INTO note (n) VALUES ({})"), (number,))

    async def numbers(self, ex: Any, alias: str = "default") -> list[int]:
        rows = await ex.fetch(alias, Text(alias, "SELECT n FROM note ORDER BY n"), ())
        return [row[0] for row in rows]

    async def fail(self, ex: Any, alias: str = "default") -> None:
        await ex.fetch(alias, Text(alias, "SELECT nothing FROM note"), ())


_made: dict[str, dict[str, Any]] = {}


@pytest.fixture(scope="session")
def addresses(
    kind: str,
    server_urls: dict[str, str],
    worker: str,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> dict[str, Any]:
    """The settings of two databases of one kind; made once, dropped when all tests have run."""
    if kind in _made:
        return _made[kind]
    if kind == "sqlite":
        folder = tmp_path_factory.mktemp("databases")
        _made[kind] = {alias: f"sqlite:///{folder}/{alias}.db" for alias in ALIASES}
    else:
        names = {alias: f"manybase_runtime_{worker}_{alias}" for alias in ALIASES}
        words = dialect_for(kind)
        for name in names.values():
            _on_server(server_urls[kind], words.drop_database(name))
            _on_server(server_urls[kind], words.create_database(name))
            drop = functools.partial(_on_server, server_urls[kind], words.drop_database(name))
            request.config.add_cleanup(drop)
        root = server_urls[kind]
        root = root.rpartition("/")[0] if root.count("/") > 2 else root
        _made[kind] = {alias: f"{root}/{name}" for alias, name in names.items()}
    return _made[kind]


def _on_server(url: str, statements: list[str]) -> None:
    found = parse("server", url)
    drivers = drivers_for(found.scheme)
    name = dialect_for(found.scheme).admin_database
    connection = drivers.connect(found.replace(database=name))
    try:
        for statement in statements:
            drivers.cursor(connection).execute(statement)
    finally:
        connection.close()


@pytest.fixture
def place(kind: str, addresses: dict[str, Any]) -> Iterator[Place]:
    """The databases of one test, with an empty table in each."""
    with settings.override(DATABASES=addresses, DATABASE_ROUTERS=[]):
        for alias in ALIASES:
            run_sync(
                sync.script(
                    alias,
                    [
                        "DROP TABLE IF EXISTS note",
                        "CREATE TABLE note (n integer, CONSTRAINT once UNIQUE (n))",
                    ],
                )
            )
        yield Place(kind)
        assert not session().blocks
        for alias in ALIASES:
            session().close(alias)


@pytest.fixture(params=["sync", "async"])
def face(request: pytest.FixtureRequest) -> str:
    return str(request.param)


Scenario = Callable[[Any], Coroutine[Any, Any, Any]]


@pytest.fixture
def play(face: str) -> Callable[[Scenario], Any]:
    """Run a scenario over the executor of a face."""

    def run(scenario: Scenario) -> Any:
        if face == "sync":
            return run_sync(scenario(sync))
        return asyncio.run(scenario(aio))

    return run
