"""How a column of values becomes one parameter: the text of a PostgreSQL array.

The driver turns lists into arrays value by value; for numbers, dates and texts the whole column is
written here at once, by a few calls that run in C. Everything else is left to the driver.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Column = list[Any]
_SEPARATOR = "\0"  # no text of PostgreSQL holds it


def writer(family: str) -> Callable[[Column], Any]:
    """Return the function from a column of the driver's values to the parameter."""
    return _WRITERS.get(family, list)


def _plain(values: Column) -> str:
    """Values whose texts need no quotes."""
    if None in values:
        return "{" + ",".join(["NULL" if v is None else str(v) for v in values]) + "}"
    return "{" + ",".join(map(str, values)) + "}"


def _texts(values: Column) -> Any:
    if None in values:
        return "{" + ",".join(["NULL" if v is None else _quoted(v) for v in values]) + "}"
    text = _SEPARATOR.join(values)
    if text.count(_SEPARATOR) >= len(values):
        return values  # the driver says what is wrong with it
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace(_SEPARATOR, '","')
    return '{"' + text + '"}'


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_WRITERS: dict[str, Callable[[Column], Any]] = {
    "integer": _plain,
    "decimal": _plain,
    "date": _plain,
    "uuid": _plain,
    "text": _texts,
    "json": _texts,
}
