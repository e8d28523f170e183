"""What all tests share: the servers, the databases on them, and the table of what ran where.

A test that takes ``databases`` or ``db`` runs once on each kind of database; where no server of a
kind is found its tests are left out, with one line at the end (``MANYBASE_REQUIRE_SERVERS=1`` makes
that a failure). Each worker of pytest-xdist has databases of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from manybase.conf import Settings, changes, settings
from manybase.meta.registry import registry
from tests import report, servers
from tests.databases import Databases, TestDatabases

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--start-servers``."""
    parser.addoption(
        "--start-servers",
        action="store_true",
        help="start PostgreSQL and MariaDB from binaries on this machine where none is running",
    )


_found = pytest.StashKey[dict[str, str]]()
_run = pytest.StashKey[str]()
"""A word in the names of this run's databases, so that two runs do not meet."""
_started = pytest.StashKey[list[servers.Server]]()


def pytest_configure(config: pytest.Config) -> None:
    """Find the servers once, in the process that starts the workers."""
    config.pluginmanager.register(report, "what-ran-where")
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[_found] = worker["servers"]
        config.stash[_run] = worker["run"]
        return
    config.stash[_run] = str(os.getpid())
    required = os.environ.get("MANYBASE_REQUIRE_SERVERS") == "1"
    start = required or bool(config.getoption("--start-servers"))
    found = [server for kind in servers.SERVERS if (server := servers.find(kind, start=start))]
    config.stash[_found] = {server.kind: server.url for server in found}
    config.stash[_started] = found
    for server in found:
        servers.drop_stale(server)
    missing = [kind for kind in servers.SERVERS if kind not in config.stash[_found]]
    if required and missing:
        _stop(found)
        names = " and no ".join(servers.NAMES[kind] for kind in missing)
        raise pytest.UsageError(f"MANYBASE_REQUIRE_SERVERS=1, but there is no {names}")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist which servers there are."""
    node.workerinput["servers"] = node.config.stash[_found]
    node.workerinput["run"] = node.config.stash[_run]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers that were started here."""
    _stop(config.stash.get(_started, []))


def _stop(found: list[servers.Server]) -> None:
    for server in found:
        if server.stop is not None:
            server.stop()


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say at the top which servers the tests run on."""
    found = config.stash.get(_started, [])
    return [f"{servers.NAMES[server.kind]}: {server.origin}" for server in found]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests whose server is missing, and note for each test where it runs."""
    there = {"sqlite", *config.stash[_found]}
    kept, dropped = [], []
    for item in items:
        call = getattr(item, "callspec", None)
        kind = call.params.get("kind") if call is not None else None
        only = item.get_closest_marker("kinds")
        if kind is None:
            kept.append(item)
        elif only is not None and kind not in only.args:
            dropped.append(item)
        elif set(kind.split("+")) <= there:
            item.user_properties.append(("database", kind))
            kept.append(item)
        else:
            dropped.append(item)
            left_out = config.stash.setdefault(report.LEFT_OUT, {})
            left_out[kind] = left_out.get(kind, 0) + 1
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


# Fixtures


@pytest.fixture(scope="session")
def server_urls(request: pytest.FixtureRequest) -> dict[str, str]:
    """The URL of each server that there is, by kind."""
    return dict(request.config.stash[_found])


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """A word for this run and this worker of pytest-xdist, for names of databases."""
    given = getattr(request.config, "workerinput", None)
    return f"{request.config.stash[_run]}_{given['workerid'] if given else 'main'}"


@pytest.fixture(scope="session", params=servers.KINDS, ids=str)
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database; ``indirect`` may also ask for a pair, as "postgresql+mysql"."""
    return str(request.param)


@pytest.fixture(scope="session")
def databases(kind: str, server_urls: dict[str, str], worker: str) -> Iterator[Databases]:
    """Databases "default", "other" and "third" of one kind, with the tables of all models."""
    with TestDatabases(kind, server_urls, worker) as made:
        yield made


@pytest.fixture
def db(databases: Databases, request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The databases, as empty after the test as before it.

    Each test runs in a transaction per database that is rolled back; with the mark
    ``transactional`` (for commits, threads and the asynchronous face) the tables are emptied.
    """
    if request.node.get_closest_marker("transactional"):
        yield databases
        databases.flush()
    else:
        with databases.rolled_back():
            yield databases


@pytest.fixture(autouse=True)
def models_end_with_their_test() -> Iterator[None]:
    """Forget the models that a test defines, so that no later database gets their tables."""
    generation = registry.generation
    before = dict(registry.models), _lists(registry._waiting), _lists(registry._relations)
    yield
    if registry.generation != generation or registry._waiting.keys() != before[1].keys():
        registry.models, registry._waiting, registry._relations = before
        registry.touch()


def _lists(mapping: dict[Any, list[Any]]) -> dict[Any, list[Any]]:
    return {key: list(value) for key, value in mapping.items()}


@pytest.fixture
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Settings]:
    """The settings object without any source, put back afterwards without telling anybody.

    Whoever subscribed outside the test hears nothing, so the databases of other tests stay open.
    """
    for name in list(os.environ):
        if name.startswith(("DATABASE_URL", "MANYBASE_SETTINGS")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(changes, "_callbacks", [])
    before = dict(settings.__dict__)
    given = dict(settings._given)
    settings.__dict__.clear()
    settings.__init__()  # type: ignore[misc]
    yield settings
    settings.__dict__.clear()
    settings.__dict__.update(before)
    settings._given.clear()
    settings._given.update(given)


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a program in a process and a folder of its own; returns what it printed."""

    def run(source: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(source))
        base = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("DATABASE_URL", "MANYBASE_", "PYTEST_"))
        }
        return subprocess.run(
            [sys.executable, "-W", "error", str(path), *words],
            env={**base, "PYTHONPATH": str(ROOT / "src"), **environment},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
