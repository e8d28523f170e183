"""What relation fields share: naming the target, waiting for it, names on the far side.

Pure data: who points at whom. Accessors are installed by ``models.related`` through
``on_resolved``; ``query`` and ``ops`` follow ``steps()``. The kinds are in ``foreign``, ``many``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from manybase.errors import UnknownModel, hint_for
from manybase.fields.scalar import Problem, check_names, common_problems, refuse, unbound_copy
from manybase.meta.field import Field
from manybase.meta.registry import registry
from manybase.meta.relation import Relation

T = TypeVar("T")

if TYPE_CHECKING:
    from typing import Generic

    import typing_extensions

    class Unknown:
        """No model: of the keys only a ``ForeignKey[Any]`` is a ``ForeignKey`` of this."""

    class Own:
        """The model that has the field, for a key to ``"self"``."""

    class OwnOrNone:
        """The model that has the field, or None."""

    A = typing_extensions.TypeVar("A", default=object, covariant=True)

    class Targeted(Field[T], Generic[T, A]):
        """A field with a target: ``T``, or if that is any, what ``A`` says of it."""

else:
    A = TypeVar("A")

    class Targeted(Field[T]):
        """A field with a target; only type checkers know of its second parameter."""

        def __class_getitem__(cls, parameters):
            first = parameters[0] if isinstance(parameters, tuple) else parameters
            return super().__class_getitem__(first)


SELF = "self"

on_resolved: list[Callable[[Any], None]] = []
"""Functions that are called with each relation field once its target is a class."""

row_exists: Callable[[Any, Any, Any], bool] | None = None
"""Asked with (field, value, instance) by a key's ``validate()``; set by ``models``."""


