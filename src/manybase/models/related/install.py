"""Puts the accessors of relations on models: on the declaring one and on the target.

Called by the metaclass for forward fields, and by the fields once their target is a class.
"""

from __future__ import annotations

from typing import Any

from manybase.fields.related import on_resolved
from manybase.models.related.forward import ForwardOne
from manybase.models.related.many import Many
from manybase.models.related.reverse_many import ReverseMany
from manybase.models.related.reverse_one import ReverseOne


def install_forward(cls: Any, field: Any) -> None:
    """Give a model the accessor of its own relation field."""
    if field.many_to_many:
        setattr(cls, field.name, Many(field, reverse=False))
    elif field.concrete:
        setattr(cls, field.name, ForwardOne(field))
        setattr(cls, field.cache_name, None)  # what objects answer that keep none


def install_reverse(field: Any) -> None:
    """Give the target of a relation field its accessor, unless the relation hides it."""
    relation = field.remote_field
    name = relation.get_accessor_name()
    if name is None or field.model._meta.abstract:
        return
    target = relation.model._meta.concrete_model
    if relation.many_to_many:
        setattr(target, name, Many(field, reverse=True))
    elif relation.one_to_one:
        setattr(target, name, ReverseOne(relation))
    else:
        setattr(target, name, ReverseMany(relation))


on_resolved.append(install_reverse)
