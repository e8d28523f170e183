"""How PostgreSQL spells functions, and which types its functions want to be told."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    DateTime,
    Integer,
    Numeric,
    Text,
    case,
    cast,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, aggregate_order_by
from sqlalchemy.types import NullType, TypeEngine

from manybase.dialects.composed import Composed
from manybase.dialects.hooks_functions import FunctionHooks
from manybase.dialects.postgresql.sha1 import sha1
from manybase.dialects.postgresql.time import _word, microseconds
from manybase.meta.storage import Storage

_ZERO: Any = literal_column("0")
_ONE: Any = literal_column("1")


def _sha(name: str) -> Any:
    make = getattr(func, name)
    return lambda text: func.encode(make(func.convert_to(text, _word("UTF8"))), _word("hex"))


def _within_one(function: Any) -> Any:
    return lambda value: case((func.abs(value) <= _ONE, function(value)))


def _power(base: Any, exponent: Any) -> Any:
    no_root = (base < _ZERO) & (exponent != func.floor(exponent))
    by_zero = (base == _ZERO) & (exponent < _ZERO)
    return case((~(no_root | by_zero), func.power(base, exponent)))


def _whole_power(base: Any, exponent: Any) -> Any:
    return cast(func.round(_power(cast(base, Numeric), cast(exponent, Numeric))), BigInteger)


def _log(base: Any, value: Any) -> Any:
    fits = (base > _ZERO) & (base != _ONE) & (value > _ZERO)
    return case((fits, func.ln(value) / func.ln(base)))


class PostgreSQLFunctions(FunctionHooks):
    """PostgreSQL's functions, conversions and aggregates."""

    spelled = {
        "ord": func.ascii,
        "strindex": func.strpos,
        "concat_pair": lambda one, other: one.op("||")(other),
        "sha1": sha1,
        **{name: _sha(name) for name in ("sha224", "sha256", "sha384", "sha512")},
        # A server's error where mathematics has no result would end the transaction.
        "acos": _within_one(func.acos),
        "asin": _within_one(func.asin),
        "ln": lambda value: case((value > _ZERO, func.ln(value))),
        "log": _log,
        "sqrt": lambda value: case((value >= _ZERO, func.sqrt(value))),
        "power": _power,
        "whole_power": _whole_power,
        "mod": lambda value, divisor: func.mod(value, func.nullif(divisor, _ZERO)),
        "sign": lambda value: cast(func.sign(value), Integer),
        "bitxor": lambda one, other: one.op("#")(other),
        "bitleftshift": lambda one, other: cast(one, BigInteger).op("<<")(cast(other, Integer)),
        "bitrightshift": lambda one, other: cast(one, BigInteger).op(">>")(cast(other, Integer)),
    }

    def argument(self, family: str, sql: Any, storage: Storage | None) -> Any:
        sql = super().argument(family, sql, storage)
        if family == "float":
            return cast(sql, DOUBLE_PRECISION)
        if family == "number" and storage is not None and storage.family == "float":
            return cast(sql, Numeric)
        if not isinstance(sql, BindParameter):
            return sql
        if family in _TYPES:
            return cast(sql, _TYPES[family])
        return self.told(sql, storage)

    def settled(self, sql: Any, storage: Storage) -> Any:
        # A parameter is cast to SQLAlchemy's type of what it is compared with, which is that of
        # the first argument: beside COALESCE(price, 0) it would lose its fraction.
        return type_coerce(sql, NullType())

    def told(self, sql: Any, storage: Storage | None) -> Any:
        """Return a parameter with its type: without, functions of any type refuse it."""
        if storage is None or not isinstance(sql, BindParameter):
            return sql
        if storage.family in ("text", "integer"):
            return cast(sql, Text if storage.family == "text" else BigInteger)
        return cast(sql, self.bind_type(storage))

    @abc.abstractmethod
    def bind_type(self, described: Any) -> TypeEngine[Any]:
        """See ``Dialect.bind_type``."""

    def convert(self, sql: Any, storage: Storage | None, wanted: Storage) -> Any:
        source = storage.family if storage is not None else ""
        if wanted.family == "integer" and source == "float":
            sql = func.round(cast(sql, Numeric))
        if source == "boolean" and wanted.family in ("integer", "float", "decimal"):
            sql = cast(sql, Integer)
        if source == "duration" and wanted.family in ("integer", "float", "decimal"):
            sql = microseconds(sql)
        if source == "integer" and wanted.family == "duration":
            one: Any = literal_column("INTERVAL '1 microsecond'")
            return one.op("*")(sql)
        if source == "text" and wanted.family == "binary":
            return func.convert_to(sql, _word("UTF8"))
        if wanted.family == "boolean" and source != "boolean":
            return sql != _ZERO if source != "text" else cast(sql, self.bind_type(wanted))
        if wanted.family == "decimal":
            return cast(self.told(sql, storage), Numeric(wanted.precision, wanted.scale))
        return cast(self.told(sql, storage), self.bind_type(wanted))

    def midnight(self, sql: Any) -> Any:
        return cast(sql, DateTime(timezone=False))

    def round(self, sql: Any, digits: Any, storage: Storage | None) -> Any:
        family = storage.family if storage is not None else ""
        digits = cast(digits, Integer) if isinstance(digits, BindParameter) else digits
        if family == "float":
            return cast(func.round(cast(sql, Numeric), digits), DOUBLE_PRECISION)
        if family == "integer":
            return cast(func.round(cast(sql, Numeric), digits), BigInteger)
        return func.round(sql, digits)

    def moment_of(self, wall: Any, tz: str) -> Any:
        moment = func.timezone(_word(tz), wall, type_=DateTime(timezone=True))
        if tz == "UTC":
            return moment
        # Of a time that the clock shows twice the server takes the second.
        hour: Any = literal_column("INTERVAL '1 hour'")
        earlier = moment.op("-")(hour)
        return case((func.timezone(_word(tz), earlier) == wall, earlier), else_=moment)

    def json_value(self, sql: Any, storage: Storage | None) -> Any:
        family = storage.family if storage is not None else ""
        if family == "datetime":
            offset = '"+00:00"' if self.use_tz else ""
            wall = func.timezone(_word("UTC"), sql) if self.use_tz else sql
            return func.to_char(wall, _word(f'YYYY-MM-DD"T"HH24:MI:SS.US{offset}'))
        if family == "time":
            return func.to_char(sql.op("::")(literal_column("interval")), _word("HH24:MI:SS.US"))
        if family == "duration":
            return microseconds(sql)
        if storage is None and isinstance(sql, BindParameter):
            return cast(sql, Text)  # a null
        return self.told(sql, storage)

    def json_of(self, value: Any) -> Any:
        return func.to_jsonb(value)

    def json_object(self, pairs: Sequence[tuple[Any, Any]]) -> Any:
        parts = [part for key, value in pairs for part in (cast(key, Text), value)]
        return func.jsonb_build_object(*parts)

    def json_array(self, values: Sequence[Any]) -> Any:
        return func.jsonb_build_array(*values)

    def windowed(self, name: str, arguments: Sequence[Any], over: Any) -> Any:
        first, *others = arguments or (None,)
        if name in ("lag", "lead", "nth_value") and others:
            others[0] = cast(others[0], Integer)
        if name == "ntile":
            first = cast(first, Integer)
        return over(getattr(func, name)(*([first, *others] if arguments else [])))

    def aggregate(
        self,
        name: str,
        values: Sequence[Any],
        *,
        distinct: bool = False,
        condition: Any = None,
        order: Sequence[tuple[Any, bool, str]] = (),
    ) -> Any:
        if name != "any_value":
            return super().aggregate(
                name, values, distinct=distinct, condition=condition, order=order
            )
        there = values[0].is_not(None)
        found = func.array_agg(values[0]).filter(there if condition is None else there & condition)
        return Composed("(", found, ")[1]")

    def aggregate_call(
        self,
        name: str,
        value: Any,
        others: Sequence[Any],
        distinct: bool,
        order: Sequence[tuple[Any, bool, str]],
    ) -> Any:
        first = value.distinct() if distinct else value
        last: list[Any] = [cast(other, Text) for other in others]
        keys = [_directed(*key) for key in order]
        if keys and last:
            last[-1] = aggregate_order_by(last[-1], *keys)
        elif keys:
            first = aggregate_order_by(first, *keys)
        return getattr(func, name)(first, *last)


def _directed(element: Any, descending: bool, nulls: str) -> Any:
    directed = element.desc() if descending else element.asc()
    if not nulls:
        return directed
    return directed.nulls_first() if nulls == "first" else directed.nulls_last()


_TYPES: dict[str, TypeEngine[Any]] = {"text": Text(), "integer": Integer()}
