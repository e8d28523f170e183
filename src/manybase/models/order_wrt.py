"""``Meta.order_with_respect_to``: objects that keep a place among those of the same parent.

The metaclass calls ``provide``; the column is ``_order``, a save gives it the next number, and the
parent gets ``get_X_order`` and ``set_X_order``.
"""

from __future__ import annotations

import functools
from typing import Any

from manybase.fields import IntegerField
from manybase.meta.registry import registry
from manybase.query.q import Q


class OrderWrt(IntegerField):
    """The column that keeps the place; not editable."""

    is_order = True

    def __init__(self, *args: Any, **options: Any) -> None:
        options["editable"] = False
        super().__init__(*args, **options)

    def set_attributes_from_name(self, name: str) -> None:
        self.name = self.attname = name
        self.column = self.db_column or name
        self.verbose_name = "order"


def provide(cls: Any) -> None:
    """Give a model the column and the methods, if its Meta asks for them."""
    meta = cls._meta
    if meta.order_with_respect_to is None:
        return
    if isinstance(meta.order_with_respect_to, str):
        meta.order_with_respect_to = meta.get_field(meta.order_with_respect_to)
    if "_order" not in meta.forward_names:
        cls.add_to_class("_order", OrderWrt())
    meta.ordering = ("_order",)
    for name, forward in (("next", True), ("previous", False)):
        setattr(cls, f"get_{name}_in_order", functools.partialmethod(_beside, forward))
        setattr(cls, f"aget_{name}_in_order", functools.partialmethod(_abeside, forward))
    target = meta.order_with_respect_to.remote_field.model
    label = cls._meta.label if target == "self" else target
    if isinstance(target, str):
        label = label if "." in label else f"{meta.app_label}.{label}"
        registry.when_defined(label, functools.partial(_give_parent, cls))
    else:
        _give_parent(cls, target)


def _give_parent(cls: Any, target: Any) -> None:
    name = cls._meta.model_name
    setattr(target, f"get_{name}_order", functools.partialmethod(_get_order, cls))
    setattr(target, f"set_{name}_order", functools.partialmethod(_set_order, cls))
    setattr(target, f"aget_{name}_order", functools.partialmethod(_aget_order, cls))
    setattr(target, f"aset_{name}_order", functools.partialmethod(_aset_order, cls))


def siblings(obj: Any) -> dict[str, Any]:
    """The condition that finds all objects of the same parent, this one too."""
    field = type(obj)._meta.order_with_respect_to
    return {field.attname: getattr(obj, field.attname)}


def _in_order(obj: Any, forward: bool) -> Any:
    sign, comparison = ("", "gt") if forward else ("-", "lt")
    rows = type(obj)._default_manager.using(obj._origin.alias)
    # The place as it is stored: set_X_order() may have changed it since the object was read.
    place = rows.filter(pk=obj.pk).values("_order")[:1]
    condition = Q(**siblings(obj), **{f"_order__{comparison}": place})
    return rows.filter(condition).order_by(f"{sign}_order")[:1]


def _beside(obj: Any, forward: bool) -> Any:
    for found in _in_order(obj, forward):
        return found
    raise type(obj).DoesNotExist("there is no object beside this one in the order")


async def _abeside(obj: Any, forward: bool) -> Any:
    async for found in _in_order(obj, forward):
        return found
    raise type(obj).DoesNotExist("there is no object beside this one in the order")


def _children(parent: Any, cls: Any, using: str | None = None) -> Any:
    field = cls._meta.order_with_respect_to
    value = getattr(parent, field.target_field.attname)
    rows = cls._default_manager.using(using or parent._origin.alias)
    return rows.filter(**{field.attname: value})


def _get_order(parent: Any, cls: Any) -> Any:
    """Return the keys of the parent's objects in their order, as a queryset."""
    return _children(parent, cls).values_list(cls._meta.pk.name, flat=True)


async def _aget_order(parent: Any, cls: Any) -> list[Any]:
    """Return the keys of the parent's objects in their order."""
    return [key async for key in _get_order(parent, cls)]


def _set_order(parent: Any, cls: Any, keys: Any, using: str | None = None) -> None:
    """Put the parent's objects into the order of these keys."""
    rows = _children(parent, cls, using)
    for place, key in enumerate(keys):
        rows.filter(pk=key).update(_order=place)


async def _aset_order(parent: Any, cls: Any, keys: Any, using: str | None = None) -> None:
    """Put the parent's objects into the order of these keys."""
    rows = _children(parent, cls, using)
    for place, key in enumerate(keys):
        await rows.filter(pk=key).aupdate(_order=place)
