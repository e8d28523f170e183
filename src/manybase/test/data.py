"""Attributes made by ``setUpTestData``: each test gets a copy of its own.

Copies are made when a test first reads one, and share what they have in common.
"""

from __future__ import annotations

import copy
from typing import Any

from manybase.errors import ConfigurationError

_MEMO = "_test_data_copies"


class TestData:
    """A class attribute that gives each test its own copy.

    Args:
        name: The attribute.
        value: What ``setUpTestData`` put there.
    """

    __test__ = False  # pytest: no test, whatever its name

    def __init__(self, name: str, value: Any) -> None:
        self.name = name
        self.value = value

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self.value
        memo = instance.__dict__.setdefault(_MEMO, {})
        try:
            found = copy.deepcopy(self.value, memo)
        except TypeError as error:
            raise ConfigurationError(
                f"'{owner.__name__}.{self.name}' of setUpTestData() cannot be copied:"
                f" {type(self.value).__name__}",
                hint="Make it in setUp() instead.",
            ) from error
        setattr(instance, self.name, found)
        return found

    def __repr__(self) -> str:
        return f"<TestData: {self.name}>"


def wrap(cls: type, before: dict[str, Any]) -> None:
    """Wrap the attributes that a class has got since ``before``."""
    for name, value in list(vars(cls).items()):
        if name not in before or before[name] is not value:
            setattr(cls, name, TestData(name, value))
