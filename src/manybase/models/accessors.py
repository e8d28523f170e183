"""Puts on a model's class what its fields give it: descriptors, ``get_X_display`` and the like.

Called by the metaclass for every field that a class gets; relations are installed by
``models.related``.
"""

from __future__ import annotations

import functools
from typing import Any

from manybase.meta.field import Field
from manybase.models import display, neighbours
from manybase.models.related.install import install_forward

_DATED = ("date", "datetime")


def install(cls: Any, field: Any) -> None:
    """Give a class the attributes of one of its fields."""
    if field in cls._meta.private_fields:
        return
    if field.is_relation:
        install_forward(cls, field)
    if field.column is not None:
        if _needs_descriptor(cls, field):
            setattr(cls, field.attname, field)
        if field.choices is not None:
            _method(cls, f"get_{field.name}_display", display.display, field)
        if not field.null and not field.is_relation and field.storage.family in _DATED:
            _install_neighbours(cls, field)


def _needs_descriptor(cls: Any, field: Any) -> bool:
    """Whether the field must stand on the class; values are plain attributes otherwise.

    So it is for families with a descriptor of their own, and where a base that is no model has
    an attribute of the name, which a value that is not loaded would fall through to.
    """
    family = type(field)
    if hasattr(family, "__set__") or family.__get__ is not Field.__get__:
        return True
    return any(field.attname in vars(base) for base in cls.__mro__)


def _install_neighbours(cls: Any, field: Any) -> None:
    _method(cls, f"get_next_by_{field.name}", neighbours.neighbour, field, True)
    _method(cls, f"get_previous_by_{field.name}", neighbours.neighbour, field, False)
    _method(cls, f"aget_next_by_{field.name}", neighbours.aneighbour, field, True)
    _method(cls, f"aget_previous_by_{field.name}", neighbours.aneighbour, field, False)


def _method(cls: Any, name: str, function: Any, *args: Any) -> None:
    if name not in vars(cls):
        setattr(cls, name, functools.partialmethod(function, *args))
