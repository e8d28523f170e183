"""How MariaDB and MySQL read documents: their JSON functions over texts, and the kinds of values.

MariaDB keeps documents as the texts that were written, so keys with letters beyond ASCII are looked
for in both spellings, as they are and escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Numeric, and_, case, cast, collate, func, literal_column, not_, or_

from manybase.dialects.composed import Composed
from manybase.dialects.converter import Converter, call
from manybase.dialects.features import Features
from manybase.dialects.hooks_json import (
    PLAIN_KEY,
    Bind,
    Compare,
    JSONHooks,
    path_text,
    raw_path_text,
)
from manybase.dialects.hooks_text import escape_like
from manybase.errors import NotSupportedError

_WORDS: dict[str, tuple[str, ...]] = {
    "null": ("NULL",),
    "text": ("STRING",),
    "number": ("INTEGER", "DOUBLE", "DECIMAL", "UNSIGNED INTEGER"),
    "boolean": ("BOOLEAN",),
    "list": ("ARRAY",),
    "object": ("OBJECT",),
}
_WHOLE: Any = literal_column("'^-?[0-9]{1,64}$'")
#: What JSON_SEARCH takes a key for.
_KEY = call(escape_like)


class MySQLJSON(JSONHooks):
    """Documents of MariaDB and MySQL."""

    mariadb: bool
    features: Features
    #: A collation that tells cases, accents and trailing spaces apart.
    exact_collation: str

    def json_at(self, document: Any, keys: Sequence[str | int], bind: Bind) -> Any:
        names: list[str] = []
        for key in keys:
            if isinstance(key, str):
                names.append(key)
                continue
            parent = self._member(document, names, bind)
            names = []
            # Otherwise place 0 of anything else would be the thing itself.
            document = case((self.json_is(parent, "list"), self._place(parent, key)))
        return self._member(document, names, bind)

    def _place(self, parent: Any, key: int) -> Any:
        if key >= 0 or self.mariadb:
            if key < 0 and not self.features.json_places_from_end:
                raise NotSupportedError(
                    "places from the end of a list are not supported:"
                    f" {self.features.why('json_places_from_end')}"
                )
            return func.json_extract(parent, literal_column(f"'$[{key}]'"))
        last = "last" if key == -1 else f"last-{-key - 1}"
        return func.json_extract(parent, literal_column(f"'$[{last}]'"))

    def _member(self, document: Any, names: list[str], bind: Bind) -> Any:
        for position, name in enumerate(names):
            if name.startswith("-"):
                # MariaDB takes such a key, though in quotes, for a place from the end.
                parent = self._member(document, names[:position], bind)
                place = self._search(parent, bind(escape_like(name)))
                found = func.json_extract(parent, literal_column("'$.*'"))
                found = func.json_extract(found, func.json_unquote(place))
                return self._member(found, names[position + 1 :], bind)
        if not names:
            return document
        if all(PLAIN_KEY.fullmatch(name) for name in names):
            path = "".join(path_text(name) for name in names)
            return func.json_extract(document, literal_column(f"'${path}'"))
        found = func.json_extract(document, bind("$" + "".join(map(path_text, names))))
        if all(name.isascii() for name in names):
            return found
        raw = func.json_extract(document, bind("$" + "".join(map(raw_path_text, names))))
        return func.coalesce(found, raw)

    def _search(self, document: Any, key: Any) -> Any:
        """The place of a key among those of an object; null where it has none."""
        one: Any = literal_column("'one'")
        return func.json_search(func.json_keys(document), one, key)

    def json_kind(self, value: Any) -> Any:
        return func.json_type(value)

    def json_words(self, kind: str) -> Sequence[str]:
        return _WORDS[kind]

    def json_bare(self, value: Any) -> Any:
        return collate(func.json_unquote(value), self.exact_collation)

    def json_as_number(self, value: Any) -> Any:
        return _double(value)

    def json_truth(self, value: Any, wanted: bool) -> Any:
        bare = self.json_bare(value) == literal_column(f"'{str(wanted).lower()}'")
        return and_(self.json_is(value, "boolean"), bare)

    def json_compare_number(
        self, compare: Compare, value: Any, number: Any, whole: bool = False
    ) -> Any:
        if not whole:
            return compare(self.json_number(value), number)
        # A double would not tell long whole numbers apart.
        short = value.op("REGEXP", is_comparison=True)(_WHOLE)
        integer = case((short, cast(value, Numeric(65, 0))))
        other = and_(self.json_is(value, "number"), not_(short))
        broken = case((other, _double(value)))
        return or_(
            func.coalesce(compare(integer, number), literal_column("false")),
            func.coalesce(compare(broken, number), literal_column("false")),
        )

    def json_equal(self, one: Any, other: Any) -> Any:
        if not self.mariadb:
            return func.json_extract(one, literal_column("'$'")) == func.json_extract(
                other, literal_column("'$'")
            )
        if self.features.json_equals:
            return func.json_equals(one, other) == literal_column("1")
        return and_(func.json_contains(one, other), func.json_contains(other, one))

    def json_contains(self, value: Any, part: Any, kind: str) -> Any:
        found = func.json_contains(value, part) == literal_column("1")
        if kind == "object" or kind == "list":
            return and_(self.json_is(value, kind), found)
        if kind:
            return found
        # The larger one was given: an object is in no list.
        alike = self.json_kind(value) == self.json_kind(part)
        simple = not_(or_(self.json_is(part, "list"), self.json_is(part, "object")))
        return and_(or_(alike, simple), found)

    def json_has(self, value: Any, keys: Sequence[Any]) -> Any:
        return self._search(value, keys[0]).is_not(None)

    def json_key_forms(self) -> Sequence[Converter | None]:
        return (_KEY,)


def _double(value: Any) -> Any:
    return Composed("CAST(", value, " AS DOUBLE)")
