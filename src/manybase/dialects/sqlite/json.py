"""How SQLite reads documents: its JSON functions, and ours (``documents``) for what they lack."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import String, func, literal_column

from manybase.dialects.hooks_json import PLAIN_KEY, Bind, JSONHooks

_WORDS: dict[str, tuple[str, ...]] = {
    "null": ("null",),
    "text": ("text",),
    "number": ("integer", "real"),
    "boolean": ("true", "false"),
    "list": ("array",),
    "object": ("object",),
}
_ALL = literal_column("'$'", String)


class SQLiteJSON(JSONHooks):
    """SQLite's documents, which are texts."""

    def json_at(self, document: Any, keys: Sequence[str | int], bind: Bind) -> Any:
        if not all(isinstance(key, int) or PLAIN_KEY.fullmatch(key) for key in keys):
            # SQLite compares keys as they are written, escapes and all.
            return func.manybase_json_at(document, bind(json.dumps(list(keys))))
        path = "".join(_step(key) for key in keys)
        return document.op("->", precedence=15)(literal_column(f"'${path}'", String))

    def json_kind(self, value: Any) -> Any:
        return func.json_type(value)

    def json_words(self, kind: str) -> Sequence[str]:
        return _WORDS[kind]

    def json_bare(self, value: Any) -> Any:
        return func.manybase_json_text(value)

    def json_text(self, value: Any) -> Any:
        return func.iif(self.json_is(value, "text"), func.json_extract(value, _ALL), None)

    def json_as_number(self, value: Any) -> Any:
        return func.json_extract(value, _ALL)

    def json_truth(self, value: Any, wanted: bool) -> Any:
        return func.json_type(value) == literal_column("'true'" if wanted else "'false'")

    def json_equal(self, one: Any, other: Any) -> Any:
        return func.manybase_json_equal(one, other) == literal_column("1")

    def json_contains(self, value: Any, part: Any, kind: str) -> Any:
        return func.manybase_json_contains(value, part) == literal_column("1")

    def json_has(self, value: Any, keys: Sequence[Any]) -> Any:
        return func.manybase_json_has(value, keys[0]) == literal_column("1")


def _step(key: str | int) -> str:
    if isinstance(key, str):
        return f'."{key}"'
    return f"[{key}]" if key >= 0 else f"[#{key}]"
