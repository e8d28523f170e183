"""Recording what is read of the rows, and how: joined objects, fields, parts of dates, locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from manybase.errors import FieldValueError, QueryError
from manybase.query.path import linked_path, resolve_column
from manybase.query.refusals import refuse_combined
from manybase.query.state import Recording

R = TypeVar("R", bound=Recording)


def record_related(recording: R, names: Iterable[str] | None) -> R:
    """Record ``select_related()``: names, none for all that are not null, None to clear."""
    refuse_combined(recording, "select_related")
    if names is None:
        return recording._record(("related", None))
    names = tuple(names)
    for name in names:
        _check_single(recording.model, name, recording.annotations or {})
    return recording._record(("related", names))


def _check_single(model: Any, name: str, annotations: Mapping[str, Any]) -> None:
    known = annotations.get(name.partition("__")[0])
    link = None if known is None else known.link
    path = resolve_column(model, name) if link is None else linked_path(model, name, link, False)
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
            _check_single(recording.model, name, {})
    return recording._record(("lock", tuple(sorted(words.items())), of))


def record_dates(
    recording: R, name: str, kind: str, order: str, family: str, tz: str | None = None
) -> R:
    """Record ``dates()`` or ``datetimes()``, on the clock of a time zone."""
    refuse_combined(recording, f"{family}s")
    if recording.is_sliced:
        raise QueryError(
            f"cannot call {family}s() after a slice was taken",
            hint=f"Call {family}s() first, then slice.",
        )
    _refuse_locked(recording, f"{family}s")
    path = resolve_column(recording.model, name)
    if path.relation is not None or path.family not in (
        ("date", "datetime") if family == "date" else ("datetime",)
    ):
        raise FieldValueError(
            f"'{name}' of model '{recording.model._meta.label}' holds no {family}s"
        )
    return recording._record(("dates", name, kind, order, family, tz))
