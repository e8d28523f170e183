"""Validation of an object: its fields, its keys, what must be unique.

``Model.full_clean`` and its parts call these coroutines. Reads go to the object's own database;
nothing is written. Meta's constraints are the affair of ``validate_constraints``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from manybase.errors import ValidationError
from manybase.fields import ForeignKey
from manybase.meta.field import DATABASE_DEFAULT, EMPTY_VALUES, Field
from manybase.ops import fetch
from manybase.ops.validate_unique import find_conflicts, unique_checks
from manybase.query.expressions import Expression
from manybase.query.record import record_filter
from manybase.query.state import Recording
from manybase.routing import decision
from manybase.routing.provenance import check_values

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

Errors = dict[str, list[ValidationError]]


async def full_clean(
    executor: Executor,
    obj: Any,
    exclude: Iterable[str] | None,
    validate_unique: bool,
    validate_constraints: bool,
) -> None:
    """Run all parts of the validation and raise everything that they find.

    Raises:
        ValidationError: By field name; what concerns no single field under ``"__all__"``.
    """
    errors: Errors = {}
    skip = set(exclude or ())
    await _collect(executor, obj, errors, "clean_fields", exclude=set(skip))
    await _collect(executor, obj, errors, "clean")
    if validate_unique:
        skip.update(errors)
        await _collect(executor, obj, errors, "validate_unique", exclude=set(skip))
    if validate_constraints:
        skip.update(errors)
        await _collect(executor, obj, errors, "validate_constraints", exclude=set(skip))
    if errors:
        raise ValidationError(errors)


async def _collect(executor: Executor, obj: Any, errors: Errors, part: str, **options: Any) -> None:
    try:
        await executor.call(obj, part, **options)
    except ValidationError as error:
        error.update_error_dict(errors)


async def clean_fields(executor: Executor, obj: Any, exclude: Iterable[str] | None) -> None:
    """Convert and check the value of every field but the excluded ones.

    Raises:
        ValidationError: By field name.
    """
    skip = set(exclude or ())
    errors: Errors = {}
    for field in type(obj)._meta.fields:
        if field.name in skip or field.generated:
            continue
        raw = getattr(obj, field.attname)
        if raw is DATABASE_DEFAULT or isinstance(raw, Expression):
            continue
        if field.blank and raw in EMPTY_VALUES:
            continue
        try:
            setattr(obj, field.attname, await _cleaned(executor, field, raw, obj))
        except ValidationError as error:
            errors[field.name] = error.error_list
    if errors:
        raise ValidationError(errors)


async def _cleaned(executor: Executor, field: Any, raw: Any, obj: Any) -> Any:
    if executor.face == "sync" or type(field).validate is not ForeignKey.validate:
        return field.clean(raw, obj)
    # The field's own check of a key would read the database without awaiting.
    value = field.to_python(raw)
    if not field.remote_field.parent_link:
        Field.validate(field, value, obj)
        if value is not None and not await row_exists(executor, field, value, obj):
            raise field.invalid(
                "invalid",
                model=field.related_model._meta.verbose_name,
                pk=value,
                field=field.target_field.name,
                value=value,
            )
    field.run_validators(value)
    return value


async def row_exists(executor: Executor, field: Any, value: Any, obj: Any) -> bool:
    """Whether the row that a foreign key names is there, on the object's own database."""
    target = field.related_model
    alias = decision.read(target, None, None, {"instance": obj})
    rows = _rows(target)
    rows = record_filter(rows, (), {field.target_field.name: value})
    limit = field.get_limit_choices_to()
    if limit:
        given: tuple[Any, ...] = () if isinstance(limit, dict) else (limit,)
        rows = record_filter(rows, given, limit if isinstance(limit, dict) else {})
        if rows.places is not None:
            check_values(rows.places, alias, target)
    found: bool = await fetch.exists(executor, rows, alias)
    return found


def _rows(model: Any) -> Any:
    """All rows as the model's base manager has them, on no database yet."""
    if model._meta.base_manager_name is not None:
        return model._base_manager.get_queryset()
    return Recording(model)


async def validate_unique(executor: Executor, obj: Any, exclude: Iterable[str] | None) -> None:
    """Check unique fields, ``unique_together`` and ``unique_for_date`` and the like.

    Raises:
        ValidationError: By field name, or under ``"__all__"`` for several fields together.
    """
    errors: Errors = {}
    for check in unique_checks(obj, set(exclude or ())):
        if await find_conflicts(executor, obj, check.model, check.lookups(obj)):
            errors.setdefault(check.key, []).append(check.error(obj))
    if errors:
        raise ValidationError(errors)
