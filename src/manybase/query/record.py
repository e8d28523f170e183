"""Writing calls into a recording: names are checked, values prepared, places noted.

Called by querysets and by ``ops``. Each function returns a new recording; nothing is compiled
or executed. A wrong name or value raises here, at the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from manybase.errors import FieldValueError, QueryError
from manybase.meta.registry import registry
from manybase.query.expressions import Expression, F, OrderBy
from manybase.query.kinds import Annotation, is_window, windows
from manybase.query.path import resolve, resolve_column
from manybase.query.q import Q
from manybase.query.recorder import EMPTY, Recorder
from manybase.query.standins import FIELDS
from manybase.query.state import Recording, places_of

R = TypeVar("R", bound=Recording)


def record_filter(
    recording: R, args: tuple[Any, ...], kwargs: Mapping[str, Any], negated: bool = False
) -> R:
    """Record ``filter()`` or, negated, ``exclude()``.

    Raises:
        FieldError: A name is unknown.
        FieldValueError: A value cannot be compared with its field.
        CrossDatabaseError: The recording is placed and a value belongs to another database.
    """
    if not args and not kwargs:
        return recording
    for call in recording.shape:
        if call[0] in _LAST:
            _refuse_filter(recording, "exclude" if negated else "filter")
    if not args and not negated:
        quick = _quick(recording, kwargs)
        if quick is not None:
            return quick
    recorder = Recorder(recording)
    nodes = [node for arg in args if (node := recorder.condition(arg)) is not EMPTY]
    for name, value in kwargs.items():
        nodes.append(recorder.compare(name, value))
    if not nodes:
        return recording._chain()
    node = nodes[0] if len(nodes) == 1 else ("and", *nodes)
    new = recorder.finish(recording, ("exclude" if negated else "filter", node))
    nothing = recorder.met_empty_list and not negated
    if nothing and any(n[0] == "=" and n[2] == ("list", 0) for n in nodes):
        return new._record(("none",))  # nothing is in an empty list: no database is asked
    return new


_LAST = frozenset({"slice", "combine"})


def _refuse_filter(recording: Recording, verb: str) -> None:
    refuse_combined(recording, verb)
    raise QueryError(
        f"cannot filter '{recording.model._meta.label}' after a slice was taken",
        hint="Filter first, then slice.",
    )


def refuse_combined(recording: Recording, verb: str) -> None:
    """Refuse a call that has no meaning after ``union()`` and its like.

    Raises:
        QueryError: The recording is a combination.
    """
    for call in recording.shape:
        if call[0] == "combine":
            raise QueryError(
                f"calling {verb}() after {call[1]}() is not supported",
                hint=f"Call {verb}() on each queryset before they are combined.",
            )


def _quick(recording: R, kwargs: Mapping[str, Any]) -> R | None:
    """Record keywords with plain values of the fields' own types; None where one is not."""
    annotations = recording.annotations
    if annotations and any(name.partition("__")[0] in annotations for name in kwargs):
        return None
    plain = plain_call(recording.model, kwargs)
    return None if plain is None else recording._record(*plain)


def plain_call(model: Any, kwargs: Mapping[str, Any]) -> tuple[Any, tuple[Any, ...]] | None:
    """The call ``filter(**kwargs)`` and its parameters, if every value is plain; else None."""
    leaves: list[Any] = ["and"]
    values: list[Any] = []
    for name, value in kwargs.items():
        path = resolve(model, name)
        if type(value) not in path.plain or path.lookup not in _PLAIN_LOOKUPS:
            return None
        leaves.append(path.leaf)
        values.append(value)
    node = leaves[1] if len(leaves) == 2 else tuple(leaves)
    return ("filter", node), tuple(values)


_PLAIN_LOOKUPS = frozenset({"exact", "gt", "gte", "lt", "lte"})


def record_order(recording: R, names: Iterable[Any]) -> R:
    """Record ``order_by()``: names (``-`` for descending, ``?``), expressions; none clears."""
    if recording.is_sliced:
        raise QueryError(
            f"cannot reorder '{recording.model._meta.label}' after a slice was taken",
            hint="Order first, then slice.",
        )
    names = tuple(names)
    if recording.annotations is None:
        known = _orders.get((recording.model, names)) if _are_texts(names) else None
        if known is not None:
            return recording._record(known)
    recorder = Recorder(recording)
    call = ("order", tuple(_order_node(recorder, name) for name in names))
    if recording.annotations is None and _are_texts(names) and len(_orders) < MOST_ORDERS:
        _orders[recording.model, names] = call
    return recorder.finish(recording, call)


#: Orders by names alone that were checked before; forgotten when models change.
_orders: dict[tuple[Any, tuple[str, ...]], tuple[Any, ...]] = {}
MOST_ORDERS = 1000
registry.on_change.append(_orders.clear)


