"""The class that models inherit from: construction, the key, equality, pickling.

Saving and validation come from the mixins ``Saving`` and ``Validating``; the class itself is made
by ``metaclass``. A model is a face: what it does stands in ``ops``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Self, overload

from manybase.errors import MultipleObjectsReturned, ObjectDoesNotExist, QueryError
from manybase.meta.attributes import RESERVED
from manybase.meta.origin import LOST, UNTIED, Origin, origin
from manybase.meta.registry import registry
from manybase.meta.signals import post_init, pre_init
from manybase.models import fetch_modes
from manybase.models.construct import InitPlan, fill, plan_for
from manybase.models.metaclass import ModelBase
from manybase.models.related.afetch import AsyncAccess
from manybase.models.saving import Saving
from manybase.models.state import DEFERRED, ModelState
from manybase.models.validation import Validating
from manybase.routing.topology import same_set

if TYPE_CHECKING:
    from manybase.meta.options import Options
    from manybase.models.manager import ManagerDescriptor
    from manybase.query.attributes import Attribute

    class ImplicitKey:
        """The key that a model has where it declares none; of another type by the settings."""

        @overload
        def __get__(self, instance: None, owner: Any) -> Attribute[int]: ...
        @overload
        def __get__(self, instance: object, owner: Any) -> int | Any: ...
        def __get__(self, instance: object, owner: Any) -> Any: ...
        def __set__(self, instance: object, value: int | Any) -> None: ...


class Model(Saving, Validating, AsyncAccess, metaclass=ModelBase):
    """A row of a table; subclasses say which fields it has.

    Example:
        >>> class Book(models.Model):
        ...     title = models.CharField(max_length=100)
        >>> book = Book.objects.create(title="Emma")
        >>> book._state.db
        'default'
    """

    # No slot: Python 3.13 keeps the values of objects inside them only where their class has none.
    _origin: Origin = LOST
    if TYPE_CHECKING:
        _meta: ClassVar[Options]
        # Not annotated, so that models may have managers and keys of any type in their places.
        id = ImplicitKey()
        objects = ManagerDescriptor(None)
        _default_manager = ManagerDescriptor(None)
        _base_manager = ManagerDescriptor(None)
        DoesNotExist: ClassVar[type[ObjectDoesNotExist]]
        MultipleObjectsReturned: ClassVar[type[MultipleObjectsReturned]]
        _init_plan: ClassVar[InitPlan | None]
        _plain_init: ClassVar[bool]
        _missing_twins: ClassVar[frozenset[str]]

    # On the class, so that objects without prefetched results answer without __getattr__. Results
    # of one relation stand here as they are, of several in a dictionary. The name must not be that
    # of a relation's cache, which is _<name>_cache.
    _kept_relations: Any = None

    def __init__(self, /, *args: Any, **kwargs: Any) -> None:
        cls = type(self)
        if pre_init._receivers:
            pre_init.send(sender=cls, args=args, kwargs=kwargs)
        plan = cls._init_plan or plan_for(cls, Model.__init__)
        if args or plan.guarded or not plan.plain.issuperset(kwargs):
            self._origin = UNTIED
            fill(self, plan, args, kwargs)
        else:
            instance: Any = self  # type checkers take its dictionary for a class's
            values = {**plan.constants, **kwargs, "_origin": UNTIED}
            instance.__dict__ = values
            for attname, make in plan.factories:
                if attname not in kwargs:
                    values[attname] = make()
        if post_init._receivers:
            post_init.send(sender=cls, instance=self)

    @classmethod
    def from_db(cls, db: str | None, field_names: Iterable[str], values: Iterable[Any]) -> Self:
        """Make an instance of a row; override it to keep what was loaded.

        Args:
            db: The alias that the row comes from.
            field_names: Attnames of the columns that were loaded.
            values: Their values.
        """
        loaded = dict(zip(field_names, values, strict=True))
        obj = cls(*(loaded.get(f.attname, DEFERRED) for f in cls._meta.concrete_fields))
        obj._origin = origin(db, True)
        return obj

    @property
    def _state(self) -> ModelState:
        return ModelState(self)

    @property
    def _prefetched_objects_cache(self) -> dict[str, Any]:
        """Results of relations by accessor, under the name that Django's programs know."""
        held = self._kept_relations
        if not isinstance(held, dict):
            self._kept_relations = held = {} if held is None else {held.asked.name: held}
        found: dict[str, Any] = held
        return found

    @_prefetched_objects_cache.setter
    def _prefetched_objects_cache(self, kept: dict[str, Any]) -> None:
        self._kept_relations = kept

    @_prefetched_objects_cache.deleter
    def _prefetched_objects_cache(self) -> None:
        self._kept_relations = None

    if not TYPE_CHECKING:  # declared in Saving, as Any: a model may declare a CompositePrimaryKey

        @property
        def pk(self):
            """The value of the primary key, whatever its field is called."""
            return getattr(self, self._meta.pk.attname)

        @pk.setter
        def pk(self, value):
            for parent, link in self._meta.parents.items():
                if link is not None and link is not self._meta.pk:
                    continue
                _set_parent_key(self, parent, value)
            setattr(self, self._meta.pk.attname, value)

    # Values

    def get_deferred_fields(self) -> set[str]:
        """Return the attnames of the fields that are not loaded."""
        values = self.__dict__
        return {f.attname for f in self._meta.concrete_fields if f.attname not in values}

    def serializable_value(self, field_name: str) -> Any:
        """Return the value of a field; of a foreign key its key."""
        field = self._meta.forward_names.get(field_name)
        return getattr(self, field.attname if field is not None else field_name)

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Fetch the value of a field that was not loaded; reached only where it is missing."""
            field = type(self)._meta.attnames.get(name)
            if field is None:
                # Again, for the error itself: it may come from inside a property.
                return object.__getattribute__(self, name)
            return self._load_deferred(field)

    def _load_deferred(self, field: Any) -> Any:
        """Fetch the value of a field that was not loaded; the descriptors call it."""
        if not self._origin.stored:
            if field.generated:
                raise AttributeError(
                    f"'{type(self).__name__}.{field.name}' is worked out by the database: save"
                    " the object first"
                )
            raise AttributeError(
                f"'{type(self).__name__}' object has no value for '{field.attname}' yet"
            )
        found = self._from_parent_link(field)
        if found is None:
            if not fetch_modes.fetch_field(self, field):
                self.refresh_from_db(fields=[field.attname])
            return self.__dict__[field.attname]
        vars(self)[field.attname] = found
        return found

    def _from_parent_link(self, field: Any) -> Any:
        """The key of a parent's table stands in the link to it too."""
        link = self._meta.get_ancestor_link(field.model)
        if field.primary_key and link is not None and link.attname != field.attname:
            return self.__dict__.get(link.attname)
        return None

    # Identity

    def same_row(self, other: object) -> bool:
        """Whether both have the same model and key, in whatever database."""
        if not isinstance(other, Model):
            return False
        same_model = self._meta.concrete_model is other._meta.concrete_model
        return same_model and self.pk is not None and bool(self.pk == other.pk)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Model):
            return NotImplemented
        return self.same_row(other) and same_set(self._origin.alias, other._origin.alias)

    def __hash__(self) -> int:
        if self.pk is None:
            raise QueryError(
                f"a '{self._meta.label}' without a key cannot be hashed",
                hint="Save it before it becomes a member of a set or a key of a dictionary.",
            )
        return hash(self.pk)

    def __str__(self) -> str:
        return f"{type(self).__name__} object ({self.pk})"

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    # Pickling

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def __reduce__(self) -> Any:
        return (_unpickled, (self._meta.label,), self.__getstate__())

    def __copy__(self) -> Self:
        copy = type(self).__new__(type(self))
        copy.__setstate__(self.__getstate__())
        return copy


def _set_parent_key(obj: Model, parent: Any, value: Any) -> None:
    setattr(obj, parent._meta.pk.attname, value)
    for above in parent._meta.parents:
        _set_parent_key(obj, above, value)


def _unpickled(label: str) -> Any:
    model = registry.get_model(label)
    return model.__new__(model)


RESERVED.update(name for name in dir(Model) if not name.startswith("__"))
