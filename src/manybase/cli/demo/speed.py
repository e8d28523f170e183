"""Writes and reads the same flights twice: with Manybase, and by hand on the raw driver.

The raw side is what one would write without any library: the driver's own connection, one
``executemany`` in a transaction, one SELECT and ``fetchall``. It makes tuples, Manybase objects.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

from manybase.cli.demo import sources
from manybase.cli.demo.models import FLIGHTS, SpeedFlight
from manybase.db import connections, transaction
from manybase.runtime import sync

ROWS = 20_000
ROUNDS = 3


@dataclasses.dataclass(frozen=True)
class Pace:
    """Rows per second, of one kind of work.

    Args:
        work: What was done.
        ours: Rows per second with Manybase.
        raw: Rows per second by hand.
    """

    work: str
    ours: float
    raw: float

    @property
    def ratio(self) -> float:
        """How many times longer Manybase takes."""
        return self.raw / self.ours


def measure(limit: int | None = None) -> list[Pace]:
    """Return the pace of writing and of reading, each the best of three rounds."""
    count = min(ROWS, limit or ROWS)
    rows = list(sources.rows("flight", count))
    by_hand = _Raw(rows)
    wrote_raw = _pace(count, by_hand.write, _empty)
    read_raw = _pace(count, by_hand.read)
    wrote = _pace(count, lambda: _write(rows), _empty)
    read = _pace(count, lambda: list(SpeedFlight.objects.all()))
    _empty()
    return [Pace("written", wrote, wrote_raw), Pace("read", read, read_raw)]


def _pace(count: int, work: Callable[[], Any], before: Callable[[], Any] | None = None) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        if before is not None:
            before()
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return count / best


def _empty() -> None:
    connections[FLIGHTS].execute(f"DELETE FROM {SpeedFlight._meta.db_table}")


def _write(rows: list[dict[str, Any]]) -> None:
    with transaction.atomic(FLIGHTS):
        SpeedFlight.objects.bulk_create([SpeedFlight(**row) for row in rows])


class _Raw:
    """The same work on the driver's connection, with SQL written by hand."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        line = sync.session().open(FLIGHTS)
        self.connection: Any = line.connection
        style = line.dialect.sqla.paramstyle
        fields = [f for f in SpeedFlight._meta.concrete_fields if not f.primary_key]
        columns = [field.column for field in fields]
        places = [_place(style, number) for number in range(1, len(columns) + 1)]
        table = SpeedFlight._meta.db_table
        self.insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(places)})"
        self.select = f"SELECT id, {', '.join(columns)} FROM {table}"
        # A moment as text is what every driver takes without help.
        self.rows = [
            tuple(
                row[f.attname] if f.attname != "time_hour" else f"{row['time_hour']:%F %T}"
                for f in fields
            )
            for row in rows
        ]

    def write(self) -> None:
        cursor = self.connection.cursor()
        cursor.execute("BEGIN")
        cursor.executemany(self.insert, self.rows)
        cursor.execute("COMMIT")
        cursor.close()

    def read(self) -> Any:
        cursor = self.connection.cursor()
        cursor.execute(self.select)
        found = cursor.fetchall()
        cursor.close()
        return found


def _place(style: str, number: int) -> str:
    return {"qmark": "?", "numeric_dollar": f"${number}"}.get(style, "%s")
