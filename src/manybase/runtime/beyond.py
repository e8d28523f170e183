"""Statements again, with numbers that a driver refuses though its database can compare with them.

Asked on the way out of a failed statement only. Another plan of the same shape writes such a number
so that every comparison answers as mathematics says. Called by both faces.
"""

from __future__ import annotations

from typing import Any

from manybase.query.plan import beyond_plan


def again(plan: Any, params: Any, error: Exception) -> tuple[str, Any] | None:
    """Return the text and the driver's parameters to try after an error; None to give up.

    Args:
        plan: What was run; None for a statement that has no plan.
        params: The values that it was given.
        error: What the driver raised.
    """
    if type(error) is not OverflowError or plan is None:
        return None
    other = beyond_plan(plan)
    return None if other is None else (other.sql, other.bind(params))
