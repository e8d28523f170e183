"""How PostgreSQL reads documents: the operators of ``jsonb``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, Numeric, String, and_, case, cast, collate, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.elements import Grouping

from manybase.dialects.hooks_json import PLAIN_KEY, Bind, JSONHooks

_WORDS = {
    "null": "null",
    "text": "string",
    "number": "number",
    "boolean": "boolean",
    "list": "array",
    "object": "object",
}


class PostgreSQLJSON(JSONHooks):
    """PostgreSQL's documents."""

    def json_at(self, document: Any, keys: Sequence[str | int], bind: Bind) -> Any:
        for key in keys:
            if isinstance(key, int):
                # Otherwise place 0 of a text or a number would be the thing itself.
                place = _arrow(document, literal_column(str(key)))
                document = case((self.json_is(document, "list"), place))
            elif PLAIN_KEY.fullmatch(key):
                document = _arrow(document, literal_column(f"'{key}'", String))
            else:
                document = _arrow(document, cast(bind(key), String))
        return document

    def json_kind(self, value: Any) -> Any:
        return func.jsonb_typeof(value)

    def json_words(self, kind: str) -> Sequence[str]:
        return (_WORDS[kind],)

    def json_bare(self, value: Any) -> Any:
        empty: Any = literal_column("'{}'")
        return collate(
            value.op("#>>", precedence=15, return_type=String())(empty).self_group(), "C"
        )

    def json_as_number(self, value: Any) -> Any:
        return cast(self.json_bare(value), Numeric)

    def json_truth(self, value: Any, wanted: bool) -> Any:
        return value == literal_column(f"CAST('{str(wanted).lower()}' AS JSONB)")

    def json_boolean(self, value: Any) -> Any:
        return case((self.json_is(value, "boolean"), cast(self.json_bare(value), Boolean)))

    def json_equal(self, one: Any, other: Any) -> Any:
        return one == other

    def json_contains(self, value: Any, part: Any, kind: str) -> Any:
        return value.op("@>", is_comparison=True)(part)

    def json_has(self, value: Any, keys: Sequence[Any]) -> Any:
        # Alone, the operator would also find texts in lists.
        found = value.op("?", is_comparison=True)(cast(keys[0], String))
        return and_(self.json_is(value, "object"), found)

    def json_given(self, bound: Any) -> Any:
        return cast(bound, JSONB)


def _arrow(document: Any, step: Any) -> Any:
    # In parentheses, as PostgreSQL reads a @> b -> 'c' from left to right.
    return Grouping(document.op("->", precedence=15, return_type=JSONB())(step))
