"""Where the time of ``save()`` on SQLite goes, beside hand-written code: the profile of work 10.

    PYTHONPATH=.:src:HARNESS python -m benchmarks.saves

HARNESS is the folder of ``ormbench``. Writes JSON into ``docs/performance``. Everybody saves a
thousand objects that were just loaded, in one transaction, in one process, in turns.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.with_peers import OUT

SAVES = 1000
ROUNDS = 40
ONE = "UPDATE book SET pages = ? WHERE id = ?"
ALL = "UPDATE book SET title=?, published=?, pages=?, price=?, author_id=? WHERE id=?"
ASKED = "UPDATE book SET title=?, published=?, pages=?, price=? WHERE id=? AND author_id IS ?"
NAMES = {
    "one": "by hand, the column that changed",
    "all": "by hand, all columns",
    "asked": "by hand, all columns, the foreign key in the WHERE clause",
    "manybase": "Manybase, the same statement",
}


def by_hand(raw: Any, sql: str, values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], None]:
    """What saves objects by a statement with these values."""

    def save(books: Any) -> None:
        execute = raw.cur.execute
        raw.begin()
        for book in books:
            book.pages += 1
            execute(sql, values(book))
        raw.commit()

    return save


def _changed(book: Any) -> tuple[Any, ...]:
    return (book.pages, book.id)


def _values(book: Any) -> tuple[Any, ...]:
    published, price = book.published.isoformat(), book.price
    price = None if price is None else float(price)
    return (book.title, published, book.pages, price, book.author_id, book.id)


def _asked(book: Any) -> tuple[Any, ...]:
    published, price = book.published.isoformat(), book.price
    price = None if price is None else float(price)
    return (book.title, published, book.pages, price, book.id, book.author_id)


def table(found: dict[str, float]) -> str:
    """Microseconds for each object, and the ratio to the shortest statement."""
    lines = ["| a save | us | ratio |", "|---|---:|---:|"]
    for key, words in NAMES.items():
        lines.append(f"| {words} | {found[key]:.2f} | {found[key] / found['one']:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Time all, in turns."""
    from ormbench import data
    from ormbench.adapters.raw_sqlite3 import Bench as Raw

    from benchmarks.adapter import Bench

    raw, ours = Raw(), Bench()
    raw.open(data.private_copy("sqlite", "by_hand"))
    ours.open(data.private_copy("sqlite", "profile"))
    sides: dict[str, tuple[Any, Callable[[Any], Any]]] = {
        "one": (raw, by_hand(raw, ONE, _changed)),
        "all": (raw, by_hand(raw, ALL, _values)),
        "asked": (raw, by_hand(raw, ASKED, _asked)),
        "manybase": (ours, ours.update_each),
    }
    samples: dict[str, list[float]] = {key: [] for key in sides}
    for number in range(ROUNDS + 3):
        keys = random.Random(number).sample(range(1, 20_000), SAVES)
        for key, (side, save) in sides.items():
            books = side.load(keys)
            gc.collect()
            started = time.perf_counter()
            save(books)
            if number >= 3:  # known shapes, warm caches
                samples[key].append((time.perf_counter() - started) / SAVES * 1e6)
    found = {key: statistics.median(values) for key, values in samples.items()}
    (OUT / "saves.json").write_text(json.dumps(found, indent=1) + "\n")
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()
