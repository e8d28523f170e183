"""The writer of one call: takes values into the parameters and notes the places they come from.

Made by ``record`` for calls that hold more than plain values. Preparing a value may raise; it
never touches a database.
"""

from __future__ import annotations

import enum
import functools
import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from manybase.errors import FieldValueError, QueryError
from manybase.meta.storage import Storage
from manybase.query.bounds import Rounding, bound
from manybase.query.conditions import Comparison
from manybase.query.expressions import Expression, inner_storage
from manybase.query.keys import FAMILY, compare_key
from manybase.query.kinds import is_aggregate, is_window, outer_names, storage_of, windows
from manybase.query.lookups_custom import compare_custom
from manybase.query.lookups_json import JSON, compare_json
from manybase.query.path import (
    COMPARISONS,
    REGEX_LOOKUPS,
    TEXT_LOOKUPS,
    Path,
    annotated_path,
    annotation_of,
    check_related,
    linked_path,
    resolve,
    resolve_column,
)
from manybase.query.prepare import PLAIN, described, is_taken, key_of, preparer, unbounded
from manybase.query.q import Q
from manybase.query.state import VALUE, Once, Placed, Recording, merge_place, places_of
from manybase.query.tuples import compare_tuple

R = TypeVar("R", bound=Recording)

CONNECTORS = {Q.AND: "and", Q.OR: "or", Q.XOR: "xor"}
EMPTY = ("and",)  # the condition that is none
MOST_EXACT_LIST = 4


