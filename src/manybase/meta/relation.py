"""The far end of a relation, as data: who points here, under which name, and what to do on delete.

A relation field has one as ``remote_field``; ``_meta.get_fields()`` lists it on the target. The
accessors on classes are installed by ``models``; the ways between tables are ``steps``.
"""

from __future__ import annotations

from typing import Any

from manybase.meta.on_delete import CASCADE, OnDelete
from manybase.meta.steps import Step


class Relation:
    """A relation seen from its target.

    Args:
        field: The field that declares it.
        model: The target: a class, or its label until the class is defined.
        related_name: The accessor on the target; ``"+"`` at the end for none.
        related_query_name: The name in filters, where it is not the accessor's.
    """

    is_relation = True
    auto_created = True
    concrete = False
    editable = False
    primary_key = False
    null = True
    column: str | None = None

    def __init__(
        self,
        field: Any,
        model: Any,
        *,
        related_name: str | None = None,
        related_query_name: str | None = None,
        limit_choices_to: Any = None,
        parent_link: bool = False,
        on_delete: OnDelete = CASCADE,
        to_field: str | None = None,
        through: Any = None,
        through_fields: tuple[str, str] | None = None,
        symmetrical: bool = False,
        db_constraint: bool = True,
        kind: str = "many_to_one",
    ) -> None:
        self.field = field
        self.model = model
        self.related_name = related_name
        self.related_query_name = related_query_name
        self.limit_choices_to = limit_choices_to or {}
        self.parent_link = parent_link
        self.on_delete = on_delete
        self.field_name = to_field
        self.through = through
        self.through_fields = through_fields
        self.symmetrical = symmetrical
        self.db_constraint = db_constraint
        self.kind = kind  # the field's kind: many_to_one, one_to_one or many_to_many

    # Kinds, seen from the target

    @property
    def one_to_many(self) -> bool:
        """Whether this is the far end of a foreign key."""
        return self.kind == "many_to_one"

    @property
    def one_to_one(self) -> bool:
        """Whether this is the far end of a one-to-one field."""
        return self.kind == "one_to_one"

    @property
    def many_to_many(self) -> bool:
        """Whether this is the far end of a many-to-many field."""
        return self.kind == "many_to_many"

    @property
    def many_to_one(self) -> bool:
        """Never, seen from the target."""
        return False

    @property
    def multiple(self) -> bool:
        """Whether one target can have several related objects."""
        return self.kind != "one_to_one"

    # Names

    @property
    def related_model(self) -> Any:
        """The model that declares the relation."""
        return self.field.model

    @property
    def hidden(self) -> bool:
        """Whether the target has no accessor for it."""
        return bool(self.related_name) and str(self.related_name).endswith("+")

    @property
    def name(self) -> str:
        """The name of the relation in filters on the target."""
        return str(self.field.related_query_name())

    @property
    def attname(self) -> str:
        """The same as ``name``."""
        return self.name

    @property
    def remote_field(self) -> Any:
        """The declaring field."""
        return self.field

    @property
    def cache_name(self) -> str:
        """The instance attribute that keeps a loaded one-to-one object."""
        return f"_{self.get_accessor_name()}_cache"

    def get_accessor_name(self) -> str | None:
        """The attribute on the target's instances; None when hidden."""
        if self.hidden:
            return None
        if self.related_name:
            return self.related_name
        if self.symmetrical and self.field.model is self.model:
            return None
        name: str = self.related_model._meta.model_name
        return f"{name}_set" if self.multiple else name

    @property
    def target_field(self) -> Any:
        """The field of the target that the key holds."""
        return self.field.target_field

    def steps(self) -> tuple[Step, ...]:
        """The joins from the target to the declaring model."""
        steps: tuple[Step, ...] = self.field.reverse_steps()
        return steps

    def __repr__(self) -> str:
        return f"<Relation {self.kind}: {self.field} from {self.model!r}>"

    def __reduce__(self) -> Any:
        return (_unpickle, (self.field.model, self.field.name))


def _unpickle(model: Any, name: str) -> Any:
    return model._meta.get_field(name).remote_field
