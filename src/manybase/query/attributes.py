"""``Book.title``: a field as an attribute of its class, with operators that give conditions.

``Book.title.icontains("x")`` stands for ``Q(title__icontains="x")`` and is recorded as such; type
checkers know what it can be compared with. The metaclass and the accessors of relations make
attributes; the field itself is ``Book.title.field``.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from manybase.errors import FieldError, QueryError, hint_for
from manybase.meta.field import of_class
from manybase.meta.lookups import is_lookup, registered
from manybase.query.conditions import Condition
from manybase.query.expressions import Expression, F, Node
from manybase.query.path import resolve, resolve_column
from manybase.query.q import Q
from manybase.query.standins import FIELDS

if TYPE_CHECKING:
    import datetime

    from manybase.query.q import Conditional
    from manybase.query.recorder import Recorder


T = TypeVar("T")
Number = TypeVar("Number", bound=Decimal | float | None)
_Number = Decimal | float | Expression
_Word = str | Expression


class _Comparable(Expression):
    """What attributes of values and of relations share.

    Args:
        model: The model that the name begins at.
        path: The name in queries.
    """

    def __init__(self, model: Any, path: str) -> None:
        self._model = model
        self._path = path

    def node(self, recorder: Recorder) -> Node:
        Condition(self._model, self._path, None).children[0].check(recorder.model)
        return recorder.column(self._path)

    def lookup(self, name: str, value: Any) -> Condition:
        """The condition of a lookup by its name: one that a program registered.

        Raises:
            FieldError: There is no such lookup.
        """
        path = self._path if name == "exact" else f"{self._path}__{name}"
        resolve(self._model, path)
        return Condition(self._model, path, value)

    def isnull(self, value: bool = True) -> Condition:
        """Whether there is no value; ``isnull(False)``: whether there is one."""
        return self.lookup("isnull", value)

    def __hash__(self) -> int:
        return hash((self._model, self._path))

    def __repr__(self) -> str:
        return f"{self._model.__name__}.{self._path.replace('__', '.')}"


class Attribute(_Comparable, F, Generic[T]):
    """A field's value in the row at hand, as an attribute of the model's class.

    >>> Book.objects.filter((Book.pages > 100) & Book.title.icontains("x"))

    It can stand wherever ``F`` can. What else it has is the field's, which is ``field``.

    Args:
        model: The model that the name begins at.
        path: The name in queries.
        field: The field; None for a part of a date or a key of a document.
    """

    def __init__(self, model: Any, path: str, field: Any = None) -> None:
        super().__init__(model, path)
        self.name = path
        self._field = field

    if TYPE_CHECKING:
        # A condition is true, false or unknown: an attribute of other values is none.

        def _truth(self) -> T: ...  # type: ignore[override]

        def __and__(self: Attribute[bool] | Attribute[bool | None], other: Conditional) -> Q: ...
        def __or__(self: Attribute[bool] | Attribute[bool | None], other: Conditional) -> Q: ...
        def __xor__(self: Attribute[bool] | Attribute[bool | None], other: Conditional) -> Q: ...
        def __invert__(self: Attribute[bool] | Attribute[bool | None]) -> Q: ...  # type: ignore[override]

    @property
    def field(self) -> Any:
        """The field itself, as ``_meta.get_field()`` gives it."""
        return self._field

    # Comparisons

    def __eq__(self, other: T | Expression | None) -> Condition:  # type: ignore[override]
        # Not a bool: that is what the class is for.
        return self.lookup("exact", other)

    def __ne__(self, other: T | Expression | None) -> Q:  # type: ignore[override]
        return Q(self.lookup("exact", other), _negated=True)

    __hash__ = _Comparable.__hash__

    @overload
    def __gt__(self: Attribute[Number], other: _Number) -> Condition: ...
    @overload
    def __gt__(self, other: T | Expression) -> Condition: ...
    def __gt__(self, other: Any) -> Condition:
        return self.lookup("gt", other)

    @overload
    def __ge__(self: Attribute[Number], other: _Number) -> Condition: ...
    @overload
    def __ge__(self, other: T | Expression) -> Condition: ...
    def __ge__(self, other: Any) -> Condition:
        return self.lookup("gte", other)

    @overload
    def __lt__(self: Attribute[Number], other: _Number) -> Condition: ...
    @overload
    def __lt__(self, other: T | Expression) -> Condition: ...
    def __lt__(self, other: Any) -> Condition:
        return self.lookup("lt", other)

    @overload
    def __le__(self: Attribute[Number], other: _Number) -> Condition: ...
    @overload
    def __le__(self, other: T | Expression) -> Condition: ...
    def __le__(self, other: Any) -> Condition:
        return self.lookup("lte", other)

    def in_(self, values: Iterable[T | Expression] | Iterable[Any]) -> Condition:
        """One of these values, or of those that a queryset gives."""
        return self.lookup("in", values)

    def between(self, low: T | Expression, high: T | Expression) -> Condition:
        """From the first to the second, both included."""
        return self.lookup("range", (low, high))

    # Texts

    def iexact(self: Attribute[str] | Attribute[str | None], text: _Word) -> Condition:
        """Equal text, in any case."""
        return self.lookup("iexact", text)

    @overload
    def contains(self: Attribute[str] | Attribute[str | None], text: _Word) -> Condition: ...
    @overload
    def contains(self, text: T | Expression) -> Condition: ...
    def contains(self, text: Any) -> Condition:
        """Text that holds this; a document that holds this one."""
        return self.lookup("contains", text)

    def icontains(self: Attribute[str] | Attribute[str | None], text: _Word) -> Condition:
        """Text that holds this, in any case."""
        return self.lookup("icontains", text)

    def startswith(self: Attribute[str] | Attribute[str | None], text: _Word) -> Condition:
        """Text that begins with this."""
        return self.lookup("startswith", text)

    def istartswith(self: Attribute[str] | Attribute[str | None], text: _Word) -> Condition:
        """Text that begins with this, in any case."""
        return self.lookup("istartswith", text)

    def endswith(self: Attribute[str] | Attribute[str | None], text: _Word) -> Condition:
        """Text that ends with this."""
        return self.lookup("endswith", text)

    def iendswith(self: Attribute[str] | Attribute[str | None], text: _Word) -> Condition:
        """Text that ends with this, in any case."""
        return self.lookup("iendswith", text)

    def regex(self: Attribute[str] | Attribute[str | None], pattern: _Word) -> Condition:
        """Text in which a regular expression is found."""
        return self.lookup("regex", pattern)

    def iregex(self: Attribute[str] | Attribute[str | None], pattern: _Word) -> Condition:
        """Text in which a regular expression is found, in any case."""
        return self.lookup("iregex", pattern)

    # Documents

    def contained_by(self, document: T | Expression) -> Condition:
        """A document that is held by this one."""
        return self.lookup("contained_by", document)

    def has_key(self, key: str | int) -> Condition:
        """A document with a key."""
        return self.lookup("has_key", key)

    def has_keys(self, keys: Iterable[str | int]) -> Condition:
        """A document with all of these keys."""
        return self.lookup("has_keys", keys)

    def has_any_keys(self, keys: Iterable[str | int]) -> Condition:
        """A document with one of these keys."""
        return self.lookup("has_any_keys", keys)

    def __getitem__(self, key: Any) -> Any:
        """What a key or a place of a document leads to; letters of a text."""
        if self._storage().family != "json":
            return super().__getitem__(key)
        if isinstance(key, bool) or not isinstance(key, (str, int)) or "__" in str(key):
            raise QueryError(
                "a key of a document is a text without '__' or a whole number",
                hint="Name other keys with has_key().",
            )
        return Attribute[Any](self._model, f"{self._path}__{key}")

    def _storage(self) -> Any:
        return resolve_column(self._model, self._path).storage

    if TYPE_CHECKING:

        @property
        def year(
            self: Attribute[datetime.date]
            | Attribute[datetime.date | None]
            | Attribute[datetime.datetime]
            | Attribute[datetime.datetime | None],
        ) -> Attribute[int]:
            """The year; so the other parts of a date."""
            raise NotImplementedError

        iso_year = month = day = week = week_day = iso_week_day = quarter = year

        @property
        def hour(
            self: Attribute[datetime.time]
            | Attribute[datetime.time | None]
            | Attribute[datetime.datetime]
            | Attribute[datetime.datetime | None],
        ) -> Attribute[int]:
            """The hour; so the other parts of a time."""
            raise NotImplementedError

        minute = second = hour

        @property
        def date(
            self: Attribute[datetime.datetime] | Attribute[datetime.datetime | None],
        ) -> Attribute[datetime.date]:
            """The date of a datetime."""
            raise NotImplementedError

        @property
        def time(
            self: Attribute[datetime.datetime] | Attribute[datetime.datetime | None],
        ) -> Attribute[datetime.time]:
            """The time of a datetime."""
            raise NotImplementedError

    else:

        def __getattr__(self, name):
            """A transform or a lookup by its name; otherwise what the field has."""
            if name.startswith("_"):
                raise AttributeError(name)
            path = resolve_column(self._model, self._path)
            found = registered(path.holder, name)
            found = found or registered(FIELDS.get(path.storage.family), name)
            if is_lookup(found):
                return lambda value: self.lookup(name, value)
            if found is not None:
                return Attribute(self._model, f"{self._path}__{name}")
            if self._field is None:
                raise AttributeError(f"{self!r} has no '{name}'")
            return getattr(self._field, name)


class RelatedAttribute(_Comparable):
    """A relation as an attribute of the model's class; its attributes are the target's.

    >>> Book.objects.filter(Book.editor.name == "Ann")

    Type checkers take the target's class in its place: see ``models.class_types``.
    """

    def __init__(self, model: Any, path: str, target: Any, accessor: Any) -> None:
        super().__init__(model, path)
        self._target = target
        self._accessor = accessor

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]
        # Not a bool: that is what the class is for.
        return self.lookup("exact", other)

    def __ne__(self, other: object) -> Q:  # type: ignore[override]
        return Q(self.lookup("exact", other), _negated=True)

    __hash__ = _Comparable.__hash__

    def in_(self, values: Iterable[Any]) -> Condition:
        """One of these objects or keys, or of those that a queryset gives."""
        return self.lookup("in", values)

    def __getitem__(self, name: str) -> Any:
        """The target's field of a name, also where a method has that name.

        Raises:
            FieldError: The target has no such field.
        """
        found = self._target._meta.names.get(name)
        if found is None and name != "pk":
            raise FieldError(
                f"model '{self._target._meta.label}' has no field '{name}'",
                hint=hint_for(name, self._target._meta.public_names()),
            )
        return attribute(self._model, f"{self._path}__{name}", found or self._target._meta.pk)

    # Without this, Python would try to walk over it name by name.
    __iter__: Any = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name == "pk" or name in self._target._meta.names:
            return self[name]
        found = getattr(self._target, name, None)
        if isinstance(found, RelatedAttribute):
            return self[found._path]
        try:
            return getattr(self._accessor, name)
        except AttributeError:
            names = self._target._meta.public_names()
            raise AttributeError(
                f"model '{self._target._meta.label}' has no field '{name}'. {hint_for(name, names)}"
            ) from None


def attribute(model: Any, path: str, found: Any, accessor: Any = None) -> Any:
    """The attribute of a field or a relation.

    Args:
        model: The model that the path begins at.
        path: The name in queries.
        found: The field or the relation at its end.
        accessor: What stands for the relation on instances.
    """
    last = path.rpartition("__")[2]
    if found.is_relation and last in (found.name, "pk") and hasattr(found, "steps"):
        target = found.steps()[-1].target
        return RelatedAttribute(model, path, target, found if accessor is None else accessor)
    return Attribute(model, path, found)


def on_class(model: Any, accessor: Any, relation: Any) -> Any:
    """What a relation's accessor gives on the class: an attribute, once the target is known."""
    if model is None or isinstance(relation.remote_field.model, str):
        return accessor
    return attribute(model, relation.name, relation, accessor)


def _field_on_class(field: Any, owner: Any) -> Any:
    return attribute(owner, field.attname, field) if hasattr(owner, "_meta") else field


Condition.attributes = _Comparable
of_class.append(_field_on_class)
