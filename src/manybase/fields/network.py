"""The field of network addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

from manybase.fields.formats import (
    validate_ipv4_address,
    validate_ipv6_address,
    validate_ipv46_address,
)
from manybase.fields.scalar import Problem, ScalarField
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from typing_extensions import TypeVar

    from manybase.meta.field import FieldOptions

    S = TypeVar("S", default=str)
else:
    from typing import TypeVar

    S = TypeVar("S")


_PROTOCOLS: dict[str, Callable[[Any], None]] = {
    "both": validate_ipv46_address,
    "ipv4": validate_ipv4_address,
    "ipv6": validate_ipv6_address,
}


class GenericIPAddressField(ScalarField[S]):
    """An IPv4 or IPv6 address, as ``str`` in its shortest spelling.

    Args:
        protocol: Which are valid: "both", "ipv4" or "ipv6".
        unpack_ipv4: Whether ``::ffff:192.0.2.1`` is kept as ``192.0.2.1``; only with "both".
    """

    empty_strings_allowed: ClassVar[bool] = False
    default_error_messages: ClassVar[dict[str, str]] = {"invalid": "Enter a valid IP address."}

    @overload
    def __init__(
        self: GenericIPAddressField[str],
        verbose_name: str | None = None,
        *,
        null: Literal[False] = False,
        protocol: str = "both",
        unpack_ipv4: bool = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: GenericIPAddressField[str | None],
        verbose_name: str | None = None,
        *,
        null: Literal[True],
        protocol: str = "both",
        unpack_ipv4: bool = False,
        **options: Unpack[FieldOptions],
    ) -> None: ...
    def __init__(
        self, *args: Any, protocol: str = "both", unpack_ipv4: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **{**options, "max_length": 39})
        self.protocol = str(protocol).lower()
        self.unpack_ipv4 = unpack_ipv4

    @property
    def storage(self) -> Storage:
        return Storage("ip", size=self.max_length)

    def describe_values(self) -> str:
        return "an IP address"

    def option_problems(self) -> Iterator[Problem]:
        if self.protocol not in _PROTOCOLS:
            yield "has an unknown protocol", "Write protocol='both', 'ipv4' or 'ipv6'."
        if self.unpack_ipv4 and self.protocol != "both":
            yield "has unpack_ipv4=True, which needs protocol='both'", "Take one of them away."
        if self.blank and not self.null:
            yield "has blank=True, and an empty text is no address", "Write null=True as well."
        yield from super().option_problems()

    @property
    def validators(self) -> list[Callable[[Any], None]]:
        return [*super().validators, _PROTOCOLS[self.protocol]]

    def to_python(self, value: Any) -> Any:
        if value is None or value == "":
            return None
        try:
            address = ipaddress.ip_address(value.strip() if isinstance(value, str) else value)
        except ValueError:
            raise self.invalid("invalid", value=value) from None
        if self.unpack_ipv4 and isinstance(address, ipaddress.IPv6Address):
            return str(address.ipv4_mapped or address)
        return str(address)
