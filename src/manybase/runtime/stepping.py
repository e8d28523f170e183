"""Drives the coroutines of the core without an event loop.

A coroutine that waits only for the methods of a synchronous executor never suspends: one step runs
it to its end. Should it suspend all the same, that is a defect of the core and says so. Called by
the synchronous face of ``models`` and ``db``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator
from typing import Any, TypeVar

from manybase.errors import CoreSuspended

T = TypeVar("T")


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine of the core to its end in one step and return its result.

    Raises:
        CoreSuspended: The coroutine waited for something that is not there yet.
    """
    try:
        waiting_on = work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    work.close()
    name = getattr(work, "__qualname__", type(work).__qualname__)
    raise CoreSuspended(
        f"'{name}' waited for {waiting_on!r} on the synchronous face",
        hint="A coroutine of the core may await nothing but the methods of its executor.",
    )


def iter_sync(items: AsyncIterator[T]) -> Iterator[T]:
    """Iterate over an asynchronous generator of the core, one step for each item."""
    suspended = False
    try:
        while True:
            try:
                item = run_sync(_next(items))
            except StopAsyncIteration:
                return
            except CoreSuspended:
                suspended = True
                raise
            yield item
    finally:
        # A generator that is waiting cannot be closed.
        if isinstance(items, AsyncGenerator) and not suspended:
            run_sync(_close(items))


async def _next(items: AsyncIterator[T]) -> T:
    return await anext(items)


async def _close(items: AsyncGenerator[Any, Any]) -> None:
    await items.aclose()
