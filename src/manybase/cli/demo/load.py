"""Loads the tables into their databases: own tables only, in batches, with a bar that moves.

Never more than one batch of objects is in memory. On a terminal a bar shows the progress;
elsewhere a line says what was loaded.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from manybase import models
from manybase.cli.demo import sources
from manybase.cli.demo.models import FLIGHTS, REFERENCE, TABLES, Mark, SpeedFlight
from manybase.db import connections, transaction
from manybase.errors import ConfigurationError

BATCH = 2_000
OWN: tuple[type[models.Model], ...] = (*TABLES, SpeedFlight, Mark)


def prepare() -> None:
    """Make the tables anew; refuse where tables of these names are not the demonstration's.

    Raises:
        ConfigurationError: Such a table is there; the hint says how to go on.
    """
    for alias in (REFERENCE, FLIGHTS):
        there = set(connections[alias].introspection.table_names())
        wanted = {model._meta.db_table for model in OWN}
        if Mark._meta.db_table not in there and (foreign := sorted(there & wanted)):
            raise ConfigurationError(
                f"database '{alias}' has tables that the demonstration did not make: "
                + ", ".join(foreign),
                hint="Give it a database of its own with --default and --other.",
            )
    clear()
    models.create_tables(Mark)
    models.create_tables(*OWN)


def clear() -> None:
    """Drop the demonstration's tables; the mark goes last, so that a broken run can be repeated."""
    models.drop_tables(*OWN[:-1])
    models.drop_tables(Mark)


def load(console: Console, limit: int | None = None) -> dict[str, float]:
    """Load every table; return the seconds that each took."""
    bar = Progress(
        TextColumn("{task.description:<8}"),
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TextColumn("into [bold]{task.fields[alias]}"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
    seconds: dict[str, float] = {}
    with bar:
        for model in TABLES:
            seconds[model._meta.model_name] = _load_one(console, bar, model, limit)
    return seconds


def _load_one(console: Console, bar: Progress, model: Any, limit: int | None) -> float:
    name = model._meta.model_name
    total = min(sources.ROWS[name], limit or sources.ROWS[name])
    alias = model.objects.db
    task = bar.add_task(name, total=total, alias=alias)
    began = time.perf_counter()
    with transaction.atomic(alias):
        for batch in _batches(sources.rows(name, limit)):
            model.objects.bulk_create([model(**values) for values in batch])
            bar.advance(task, len(batch))
    taken = time.perf_counter() - began
    if not console.is_terminal:
        console.print(f"{name:<8} {total:>8,} rows into '{alias}' in {taken:.1f} s")
    return taken


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch
