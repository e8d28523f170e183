"""Where the time of ``prefetch_related`` goes, beside hand-written code: the profile of work 9.

    PYTHONPATH=.:src:HARNESS python -m benchmarks.prefetch

HARNESS is the folder of ``ormbench``. Writes JSON into ``docs/performance``. Each step is timed
by itself and both sides in one process, which favours neither.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.with_peers import OUT

BOOKS = 2000
ROUNDS = 40
OWNED = "SELECT bt.book_id, t.id, t.name FROM book_tags bt JOIN tag t ON t.id = bt.tag_id"


class Timer:
    """Medians of steps, in nanoseconds for each book."""

    def __init__(self) -> None:
        self.samples: dict[str, list[float]] = {}

    def __call__(self, step: str, work: Callable[[], Any]) -> Any:
        begun = time.perf_counter_ns()
        made = work()
        self.samples.setdefault(step, []).append(time.perf_counter_ns() - begun)
        return made

    def medians(self) -> dict[str, float]:
        """The steps in the order in which they were met."""
        return {step: statistics.median(s) / BOOKS for step, s in self.samples.items()}


def by_hand(timer: Timer, raw: Any) -> None:
    """The raw code's steps."""
    from ormbench.adapters._raw import COLS, Tag

    sql = f"SELECT {COLS} FROM book WHERE id <= ?"
    rows = timer("statements", lambda: raw.cur.execute(sql, (BOOKS,)).fetchall())
    books = timer("books", lambda: raw.books(rows))
    keys = json.dumps([book.id for book in books])
    owned = f"{OWNED} WHERE bt.book_id {raw.id_list}"
    found = timer("statements of tags", lambda: raw.cur.execute(owned, (keys,)).fetchall())
    kept: dict[int, list[Any]] = {}

    def make() -> None:
        for book in books:
            book.tags = kept[book.id] = []
        for book_id, tag_id, name in found:
            kept[book_id].append(Tag(tag_id, name))

    timer("tags", make)
    timer("kept", lambda: None)
    timer("asked", lambda: sum([len(book.tags) for book in books]))
    rows = found = None

    def release() -> None:
        books.clear()
        kept.clear()

    timer("released", release)


def by_manybase(timer: Timer) -> None:
    """Manybase's steps: the same, by the functions that do them."""
    from benchmarks.adapter import Book, Tag
    from manybase.models.related.revive import Found
    from manybase.models.related.sources import LinkedSource
    from manybase.query.linked import linker
    from manybase.query.plan import plan_for
    from manybase.query.record import record_values
    from manybase.runtime import sync

    dialect = sync.dialect("default")
    rows = Book.objects.filter(id__lte=BOOKS)
    plan = plan_for(rows, "select", dialect)
    found = timer("statements", lambda: sync.fetch("default", plan, rows.params))
    books = timer("books", lambda: plan.hydrate(found, "default"))
    source: LinkedSource = Book.tags.prefetch_source
    batch = _batch(source, books)
    values = record_values(batch.query, ("id", "name", source.query_name))
    of_tags = plan_for(values, "select", dialect)
    linked = timer("statements of tags", lambda: sync.fetch("default", of_tags, values.params))
    groups = timer("tags", lambda: linker(Tag, ("id", "name"), Found)(linked, "default"))
    timer("kept", lambda: source.keep_all(batch, groups, None, None))
    timer("asked", lambda: sum([len(book.tags.all()) for book in books]))
    found = linked = None

    def release() -> None:
        books.clear()
        groups.clear()

    timer("released", release)


def _batch(source: Any, books: list[Any]) -> Any:
    from manybase.runtime.stepping import run_sync
    from manybase.runtime.sync import sync

    return run_sync(source.batches(sync, books, None))[0]


def table(found: dict[str, dict[str, float]]) -> str:
    """The steps of both sides, in nanoseconds for each of the books."""
    lines = ["| step | by hand, ns a book | Manybase, ns a book |", "|---|---:|---:|"]
    names = {
        "statements": "the statement of the books",
        "books": "2,000 books made",
        "statements of tags": "the statement of the tags",
        "tags": "6,000 tags made and sorted by book",
        "kept": "lists put on the books",
        "asked": "`len(book.tags.all())`, by hand `len(book.tags)`",
        "released": "everything released",
    }
    for step, name in names.items():
        lines.append(f"| {name} | {found['by hand'][step]:.0f} | {found['manybase'][step]:.0f} |")
    sums = [sum(found[side].values()) for side in ("by hand", "manybase")]
    lines.append(f"| together | {sums[0]:.0f} | {sums[1]:.0f} |")
    return "\n".join(lines)


def main() -> None:
    """Time both, in turns."""
    from ormbench import data
    from ormbench.adapters.raw_sqlite3 import Bench as Raw

    import benchmarks.adapter as made

    raw, timers = Raw(), (Timer(), Timer())
    raw.open(data.private_copy("sqlite", "by_hand"))
    made.Bench().open(data.private_copy("sqlite", "profile"))
    for number in range(ROUNDS + 3):
        if number == 3:  # known shapes, warm caches
            timers[0].samples.clear(), timers[1].samples.clear()
        gc.collect()
        by_hand(timers[0], raw)
        gc.collect()
        by_manybase(timers[1])
    found = {"by hand": timers[0].medians(), "manybase": timers[1].medians()}
    (OUT / "prefetch.json").write_text(json.dumps(found, indent=1) + "\n")
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()
