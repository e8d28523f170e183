"""Counts the statements of a piece of work, per database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manybase.runtime.events import capture


def counted(work: Callable[[], Any]) -> dict[str, int]:
    """How many statements a piece of work sends to each database."""
    with capture() as log:
        work()
    counts: dict[str, int] = {}
    for event in log:
        counts[event.alias] = counts.get(event.alias, 0) + 1
    return counts
