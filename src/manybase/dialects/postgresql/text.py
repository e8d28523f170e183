"""How PostgreSQL compares texts: LIKE, which tells cases apart, and UPPER."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal_column

from manybase.dialects.converter import Converter, call
from manybase.dialects.hooks_text import TextHooks, like_contains, like_endswith, like_startswith
from manybase.dialects.postgresql.time import _word, microseconds

_PATTERNS = {
    "contains": call(like_contains),
    "startswith": call(like_startswith),
    "endswith": call(like_endswith),
}


_CLOCKS = {"datetime": "YYYY-MM-DD HH24:MI:SS.US", "time": "HH24:MI:SS.US"}


class PostgreSQLText(TextHooks):
    """PostgreSQL's comparisons of texts."""

    use_tz: bool

    def pattern(self, kind: str, ignore_case: bool = False) -> Converter | None:
        return _PATTERNS.get(kind)

    def text_match(
        self,
        kind: str,
        lhs: ColumnElement[Any],
        rhs: ColumnElement[Any],
        ignore_case: bool = False,
        raw: bool = False,
    ) -> ColumnElement[bool]:
        if ignore_case:
            lhs, rhs = func.upper(lhs), func.upper(rhs)
        if kind == "exact":
            return lhs == rhs
        if not raw:
            return lhs.op("LIKE", is_comparison=True)(rhs)
        if kind == "contains":
            return func.strpos(lhs, rhs) > literal_column("0")
        side = func.left if kind == "startswith" else func.right
        return side(lhs, func.length(rhs)) == rhs

    def regex(
        self, lhs: ColumnElement[Any], rhs: ColumnElement[Any], ignore_case: bool = False
    ) -> ColumnElement[bool]:
        return lhs.op("~*" if ignore_case else "~", is_comparison=True)(rhs)

    def cast_text(self, lhs: ColumnElement[Any], storage: Any = None) -> ColumnElement[str]:
        family = storage.family if storage is not None else ""
        if family == "ip":
            return func.host(lhs)
        if family in _CLOCKS:
            # Spelled as elsewhere: the clock of UTC, without a fraction of nothing.
            wall = func.timezone(_word("UTC"), lhs) if family == "datetime" and self.use_tz else lhs
            shown = func.to_char(wall, _word(_CLOCKS[family]))
            return func.replace(shown, _word(".000000"), _word(""))
        return cast(microseconds(lhs) if family == "duration" else lhs, String)
