"""ForeignKey and OneToOneField: a column that holds the key of a row elsewhere.

Values of the column are those of the target's field. The object behind the key is the affair of
``models.related``; whether it is there is asked through ``related.row_exists``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, overload

from manybase.errors import ConfigurationError, FieldDoesNotExist, ValidationError, hint_for
from manybase.fields import related
from manybase.fields.related import A, RelatedField
from manybase.fields.scalar import Problem
from manybase.meta.fetch_mode import FetchMode, as_mode
from manybase.meta.on_delete import SET_DEFAULT, SET_NULL, OnDelete
from manybase.meta.relation import Relation
from manybase.meta.steps import Step
from manybase.meta.storage import Storage

if TYPE_CHECKING:
    from typing import Unpack

    from manybase.fields.related import Own, OwnOrNone, Unknown
    from manybase.meta.field import FieldOptions

    class ForeignKeyOptions(FieldOptions, total=False):
        """Options of a relation with a column, beside ``null``."""

        related_name: str | None
        related_query_name: str | None
        limit_choices_to: Any
        parent_link: bool
        to_field: str | None
        db_constraint: bool
        verbose_name: str | None
        fetch_mode: FetchMode | str | None


M = TypeVar("M")
N = TypeVar("N")
T = TypeVar("T")
_ON_DELETE = "Write on_delete=models.CASCADE (or PROTECT, RESTRICT, SET_NULL, DO_NOTHING)."


class ForeignKey(RelatedField[T, A]):
    """A column with the key of another model's row; on instances the object itself.

    Args:
        to: The target: a class, ``"Model"`` of the same app, ``"app.Model"`` or ``"self"``.
        on_delete: What becomes of this row when the other is deleted.
        related_name: The accessor on the target; ``"+"`` for none.
        related_query_name: The name in filters on the target.
        limit_choices_to: A condition on the objects that may be chosen.
        parent_link: Whether the key leads to the parent of a multi-table child.
        to_field: The target's field that the key holds; its primary key when None.
        db_constraint: Whether the database checks the key.
        fetch_mode: What an access does where the object was not loaded: ``FETCH_ONE``,
            ``FETCH_PEERS`` or ``FETCH_RAISE``; as the setting ``FETCH_MODE`` says when left out.

    Example:
        >>> author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    """

    many_to_one = True
    kind: ClassVar[str] = "many_to_one"
    default_error_messages: ClassVar[dict[str, str]] = {
        "invalid": "%(model)s instance with %(field)s %(value)r does not exist.",
    }

    @overload
    def __init__(
        self: ForeignKey[M],
        to: type[M],
        on_delete: OnDelete,
        *,
        null: Literal[False] = False,
        **options: Unpack[ForeignKeyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: ForeignKey[M | None],
        to: type[M],
        on_delete: OnDelete,
        *,
        null: Literal[True],
        **options: Unpack[ForeignKeyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: ForeignKey[Any, Own],
        to: Literal["self"],
        on_delete: OnDelete,
        *,
        null: Literal[False] = False,
        **options: Unpack[ForeignKeyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: ForeignKey[Any, OwnOrNone],
        to: Literal["self"],
        on_delete: OnDelete,
        *,
        null: Literal[True],
        **options: Unpack[ForeignKeyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: ForeignKey[Any],
        to: str,
        on_delete: OnDelete,
        *,
        null: bool = False,
        **options: Unpack[ForeignKeyOptions],
    ) -> None: ...
    def __init__(
        self,
        to: Any,
        on_delete: Any = None,
        related_name: str | None = None,
        related_query_name: str | None = None,
        limit_choices_to: Any = None,
        parent_link: bool = False,
        to_field: str | None = None,
        db_constraint: bool = True,
        fetch_mode: FetchMode | str | None = None,
        **options: Any,
    ) -> None:
        self.fetch_mode = as_mode(fetch_mode, f"fetch_mode of a {type(self).__name__}")
        relation = Relation(
            self,
            to,
            related_name=related_name,
            related_query_name=related_query_name,
            limit_choices_to=limit_choices_to,
            parent_link=parent_link,
            on_delete=on_delete,
            to_field=to_field,
            db_constraint=db_constraint,
            kind=self.kind,
        )
        super().__init__(relation, **{"db_index": True, **options})

    def option_problems(self) -> Iterator[Problem]:
        yield from super().option_problems()
        rule = self.remote_field.on_delete
        if rule is None:
            yield "needs an on_delete rule", _ON_DELETE
        elif not isinstance(rule, OnDelete):
            yield f"has a {type(rule).__name__} as on_delete, which is no rule", _ON_DELETE
        elif rule is SET_NULL and not self.null:
            yield "has on_delete=SET_NULL but no null=True", "Write null=True, or another rule."
        elif rule is SET_DEFAULT and not (self.has_default() or self.has_db_default()):
            yield "has on_delete=SET_DEFAULT but no default", "Give a default, or another rule."

    def resolve(self, target: Any) -> None:
        """Take the class that the relation ends at.

        Raises:
            ConfigurationError: Its key is one of several fields.
        """
        pk = target._meta.pk
        if pk is not None and pk.composite and not self.remote_field.field_name:
            raise _composite(self, target)
        super().resolve(target)

    if TYPE_CHECKING:
        # On the class a relation is its target, for it has the attributes that the target has.
        @overload  # type: ignore[override]
        def __get__(self: ForeignKey[Any, Own], instance: None, owner: type[N]) -> type[N]: ...
        @overload
        def __get__(
            self: ForeignKey[Any, OwnOrNone], instance: None, owner: type[N]
        ) -> type[N]: ...
        @overload
        def __get__(self: ForeignKey[Any, Own], instance: N, owner: type) -> N: ...
        @overload
        def __get__(self: ForeignKey[Any, OwnOrNone], instance: N, owner: type) -> N | None: ...
        @overload
        def __get__(self: ForeignKey[Unknown], instance: None, owner: type) -> Any: ...
        @overload
        def __get__(self: ForeignKey[M | None], instance: None, owner: type) -> type[M]: ...
        @overload
        def __get__(self, instance: None, owner: type) -> type[T]: ...
        @overload
        def __get__(self, instance: Any, owner: type) -> T: ...
        def __get__(  # pyright: ignore[reportIncompatibleMethodOverride]
            self, instance: Any, owner: type
        ) -> Any: ...

    # The column

    def get_attname(self) -> str:
        return f"{self.name}_id"

    @property
    def db_constraint(self) -> bool:
        """Whether the database checks the key."""
        return self.remote_field.db_constraint

    @property
    def target_field(self) -> Any:
        """The target's field whose values the column holds."""
        opts = self.related_model._meta
        name = self.remote_field.field_name
        found = opts.forward_names.get(name) if name else opts.pk
        if found is None and name:
            raise FieldDoesNotExist(
                f"to_field of '{self}' names '{name}', which is no field of '{opts.label}'",
                hint=hint_for(name, [f.name for f in opts.concrete_fields if f.unique]),
            )
        if found is None:
            raise ConfigurationError(f"model '{opts.label}' has no primary key to point at")
        if found.composite:
            raise _composite(self, self.related_model)
        return found

    @property
    def storage(self) -> Storage:
        target: Storage = self.target_field.storage
        return dataclasses.replace(target, auto=False)

    # The joins

    def steps(self) -> tuple[Step, ...]:
        """The join from the model to the target."""
        target = self.target_field
        return (
            Step(
                source=self.model,
                target=target.model,
                pairs=((self, target),),
                multi=False,
                nullable=self.null,
                key=(self, "forward"),
            ),
        )

    def reverse_steps(self) -> tuple[Step, ...]:
        """The join from the target to the model."""
        target = self.target_field
        return (
            Step(
                source=target.model,
                target=self.model,
                pairs=((target, self),),
                multi=not self.one_to_one,
                nullable=True,
                key=(self, "reverse"),
            ),
        )

    # Values

    def prepare(self, value: Any) -> Any:
        if value is None or type(value) in self.target_field.plain_types:
            return value
        return super().prepare(value)

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else self.target_field.get_prep_value(value)

    def to_python(self, value: Any) -> Any:
        return self.target_field.to_python(value)

    def describe_values(self) -> str:
        target = self.target_field
        model = self.related_model._meta.object_name
        return f"an object of {model} or its {target.name} ({target.describe_values()})"

    def get_default(self) -> Any:
        default = super().get_default()
        if hasattr(default, "_meta"):
            return getattr(default, self.target_field.attname)
        return default

    def validate(self, value: Any, instance: Any) -> None:
        """Check null, blank and choices, and that the target has such a row."""
        if self.remote_field.parent_link:
            return
        super().validate(value, instance)
        exists = related.row_exists
        if value is None or exists is None or exists(self, value, instance):
            return
        raise ValidationError(
            self.error_messages["invalid"],
            code="invalid",
            params={
                "model": self.related_model._meta.verbose_name,
                "pk": value,
                "field": self.target_field.name,
                "value": value,
            },
        )


