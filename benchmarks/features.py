"""``python -m benchmarks.features``: what signals, places, routers, listeners and the like cost.

Each feature is switched on for a work and off again; in a round every feature does its work once,
and so does hand-written code on the driver. Writes ``docs/performance/features.json``.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import world
from benchmarks.__main__ import facts
from benchmarks.sides import Manybase, Raw

OUT = Path(__file__).parent.parent / "docs" / "performance" / "features.json"
KEYS = world.some_keys(300, world.BOOKS)
AUTHORS = world.some_keys(300, world.AUTHORS)

Work = Callable[[Any], Any]
Feature = Callable[[Any], Any]


class NoOpinion:
    """A router that is asked every time and leaves the answer to the others."""

    def db_for_read(self, model: Any, **hints: Any) -> None:
        """No opinion."""

    def db_for_write(self, model: Any, **hints: Any) -> None:
        """No opinion."""


@contextlib.contextmanager
def router(side: Any) -> Iterator[None]:
    """Have a router."""
    from manybase.db import router as chain

    before = chain.routers
    chain.routers = [NoOpinion()]
    try:
        yield
    finally:
        chain.routers = before


@contextlib.contextmanager
def block(side: Any) -> Iterator[None]:
    """Be inside a ``using()`` block."""
    import manybase

    with manybase.using("default"):
        yield


@contextlib.contextmanager
def transaction(side: Any) -> Iterator[None]:
    """Be inside a transaction."""
    with side.atomic():
        yield


@contextlib.contextmanager
def listener(side: Any) -> Iterator[None]:
    """Have a function called for every statement."""
    from manybase.runtime.events import listen

    seen: list[Any] = []
    stop = listen(seen.append)
    try:
        yield
    finally:
        stop()


def receivers(*names: str) -> Feature:
    """Have a receiver for some signals."""

    @contextlib.contextmanager
    def connected(side: Any) -> Iterator[None]:
        from manybase.models import signals

        def receive(**values: Any) -> None:
            """Listen and do nothing."""

        for name in names:
            getattr(signals, name).connect(receive, sender=side.Book)
        try:
            yield
        finally:
            for name in names:
                getattr(signals, name).disconnect(receive, sender=side.Book)

    return connected


def get(side: Any) -> Any:
    """Objects by key."""
    return side.get(KEYS)


def rows(side: Any) -> Any:
    """Twenty rows each time."""
    return side.filter(AUTHORS)


def save(side: Any) -> Any:
    """Save objects one by one, each in a transaction of its own."""
    for book in side.loaded:
        book.pages += 1
        side.put(book)


WORKS: dict[str, Work] = {"get": get, "filter, 20 rows": rows, "save": save}
NOTHING: Feature = contextlib.nullcontext
FEATURES: dict[tuple[str, str], tuple[Feature, Work | None]] = {
    ("get", "nothing"): (NOTHING, None),
    ("get", "using('default')"): (
        NOTHING,
        lambda side: [side.Book.objects.using("default").get(pk=key) for key in KEYS],
    ),
    ("get", "a using() block"): (block, None),
    ("get", "a router"): (router, None),
    ("get", "a transaction"): (transaction, None),
    ("get", "a listener"): (listener, None),
    ("get", "pre_init and post_init"): (receivers("pre_init", "post_init"), None),
    ("get", "only('title')"): (
        NOTHING,
        lambda side: [side.Book.objects.only("title").get(pk=key) for key in KEYS],
    ),
    ("get", "a deferred field, loaded"): (
        NOTHING,
        lambda side: [side.Book.objects.only("title").get(pk=key).pages for key in KEYS],
    ),
    ("filter, 20 rows", "nothing"): (NOTHING, None),
    ("filter, 20 rows", "a router"): (router, None),
    ("filter, 20 rows", "a listener"): (listener, None),
    ("filter, 20 rows", "pre_init and post_init"): (receivers("pre_init", "post_init"), None),
    ("filter, 20 rows", "only('title')"): (
        NOTHING,
        lambda side: [len(side.Book.objects.only("title").filter(author_id=a)) for a in AUTHORS],
    ),
    ("filter, 20 rows", "an object as value"): (
        NOTHING,
        lambda side: [len(side.Book.objects.filter(author=side.authors[a])) for a in AUTHORS],
    ),
    ("save", "nothing"): (NOTHING, None),
    ("save", "save(using='default')"): (
        NOTHING,
        lambda side: [side.put(book, using="default") for book in side.loaded],
    ),
    ("save", "its author loaded"): (
        NOTHING,
        lambda side: [side.put(book) for book in side.with_authors],
    ),
    ("save", "a router"): (router, None),
    ("save", "a listener"): (listener, None),
    ("save", "pre_save and post_save"): (receivers("pre_save", "post_save"), None),
}


def ready(place: world.Place) -> tuple[Any, Any]:
    """Hand-written code and Manybase, with the objects that the works save."""
    raw, ours = Raw(), Manybase()
    raw.open(place)
    ours.open(place)
    many: Any = ours
    authors = many.Book.author.field.related_model.objects
    many.authors = authors.in_bulk()
    for side in (raw, many):
        side.loaded = side.load(KEYS)
    sql = raw.sql("UPDATE bench_book SET pages = ? WHERE id = ?")
    raw.put = lambda book: raw.cursor.execute(sql, (book.pages, book.id))  # type: ignore[attr-defined]
    many.put = lambda book, **options: book.save(**options)
    many.with_authors = list(many.Book.objects.select_related("author").filter(pk__in=KEYS))
    return raw, many


def timed(side: Any, feature: Feature, work: Work) -> float:
    """Seconds of a work with a feature."""
    gc.collect()
    with feature(side):
        started = time.perf_counter()
        work(side)
        return time.perf_counter() - started


def measure(place: world.Place, rounds: int) -> dict[str, Any]:
    """Ratios to hand-written code, by work and feature."""
    raw, ours = ready(place)
    ratios: dict[tuple[str, str], list[tuple[float, float]]] = {key: [] for key in FEATURES}
    for number in range(rounds + 1):
        floor = {name: timed(raw, NOTHING, work) for name, work in WORKS.items()}
        plain: dict[str, float] = {}
        for (name, words), (feature, work) in FEATURES.items():
            seconds = timed(ours, feature, work or WORKS[name])
            plain.setdefault(name, seconds)
            if number:
                ratios[name, words].append((seconds / floor[name], seconds / plain[name]))
        sys.stderr.write(f"round {number} of {rounds}\n")
    for side in (raw, ours):
        side.close()
    found: dict[str, Any] = {}
    for (name, words), values in ratios.items():
        to_raw, to_plain = (statistics.median(column) for column in zip(*values, strict=True))
        found.setdefault(name, {})[words] = {"raw": to_raw, "nothing": to_plain}
    return found


def table(found: dict[str, dict[str, dict[str, float]]]) -> str:
    """The ratios as a table in Markdown."""
    lines = [
        "| work | with | ratio to raw | ratio to Manybase with nothing |",
        "|---|---|---:|---:|",
    ]
    for name, row in found.items():
        for words, ratio in row.items():
            lines.append(f"| {name} | {words} | {ratio['raw']:.2f} | {ratio['nothing']:.2f} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, and write the numbers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--out", default=str(OUT))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = world.Place(f"sqlite:///{folder}/bench.db")
        world.create(place)
        found = measure(place, given.rounds)
        results = {"facts": facts(place), "ratios": found}
    Path(given.out).write_text(json.dumps(results, indent=1) + "\n")
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main()
