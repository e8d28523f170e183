"""The field of JSON documents.

Values are what ``json.loads`` gives; the text of the column is made and read by the dialects with
the field's encoder and decoder.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from manybase.fields.scalar import Problem, ScalarField
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from manybase.meta.field import FieldOptions


class JSONNull:
    """The type of the mark for null inside JSON, which a column keeps as a value."""

    def __repr__(self) -> str:
        return "JSON_NULL"

    def __reduce__(self) -> str:
        return "JSON_NULL"


JSON_NULL = JSONNull()


class JSONField(ScalarField[Any]):
    """A document of mappings, lists, texts, numbers, truth values and None.

    Args:
        encoder: A ``json.JSONEncoder`` class for values that JSON does not know.
        decoder: A ``json.JSONDecoder`` class that reads them back.

    Example:
        >>> settings = models.JSONField(default=dict)
    """

    plain_types: ClassVar[frozenset[type]] = frozenset({bool, int, str})
    empty_strings_allowed: ClassVar[bool] = False
    default_error_messages: ClassVar[dict[str, str]] = {"invalid": "Value must be valid JSON."}

    def __init__(
        self,
        verbose_name: str | None = None,
        encoder: type[json.JSONEncoder] | None = None,
        decoder: type[json.JSONDecoder] | None = None,
        *,
        null: bool = False,
        **options: Unpack[FieldOptions],
    ) -> None:
        super().__init__(verbose_name, null=null, **options)
        self.encoder = encoder
        self.decoder = decoder

    @property
    def storage(self) -> Storage:
        return Storage("json", encoder=self.encoder, decoder=self.decoder)

    def describe_values(self) -> str:
        return "what can be written as JSON"

    def option_problems(self) -> Iterator[Problem]:
        yield from super().option_problems()
        for name, given in (("encoder", self.encoder), ("decoder", self.decoder)):
            if given is not None and not callable(given):
                yield f"has a {type(given).__name__} as {name}", f"Give a class as {name}."

    def get_default(self) -> Any:
        """The value on a new instance: a copy, so that no two instances share a mapping."""
        return copy.deepcopy(super().get_default())

    def get_prep_value(self, value: Any) -> Any:
        if value is JSON_NULL:
            return value
        value = super().get_prep_value(value)
        self._check(value)
        return value

    def _check(self, value: Any) -> None:
        try:
            json.dumps(value, cls=self.encoder)
        except (TypeError, ValueError, RecursionError):
            raise self.invalid("invalid", value=value) from None

    def validate(self, value: Any, instance: Any) -> None:
        super().validate(value, instance)
        self._check(value)

    def value_to_string(self, instance: Any) -> Any:
        return self.value_from_object(instance)
