"""Makes the model of the links of a many-to-many field that declares none.

Called by the metaclass once the declaring model is ready. The link model is an ordinary model
with two foreign keys; ``_meta.auto_created`` says whose it is.
"""

from __future__ import annotations

import hashlib
from typing import Any

from manybase.fields import ForeignKey
from manybase.meta.on_delete import CASCADE

_LONGEST_NAME = 63
"""Characters that every database allows in the name of a table."""


def provide(cls: Any, field: Any) -> None:
    """See to it that ``field.remote_field.through`` is a model."""
    relation = field.remote_field
    if relation.through is None and cls._meta.swapped is None:
        relation.through = _make(cls, field)


def _make(cls: Any, field: Any) -> Any:
    name = f"{cls._meta.object_name}_{field.name}"
    source, target = _names(cls, field)
    target_model = field.remote_field.model

    def key(model: Any) -> Any:
        return ForeignKey(
            model,
            related_name=f"{name}+",
            on_delete=CASCADE,
            db_constraint=field.remote_field.db_constraint,
        )

    options = {
        "db_table": _table(cls, field),
        "managed": cls._meta.managed,
        "app_label": cls._meta.app_label,
        "unique_together": (source, target),
        "using": cls._meta.using,
        "verbose_name": f"{source}-{target} relationship",
        "verbose_name_plural": f"{source}-{target} relationships",
    }
    attributes = {
        "__module__": cls.__module__,
        "__qualname__": f"{cls.__qualname__}_{field.name}",
        "Meta": type("Meta", (), options),
        source: key(cls),
        target: key(cls if target_model == "self" else target_model),
        "_auto_created_for": cls,
    }
    return type(cls)(name, (_root(cls),), attributes)


def _root(cls: Any) -> Any:
    """The class Model itself, without importing it."""
    return next(base for base in reversed(cls.__mro__) if isinstance(base, type(cls)))


def _names(cls: Any, field: Any) -> tuple[str, str]:
    source = cls._meta.model_name
    target = field.remote_field.model
    if isinstance(target, str):
        named = source if target == "self" else target.rpartition(".")[2].lower()
    else:
        named = target._meta.model_name
    if target is cls or named == source:
        return f"from_{source}", f"to_{named}"
    return source, named


def _table(cls: Any, field: Any) -> str:
    table: str = getattr(field, "db_table", None) or f"{cls._meta.db_table}_{field.name}"
    if len(table) <= _LONGEST_NAME:
        return table
    digest = hashlib.sha256(table.encode()).hexdigest()[:8]
    return f"{table[: _LONGEST_NAME - 9]}_{digest}"
