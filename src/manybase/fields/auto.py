"""Primary keys that the database numbers by itself.

They are whole numbers of three sizes; the metaclass in ``models`` adds one to a model that declares
no key. The number is drawn by the database, never here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from manybase.fields.number import WholeNumber
from manybase.fields.scalar import Problem
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from manybase.meta.field import FieldOptions


class AutoNumber(WholeNumber[int]):
    """What the three fields of numbered keys have in common."""

    is_auto: ClassVar[bool] = True

    def __init__(self, verbose_name: str | None = None, **options: Unpack[FieldOptions]) -> None:
        options["blank"] = True
        super().__init__(verbose_name, **options)

    @property
    def storage(self) -> Storage:
        return Storage("integer", size=self.size, auto=True)

    def validate(self, value: Any, instance: Any) -> None:
        """Accept everything: the database gives the number where there is none."""

    @property
    def validators(self) -> list[Callable[[Any], None]]:
        return list(self.extra_validators)

    def option_problems(self) -> Iterator[Problem]:
        yield from super().option_problems()
        if not self.primary_key:
            yield (
                f"is a {type(self).__name__} and must be the primary key",
                f"Write {type(self).__name__}(primary_key=True).",
            )


class AutoField(AutoNumber):
    """A numbered key of 4 bytes, as ``int``."""


class BigAutoField(AutoNumber):
    """A numbered key of 8 bytes, as ``int``; what models get that declare no key.

    Example:
        >>> id = models.BigAutoField(primary_key=True)
    """

    size: ClassVar[int] = 8


class SmallAutoField(AutoNumber):
    """A numbered key of 2 bytes, as ``int``."""

    size: ClassVar[int] = 2
