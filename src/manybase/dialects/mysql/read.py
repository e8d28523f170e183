"""How MariaDB and MySQL word EXPLAIN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Exists, ScalarSelect, func
from sqlalchemy.sql.expression import ColumnClause
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import replacement_traverse

from manybase.dialects.hooks_read import ReadHooks

_AGGREGATES = frozenset({"avg", "count", "group_concat", "max", "min", "sum"})
_AGGREGATES |= {"stddev_pop", "stddev_samp", "var_pop", "var_samp"}


class MySQLRead(ReadHooks):
    """EXPLAIN and ANALYZE of MariaDB and MySQL."""

    explain_formats = ("JSON", "TRADITIONAL")
    mariadb: bool

    def having(self, condition: Any, columns: Sequence[Any]) -> Any:
        # A column of another table with a name that is selected, too, is "unknown" to HAVING. All
        # rows of a group have one value of it, which MIN() gives.
        own = {str(column) for column in columns}

        def told(element: Any, **options: Any) -> Any:
            if isinstance(element, (ScalarSelect, Exists)):
                return element
            if isinstance(element, FunctionElement) and element.name in _AGGREGATES:
                return element
            return (
                func.min(element)
                if isinstance(element, ColumnClause) and str(element) in own
                else None
            )

        return replacement_traverse(condition, {}, told)

    def _explain(self, sql: str, form: str | None, options: Mapping[str, Any]) -> str:
        words = self._flags(options, ("analyze", "extended"))
        verb = "EXPLAIN"
        if "ANALYZE" in words:
            verb = "ANALYZE" if self.mariadb else "EXPLAIN ANALYZE"
        if "EXTENDED" in words:
            verb += " EXTENDED"
        shown = f" FORMAT={form}" if form == "JSON" or (form and not self.mariadb) else ""
        return f"{verb}{shown} {sql}"
