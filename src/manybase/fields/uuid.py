"""The field of universally unique identifiers."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from manybase.fields.scalar import ScalarField
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from typing_extensions import TypeVar

    from manybase.meta.field import FieldOptions

    U = TypeVar("U", default=uuid.UUID)
else:
    from typing import TypeVar

    U = TypeVar("U")


class UUIDField(ScalarField[U]):
    """An identifier, as ``uuid.UUID``.

    Example:
        >>> id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    """

    plain_types: ClassVar[frozenset[type]] = frozenset({uuid.UUID})
    empty_strings_allowed: ClassVar[bool] = False
    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "“%(value)s” is not a valid UUID."
    }

    @overload
    def __init__(
        self: UUIDField[uuid.UUID],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: UUIDField[uuid.UUID | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)

    @property
    def storage(self) -> Storage:
        return Storage("uuid")

    def describe_values(self) -> str:
        return "a UUID"

    def to_python(self, value: Any) -> Any:
        if value is None or isinstance(value, uuid.UUID):
            return value
        try:
            if isinstance(value, bytes):
                return uuid.UUID(bytes=value)
            return uuid.UUID(int=value) if isinstance(value, int) else uuid.UUID(value)
        except (AttributeError, TypeError, ValueError):
            raise self.invalid("invalid", value=value) from None
