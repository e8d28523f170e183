"""The mark that tells whether what was worked out for a short way still holds.

Who changes what short ways rely on (settings, routers, models, receivers of signals, plans) calls
``epoch.turn()`` when the change is made. Who keeps a short way keeps with it the mark that it read
before it worked it out. It knows neither of them.
"""

from __future__ import annotations


class Epoch:
    """The time between two changes.

    Attributes:
        mark: An object that is never the same again after ``turn()``.
    """

    __slots__ = ("mark",)

    def __init__(self) -> None:
        self.mark = object()

    def turn(self) -> None:
        """Say that something has changed: what is kept with an earlier mark holds no more."""
        self.mark = object()


epoch = Epoch()
