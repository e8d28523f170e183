"""ManyToManyField: rows of two tables linked by rows of a third.

Pure data; the third table's model is made by ``models.through`` or named as ``through``. Managers
on instances are the affair of ``models.related``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from manybase.errors import ConfigurationError, UnknownModel, hint_for
from manybase.fields.related import SELF, A, RelatedField
from manybase.fields.scalar import Problem
from manybase.meta.registry import registry
from manybase.meta.relation import Relation
from manybase.meta.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from manybase.fields.related import Own, Unknown
    from manybase.meta.field import FieldOptions
    from manybase.models.related.many import ManyRelatedManager

    class ManyToManyOptions(FieldOptions, total=False):
        """Options of a many-to-many field."""

        related_name: str | None
        related_query_name: str | None
        limit_choices_to: Any
        symmetrical: bool | None
        through: Any
        through_fields: tuple[str, str] | None
        db_constraint: bool
        db_table: str | None
        verbose_name: str | None


M = TypeVar("M")
N = TypeVar("N")


class ManyToManyField(RelatedField[M, A]):
    """A relation through a table of links; on instances a manager of the linked objects.

    Args:
        to: The target: a class, ``"Model"`` of the same app, ``"app.Model"`` or ``"self"``.
        related_name: The accessor on the target; ``"+"`` for none.
        related_query_name: The name in filters on the target.
        limit_choices_to: A condition on the objects that may be chosen.
        symmetrical: Whether a link to the own model counts both ways; so for ``"self"``.
        through: A model of the links; one is made when None.
        through_fields: Its two foreign keys, of this side and of the other.
        db_constraint: Whether the database checks the links' keys.
        db_table: The name of the links' table.

    Example:
        >>> tags = models.ManyToManyField(Tag, related_name="books")
    """

    many_to_many = True
    concrete = False

    @overload
    def __init__(
        self: ManyToManyField[N], to: type[N], **options: Unpack[ManyToManyOptions]
    ) -> None: ...
    @overload
    def __init__(
        self: ManyToManyField[Any, Own],
        to: Literal["self"],
        **options: Unpack[ManyToManyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: ManyToManyField[Any], to: str, **options: Unpack[ManyToManyOptions]
    ) -> None: ...
    def __init__(
        self,
        to: Any,
        related_name: str | None = None,
        related_query_name: str | None = None,
        limit_choices_to: Any = None,
        symmetrical: bool | None = None,
        through: Any = None,
        through_fields: tuple[str, str] | None = None,
        db_constraint: bool = True,
        db_table: str | None = None,
        **options: Any,
    ) -> None:
        relation = Relation(
            self,
            to,
            related_name=related_name,
            related_query_name=related_query_name,
            limit_choices_to=limit_choices_to,
            through=through,
            through_fields=through_fields,
            symmetrical=to == SELF if symmetrical is None else symmetrical,
            db_constraint=db_constraint,
            kind="many_to_many",
        )
        super().__init__(relation, **options)
        self.db_table = db_table

    if TYPE_CHECKING:
        # On the class a relation is its target, for it has the attributes that the target has.
        @overload  # type: ignore[override]
        def __get__(self: ManyToManyField[Any, Own], instance: None, owner: type[N]) -> type[N]: ...
        @overload
        def __get__(
            self: ManyToManyField[Any, Own], instance: N, owner: type
        ) -> ManyRelatedManager[N]: ...
        @overload
        def __get__(self: ManyToManyField[Unknown], instance: None, owner: type) -> Any: ...
        @overload
        def __get__(self, instance: None, owner: type) -> type[M]: ...
        @overload
        def __get__(self, instance: Any, owner: type) -> ManyRelatedManager[M]: ...
        def __get__(  # pyright: ignore[reportIncompatibleMethodOverride]
            self, instance: Any, owner: type
        ) -> Any: ...

        def __set__(  # type: ignore[override]
            self, instance: Any, value: Iterable[M]
        ) -> None: ...

    # Binding

    def get_attname_column(self) -> tuple[str, str | None]:
        return self.name, None

    def contribute_to_class(self, cls: Any, name: str) -> None:
        if self.remote_field.symmetrical:
            self.remote_field.related_name = f"{name}_rel_+"
        super().contribute_to_class(cls, name)
        if not cls._meta.abstract and self.remote_field.through is not None:
            self._find(self.remote_field.through, self._set_through)

    def _set_through(self, model: Any) -> None:
        self.remote_field.through = model

    def option_problems(self) -> Iterator[Problem]:
        yield from super().option_problems()
        relation = self.remote_field
        if self.null:
            yield "has null=True, which means nothing for a many-to-many field", "Take it away."
        if self._unique:
            yield "cannot be unique", "Make the two keys of a through model unique together."
        if relation.through_fields and relation.through is None:
            yield "has through_fields but no through", "Name the model as through='app.Model'."
        if relation.through_fields and len(relation.through_fields) != 2:
            yield (
                "needs two names as through_fields",
                "Write through_fields=('key of this model', 'key of the other').",
            )
        if relation.through is not None and self.db_table:
            yield "has both through and db_table", "Give db_table in the Meta of the through model."

    def has_default(self) -> bool:
        return False

    # The model of the links

    @property
    def through(self) -> Any:
        """The model of the links.

        Raises:
            UnknownModel: It is named by a text and no such model is defined.
        """
        model = self.remote_field.through
        if model is None or isinstance(model, str):
            label = self.target_label(model) if model else "an automatic one"
            known = [one._meta.label for one in registry.all_models()]
            raise UnknownModel(
                f"field '{self}' goes through model '{label}', which is not defined",
                hint=hint_for(label, known) if model and known else None,
            )
        return model

    @property
    def m2m_source_field(self) -> Any:
        """The foreign key of a link that leads to this field's model."""
        return self._link_keys()[0]

    @property
    def m2m_target_field(self) -> Any:
        """The foreign key of a link that leads to the target."""
        return self._link_keys()[1]

    def _link_keys(self) -> tuple[Any, Any]:
        named = self.remote_field.through_fields
        if named:
            opts = self.through._meta
            return opts.get_field(named[0]), opts.get_field(named[1])
        sources, targets = self._keys_to(self.model), self._keys_to(self.related_model)
        if sources and sources == targets and len(sources) > 1:
            sources, targets = sources[:1], sources[1:2] + sources[2:]
        if len(sources) != 1 or len(targets) != 1:
            raise self._unclear(sources if len(sources) != 1 else targets)
        return sources[0], targets[0]

    def _keys_to(self, model: Any) -> list[Any]:
        wanted = model._meta.concrete_model
        return [
            field
            for field in self.through._meta.fields
            if (field.many_to_one or field.one_to_one)
            and not field.remote_field.parent_link
            and field.related_model._meta.concrete_model is wanted
        ]

    def _unclear(self, found: list[Any]) -> ConfigurationError:
        opts = self.through._meta
        if not found:
            return ConfigurationError(
                f"through model '{opts.label}' of field '{self}' lacks a foreign key to"
                f" '{self.model._meta.label}' or '{self.related_model._meta.label}'",
                hint="Give it one foreign key to each of the two.",
            )
        names = ", ".join(f"'{field.name}'" for field in found)
        return ConfigurationError(
            f"through model '{opts.label}' of field '{self}' has several foreign keys"
            f" that fit: {names}",
            hint="Write through_fields=('key of this model', 'key of the other').",
        )

    # The joins

    def steps(self) -> tuple[Step, ...]:
        """The joins from the model over the links to the target."""
        source, target = self._link_keys()
        return (*source.reverse_steps(), *target.steps())

    def reverse_steps(self) -> tuple[Step, ...]:
        """The joins from the target over the links to the model."""
        source, target = self._link_keys()
        return (*target.reverse_steps(), *source.steps())

    # Values

    def value_from_object(self, instance: Any) -> Any:
        return [] if instance.pk is None else list(getattr(instance, self.name).all())

    @property
    def target_field(self) -> Any:
        """The target's field whose values the links hold."""
        return self.m2m_target_field.target_field

    def prepare(self, value: Any) -> Any:
        return self.target_field.prepare(value)

    def describe_values(self) -> str:
        return f"{self.related_model._meta.object_name} objects or their keys"
