"""Recording expressions by name: ``annotate()``, ``alias()`` and ``aggregate()``.

Names become labels in SQL and attributes of objects, so they must be identifiers and free.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from manybase.errors import QueryError
from manybase.meta.attributes import is_kept, is_read_only, is_spelled
from manybase.query.filtered import FilteredRelation, link_to
from manybase.query.kinds import Annotation, is_window, windows
from manybase.query.recorder import Recorder
from manybase.query.refusals import refuse_combined
from manybase.query.standins import FIELDS
from manybase.query.state import Recording
from manybase.query.tuples import Tuple

R = TypeVar("R", bound=Recording)


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
    if name == "pk":
        raise QueryError(
            "an annotation cannot be named 'pk'", hint="It stands for the primary key of every row."
        )
    if selected and not recording._calls("values", "dates"):
        _check_attribute(model, name, "annotation")
    if isinstance(expression, FilteredRelation):
        return _relate(recording, name, expression)
    if isinstance(expression, Tuple):
        return _group(recording, name, expression)
    if name in model._meta.names:
        raise QueryError(
            f"the annotation '{name}' conflicts with a field of model '{model._meta.label}'",
            hint="Give the annotation another name.",
        )
    recorder = Recorder(recording)
    node = recorder.expression(expression)
    if recording._calls("lock") and recorder.is_aggregate(node):
        raise QueryError(
            "aggregates cannot be used with select_for_update()",
            hint="Lock the objects by key: filter(pk__in=...).select_for_update().",
        )
    new = recorder.finish(recording, ("annotate", name, node, selected))
    storage = recorder.storage(node)
    field = FIELDS[storage.family if storage is not None else "text"]
    window = is_window(node, windows(recording.annotations))
    info = Annotation(
        storage,
        recorder.is_aggregate(node),
        field,
        selected,
        window,
        relation=recorder.relation(node),
    )
    new.annotations = {**(recording.annotations or {}), name: info}
    return new


def _relate(recording: R, name: str, expression: FilteredRelation) -> R:
    model = recording.model
    if name in model._meta.names:
        raise QueryError(
            f"the filtered relation '{name}' conflicts with a field of model '{model._meta.label}'",
            hint="Give it another name.",
        )
    if "__" in name:
        raise QueryError(
            f"the filtered relation '{name}' holds '__', which stands between names",
            hint="Give it a name without '__'.",
        )
    _check_attribute(model, name, "filtered relation")
    info = Annotation(None, False, None, False, link=link_to(model, name, expression.relation_name))
    linked = recording._chain()
    linked.annotations = {**(recording.annotations or {}), name: info}
    recorder = Recorder(linked)
    node = recorder.condition(expression.renamed(name))
    return recorder.finish(linked, ("relate", name, expression.relation_name, node))


def _check_attribute(model: Any, name: str, kind: str) -> None:
    """Refuse a name that objects could not have, or that they keep something of their own under."""
    if not is_spelled(name):
        raise QueryError(
            f"the {kind} '{name}' has a name that no attribute can have in Python",
            hint="Give it another name, or read it with values().",
        )
    if is_kept(name) or is_read_only(model, name):
        raise QueryError(
            f"the {kind} '{name}' conflicts with an attribute of every '{model._meta.label}'",
            hint="Give it another name.",
        )


def _group(recording: R, name: str, expression: Tuple) -> R:
    """Name several columns at once; nothing is read by that name."""
    if "__" in name:
        raise QueryError(
            f"the Tuple '{name}' holds '__', which stands between names",
            hint="Give it a name without '__'.",
        )
    recorder = Recorder(recording)
    for part in expression.names:
        recorder.column(part)
    info = Annotation(None, False, None, False, parts=expression.names)
    new = recording._chain()
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
