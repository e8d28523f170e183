"""What of a model's constraints and indexes a database cannot hold, with the reasons.

Pure. ``ops.tables`` announces it when tables are made; validation in Python checks every
constraint all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from manybase.dialects.base import Dialect
from manybase.dialects.features import ABILITIES
from manybase.errors import ConfigurationError, NotSupportedError, hint_for
from manybase.meta.constraints import CheckConstraint, Index, UniqueConstraint


class Limit(NamedTuple):
    """A constraint or an index that a database holds in part or not at all.

    Args:
        model: The model's label.
        name: The name of the constraint or the index.
        effect: What becomes of it.
        feature: The ability that is missing.
        reason: Why it is.
    """

    model: str
    name: str
    effect: str
    feature: str
    reason: str

    def __str__(self) -> str:
        return f"'{self.name}' of '{self.model}' {self.effect}: {self.reason}"


def limits(model: Any, dialect: Dialect) -> list[Limit]:
    """Return what a database cannot hold of a model.

    Example:
        >>> [limit.feature for limit in limits(Book, dialect_for("sqlite"))]
        ['covering_indexes']
    """
    meta = model._meta.concrete_model._meta
    found = []
    for item in (*meta.constraints, *meta.indexes):
        for feature, effect in _missing(item, dialect):
            reason = dialect.features.why(feature)
            found.append(Limit(meta.label, item.name or repr(item), effect, feature, reason))
    return found


def _missing(item: Any, dialect: Dialect) -> Iterator[tuple[str, str]]:
    features = dialect.features
    if isinstance(item, CheckConstraint):
        if not features.check_constraints:
            yield "check_constraints", "is checked by validation only"
        return
    if not isinstance(item, (Index, UniqueConstraint)):
        return
    unique = isinstance(item, UniqueConstraint)
    gone = "is checked by validation only" if unique else "is not made"
    helped = unique and (features.hidden_columns or features.expression_indexes)
    made = True
    if item.condition is not None and not features.partial_indexes and not helped:
        made = False
        yield "partial_indexes", gone
    elif item.expressions and not features.expression_indexes and not helped:
        made = False
        yield "expression_indexes", gone
    if isinstance(item, UniqueConstraint):
        if item.nulls_distinct is False and not features.nulls_distinct and not helped:
            yield "nulls_distinct", "lets several nulls in"
        if item.deferrable is not None and not features.deferrable_unique:
            yield "deferrable_unique", "is checked at once"
    if item.include and not features.covering_indexes:
        yield "covering_indexes", "is made without include"
    classes = (*item.opclasses, *filter(None, item.expression_opclasses))
    if made and classes and not features.operator_classes:
        yield "operator_classes", "is made without opclasses"


def require(model: Any, alias: str, dialect: Dialect) -> None:
    """Refuse a database that lacks what ``Meta.required_db_features`` names.

    Raises:
        ConfigurationError: It names no ability.
        NotSupportedError: The database lacks one; the reason is told.
    """
    for name in model._meta.required_db_features:
        if name not in ABILITIES:
            raise ConfigurationError(
                f"required_db_features of '{model._meta.label}' names '{name}', which is no"
                " ability of databases",
                hint=hint_for(name, ABILITIES),
            )
        if not getattr(dialect.features, name):
            raise NotSupportedError(
                f"the table of '{model._meta.label}' cannot be made on database '{alias}', which"
                f" lacks '{name}': {dialect.features.why(name)}",
                hint="Let a router's allow_migrate keep the model off this database.",
            )
