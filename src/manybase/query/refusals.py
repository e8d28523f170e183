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


def refuse_dates(recording: Recording, verb: str) -> None:
    """Refuse a call that would be lost after ``dates()`` or ``datetimes()``.

    Raises:
        QueryError: The recording reads dates.
    """
    for call in recording.shape:
        if call[0] == "dates":
            raise QueryError(
                f"cannot call {verb}() after {call[4]}s()",
                hint=f"{call[4]}s(..., order='DESC') and reverse() turn their order round.",
            )
