"""``FilteredRelation``: a relation under a name of its own, with a condition on the join.

Names that begin with it go over that join; rows without a match stay, as in any outer join. A
``LinkedRelation`` stands in a path where the relation itself would. Nothing here knows a database.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldError, QueryError
from manybase.query.q import Q

if TYPE_CHECKING:
    from manybase.meta.steps import Step


class FilteredRelation:
    """A relation with a condition, for ``annotate()`` and ``alias()``.

    >>> Person.objects.annotate(
    ...     long=FilteredRelation("edited", condition=Q(edited__pages__gt=300))
    ... ).filter(long__title__startswith="E")

    Args:
        relation_name: The relation, followed with ``__``.
        condition: A ``Q`` over the relation's own objects.
    """

    def __init__(self, relation_name: str, *, condition: Q | None = None) -> None:
        if not relation_name:
            raise QueryError("FilteredRelation needs the name of a relation")
        if condition is not None and not isinstance(condition, Q):
            raise QueryError("the condition of a FilteredRelation must be a Q")
        self.relation_name = relation_name
        self.condition = condition or Q()

    def renamed(self, alias: str) -> Q:
        """The condition with its names under the alias.

        Raises:
            QueryError: A name does not go over the relation.
        """
        return _renamed(self.condition, self.relation_name, alias)


def _renamed(condition: Q, relation: str, alias: str) -> Q:
    new = Q(_connector=condition.connector, _negated=condition.negated)
    for child in condition.children:
        if isinstance(child, Q):
            new.children.append(_renamed(child, relation, alias))
            continue
        if not isinstance(child, tuple) or not f"{child[0]}__".startswith(f"{relation}__"):
            raise QueryError(
                f"the condition of a FilteredRelation over '{relation}' names something else",
                hint=f"Every name must begin with '{relation}__'; filter() takes the rest.",
            )
        new.children.append((f"{alias}{child[0][len(relation) :]}", child[1]))
    return new


class LinkedRelation:
    """A relation under another name: its joins are its own.

    Args:
        alias: The name.
        prefix: The joins before the relation.
        relation: The relation.
    """

    concrete = False
    is_relation = True
    linked = True

    def __init__(self, alias: str, prefix: tuple[Step, ...], relation: Any) -> None:
        self.name = self.attname = alias
        self._prefix = prefix
        self._relation = relation
        self.one_to_one = relation.one_to_one

    def __getattr__(self, name: str) -> Any:
        return getattr(self._relation, name)

    def steps(self) -> tuple[Step, ...]:
        """The joins from the queryset's model, marked as this relation's."""
        steps = (*self._prefix, *self._relation.steps())
        last = len(steps) - 1
        return tuple(
            dataclasses.replace(step, key=("linked", self.name, i == last), nullable=True)
            for i, step in enumerate(steps)
        )


def link_to(model: Any, alias: str, relation_name: str) -> LinkedRelation:
    """The relation of a name, to be followed under an alias.

    Raises:
        FieldError: The name leads to no relation.
    """
    prefix: tuple[Step, ...] = ()
    relation: Any = None
    for part in relation_name.split("__"):
        if relation is not None:
            prefix += relation.steps()
            model = relation.steps()[-1].target
        relation = model._meta.get_field(part)
        if not relation.is_relation or not hasattr(relation, "steps"):
            raise FieldError(
                f"FilteredRelation over '{relation_name}': '{part}' of model"
                f" '{model._meta.label}' is no relation"
            )
        owner = relation.model._meta.concrete_model
        if owner is not model._meta.concrete_model:
            prefix += model._meta.steps_to_parent(owner)
    return LinkedRelation(alias, prefix, relation)
