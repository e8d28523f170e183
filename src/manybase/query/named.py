"""Recording expressions by name: ``annotate()``, ``alias()`` and ``aggregate()``.

Names become labels in SQL and attributes of objects, so they must be identifiers and free.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from manybase.errors import FieldError, QueryError
from manybase.meta.attributes import is_kept, is_read_only, is_spelled
from manybase.query.branch import Branch
from manybase.query.filtered import FilteredRelation, link_to
from manybase.query.kinds import Annotation, is_aggregate, is_window, windows
from manybase.query.matcher import comes_often, keep_matcher, matcher_of_expressions
from manybase.query.recorder import Recorder
from manybase.query.refusals import refuse_combined
from manybase.query.standins import FIELDS
from manybase.query.state import Recording
from manybase.query.tuples import Tuple
from manybase.query.words import of_expressions

R = TypeVar("R", bound=Recording)


def record_annotate(recording: R, named: Mapping[str, Any], selected: bool) -> R:
    """Record ``annotate()`` or, not selected, ``alias()``."""
    branch, verb = recording.branch, "annotate" if selected else "alias"
    values: list[Any] = []
    words = None
    if recording.annotations is branch.annotations:
        key = (verb, *named)
        for match, to in branch.matchers.get(key, ()):
            params = match((), named)
            if params is not None:
                return _annotated(recording, to, params)
        words = of_expressions(verb, named, values)
        known = branch.known.get(words)
        if known is not None:
            if comes_often(branch, key, words):
                keep_matcher(branch, key, matcher_of_expressions(named), known)
            return _annotated(recording, known, tuple(values))
    new = recording
    refuse_combined(recording, verb)
    for name, expression in named.items():
        new = _annotate(new, name, expression, selected)
    taken = len(new.params) - len(recording.params) == len(values)
    agreed = new.annotations is new.branch.annotations and not branch.sliced
    if words is not None and taken and agreed:
        branch.known[words] = new.branch
    return new


def _annotated(recording: R, known: Branch, values: tuple[Any, ...]) -> R:
    """The recording at a known branch, with the names that lead there."""
    found = recording._moved(known, recording.params + values)
    found.annotations = known.annotations
    return found


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
    if name in model._meta.names and not _is_left_out(recording, name):
        raise QueryError(
            f"the annotation '{name}' conflicts with a field of model '{model._meta.label}'",
            hint="Give the annotation another name.",
        )
    recorder = Recorder(recording)
    node = recorder.expression(expression)
    if is_aggregate(node, None):
        _refuse_grouping_again(recording)
    if recorder.is_aggregate(node) and windows(recording.annotations):
        _check_groups(recording)
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
    return _agreed(recording, new)


def _is_left_out(recording: Recording, name: str) -> bool:
    """Whether rows are values without a field, so that an annotation may have its name.

    From then on the name stands for the annotation, as in ``values("author").annotate(
    pages=Sum("pages"))``. An order that names the field already would become one of it.
    """
    chosen: tuple[Any, ...] = ()
    for call in recording.shape:
        if call[0] == "values":
            chosen = call[1]
        elif call[0] == "order" and any(_orders_by(node, name) for node in call[1]):
            return False
        elif call[0] == "relate" and call[2].partition("__")[0] == name:
            return False  # its condition is compiled at the join, by the names of that time
    field = recording.model._meta.names[name]
    own = {name, field.name, getattr(field, "attname", name)}
    return bool(chosen) and not any(one.partition("__")[0] in own for one, _ in chosen)


def _orders_by(node: Any, name: str) -> bool:
    """Whether the node of an order names a field, or what a relation of this name leads to."""
    if type(node) is tuple:
        return any(_orders_by(part, name) for part in node)
    return isinstance(node, str) and node.partition("__")[0] == name


def _agreed(recording: Recording, new: R) -> R:
    """Let recordings that come to the same branch share their annotations too."""
    branch = new.branch
    if branch.annotations is recording.branch.annotations:
        branch.annotations = new.annotations
    elif branch.annotations == new.annotations:
        new.annotations = branch.annotations
    return new


def _refuse_grouping_again(recording: Recording) -> None:
    """Refuse an aggregate over groups of rows that an aggregate was computed for."""
    known, grouped = recording.annotations or {}, False
    for call in recording.shape:
        if call[0] == "annotate":
            grouped = grouped or known[call[1]].aggregate
        elif call[0] == "values" and grouped and call[1]:
            key = recording.model._meta.pk
            if not {"pk", key.name, key.attname} & {name for name, _ in call[1]}:
                raise QueryError(
                    "values() after an aggregate names no groups for another one",
                    hint="Write values() before the first aggregate, or compute that one by a"
                    " Subquery.",
                )


def _check_groups(recording: Recording) -> None:
    """Refuse groups by what is computed only after the rows were grouped."""
    chosen = [call[1] for call in recording.shape if call[0] == "values"]
    for name, node in chosen[-1] if chosen else ():
        if is_window(node, windows(recording.annotations)):
            raise FieldError(
                f"rows cannot be grouped by '{name}', a function of a window",
                hint="Use the first queryset as a Subquery of the second.",
            )


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
    recorder.earlier = earlier = {}
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
        earlier[name] = expression
    return recorder.finish(recording, ("aggregate", tuple(nodes)))


def groups(recording: Recording) -> tuple[tuple[str, Any], ...] | None:
    """The values that rows are grouped by; None where each row, or each object, stands alone."""
    if not recording.annotations:
        return None
    values: tuple[tuple[str, Any], ...] | None = None
    for call in recording.shape:
        if call[0] == "values":
            values = call[1]
        elif call[0] == "annotate" and recording.annotations[call[1]].aggregate:
            return values
    return None


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
