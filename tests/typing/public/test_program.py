"""mypy --strict and pyright on programs that use the public API: what is right, what is wrong."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent.parent
RIGHT = ("program", "managers", "keys", "conditions", "relations")
WRONG = ("rejected", "rejected_managers", "wrong_conditions", "wrong_relations")
FILES = {name: HERE / f"{name}.py" for name in (*RIGHT, *WRONG)}
Found = dict[str, dict[int, str]]


@functools.cache
def mypy() -> Found:
    """The errors of mypy by file and line."""
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--show-column-numbers",
    ]
    command += ["--follow-imports=silent", f"--cache-dir={ROOT}/.mypy_cache/public"]
    done = _run([*command, *map(str, FILES.values())])
    found: Found = {name: {} for name in FILES}
    for line in done.stdout.splitlines():
        match = re.match(r"(.+?):(\d+):\d+: error: (.*)", line)
        if match:
            found[Path(match[1]).stem][int(match[2])] = match[3]
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return found


@functools.cache
def pyright() -> Found:
    """The errors of pyright by file and line."""
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    done = _run([*command, *map(str, FILES.values())])
    found: Found = {name: {} for name in FILES}
    for one in json.loads(done.stdout)["generalDiagnostics"]:
        if one["severity"] == "error":
            line = one["range"]["start"]["line"] + 1
            found[Path(one["file"]).stem][line] = one["message"]
    return found


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MYPYPATH": str(ROOT / "src"), "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def marked(name: str) -> set[int]:
    """The lines of a file that say they are wrong."""
    lines = FILES[name].read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_is_accepted(checker, name) -> None:
    """Every line passes; fields, relations, querysets and managers have the types asserted."""
    assert checker()[name] == {}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("checker", [mypy, pyright], ids=["mypy", "pyright"])
@pytest.mark.parametrize("name", WRONG)
def test_mistakes_are_found(checker, name) -> None:
    """Exactly the lines that are marked are errors."""
    found = checker()[name]

    assert sorted(found) == sorted(marked(name)), found
