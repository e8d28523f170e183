"""Writes docs/reference/matrix.md: which part of the query language works on which database.

The tests of ``tests/language`` are the source: run them with MANYBASE_MATRIX_RESULTS naming a file,
then this tool with that file. It keeps the outcome in tests/language/matrix.json; reasons come from
the features of ``dialects``. ``--check`` says whether page, outcome and marked tests agree.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "src"))

OUTCOME = ROOT / "tests/language/matrix.json"
PAGE = ROOT / "docs/reference/matrix.md"
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mysql": "MariaDB"}
FACES = ("sync", "async")
HEAD = """\
# What works where

Every part of the query language on each database. "works" says that it does when it is called
synchronously and when it is awaited. This page is written by the tests: `tools/generate_matrix.py`
turns the outcome of `tests/language` into it, and a test fails where the two differ. A part that a
database cannot do is refused at the call with the reason given here, announced when the tables are
made (indexes and constraints), or taken without effect where Django does so too (locks on SQLite).

"""

#: part -> "sqlite sync" -> name of the missing feature, "" where it works
Outcome = dict[str, dict[str, str]]


def read_results(path: Path) -> tuple[Outcome, set[str]]:
    """Join the lines that a run wrote; parts with a failed test are left out and told."""
    found: Outcome = {}
    failed = set()
    for text in path.read_text("utf-8").splitlines():
        line = json.loads(text)
        columns = [f"{line['kind']} {face}" for face in FACES if line["face"] in ("", face)]
        if not line["kind"]:
            columns = [f"{kind} {face}" for kind in KINDS for face in FACES]
        for part in line["parts"]:
            if not line["passed"]:
                failed.add(part)
            cells = found.setdefault(part, {})
            for column in columns:
                cells[column] = cells.get(column) or line["cannot"]
    return {part: cells for part, cells in found.items() if part not in failed}, failed


def reason(kind: str, feature: str) -> str:
    """Why a database cannot do it, from its dialect."""
    from manybase.dialects import dialect_for

    facts: dict[str, Any] = {"version": (11, 4), "mariadb": True} if kind == "mysql" else {}
    return dialect_for(kind, **facts).features.why(feature)


def render(outcome: Outcome) -> str:
    """The page."""
    lines = [HEAD]
    sections: dict[str, list[str]] = {}
    for part in outcome:
        sections.setdefault(section(part), []).append(part)
    for name, parts in sorted(sections.items(), key=lambda item: ORDER.index(item[0])):
        lines.append(f"## {name}\n\n| Part | {' | '.join(KINDS.values())} |\n|---|---|---|---|\n")
        for part in sorted(parts, key=str.casefold):
            cells = [cell(outcome[part], kind) for kind in KINDS]
            shown = part.removeprefix(f"{name}.").replace("|", "\\|")
            lines.append(f"| {shown} | {' | '.join(cells)} |\n")
        lines.append("\n")
    return "".join(lines).rstrip() + "\n"


ORDER = ("QuerySet", "Expressions", "Functions", "Aggregates", "Lookups", "JSON", "Models", "Async")


def section(part: str) -> str:
    """The section that a part stands in."""
    first = part.split(".")[0].split(":")[0].split(" ")[0]
    if first in ORDER:
        return first
    return "Lookups" if first == "Typed" else "QuerySet"


def cell(cells: dict[str, str], kind: str) -> str:
    """What one database says to one part, both faces in one."""
    found = {face: cells[f"{kind} {face}"] for face in FACES if f"{kind} {face}" in cells}
    missing = set(found.values())
    if len(found) < len(FACES) or len(missing) > 1:
        raise SystemExit(f"the faces do not both show the same on {kind}: {cells}")
    feature = missing.pop()
    return f"cannot: {reason(kind, feature)}" if feature else "works"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="?", type=Path, help="the file that a run wrote")
    parser.add_argument("--check", action="store_true", help="change nothing, exit with 1 if stale")
    given = parser.parse_args(arguments)
    known = json.loads(OUTCOME.read_text("utf-8")) if OUTCOME.exists() else {}
    outcome, failed = read_results(given.results) if given.results else (known, set())
    text = json.dumps(outcome, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    page = render(outcome)
    if given.check:
        fresh = outcome == known and PAGE.exists() and PAGE.read_text("utf-8") == page
        if not fresh:
            print("docs/reference/matrix.md is stale: run tools/generate_matrix.py RESULTS")
        return 0 if fresh else 1
    OUTCOME.write_text(text, "utf-8")
    PAGE.write_text(page, "utf-8")
    for part in sorted(failed):
        print(f"a test failed, so the page has no line for: {part}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
