"""Meta's constraints for one object, before a save: as the object's own database would judge them.

``Model.validate_constraints`` calls ``validate_constraints``. Simple conditions are judged in
Python, all others by the database (``ops.probe``); uniqueness is one query. A constraint that the
database itself cannot hold is checked here all the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import ValidationError
from manybase.meta.constraints import CheckConstraint, UniqueConstraint
from manybase.meta.field import DATABASE_DEFAULT
from manybase.ops.probe import Unknown, bare, probe
from manybase.ops.validate_conditions import ASK, judge
from manybase.ops.validate_unique import find_conflicts
from manybase.query.expressions import Expression
from manybase.query.named import record_annotate
from manybase.query.record import record_filter
from manybase.query.state import Recording
from manybase.routing import decision

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor


async def validate_constraints(executor: Executor, obj: Any, exclude: Iterable[str] | None) -> None:
    """Check the constraints of Meta as far as they can be told without writing.

    Raises:
        ValidationError: Under the field's name for one of a single field, else ``"__all__"``.
    """
    skip = set(exclude or ())
    errors: dict[str, list[ValidationError]] = {}
    for model, constraints in obj.get_constraints():
        for constraint in constraints:
            try:
                error = await _one(_Check(executor, obj, model, skip), constraint)
            except Unknown:
                continue  # it speaks of a field that is not valid, or that the database fills in
            if error is not None:
                error.update_error_dict(errors)
    if errors:
        raise ValidationError(errors)


async def _one(check: _Check, constraint: Any) -> ValidationError | None:
    if isinstance(constraint, CheckConstraint):
        broken = await check.holds(constraint.condition) is False
        return violated(constraint) if broken else None
    if isinstance(constraint, UniqueConstraint):
        return await _unique(check, constraint)
    return None


class _Check:
    """One object's constraints on one table.

    Args:
        executor: What reaches the database.
        obj: The object.
        model: Its model, or the parent whose constraints are checked.
        skip: Names of fields that are not valid.
    """

    def __init__(self, executor: Executor, obj: Any, model: Any, skip: set[str]) -> None:
        self.executor = executor
        self.obj = obj
        self.model = model
        self.skip = skip

    @property
    def alias(self) -> str:
        """The object's own database."""
        return decision.read(self.model, None, None, {"instance": self.obj})

    async def holds(self, condition: Any) -> bool | None:
        """Whether a condition holds; None where a null leaves that open."""
        found = judge(condition, self.obj, self.skip)
        if not isinstance(found, str):
            return found
        assert found == ASK
        (answer,) = await probe(
            self.executor, self.obj, self.model, self.alias, condition=condition, skip=self.skip
        )
        told: bool | None = answer
        return told

    async def values(self, expressions: tuple[Any, ...]) -> tuple[Any, ...]:
        """What expressions come to for the object."""
        return await probe(
            self.executor,
            self.obj,
            self.model,
            self.alias,
            expressions=expressions,
            skip=self.skip,
        )


async def _unique(check: _Check, constraint: UniqueConstraint) -> ValidationError | None:
    if constraint.condition is not None and await check.holds(constraint.condition) is not True:
        return None
    distinct = constraint.nulls_distinct is not False
    rows = Recording(check.model)
    if constraint.condition is not None:
        rows = record_filter(rows, (constraint.condition,), {})
    if constraint.expressions:
        names = [f"constraint_value_{i}" for i in range(len(constraint.expressions))]
        values = await check.values(constraint.expressions)
        named = {n: bare(e) for n, e in zip(names, constraint.expressions, strict=True)}
        rows = record_annotate(rows, named, False)
    else:
        names = list(constraint.fields)
        values = tuple([await _field_value(check, name) for name in names])
    if distinct and None in values:
        return None
    lookups: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        lookups[f"{name}__isnull" if value is None else name] = True if value is None else value
    if not await find_conflicts(check.executor, check.obj, check.model, lookups, rows=rows):
        return None
    return _conflict(check, constraint)


async def _field_value(check: _Check, name: str) -> Any:
    field = check.model._meta.get_field(name)
    if field.name in check.skip:
        raise Unknown(field.name)
    value = None if field.generated else getattr(check.obj, field.attname)
    if field.generated or isinstance(value, Expression) or value is DATABASE_DEFAULT:
        (value,) = await check.values((name,))
    return value


def _conflict(check: _Check, constraint: UniqueConstraint) -> ValidationError:
    said = constraint.violation_error_message is not None
    if constraint.expressions or constraint.condition is not None or said:
        return violated(constraint)
    error = check.obj.unique_error_message(check.model, constraint.fields)
    if constraint.violation_error_code is not None:
        error.code = constraint.violation_error_code
    if len(constraint.fields) == 1:
        return ValidationError({constraint.fields[0]: [error]})
    return ValidationError([error])


def violated(constraint: Any) -> ValidationError:
    """The error of a constraint, in its own words where it has some."""
    return ValidationError(
        constraint.get_violation_error_message(), code=constraint.violation_error_code
    )
