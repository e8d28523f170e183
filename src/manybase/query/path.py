"""From a name in a query to the way it goes: ``editor__name__icontains``, checked at the call.

``resolve`` is asked by ``record`` when a call is made and by ``query.compile`` when a plan is
built; its answers are kept per model until a new model is defined. It never looks at values.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from manybase.errors import FieldError, QueryError, hint_for
from manybase.meta.lookups import is_lookup, registered
from manybase.meta.registry import registry
from manybase.meta.steps import Step
from manybase.meta.storage import Storage
from manybase.query.applied import Applied, Keys, key
from manybase.query.standins import FIELDS
from manybase.query.state import VALUE

#: Lookups by the way in which their value is read.
TEXT_LOOKUPS = frozenset(
    {"contains", "icontains", "startswith", "istartswith", "endswith", "iendswith", "iexact"}
)
REGEX_LOOKUPS = frozenset({"regex", "iregex"})
COMPARISONS = frozenset({"exact", "gt", "gte", "lt", "lte"})
RELATION_LOOKUPS = COMPARISONS | {"in", "isnull", "range"}
LOOKUPS = COMPARISONS | TEXT_LOOKUPS | REGEX_LOOKUPS | {"in", "range", "isnull"}
#: Lookups that only JSON documents have.
KEY_LOOKUPS = frozenset({"has_key", "has_keys", "has_any_keys"})
JSON_LOOKUPS = LOOKUPS | KEY_LOOKUPS | {"contained_by"}

DATE_PARTS = frozenset(
    {"year", "iso_year", "month", "day", "week", "week_day", "iso_week_day", "quarter"}
)
TIME_PARTS = frozenset({"hour", "minute", "second"})
TRANSFORMS: dict[str, frozenset[str]] = {
    "date": DATE_PARTS,
    "datetime": DATE_PARTS | TIME_PARTS | {"date", "time"},
    "time": TIME_PARTS,
}


_TEXT = Storage("text")


class Path:
    """Where a name leads.

    Attributes:
        model: The model that the name starts at.
        name: The name as given.
        steps: The joins to make.
        field: The field whose column is compared, on the last step's target.
        relation: The relation that the name ends at, or None.
        object_field: The field of a related object whose value stands for the object.
        value_field: The field that says which values can be compared.
        transforms: What is made of the column's value: its year, what keys lead to.
        lookup: The comparison, ``"exact"`` where none was written.
        custom: The program's own ``Lookup``, where one is registered under that name.
        holder: The field that knows lookups of, and checks values of, what is compared.
        storage: How what is compared is kept.
        leaf: The shape of a comparison with one plain value.
    """

    __slots__ = (
        "custom",
        "family",
        "field",
        "holder",
        "leaf",
        "lookup",
        "model",
        "name",
        "object_field",
        "plain",
        "relation",
        "steps",
        "storage",
        "transforms",
        "value_field",
    )

    def __init__(self, model: Any, name: str) -> None:
        self.model = model
        self.name = name
        self.steps: tuple[Step, ...] = ()
        self.field: Any = None
        self.relation: Any = None
        self.object_field: Any = None
        self.value_field: Any = None
        self.transforms: tuple[Any, ...] = ()
        self.lookup = "exact"
        self.custom: Any = None
        self.holder: Any = None
        self.storage = _TEXT
        self.family = ""
        self.plain: frozenset[type] = frozenset()
        self.leaf = ("=", name, VALUE)

    @property
    def multi(self) -> bool:
        """Whether one object can be met several times on this way."""
        return any(step.multi for step in self.steps)


_paths: dict[Any, dict[str, Path]] = {}
_columns: dict[Any, dict[str, Path]] = {}
registry.on_change += [_paths.clear, _columns.clear]


def resolve(model: Any, name: str) -> Path:
    """Return the path of a name with an optional lookup at its end.

    Raises:
        FieldError: A part of the name is no field, relation, transform or lookup.
    """
    known = _paths.get(model)
    if known is None:
        known = _paths[model] = {}
    path = known.get(name)
    if path is None:
        path = known[name] = _walk(model, name, True)
    return path


def resolve_column(model: Any, name: str) -> Path:
    """Return the path of a name that must end at a field: for order_by, values, F.

    Raises:
        FieldError: A part of the name is no field or relation, or a lookup follows.
    """
    known = _columns.get(model)
    if known is None:
        known = _columns[model] = {}
    path = known.get(name)
    if path is None:
        path = known[name] = _walk(model, name, False)
    return path


def _walk(model: Any, name: str, lookups: bool, link: Any = None) -> Path:
    if not isinstance(name, str):
        raise QueryError(
            f"the name of a field of '{model._meta.label}' must be a text,"
            f" not {type(name).__name__}"
        )
    path = Path(model, name)
    parts = name.split("__")
    used = _follow(path, parts, link)
    if path.relation is not None:
        _end_lookup(path, parts, used, lookups)
    else:
        path.holder, path.storage = path.field, path.field.storage
        if not _take(path, parts[used:], lookups):
            raise unknown_part(path, parts, used + _depth(path))
    path.value_field = path.field
    _trim(path)
    while path.value_field.is_relation:
        path.value_field = path.value_field.target_field
    if path.relation is not None:
        path.holder, path.storage = path.value_field, path.field.storage
    path.family = path.storage.family
    if not path.transforms and path.custom is None and path.family != "json":
        path.plain = path.value_field.plain_types
    return path


def _end_lookup(path: Path, parts: list[str], used: int, lookups: bool) -> None:
    """Take the lookup after a relation: one of few, or one registered for the relation."""
    rest = parts[used:]
    if not rest:
        return
    custom = registered(path.relation, rest[0]) if lookups and path.relation.concrete else None
    if len(rest) > 1 or not lookups or not (is_lookup(custom) or rest[0] in RELATION_LOOKUPS):
        raise unknown_part(path, parts, used)
    path.lookup = rest[0]
    path.custom = custom if is_lookup(custom) else None


def _take(path: Path, rest: list[str], lookups: bool) -> bool:
    """Take transforms and, at the end, a lookup; return whether every name meant something."""
    for position, name in enumerate(rest):
        found = registered(path.holder, name)
        json = path.storage.family == "json"
        known = JSON_LOOKUPS if json else LOOKUPS
        last = lookups and position == len(rest) - 1
        if last and (is_lookup(found) or (found is None and name in known)):
            path.lookup, path.custom = name, found
            return True
        found = found or registered(FIELDS.get(path.storage.family), name)
        if found is not None and not is_lookup(found):
            _transform(path, Applied(found, name, path.storage))
        elif json:
            _enter_document(path, name)
        else:
            return False
    if lookups:
        exact = registered(path.holder, path.lookup)
        path.custom = exact if is_lookup(exact) else None
    return True


def _transform(path: Path, applied: Applied) -> None:
    path.transforms += (applied,)
    if applied.output_field is not None:
        path.holder = applied.output_field
    elif applied.storage.family != path.storage.family:
        path.holder = FIELDS.get(applied.storage.family)
    path.storage = applied.storage


def _enter_document(path: Path, name: str) -> None:
    keys: tuple[str | int, ...] = (key(name),)
    last = path.transforms[-1] if path.transforms else None
    if isinstance(last, Keys):
        keys = last.keys + keys
        path.transforms = path.transforms[:-1]
    path.transforms += (Keys(keys, path.storage),)


def _depth(path: Path) -> int:
    """How many parts of a name the transforms took."""
    return sum(len(one.keys) if isinstance(one, Keys) else 1 for one in path.transforms)


def beginnings(name: str) -> Iterator[str]:
    """The names that a name can begin with, the longest first."""
    while name:
        yield name
        name = name.rpartition("__")[0]


def annotation_of(name: str, known: Container[str]) -> tuple[str, str] | None:
    """The annotation that a name begins with, and what follows; None where there is none.

    The name of an annotation may hold ``__`` itself, as that of ``Count("authors")`` does.
    """
    for alias in beginnings(name):
        if alias in known:
            return alias, name[len(alias) + 2 :]
    return None


def linked_path(model: Any, name: str, link: Any, lookups: bool) -> Path:
    """Return the path of a name that begins with a ``FilteredRelation``."""
    return _walk(model, name, lookups, link)


def annotated_path(model: Any, name: str, rest: str, annotation: Any, lookups: bool = True) -> Path:
    """Return the path of a name that begins with an annotation.

    Args:
        model: The queryset's model, for error messages.
        name: The whole name.
        rest: What follows the annotation's name.
        annotation: What the name stands for.
        lookups: Whether the last part may be a lookup.

    Raises:
        FieldError: What follows is no transform or lookup.
    """
    path = Path(model, name)
    path.field = path.value_field = annotation.field
    path.storage = annotation.storage or _TEXT
    path.holder = annotation.field or FIELDS.get(path.storage.family)
    parts = rest.split("__") if rest else []
    if not _take(path, parts, lookups):
        part = parts[_depth(path)]
        raise FieldError(
            f"unknown lookup '{part}' of '{name}' for the annotation"
            f" '{name.removesuffix(f'__{rest}')}'",
            hint=hint_for(part, _names(path)),
        )
    path.family = path.storage.family
    if annotation.relation is not None and not path.transforms:
        path.relation = annotation.relation.relation
        path.object_field = annotation.relation.object_field
        path.value_field = annotation.relation.value_field
    return path


def _follow(path: Path, parts: list[str], link: Any = None) -> int:
    """Walk over fields and relations; return how many parts were used."""
    model = path.model
    if link is not None:
        path.field = path.relation = link
        model = link.steps()[-1].target
        parts = ["", *parts[1:]]
    for position, part in enumerate(parts):
        if not position and link is not None:
            continue
        if path.field is not None and path.relation is None:
            return position
        found = model._meta.pk if part == "pk" else model._meta.names.get(part)
        if found is None:
            if path.field is None:
                raise unknown_part(path, parts, position)
            return position
        if path.relation is not None:
            path.steps += path.relation.steps()
        model = _enter(path, model, found, part)
    return len(parts)


def _enter(path: Path, model: Any, found: Any, part: str) -> Any:
    """Take one field or relation into the path; return the model that the path is at."""
    owner = found.model._meta.concrete_model
    concrete = model._meta.concrete_model
    if owner is not concrete and owner in concrete._meta.get_parent_list():
        path.steps += model._meta.steps_to_parent(owner)
    path.field = found
    path.relation = None
    if not found.is_relation or (part == found.attname and part != found.name):
        return model
    path.relation = found
    if not hasattr(found, "steps"):
        raise FieldError(
            f"'{found.name}' of model '{path.model._meta.label}' cannot be used in a query:"
            " a generic key has no table of its own",
            hint="Filter on its content type and object id fields, or declare a GenericRelation.",
        )
    return found.steps()[-1].target


def is_linked(step: Step) -> bool:
    """Whether a join belongs to a ``FilteredRelation``."""
    return type(step.key) is tuple and step.key[0] == "linked"


def _trim(path: Path) -> None:
    """End at the column that is compared, without the joins that only repeat it."""
    if path.relation is not None:
        _end_at_relation(path)
        return
    while path.steps:
        step = path.steps[-1]
        pair = step.pairs[0]
        if step.multi or len(step.pairs) > 1 or pair[1] is not path.field or step.restrict:
            return
        if is_linked(step):
            return  # the join has a condition of its own
        path.steps = path.steps[:-1]
        path.field = pair[0]


def _end_at_relation(path: Path) -> None:
    """Compare the nearest column that holds the related object's key."""
    steps = path.relation.steps()
    last = steps[-1]
    pair = last.pairs[0]
    reverse = path.relation.one_to_one and not path.relation.concrete
    if last.multi or reverse or is_linked(last):
        path.steps += steps
        path.field = path.object_field = last.target._meta.pk
    else:
        path.steps += steps[:-1]
        path.field, path.object_field = pair
    path.value_field = path.object_field


