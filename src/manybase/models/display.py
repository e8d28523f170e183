"""``get_X_display()``: the label of a field's value among its choices.

Installed on classes by ``accessors``; reads the instance, runs nothing.
"""

from __future__ import annotations

from typing import Any


def display(instance: Any, field: Any) -> str:
    """Return the label of the field's present value, or the value itself as text."""
    value = getattr(instance, field.attname)
    for choice, label in field.flatchoices:
        if choice == value:
            return str(label)
    return "" if value is None else str(value)
