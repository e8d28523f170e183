"""How MariaDB and MySQL word EXPLAIN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manybase.dialects.hooks_read import ReadHooks


class MySQLRead(ReadHooks):
    """EXPLAIN and ANALYZE of MariaDB and MySQL."""

    explain_formats = ("JSON", "TRADITIONAL")
    mariadb: bool

    def _explain(self, sql: str, form: str | None, options: Mapping[str, Any]) -> str:
        words = self._flags(options, ("analyze", "extended"))
        verb = "EXPLAIN"
        if "ANALYZE" in words:
            verb = "ANALYZE" if self.mariadb else "EXPLAIN ANALYZE"
        if "EXTENDED" in words:
            verb += " EXTENDED"
        shown = f" FORMAT={form}" if form == "JSON" or (form and not self.mariadb) else ""
        return f"{verb}{shown} {sql}"
