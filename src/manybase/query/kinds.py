"""What kind of value a node of a shape has: how it is stored, whether it is an aggregate.

Asked while a call is recorded, so that names, lookups and values can be checked at the call.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from manybase.errors import FieldError
from manybase.meta.storage import Storage
from manybase.query.path import beginnings, resolve_column

STORAGES: dict[str, Storage] = {
    "int": Storage("integer", size=8),
    "str": Storage("text"),
    "float": Storage("float"),
    "bool": Storage("boolean"),
    "Decimal": Storage("decimal", precision=30, scale=None),
    "date": Storage("date"),
    "time": Storage("time"),
    "datetime": Storage("datetime"),
    "timedelta": Storage("duration"),
    "UUID": Storage("uuid"),
    "bytes": Storage("binary"),
}
#: Operators that are functions, by the name that dialects spell.
BITS = frozenset({"bitand", "bitor", "bitxor", "bitleftshift", "bitrightshift"})
TIMES = frozenset({"date", "time", "datetime"})
RANKS = ("integer", "decimal", "float")


class Annotation(NamedTuple):
    """A named expression of a queryset.

    Args:
        storage: How its values are kept, where that is known.
        aggregate: Whether it is one value for many rows.
        field: The field that checks values compared with it.
        selected: Whether it is read; ``alias()`` names one that is not.
        window: Whether it is computed over a window of the rows.
        link: The relation that the name stands for, where it is a ``FilteredRelation``.
        parts: The names of the columns, where it is a ``Tuple``.
        relation: The path to the relation whose key it is: objects can be compared with it.
    """

    storage: Storage | None
    aggregate: bool
    field: Any
    selected: bool
    window: bool = False
    link: Any = None
    parts: tuple[str, ...] = ()
    relation: Any = None


Annotations = Mapping[str, Annotation] | None


def storage_of(node: Any, model: Any, annotations: Annotations) -> Storage | None:
    """Return how the values of a node are kept; None where that is not known."""
    if type(node) is not tuple or not node:
        return None
    kind = node[0]
    if kind == "col":
        return resolve_column(model, node[1]).storage
    if kind == "ref":
        assert annotations is not None
        return annotations[node[1]].storage
    if kind == "value":
        return node[2] if isinstance(node[2], Storage) else STORAGES.get(node[2])
    if kind == "arith":
        left = storage_of(node[2], model, annotations)
        return arithmetic(node[1], left, storage_of(node[3], model, annotations))
    if kind in ("aggregate", "func", "case", "kept", "sliced", "window", "raw"):
        kept: Storage | None = node[2] if kind in ("aggregate", "func") else node[1]
        return kept
    if kind in ("exists", "condition", "lookup", "negated"):
        return Storage("boolean")
    if kind == "query":
        return node[4] if len(node) > 4 else None
    return None


def alike(name: str, kinds: Iterable[Storage | None]) -> Storage | None:
    """How a value is kept that is one of several.

    Args:
        name: What has the values, for the error.
        kinds: How each of them is kept, where that is known.

    Raises:
        FieldError: The kinds do not go together.
    """
    found = [storage for storage in kinds if storage is not None]
    families = sorted({storage.family for storage in found})
    if len(families) > 1 and not set(families) <= set(RANKS):
        raise FieldError(
            f"{name}() mixes values of kinds '{families[0]}' and '{families[1]}'",
            hint="Say what the result is: output_field=...",
        )
    if not found:
        return None
    if "decimal" in families and "float" not in families:
        return _widest([storage for storage in found if storage.family == "decimal"])
    return max(found, key=lambda s: RANKS.index(s.family) if s.family in RANKS else 0)


def _widest(decimals: list[Storage]) -> Storage:
    """A decimal with room for the digits of each."""
    first, *others = decimals
    if all((s.precision, s.scale) == (first.precision, first.scale) for s in others):
        return first
    scales = [s.scale for s in decimals if s.scale is not None]
    if len(scales) < len(decimals):
        return Storage("decimal", precision=38, scale=None)
    scale = max(scales)
    whole = max((s.precision or 38) - (s.scale or 0) for s in decimals)
    return Storage("decimal", precision=min(whole + scale, 65), scale=scale)


def arithmetic(sign: str, left: Storage | None, right: Storage | None) -> Storage | None:
    """How the result of two kinds of values is kept.

    Raises:
        FieldError: The two do not go together.
    """
    if left is None or right is None:
        return left or right
    one, other = left.family, right.family
    if sign in BITS and one == other == "integer":
        return Storage("integer", size=8)
    if sign == "power" and one in RANKS and other in RANKS:
        return Storage("integer", size=8) if one == other == "integer" else Storage("float")
    if one in RANKS and other in RANKS and sign not in BITS:
        exact = "float" not in (one, other)
        if exact and (one == other == "decimal" or (one != other and sign in "/%")):
            # A quotient has digits that no column is made for.
            return Storage("decimal", precision=38, scale=None)
        larger = max(one, other, key=RANKS.index)
        return left if one == larger else right
    if sign == "-" and one == other and one in TIMES:
        return Storage("duration")
    if sign in "+-" and other == "duration" and one in (*TIMES, "duration"):
        return left
    if sign == "+" and one == "duration" and other in TIMES:
        return right
    if one == "duration" and other in RANKS and sign in "*/":
        return left
    if other == "duration" and one in RANKS and sign == "*":
        return right
    if one == other == "text" and sign == "+":
        raise FieldError(
            "texts cannot be joined with '+': databases add them as numbers",
            hint="Write Concat('first', 'second').",
        )
    raise FieldError(
        f"cannot combine values of kinds '{one}' and '{other}' with '{sign}'",
        hint="Say what the result is: ExpressionWrapper(..., output_field=...).",
    )


def is_aggregate(node: Any, annotations: Annotations) -> bool:
    """Whether a node holds an aggregate that is not inside a query of its own."""
    if type(node) is not tuple or not node:
        return False
    found, names = _aggregates(node)
    if found or annotations is None:
        return found
    return any(name in annotations and annotations[name].aggregate for name in names)


def holds_aggregate(node: tuple[Any, ...]) -> bool:
    """Whether an aggregate stands in a node itself, not one that is an annotation."""
    return _aggregates(node)[0]


@functools.lru_cache(maxsize=4096)
def _aggregates(node: tuple[Any, ...]) -> tuple[bool, tuple[str, ...]]:
    """Whether a node holds an aggregate, and the annotations that it names; nodes come again."""
    if node[0] == "aggregate":
        return True, ()
    if node[0] in ("query", "exists"):
        return False, tuple(outer_names(node, 0))
    if node[0] == "window":
        return False, ()
    own = tuple(beginnings(str(node[1]))) if node[0] in ("ref", "part", "=") else ()
    parts = [_aggregates(part) for part in node if type(part) is tuple and part]
    return any(found for found, _ in parts), (*own, *(n for _, names in parts for n in names))


def beside_aggregates(node: Any, compared: bool = True) -> Iterator[str]:
    """The names of columns that a node reads outside aggregates, inner queries of it too.

    Args:
        node: An expression or a condition.
        compared: Whether those on the left of its comparisons count.
    """
    if type(node) is not tuple or not node or node[0] in ("aggregate", "window"):
        return
    if node[0] in ("query", "exists"):
        yield from outer_names(node, 0)
        return
    reads = node[0] in ("col", "linked") or (compared and node[0] == "=")
    if reads and isinstance(node[1], str):
        yield node[1]
    for part in node:
        yield from beside_aggregates(part, compared)


def outer_names(node: Any, level: int) -> Iterator[str]:
    """The names that ``OuterRef`` takes from so many queries further out."""
    if type(node) is not tuple or not node:
        return
    if node[0] == "outer" and len(node) == 3:
        if node[1] == level:
            yield node[2]
        return
    inner = level + 1 if node[0] in ("query", "exists") else level
    for part in node:
        yield from outer_names(part, inner)


def names_in(node: Any) -> Iterator[str]:
    """The names that a node reads by which annotations could be meant."""
    if type(node) is not tuple or not node:
        return
    if node[0] in ("query", "exists"):
        yield from outer_names(node, 0)
        return
    if node[0] in ("ref", "part", "=") and isinstance(node[1], str):
        yield from beginnings(node[1])
    for part in node:
        yield from names_in(part)


def is_window(node: Any, known: Collection[str]) -> bool:
    """Whether a node holds a function of a window that is not inside a query of its own.

    Args:
        node: An expression or a condition.
        known: The names of annotations that are such functions.
    """
    if type(node) is not tuple or not node:
        return False
    found, names = _windows(node)
    return found or (bool(known) and any(name in known for name in names))


@functools.lru_cache(maxsize=4096)
def _windows(node: tuple[Any, ...]) -> tuple[bool, tuple[str, ...]]:
    """Whether a node holds a function of a window, and the names that may be such annotations."""
    if node[0] == "window":
        return True, ()
    if node[0] in ("query", "exists"):
        return False, ()
    parts = [_windows(part) for part in node if type(part) is tuple and part]
    own = tuple(beginnings(str(node[1]))) if node[0] in ("ref", "part", "=") else ()
    return any(found for found, _ in parts), (*own, *(n for _, names in parts for n in names))


def windows(annotations: Annotations) -> Collection[str]:
    """The names of annotations that are functions of windows."""
    return [name for name, found in (annotations or {}).items() if found.window]
