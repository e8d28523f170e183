"""SQL functions that databases spell differently: the part of a dialect that says them in SQL.

``function`` is asked by name for everything in ``query.functions``; what every database spells
alike needs no entry anywhere. SQLAlchemy expressions in and out; called by the query compiler.
"""

from __future__ import annotations

import abc
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import and_, case, collate, func, literal_column, null, type_coerce
from sqlalchemy.sql.functions import Function
from sqlalchemy.types import NullType

from manybase.dialects.composed import Composed, joined, pieces
from manybase.dialects.features import Features
from manybase.errors import NotSupportedError
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

Spelling = Callable[..., Any]
_PLACES = re.compile(r"(%\((?:function|expressions)\)s|%%)")


class FunctionHooks(abc.ABC):
    """Functions, conversions and aggregates.

    Attributes:
        spelled: The functions that this database spells in its own way, by our names.
    """

    features: Features
    use_tz: bool
    tz: str
    spelled: ClassVar[Mapping[str, Spelling]] = {}

    if TYPE_CHECKING:
        # Given by JSONHooks, which stands beside this class in a dialect.
        def json_letters(self, value: Any) -> Any: ...

    def function(self, name: str, *arguments: Any) -> Any:
        """Return the call of one of our functions.

        Args:
            name: The function's name in ``query.functions``, in lower case.
            arguments: SQLAlchemy elements that went through ``argument``.
        """
        make = self.spelled.get(name) or COMMON.get(name)
        return make(*arguments) if make is not None else getattr(func, name)(*arguments)

    def sql_function(self, name: str, *arguments: Any) -> Any:
        """Return the call of a function that the program names as the database does."""
        *packages, last = name.split(".")
        return Function(last, *arguments, packagenames=tuple(packages))

    def template(self, template: str, name: str, joiner: str, arguments: Sequence[Any]) -> Any:
        """Return SQL of the program's own around a function's name and its arguments."""
        parts: list[Any] = []
        for piece in _PLACES.split(template):
            if piece == "%(expressions)s":
                parts += joined(arguments, joiner)
            else:
                parts.append({"%(function)s": name, "%%": "%"}.get(piece, piece))
        return Composed(*parts)

    def raw(self, sql: str, parameters: Sequence[Any]) -> Any:
        """Return SQL of the program's own with parameters at its places ``%s``."""
        texts = pieces(sql)
        parts: list[Any] = ["(", texts[0]]
        for text, parameter in zip(texts[1:], parameters, strict=True):
            parts += [parameter, text]
        return Composed(*parts, ")")

    def collate(self, sql: Any, name: str) -> Any:
        """Return a text under a collation; the name is quoted."""
        return collate(sql, name)

    def empty_text(self) -> Any:
        """Return the empty text."""
        return literal_column("''")

    def argument(self, family: str, sql: Any, storage: Storage | None) -> Any:
        """Return an argument as the function needs it.

        Args:
            family: "text", "integer", "float", "number", "any"; "mean" and "spread" where such
                an aggregate goes over it.
            sql: The argument.
            storage: How its values are kept, where that is known.
        """
        if family == "text" and storage is not None and storage.family != "text":
            return self.as_text(sql, storage)
        return sql

    def settled(self, sql: Any, storage: Storage) -> Any:
        """Return a computed value in the form in which it is compared and ordered."""
        return sql

    def assigned(self, sql: Any, storage: Storage, wanted: Storage) -> Any:
        """Return a computed value as it is written into a column."""
        return sql

    @abc.abstractmethod
    def cast_text(self, lhs: ColumnElement[Any], storage: Any = None) -> ColumnElement[str]:
        """See ``TextHooks.cast_text``."""

    @abc.abstractmethod
    def date_of(
        self, lhs: ColumnElement[Any], storage: Storage | None = None, tz: str | None = None
    ) -> ColumnElement[Any]:
        """See ``TimeHooks.date_of``."""

    @abc.abstractmethod
    def time_of(
        self, lhs: ColumnElement[Any], storage: Storage | None = None, tz: str | None = None
    ) -> ColumnElement[Any]:
        """See ``TimeHooks.time_of``."""

    def as_text(self, sql: Any, storage: Storage | None) -> Any:
        """Return a value as text, spelled as on every other database."""
        return self.cast_text(sql, storage)

    def cast(self, sql: Any, storage: Storage | None, wanted: Storage) -> Any:
        """Return a value converted to another kind.

        Args:
            sql: The value.
            storage: How it is kept, where that is known.
            wanted: How the result is kept.
        """
        pair = (storage.family if storage is not None else "", wanted.family)
        zone = self.tz if self.use_tz else None
        if pair == ("datetime", "date"):
            return self.date_of(sql, storage, zone)
        if pair == ("datetime", "time"):
            return self.time_of(sql, storage, zone)
        if pair == ("date", "datetime"):
            midnight = self.midnight(sql)
            return self.moment_of(midnight, self.tz) if self.use_tz else midnight
        if pair[0] == "json" and pair[1] not in ("json", "text"):
            sql, storage = self.json_letters(sql), Storage("text")
        if pair[1] == "json" and pair[0] not in ("json", "text", ""):
            made = self.json_of(self.json_value(sql, storage))
            return case((sql.is_not(None), made))
        if wanted.family == "text":
            return self.cut_text(self.as_text(sql, storage), wanted)
        return self.convert(sql, storage, wanted)

    def cut_text(self, sql: Any, wanted: Storage) -> Any:
        """Return a text no longer than its kind allows."""
        if wanted.size is None:
            return sql
        first: Any = literal_column("1")
        size: Any = literal_column(str(int(wanted.size)))
        return func.substr(sql, first, size)

    @abc.abstractmethod
    def convert(self, sql: Any, storage: Storage | None, wanted: Storage) -> Any:
        """Return a value converted to another kind, neither of them a text nor date and time."""

    @abc.abstractmethod
    def midnight(self, sql: Any) -> Any:
        """Return the wall-clock time at which a date begins."""

    @abc.abstractmethod
    def round(self, sql: Any, digits: Any, storage: Storage | None) -> Any:
        """Return a number rounded to so many digits after the point, halves away from zero."""

    @abc.abstractmethod
    def moment_of(self, wall: Any, tz: str) -> Any:
        """Return the moment at which the clock of a zone shows a wall-clock time.

        A time that the clock shows twice is the first of the two.
        """

    @abc.abstractmethod
    def json_value(self, sql: Any, storage: Storage | None) -> Any:
        """Return a value as it stands inside JSON: dates in ISO form, booleans as such."""

    @abc.abstractmethod
    def json_of(self, value: Any) -> Any:
        """Return a value that went through ``json_value`` as a document of its own."""

    @abc.abstractmethod
    def json_object(self, pairs: Sequence[tuple[Any, Any]]) -> Any:
        """Return a JSON object of keys and values that went through ``json_value``."""

    @abc.abstractmethod
    def json_array(self, values: Sequence[Any]) -> Any:
        """Return a JSON array of values that went through ``json_value``."""

    def windowed(self, name: str, arguments: Sequence[Any], over: Callable[[Any], Any]) -> Any:
        """Return a function of windows over its window."""
        return over(getattr(func, name)(*arguments))

    def aggregate(
        self,
        name: str,
        values: Sequence[Any],
        *,
        distinct: bool = False,
        condition: Any = None,
        order: Sequence[tuple[Any, bool, str]] = (),
    ) -> Any:
        """Return the call of an aggregate.

        Args:
            name: The aggregate's name in ``query.aggregates``.
            values: What it goes over, and its other arguments.
            distinct: Whether equal values count once.
            condition: The condition that rows must satisfy to count.
            order: Elements to order by, each with "descending" and the place of nulls.
        """
        first, *others = values
        if condition is not None and not self.features.filter_aggregate:
            shown = literal_column("1") if str(first) == "*" else first
            first, condition = case((condition, shown)), None
        call = self.aggregate_call(name, first, others, distinct, order)
        return call.filter(condition) if condition is not None else call

    def aggregate_call(
        self,
        name: str,
        value: Any,
        others: Sequence[Any],
        distinct: bool,
        order: Sequence[tuple[Any, bool, str]],
    ) -> Any:
        """Return an aggregate without its condition; parts of ``aggregate``."""
        needed = NEEDS.get(name)
        if needed is not None and not getattr(self.features, needed):
            raise NotSupportedError(
                f"this database has no aggregate '{name}': {self.features.why(needed)}"
            )
        return getattr(func, name)(value.distinct() if distinct else value, *others)

    def not_supported(self, what: str, ability: str) -> NotSupportedError:
        """The error for something that this database cannot do, with the reason."""
        return NotSupportedError(f"{what}: {self.features.why(ability)}")


