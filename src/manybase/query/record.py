"""Writing calls into a recording: names are checked, values prepared, places noted.

Called by querysets and by ``ops``. Each function returns a new recording; nothing is compiled
or executed. A wrong name or value raises here, at the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from manybase.errors import FieldError, QueryError
from manybase.meta.attributes import is_spelled
from manybase.query.branch import Branch, Prepared
from manybase.query.expressions import Expression, F, OrderBy
from manybase.query.kinds import holds_aggregate
from manybase.query.matcher import (
    comes_often,
    keep_matcher,
    matcher,
    matcher_of_expressions,
)
from manybase.query.named import record_annotate
from manybase.query.path import annotation_of, resolve_column
from manybase.query.prepare import described, key_of, object_field
from manybase.query.recorder import EMPTY, Recorder
from manybase.query.refusals import refuse_combined, refuse_dates
from manybase.query.state import Placed, Recording, merge_place
from manybase.query.words import of_assignments, of_conditions, of_keywords

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
    branch = recording.branch
    alike, key = recording.annotations is branch.annotations, None
    if alike and not negated:
        if not args:
            to = branch.known.get((*kwargs, *map(type, kwargs.values())))
            if to is not None:
                return recording._moved(to, (*recording.params, *kwargs.values()))
        key = (len(args), *kwargs)
        for match, to in branch.matchers.get(key, ()):
            params = match(args, kwargs)
            if params is not None:
                return recording._moved(to, recording.params + params)
    values: list[Any] = []
    words = of_conditions(args, kwargs, values, negated)
    if words is None or not alike:
        return _record_filter(recording, args, kwargs, negated)[0]
    known = branch.prepared.get(words)
    if known is not None:
        if key is not None and not known.objects and comes_often(branch, key, words):
            keep_matcher(branch, key, matcher(args, kwargs, known.preparers), known.branch)
        return _known_prepared(recording, known, values)
    new, recorder = _record_filter(recording, args, kwargs, negated)
    if recorder is None or not _keep(branch, words, new.branch, recorder, values):
        return new
    if (
        not args
        and not negated
        and not recorder.preparers
        and not recorder.objects
        and len(values) == len(kwargs)
    ):
        branch.known[of_keywords(kwargs)] = new.branch
    return new


def _known_prepared(recording: R, known: Prepared, values: list[Any]) -> R:
    branch, preparers, objects = known
    for position, prepare in preparers:
        values[position] = prepare(values[position])
    if not objects:
        return recording._moved(branch, (*recording.params, *values))
    places = dict(recording.places or ())
    for position, path, attname, description in objects:
        obj = values[position]
        alias = obj._origin.alias
        values[position] = key = getattr(obj, attname)
        if key is None:
            key_of(path, obj)  # says that there is none
        if alias is not None:
            merge_place(places, alias, Placed(description, obj))
    new = recording._moved(branch, (*recording.params, *values))
    new.places = places or None
    return new


def _keep(branch: Branch, words: Any, to: Branch, recorder: Recorder, values: list[Any]) -> bool:
    """Remember where the words of a call lead, if its values were all taken one by one."""
    if not recorder.as_given or len(recorder.params) != len(values):
        return False
    objects = [
        (position, path, object_field(path, type(values[position])).attname, described(path))
        for position, path in recorder.objects.items()
    ]
    preparers = tuple([(position, make()) for position, make in recorder.preparers.items()])
    branch.prepared[words] = Prepared(to, preparers, tuple(objects))
    return True


def _record_filter(
    recording: R, args: tuple[Any, ...], kwargs: Mapping[str, Any], negated: bool
) -> tuple[R, Recorder | None]:
    if recording.branch.closed:
        _refuse_filter(recording, "exclude" if negated else "filter")
    recorder = Recorder(recording)
    nodes = [node for arg in args if (node := recorder.condition(arg)) is not EMPTY]
    for name, value in kwargs.items():
        nodes.append(recorder.compare(name, value))
    if not nodes:
        return recording._chain(), None
    if any(holds_aggregate(n) for n in nodes):
        raise QueryError(
            f"an aggregate cannot stand in {'exclude' if negated else 'filter'}() itself",
            hint="Name it first: .annotate(total=Sum(...)).filter(total__gt=...).",
        )
    node = nodes[0] if len(nodes) == 1 else ("and", *nodes)
    new = recorder.finish(recording, ("exclude" if negated else "filter", node))
    nothing = recorder.met_empty_list and not negated
    if nothing and any(n[0] == "=" and n[2] == ("list", 0) for n in nodes):
        return new._record(("none",)), None  # nothing is in an empty list: no database is asked
    return new, recorder


def _refuse_filter(recording: Recording, verb: str) -> None:
    refuse_combined(recording, verb)
    raise QueryError(
        f"cannot filter '{recording.model._meta.label}' after a slice was taken",
        hint="Filter first, then slice.",
    )


def record_order(recording: R, names: Iterable[Any]) -> R:
    """Record ``order_by()``: names (``-`` for descending, ``?``), expressions; none clears."""
    if recording.branch.sliced:
        raise QueryError(
            f"cannot reorder '{recording.model._meta.label}' after a slice was taken",
            hint="Order first, then slice.",
        )
    names = tuple(names)
    known = known_names(recording, "order", names)
    if known is not None:
        return known
    given, texts = recording, names
    if names:
        refuse_dates(recording, "order_by")
    recording, names = _name_aggregates(recording, names)
    recorder = Recorder(recording)
    call = ("order", tuple(_order_node(recorder, name) for name in names))
    new = recorder.finish(recording, call)
    _keep_names(given, "order", texts, new.branch)
    return new


def known_names(recording: R, call: str, names: tuple[Any, ...]) -> R | None:
    """Record a call that only names columns, where it was made before; None where it was not."""
    branch = recording.branch
    if recording.annotations is not branch.annotations:
        return None
    try:
        known = branch.known.get((call, names))
    except TypeError:  # no name: it has no hash
        return None
    return None if known is None else recording._moved(known, recording.params)


def _keep_names(recording: Recording, call: str, names: tuple[Any, ...], to: Branch) -> None:
    """Remember where a call leads whose names are all plain texts."""
    branch = recording.branch
    if recording.annotations is branch.annotations and _TEXT.issuperset(map(type, names)):
        branch.known[call, names] = to


_TEXT = frozenset({str})


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
    if annotation_of(bare, recorder.recording.annotations or ()) is not None:
        return ("by", recorder.column(bare), descending, "")
    resolve_column(recorder.model, bare)
    return ("sort", bare, descending)


FIRST = ("slice", False, True)
"""The call that keeps the first rows; their number is its parameter."""


def record_slice(recording: R, start: int | None, stop: int | None) -> R:
    """Record a slice of the rows that earlier slices left."""
    if not recording.is_sliced and not start and stop is not None:
        return recording._record(FIRST, (stop,))
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
    names = tuple(names)
    known = known_names(recording, mode, names)
    if known is not None:
        return known
    refuse_dates(recording, "values")
    recorder = Recorder(recording)
    nodes = tuple(_value_node(recorder, name) for name in names)
    if mode == "named":
        _check_row([name for name, _ in nodes])
    new = recorder.finish(recording, ("values", nodes, mode))
    _keep_names(recording, mode, names, new.branch)
    return new


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
    branch = recording.branch
    given: list[Any] = []
    key = ("set", *values)
    if recording.annotations is not branch.annotations:
        return _record_update(recording, values)[0]
    for match, to in branch.matchers.get(key, ()):
        params = match((), values)
        if params is not None:
            return recording._moved(to, recording.params + params)
    words = of_assignments(values, given)
    if words is None:
        return _record_update(recording, values)[0]
    words = ("set", *words)
    known = branch.prepared.get(words)
    if known is not None:
        if not known.objects and comes_often(branch, key, words):
            match = matcher_of_expressions(values, known.preparers)
            keep_matcher(branch, key, match, known.branch)
        return _known_prepared(recording, known, given)
    new, recorder = _record_update(recording, values)
    _keep(branch, words, new.branch, recorder, given)
    return new


def _record_update(recording: R, values: Mapping[str, Any]) -> tuple[R, Recorder]:
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
    return recorder.finish(recording, ("set", tuple(nodes))), recorder
