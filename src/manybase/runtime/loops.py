"""Refuses a synchronous call inside a running event loop, which would stall every other task.

Looks at ``asyncio`` only where the program has imported it already. Allowed in notebooks, with the
setting ``ALLOW_SYNC_IN_EVENT_LOOP`` and with ``MANYBASE_ALLOW_SYNC`` in the environment. Called by
``runtime.sync`` and ``db``.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from manybase.conf import settings
from manybase.errors import SyncOnlyOperation

_FALSE = frozenset({"", "0", "false", "no", "off"})


def in_loop() -> bool:
    """Whether an event loop runs in this thread."""
    events = sys.modules.get("asyncio.events")
    return events is not None and events._get_running_loop() is not None


def refuse_in_loop(alias: str | None = None, twin: str | None = None) -> None:
    """Raise where a loop runs in this thread and synchronous calls are not allowed.

    Args:
        alias: The database that was about to be used.
        twin: What to type instead, where the caller knows it.

    Raises:
        SyncOnlyOperation: The message says what to type instead.
    """
    if not in_loop() or allowed():
        return
    where = f" on the database '{alias}'" if alias else ""
    raise SyncOnlyOperation(
        f"a synchronous statement{where} inside a running event loop would stop all its tasks",
        hint=f"{_advice(twin)} To allow it, set ALLOW_SYNC_IN_EVENT_LOOP.",
    )


def allowed() -> bool:
    """Whether synchronous calls are wanted inside a loop."""
    if settings.ALLOW_SYNC_IN_EVENT_LOOP:
        return True
    if os.environ.get("MANYBASE_ALLOW_SYNC", "").lower() not in _FALSE:
        return True
    return _in_notebook()


def _in_notebook() -> bool:
    # A notebook's kernel runs its cells inside a loop of its own.
    ipython: Any = sys.modules.get("IPython")
    if ipython is None or "ipykernel" not in sys.modules:
        return False
    shell = ipython.get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None


def _advice(twin: str | None) -> str:
    if twin is not None:
        return f"Type {twin} instead."
    found = _called_name()
    if found is not None:
        return f"Type {found} instead."
    return (
        "Use the asynchronous spelling: 'await ....aget()', 'async for', 'await obj.asave()',"
        " 'async with atomic()'."
    )


_FACES = ("manybase.models", "manybase.db", "manybase.contrib")
_DUNDERS = {
    "__iter__": "'async for' over the queryset",
    "__len__": "'await ....acount()'",
    "__bool__": "'await ....aexists()'",
    "__contains__": "'await ....acontains()'",
    "__getitem__": "'async for' over the slice",
    "__enter__": "'async with'",
}


def _called_name() -> str | None:
    """Find the public method through which the program came, and the spelling of its twin."""
    frame = sys._getframe(2)
    found: str | None = None
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if not module.startswith("manybase."):
            break
        if module.startswith(_FACES):
            found = _twin(frame) or found
        frame = frame.f_back  # type: ignore[assignment]  # typeshed says FrameType | None
    return found


def _twin(frame: Any) -> str | None:
    name = frame.f_code.co_name
    if name in _DUNDERS:
        return _DUNDERS[name]
    first = frame.f_code.co_varnames[:1]
    owner = frame.f_locals.get(first[0]) if first else None
    if owner is not None and not name.startswith("_") and hasattr(type(owner), "a" + name):
        return f"'await ....a{name}()'"
    return None
