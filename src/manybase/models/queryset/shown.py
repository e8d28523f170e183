"""``str(queryset.query)``: the statement as text, values filled in for reading only.

The text is never executed: programs print it, tests compare it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from manybase.query.plan import plan_for
from manybase.query.state import Recording
from manybase.runtime import sync as sync_face

if TYPE_CHECKING:
    from manybase.models.queryset.base import QuerySetBase

_MARKS = re.compile(r"\$(\d+)|\?|%s|'(?:[^']|'')*'")


class ShownQuery:
    """The statement of a queryset.

    Args:
        queryset: The queryset.
    """

    def __init__(self, queryset: QuerySetBase[Any]) -> None:
        self._queryset = queryset

    @property
    def model(self) -> Any:
        """The model whose rows are read."""
        return self._queryset.model

    @property
    def recording(self) -> QuerySetBase[Any]:
        """The calls that the statement is made from."""
        return self._queryset

    def __reduce__(self) -> Any:
        # Pickled without running: the calls and their values, not the rows.
        rows = self._queryset
        calls = Recording(rows.model, rows.placed_on)
        calls.shape, calls.params = rows.shape, rows.params
        calls.places, calls.annotations = rows.places, rows.annotations
        return (_revived, (type(rows), calls))

    def sql_with_params(self) -> tuple[str, tuple[Any, ...]]:
        """Return the SQL and the driver's parameters, after checking the values' places."""
        rows = self._queryset
        alias = rows._read_alias()
        plan = plan_for(rows, "select", sync_face.dialect(alias))
        return plan.sql, tuple(plan.bind(rows.params))

    def __str__(self) -> str:
        sql, params = self.sql_with_params()
        left = list(params)

        def fill(match: re.Match[str]) -> str:
            if match[0][0] == "'":
                return match[0]
            value = params[int(match[1]) - 1] if match[1] else left.pop(0)
            return _shown(value)

        return _MARKS.sub(fill, sql).replace("%%", "%")


def _revived(kind: type[QuerySetBase[Any]], calls: Recording) -> ShownQuery:
    return ShownQuery(kind(calls.model, calls, calls.placed_on))


def _shown(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return str(value)
    text = str(value).replace("'", "''")
    return f"'{text}'"
