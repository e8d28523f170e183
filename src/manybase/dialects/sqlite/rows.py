"""Aggregates in Python, for what SQLite's SQL lacks: variances, texts joined in an order.

Classes in the form that the driver asks for; ``functions.install`` gives them to every connection.
"""

from __future__ import annotations

import functools
import math
from typing import Any


class Spread:
    """Mean and squared distances, kept so that rows can come and go (Welford's way)."""

    sample = False
    root = False

    def __init__(self) -> None:
        self.count = 0
        self.mean = 0.0
        self.squares = 0.0

    def step(self, value: Any) -> None:
        """Take a row in."""
        if value is None:
            return
        number = float(value)
        self.count += 1
        distance = number - self.mean
        self.mean += distance / self.count
        self.squares += distance * (number - self.mean)

    def inverse(self, value: Any) -> None:
        """Let a row go, when a window moves on."""
        if value is None:
            return
        number = float(value)
        self.count -= 1
        if not self.count:
            self.mean = self.squares = 0.0
            return
        distance = number - self.mean
        self.mean -= distance / self.count
        self.squares -= distance * (number - self.mean)

    def value(self) -> float | None:
        """The result for the rows at hand."""
        divisor = self.count - self.sample
        if divisor <= 0:
            return None
        found = max(0.0, self.squares) / divisor
        return math.sqrt(found) if self.root else found

    def finalize(self) -> float | None:
        """The result for all rows."""
        return self.value()


class SampleVariance(Spread):
    """The variance of a sample."""

    sample = True


class Deviation(Spread):
    """The standard deviation."""

    root = True


class SampleDeviation(Spread):
    """The standard deviation of a sample."""

    sample = True
    root = True


class JoinedText:
    """Texts joined by a delimiter, distinct and in an order where that is asked for.

    The arguments of a row: the way, the delimiter, the text, then what is ordered by. The way has
    "d" first where equal texts count once, then two letters for each key: "a" or "d" for the
    direction, "f" or "l" for the place of nulls.
    """

    def __init__(self) -> None:
        self.way = ""
        self.delimiter = ""
        self.rows: list[tuple[Any, ...]] = []

    def step(self, way: str, delimiter: str, text: Any, *keys: Any) -> None:
        """Take a row in."""
        if text is not None:
            self.way, self.delimiter = way, delimiter
            self.rows.append((text, *keys))

    def finalize(self) -> str | None:
        """The joined text; null where there was none."""
        if not self.rows:
            return None
        rows = self.rows
        if self.way.startswith("d"):
            rows = list({row[0]: row for row in rows}.values())
        ways = self.way[1:]
        for index in range(len(ways) // 2 - 1, -1, -1):
            descending, nulls = ways[2 * index] == "d", ways[2 * index + 1]
            last = (nulls == "l") != descending
            key = functools.partial(_key, index + 1, last)
            rows = sorted(rows, key=key, reverse=descending)
        return self.delimiter.join(str(row[0]) for row in rows)


def _key(index: int, nulls_last: bool, row: tuple[Any, ...]) -> tuple[Any, ...]:
    value = row[index]
    if value is None:
        return (2 if nulls_last else -1, 0)
    return (1, value) if isinstance(value, (str, bytes)) else (0, value)


#: Name in SQL, number of arguments, class, whether windows can use it.
AGGREGATES: tuple[tuple[str, int, type, bool], ...] = (
    ("manybase_var_pop", 1, Spread, True),
    ("manybase_var_samp", 1, SampleVariance, True),
    ("manybase_stddev_pop", 1, Deviation, True),
    ("manybase_stddev_samp", 1, SampleDeviation, True),
    ("manybase_string_agg", -1, JoinedText, False),
)
