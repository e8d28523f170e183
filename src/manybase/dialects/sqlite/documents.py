"""What SQLite's own JSON functions cannot do, as Python functions over texts of JSON.

Registered on connections by ``functions``, called by the SQL that ``json`` makes. Null gives null.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def at_json(document: str | None, keys: str) -> str | None:
    """Return what keys and places lead to, as JSON; null where nothing is there."""
    if document is None:
        return None
    found: Any = json.loads(document)
    for key in json.loads(keys):
        step: Any = key
        if isinstance(key, int) and isinstance(found, list):
            if not -len(found) <= key < len(found):
                return None
        elif not isinstance(key, str) or not isinstance(found, dict) or key not in found:
            return None
        found = found[step]
    return json.dumps(found)


def json_text(document: str | None) -> str | None:
    """Return a value as text, a text without its quotes."""
    if document is None:
        return None
    found = json.loads(document)
    return found if isinstance(found, str) else json.dumps(found)


def equal_json(one: str | None, other: str | None) -> bool | None:
    """Say whether two values are equal, whatever the order of keys."""
    if one is None or other is None:
        return None
    return _equal(json.loads(one), json.loads(other))


def contains_json(document: str | None, part: str | None) -> bool | None:
    """Say whether a value holds another on the same level, as PostgreSQL's ``@>`` does."""
    if document is None or part is None:
        return None
    found, wanted = json.loads(document), json.loads(part)
    if isinstance(found, list) and not isinstance(wanted, (list, dict)):
        return any(_equal(one, wanted) for one in found)
    return _contains(found, wanted)


def has_json_key(document: str | None, key: str) -> bool | None:
    """Say whether a value is an object that has a key."""
    if document is None:
        return None
    found = json.loads(document)
    return isinstance(found, dict) and key in found


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)


def _contains(found: Any, wanted: Any) -> bool:
    if isinstance(found, dict) and isinstance(wanted, dict):
        return all(k in found and _contains(found[k], wanted[k]) for k in wanted)
    if isinstance(found, list) and isinstance(wanted, list):
        return all(any(_contains(one, part) for one in found) for part in wanted)
    return _equal(found, wanted)


#: As ``functions.FUNCTIONS``.
DOCUMENT_FUNCTIONS: tuple[tuple[str, int, Callable[..., Any], bool], ...] = (
    ("manybase_json_at", 2, at_json, True),
    ("manybase_json_text", 1, json_text, True),
    ("manybase_json_equal", 2, equal_json, True),
    ("manybase_json_contains", 2, contains_json, True),
    ("manybase_json_has", 2, has_json_key, True),
)
