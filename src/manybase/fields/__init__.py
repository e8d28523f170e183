"""Every field class and the validators, by Django's names.

``manybase.models`` re-exports the fields. Nothing here imports SQLAlchemy or knows a database.
"""

from __future__ import annotations

from manybase.fields.auto import AutoField, BigAutoField, SmallAutoField
from manybase.fields.boolean import BooleanField
from manybase.fields.decimals import DecimalField
from manybase.fields.foreign import ForeignKey, OneToOneField
from manybase.fields.many import ManyToManyField
from manybase.fields.number import (
    BigIntegerField,
    FloatField,
    IntegerField,
    PositiveBigIntegerField,
    PositiveIntegerField,
    PositiveSmallIntegerField,
    SmallIntegerField,
)
from manybase.fields.related import RelatedField
from manybase.fields.temporal import DateField, DateTimeField, DurationField, TimeField
from manybase.fields.text import CharField, EmailField, SlugField, TextField, URLField
from manybase.meta.field import DATABASE_DEFAULT, NOT_PROVIDED, Field

__all__ = [
    "AutoField",
    "BigAutoField",
    "BigIntegerField",
    "BooleanField",
    "CharField",
    "DATABASE_DEFAULT",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "DurationField",
    "EmailField",
    "Field",
    "FloatField",
    "ForeignKey",
    "IntegerField",
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
    "TextField",
    "TimeField",
    "URLField",
]
