"""How the tests find and start their servers, and how the closing table is counted."""

from __future__ import annotations

import types

import pytest

from tests import report, servers


def test_a_url_in_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANYBASE_TEST_POSTGRESQL_URL", "postgresql://ann@db.example/x")

    server = servers.find("postgresql", start=False)

    assert server is not None
    assert server.url == "postgresql://ann@db.example/x"
    assert server.origin == "from MANYBASE_TEST_POSTGRESQL_URL"
    assert server.stop is None


@pytest.mark.parametrize("name", servers.SERVERS)
def test_nothing_is_found_on_a_port_where_nobody_listens(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(servers.VARIABLES[name], raising=False)
    monkeypatch.setitem(servers.LOCAL, name, f"{name}://root@127.0.0.1:{servers.free_port()}/x")

    assert servers.find(name, start=False) is None


@pytest.mark.parametrize("name", servers.SERVERS)
def test_a_server_is_started_from_binaries_and_stopped(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = {"postgresql": servers.start_postgresql, "mysql": servers.start_mariadb}[name]

    server = start()

    if server is None:  # a machine without these binaries
        return
    assert server.stop is not None
    assert servers.answers(name, server.url)
    server.stop()
    assert not servers.answers(name, server.url)


def test_reports_are_counted_by_database() -> None:
    def one(*properties: tuple[str, str]) -> types.SimpleNamespace:
        return types.SimpleNamespace(user_properties=properties)

    here = ("database", "mysql")
    stats = {"passed": [one(here), one(here), one()], "error": [one(here)], "": [one(here)]}

    assert report.count(stats) == {
        "mysql": {"passed": 2, "failed": 1, "skipped": 0},
        report.WITHOUT: {"passed": 1, "failed": 0, "skipped": 0},
    }
