"""``explain()``: what the database means to do for a query, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from manybase.query.plan import Plan, plan_for

if TYPE_CHECKING:
    from manybase.query.state import Recording
    from manybase.runtime.executor import Executor


async def explain(
    executor: Executor,
    recording: Recording,
    alias: str,
    form: str | None,
    options: Mapping[str, Any],
) -> str:
    """Return the rows of EXPLAIN as lines of text."""
    dialect = await executor.dialect(alias)
    plan = plan_for(recording, "select", dialect)
    sql = dialect.explain(plan.sql, form, options)
    asked = Plan(recording.model, sql, plan.bind, plan.hydrate)
    rows = await executor.fetch(alias, asked, recording.params)
    return "\n".join(" ".join(map(str, row)) for row in rows)
