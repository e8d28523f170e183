"""Tells whoever keeps something computed from a setting that the setting has changed.

Engines and routers subscribe when they are made; ``conf.settings`` announces. Knows no setting by
name and imports nothing of Manybase.
"""

from __future__ import annotations

from collections.abc import Callable

Callback = Callable[[str], None]

_callbacks: list[Callback] = []


def subscribe(callback: Callback) -> Callable[[], None]:
    """Call ``callback(name)`` after each change of a setting; return how to stop that.

    Example:
        >>> stop = subscribe(lambda name: print(name, "has changed"))
        >>> stop()
    """
    _callbacks.append(callback)

    def stop() -> None:
        if callback in _callbacks:
            _callbacks.remove(callback)

    return stop


def announce(name: str) -> None:
    """Tell all subscribers that the setting of this name has changed."""
    for callback in tuple(_callbacks):
        callback(name)
