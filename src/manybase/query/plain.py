"""The types of values that stand for nothing but themselves: they never change a shape."""

from __future__ import annotations

import datetime
import decimal
import uuid

PLAIN = frozenset(
    {
        int,
        str,
        float,
        decimal.Decimal,
        datetime.date,
        datetime.datetime,
        datetime.time,
        datetime.timedelta,
        uuid.UUID,
    }
)
"""Instances of subclasses may be more: members of enumerations, for instance."""
