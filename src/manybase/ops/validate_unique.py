"""What must be unique about an object, and the lookup that tells whether it is.

Called by ``ops.validate``. A check knows its model (the object's, or a parent with a table of its
own), its fields, and the error that a conflict makes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from manybase.errors import NON_FIELD_ERRORS, ValidationError
from manybase.meta.field import DATABASE_DEFAULT
from manybase.ops import fetch
from manybase.query.expressions import Expression
from manybase.query.record import record_filter
from manybase.query.state import Recording
from manybase.routing import decision
from manybase.routing.provenance import check_values

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


@dataclasses.dataclass(frozen=True, slots=True)
class UniqueCheck:
    """Fields whose values together no other row may have.

    Args:
        model: The model whose table is looked into.
        names: The fields.
        date: For ``unique_for_date`` and the like the kind, and the field of the date.
    """

    model: Any
    names: tuple[str, ...]
    date: tuple[str, str] | None = None

    @property
    def key(self) -> str:
        """Where the error stands."""
        return self.names[0] if len(self.names) == 1 else NON_FIELD_ERRORS

    def lookups(self, obj: Any) -> dict[str, Any] | None:
        """The condition that finds rows with the object's values; None where nothing is to find."""
        found: dict[str, Any] = {}
        for name in self.names:
            field = self.model._meta.get_field(name)
            value = getattr(obj, field.attname)
            if value is None or value is DATABASE_DEFAULT or isinstance(value, Expression):
                return None
            if field.primary_key and obj._origin.stored and not field.key_part:
                return None
            found[name] = value
        if self.date is not None:
            return self._with_date(obj, found)
        return found

    def _with_date(self, obj: Any, found: dict[str, Any]) -> dict[str, Any] | None:
        kind, name = self.date or ("", "")
        moment = getattr(obj, name)
        if moment is None:
            return None
        parts = ("year", "month", "day") if kind == "date" else (kind,)
        found.update({f"{name}__{part}": getattr(moment, part) for part in parts})
        return found

    def error(self, obj: Any) -> ValidationError:
        """The error of a conflict."""
        found: ValidationError
        if self.date is None:
            found = obj.unique_error_message(self.model, self.names)
        else:
            found = obj.date_error_message(self.date[0], self.names[0], self.date[1])
        return found


def unique_checks(obj: Any, skip: set[str]) -> Iterator[UniqueCheck]:
    """Yield all checks of an object but those that touch an excluded field."""
    concrete = type(obj)._meta.concrete_model
    for model in (type(obj), *concrete._meta.get_parent_list()):
        meta = model._meta
        for names in meta.unique_together:
            if not skip.intersection(names):
                yield UniqueCheck(model, names)
        if meta.pk.composite and not skip.intersection(meta.pk.names):
            yield UniqueCheck(model, meta.pk.names)
        fields = concrete._meta.local_fields if model is type(obj) else meta.local_fields
        for field in fields:
            if field.name not in skip:
                yield from _field_checks(model, field, skip)


def _field_checks(model: Any, field: Any, skip: set[str]) -> Iterator[UniqueCheck]:
    if field.unique:
        yield UniqueCheck(model, (field.name,))
    for kind in ("date", "month", "year"):
        name = getattr(field, f"unique_for_{kind}")
        if name and name not in skip:
            yield UniqueCheck(model, (field.name,), (kind, name))


async def find_conflicts(
    executor: Executor,
    obj: Any,
    model: Any,
    lookups: Mapping[str, Any] | None,
    rows: Recording | None = None,
) -> bool:
    """Whether another row than the object's has these values, on the object's database."""
    if lookups is None:
        return False
    alias = decision.read(model, None, None, {"instance": obj})
    rows = record_filter(Recording(model) if rows is None else rows, (), lookups)
    if rows.places is not None:  # of the condition of a constraint
        check_values(rows.places, alias, model)
    key = getattr(obj, model._meta.pk.attname)
    if obj._origin.stored and key is not None:
        rows = record_filter(rows, (), {"pk": key}, negated=True)
    found: bool = await fetch.exists(executor, rows, alias)
    return found