class RelatedField(Targeted[T, A]):
    """A field that points at a model.

    Args:
        to: The target: a class, ``"Model"`` of the same app, ``"app.Model"`` or ``"self"``.
        remote_field: The relation as seen from the target.
    """

    is_relation = True
    empty_strings_allowed: ClassVar[bool] = False
    remote_field: Relation

    def __init__(self, remote_field: Relation, **options: Any) -> None:
        check_names(self, options)
        super().__init__(**options)
        self.remote_field = remote_field

    def clone(self) -> Self:
        """Return an unbound copy with a relation of its own."""
        twin = unbound_copy(self)
        twin.remote_field = Relation.__new__(Relation)
        twin.remote_field.__dict__.update(self.remote_field.__dict__, field=twin)
        return twin

    def __copy__(self) -> Self:
        return self.clone()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.clone()

    # Binding

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Become the field ``name`` of a model and find the target, now or when it is defined.

        Raises:
            ConfigurationError: The options or the target make no sense.
        """
        super().contribute_to_class(cls, name)
        refuse(self, self.option_problems())
        if cls._meta.abstract:
            return
        self._fill_related_names()
        self._find(self.remote_field.model, self.resolve)

    def option_problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the field's options; the kinds add their own."""
        yield from common_problems(self)
        target = self.remote_field.model
        if not isinstance(target, str) and not hasattr(target, "_meta"):
            yield (
                f"points at a {type(target).__name__}, which is no model",
                "Give a model class, or its name as 'app.Model'.",
            )
        elif not isinstance(target, str) and target._meta.abstract:
            yield (
                f"points at the abstract model '{target._meta.label}', which has no table",
                "Point at a model that inherits from it.",
            )
        name = self.remote_field.related_name
        if name is not None and not _is_name(name):
            yield (
                f"has the related_name '{name}', which cannot be used",
                "Write a Python name without '__' and '_' at its end, or '+' for none.",
            )

    def _find(self, target: Any, found: Callable[[Any], None]) -> None:
        """Call with the model that a class or a label means, as soon as there is one."""
        if not isinstance(target, str):
            found(target)
            return
        label = self.target_label(target)
        if label.lower() == self.model._meta.label_lower:
            found(self.model)
        else:
            registry.when_defined(label, found)

    def target_label(self, target: str) -> str:
        """The ``"app.Model"`` that a target's text means on this field's model."""
        if target == SELF:
            return str(self.model._meta.label)
        return target if "." in target else f"{self.model._meta.app_label}.{target}"

    def resolve(self, target: Any) -> None:
        """Take the class that the relation ends at; called once, tells ``on_resolved``."""
        self.remote_field.model = target
        if self.model._meta.swapped is not None:
            return  # nothing points at the target from a model that is not used
        refuse(self, self._swapped(target))
        refuse(self, self._clashes(target))
        registry.add_relation(target, self.remote_field)
        for tell in on_resolved:
            tell(self)

    def _swapped(self, target: Any) -> Iterator[Problem]:
        swapped = target._meta.swapped
        if swapped is not None:
            setting = target._meta.swappable
            yield (
                f"points at '{target._meta.label}', which is swapped for '{swapped}'",
                f"Write settings.{setting} in its place.",
            )

    def _clashes(self, target: Any) -> Iterator[Problem]:
        """Yield what has the name of the target's accessor already: a relation or a field."""
        name = self.remote_field.get_accessor_name()
        if name is None:
            return
        label, cure = target._meta.label, f"{self.name} = {type(self).__name__}("
        cure = f"Write {cure}..., related_name='...')."
        for other in registry.relations_to(target):
            if other.field.model._meta.swapped is not None:
                continue  # another model stands in its place
            if other.get_accessor_name() == name and self._differs(other.field):
                first = other.field.name if other.field.model is self.model else str(other.field)
                yield (
                    f"gives '{label}' the accessor '{name}', which '{first}' gives it already",
                    cure,
                )
        if name in target._meta.forward_names:
            yield f"gives '{label}' the accessor '{name}', which is the name of its field", cure

    def _differs(self, other: Any) -> bool:
        # A class that is defined again, as in a notebook, takes the place of the first one.
        mine, theirs = self.model._meta, other.model._meta
        return bool(mine.label_lower != theirs.label_lower or other.name != self.name)

    # Names

    def _fill_related_names(self) -> None:
        relation, opts = self.remote_field, self.model._meta
        parts = {
            "class": opts.model_name,
            "model_name": opts.model_name,
            "app_label": opts.app_label.lower(),
        }
        if relation.related_name is None and opts.default_related_name:
            relation.related_name = opts.default_related_name
        if relation.related_name and "%(" in relation.related_name:
            relation.related_name = relation.related_name % parts
        if relation.related_query_name and "%(" in relation.related_query_name:
            relation.related_query_name = relation.related_query_name % parts

    def related_query_name(self) -> str:
        """The relation's name in filters on the target."""
        relation, opts = self.remote_field, self.model._meta
        if relation.related_query_name:
            return relation.related_query_name
        if relation.hidden:
            return f"_{opts.app_label}_{opts.model_name}_{self.name}_+".lower()
        return str(relation.related_name or opts.model_name)

    @property
    def cache_name(self) -> str:
        """The instance attribute that keeps the loaded object."""
        return f"_{self.name}_cache"

    # The target

    @property
    def related_model(self) -> Any:
        """The model that the field points at.

        Raises:
            UnknownModel: It is named by a text and no such model is defined.
        """
        target = self.remote_field.model
        if isinstance(target, str):
            label = self.target_label(target) if hasattr(self, "model") else target
            known = [model._meta.label for model in registry.all_models()]
            raise UnknownModel(
                f"field '{self}' points at model '{label}', which is not defined",
                hint=hint_for(label, known) if known else None,
            )
        return target

    def get_limit_choices_to(self) -> Any:
        """The condition on the objects that may be chosen, called first if it is a function."""
        limit = self.remote_field.limit_choices_to
        return limit() if callable(limit) else limit


def _is_name(name: Any) -> bool:
    if not isinstance(name, str):
        return False
    plain = name.replace("%(class)s", "x").replace("%(app_label)s", "x")
    plain = plain.replace("%(model_name)s", "x")
    if plain.endswith("+"):
        return True
    return plain.isidentifier() and "__" not in plain and not plain.endswith("_")
