"""How SQLite's SELECTs end: with an OFFSET only where rows are left out.

SQLAlchemy writes ``OFFSET 0`` behind every LIMIT; SQLite counts rows for it in every statement,
which costs a read by key a fifth of its time. Used by the dialect alone.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.sqlite.base import SQLiteCompiler


class Compiler(SQLiteCompiler):
    """SQLAlchemy's compiler, without the offset that is none."""

    def limit_clause(self, select: Any, **kw: Any) -> str:
        if select._offset_clause is not None:
            return str(super().limit_clause(select, **kw))  # type: ignore[no-untyped-call]  # theirs
        return f"\n LIMIT {self.process(select._limit_clause, **kw)}"