class Recorder:
    """Collects the parameters and places of one call.

    Attributes:
        earlier: Expressions of the same call that later ones may name.
    """

    earlier: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.model = recording.model
        self.params: list[Any] = []
        self.places: dict[str, Placed] = {}
        self.met_empty_list = False
        self.as_given = True  # whether plain values were all taken, in their order
        # What makes the functions that prepare them, by position: kept calls alone need them.
        self.preparers: dict[int, Callable[[], Callable[[Any], Any]]] = {}
        self.objects: dict[int, Path] = {}  # what objects are compared with, by position
        self.over_rows = False  # whether annotations are values of rows that are aggregated

    def finish(self, recording: R, call: tuple[Any, ...]) -> R:
        """Return the recording with the call, its parameters and its places."""
        new = recording._record(call, tuple(self.params))
        if self.places:
            new.places = places_of(recording.places, self.places)
        return new

    def take(self, value: Any) -> Any:
        """Add a parameter; return its mark."""
        self.params.append(value)
        return VALUE

    def column(self, name: str) -> tuple[Any, ...]:
        """The node of a named column, checked."""
        link = self.link(name)
        if link is not None:
            path = linked_path(self.model, name, link, False)
            return ("kept", path.storage, ("linked", name))
        if self.parts(name):
            raise QueryError(
                f"'{name}' is a Tuple: it can be compared, not read or ordered by",
                hint=f"Name its columns: {', '.join(self.parts(name))}.",
            )
        known = self.recording.annotations
        named = None if known is None else annotation_of(name, known)
        if known is not None and named is not None:
            alias, rest = named
            if not rest:
                return ("ref", name)
            path = annotated_path(self.model, name, rest, known[alias], lookups=False)
            return ("kept", path.storage, ("part", name))
        if name in self.earlier and name not in self.model._meta.names:
            return self.expression(self.earlier[name])
        resolve_column(self.model, name)
        return ("col", name)

    def parts(self, name: str) -> tuple[str, ...]:
        """The columns of the ``Tuple`` that a name begins with."""
        known = self.recording.annotations
        found = None if known is None else known.get(name.partition("__")[0])
        return () if found is None else found.parts

    def link(self, name: str) -> Any:
        """The ``FilteredRelation`` that a name begins with, or None."""
        known = self.recording.annotations
        found = None if known is None else known.get(name.partition("__")[0])
        return None if found is None else found.link

    def storage(self, node: Any) -> Storage | None:
        """How the values of a node are kept, where that is known."""
        return storage_of(node, self.model, self.recording.annotations)

    def relation(self, node: Any) -> Path | None:
        """The path to the relation whose key a node reads; None where it reads no such key."""
        if node[0] == "ref":
            found: Path | None = (self.recording.annotations or {})[node[1]].relation
            return found
        path = resolve_column(self.model, node[1]) if node[0] == "col" else None
        return None if path is None or path.relation is None else path

    def is_aggregate(self, node: Any) -> bool:
        """Whether a node holds an aggregate that another one cannot go over."""
        return is_aggregate(node, None if self.over_rows else self.recording.annotations)

    def is_window(self, node: Any) -> bool:
        """Whether a node holds a function of a window that an aggregate cannot go over."""
        return is_window(node, () if self.over_rows else windows(self.recording.annotations))

    def path(self, name: str) -> Path:
        """The path of a name with a lookup: of an annotation, or of the model's fields."""
        known = self.recording.annotations
        found = None if known is None else annotation_of(name, known)
        if known is None or found is None:
            return resolve(self.model, name)
        alias, rest = found
        if known[alias].link is not None:
            return linked_path(self.model, name, known[alias].link, True)
        return annotated_path(self.model, name, rest, known[alias])

    def constant(self, value: Any, output_field: Any = None) -> tuple[Any, ...]:
        """The node of a value that no field was named for."""
        if output_field is not None:
            if value is None and output_field.storage.family == JSON:
                return ("kept", output_field.storage, ("json_null",))
            return ("value", self.take(output_field.prepare(value)), output_field.storage)
        if isinstance(value, enum.Enum):
            value = value.value
        if hasattr(value, "_meta") or isinstance(value, (Expression, Q, Recording)):
            raise _no_value(value)
        return ("value", self.take(value), type(value).__name__)

    def condition(self, condition: Any) -> tuple[Any, ...]:
        """The node of a ``Q`` or of a boolean expression."""
        if type(condition) is Comparison:
            self.as_given = False
            condition.check(self.model)
            return self.compare(*condition)
        if isinstance(condition, Q):
            nodes = []
            for child in condition.children:
                if type(child) is tuple:
                    node = self.compare(*_pair(child))
                else:
                    node = self.condition(child)
                if node is not EMPTY:
                    nodes.append(node)
            if not nodes:
                return EMPTY
            node = nodes[0] if len(nodes) == 1 else (CONNECTORS[condition.connector], *nodes)
            return ("not", node) if condition.negated else node
        if isinstance(condition, Expression):
            self.as_given = False
            node = condition.node(self)
            kept = None if condition.conditional else self.storage(node)
            if condition.conditional or (kept is not None and kept.family == "boolean"):
                return ("expr", node)
        raise QueryError(
            f"filter() takes keywords, Q objects and boolean expressions,"
            f" not {type(condition).__name__}",
            hint="Write filter(name=value) or filter(Q(...)).",
        )

    def expression(self, value: Any) -> tuple[Any, ...]:
        """The node of an expression, of a condition as an expression, or of a queryset."""
        if isinstance(value, Q):
            return ("condition", self.condition(value))
        if isinstance(value, Recording):
            node = self.subquery(value, "pk", "the queryset of an annotation")
            return (*node, inner_storage(value))
        if isinstance(value, Expression):
            return value.node(self)
        raise QueryError(
            f"annotate() takes expressions, not {type(value).__name__}",
            hint="Wrap a plain value: Value(...); name a field by F('...').",
        )

    # Comparisons

    def compare(self, name: str, value: Any) -> tuple[Any, ...]:
        """The node of ``name=value`` as in ``filter()``."""
        if self.recording.annotations is not None:
            parts = self.parts(name)
            if parts:
                self.as_given = False
                return compare_tuple(self, name, parts, value)
        path = self.path(name)
        if type(value) in path.plain and path.lookup in COMPARISONS:
            self.params.append(value)
            return path.leaf
        return self.compare_with(path, name, value)

    def compare_with(self, path: Path, name: str, value: Any) -> tuple[Any, ...]:
        """The node of a comparison whose left-hand side was looked up."""
        if not is_taken(path, value):
            self.as_given = False
        if path.family == FAMILY:
            return compare_key(self, path, value)
        if path.custom is not None:
            return compare_custom(self, path, value)
        if path.family == JSON:
            return compare_json(self, path, value)
        if path.lookup == "isnull":
            return ("=", name, self.truth(path, value))
        if isinstance(value, Expression):
            return ("=", name, value.node(self))
        if value is None:
            return self._none(path)
        if path.lookup == "in":
            return ("=", name, self._list(path, value))
        if isinstance(value, Recording):
            return ("=", name, self.query(path, value))
        if path.lookup == "range":
            return ("=", name, self._range(path, value))
        if path.lookup in TEXT_LOOKUPS or path.lookup in REGEX_LOOKUPS:
            return ("=", name, self.take(self.text(path, value)))
        if value.__class__ in PLAIN or value.__class__ is bool:
            self.preparers[len(self.params)] = functools.partial(preparer, path, type(value))
        return ("=", name, self.take(self.prepare(path, value)))

    def truth(self, path: Path, value: Any) -> bool:
        """True or False, checked."""
        if not isinstance(value, bool):
            raise FieldValueError(
                f"'{path.name}' takes True or False, not {type(value).__name__}",
                hint=f"Write {path.name}=True or {path.name}=False.",
            )
        return value

    def _none(self, path: Path) -> tuple[Any, ...]:
        if path.lookup not in ("exact", "iexact"):
            raise FieldValueError(
                f"'{path.name}' cannot be compared with None",
                hint=f"Use {path.name.removesuffix('__' + path.lookup)}__isnull=True.",
            )
        return ("=", path.name, None)

    def text(self, path: Path, value: Any) -> str:
        """A value compared with text, as text."""
        if hasattr(value, "_meta"):
            raise FieldValueError(
                f"'{path.name}' takes text, not an object of '{value._meta.label}'"
            )
        return value if type(value) is str else str(value)

    def _range(self, path: Path, value: Any) -> tuple[Any, ...]:
        try:
            low, high = value
        except (TypeError, ValueError):
            raise FieldValueError(
                f"'{path.name}' takes two values",
                hint=f"Write {path.name}=(lowest, highest).",
            ) from None
        return ("pair", self._end(path, low, math.ceil), self._end(path, high, math.floor))

    def _end(self, path: Path, value: Any, rounding: Rounding) -> Any:
        if isinstance(value, Expression):
            return value.node(self)
        if value is None:
            raise FieldValueError(f"'{path.name}' cannot be compared with None")
        return self.take(self.prepare(path, value, rounding))

    def _list(self, path: Path, values: Any) -> tuple[Any, ...]:
        if isinstance(values, Recording):
            return self.query(path, values)
        if not isinstance(values, Iterable) or isinstance(values, (str, bytes)):
            raise FieldValueError(
                f"'{path.name}' takes a list of values, not {type(values).__name__}",
                hint=f"Write {path.name}=[...].",
            )
        once = type(values) is Once or (type(values) in _ONCE and None not in values)
        if not once:
            values = [v for v in values if v is not None]
        if path.plain.issuperset(map(type, values)):
            prepared = values  # as nearly all lists, and long ones of keys
        elif any(isinstance(v, Expression) for v in values):
            return ("terms", *[self._element(path, v) for v in values])
        else:
            prepared, once = [self.prepare(path, v) for v in values], False
        prepared = list(prepared) if once else _once(prepared)
        if not prepared:
            self.met_empty_list = True
            return ("list", 0)
        size = _bucket(len(prepared))
        self.params.extend(prepared)
        self.params.extend([prepared[-1]] * (size - len(prepared)))
        return ("list", size)

    def _element(self, path: Path, value: Any) -> tuple[Any, ...]:
        """One of a list in which expressions stand too."""
        if isinstance(value, Expression):
            return value.node(self)
        return ("value", self.take(self.prepare(path, value)), path.storage)

    def prepare(self, path: Path, value: Any, rounding: Rounding | None = None) -> Any:
        """Return a compared value as the field's type; an object becomes its key."""
        if type(value) in path.plain:
            return value
        found = bound(path, value, rounding)
        if found is not None:
            return found
        if hasattr(value, "_meta") and hasattr(value, "_origin") and not isinstance(value, type):
            return self._object(path, value)
        return unbounded(path)(value)

    def _object(self, path: Path, value: Any) -> Any:
        key = key_of(path, value)
        self.objects[len(self.params)] = path
        self.note(value._origin.alias, described(path), value)
        return key

    # Subqueries

    def query(self, path: Path, value: Recording) -> tuple[Any, ...]:
        """The node of a queryset that a path is compared with."""
        if path.relation is not None and not value._calls("values"):
            check_related(path, path.relation.steps()[-1].target, value.model)
        if path.lookup == "range" or (path.lookup != "in" and not value.is_sliced):
            raise QueryError(
                f"'{path.name}' takes one value, and the queryset may give many",
                hint=f"Write {path.name}=queryset[:1], or compare with __in.",
            )
        key = path.object_field
        column = "pk"
        if key is not None and path.relation is not None and key.model is value.model:
            column = key.name
        return self.subquery(value, column, f"the queryset given to '{path.name}'")

    def subquery(self, value: Recording, column: str, description: str) -> tuple[Any, ...]:
        """The node of a queryset used as a value of one column."""
        named = [call[1] for call in value.shape if call[0] == "values"]
        if named and len(named[-1]) != 1:
            raise QueryError(
                f"{description} must give one column, not {len(named[-1])}",
                hint="Name one column with values('...').",
            )
        self.splice(value, description)
        return ("query", value.model, value.shape, column)

    def splice(self, value: Recording, description: str) -> None:
        """Take in the parameters and places of an inner queryset; check its outer names."""
        self.params.extend(value.params)
        if value.placed_on is not None:
            self.note(value.placed_on, description, value.model)
        for alias, placed in (value.places or {}).items():
            merge_place(self.places, alias, placed)
        for name in outer_names(value.shape, 1):
            self.column(name)

    def note(self, alias: str | None, description: str, value: Any) -> None:
        """Keep in mind that a value belongs to a database."""
        if alias is not None:
            merge_place(self.places, alias, Placed(description, value))

    # Assignments

    def assign(self, field: Any, value: Any) -> Any:
        """The node of a value that ``update()`` writes into a field."""
        if isinstance(value, Expression):
            return value.node(self)
        if isinstance(value, Q):
            return ("condition", self.condition(value))
        if isinstance(value, Recording):
            return self.subquery(value, "pk", f"the value of '{field.name}'")
        if hasattr(value, "_meta") and hasattr(value, "_origin"):
            if not field.is_relation:
                raise field.wrong_value(value)
            path = resolve(self.model, field.name)
            return self.take(self._object(path, value))
        self.preparers[len(self.params)] = lambda: field.prepare
        return self.take(field.prepare(value))


