"""How a value that was not loaded is fetched when it is asked for; plain data.

Options of relations and the setting ``FETCH_MODE`` name a mode; ``models.fetch_modes`` acts on it.
"""

from __future__ import annotations

import enum
from typing import Any

from manybase.errors import ConfigurationError, hint_for


class FetchMode(enum.Enum):
    """What happens when a relation or a deferred field is read that was not loaded."""

    ONE = "one"
    PEERS = "peers"
    RAISE = "raise"

    def __repr__(self) -> str:
        return f"FETCH_{self.name}"


FETCH_ONE = FetchMode.ONE
"""Fetch it for the one object that was asked."""
FETCH_PEERS = FetchMode.PEERS
"""Fetch it for all objects of the same query, in one query per database."""
FETCH_RAISE = FetchMode.RAISE
"""Fetch nothing and raise ``FieldFetchBlocked``."""


def as_mode(value: Any, where: str) -> FetchMode | None:
    """Return a mode given as such or as its word; None for None.

    Args:
        value: What was given.
        where: What it was given to, for the error.

    Raises:
        ConfigurationError: It is none.
    """
    if value is None or isinstance(value, FetchMode):
        return value
    words = [mode.value for mode in FetchMode]
    if value in words:
        return FetchMode(value)
    raise ConfigurationError(
        f"{where} is {value!r}, which is no fetch mode",
        hint=hint_for(str(value), words) or "Write FETCH_ONE, FETCH_PEERS or FETCH_RAISE.",
    )