def check_related(path: Path, wanted: Any, given: Any) -> None:
    """Refuse an object or a queryset of a model that the relation cannot lead to."""
    one, other = wanted._meta.concrete_model, given._meta.concrete_model
    if one is other or one in other._meta.get_parent_list() or other in one._meta.get_parent_list():
        return
    raise FieldError(
        f"'{path.name}' takes objects of '{one._meta.label}', not of '{other._meta.label}'"
    )


def unknown_part(path: Path, parts: list[str], position: int) -> FieldError:
    """The error for a part of a name that means nothing at its place."""
    part = parts[position]
    if path.field is None or (path.relation is not None and part not in LOOKUPS):
        model = path.model if path.relation is None else path.relation.steps()[-1].target
        names = model._meta.public_names()
        if path.relation is not None:
            names = [*names, *RELATION_LOOKUPS]
        return FieldError(
            f"cannot resolve '{part}' of '{path.name}': model '{model._meta.label}'"
            f" has no such field",
            hint=hint_for(part, names),
        )
    if path.relation is not None:
        return FieldError(
            f"lookup '{part}' of '{path.name}' does not apply to the relation"
            f" '{path.relation.name}'",
            hint=f"Compare a field of it, or use one of {', '.join(sorted(RELATION_LOOKUPS))}.",
        )
    return FieldError(
        f"unknown lookup '{part}' of '{path.name}' for field '{path.field}'",
        hint=hint_for(part, _names(path)),
    )


def _names(path: Path) -> set[str]:
    """The lookups and transforms that could stand where a name was not known."""
    names = set(LOOKUPS)
    for field in (path.holder, FIELDS.get(path.storage.family)):
        if field is not None:
            names.update(field.get_lookups())
    return names