def _pair(child: tuple[Any, ...]) -> tuple[str, Any]:
    """A keyword and its value, as ``Q`` may be given them in a tuple."""
    if len(child) != 2 or not isinstance(child[0], str):
        raise QueryError(
            "a tuple in Q() must be the name of a lookup and a value",
            hint="Write Q(name=value), or Q(('name', value)).",
        )
    return child


def _no_value(value: Any) -> FieldValueError:
    """The error for what cannot be bound where a plain value is wanted."""
    if hasattr(value, "_meta"):
        return FieldValueError(
            f"an object of '{value._meta.label}' is no plain value",
            hint="Compare a relation with the object itself, field=obj; or give its key, obj.pk.",
        )
    return FieldValueError(
        f"{type(value).__name__} is no plain value",
        hint="Give an expression or a queryset as it is, without Value(...).",
    )


_ONCE = frozenset({dict, set, frozenset})
"""What holds each of its values once."""


def _once(values: Iterable[Any]) -> list[Any]:
    try:
        return list(dict.fromkeys(values))
    except TypeError:
        return list(values)  # those of JSON fields cannot be hashed; doubles in a list do no harm


def _bucket(count: int) -> int:
    """The number of places for a list: few sizes, so that few plans are made."""
    return count if count <= MOST_EXACT_LIST else 1 << (count - 1).bit_length()
