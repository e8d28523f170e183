"""``get_next_by_X()`` and ``get_previous_by_X()``: the objects around one in the order of a date.

Installed on classes by ``accessors``. They look in the object's own database only.
"""

from __future__ import annotations

from typing import Any

from manybase.errors import FieldValueError
from manybase.query.q import Q
from manybase.runtime.loops import refuse_in_loop


def neighbour(instance: Any, field: Any, forward: bool, **kwargs: Any) -> Any:
    """Return the object after this one, or before it.

    Args:
        instance: A saved object.
        field: The date that orders the objects; equal dates are ordered by key.
        forward: Whether the next one is wanted.
        **kwargs: Further conditions, as for ``filter()``.

    Raises:
        DoesNotExist: There is none; the class is the model's own.
    """
    direction = "next" if forward else "previous"
    refuse_in_loop(twin=f"'await obj.aget_{direction}_by_{field.name}()'")
    for found in _candidates(instance, field, forward, kwargs):
        return found
    raise _none(instance, field, forward)


async def aneighbour(instance: Any, field: Any, forward: bool, **kwargs: Any) -> Any:
    """Return the object after this one, or before it, in asynchronous code."""
    async for found in _candidates(instance, field, forward, kwargs):
        return found
    raise _none(instance, field, forward)


def _candidates(instance: Any, field: Any, forward: bool, kwargs: dict[str, Any]) -> Any:
    if instance.pk is None:
        raise FieldValueError(
            f"a '{type(instance)._meta.label}' without a key has no neighbours",
            hint="Save the object first.",
        )
    value = getattr(instance, field.attname)
    sign, comparison = ("", "gt") if forward else ("-", "lt")
    after = Q(**{f"{field.name}__{comparison}": value}) | Q(
        **{field.name: value, f"pk__{comparison}": instance.pk}
    )
    manager = type(instance)._default_manager
    place = instance._origin.alias
    rows = manager.using(place) if place is not None else manager.all()
    return rows.filter(**kwargs).filter(after).order_by(f"{sign}{field.name}", f"{sign}pk")[:1]


def _none(instance: Any, field: Any, forward: bool) -> Exception:
    cls = type(instance)
    found: Exception = cls.DoesNotExist(
        f"there is no '{cls._meta.label}' {'after' if forward else 'before'} this one"
        f" by '{field.name}'"
    )
    return found
