"""Tells whoever asks which statements run; costs nothing while nobody asks.

``capture()`` lists the statements of one block of the program, in its thread or task and the tasks
made in it; ``listen()`` calls a function for each statement of the process. Observes only.
Executors report here on their slow path; starting to listen empties their quick ways.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One statement that was sent.

    Args:
        alias: The database.
        sql: The text as the driver got it.
        params: The driver's parameters; a list of them where ``many``.
        seconds: How long it took.
        many: Whether it was sent for several rows of parameters.
        transaction: Whether it is BEGIN, COMMIT, a savepoint or the like.
        error: What it raised.
    """

    alias: str
    sql: str
    params: Any
    seconds: float
    many: bool = False
    transaction: bool = False
    error: BaseException | None = None

    def __getitem__(self, key: str) -> Any:
        return {"sql": self.sql, "time": f"{self.seconds:.3f}"}[key]


class Captured(list[Event]):
    """The statements seen by one ``capture()``."""

    def __init__(self, alias: str | None, transactions: bool) -> None:
        super().__init__()
        self.alias = alias
        self.transactions = transactions

    @property
    def sql(self) -> list[str]:
        """The texts alone."""
        return [event.sql for event in self]

    def wants(self, event: Event) -> bool:
        """Whether the statement is one of those asked for."""
        return self.alias in (None, event.alias) and (self.transactions or not event.transaction)


Listener = Callable[[Event], Any]

_captures: ContextVar[tuple[Captured, ...]] = ContextVar("manybase_captures", default=())
_open = 0
_listeners: list[Listener] = []
_watchers: list[Callable[[], Any]] = []


def watch(changed: Callable[[], Any]) -> None:
    """Call ``changed()`` whenever somebody starts to listen."""
    _watchers.append(changed)


def wanted() -> bool:
    """Whether anybody, in any thread, wants to hear of statements."""
    return bool(_open or _listeners)


@contextmanager
def capture(alias: str | None = None, *, transactions: bool = False) -> Iterator[Captured]:
    """List the statements that run inside the block.

    Args:
        alias: Only those on this database.
        transactions: Also BEGIN, COMMIT and savepoints.

    Example:
        >>> with capture("default") as statements:
        ...     Book.objects.count()
        >>> len(statements)
        1
    """
    global _open
    found = Captured(alias, transactions)
    before = _captures.get()
    _captures.set((*before, found))
    _open += 1
    _announce()
    try:
        yield found
    finally:
        _open -= 1
        # Not reset(token): a fixture's end may run in another context than its beginning.
        _captures.set(tuple(one for one in _captures.get() if one is not found))


def listen(listener: Listener) -> Callable[[], None]:
    """Call ``listener(event)`` after each statement of the process; return how to stop that."""
    _listeners.append(listener)
    _announce()

    def stop() -> None:
        if listener in _listeners:
            _listeners.remove(listener)

    return stop


def _announce() -> None:
    for changed in _watchers:
        changed()


class Timing:
    """Measures one statement and reports it at its end; used as a context manager."""

    __slots__ = ("_alias", "_many", "_params", "_sql", "_start", "_transaction")

    def __init__(
        self, alias: str, sql: str, params: Any, *, many: bool = False, transaction: bool = False
    ) -> None:
        self._alias = alias
        self._sql = sql
        self._params = params
        self._many = many
        self._transaction = transaction

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        seconds = time.perf_counter() - self._start
        event = Event(
            self._alias, self._sql, self._params, seconds, self._many, self._transaction, error
        )
        for captured in _captures.get():
            if captured.wants(event):
                captured.append(event)
        for listener in tuple(_listeners):
            listener(event)


def note(text: str, *values: object) -> None:
    """Write to the log what went wrong where nobody can be told."""
    logging.getLogger("manybase.runtime").debug(text, *values)
