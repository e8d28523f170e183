"""The field of yes and no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from manybase.fields.scalar import ScalarField
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from typing_extensions import TypeVar

    from manybase.meta.field import FieldOptions

    B = TypeVar("B", default=bool)
else:
    from typing import TypeVar

    B = TypeVar("B")

_TRUE = (True, 1, "t", "True", "true", "1")
_FALSE = (False, 0, "f", "False", "false", "0")


class BooleanField(ScalarField[B]):
    """Yes or no, as ``bool``.

    Example:
        >>> published = models.BooleanField(default=False)
    """

    plain_types: ClassVar[frozenset[type]] = frozenset({bool})
    empty_strings_allowed: ClassVar[bool] = False
    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "“%(value)s” value must be either True or False.",
        "invalid_nullable": "“%(value)s” value must be either True, False, or None.",
    }

    @overload
    def __init__(
        self: BooleanField[bool],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: BooleanField[bool | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)

    @property
    def storage(self) -> Storage:
        return Storage("boolean")

    def describe_values(self) -> str:
        return "True or False"

    def to_python(self, value: Any) -> Any:
        if value is None or (self.null and value == ""):
            return None
        try:
            if value in _TRUE:
                return True
            if value in _FALSE:
                return False
        except (TypeError, ValueError):  # what cannot even be compared is no truth value
            pass
        raise self.invalid("invalid_nullable" if self.null else "invalid", value=value)

    def validate(self, value: Any, instance: Any) -> None:
        if not self.choices and value is False:
            return
        super().validate(value, instance)