#: The ability that an aggregate needs.
NEEDS = {
    "array_agg": "array_aggregates",
    "jsonb_agg": "json_aggregates",
    "bool_and": "boolean_aggregates",
    "bool_or": "boolean_aggregates",
    "bit_and": "bit_aggregates",
    "bit_or": "bit_aggregates",
    "bit_xor": "bit_aggregates",
}


def divided(sign: str, one: Any, other: Any) -> Any:
    """One number divided by another, null where that is zero."""
    plain: Any = type_coerce(one, NullType())
    return plain.op(sign, precedence=8)(func.nullif(other, literal_column("0"))).self_group()


def _unless_null(function: Spelling) -> Spelling:
    def make(*arguments: Any) -> Any:
        there = and_(*[argument.is_not(None) for argument in arguments])
        return case((there, function(*arguments)), else_=null())

    return make


#: What every database can say in the same way, though not by one function.
COMMON: dict[str, Spelling] = {
    "log": lambda base, value: func.ln(value) / func.ln(base),
    "cot": lambda value: case((func.tan(value) != literal_column("0"), 1 / func.tan(value))),
    # Without a result where a server would raise an error or give one, as it is set up.
    "quotient": lambda one, other: divided("/", one, other),
    "whole_quotient": lambda one, other: divided("/", one, other),
    "bitand": lambda one, other: one.bitwise_and(other),
    "bitor": lambda one, other: one.bitwise_or(other),
    # Some databases pass over nulls here, others do not: now none does.
    "greatest": _unless_null(func.greatest),
    "least": _unless_null(func.least),
}
