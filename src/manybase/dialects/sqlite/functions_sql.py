"""How SQLite spells functions: mostly by those in Python that every connection gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Integer,
    LargeBinary,
    Numeric,
    String,
    case,
    cast,
    collate,
    func,
    literal_column,
)

from manybase.dialects.hooks_functions import FunctionHooks, divided
from manybase.dialects.sqlite.time import number, word
from manybase.dialects.sqlite.values import is_long
from manybase.meta.storage import Storage

NUMBERS = frozenset({"integer", "float", "decimal"})
_IN_PYTHON = (
    *("acos", "asin", "atan", "atan2", "cos", "cot", "degrees", "exp", "ln", "log", "pi"),
    *("power", "whole_power", "radians", "random", "sin", "sqrt", "tan"),
    *("abs", "ceil", "floor", "mod", "sign", "lower", "upper"),
    *("lpad", "rpad", "ord", "repeat", "reverse"),
    *("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
)
_PYTHON_AGGREGATES = frozenset({"var_pop", "var_samp", "stddev_pop", "stddev_samp"})


def _right(text: Any, length: Any) -> Any:
    start = func.max(func.length(text) - length + number(1), number(1))
    return func.substr(text, start)


class SQLiteFunctions(FunctionHooks):
    """SQLite's functions, conversions and aggregates."""

    if TYPE_CHECKING:
        # Given by SQLiteTime, which stands beside this class in the dialect.
        kept_in: str

        def _utc(self, lhs: Any) -> Any: ...
        def _kept(self, utc: Any) -> Any: ...

    spelled = {
        **{name: getattr(func, f"manybase_{name}") for name in _IN_PYTHON},
        "chr": lambda code: case((code.is_not(None), func.char(code))),
        "left": lambda text, length: func.substr(text, number(1), length),
        "right": _right,
        "strindex": func.instr,
        # A decimal without digits after the point is kept as a whole number.
        "quotient": lambda one, other: divided("/", one * literal_column("1.0"), other),
        "concat_pair": lambda one, other: one.op("||")(other),
        "greatest": func.max,
        "least": func.min,
        "bitxor": lambda one, other: one.bitwise_or(other) - one.bitwise_and(other),
        "bitleftshift": lambda one, other: one.bitwise_lshift(other),
        "bitrightshift": lambda one, other: one.bitwise_rshift(other),
    }

    def settled(self, sql: Any, storage: Storage) -> Any:
        # Computed decimals are doubles or texts: as texts both have the digits that count.
        if storage.family != "decimal":
            return sql
        return collate(cast(sql, String), "manybase_decimal")

    def assigned(self, sql: Any, storage: Storage, wanted: Storage) -> Any:
        # A column takes any number: it would keep a fraction, or digits, that no field gives back.
        if wanted.family not in ("integer", "decimal") or storage.family not in NUMBERS:
            return sql
        if storage.family == wanted.family == "integer":
            return sql
        return self.convert(sql, storage, wanted)

    def as_text(self, sql: Any, storage: Storage | None) -> Any:
        family = storage.family if storage is not None else ""
        if storage is None or family in ("text", "date", "time", "json", "ip"):
            return cast(sql, String)
        if family == "boolean":
            return case((sql == number(1), word("true")), (sql == number(0), word("false")))
        if family == "uuid":
            return dashed(sql)
        if family == "decimal" and storage.scale is not None and not is_long(storage):
            shown = func.printf(word(f"%.{int(storage.scale)}f"), sql)
            return case((sql.is_not(None), shown))
        if family in ("float", "decimal"):
            whole = cast(sql, BigInteger)
            short = (whole == sql) & (func.abs(sql) < literal_column("1e15"))
            return case((short, cast(whole, String)), else_=cast(sql, String))
        return cast(sql, String)

    def convert(self, sql: Any, storage: Storage | None, wanted: Storage) -> Any:
        source, target = storage.family if storage is not None else "", wanted.family
        if target == "integer":
            rounded = source in ("float", "decimal")
            return cast(self.round(sql, number(0), storage) if rounded else sql, Integer)
        if target == "decimal":
            digits = func.manybase_round(sql, number(wanted.scale or 0))
            made = digits if wanted.scale is not None else sql
            return cast(made, String if is_long(wanted) else Numeric)
        if target == "float":
            return literal_column("1.0") * cast(sql, Numeric)
        if target == "boolean":
            return cast(sql, Numeric) != number(0)
        if source != "text":
            return sql
        if target == "binary":
            return cast(sql, LargeBinary)
        if target == "uuid":
            return func.replace(func.lower(sql), word("-"), word(""))
        if target == "date":
            return func.date(sql)
        return func.json(sql) if target == "json" else sql

    def midnight(self, sql: Any) -> Any:
        return sql.op("||")(word(" 00:00:00"))

    def round(self, sql: Any, digits: Any, storage: Storage | None) -> Any:
        return func.manybase_round(sql, digits)

    def moment_of(self, wall: Any, tz: str) -> Any:
        if tz == self.kept_in:
            return wall
        return self._kept(wall if tz == "UTC" else func.manybase_moment(wall, word(tz)))

    def json_value(self, sql: Any, storage: Storage | None) -> Any:
        family = storage.family if storage is not None else ""
        if family == "boolean":
            made = case((sql == number(1), word("true")), (sql == number(0), word("false")))
            return func.json(made)
        if family == "datetime":
            sql = self._utc(sql)
            clock = func.substr(func.substr(sql, number(12)).concat(word(".000000")), 1, 15)
            day = func.substr(sql, number(1), number(10)).concat(word("T"))
            return day.concat(clock).concat(word("+00:00" if self.use_tz else ""))
        if family == "time":
            return func.substr(sql.op("||")(word(".000000")), number(1), number(15))
        if family == "uuid":
            return dashed(sql)
        if family == "json" or (storage is not None and family == "decimal" and is_long(storage)):
            return func.json(sql)
        return sql

    def json_of(self, value: Any) -> Any:
        return func.json_quote(value)

    def json_object(self, pairs: Sequence[tuple[Any, Any]]) -> Any:
        return func.json_object(*[part for pair in pairs for part in pair])

    def json_array(self, values: Sequence[Any]) -> Any:
        return func.json_array(*values)

    def aggregate_call(
        self,
        name: str,
        value: Any,
        others: Sequence[Any],
        distinct: bool,
        order: Sequence[tuple[Any, bool, str]],
    ) -> Any:
        if name in _PYTHON_AGGREGATES:
            return getattr(func, f"manybase_{name}")(value)
        if name == "any_value":
            return func.min(value)
        if name == "string_agg":
            if not distinct and not order:
                return func.group_concat(value, *others)
            way = "d" if distinct else "u"
            for _, descending, nulls in order:
                place = nulls[:1] or ("l" if descending else "f")
                way += ("d" if descending else "a") + place
            keys = [element for element, _, _ in order]
            return func.manybase_string_agg(word(way), others[0], value, *keys)
        return super().aggregate_call(name, value, others, distinct, order)


def dashed(sql: Any) -> Any:
    """Return the usual spelling of a UUID that is kept as 32 digits."""
    parts = [func.substr(sql, number(at), number(size)) for at, size in DASHES]
    found: Any = parts[0]
    for part in parts[1:]:
        found = found.op("||")(word("-")).op("||")(part)
    return found


DASHES = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
