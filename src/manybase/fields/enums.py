"""Enumerations whose members are the choices of a field.

A member has a value, which the column keeps, and a label, which people read. Fields take the class
as ``choices``; nothing here knows a field.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any


class ChoicesType(enum.EnumMeta):
    """Takes the labels apart from the values while an enumeration is made."""

    def __new__(
        metacls: type[ChoicesType],
        name: str,
        bases: tuple[type, ...],
        namespace: Any,
        **options: Any,
    ) -> ChoicesType:
        """Make the class; a member's label is the last of its values, or made from its name."""
        labels = []
        for key in list(namespace._member_names):
            value = namespace[key]
            if isinstance(value, (list, tuple)) and len(value) > 1 and _is_label(value[-1]):
                *rest, label = value
                # The mapping refuses a second value for a member, so the plain one is used.
                dict.__setitem__(namespace, key, rest[0] if len(rest) == 1 else tuple(rest))
            else:
                label = key.replace("_", " ").title()
            labels.append(label)
        made: Any = super().__new__(metacls, name, bases, namespace, **options)
        for member, label in zip(made.__members__.values(), labels, strict=True):
            member._label_ = label
        unique: ChoicesType = enum.unique(made)
        return unique

    def __contains__(cls, member: object) -> bool:
        if isinstance(member, enum.Enum):
            return super().__contains__(member)
        return any(one.value == member for one in cls)  # type: ignore[var-annotated]

    @property
    def names(cls) -> list[str]:
        """The members' names; ``"__empty__"`` first where the class has such a label."""
        empty = ["__empty__"] if hasattr(cls, "__empty__") else []
        return empty + [member.name for member in _members(cls)]

    @property
    def choices(cls) -> list[tuple[Any, str]]:
        """Value and label of every member, as a field takes them."""
        label = getattr(cls, "__empty__", None)
        empty: list[tuple[Any, str]] = [] if label is None else [(None, str(label))]
        return empty + [(member.value, member.label) for member in _members(cls)]

    @property
    def labels(cls) -> list[str]:
        """The labels."""
        return [label for _, label in cls.choices]

    @property
    def values(cls) -> list[Any]:
        """The values."""
        return [value for value, _ in cls.choices]


class Choices(enum.Enum, metaclass=ChoicesType):
    """The base of enumerations of choices; mix in the type of the values.

    Example:
        >>> class Moon(datetime.date, models.Choices):
        ...     APOLLO_11 = 1969, 7, 20, "Apollo 11 (Eagle)"
    """

    if TYPE_CHECKING:
        _label_: Any

    @property
    def label(self) -> str:
        """What people read."""
        return str(self._label_)

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}.{self.name}"


class IntegerChoices(int, Choices):
    """Choices kept as whole numbers.

    Example:
        >>> class Suit(models.IntegerChoices):
        ...     HEART = 1
        ...     CLUB = 2, "Club (the black one)"
    """


class TextChoices(str, Choices):
    """Choices kept as text.

    Example:
        >>> class State(models.TextChoices):
        ...     DRAFT = "D", "Draft"
        ...     PUBLISHED = "P"
    """

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:
        return name


def _members(cls: Any) -> list[Any]:
    return list(cls)


def _is_label(value: Any) -> bool:
    return isinstance(value, str) or hasattr(value, "_proxy____cast")
