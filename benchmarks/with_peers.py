"""The tables of the documentation: the harness of peers with Manybase in it, one run for each.

    export PYTHONPATH=.:src:HARNESS
    python -m benchmarks.with_peers sqlite postgresql alone shapes memory async

HARNESS is the folder of ``ormbench``. Writes JSON, SVG and tables into ``docs/performance``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import new_shapes
from benchmarks.chart import of_results, svg

ROOT = Path(__file__).parent.parent
OUT = ROOT / "docs" / "performance"
ADAPTER = ROOT / "benchmarks" / "adapter.py"
ASYNC_SIZES = {"get": 1000, "filter": 500, "read_objects": 25}


def works(backend: str, rounds: int, scale: float) -> None:
    """All sixteen works on a database, with every ORM that is installed."""
    words = [
        *("--backend", backend, "--rounds", str(rounds), "--scale", str(scale)),
        *("--adapter", f"manybase={ADAPTER}", "--out", str(OUT)),
    ]
    subprocess.run([sys.executable, "-m", "ormbench.runner", *words], check=True)
    path = OUT / f"works_{backend}.json"
    results = json.loads(path.read_text())
    from ormbench.adapter import BY_KEY

    named = {BY_KEY[key].title: row for key, row in results["summary"].items()}
    ratios, sides = of_results({**results, "summary": named})
    day = results["facts"]["date"][:10]
    title = f"Time as a multiple of {results['floor']}, {day}"
    (OUT / f"works_{backend}.svg").write_text(svg(title, ratios, sides))
    (OUT / f"works_{backend}.md").rename(OUT / f"works_{backend}.txt")  # no page of its own


def alone(backend: str, rounds: int, scale: float) -> None:
    """The same works with hand-written code and Manybase only.

    A round of all ORMs takes more than a minute, after which everybody begins with cold caches; of
    two it takes seconds. Ratios are larger here, for what is added to the driver's time is.
    """
    with tempfile.TemporaryDirectory() as folder:
        words = [
            *("--backend", backend, "--rounds", str(rounds), "--scale", str(scale)),
            *("--orms", new_shapes.FLOORS[backend], "manybase"),
            *("--adapter", f"manybase={ADAPTER}", "--out", folder),
        ]
        subprocess.run([sys.executable, "-m", "ormbench.runner", *words], check=True)
        found = (Path(folder) / f"works_{backend}.json").read_text()
    (OUT / f"alone_{backend}.json").write_text(found)


def memory() -> None:
    """Import, 200,000 objects at once and streamed, each in a process of its own."""
    os.environ["ORMBENCH_EXTRA"] = json.dumps({"manybase": str(ADAPTER)})
    # Compiled files, as a program has them, but none in the source tree.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = "/tmp/manybase-benchmark-compiled"
    from ormbench import memory as harness

    for names in harness.DEFAULT.values():
        names.insert(1, "manybase")
    os.chdir(OUT.parent)
    OUT.mkdir(exist_ok=True)
    harness.main()
    (OUT.parent / "results" / "memory.json").rename(OUT / "memory.json")
    (OUT.parent / "results").rmdir()


class ManybaseTasks:
    """Manybase in the asynchronous works."""

    name = "manybase (psycopg)"

    async def open(self, target: Any) -> None:
        """Point the default database at the harness's."""
        import benchmarks.adapter as made

        self.Book = made.Book
        made.Bench().open(target)

    async def close(self) -> None:
        """The connections close with the loop."""

    async def get(self, key: int) -> Any:
        """One object."""
        return await self.Book.objects.aget(pk=key)

    async def filter(self, author: int) -> Any:
        """Twenty objects."""
        return [book async for book in self.Book.objects.filter(author_id=author)]

    async def read_objects(self, _: int) -> Any:
        """Two thousand objects."""
        return [book async for book in self.Book.objects.filter(id__lte=2000)]


async def tasks(rounds: int) -> None:
    """Works of 1 and of 50 tasks on PostgreSQL, ratios to raw psycopg with its pool."""
    from ormbench import async_bench as harness
    from ormbench import data

    harness.SIZES = ASYNC_SIZES
    sides = [
        harness.RawPsycopg(), harness.RawAsyncpg(), ManybaseTasks(),
        harness.SQLAlchemyAsync("psycopg"), harness.SQLAlchemyAsync("asyncpg"),
        harness.Tortoise(), harness.Piccolo(),
    ]  # fmt: skip
    target = data.private_copy("postgresql", "tasks")
    for side in sides:
        await side.open(target)
    samples: dict[tuple[str, int], dict[str, list[float]]] = {}
    for number in range(rounds + 1):
        for work in ASYNC_SIZES:
            for count in harness.TASKS:
                turn = number % len(sides)
                for side in sides[turn:] + sides[:turn]:
                    seconds = await harness.timed(side, work, count)
                    if number:
                        row = samples.setdefault((work, count), {})
                        row.setdefault(side.name, []).append(seconds)
    for side in sides:
        await side.close()
    _write_tasks(samples, [side.name for side in sides])


def _write_tasks(samples: dict[tuple[str, int], dict[str, list[float]]], names: list[str]) -> None:
    lines = [f"| work, tasks | {names[0]} | " + " | ".join(names[1:]) + " |"]
    lines.append("|---|" + "---:|" * len(names))
    out: dict[str, Any] = {}
    for (work, count), row in samples.items():
        base = row[names[0]]
        each = statistics.median(base) / ASYNC_SIZES[work] * 1e6
        cells = [f"{each:.0f} us"]
        for name in names[1:]:
            ratio = statistics.median([a / b for a, b in zip(row[name], base, strict=True)])
            out[f"{work}/{count}/{name}"] = ratio
            cells.append(f"{ratio:.2f}")
        lines.append(f"| {work}, {count} | " + " | ".join(cells) + " |")
    found = {"date": time.strftime("%F %T"), "python": platform.python_version(), "ratios": out}
    (OUT / "async.json").write_text(json.dumps(found, indent=1))
    (OUT / "async.txt").write_text("\n".join(lines) + "\n")


PARTS = ("sqlite", "postgresql", "alone", "shapes", "memory", "async")


def main() -> None:
    """Run the parts that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="+", choices=PARTS)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--scale", type=float, default=0.4)
    given = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    for part in given.parts:
        if part == "memory":
            memory()
        elif part == "alone":
            for backend in new_shapes.FLOORS:
                alone(backend, 2 * given.rounds, given.scale)
        elif part == "shapes":
            for backend in new_shapes.FLOORS:
                new_shapes.measure(backend, given.rounds, ADAPTER, OUT)
        elif part == "async":
            asyncio.run(tasks(given.rounds))
        else:
            works(part, given.rounds, given.scale)


if __name__ == "__main__":
    main()
