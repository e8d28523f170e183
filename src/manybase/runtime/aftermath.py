"""Calls what ``on_commit()`` was given where there is no commit to wait for.

A coroutine function given inside a running loop becomes a task of it. Called by
``db.transaction``.
"""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable
from typing import Any

from manybase.errors import QueryError
from manybase.runtime.loops import in_loop

logger = logging.getLogger("manybase.transaction")

_tasks: set[Any] = set()


def run_now(function: Callable[[], Any], robust: bool) -> None:
    """Call a function; where ``robust``, log its error instead of raising it."""
    try:
        answer = function()
    except Exception as error:
        if not robust:
            raise
        logger.exception("error calling %r in on_commit(): %s", function, error)
        return
    if not inspect.iscoroutine(answer):
        return
    if not in_loop():
        answer.close()
        raise QueryError(
            "on_commit() was given a coroutine function, but no event loop runs here",
            hint="Give it an ordinary function, or use 'async with atomic()'.",
        )
    task = sys.modules["asyncio"].ensure_future(answer)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)
