"""Calls that have no meaning on a recording, refused at the call."""

from __future__ import annotations

from manybase.errors import QueryError
from manybase.query.state import Recording


def refuse_combined(recording: Recording, verb: str) -> None:
    """Refuse a call that has no meaning after ``union()`` and its like.

    Raises:
        QueryError: The recording is a combination.
    """
    for call in recording.shape:
        if call[0] == "combine":
            raise QueryError(
                f"calling {verb}() after {call[1]}() is not supported",
                hint=f"Call {verb}() on each queryset before they are combined.",
            )
