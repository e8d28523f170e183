"""Where the time of ``prefetch_related`` goes, beside hand-written code: the profile of work 9.

    PYTHONPATH=.:src:HARNESS python -m benchmarks.prefetch

HARNESS is the folder of ``ormbench``. Writes JSON into ``docs/performance``. Both sides do the
whole work in one process, which favours neither; the clock is read at every step.
"""

from __future__ import annotations

import contextlib
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.with_peers import OUT

BOOKS = 2000
ROUNDS = 40
OWNED = "SELECT bt.book_id, t.id, t.name FROM book_tags bt JOIN tag t ON t.id = bt.tag_id"


class Timer:
    """Medians of steps, in nanoseconds for each book."""

    def __init__(self) -> None:
        self.samples: dict[str, list[float]] = {}
        self.last = 0

    def begin(self) -> None:
        """Start the clock of the first step."""
        self.last = time.perf_counter_ns()
        self.round: dict[str, float] = {}

    def note(self, step: str) -> None:
        """End a step: all since the last one; steps of one name in a round are added."""
        now = time.perf_counter_ns()
        self.round[step] = self.round.get(step, 0) + now - self.last
        self.last = time.perf_counter_ns()

    def end(self) -> None:
        """Keep the round."""
        for step, spent in self.round.items():
            self.samples.setdefault(step, []).append(spent)

    def medians(self) -> dict[str, float]:
        """The steps in the order in which they were met."""
        return {step: statistics.median(s) / BOOKS for step, s in self.samples.items()}


def by_hand(timer: Timer, raw: Any) -> None:
    """The raw code, as the harness has it, with a clock."""
    from ormbench.adapters._raw import COLS, Tag

    timer.begin()
    rows = raw.cur.execute(f"SELECT {COLS} FROM book WHERE id <= ?", (BOOKS,)).fetchall()
    books = raw.books(rows)
    timer.note("books")
    kept: dict[int, list[Any]] = {}
    for book in books:
        book.tags = kept[book.id] = []
    timer.note("kept")
    keys = json.dumps(list(kept))
    timer.note("walk")
    rows = raw.cur.execute(f"{OWNED} WHERE bt.book_id {raw.id_list}", (keys,)).fetchall()
    for book_id, tag_id, name in rows:
        kept[book_id].append(Tag(tag_id, name))
    timer.note("tags")
    total = sum(len(book.tags) for book in books)
    timer.note("asked")
    del rows, books, book, kept
    timer.note("released")
    timer.end()
    assert total


def by_manybase(timer: Timer) -> None:
    """Manybase, with the clock read where it goes from one step to the next."""
    from benchmarks.adapter import Book

    timer.begin()
    books: Any = Book.objects.filter(id__lte=BOOKS).prefetch_related("tags")
    with _clocks(timer):
        iter(books)
    timer.note("walk")
    total = sum([len(book.tags.all()) for book in books])
    timer.note("asked")
    del books
    timer.note("released")
    timer.end()
    assert total


@contextlib.contextmanager
def _clocks(timer: Timer) -> Iterator[None]:
    """Read the clock before and after the functions that read rows and keep results."""
    from manybase.models.related.sources import LinkedSource
    from manybase.runtime import sync

    names = iter(["books", "tags"])

    def timed(function: Any, step: Callable[[], str]) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            timer.note("walk")
            made = function(*args, **kwargs)
            timer.note(step())
            return made

        return call

    read, keep = sync.read, LinkedSource.keep_all
    sync.read = timed(read, lambda: next(names))
    LinkedSource.keep_all = timed(keep, lambda: "kept")  # type: ignore[method-assign]
    try:
        yield
    finally:
        sync.read = read
        LinkedSource.keep_all = keep  # type: ignore[method-assign]


def table(found: dict[str, dict[str, float]]) -> str:
    """The steps of both sides, in nanoseconds for each of the books."""
    lines = ["| step | by hand, ns a book | Manybase, ns a book |", "|---|---:|---:|"]
    names = {
        "books": "the statement of the books, 2,000 books made",
        "walk": "the query of the tags: its queryset, its keys",
        "tags": "the statement of the tags, 6,000 tags made and sorted by book",
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
