"""Writing calls into a recording: names are checked, values prepared, places noted.

Called by querysets and by ``ops``. Each function returns a new recording; nothing is compiled
or executed. A wrong name or value raises here, at the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from manybase.errors import FieldError, QueryError
from manybase.meta.attributes import is_spelled
from manybase.meta.registry import registry
from manybase.query.expressions import Expression, F, OrderBy
from manybase.query.named import record_annotate
from manybase.query.path import annotation_of, resolve, resolve_column
from manybase.query.recorder import EMPTY, Recorder
from manybase.query.refusals import refuse_combined
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


def _quick(recording: R, kwargs: Mapping[str, Any]) -> R | None:
    """Record keywords with plain values of the fields' own types; None where one is not."""
    annotations = recording.annotations
    if annotations and any(annotation_of(name, annotations) for name in kwargs):
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
    recording, names = _name_aggregates(recording, names)
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


def _name_aggregates(recording: R, names: tuple[Any, ...]) -> tuple[R, tuple[Any, ...]]:
    """Aggregates to order by become hidden annotations, which know how to group."""
    found: list[Any] = []
    for name in names:
        by = name if isinstance(name, OrderBy) else None
        inner = by.expression if by is not None else name
        if isinstance(inner, Expression) and not isinstance(inner, F):
            recorder = Recorder(recording)
            if recorder.is_aggregate(recorder.expression(inner)):
                alias = f"order_by_{len(recording.annotations or ())}"
                recording = record_annotate(recording, {alias: inner}, False)
                name = OrderBy(F(alias), by is not None and by.descending, by.nulls if by else "")
        found.append(name)
    return recording, tuple(found)


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
    if recorder.is_annotation(bare) or recorder.link(bare) is not None:
        return ("by", recorder.column(bare), descending, "")
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
    if mode == "named":
        _check_row([name for name, _ in nodes])
    return recorder.finish(recording, ("values", nodes, mode))


def _check_row(names: list[str]) -> None:
    """Refuse names that a named tuple cannot have."""
    for position, name in enumerate(names):
        if not is_spelled(name) or name.startswith("_") or name in names[:position]:
            raise QueryError(
                f"named=True cannot give a row the name '{name}'",
                hint="Name it with annotate(other_name=F('...')), or read tuples or values().",
            )


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
        node = recorder.assign(field, value)
        if recorder.is_aggregate(node) or recorder.is_window(node):
            what = "an aggregate" if recorder.is_aggregate(node) else "a function of a window"
            raise FieldError(
                f"cannot update '{name}' of model '{model._meta.label}' to {what}",
                hint="Use a Subquery that computes it.",
            )
        nodes.append((field.name, node))
    return recorder.finish(recording, ("set", tuple(nodes)))


def merge_places(recording: R, *others: Recording) -> R:
    """Return the recording with the places of others noted in it."""
    new = recording._chain()
    new.places = places_of(recording.places, *(o.places for o in others))
    return new
