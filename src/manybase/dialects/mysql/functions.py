"""How MariaDB and MySQL spell functions, conversions and aggregates."""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    LargeBinary,
    Numeric,
    case,
    cast,
    collate,
    func,
    literal_column,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from manybase.dialects.composed import Composed, joined
from manybase.dialects.hooks_functions import FunctionHooks, divided
from manybase.dialects.mysql.time import _moved, _word
from manybase.dialects.mysql.zones import offset_of_wall
from manybase.meta.storage import Storage

_ZERO: Any = literal_column("0")
_ONE: Any = literal_column("1")
#: A double beyond this has no digits after the point, and does not fit a decimal.
_LARGEST: Any = literal_column("1e30")
_TIMES: dict[str, TypeEngine[Any]] = {
    "date": mysql.DATE(),
    "time": mysql.TIME(fsp=6),
    "datetime": mysql.DATETIME(fsp=6),
}
#: The values whose means and spreads are computed with doubles.
_EXACT = {"mean": ("integer",), "spread": ("integer", "decimal")}


def _signed(value: Any) -> Any:
    return cast(value, BigInteger)


def _unicode(*parts: Any) -> Composed:
    return Composed("CONVERT(", *parts, ")")


def _chr(code: Any) -> Any:
    letter = _unicode("CHAR(", code, " USING utf32) USING utf8mb4")
    return case((code.is_not(None), letter))  # CHAR() passes over nulls


def _power(base: Any, exponent: Any) -> Any:
    no_root = (base < _ZERO) & (exponent != func.floor(exponent))
    return case((~(no_root | ((base == _ZERO) & (exponent < _ZERO))), func.pow(base, exponent)))


def _shift_right(value: Any, bits: Any) -> Any:
    shifted = Composed("~((~", value, ") >> ", bits, ")")
    plain = Composed(value, " >> ", bits)
    return case((value < _ZERO, _signed(shifted)), else_=_signed(plain))


def _sha(bits: int) -> Any:
    return lambda text: func.sha2(text, literal_column(str(bits)))


