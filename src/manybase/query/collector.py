"""Python's cyclic garbage collector, kept out of loops that make many objects at once.

A long hydration makes tens of thousands of objects and no garbage; the collector would walk them
over and over. It is paused for the process while such loops run and put back as it was, also after
an error; loops in several threads are counted. Called by generated hydration only.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Concatenate, ParamSpec

FEWEST_ROWS = 256
Rows = Sequence[Sequence[Any]]
P = ParamSpec("P")


class _Pause:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._was_on = False

    def begin(self) -> None:
        with self._lock:
            if not self._running:
                self._was_on = gc.isenabled()
                gc.disable()
            self._running += 1

    def end(self) -> None:
        with self._lock:
            self._running -= 1
            if not self._running and self._was_on:
                gc.enable()


_pause = _Pause()


@contextlib.contextmanager
def paused(count: int) -> Iterator[None]:
    """Keep the collector out of a block that makes ``count`` objects, where that is many.

    Nothing may be awaited inside: other tasks would run without it.
    """
    if count < FEWEST_ROWS:
        yield
        return
    _pause.begin()
    try:
        yield
    finally:
        _pause.end()


def resting(hydrate: Callable[..., list[Any]], rows: Sequence[Any], alias: str) -> list[Any]:
    """Run ``hydrate(rows, alias, True)`` while the collector rests."""
    _pause.begin()
    try:
        return hydrate(rows, alias, True)
    finally:
        _pause.end()


def without_collections(
    hydrate: Callable[Concatenate[Rows, P], list[Any]],
) -> Callable[Concatenate[Rows, P], list[Any]]:
    """Return the function so that long runs of it are not interrupted by the collector."""

    def hydrated(rows: Rows, /, *args: P.args, **kwargs: P.kwargs) -> list[Any]:
        if len(rows) < FEWEST_ROWS:
            return hydrate(rows, *args, **kwargs)
        _pause.begin()
        try:
            return hydrate(rows, *args, **kwargs)
        finally:
            _pause.end()

    return hydrated
