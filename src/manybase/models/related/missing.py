"""The error of an object that a relation should lead to and that is not there.

One class per relation, made at its first use: it is the related model's ``DoesNotExist`` and an
``AttributeError``, so that ``hasattr(person, "profile")`` answers False.
"""

from __future__ import annotations

from typing import Any

_classes: dict[tuple[Any, str], type[Exception]] = {}


def missing_class(owner: Any, related_model: Any, name: str) -> type[Exception]:
    """Return the ``RelatedObjectDoesNotExist`` of a relation."""
    key = (owner, name)
    found = _classes.get(key)
    if found is None:
        found = _classes[key] = type(
            "RelatedObjectDoesNotExist",
            (related_model.DoesNotExist, AttributeError),
            {
                "__module__": owner.__module__,
                "__qualname__": f"{owner.__qualname__}.{name}.RelatedObjectDoesNotExist",
            },
        )
    return found


def missing(owner: Any, instance: Any, related_model: Any, name: str) -> Exception:
    """Return the error "Book has no editor."."""
    return missing_class(owner, related_model, name)(f"{type(instance).__name__} has no {name}.")
