"""The field of raw bytes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from manybase.fields.scalar import ScalarField
from manybase.fields.validators import MaxLengthValidator
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from typing_extensions import TypeVar

    from manybase.meta.field import FieldOptions

    B = TypeVar("B", default=bytes)
else:
    from typing import TypeVar

    B = TypeVar("B")


class BinaryField(ScalarField[B]):
    """Raw bytes, as ``bytes``; not editable unless ``editable=True`` says so."""

    plain_types: ClassVar[frozenset[type]] = frozenset({bytes})
    default_error_messages: ClassVar[dict[str, str]] = {"invalid": "Enter bytes."}

    @overload
    def __init__(
        self: BinaryField[bytes],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: BinaryField[bytes | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"editable": False, **options})

    @property
    def storage(self) -> Storage:
        return Storage("binary", size=self.max_length)

    def describe_values(self) -> str:
        return "bytes"

    def get_default(self) -> Any:
        default = super().get_default()
        return b"" if default == "" else default

    def to_python(self, value: Any) -> Any:
        """Take bytes of any kind, and text in base 64 as fixtures hold it."""
        if value is None or type(value) is bytes:
            return value
        if isinstance(value, str):
            try:
                return base64.b64decode(value.encode("ascii"), validate=True)
            except (UnicodeEncodeError, binascii.Error):
                raise self.invalid("invalid") from None
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value)
        raise self.invalid("invalid")

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, str):  # whether it is meant as base 64 would be a guess
            raise self.invalid("invalid")
        return super().get_prep_value(value)

    def value_to_string(self, instance: Any) -> str:
        value = self.value_from_object(instance)
        return "" if value is None else base64.b64encode(value).decode("ascii")

    @property
    def validators(self) -> list[Callable[[Any], None]]:
        if self.max_length is None:
            return super().validators
        return [*super().validators, MaxLengthValidator(self.max_length)]
