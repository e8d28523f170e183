"""Generated functions that read the values of objects in the driver's form.

One function is generated for the columns that a save or a bulk insert writes, with every conversion
written into it; see ``code``. Nothing is executed here. Called by ``ops``.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from manybase.meta.field import DatabaseDefault
from manybase.meta.origin import UNTIED, Origin
from manybase.query.code import Code
from manybase.query.expressions import Expression
from manybase.query.state import Recording

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect

Row = tuple[Any, ...]

UNCHANGING = frozenset(
    {
        *(bool, int, float, str, bytes, Decimal, uuid.UUID),
        *(datetime.date, datetime.datetime, datetime.time, datetime.timedelta),
    }
)
"""Types of values that come to the same each time that they are prepared."""


def object_values(
    fields: Sequence[Any], dialect: Dialect, keys: Sequence[Any] = (), unset: str | None = None
) -> Callable[[dict[str, Any]], Row | None]:
    """Return the function that reads the values of an object's ``__dict__`` in the driver's form.

    It gives None where a value is not loaded, or is to be worked out by the database.

    Args:
        fields: The fields whose values are read.
        dialect: The driver's side.
        keys: Relations to one object. Where the object keeps another that is not stored in the same
            database under the same key, the function gives None.
        unset: An attribute that must be None.
    """
    code = Code()
    code.lines = ["def values(d):"]
    if unset is not None:
        code.lines.append(f"    if d.get({unset!r}, d) is not None: return None")
    names = _read(code, fields, "    ")
    _check_related(code, keys, "    ")
    odd = code.give((Expression, DatabaseDefault, Recording))
    for key, field in zip(names, fields, strict=True):
        writer = dialect.writer(field.storage)
        plain, converters = _is_plain(code, key, field), [] if writer is None else [writer]
        if converters:
            code.lines += [
                f"    if {plain}: {key} = {code.convert(key, converters, False)}",
                f"    elif {key} is not None:",
            ]
        else:
            code.lines.append(f"    if not ({plain}) and {key} is not None:")
        code.lines += [
            f"        if isinstance({key}, {odd}): return None",
            f"        {key} = {code.give(field.prepare)}({key})",
        ]
        if converters:
            code.lines.append(f"        {key} = {code.convert(key, converters)}")
    code.lines.append(f"    return {_row(names)}")
    values: Callable[[dict[str, Any]], Row | None] = code.finish("values")
    return values


def new_rows(
    model: Any, fields: Sequence[Any], dialect: Dialect, keys: Sequence[Any], unset: str
) -> Callable[[Sequence[Any], Origin], list[Any] | None]:
    """Return the function that reads the values of new objects, each looked at once.

    It takes the objects, and the mark of those that are tied to the database without being stored;
    it gives the values of all, one after the other.
    It gives None where one of them is of another class, belongs elsewhere, or has a value that
    cannot be read twice alike or is refused: who knows more begins anew then.

    Args:
        model: The class.
        fields: The fields whose values are read.
        dialect: The driver's side.
        keys: Relations to one object; see ``object_values``.
        unset: The attribute of the key, which must be None.
    """
    code, indent = Code(), "            "
    code.names.update(model=model, untied=UNTIED)
    code.lines = [
        "def rows(objects, tie):",
        "    made = []",
        "    try:",
        "        for o in objects:",
        "            if type(o) is not model: return None",
        "            d = o.__dict__",
    ]
    elsewhere = "d['_origin'] is not untied and d['_origin'] is not tie"
    names = _read(code, fields, indent, (f"d[{unset!r}] is not None", elsewhere))
    _check_related(code, keys, indent)
    same = code.give(UNCHANGING)
    for key, field in zip(names, fields, strict=True):
        writer, plain = dialect.writer(field.storage), _is_plain(code, key, field)
        prepared = f"{key} = {code.give(field.prepare)}({key})"
        if writer is None:
            code.lines.append(f"{indent}if {plain} or {key} is None: pass")
            code.lines.append(f"{indent}elif type({key}) in {same}: {prepared}")
        else:
            code.lines.append(f"{indent}if {plain}: {key} = {code.convert(key, [writer], False)}")
            code.lines.append(f"{indent}elif type({key}) in {same}:")
            code.lines.append(f"{indent}    {prepared}; {key} = {code.convert(key, [writer])}")
        code.lines.append(f"{indent}elif {key} is not None: return None")
    code.lines.append(f"{indent}made += {_row(names)}")
    code.lines += ["    except Exception: return None", "    return made"]
    rows: Callable[[Sequence[Any], Origin], list[Any] | None] = code.finish("rows")
    return rows


def _check_related(code: Code, keys: Sequence[Any], indent: str) -> None:
    """Write the lines that give up where a related object belongs elsewhere, or has another key."""
    for field in keys:
        cache = repr(field.cache_name)
        code.names["elsewhere"] = _elsewhere
        target = field.target_field.attname
        code.lines += [
            f"{indent}if {cache} in d and d[{cache}] is not None:",
            f"{indent}    if elsewhere(d, d[{cache}], {field.attname!r}, {target!r}): return None",
        ]


def _elsewhere(values: Mapping[str, Any], related: Any, attname: str, target: str) -> bool:
    """Whether a related object is not what an object's key says, in the object's own place.

    Args:
        values: The object's values.
        related: The related object.
        attname: The attribute of the key.
        target: The related object's attribute that the key is taken from.
    """
    place, key = getattr(related, "_origin", None), values.get(attname)
    if place is None or not place.stored or place.alias != values["_origin"].alias or key is None:
        return True
    return bool(related.__dict__.get(target) != key)


def _read(code: Code, fields: Sequence[Any], indent: str, unless: Sequence[str] = ()) -> list[str]:
    """Write the lines that read the fields' values into variables; return their names."""
    keys = [f"v{i}" for i in range(len(fields))]
    code.lines.append(f"{indent}try:")
    code.lines += [f"{indent}    if {condition}: return None" for condition in unless]
    code.lines += [
        f"{indent}    {key} = d[{field.attname!r}]" for key, field in zip(keys, fields, strict=True)
    ]
    code.lines += [f"{indent}    pass", f"{indent}except KeyError:", f"{indent}    return None"]
    return keys


def _row(keys: Sequence[str]) -> str:
    return f"({', '.join(keys)}{',' if keys else ''})"


def _is_plain(code: Code, value: str, field: Any) -> str:
    """The expression that tells that a field keeps a value as it is."""
    own = field
    while own.is_relation:
        own = own.target_field
    plain = own.plain_types
    if len(plain) == 1:
        return f"type({value}) is {code.give(next(iter(plain)))}"
    return own.plain_condition(value, code.give) or f"type({value}) in {code.give(plain)}"
