"""Functions that make JSON of values: dates become ISO texts, booleans and numbers stay such."""

from __future__ import annotations

from typing import Any

from manybase.errors import FieldError
from manybase.meta.storage import Storage
from manybase.query.expressions import Value
from manybase.query.func import Func

JSON = Storage("json")


class JSONArray(Func):
    """A JSON list of values.

    >>> Book.objects.annotate(both=JSONArray("title", F("pages") * 2))
    """

    spelled = "json_array"
    result = JSON

    def check(self, arguments: list[Storage | None]) -> None:
        if any(storage is not None and storage.family == "binary" for storage in arguments):
            raise FieldError(f"{type(self).__name__}() takes no binary values: JSON has none")

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        return dialect.json_array([dialect.json_value(t.sql, t.storage) for t in arguments])


class JSONObject(JSONArray):
    """A JSON object; its keys are bound like values.

    >>> Book.objects.annotate(row=JSONObject(title="title", twice=F("pages") * 2))

    Args:
        fields: Names of fields or expressions, by key.
    """

    spelled = "json_object"

    def __init__(self, /, **fields: Any) -> None:
        parts = [part for key, value in fields.items() for part in (Value(key), value)]
        super().__init__(*parts)

    @classmethod
    def build(cls, dialect: Any, arguments: list[Any], options: Any, storage: Any) -> Any:
        made = [dialect.json_value(term.sql, term.storage) for term in arguments[1::2]]
        keys = [term.sql for term in arguments[::2]]
        return dialect.json_object(list(zip(keys, made, strict=True)))
