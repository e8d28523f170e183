"""Which session holds now: that of the task inside a loop, else that of the thread.

Called by ``db`` for what both faces spell alike (``on_commit``, the rollback flag).
"""

from __future__ import annotations

from typing import Any

from manybase.runtime import aio, sync
from manybase.runtime.loops import in_loop
from manybase.runtime.session import Session


def session() -> Session[Any] | None:
    """Return the session whose blocks the caller is inside of.

    None inside a loop where neither the task nor the thread has a block open.
    """
    if not in_loop():
        return sync.session()
    found = aio.session()
    if found is not None:
        return found
    # A synchronous block inside a loop, where the settings allow that.
    return sync.session() if sync.session().blocks else None
