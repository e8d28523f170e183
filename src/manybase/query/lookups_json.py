"""Comparisons with JSON documents and the values in them, while they are recorded.

The kind of a given value (text, number, list ...) goes into the shape, as each is compared in its
own way; the value itself is a parameter. Called by ``recorder``; ``query.compile.lookups_json``
makes the SQL.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldError, FieldValueError
from manybase.meta.storage import Storage
from manybase.query.expressions import Expression, Node, inner_storage
from manybase.query.path import COMPARISONS, KEY_LOOKUPS, resolve_column
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.query.path import Path
    from manybase.query.recorder import Recorder

JSON = "json"
_ORDERED = ("text", "integer", "float")
_ANY = ("exact", "in", "contains", "contained_by")
_LARGEST = 2**63
_MOST_EXACT_LIST = 4
_TEXT = Storage("text")


def compare_json(recorder: Recorder, path: Path, value: Any) -> Node:
    """The node of a comparison with a document or a value in one.

    Raises:
        FieldValueError: The value is no JSON, or of a kind that this lookup does not take.
    """
    return ("=", path.name, _right(recorder, path, value))


def _right(recorder: Recorder, path: Path, value: Any) -> Any:
    lookup = path.lookup
    if lookup == "isnull":
        return recorder.truth(path, value)
    if isinstance(value, Expression):
        if lookup in KEY_LOOKUPS:
            raise FieldValueError(
                f"'{path.name}' takes keys as texts, not an expression",
                hint="The key is part of the statement's plan.",
            )
        return value.node(recorder)
    if lookup in KEY_LOOKUPS:
        return _keys(recorder, path, value)
    if isinstance(value, Recording):
        node = recorder.query(path, value)
        return node if len(node) > 4 else (*node, inner_storage(value))
    if lookup == "in":
        return _list(recorder, path, value)
    if lookup == "range":
        low, high = _pair(path, value)
        return ("pair", _given(recorder, path, low), _given(recorder, path, high))
    if lookup in COMPARISONS or lookup in ("contains", "contained_by"):
        return _given(recorder, path, value)
    if value is None:
        raise FieldValueError(f"'{path.name}' cannot be compared with None")
    return recorder.take(recorder.text(path, value))


def _given(recorder: Recorder, path: Path, value: Any) -> Any:
    """A plain value, with its kind."""
    if isinstance(value, Expression):
        return value.node(recorder)
    kind, plain = _plain(path, value)
    if path.lookup not in _ANY and kind not in _ORDERED:
        raise FieldValueError(
            f"'{path.name}' takes a text or a number, not {type(value).__name__}",
            hint="Other values in documents have no order.",
        )
    if kind in ("true", "false", "null"):
        return (JSON, kind, None)
    return (JSON, kind, recorder.take(plain))


def _plain(path: Path, value: Any) -> tuple[str, Any]:
    """The kind of a value and the value as JSON knows it, by the field's encoder."""
    encoder = path.storage.encoder
    if type(value) is not str:
        try:
            value = json.loads(json.dumps(value, cls=encoder, allow_nan=False))
        except (TypeError, ValueError, RecursionError):
            raise FieldValueError(
                f"'{path.name}' takes what can be written as JSON, not {type(value).__name__}"
            ) from None
    if isinstance(value, str):
        return "text", value
    if isinstance(value, bool):
        return ("true" if value else "false"), value
    if isinstance(value, int):
        return ("integer", value) if -_LARGEST <= value < _LARGEST else ("float", float(value))
    if isinstance(value, float):
        return "float", value
    if value is None:
        return "null", None
    return ("list" if isinstance(value, list) else "object"), value


def _list(recorder: Recorder, path: Path, values: Any) -> Any:
    if isinstance(values, (str, bytes, dict)) or not isinstance(values, Iterable):
        raise FieldValueError(
            f"'{path.name}' takes a list of values, not {type(values).__name__}",
            hint=f"Write {path.name}=[...].",
        )
    given = list(values)
    if not given:
        recorder.met_empty_list = True
        return ("list", 0)
    found = sorted((v for v in given if not isinstance(v, Expression)), key=type_name)
    found += [v for v in given if isinstance(v, Expression)]
    nodes = [_given(recorder, path, value) for value in found]
    if len(nodes) > _MOST_EXACT_LIST and not isinstance(found[-1], Expression):
        # Few lengths, so that few plans are made.
        more = (1 << (len(nodes) - 1).bit_length()) - len(nodes)
        nodes += [_given(recorder, path, found[-1]) for _ in range(more)]
    return ("any", *nodes)


def type_name(value: Any) -> str:
    """The name of a value's type, to order by."""
    return type(value).__name__


def _pair(path: Path, value: Any) -> tuple[Any, Any]:
    try:
        low, high = value
    except (TypeError, ValueError):
        raise FieldValueError(
            f"'{path.name}' takes two values", hint=f"Write {path.name}=(lowest, highest)."
        ) from None
    return low, high


def _keys(recorder: Recorder, path: Path, value: Any) -> Node:
    if path.lookup == "has_key":
        names = [value]
    elif isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise FieldValueError(
            f"'{path.name}' takes a list of keys, not {type(value).__name__}",
            hint=f"Write {path.name}=[...], or {path.lookup.removesuffix('s')}='...' for one.",
        )
    else:
        names = list(value)
    for name in names:
        if not isinstance(name, (str, int)) or isinstance(name, bool):
            raise FieldValueError(f"'{path.name}' takes keys, not {type(name).__name__}")
    return ("keys", *[recorder.take(str(name)) for name in names])


class KT(Expression):
    """The text that keys of a JSON document lead to: ``KT("data__owner__name")``.

    Args:
        name: The field and the keys, joined by ``__``; a whole number is a place in a list.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def node(self, recorder: Recorder) -> Node:
        node = recorder.column(self.name)
        if node[0] == "col":
            path = resolve_column(recorder.model, self.name)
            if path.family != JSON or not path.transforms:
                raise FieldError(
                    f"KT('{self.name}') names no key of a JSON document",
                    hint="Write KT('field__key'), or F() for other fields.",
                )
        return ("kept", _TEXT, ("shown", node))

    def __repr__(self) -> str:
        return f"KT({self.name!r})"
