"""``python -m benchmarks``: Manybase beside the raw driver and the ORMs that are installed.

All sides use the same tables of one database, in one process. In a round each work is done by every
side, one after the other, in an order that changes; a ratio is time divided by the raw driver's
time of the same round, and the median over the rounds is shown.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import world
from benchmarks.chart import of_results, svg
from benchmarks.peers import Django, Peewee, SQLAlchemy
from benchmarks.sides import Manybase, Raw

WORKS = {
    "get": "get by key",
    "filter": "filter, 20 rows",
    "count": "count",
    "shapes": "filter, each of a new shape",
    "read": "read 4000 objects",
    "join": "read with author",
    "prefetch": "read with tags",
    "insert": "insert one by one",
    "bulk": "insert at once",
    "save": "save one by one",
}


def arguments(work: str, scale: float) -> tuple[Any, ...]:
    """What a work is called with."""
    count = max(20, int(500 * scale))
    if work == "get":
        return (world.some_keys(count, world.BOOKS),)
    if work in ("filter", "count"):
        return (world.some_keys(count, world.AUTHORS),)
    if work == "shapes":
        return (world.shapes(count),)
    if work == "prefetch":
        return (1000,)
    if work in ("insert", "bulk"):
        many = count if work == "insert" else count * 5
        return ([world.book_row(i) for i in range(1, many + 1)],)
    return ()


def start(place: world.Place, wanted: list[str]) -> list[Any]:
    """The sides that can take part."""
    found = []
    for make in (Raw, Manybase, Django, SQLAlchemy, Peewee):
        side = make()
        if wanted and side.name.lower() not in wanted and make is not Raw:
            continue
        try:
            side.open(place)
        except Exception as error:  # noqa: BLE001  # shown; a peer is not installed, or fails
            sys.stderr.write(f"without {side.name}: {type(error).__name__}: {error}\n")
            continue
        found.append(side)
    return found


def once(side: Any, work: str, scale: float) -> tuple[float, Any] | None:
    """Seconds and answer of one side's work; None where it has none."""
    method = getattr(side, work, None)
    if method is None:
        return None
    given = arguments(work, scale)
    if work == "save":
        given = (side.load(world.some_keys(max(20, int(500 * scale)), world.BOOKS)),)
    gc.collect()
    started = time.perf_counter()
    answer = method(*given)
    return time.perf_counter() - started, answer


def measure(
    place: world.Place, sides: list[Any], rounds: int, scale: float
) -> dict[str, dict[str, list[float]]]:
    """Seconds by work and side, one for each round; the first round only warms up."""
    samples: dict[str, dict[str, list[float]]] = {work: {} for work in WORKS}
    cursor = place.connect().cursor()
    for number in range(rounds + 1):
        for work in WORKS:
            expected = None
            turn = number % len(sides)
            for side in sides[turn:] + sides[:turn]:
                found = once(side, work, scale)
                if work in ("insert", "bulk"):
                    world.undo(cursor)
                if found is None:
                    continue
                expected = found[1] if expected is None else expected
                if found[1] != expected:
                    raise SystemExit(f"{side.name}: {work} gives {found[1]}, not {expected}")
                if number:
                    samples[work].setdefault(side.name, []).append(found[0])
        sys.stderr.write(f"round {number} of {rounds}\n")
    return samples


def summary(samples: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, dict[str, float]]]:
    """The median ratio, and the lowest and highest, by work and side."""
    out: dict[str, dict[str, dict[str, float]]] = {}
    for work, row in samples.items():
        base = row[Raw.name]
        out[WORKS[work]] = {}
        for side, values in row.items():
            ratios = [value / floor for value, floor in zip(values, base, strict=True)]
            out[WORKS[work]][side] = {
                "milliseconds": statistics.median(values) * 1e3,
                "ratio": statistics.median(ratios),
                "lowest": min(ratios),
                "highest": max(ratios),
            }
    return out


def table(found: dict[str, dict[str, dict[str, float]]], names: list[str]) -> str:
    """The summary as a table in Markdown."""
    lines = [f"| work | {names[0]}, ms | {' | '.join(names[1:])} |", "|---|" + "---:|" * len(names)]
    for work, row in found.items():
        cells = [f"{row[names[0]]['milliseconds']:.2f}"]
        cells += [f"{row[name]['ratio']:.2f}" if name in row else "-" for name in names[1:]]
        lines.append(f"| {work} | {' | '.join(cells)} |")
    return "\n".join(lines)


def facts(place: world.Place) -> dict[str, Any]:
    """The machine and the day."""
    return {
        "date": time.strftime("%Y-%m-%d"),
        "database": place.kind,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
    }


def main() -> None:
    """Measure, and write the table, the numbers and the chart."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--url", help="a database to make tables in; a SQLite file by default")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="the size of the works")
    parser.add_argument("--sides", nargs="*", default=[], help="manybase django sqlalchemy peewee")
    parser.add_argument("--out", default="benchmark-results", help="a folder for JSON and SVG")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = world.Place(given.url or f"sqlite:///{folder}/bench.db")
        world.create(place)
        sides = start(place, [name.lower() for name in given.sides])
        try:
            samples = measure(place, sides, given.rounds, given.scale)
        finally:
            for side in sides:
                side.close()
            connection = place.connect()
            world.drop(connection.cursor())
            connection.close()
    found = summary(samples)
    results = {
        "facts": facts(place), "floor": Raw.name, "summary": found, "samples": samples
    }  # fmt: skip
    out = Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{place.kind}.json").write_text(json.dumps(results, indent=1))
    title = f"Time as a multiple of the raw driver, {place.kind}, {results['facts']['date']}"
    (out / f"{place.kind}.svg").write_text(svg(title, *of_results(results)))
    sys.stdout.write(table(found, [side.name for side in sides]) + "\n")


if __name__ == "__main__":
    main()