def _are_texts(names: tuple[Any, ...]) -> bool:
    return all(type(name) is str for name in names)


def _order_node(recorder: Recorder, name: Any) -> tuple[Any, ...]:
    if isinstance(name, OrderBy):
        return name.node(recorder)
    if isinstance(name, Expression):
        return OrderBy(name).node(recorder)
    if not isinstance(name, str):
        raise QueryError(
            f"order_by() takes names and expressions, not {type(name).__name__}",
            hint="Write order_by('title') or order_by('-title').",
        )
    if name == "?":
        return ("random",)
    descending = name.startswith("-")
    bare = name[1:] if name[:1] in "+-" else name
    if recorder.is_annotation(bare):
        return ("by", ("ref", bare), descending, "")
    resolve_column(recorder.model, bare)
    return ("sort", bare, descending)


def record_slice(recording: R, start: int | None, stop: int | None) -> R:
    """Record a slice of the rows that earlier slices left."""
    if not recording.is_sliced and not start and stop is not None:
        return recording._record(("slice", False, True), (stop,))
    low, high = bounds(recording)
    new_low = low + (start or 0)
    new_high = high if stop is None else low + stop
    if high is not None:
        new_low = min(new_low, high)
        new_high = min(new_high, high) if new_high is not None else high
    new = recording._chain()
    kept, dropped = [], 0
    for call in recording.shape:
        if call[0] == "slice":
            dropped = call[1] + call[2]
        else:
            kept.append(call)
    params = recording.params[: len(recording.params) - dropped]
    limit = None if new_high is None else max(0, new_high - new_low)
    call = ("slice", bool(new_low), limit is not None)
    new.shape = (*kept, call)
    new.params = params + ((new_low,) if new_low else ()) + ((limit,) if limit is not None else ())
    return new


def bounds(recording: Recording) -> tuple[int, int | None]:
    """First row and end of the slice that was taken, end None for none."""
    for call in recording.shape:
        if call[0] == "slice":
            values = list(recording.params[len(recording.params) - call[1] - call[2] :])
            low = values.pop(0) if call[1] else 0
            return low, low + values[0] if call[2] else None
    return 0, None


def record_values(recording: R, names: Iterable[Any], mode: str = "tuple") -> R:
    """Record ``values()`` (mode "dict") or ``values_list()`` ("tuple", "flat", "named")."""
    recorder = Recorder(recording)
    nodes = tuple(_value_node(recorder, name) for name in names)
    return recorder.finish(recording, ("values", nodes, mode))


def _value_node(recorder: Recorder, name: Any) -> tuple[str, Any]:
    if isinstance(name, F):
        return name.name, name.node(recorder)
    if isinstance(name, str):
        return name, recorder.column(name)
    raise QueryError(
        f"values() takes names and F(), not {type(name).__name__}",
        hint="Name an expression with annotate() first.",
    )


def record_update(recording: R, values: Mapping[str, Any]) -> R:
    """Record the assignments of ``update()``; names may be attnames of foreign keys."""
    model = recording.model
    refuse_combined(recording, "update")
    if recording.is_sliced:
        raise QueryError(
            f"cannot update '{model._meta.label}' once a slice has been taken",
            hint="Filter with pk__in=... of the sliced queryset.",
        )
    recorder = Recorder(recording)
    nodes = []
    for name, value in values.items():
        field = model._meta.get_field(name)
        if not field.concrete:
            raise QueryError(
                f"cannot update '{name}' of model '{model._meta.label}': it is no column",
                hint="Only fields and foreign keys of the model can be updated.",
            )
        if field.many_to_many or field.column is None:
            raise QueryError(
                f"cannot update '{name}' of model '{model._meta.label}': it is no column",
                hint=f"Use the manager: instance.{field.name}.set([...]).",
            )
        if field.generated:
            raise QueryError(
                f"cannot update '{name}' of model '{model._meta.label}': the database works it out",
                hint="Update the fields that it is worked out from.",
            )
        nodes.append((field.name, recorder.assign(field, value)))
    return recorder.finish(recording, ("set", tuple(nodes)))


def record_annotate(recording: R, named: Mapping[str, Any], selected: bool) -> R:
    """Record ``annotate()`` or, not selected, ``alias()``."""
    refuse_combined(recording, "annotate" if selected else "alias")
    new = recording
    for name, expression in named.items():
        new = _annotate(new, name, expression, selected)
    return new


def _annotate(recording: R, name: str, expression: Any, selected: bool) -> R:
    model = recording.model
    check_alias(name)
    if name in model._meta.names:
        raise QueryError(
            f"the annotation '{name}' conflicts with a field of model '{model._meta.label}'",
            hint="Give the annotation another name.",
        )
    recorder = Recorder(recording)
    node = recorder.expression(expression)
    new = recorder.finish(recording, ("annotate", name, node, selected))
    storage = recorder.storage(node)
    field = FIELDS[storage.family if storage is not None else "text"]
    window = is_window(node, windows(recording.annotations))
    info = Annotation(storage, recorder.is_aggregate(node), field, selected, window)
    new.annotations = {**(recording.annotations or {}), name: info}
    return new


