"""How PostgreSQL words DISTINCT ON and EXPLAIN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import distinct_on

from manybase.dialects.hooks_read import ReadHooks

OPTIONS = (
    "analyze",
    "verbose",
    "costs",
    "settings",
    "buffers",
    "wal",
    "timing",
    "summary",
)


class PostgreSQLRead(ReadHooks):
    """DISTINCT ON and EXPLAIN of PostgreSQL."""

    explain_formats = ("JSON", "TEXT", "XML", "YAML")

    def distinct_on(self, select: Any, columns: Sequence[Any]) -> Any:
        return select.ext(distinct_on(*columns))

    def _explain(self, sql: str, form: str | None, options: Mapping[str, Any]) -> str:
        self._flags(options, OPTIONS)
        words = [f"{word.upper()} {'TRUE' if on else 'FALSE'}" for word, on in options.items()]
        if form:
            words.append(f"FORMAT {form}")
        return f"EXPLAIN ({', '.join(words)}) {sql}" if words else f"EXPLAIN {sql}"
