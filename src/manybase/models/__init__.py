"""The public face of models: ``Model``, fields, managers, querysets, constraints, conditions.

Programs write ``from manybase import models``. Everything is re-exported here under Django's
names; importing it loads neither SQLAlchemy nor a driver.
"""

from __future__ import annotations

from manybase.errors import ObjectDoesNotExist, ProtectedError, RestrictedError
from manybase.fields import (
    NOT_PROVIDED,
    AutoField,
    BigAutoField,
    BigIntegerField,
    BinaryField,
    BooleanField,
    CharField,
    Choices,
    CompositePrimaryKey,
    DateField,
    DateTimeField,
    DecimalField,
    DurationField,
    EmailField,
    Field,
    FileField,
    FilePathField,
    FloatField,
    ForeignKey,
    GeneratedField,
    GenericIPAddressField,
    ImageField,
    IntegerChoices,
    IntegerField,
    JSONField,
    ManyToManyField,
    OneToOneField,
    PositiveBigIntegerField,
    PositiveIntegerField,
    PositiveSmallIntegerField,
    SlugField,
    SmallAutoField,
    SmallIntegerField,
    TextChoices,
    TextField,
    TimeField,
    URLField,
    UUIDField,
)
from manybase.meta.constraints import (
    CheckConstraint,
    Constraint,
    Deferrable,
    Index,
    UniqueConstraint,
)
from manybase.meta.on_delete import (
    CASCADE,
    DO_NOTHING,
    PROTECT,
    RESTRICT,
    SET,
    SET_DEFAULT,
    SET_NULL,
)
from manybase.meta.relation import Relation
from manybase.models import functions as functions  # by this form pyright knows both names
from manybase.models import lookups as lookups
from manybase.models import signals
from manybase.models.base import Model
from manybase.models.fetch_modes import FETCH_ONE, FETCH_PEERS, FETCH_RAISE, FetchMode
from manybase.models.functions import *  # noqa: F403 - what it names itself
from manybase.models.lookups import *  # noqa: F403
from manybase.models.manager import BaseManager, Manager
from manybase.models.prefetch import (
    Prefetch,
    aprefetch_related_objects,
    prefetch_related_objects,
)
from manybase.models.queryset import QuerySet
from manybase.models.related.many import ManyRelatedManager
from manybase.models.related.reverse_many import NullableRelatedManager, RelatedManager
from manybase.models.related.reverse_one import ReverseOne
from manybase.models.state import DEFERRED, ModelState
from manybase.models.tables import acreate_tables, adrop_tables, create_tables, drop_tables
from manybase.query.aggregates import Aggregate, Avg, Count, Max, Min, StdDev, Sum, Variance
from manybase.query.cases import Case, When
from manybase.query.expressions import (
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    OrderBy,
    OuterRef,
    Subquery,
    Value,
)
from manybase.query.filtered import FilteredRelation
from manybase.query.func import Func
from manybase.query.functions.aggregates import (
    AnyValue,
    ArrayAgg,
    BitAnd,
    BitOr,
    BitXor,
    BoolAnd,
    BoolOr,
    JSONBAgg,
    StringAgg,
)
from manybase.query.functions.indexes import OpClass
from manybase.query.functions.raw import RawSQL
from manybase.query.functions.windows import (
    RowRange,
    ValueRange,
    Window,
    WindowFrame,
    WindowFrameExclusion,
)
from manybase.query.lookups_json import KT
from manybase.query.q import Q
from manybase.query.tuples import Tuple

__all__ = [
    # models
    "Model",
    "ModelState",
    "DEFERRED",
    # rows
    "BaseManager",
    "Manager",
    "QuerySet",
    "ManyRelatedManager",
    "NullableRelatedManager",
    "RelatedManager",
    "ReverseOne",
    "Prefetch",
    "prefetch_related_objects",
    "aprefetch_related_objects",
    "FETCH_ONE",
    "FETCH_PEERS",
    "FETCH_RAISE",
    "FetchMode",
    # conditions and expressions
    "AnyValue",
    "ArrayAgg",
    "BitAnd",
    "BitOr",
    "BitXor",
    "BoolAnd",
    "BoolOr",
    "JSONBAgg",
    "StringAgg",
    "RawSQL",
    "RowRange",
    "ValueRange",
    "Window",
    "WindowFrame",
    "WindowFrameExclusion",
    "Aggregate",
    "Avg",
    "Case",
    "Count",
    "Exists",
    "Expression",
    "ExpressionWrapper",
    "F",
    "FilteredRelation",
    "KT",
    "Func",
    "Max",
    "Min",
    "OrderBy",
    "OuterRef",
    "Q",
    "Tuple",
    "StdDev",
    "Subquery",
    "Sum",
    "Value",
    "Variance",
    "When",
    # fields
    "NOT_PROVIDED",
    "AutoField",
    "BigAutoField",
    "BigIntegerField",
    "BinaryField",
    "BooleanField",
    "CharField",
    "CompositePrimaryKey",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "DurationField",
    "EmailField",
    "Field",
    "FileField",
    "FilePathField",
    "FloatField",
    "GeneratedField",
    "GenericIPAddressField",
    "ImageField",
    "IntegerField",
    "JSONField",
    "PositiveBigIntegerField",
    "PositiveIntegerField",
    "PositiveSmallIntegerField",
    "SlugField",
    "SmallAutoField",
    "SmallIntegerField",
    "TextField",
    "TimeField",
    "URLField",
    "UUIDField",
    # choices
    "Choices",
    "IntegerChoices",
    "TextChoices",
    # relations
    "ForeignKey",
    "ManyToManyField",
    "OneToOneField",
    "Relation",
    "CASCADE",
    "DO_NOTHING",
    "PROTECT",
    "RESTRICT",
    "SET",
    "SET_DEFAULT",
    "SET_NULL",
    "ProtectedError",
    "RestrictedError",
    "ObjectDoesNotExist",
    # constraints and indexes
    "CheckConstraint",
    "Constraint",
    "Deferrable",
    "Index",
    "OpClass",
    "UniqueConstraint",
    # tables
    "acreate_tables",
    "adrop_tables",
    "create_tables",
    "drop_tables",
    # signals
    "signals",
]
__all__ += functions.__all__
__all__ += lookups.__all__
