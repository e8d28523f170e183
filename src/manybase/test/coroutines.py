"""Tests that are coroutines, run on an event loop of their own.

One loop serves ``asyncSetUp``, the test and ``asyncTearDown``; ``setUp`` and ``tearDown`` stay
synchronous. ``atomic`` adds what makes both faces share a connection.
"""

from __future__ import annotations

import asyncio
import inspect
import unittest
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any


class CoroutineTests(unittest.TestCase):
    """Runs ``async def test_...`` methods."""

    _runner: asyncio.Runner | None = None

    async def asyncSetUp(self) -> None:
        """Prepare a test on the loop that it runs on; called after ``setUp``."""

    async def asyncTearDown(self) -> None:
        """Clean up on the loop that the test ran on; called before ``tearDown``."""

    def _callSetUp(self) -> None:
        self._before()
        self.setUp()
        if type(self).asyncSetUp is not CoroutineTests.asyncSetUp:
            self._run(self.asyncSetUp())

    def _callTestMethod(self, method: Callable[[], Any]) -> None:
        found = method()
        if inspect.isawaitable(found):
            self._run(found)

    def _callTearDown(self) -> None:
        try:
            if type(self).asyncTearDown is not CoroutineTests.asyncTearDown:
                self._run(self.asyncTearDown())
        finally:
            self.tearDown()

    def _before(self) -> None:
        """Prepare databases; runs before ``setUp``, and its clean-ups after ``tearDown``."""

    def _bridge(self) -> AbstractContextManager[Any]:
        """What surrounds the running of a coroutine."""
        return nullcontext()

    def _run(self, work: Awaitable[Any]) -> Any:
        if self._runner is None:
            self._runner = asyncio.Runner()
            self.addCleanup(self._close_loop)
        with self._bridge():
            return self._runner.run(_awaited(work))

    def _close_loop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.close()


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work
