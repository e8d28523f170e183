"""Rows of the program's own SQL as objects: columns are matched with fields by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldError, FieldValueError
from manybase.meta.attributes import is_kept, is_read_only
from manybase.meta.origin import origin

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect
    from manybase.runtime.executor import Executor

Convert = Callable[[Any], Any] | None


async def objects(
    executor: Executor,
    alias: str,
    model: Any,
    sql: str,
    params: Any,
    translations: Mapping[str, str],
) -> list[Any]:
    """Run the SQL on the alias and return an object for each row.

    Raises:
        FieldError: The primary key is not among the columns, or a column has a name that objects
            need themselves.
        FieldValueError: A parameter is an object.
    """
    for value in params.values() if isinstance(params, Mapping) else params or ():
        if hasattr(value, "_meta"):
            raise FieldValueError(
                f"a parameter of raw() of '{model._meta.label}' is an object of"
                f" '{value._meta.label}'",
                hint="Give its key: [obj.pk].",
            )
    dialect = await executor.dialect(alias)
    found = await executor.raw(alias, sql, params or None)
    fields = [_field(model, translations.get(name, name)) for name in found.columns]
    missing = [key.column for key in model._meta.pk_fields if key not in fields]
    if missing:
        raise FieldError(
            f"raw query of '{model._meta.label}' does not select the primary key",
            hint=f"Add the column '{missing[0]}' to the query.",
        )
    for name, field in zip(found.columns, fields, strict=True):
        if field is None and (is_kept(name) or is_read_only(model, name)):
            raise FieldError(
                f"column '{name}' of a raw query of '{model._meta.label}' conflicts with an"
                " attribute of its objects",
                hint="Select it AS another name, or name the field it fills in translations={...}.",
            )
    columns = [
        (name if field is None else field.attname, _reader(dialect, field))
        for name, field in zip(found.columns, fields, strict=True)
    ]
    loaded = [i for i, field in enumerate(fields) if field is not None]
    return [_object(model, alias, columns, loaded, row) for row in found.rows]


def _field(model: Any, name: str) -> Any:
    for field in model._meta.concrete_fields:
        if name in (field.column, field.attname, field.name):
            return field
    return None


def _reader(dialect: Dialect, field: Any) -> Convert:
    if field is None:
        return None
    reader = dialect.reader(field.storage)
    own = getattr(field, "from_db_value", None)
    read = None if reader is None else reader.function()
    if own is None:
        return read
    return lambda value: own(value if read is None else read(value), None, None)


def _object(
    model: Any,
    alias: str,
    columns: list[tuple[str, Convert]],
    loaded: list[int],
    row: tuple[Any, ...],
) -> Any:
    values = [
        value if value is None or read is None else read(value)
        for (_, read), value in zip(columns, row, strict=True)
    ]
    if model._plain_init:
        obj = model.__new__(model)
        obj._origin = origin(alias, True)
        for i in loaded:
            obj.__dict__[columns[i][0]] = values[i]
    else:
        obj = model.from_db(alias, [columns[i][0] for i in loaded], [values[i] for i in loaded])
    for i, (name, _) in enumerate(columns):
        if i not in loaded:
            setattr(obj, name, values[i])
    return obj
