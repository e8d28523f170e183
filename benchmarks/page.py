"""Puts the results in ``docs/performance`` into the tables of ``docs/performance.md``.

``python -m benchmarks.page`` after ``benchmarks.with_peers`` and ``benchmarks.features``; the words
around the tables stay.
"""

from __future__ import annotations

import json
import re
from typing import Any

from benchmarks import features, prefetch, saves
from benchmarks.with_peers import OUT

PAGE = OUT.parent / "performance.md"
KINDS = ("sqlite", "postgresql")
WANTED: dict[str, tuple[float, float]] = {
    "insert_each": (2.0, 1.3),
    "insert_bulk": (1.5, 1.2),
    "get": (1.8, 1.2),
    "filter": (1.3, 1.2),
    "read_objects": (1.05, 1.05),
    "read_tuples": (1.05, 1.05),
    "read_dicts": (1.05, 1.05),
    "join": (1.15, 1.15),
    "prefetch": (1.3, 1.3),
    "update_each": (2.0, 1.3),
    "update_filter": (1.3, 1.2),
    "delete_each": (3.0, 2.0),
    "aggregate": (1.2, 1.1),
    "complex_fixed": (1.3, 1.2),
    "complex_varied": (1.4, 1.4),
    "count_exists": (2.2, 1.2),
}
NEW_SHAPES = (5.0, 2.5)


def _results(name: str) -> Any:
    return json.loads((OUT / f"{name}.json").read_text())


def _text(name: str) -> str:
    return (OUT / f"{name}.txt").read_text().strip()


def wanted() -> str:
    """What was wanted beside what was measured; in bold what is missed."""
    titles = [line.split("|")[1].strip() for line in _text("works_sqlite").splitlines()[2:]]
    lines = [
        (
            "| work | SQLite: wanted | alone | among peers"
            " | PostgreSQL: wanted | alone | among peers |"
        ),
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for (work, bars), title in zip(WANTED.items(), titles, strict=True):
        cells = [title]
        for kind, bar in zip(KINDS, bars, strict=True):
            runs = [_results(f"{run}_{kind}")["summary"] for run in ("alone", "works")]
            cells += _beside(bar, *(found[work]["manybase"]["ratio"] for found in runs))
        lines.append(f"| {' | '.join(cells)} |")
        if work == "complex_varied":
            lines.append(_new_shapes())
    return "\n".join(lines)


def _new_shapes() -> str:
    """The line of shapes that were never seen before."""
    cells = ["15 the same, every shape new once"]
    for kind, bar in zip(KINDS, NEW_SHAPES, strict=True):
        cells += [*_beside(bar, _results(f"shapes_{kind}")["new"]["ratio"]), ""]
    return f"| {' | '.join(cells)} |"


def _beside(bar: float, *ratios: float) -> list[str]:
    """The cells of a bar and of what was measured."""
    return [f"{bar:g}", *(f"**{r:.2f}**" if round(r, 2) > bar else f"{r:.2f}" for r in ratios)]


def imports() -> str:
    """Time and memory of an import."""
    lines = ["| | import and two models, ms | MiB |", "|---|---:|---:|"]
    lines += [
        f"| {name} | {found['seconds'] * 1e3:.0f} | {found['rss_mib']:.1f} |"
        for name, found in _results("memory")["import"].items()
        if not name.startswith("raw")
    ]
    return "\n".join(lines)


def reads() -> str:
    """Time and memory of many objects."""
    found = _results("memory")["read"]
    lines = [
        "| | 200,000 objects, s | growth, MiB | streamed, s | growth, MiB |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in [key.removesuffix("/list") for key in found if key.endswith("/list")]:
        cells = [_cells(found[f"{name}/{mode}"]) for mode in ("list", "stream")]
        lines.append(f"| {name.replace('/', ': ')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cells(one: dict[str, float]) -> str:
    if "seconds" not in one:
        return "- | -"
    return f"{one['seconds']:.2f} | {one['grown_mib']:.0f}"


def main() -> None:
    """Write the tables between their marks."""
    tables = {
        "wanted": wanted(),
        "sqlite": _text("works_sqlite"),
        "postgresql": _text("works_postgresql"),
        "async": _text("async"),
        "imports": imports(),
        "reads": reads(),
        "prefetch": prefetch.table(_results("prefetch")),
        "saves": saves.table(_results("saves")),
        "features": features.table(_results("features")["ratios"]),
    }
    page = PAGE.read_text()
    for name, table in tables.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        assert mark.search(page), f"the page has no place for the table '{name}'"
        page = mark.sub(lambda found, table=table: found[1] + table + "\n" + found[2], page)
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
