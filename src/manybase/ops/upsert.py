"""``get_or_create`` and ``update_or_create``, safe against another writer in between.

Both work on the database that writes go to: what is not found there is created there. Methods of
the program's querysets and models are called through the executor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldError, IntegrityError, OperationalError, hint_for

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

Values = Mapping[str, Any] | None


async def get_or_create(
    executor: Executor, queryset: Any, defaults: Values, lookups: Mapping[str, Any]
) -> tuple[Any, bool]:
    """Return the object that the lookups match, or a new one; and whether it is new."""
    values = _new_values(queryset.model, lookups, defaults)
    placed = queryset._placed(queryset._write_alias())
    try:
        return await executor.call(placed, "get", **lookups), False
    except queryset.model.DoesNotExist:
        pass
    try:
        return await _create(executor, placed, lookups, values)
    except OperationalError as error:
        if executor.in_block(placed.placed_on) or not await _lost_a_conflict(
            executor, placed.placed_on, error
        ):
            raise
    # Another writer of the same row was preferred, as InnoDB does; nothing of ours is left.
    try:
        return await executor.call(placed, "get", **lookups), False
    except queryset.model.DoesNotExist:
        return await _create(executor, placed, lookups, values)


async def _lost_a_conflict(executor: Executor, alias: str, error: OperationalError) -> bool:
    cause = error.__cause__
    return cause is not None and (await executor.dialect(alias)).is_conflict(cause)


async def _create(
    executor: Executor, placed: Any, lookups: Mapping[str, Any], values: dict[str, Any]
) -> tuple[Any, bool]:
    params = {name: value() if callable(value) else value for name, value in values.items()}
    try:
        async with executor.atomic(placed.placed_on):
            return await executor.call(placed, "create", **params), True
    except IntegrityError:
        try:
            return await executor.call(placed, "get", **lookups), False
        except placed.model.DoesNotExist:
            pass
        raise


async def update_or_create(
    executor: Executor,
    queryset: Any,
    defaults: Values,
    create_defaults: Values,
    lookups: Mapping[str, Any],
) -> tuple[Any, bool]:
    """Update the object that the lookups match, or create one; and whether it is new."""
    changes = dict(defaults or {})
    _check_names(queryset.model, changes)
    new = _new_values(
        queryset.model, lookups, changes if create_defaults is None else create_defaults
    )
    placed = queryset._placed(queryset._write_alias())
    async with executor.atomic(placed.placed_on):
        try:
            rows = await _locked(executor, placed)
            obj, created = await executor.call(rows, "get", **lookups), False
        except queryset.model.DoesNotExist:
            obj, created = await _create(executor, placed, lookups, new)
        if created:
            return obj, True
        for name, value in changes.items():
            setattr(obj, name, value() if callable(value) else value)
        await executor.call(obj, "save", using=placed.placed_on)
    return obj, False


async def _locked(executor: Executor, placed: Any) -> Any:
    """The queryset with a lock on the row that is found, so that no update of it gets lost."""
    if placed._calls("distinct", "values", "dates", "combine", "lock"):
        return placed
    dialect = await executor.dialect(placed.placed_on)
    return placed.select_for_update(of=("self",) if dialect.features.for_update_of else ())


def _new_values(model: Any, lookups: Mapping[str, Any], defaults: Values) -> dict[str, Any]:
    values = {name: value for name, value in lookups.items() if "__" not in name}
    values.update(defaults or {})
    _check_names(model, values)
    return values


def _check_names(model: Any, values: Mapping[str, Any]) -> None:
    """Refuse values that no new object could take."""
    known = model._meta.forward_names
    for name in values:
        if name in known or name == "pk" or isinstance(getattr(model, name, None), property):
            continue
        raise FieldError(
            f"model '{model._meta.label}' has no field '{name}' to create an object with",
            hint=hint_for(name, known),
        )