def record_aggregate(recording: R, named: Mapping[str, Any]) -> R:
    """Record ``aggregate()``."""
    refuse_combined(recording, "aggregate")
    recorder = Recorder(recording)
    recorder.over_rows = True
    nodes = []
    for name, expression in named.items():
        check_alias(name)
        node = recorder.expression(expression)
        if not recorder.is_aggregate(node):
            raise QueryError(
                f"'{name}' is no aggregate",
                hint="aggregate() takes Count, Sum, Avg, Min, Max and the like; annotate()"
                " takes any expression.",
            )
        nodes.append((name, node))
    return recorder.finish(recording, ("aggregate", tuple(nodes)))


def check_alias(name: Any) -> None:
    """Refuse a name that is no identifier: names go into SQL as labels.

    Raises:
        QueryError: It is none.
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise QueryError(
            "the name of an annotation must be an identifier: letters, digits, underscores",
            hint="Column names of that kind can be made from the results afterwards.",
        )


def record_related(recording: R, names: Iterable[str] | None) -> R:
    """Record ``select_related()``: names, none for all that are not null, None to clear."""
    refuse_combined(recording, "select_related")
    if names is None:
        return recording._record(("related", None))
    names = tuple(names)
    for name in names:
        _check_single(recording.model, name)
    return recording._record(("related", names))


def _check_single(model: Any, name: str) -> None:
    path = resolve_column(model, name)
    relation = path.relation
    if relation is None or path.multi:
        singles = sorted(f.name for f in model._meta.get_fields() if f.is_relation and _single(f))
        raise QueryError(
            f"select_related() cannot follow '{name}' of model '{model._meta.label}'",
            hint=f"Choices are: {', '.join(singles) or '(none)'}."
            + (" Use prefetch_related() for relations to many." if relation else ""),
        )


def _single(field: Any) -> bool:
    return bool(field.many_to_one or field.one_to_one) and hasattr(field, "steps")


def record_only(recording: R, names: Iterable[str], kind: str) -> R:
    """Record ``only()`` or ``defer()``; the names are checked."""
    refuse_combined(recording, kind)
    names = tuple(names)
    for name in names:
        resolve_column(recording.model, name)
    return recording._record((kind, names))


def record_distinct(recording: R, names: tuple[str, ...]) -> R:
    """Record ``distinct()``, of some fields where they are named."""
    refuse_combined(recording, "distinct")
    _refuse_locked(recording, "distinct")
    for name in names:
        resolve_column(recording.model, name)
    return recording._record(("distinct", names) if names else ("distinct",))


def _refuse_locked(recording: Recording, verb: str) -> None:
    if recording._calls("lock"):
        raise QueryError(f"{verb}() cannot be used with select_for_update()")


def record_lock(recording: R, words: Mapping[str, bool], of: tuple[str, ...]) -> R:
    """Record ``select_for_update()``; the relations named are checked."""
    refuse_combined(recording, "select_for_update")
    if words.get("nowait") and words.get("skip_locked"):
        raise QueryError("nowait and skip_locked cannot be used together")
    if recording._calls("distinct", "values", "dates") or any(
        a.aggregate for a in (recording.annotations or {}).values()
    ):
        raise QueryError(
            "select_for_update() cannot be used with distinct(), values() or aggregates",
            hint="Lock the objects by key: filter(pk__in=...).select_for_update().",
        )
    for name in of:
        if name != "self":
            _check_single(recording.model, name)
    return recording._record(("lock", tuple(sorted(words.items())), of))


def record_dates(recording: R, name: str, kind: str, order: str, family: str) -> R:
    """Record ``dates()`` or ``datetimes()``."""
    refuse_combined(recording, f"{family}s")
    path = resolve_column(recording.model, name)
    if path.relation is not None or path.family not in (
        ("date", "datetime") if family == "date" else ("datetime",)
    ):
        raise FieldValueError(
            f"'{name}' of model '{recording.model._meta.label}' holds no {family}s"
        )
    return recording._record(("dates", name, kind, order, family))


def merge_places(recording: R, *others: Recording) -> R:
    """Return the recording with the places of others noted in it."""
    new = recording._chain()
    new.places = places_of(recording.places, *(o.places for o in others))
    return new


__all__ = [
    "Q",
    "bounds",
    "merge_places",
    "check_alias",
    "plain_call",
    "record_aggregate",
    "record_annotate",
    "record_dates",
    "record_distinct",
    "record_filter",
    "record_lock",
    "record_only",
    "record_order",
    "record_related",
    "record_slice",
    "record_update",
    "record_values",
    "refuse_combined",
]
