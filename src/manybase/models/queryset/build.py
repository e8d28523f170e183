"""Calls that return another queryset: each records itself and runs nothing."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NoReturn, Self, cast, overload

from manybase.errors import QueryError, hint_for
from manybase.models.queryset.base import M, QuerySetBase
from manybase.ops.prefetch import check_lookup, check_names
from manybase.ops.prefetch_lookup import as_prefetch
from manybase.query.choose import record_dates, record_distinct, record_only, record_related
from manybase.query.expressions import Expression, F
from manybase.query.functions.dates import zone_name
from manybase.query.named import groups, record_annotate
from manybase.query.record import known_names, record_filter, record_order, record_values
from manybase.query.state import ANYWHERE, at
from manybase.routing.topology import topology

if TYPE_CHECKING:
    from manybase.models.queryset import QuerySet
    from manybase.query.q import Conditional

_DATE_KINDS = ("year", "month", "week", "day")
_TIME_KINDS = (*_DATE_KINDS, "hour", "minute", "second")


class Building(QuerySetBase[M]):
    """The chain of calls."""

    __slots__ = ()

    def all(self) -> Self:
        """Return a copy without results."""
        return self._chain()

    def filter(self, /, *args: Conditional, **kwargs: Any) -> Self:
        """Keep the rows that satisfy all conditions.

        Args:
            args: ``Q`` objects and boolean expressions.
            kwargs: Lookups: ``title="Emma"``, ``author__name__icontains="bront"``.

        Raises:
            FieldError: A name is no field, relation or lookup; the hint says which was meant.
            FieldValueError: A value cannot be compared with its field.
            CrossDatabaseError: The queryset is placed and a value belongs elsewhere.
        """
        new = record_filter(self, args, kwargs)
        if self._sticky:
            new = _share_joins(self, new)
        return new if new._placement is ANYWHERE else new._checked()

    def exclude(self, /, *args: Conditional, **kwargs: Any) -> Self:
        """Leave out the rows that satisfy all conditions; null satisfies none."""
        return record_filter(self, args, kwargs, negated=True)._checked()

    def complex_filter(self, condition: Conditional | dict[str, Any]) -> Self:
        """Filter by a ``Q`` or by a dictionary of lookups, as ``limit_choices_to`` has them."""
        if isinstance(condition, dict):
            return self.filter(**condition)
        return self.filter(condition)

    def order_by(self, *names: Any) -> Self:
        """Order by fields (``-`` for descending, ``"?"`` for chance); no names clear the order."""
        known = known_names(self, "order", names)
        new = record_order(self, names) if known is None else known
        return new if new._placement is ANYWHERE else new._checked()

    def reverse(self) -> Self:
        """Turn the order round."""
        self._refuse_slice("reverse")
        return self._record(("reverse",))

    def distinct(self, *fields: str) -> Self:
        """Leave out rows that were read before.

        Args:
            fields: Keep the first row for each combination of these fields; PostgreSQL only.
        """
        self._refuse_slice("distinct")
        return record_distinct(self, fields)

    def none(self) -> Self:
        """Return a queryset without rows, which asks no database."""
        return self._record(("none",))

    def using(self, alias: str | None) -> Self:
        """Place the queryset on a database.

        Raises:
            UnknownAlias: There is no such database.
            CrossDatabaseError: A value of the queryset belongs to another one.
        """
        if alias is not None:
            topology().check(alias)
            if self._placement is ANYWHERE:
                named = self._moved(self.branch, self.params)
                named._placement = at(alias)
                return named
        new = self._chain()
        new.placed_on = alias
        return new._checked()

    def values(self, /, *names: Any, **expressions: Any) -> QuerySet[dict[str, Any]]:
        """Read dictionaries of the named columns, or of all, instead of objects.

        Args:
            names: Fields, also across relations, and annotations.
            expressions: Expressions by the names that they get.
        """
        named = _named(self, expressions)
        found = record_values(named, (*names, *expressions), "dict")._checked()
        return cast("QuerySet[dict[str, Any]]", found)

    @overload
    def values_list(self, *names: Any) -> QuerySet[tuple[Any, ...]]: ...
    @overload
    def values_list(self, *names: Any, flat: bool = ..., named: bool = ...) -> QuerySet[Any]: ...
    def values_list(self, *names: Any, flat: bool = False, named: bool = False) -> Any:
        """Read tuples of the named columns, or of all.

        Args:
            names: Fields, also across relations, annotations and expressions.
            flat: With one name: the values themselves.
            named: Named tuples.
        """
        if not (flat or named):
            known = known_names(self, "tuple", names)
            if known is not None:
                return known
        if flat and named:
            raise QueryError("flat and named cannot be used together")
        if flat and len(names) != 1:
            raise QueryError(
                f"flat=True takes one name, not {len(names)}",
                hint="Write values_list('title', flat=True).",
            )
        mode = "flat" if flat else "named" if named else "tuple"
        chosen, expressions = _numbered(names)
        return record_values(_named(self, expressions), chosen, mode)._checked()

    def dates(self, field_name: str, kind: str, order: str = "ASC") -> QuerySet[datetime.date]:
        """Read the different years, months, weeks or days that a field has, as dates."""
        _check_kind(kind, order, _DATE_KINDS)
        found = record_dates(self, field_name, kind, order, "date")
        return cast("QuerySet[datetime.date]", found)

    def datetimes(
        self,
        field_name: str,
        kind: str,
        order: str = "ASC",
        tzinfo: datetime.tzinfo | str | None = None,
    ) -> QuerySet[datetime.datetime]:
        """Read the different years ... seconds that a field has, as datetimes.

        Args:
            field_name: A datetime field.
            kind: The part that they are cut to.
            order: ``"ASC"`` or ``"DESC"``.
            tzinfo: The zone whose clock counts; the current one when left out.
        """
        _check_kind(kind, order, _TIME_KINDS)
        zone = zone_name(tzinfo)
        found = record_dates(self, field_name, kind, order, "datetime", zone)
        return cast("QuerySet[datetime.datetime]", found)

    def annotate(self, /, *args: Any, **kwargs: Any) -> Self:
        """Give every object the value of expressions, by name.

        Args:
            args: Aggregates named after their field: ``Count("books")`` gives ``books__count``.
            kwargs: Expressions by name.

        Example:
            >>> Person.objects.annotate(books=Count("edited")).filter(books__gt=2)
        """
        for arg in args:
            name = getattr(arg, "default_alias", None)
            if name in kwargs:
                raise QueryError(
                    f"the name '{name}' is given twice",
                    hint="Write annotate(name=expression) with another name.",
                )
            if name is None:
                raise QueryError(
                    "an expression given without a name must be an aggregate of one field",
                    hint="Write annotate(name=expression).",
                )
            kwargs[name] = arg
        new = record_annotate(self, kwargs, True)
        return new if new._placement is ANYWHERE else new._checked()

    def alias(self, /, **kwargs: Any) -> Self:
        """Name expressions for later calls without reading them."""
        return record_annotate(self, kwargs, False)._checked()

    def extra(self, /, *args: Any, **kwargs: Any) -> NoReturn:
        """Not offered: SQL in pieces cannot be checked.

        Raises:
            QueryError: Always; the hint says what to use.
        """
        raise QueryError(
            "extra() is not offered",
            hint="Use annotate() with expressions, RawSQL('...', params) for SQL of your own, or"
            " raw() for a whole statement.",
        )

    def select_related(self, *names: str | None) -> Self:
        """Read related objects of single relations by a join.

        Args:
            names: Relations, followed with ``__``; without any, all that cannot be null; None
                clears.
        """
        self._refuse_values("select_related")
        if names == (None,):
            return record_related(self, None)
        return record_related(self, [str(name) for name in names])

    def prefetch_related(self, *lookups: Any) -> Self:
        """Read related objects by one further query for each relation and database.

        Args:
            lookups: Names of relations, followed with ``__``, and ``Prefetch`` objects; None
                clears.
        """
        if lookups != (None,):
            self._refuse_values("prefetch_related")
        new = self._chain()
        if lookups == (None,):
            new._prefetch_related_lookups = ()
        elif not self._prefetch_related_lookups and not self.annotations and _are_names(lookups):
            check_names(self.model, lookups)
            new._prefetch_related_lookups = lookups
        else:
            found = tuple(as_prefetch(lookup) for lookup in lookups)
            every = (*map(as_prefetch, self._prefetch_related_lookups), *found)
            known = {*(self.annotations or ()), *(one.prefetch_to for one in every if one.to_attr)}
            own = {one.prefetch_to for one in every if one.queryset is not None}
            for lookup in found:
                check_lookup(self.model, lookup, known, own)
            new._prefetch_related_lookups = (*self._prefetch_related_lookups, *found)
        return new

    def only(self, *names: str) -> Self:
        """Read these fields at once, the others when they are used."""
        self._refuse_values("only")
        return record_only(self, names, "only")

    def defer(self, *names: str | None) -> Self:
        """Read these fields when they are used; None clears."""
        self._refuse_values("defer")
        if names == (None,):
            return self._record(("undefer",))
        return record_only(self, [str(name) for name in names], "defer")

    @property
    def ordered(self) -> bool:
        """Whether the rows come in a known order."""
        for call in reversed(self.shape):
            if call[0] == "order":
                return bool(call[1])
            if call[0] in ("dates", "combine"):
                return bool(call[0] == "dates")  # a combination has not that of its parts
        return bool(self.model._meta.ordering) and groups(self) is None


def _share_joins(before: Any, after: Any) -> Any:
    """Let the filter of a related manager and the next one speak of the same related row."""
    shape = after.shape
    if before._sticky == "next":
        after._sticky = "now"
    elif len(shape) > 1 and shape[-1][0] == shape[-2][0] == "filter":
        after.shape = (*shape[:-2], ("filter", ("and", shape[-2][1], shape[-1][1])))
    return after


def _named(queryset: Any, expressions: dict[str, Any]) -> Any:
    return record_annotate(queryset, expressions, False) if expressions else queryset


def _numbered(names: tuple[Any, ...]) -> tuple[list[Any], dict[str, Any]]:
    """Names with a name made for each expression among them."""
    chosen: list[Any] = []
    expressions: dict[str, Any] = {}
    for name in names:
        if isinstance(name, Expression) and not isinstance(name, F):
            made = f"{type(name).__name__.lower()}{len(expressions) + 1}"
            expressions[made] = name
            chosen.append(made)
        else:
            chosen.append(name)
    return chosen, expressions


def _check_kind(kind: str, order: str, kinds: tuple[str, ...]) -> None:
    if kind not in kinds:
        raise QueryError(f"'{kind}' is no part of a date here", hint=hint_for(str(kind), kinds))
    if order not in ("ASC", "DESC"):
        raise QueryError(f"order must be 'ASC' or 'DESC', not '{order}'")


def _are_names(lookups: tuple[Any, ...]) -> bool:
    return all(type(lookup) is str for lookup in lookups)
