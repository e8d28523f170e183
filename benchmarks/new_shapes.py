"""Work 15 of the harness with every shape new: what the first use of a query costs.

The same filters as in the work, each shape once in a round. Called by ``benchmarks.with_peers``.
Manybase forgets its plans before each round, and in every second one all that it worked out from
the models.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FLOORS = {"sqlite": "raw_sqlite3", "postgresql": "raw_psycopg"}


def _distinct(filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One filter of each shape."""
    found = {}
    for one in filters:
        names = frozenset(one) - {"names", "order", "desc"}
        found.setdefault((names, one["order"], one["desc"]), one)
    return list(found.values())


def _timed(side: Any, filters: list[dict[str, Any]]) -> tuple[float, int]:
    gc.collect()
    started = time.perf_counter()
    found = side.complex_varied(filters)
    return time.perf_counter() - started, found


def measure(backend: str, rounds: int, adapter: Path, out: Path) -> None:
    """Time hand-written code and Manybase in turns; write the ratios into ``out``.

    Args:
        backend: "sqlite" or "postgresql".
        rounds: How many rounds of each kind count, after one that warms up.
        adapter: The file of Manybase's part in the harness.
        out: The folder for the results.
    """
    os.environ["ORMBENCH_EXTRA"] = json.dumps({"manybase": str(adapter)})
    from ormbench import data, worker

    from manybase import plans
    from manybase.meta.registry import registry

    raw, manybase = worker.load(FLOORS[backend]), worker.load("manybase")
    for side, name in ((raw, "raw_shapes"), (manybase, "manybase_shapes")):
        side.open(data.private_copy(backend, name))
    filters = _distinct(data.varied_filters(1000))
    ways: dict[str, Callable[[], Any]] = {"known_pieces": plans.clear, "new": registry.touch}
    samples: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for number in range(rounds + 1):
        for way, forget in ways.items():
            forget()
            mine, found = _timed(manybase, filters)
            floor, expected = _timed(raw, filters)
            if found != expected or plans.info().size != len(filters):
                raise SystemExit(f"{found} rows of {plans.info()}, not {expected}")
            if number:
                samples[way].append((floor, mine))
    raw.close()
    manybase.close()
    results = {
        "date": time.strftime("%F %T"), "floor": FLOORS[backend], "shapes": len(filters),
        "load_at_end": os.getloadavg(),
        **{way: _summary(pairs, len(filters)) for way, pairs in samples.items()},
    }  # fmt: skip
    (out / f"shapes_{backend}.json").write_text(json.dumps(results, indent=1) + "\n")


def _summary(pairs: list[tuple[float, float]], count: int) -> dict[str, Any]:
    ratios = [mine / floor for floor, mine in pairs]
    return {
        "ratio": statistics.median(ratios),
        "lowest": min(ratios),
        "highest": max(ratios),
        "raw_us": statistics.median(floor for floor, _ in pairs) / count * 1e6,
        "manybase_us": statistics.median(mine for _, mine in pairs) / count * 1e6,
    }
