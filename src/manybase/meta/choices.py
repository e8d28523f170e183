"""The choices of a field, in one form: pairs of a value and its label, or groups of pairs.

``meta.field`` calls it for what a program gives; knows no field and no database.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manybase.errors import ConfigurationError

_CURE = "Write choices=[('value', 'Label'), ...], a mapping or a TextChoices class."


def normalise_choices(choices: Any) -> list[tuple[Any, Any]] | None:
    """Return choices as pairs, from pairs, a mapping, an enumeration or a function.

    Raises:
        ConfigurationError: They are no choices.
    """
    if choices is None:
        return None
    if hasattr(choices, "choices"):
        return list(choices.choices)
    if callable(choices):
        return normalise_choices(choices())
    if isinstance(choices, dict):
        return [(k, list(v.items()) if isinstance(v, dict) else v) for k, v in choices.items()]
    if isinstance(choices, str) or not isinstance(choices, Iterable):
        kind = type(choices).__name__
        raise ConfigurationError(f"choices are a value of type '{kind}'", hint=_CURE)
    return [_pair(choice) for choice in choices]


def _pair(choice: Any) -> tuple[Any, Any]:
    if isinstance(choice, str) or not isinstance(choice, Iterable):
        kind = type(choice).__name__
        raise ConfigurationError(f"choices hold a '{kind}' and no pair", hint=_CURE)
    return tuple(choice)
