"""Checks the names in a model's Meta when the class is made, so that slips show at once.

Called by the metaclass. A name that goes across a relation is checked up to its first part; the
rest is known only when all models are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from manybase.errors import FieldError, hint_for
from manybase.query.expressions import Expression, F
from manybase.query.q import Q


def check_names(cls: Any) -> None:
    """Refuse unknown names in Meta's ordering, unique_together, constraints and indexes.

    Raises:
        FieldError: It names the option; the hint says which field was meant.
    """
    meta = cls._meta
    _check_dates(meta)
    if "ordering" in meta.original_attrs and not meta.order_with_respect_to:
        for name in _ordering(meta.ordering):
            _check(meta, name, "ordering")
    latest = meta.get_latest_by or ()
    for name in (latest,) if isinstance(latest, str) else latest:
        _check(meta, name.lstrip("-"), "get_latest_by")
    for names in meta.unique_together:
        for name in names:
            _check(meta, name, "unique_together")
    for option in ("constraints", "indexes"):
        for item in getattr(meta, option):
            for name in _named_by(item):
                _check(meta, name, option)


def _check_dates(meta: Any) -> None:
    for field in meta.local_fields:
        for option in ("unique_for_date", "unique_for_month", "unique_for_year"):
            name = getattr(field, option)
            if name is not None and name not in meta.forward_names:
                raise FieldError(
                    f"{option} of '{field}' names '{name}', which is no field",
                    hint=hint_for(name, meta.forward_names),
                )


def _named_by(item: Any) -> Iterator[str]:
    """The names in a constraint or an index: fields, included ones, those in expressions."""
    for name in (*getattr(item, "fields", ()), *getattr(item, "include", ())):
        yield name.lstrip("-")
    yield from _names_in(getattr(item, "condition", None))
    for expression in getattr(item, "expressions", ()):
        name = expression.lstrip("-") if isinstance(expression, str) else None
        yield from _names_in(expression) if name is None else [name]


def _names_in(part: Any) -> Iterator[str]:
    """The names that a condition or an expression speaks of."""
    if isinstance(part, Q):
        for child in part.children:
            if isinstance(child, tuple):
                yield child[0]
                yield from _names_in(child[1])
            else:
                yield from _names_in(child)
    elif isinstance(part, F):
        yield part.name
    elif isinstance(part, Expression):
        for value in vars(part).values():
            yield from _names_in(value)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _names_in(value)


def _ordering(ordering: tuple[Any, ...]) -> Iterator[str]:
    for name in ordering:
        if isinstance(name, str) and name != "?":
            yield name.lstrip("-+")


def _check(meta: Any, name: str, option: str) -> None:
    first, rest, _ = name.partition("__")
    if first == "pk" or first in meta.forward_names or (rest and first not in meta.forward_names):
        return
    if first == "_order" and meta.order_with_respect_to:
        return
    raise FieldError(
        f"{option} in Meta of '{meta.label}' names '{name}', which is no field",
        hint=hint_for(first, [*meta.forward_names, "pk"]),
    )
