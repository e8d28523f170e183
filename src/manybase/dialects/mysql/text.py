"""How MariaDB and MySQL compare texts: LIKE under a collation that compares code points."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String, cast, collate, func, literal_column

from manybase.dialects.converter import Converter, call
from manybase.dialects.hooks_text import TextHooks, like_contains, like_endswith, like_startswith

_PATTERNS = {
    "contains": call(like_contains),
    "startswith": call(like_startswith),
    "endswith": call(like_endswith),
}


class MySQLText(TextHooks):
    """Comparisons of texts of MariaDB and MySQL."""

    #: A collation that tells cases, accents and trailing spaces apart.
    exact_collation: str

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
        elif kind == "exact":
            return lhs == rhs
        exact: ColumnElement[Any] = collate(rhs, self.exact_collation)
        if kind == "exact":
            return lhs == exact
        if not raw:
            return lhs.op("LIKE", is_comparison=True)(exact)
        if kind == "contains":
            return func.locate(exact, lhs) > literal_column("0")
        side = func.left if kind == "startswith" else func.right
        return side(lhs, func.char_length(rhs)) == exact

    def regex(
        self, lhs: ColumnElement[Any], rhs: ColumnElement[Any], ignore_case: bool = False
    ) -> ColumnElement[bool]:
        # Said in the expression itself, as otherwise the column's collation would decide.
        mode = literal_column("'(?i)'" if ignore_case else "'(?-i)'", String)
        return lhs.op("REGEXP", is_comparison=True)(func.concat(mode, rhs))

    def cast_text(self, lhs: ColumnElement[Any], storage: Any = None) -> ColumnElement[str]:
        text = cast(lhs, String)
        if storage is None or storage.family not in ("datetime", "time"):
            return text
        # Spelled as elsewhere: without a fraction of nothing.
        return func.replace(text, literal_column("'.000000'"), literal_column("''"))
