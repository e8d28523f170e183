"""Prints at the end which tests ran on which database.

A pytest plug-in, loaded by ``tests/conftest.py``. Counts the reports by the property "database"
that the collection gave each test; writes the totals to ``MANYBASE_TEST_SUMMARY`` for scripts/test.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests import servers

WITHOUT = "no database or its own"
COLUMNS = ("passed", "failed", "skipped")
_OUTCOMES = {"passed": "passed", "failed": "failed", "error": "failed", "skipped": "skipped"}

LEFT_OUT = pytest.StashKey[dict[str, int]]()
"""Per kind, how many tests this process left out because there is no server."""

_left_out: dict[str, int] = {}


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pass what was left out from a worker to the process that prints."""
    counts = session.config.stash.get(LEFT_OUT, {})
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = counts
    elif counts:
        _left_out.update(counts)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker left out; every worker collects the same tests."""
    _left_out.update(getattr(node, "workeroutput", {}).get("left_out", {}))


def count(stats: dict[str, list[Any]]) -> dict[str, dict[str, int]]:
    """Return how many tests passed, failed and were skipped, by database."""
    rows: dict[str, dict[str, int]] = {}
    for outcome, column in _OUTCOMES.items():
        for report in stats.get(outcome, ()):
            where = dict(getattr(report, "user_properties", ())).get("database", WITHOUT)
            rows.setdefault(where, dict.fromkeys(COLUMNS, 0))[column] += 1
    return rows


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the table."""
    rows = count(terminalreporter.stats)
    order = [*servers.KINDS, *sorted(rows.keys() - {*servers.KINDS, WITHOUT}), WITHOUT]
    terminalreporter.section("what ran on which database")
    terminalreporter.line(f"{'':24}" + "".join(f"{column:>10}" for column in COLUMNS))
    for where in order:
        row = rows.get(where)
        if row is not None:
            name = servers.NAMES.get(where, where)
            terminalreporter.line(f"{name:24}" + "".join(f"{row[c]:>10}" for c in COLUMNS))
    for where, number in sorted(_left_out.items()):
        name = " or ".join(servers.NAMES.get(kind, kind) for kind in where.split("+"))
        terminalreporter.line(f"{number} tests skipped: no {name} server was found")
    _write(rows)


def _write(rows: dict[str, dict[str, int]]) -> None:
    path = os.environ.get("MANYBASE_TEST_SUMMARY")
    if path:
        totals = {column: sum(row[column] for row in rows.values()) for column in COLUMNS}
        Path(path).write_text(json.dumps({**totals, "left_out": sum(_left_out.values())}))