def _composite(field: Any, target: Any) -> ConfigurationError:
    names = ", ".join(f"'{name}'" for name in target._meta.pk.names)
    return ConfigurationError(
        f"field '{field}' points at '{target._meta.label}', whose primary key is the fields"
        f" {names} together; a foreign key holds one value",
        hint="Give it to_field='...' with a unique field, or keep the key's parts in fields of"
        " their own.",
    )


class OneToOneField(ForeignKey[T, A]):
    """A foreign key that no two rows share; the far side has one object, not a manager.

    Example:
        >>> user = models.OneToOneField("auth.User", on_delete=models.CASCADE)
    """

    many_to_one = False
    one_to_one = True
    kind: ClassVar[str] = "one_to_one"

    @overload
    def __init__(
        self: OneToOneField[M],
        to: type[M],
        on_delete: OnDelete,
        *,
        null: Literal[False] = False,
        **options: Unpack[ForeignKeyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: OneToOneField[M | None],
        to: type[M],
        on_delete: OnDelete,
        *,
        null: Literal[True],
        **options: Unpack[ForeignKeyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: OneToOneField[Any, Own],
        to: Literal["self"],
        on_delete: OnDelete,
        *,
        null: Literal[False] = False,
        **options: Unpack[ForeignKeyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: OneToOneField[Any, OwnOrNone],
        to: Literal["self"],
        on_delete: OnDelete,
        *,
        null: Literal[True],
        **options: Unpack[ForeignKeyOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: OneToOneField[Any],
        to: str,
        on_delete: OnDelete,
        *,
        null: bool = False,
        **options: Unpack[ForeignKeyOptions],
    ) -> None: ...
    def __init__(self, to: Any, on_delete: Any = None, **options: Any) -> None:
        options["unique"] = True
        super().__init__(to, on_delete, **options)
