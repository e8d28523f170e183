"""Every field class and the validators, by Django's names.

``manybase.models`` re-exports the fields. Nothing here imports SQLAlchemy or knows a database.
"""

from __future__ import annotations

from manybase.fields.auto import AutoField, BigAutoField, SmallAutoField
from manybase.fields.binary import BinaryField
from manybase.fields.boolean import BooleanField
from manybase.fields.composite import CompositePrimaryKey
from manybase.fields.decimals import DecimalField
from manybase.fields.enums import Choices, IntegerChoices, TextChoices
from manybase.fields.files import FieldFile, FileField, ImageField
from manybase.fields.foreign import ForeignKey, OneToOneField
from manybase.fields.generated import GeneratedField
from manybase.fields.json import JSONField
from manybase.fields.many import ManyToManyField
from manybase.fields.network import GenericIPAddressField
from manybase.fields.number import (
    BigIntegerField,
    FloatField,
    IntegerField,
    PositiveBigIntegerField,
    PositiveIntegerField,
    PositiveSmallIntegerField,
    SmallIntegerField,
)
from manybase.fields.paths import FilePathField
from manybase.fields.related import RelatedField
from manybase.fields.storage_files import (
    ContentFile,
    File,
    FileStorage,
    FileSystemStorage,
    default_storage,
)
from manybase.fields.temporal import DateField, DateTimeField, DurationField, TimeField
from manybase.fields.text import CharField, EmailField, SlugField, TextField, URLField
from manybase.fields.uuid import UUIDField
from manybase.meta.field import DATABASE_DEFAULT, NOT_PROVIDED, Field

__all__ = [
    "AutoField",
    "BigAutoField",
    "BigIntegerField",
    "BinaryField",
    "BooleanField",
    "CompositePrimaryKey",
    "CharField",
    "Choices",
    "ContentFile",
    "DATABASE_DEFAULT",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "default_storage",
    "DurationField",
    "EmailField",
    "Field",
    "FieldFile",
    "File",
    "FileField",
    "FilePathField",
    "FileStorage",
    "FileSystemStorage",
    "FloatField",
    "ForeignKey",
    "GenericIPAddressField",
    "GeneratedField",
    "ImageField",
    "IntegerChoices",
    "IntegerField",
    "JSONField",
    "ManyToManyField",
    "NOT_PROVIDED",
    "OneToOneField",
    "PositiveBigIntegerField",
    "PositiveIntegerField",
    "PositiveSmallIntegerField",
    "RelatedField",
    "SlugField",
    "SmallAutoField",
    "SmallIntegerField",
    "TextChoices",
    "TextField",
    "TimeField",
    "URLField",
    "UUIDField",
]
