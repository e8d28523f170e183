"""Fields that stand in for expressions: they check the values that an expression is compared with.

One for each family of values; bound to no model.
"""

from __future__ import annotations

from typing import Any

from manybase.fields import (
    BinaryField,
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    DurationField,
    FloatField,
    GenericIPAddressField,
    IntegerField,
    JSONField,
    TextField,
    TimeField,
    UUIDField,
)

FIELDS: dict[str, Any] = {
    "integer": IntegerField(),
    "text": TextField(),
    "float": FloatField(),
    "decimal": DecimalField(max_digits=None, decimal_places=None),
    "boolean": BooleanField(),
    "date": DateField(),
    "time": TimeField(),
    "datetime": DateTimeField(),
    "duration": DurationField(),
    "uuid": UUIDField(),
    "binary": BinaryField(),
    "json": JSONField(),
    "ip": GenericIPAddressField(),
    "array": JSONField(),
}
