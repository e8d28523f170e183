"""What conditions and expressions come to for an object's values, asked of its own database.

Called by validation, for what Python cannot tell as the database would. Reads no table and writes
nothing; values that the database has not made yet are not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldError
from manybase.meta.field import DATABASE_DEFAULT
from manybase.query.expressions import Expression, F
from manybase.query.kinds import outer_names
from manybase.query.path import resolve, resolve_column
from manybase.query.plan import probe_plan
from manybase.query.record import record_filter
from manybase.query.recorder import Recorder
from manybase.query.state import Recording
from manybase.routing.provenance import check_values

if TYPE_CHECKING:
    from collections.abc import Collection

    from manybase.runtime.executor import Executor


class Unknown(Exception):
    """A value is needed that the object does not have, or that is not valid."""


async def probe(
    executor: Executor,
    obj: Any,
    model: Any,
    alias: str,
    *,
    condition: Any = None,
    expressions: Sequence[Any] = (),
    skip: Collection[str] = (),
) -> tuple[Any, ...]:
    """Return what a condition (True, False or None) and expressions come to for an object.

    Args:
        executor: What reaches the database.
        obj: The object.
        model: Its model, or the parent whose columns are spoken of.
        alias: The database that is asked.
        condition: A ``Q`` or a boolean expression.
        expressions: Expressions, names and ``OrderBy``; the order counts for nothing.
        skip: Names of fields that are not looked at.

    Raises:
        Unknown: A field that is read is skipped, or the database has still to make its value.
        CrossDatabaseError: The condition or an expression holds a value of another database.
    """
    recording = Recording(model)
    if condition is not None:
        recording = record_filter(recording, (condition,), {})
    if expressions:
        recorder = Recorder(recording)
        nodes = tuple((f"e{i}", recorder.expression(bare(e))) for i, e in enumerate(expressions))
        recording = recorder.finish(recording, ("values", nodes, "tuple"))
    if recording.places is not None:
        check_values(recording.places, alias, model)
    fields = tuple(dict.fromkeys(fields_of(model, recording.shape)))
    values = [await _value(executor, obj, model, alias, field, skip) for field in fields]
    plan = probe_plan(model, fields, recording.shape, await executor.dialect(alias))
    rows = await executor.fetch(alias, plan, (*recording.params, *values))
    found: tuple[Any, ...] = plan.hydrate(rows, alias)[0]
    if condition is None:
        return found
    return (None if found[0] is None else bool(found[0]), *found[1:])


def record_values_of(model: Any, expression: Any) -> Recording:
    """Record an expression, or a queryset of one value, that is to be worked out without a row.

    Raises:
        Unknown: It reads a column, or goes over rows, and there is no row.
    """
    recorder = Recorder(Recording(model))
    node = recorder.expression(expression)
    reads = any(True for _ in fields_of(model, node))
    if reads or recorder.is_aggregate(node) or recorder.is_window(node):
        raise Unknown(repr(expression))
    return recorder.finish(Recording(model), ("values", (("made", node),), "tuple"))


async def work_out(
    executor: Executor, model: Any, alias: str, recordings: Sequence[Recording]
) -> tuple[Any, ...]:
    """Return what expressions come to on a database, by one statement; see ``record_values_of``.

    Raises:
        CrossDatabaseError: One holds a value of another database.
    """
    nodes: list[Any] = []
    params: list[Any] = []
    for recording in recordings:
        if recording.places is not None:
            check_values(recording.places, alias, model)
        ((_, made, _),) = recording.shape
        nodes.extend(made)
        params.extend(recording.params)
    shape = (("values", tuple(nodes), "tuple"),)
    plan = probe_plan(model, (), shape, await executor.dialect(alias))
    rows = await executor.fetch(alias, plan, params)
    found: tuple[Any, ...] = plan.hydrate(rows, alias)[0]
    return found


def bare(expression: Any) -> Any:
    """An expression without a direction; a name is a field."""
    expression = getattr(expression, "expression", expression)
    return F(expression.lstrip("-")) if isinstance(expression, str) else expression


def fields_of(model: Any, node: Any) -> Iterator[Any]:
    """The fields whose columns a shape reads."""
    if type(node) is not tuple or not node:
        return
    kind: Any = node[0]
    if kind in ("query", "exists") and len(node) > 3:
        # A queryset reads rows of its own; only its OuterRefs are columns of this row.
        for name in outer_names(node[2], 1):
            yield resolve_column(model, name).field
        return
    path = None
    if kind == "=" and len(node) == 3:
        path = resolve(model, node[1])
    elif kind in ("col", "sort") and len(node) > 1:
        path = resolve_column(model, node[1])
    if path is not None and path.steps:
        raise FieldError(
            f"'{path.name}' in a constraint of '{model._meta.label}' reads another table",
            hint="Constraints and generated fields speak of the model's own columns.",
        )
    if path is not None:
        yield from path.field.fields if getattr(path.field, "composite", False) else (path.field,)
    for part in node:
        yield from fields_of(model, part)


async def _value(
    executor: Executor, obj: Any, model: Any, alias: str, field: Any, skip: Collection[str]
) -> Any:
    if field.name in skip:
        raise Unknown(field.name)
    if field.generated:
        (made,) = await probe(
            executor, obj, model, alias, expressions=[field.expression], skip=skip
        )
        return made
    value = getattr(obj, field.attname)
    if value is DATABASE_DEFAULT and not isinstance(field.db_default, Expression):
        value = field.db_default
    if value is DATABASE_DEFAULT or isinstance(value, Expression):
        raise Unknown(field.name)
    return field.prepare(value)
