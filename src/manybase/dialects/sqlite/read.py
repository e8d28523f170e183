"""How SQLite words EXPLAIN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manybase.dialects.hooks_read import ReadHooks


class SQLiteRead(ReadHooks):
    """EXPLAIN QUERY PLAN of SQLite."""

    def _explain(self, sql: str, form: str | None, options: Mapping[str, Any]) -> str:
        self._flags(options, ())
        return f"EXPLAIN QUERY PLAN {sql}"
