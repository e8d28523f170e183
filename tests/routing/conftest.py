"""Topologies and routers for tests of routing: no settings change, no database is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from manybase.routing import topology as topologies
from manybase.routing.router import router
from manybase.routing.topology import Topology
from tests.routing.things import Declare


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Iterator[Declare]:
    """Say which databases and routers there are, for one test."""

    def put(
        *aliases: str, replica_of: Mapping[str, str] | None = None, routers: Iterable[Any] = ()
    ) -> None:
        monkeypatch.setattr(topologies, "_current", Topology(aliases, replica_of or {}))
        monkeypatch.setattr(router, "_routers", list(routers))
        monkeypatch.setattr(router, "shortcut", None)

    yield put
    router.shortcut = None
