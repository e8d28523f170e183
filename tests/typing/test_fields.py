"""Both type checkers, without a plug-in, accept right uses of fields and refuse each wrong one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

Found = dict[int, str]


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MYPYPATH": str(ROOT / "src"), "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(  # the commands are our own
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        check=False,
    )


def mypy(file: Path) -> Found:
    """Run mypy --strict; return the messages by line."""
    options = ["--strict", "--no-error-summary", "--hide-error-context", "--follow-imports=silent"]
    done = _run(["mypy", "--config-file=", *options, str(file)])
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = re.findall(
        rf"^{re.escape(os.path.relpath(file, ROOT))}:(\d+): error: (.*)$", done.stdout, re.MULTILINE
    )
    return {int(line): text for line, text in found}


def pyright(file: Path) -> Found:
    """Run pyright in its strictest common mode; return the messages by line."""
    done = _run(["pyright", "--outputjson", str(file)])
    report = json.loads(done.stdout)
    errors = [one for one in report["generalDiagnostics"] if one["severity"] == "error"]
    return {one["range"]["start"]["line"] + 1: one["message"] for one in errors}


CHECKERS = [pytest.param(mypy, id="mypy"), pytest.param(pyright, id="pyright")]


@pytest.mark.parametrize("check", CHECKERS)
def test_right_programs_are_accepted(check: Callable[[Path], Found]) -> None:
    assert check(HERE / "public" / "fields.py") == {}


@pytest.mark.parametrize("check", CHECKERS)
def test_wrong_programs_are_rejected(check: Callable[[Path], Found]) -> None:
    file = HERE / "rejected" / "fields.py"
    lines = file.read_text().splitlines()
    marked = {n for n, line in enumerate(lines, 1) if line.endswith("# rejected")}
    found = check(file)
    assert {n: found[n] for n in found.keys() - marked} == {}, "refused without reason"
    assert sorted(marked - found.keys()) == [], "accepted although wrong"
