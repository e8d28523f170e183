"""Gives a model its primary key: the one declared, the link to its parent, or a number.

Called by the metaclass; reads ``DEFAULT_AUTO_FIELD`` where a number has to be made.
"""

from __future__ import annotations

import importlib
from typing import Any

from manybase import fields
from manybase.conf import settings
from manybase.errors import ConfigurationError


def provide(cls: Any) -> None:
    """See to it that a model has a primary key."""
    meta = cls._meta
    for field in meta.private_fields:
        if getattr(field, "composite", False):
            field.find_fields()
    if meta.pk is not None:
        return
    link = next((one for one in meta.parents.values() if one is not None), None)
    if link is not None:
        link.primary_key = True
        meta.pk = link
        return
    field = _auto_field()(verbose_name="ID", primary_key=True, auto_created=True)
    field.creation_counter = -1  # before the fields that the program declares
    cls.add_to_class("id", field)


def _auto_field() -> Any:
    path: str = settings.DEFAULT_AUTO_FIELD
    module, _, name = path.rpartition(".")
    found = getattr(fields, name, None) if module in _OWN else _imported(module, name)
    if found is None or not getattr(found, "is_auto", False):
        raise ConfigurationError(
            f"'DEFAULT_AUTO_FIELD' names '{path}', which is no field that numbers rows",
            hint="Write 'manybase.models.BigAutoField'.",
        )
    return found


_OWN = ("manybase.models", "manybase.db.models", "manybase.fields")


def _imported(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name, None)
    except (ImportError, ValueError):
        return None
