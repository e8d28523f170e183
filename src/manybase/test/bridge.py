"""Lets coroutines of a test use the connections, and so the transactions, of its thread.

While a coroutine of a ``TestCase`` runs, the asynchronous executor hands its statements to the
synchronous one: what ``setUpTestData`` wrote is seen, and what the test writes is rolled back.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from manybase.conf import settings
from manybase.runtime.aio import aio
from manybase.runtime.sync import sync

_PLAIN = ("dialect", "fetch", "execute", "insert", "execute_many", "raw", "script")


@contextmanager
def one_connection() -> Iterator[None]:
    """Have both faces of this thread use the same connections."""
    own = vars(aio)
    before = dict(own)
    own.update({name: _shared(name) for name in _PLAIN}, stream=_stream, atomic=_Atomic)
    own["in_block"] = sync.in_block
    try:
        yield
    finally:
        own.clear()
        own.update(before)


def _allowed() -> AbstractContextManager[None]:
    """Let a synchronous statement through the check for a running loop."""
    return settings.override(ALLOW_SYNC_IN_EVENT_LOOP=True)


def _shared(name: str) -> Callable[..., Any]:
    work = getattr(sync, name)

    async def shared(*args: Any, **values: Any) -> Any:
        with _allowed():
            return await work(*args, **values)

    return shared


async def _stream(
    alias: str, plan: Any, params: Any, size: int = 2000
) -> AsyncGenerator[Any, None]:
    rows = sync.stream(alias, plan, params, size)
    try:
        while True:
            with _allowed():
                some = await anext(rows, None)
            if some is None:
                return
            yield some
    finally:
        await rows.aclose()


class _Atomic:
    """``aio.atomic()`` on the thread's session."""

    def __init__(self, *aliases: str, **options: Any) -> None:
        self._entering = sync.atomic(*aliases, **options)

    async def __aenter__(self) -> Any:
        with _allowed():
            return await self._entering.__aenter__()

    async def __aexit__(self, kind: object, error: object, trace: object) -> None:
        with _allowed():
            await self._entering.__aexit__(kind, error, trace)
