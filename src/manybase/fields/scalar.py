"""What all fields of one column share: checked options, plain values out of enumerations.

The families build on it. It reads no database and resolves no relation; the metaclass calls
``contribute_to_class``, saves and queries call ``prepare``.
"""

from __future__ import annotations

import enum
import functools
import inspect
from collections.abc import Iterator
from typing import Any, Self, TypeVar

from manybase.errors import ConfigurationError, FieldValueError, hint_for
from manybase.meta.field import Field

T = TypeVar("T")

Problem = tuple[str, str | None]
"""What is wrong with an option, after "field 'app.Model.name' ", and what to write instead."""


class ScalarField(Field[T]):
    """A field with one plain value in one column."""

    def __init__(self, *args: Any, **options: Any) -> None:
        check_names(self, options)
        super().__init__(*args, **options)

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Become the field ``name`` of a model; refuse options that make no sense.

        Raises:
            ConfigurationError: The message names the field and the hint the cure.
        """
        super().contribute_to_class(cls, name)
        refuse(self, self.option_problems())

    def option_problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the field's options; families add their own."""
        yield from common_problems(self)
        yield from self._default_problems()

    def _default_problems(self) -> Iterator[Problem]:
        if not self.has_default() or callable(self.default) or self.default is None:
            return
        if not self.default_fits(self.default):
            yield (
                f"has a default that it cannot hold: it takes {self.describe_values()}",
                "Give a default of that kind, or a function that returns one.",
            )

    def default_fits(self, default: Any) -> bool:
        """Whether the field could hold this default; asked before there are settings."""
        try:
            self.prepare(default)
        except FieldValueError:
            return False
        return True

    def __copy__(self) -> Self:
        return unbound_copy(self)

    def get_prep_value(self, value: Any) -> Any:
        """Turn a value into the plain Python value that is kept."""
        return self.to_python(value.value if isinstance(value, enum.Enum) else value)


F = TypeVar("F", bound=Field[Any])


def unbound_copy(field: F) -> F:
    """Return a field of the same options that is on no model.

    ``copy.copy`` would pickle, and a bound field is pickled as "that model's field".
    """
    twin = type(field).__new__(type(field))
    twin.__dict__.update(field.__dict__)
    twin.__dict__.pop("model", None)
    twin.error_messages = dict(field.error_messages)
    twin.extra_validators = list(field.extra_validators)
    return twin


def check_names(field: Any, options: dict[str, Any]) -> None:
    """Refuse options that no field of this class has, with the one that was meant.

    Raises:
        ConfigurationError: A name is unknown; the field has none yet, so its class is named.
    """
    for name in options:
        if name not in _base_options():
            raise ConfigurationError(
                f"{type(field).__name__} has no option '{name}'",
                hint=hint_for(name, _all_options(type(field))),
            )


@functools.cache
def _base_options() -> frozenset[str]:
    return frozenset(inspect.signature(Field.__init__).parameters) - {"self"}


def _all_options(cls: type) -> set[str]:
    """The options that any constructor of the class and its bases takes, for suggestions."""
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    constructors = [vars(one)["__init__"] for one in cls.__mro__[:-1] if "__init__" in vars(one)]
    found = {
        p.name
        for c in constructors
        for p in inspect.signature(c).parameters.values()
        if p.kind in kinds
    }
    return found - {"self", "remote_field"}


def refuse(field: Any, problems: Iterator[Problem]) -> None:
    """Raise the first problem of a field's options, if there is one."""
    for message, hint in problems:
        raise ConfigurationError(f"field '{field}' {message}", hint=hint)


def common_problems(field: Any) -> Iterator[Problem]:
    """Yield what is wrong with options that every field has."""
    if field.primary_key and field.null:
        yield "is a primary key and cannot have null=True", "Take null=True away."
    if not _is_length(field.max_length):
        yield "needs a whole number above zero as max_length", "Write max_length=100."
    for validator in field.extra_validators:
        if not callable(validator):
            yield (
                f"has a validator that cannot be called, a {type(validator).__name__}",
                "Give functions or validator objects, such as validators=[MinValueValidator(1)].",
            )
    if any(len(pair) != 2 for pair in field.choices or ()):
        yield (
            "has choices that are no pairs",
            "Write choices=[('value', 'Label'), ...], a mapping or a TextChoices class.",
        )


def _is_length(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
