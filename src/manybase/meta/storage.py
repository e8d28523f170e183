"""How the values of a field are kept in a column, said without naming a database.

A field describes its column by a ``Storage``; each dialect maps it to a column type and to the
conversions between the driver's values and Python's.
"""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Storage:
    """The kind of a column.

    Args:
        family: One of integer, text, float, decimal, boolean, date, time, datetime, duration,
            uuid, binary, json, ip.
        size: Bytes of an integer (2, 4, 8); longest text in characters (None for no limit).
        precision: All digits of a decimal.
        scale: Digits after the point of a decimal.
        positive: Whether the database refuses numbers below zero.
        auto: Whether the database numbers the rows by itself.
        collation: The name of the column's collation, as the database knows it.
        encoder: A class or function that a JSON column's values are encoded with.
        decoder: A function that a JSON column's values are decoded with.
    """

    family: str
    size: int | None = None
    precision: int | None = None
    scale: int | None = None
    positive: bool = False
    auto: bool = False
    collation: str | None = None
    encoder: Any = None
    decoder: Any = None

    def __hash__(self) -> int:
        # Shapes hold these and are hashed at every look-up: the parts that differ are enough.
        return hash((self.family, self.size, self.scale))