class MySQLFunctions(FunctionHooks):
    """Functions of MariaDB and MySQL."""

    mariadb: bool
    exact_collation: str

    if TYPE_CHECKING:
        # Given by MySQLTime, which stands beside this class in the dialect.
        kept_in: str

        def _utc(self, lhs: Any) -> Any: ...
        def _kept(self, utc: Any) -> Any: ...

    spelled = {
        "chr": _chr,
        "ord": lambda text: func.ord(_unicode(text, " USING utf32")),
        "length": func.char_length,
        "concat_pair": func.concat,
        "sha224": _sha(224),
        "sha256": _sha(256),
        "sha384": _sha(384),
        "sha512": _sha(512),
        "random": func.rand,
        "pi": lambda: Composed("(PI() + 0e0)"),  # on its own it is shown with six digits
        "power": _power,
        "whole_quotient": lambda one, other: divided("DIV", one, other),
        # The sign of an exact zero would be kept.
        "mod": lambda value, divisor: func.mod(value, func.nullif(divisor, _ZERO)) + _ZERO,
        "whole_power": lambda base, exponent: _signed(func.round(func.pow(base, exponent))),
        "greatest": func.greatest,
        "least": func.least,
        # Bits are unsigned here, where other databases keep the sign.
        "bitand": lambda one, other: _signed(Composed(one, " & ", other)),
        "bitor": lambda one, other: _signed(Composed(one, " | ", other)),
        "bitxor": lambda one, other: _signed(Composed(one, " ^ ", other)),
        "bitleftshift": lambda one, other: _signed(Composed(one, " << ", other)),
        "bitrightshift": _shift_right,
    }

    def function(self, name: str, *arguments: Any) -> Any:
        if name == "strindex":
            text, wanted = arguments
            return func.locate(collate(wanted, self.exact_collation), text)
        return super().function(name, *arguments)

    def argument(self, family: str, sql: Any, storage: Storage | None) -> Any:
        sql = super().argument(family, sql, storage)
        if isinstance(sql, BindParameter) and storage is not None and storage.family in _TIMES:
            return cast(sql, _TIMES[storage.family])  # beside a column it would be a text
        if storage is not None and storage.family in _EXACT.get(family, ()):
            return Composed("(", sql, " + 0e0)")  # of exact numbers it would have four digits
        return sql

    def as_text(self, sql: Any, storage: Storage | None) -> Any:
        family = storage.family if storage is not None else ""
        if family == "boolean":
            return case((sql == _ONE, _word("true")), (sql == _ZERO, _word("false")))
        return dashed(sql) if family == "uuid" else self.cast_text(sql, storage)

    def convert(self, sql: Any, storage: Storage | None, wanted: Storage) -> Any:
        source, target = storage.family if storage is not None else "", wanted.family
        if target == "integer":
            rounded = self.round(sql, _ZERO, storage) if source in ("float", "decimal") else sql
            return _signed(rounded)
        if target == "float":
            return Composed("(", sql, " + 0e0)")
        if target == "boolean":
            return Composed("(", sql, " <> 0)")
        if target == "uuid":
            return func.replace(func.lower(sql), _word("-"), _word(""))
        if target == "json":
            return self._json(sql) if source == "text" else sql
        if target == "binary" and source == "text":
            return cast(sql, LargeBinary)
        if target == "decimal":
            return cast(sql, Numeric(wanted.precision or 65, wanted.scale or 0))
        return cast(sql, _TIMES[target]) if target in _TIMES else sql

    def midnight(self, sql: Any) -> Any:
        return cast(sql, mysql.DATETIME(fsp=6))

    def round(self, sql: Any, digits: Any, storage: Storage | None) -> Any:
        if storage is None or storage.family != "float":
            return func.round(sql, digits)
        # Through a decimal: a double's own rounding sees the noise of its last digits.
        small = func.abs(sql) < _LARGEST
        exact = Composed("(", func.round(cast(sql, Numeric(65, 30)), digits), " + 0e0)")
        return case((small, exact), else_=sql)

    def moment_of(self, wall: Any, tz: str) -> Any:
        if tz == self.kept_in:
            return wall
        utc = wall if tz == "UTC" else _moved("SECOND", -offset_of_wall(wall, tz), wall)
        return self._kept(utc)

    def _json(self, sql: Any) -> Any:
        return func.json_compact(sql) if self.mariadb else Composed("CAST(", sql, " AS JSON)")

    def json_value(self, sql: Any, storage: Storage | None) -> Any:
        family = storage.family if storage is not None else ""
        if family == "boolean":
            return self._json(self.as_text(sql, storage))
        if family == "datetime":
            zone = "+00:00" if self.use_tz else ""
            sql = self._utc(sql)
            return func.date_format(sql, _word(f"%Y-%m-%dT%H:%i:%s.%f{zone}"))
        if family == "time":
            return func.time_format(sql, _word("%H:%i:%s.%f"))
        if family == "uuid":
            return dashed(sql)
        return self._json(sql) if family == "json" else sql

    def json_of(self, value: Any) -> Any:
        return func.json_extract(func.json_array(value), _word("$[0]"))

    def json_object(self, pairs: Sequence[tuple[Any, Any]]) -> Any:
        return func.json_object(*[part for pair in pairs for part in pair])

    def json_array(self, values: Sequence[Any]) -> Any:
        return func.json_array(*values)

    def windowed(self, name: str, arguments: Sequence[Any], over: Any) -> Any:
        if name not in ("lag", "lead") or len(arguments) < 3 or not self.mariadb:
            return super().windowed(name, arguments, over)
        # MariaDB's have no default: whether there is such a row is asked by a number.
        value, offset, default = arguments
        there = over(getattr(func, name)(_ONE, offset)).is_not(None)
        return case((there, over(getattr(func, name)(value, offset))), else_=default)

    def aggregate_call(
        self,
        name: str,
        value: Any,
        others: Sequence[Any],
        distinct: bool,
        order: Sequence[tuple[Any, bool, str]],
    ) -> Any:
        if name == "any_value":
            return func.min(value)
        if name != "string_agg":
            return super().aggregate_call(name, value, others, distinct, order)
        keys = [
            directed
            for element, descending, nulls in order
            for directed in self.order(element, descending, nulls or None)
        ]
        by = [" ORDER BY ", *joined(keys)] if keys else []
        start = "GROUP_CONCAT(DISTINCT " if distinct else "GROUP_CONCAT("
        return Composed(start, value, *by, " SEPARATOR ", others[0], ")")

    @abc.abstractmethod
    def order(
        self, expression: Any, descending: bool = False, nulls: str | None = None
    ) -> tuple[Any, ...]:
        """See ``QueryHooks.order``."""


def dashed(sql: Any) -> Any:
    """Return the usual spelling of a UUID that is kept as 32 digits."""
    parts = [
        func.substr(sql, literal_column(str(at)), literal_column(str(size))) for at, size in DASHES
    ]
    found = [part for one in parts for part in (_word("-"), one)][1:]
    return func.concat(*found)  # CONCAT_WS() would pass over nulls


DASHES = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
