"""``GenericForeignKey``: a key to an object of any model; ``GenericRelation``: its far end.

The content type of a model has another number in each database, so it is looked up on the place of
the object that holds it. The managers of the far end are in ``related``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from manybase.contrib.contenttypes.models import ContentType
from manybase.contrib.contenttypes.related import GenericRelatedManager, GenericRelatedSource
from manybase.contrib.contenttypes.sources import GenericKeySource
from manybase.errors import ConfigurationError, FieldValueError, SyncOnlyOperation
from manybase.fields.related import RelatedField
from manybase.meta.field import Field
from manybase.meta.on_delete import DO_NOTHING
from manybase.meta.registry import registry
from manybase.meta.relation import Relation
from manybase.meta.steps import Step
from manybase.models.fetch_modes import afetch_relation, fetch_relation
from manybase.query.attributes import on_class
from manybase.query.record import record_filter
from manybase.query.state import Recording
from manybase.routing import decision
from manybase.routing.provenance import meet
from manybase.routing.topology import same_set
from manybase.runtime.guard import refuse_in_loop

if TYPE_CHECKING:
    from manybase.fields.related import Unknown
    from manybase.runtime.executor import Executor

M = TypeVar("M")
N = TypeVar("N")


class GenericForeignKey(Field[Any]):
    """An object of any model, kept as a content type and a key.

    Args:
        ct_field: The name of the foreign key to ``ContentType``.
        fk_field: The name of the field with the object's key.
        for_concrete_model: Whether objects of proxy models count as their concrete model's.

    Example:
        >>> class Review(models.Model):
        ...     content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
        ...     object_id = models.PositiveIntegerField()
        ...     content_object = GenericForeignKey()
        >>> Review(content_object=book)
    """

    is_relation = True
    many_to_one = True
    concrete = False
    column = None

    def __init__(
        self,
        ct_field: str = "content_type",
        fk_field: str = "object_id",
        for_concrete_model: bool = True,
    ) -> None:
        super().__init__(editable=False)
        self.ct_field = ct_field
        self.fk_field = fk_field
        self.for_concrete_model = for_concrete_model

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Become the attribute ``name`` of a model."""
        self.name = self.attname = name
        self.model = cls
        cls._meta.add_field(self, private=True)
        setattr(cls, name, self)

    @property
    def cache_name(self) -> str:
        """The instance attribute that keeps the loaded object."""
        return f"_{self.name}_cache"

    @property
    def prefetch_source(self) -> GenericKeySource:
        """How ``prefetch_related`` loads the key."""
        return GenericKeySource(self)

    @property
    def type_attname(self) -> str:
        """The instance attribute that holds the content type's number."""
        field = self.model._meta.get_field(self.ct_field)
        return str(field.attname)

    # The descriptor

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        cached = self._cached(instance)
        if cached is not None:
            return cached[0]
        key = self._key(instance)
        if key is None:
            return None
        refuse_in_loop(twin=f"'await obj.afetch(\"{self.name}\")'")
        if fetch_relation(instance, self.name, self.cache_name, None):
            cached = self._cached(instance)
            if cached is not None:
                return cached[0]
        types = self._types(instance, write=False)
        query = self._query(instance, types.get_for_id(key[0]), key[1])
        return self.keep(instance, query.first() if query is not None else None)

    async def afetch(self, instance: Any) -> Any:
        """Return the object, loaded without blocking the event loop."""
        cached = self._cached(instance)
        if cached is not None:
            return cached[0]
        key = self._key(instance)
        if key is None:
            return None
        if await afetch_relation(instance, self.name, self.cache_name, None):
            cached = self._cached(instance)
            if cached is not None:
                return cached[0]
        content_type = await self._types(instance, write=False).aget_for_id(key[0])
        query = self._query(instance, content_type, key[1])
        return self.keep(instance, await query.afirst() if query is not None else None)

    def _cached(self, instance: Any) -> tuple[Any] | None:
        """The kept object in a tuple, while both columns are as they were."""
        values = instance.__dict__
        if self.cache_name not in values:
            return None
        obj = values[self.cache_name]
        content_type, key, _ = values.get(self.cache_name + "_of", (None, None, None))
        if content_type != getattr(instance, self.type_attname):
            return None
        if key is None and obj is not None:
            return (obj,)
        return (obj,) if key == getattr(instance, self.fk_field) else None

    def is_cached(self, instance: Any) -> bool:
        """Whether the object is there without a query."""
        return self._cached(instance) is not None

    def keep(self, instance: Any, found: Any, alias: str | None = None) -> Any:
        """Keep an object on its owner, for as long as the columns do not change."""
        columns = (getattr(instance, self.type_attname), getattr(instance, self.fk_field), alias)
        instance.__dict__[self.cache_name] = found
        instance.__dict__[self.cache_name + "_of"] = columns
        return found

    def _key(self, instance: Any) -> tuple[Any, Any] | None:
        content_type = getattr(instance, self.type_attname)
        key = getattr(instance, self.fk_field)
        return None if content_type is None or key is None else (content_type, key)

    def _types(self, instance: Any, write: bool) -> Any:
        decide = decision.write if write else decision.read
        alias = instance._origin.alias or decide(ContentType, None, None, None)
        return ContentType.objects.db_manager(alias)

    def _query(self, instance: Any, content_type: Any, key: Any) -> Any:
        model = content_type.model_class()
        if model is None:
            return None
        manager = model._base_manager.db_manager(hints={"instance": instance})
        return manager.get_queryset().filter(pk=key).order_by()

    def __set__(self, instance: Any, value: Any) -> None:
        if value is None:
            instance.__dict__.pop(self.cache_name, None)
            setattr(instance, self.type_attname, None)
            setattr(instance, self.fk_field, None)
            return
        if not hasattr(value, "_meta"):
            raise FieldValueError(
                f"cannot assign a {type(value).__name__}: '{self.model._meta.object_name}"
                f".{self.name}' must be an instance of a model"
            )
        meet(value, instance, self)
        setattr(instance, self.fk_field, value.pk)
        types = self._types(instance, write=True)
        try:
            self._give_type(instance, value, types.get_for_model(value, self.for_concrete_model))
        except SyncOnlyOperation:
            # Inside an event loop nothing can be read here: the save looks the number up.
            setattr(instance, self.type_attname, None)
            self.keep(instance, value)

    def _give_type(self, instance: Any, value: Any, content_type: Any) -> None:
        setattr(instance, self.type_attname, content_type.pk)
        cache_name = self.model._meta.get_field(self.ct_field).cache_name
        if instance._origin.alias is None:
            instance.__dict__.pop(cache_name, None)
        else:
            instance.__dict__[cache_name] = content_type
        self.keep(instance, value, content_type._origin.alias)

    async def settle(self, executor: Executor, instance: Any, alias: str) -> None:
        """Look up the content type where it is not known yet or is another database's.

        ``ops.save`` calls it once it knows where the instance goes.
        """
        value = instance.__dict__.get(self.cache_name)
        if value is None or self._cached(instance) is None:
            return
        content_type, _, known_on = instance.__dict__[self.cache_name + "_of"]
        if content_type is not None and (known_on is None or same_set(known_on, alias)):
            return
        types = ContentType.objects.db_manager(alias)
        found = await executor.call(types, "get_for_model", value, self.for_concrete_model)
        self._give_type(instance, value, found)


class GenericRelation(RelatedField[Any], Generic[M]):
    """The objects whose generic keys point at an object; they are deleted along with it.

    Args:
        to: The model with the generic key.
        object_id_field: The name of its field with the key.
        content_type_field: The name of its foreign key to ``ContentType``.
        for_concrete_model: Whether proxy models count as their concrete model.
        related_query_name: The relation's name in filters on the related model.

    Example:
        >>> class Book(models.Model):
        ...     reviews = GenericRelation(Review)
        >>> book.reviews.create(source="Python Weekly")
    """

    one_to_many = True
    concrete = False
    column = None

    @overload
    def __init__(
        self: GenericRelation[N],
        to: type[N],
        object_id_field: str = ...,
        content_type_field: str = ...,
        for_concrete_model: bool = ...,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: GenericRelation[Any],
        to: str,
        object_id_field: str = ...,
        content_type_field: str = ...,
        for_concrete_model: bool = ...,
        **options: Any,
    ) -> None: ...
    def __init__(
        self,
        to: Any,
        object_id_field: str = "object_id",
        content_type_field: str = "content_type",
        for_concrete_model: bool = True,
        related_query_name: str | None = None,
        limit_choices_to: Any = None,
        **options: Any,
    ) -> None:
        relation = Relation(
            self,
            to,
            related_name="+",
            related_query_name=related_query_name,
            limit_choices_to=limit_choices_to,
            on_delete=DO_NOTHING,
            kind="many_to_many",
        )
        super().__init__(relation, editable=False, blank=True, **options)
        self.object_id_field_name = object_id_field
        self.content_type_field_name = content_type_field
        self.for_concrete_model = for_concrete_model

    def contribute_to_class(self, cls: Any, name: str) -> None:
        """Become the attribute ``name`` of a model."""
        self.set_attributes_from_name(name)
        self.model = cls
        cls._meta.add_field(self, private=True)
        setattr(cls, name, self)
        if not cls._meta.abstract:
            self._find(self.remote_field.model, self.resolve)

    def get_attname_column(self) -> tuple[str, str | None]:
        """The name; there is no column."""
        return self.name, None

    def resolve(self, target: Any) -> None:
        """Take the class with the generic key; queries from there need a ``related_query_name``."""
        self.remote_field.model = target
        if self.remote_field.related_query_name:
            registry.add_relation(target, self.remote_field)

    def _far(self, name: str) -> Any:
        options = self.related_model._meta
        if name not in options.forward_names:
            raise ConfigurationError(
                f"'{options.label}' has no field '{name}' for '{self}'",
                hint="Give object_id_field and content_type_field of its generic key.",
            )
        return options.forward_names[name]

    @property
    def object_id_field(self) -> Any:
        """The related model's field with the key."""
        return self._far(self.object_id_field_name)

    @property
    def content_type_field(self) -> Any:
        """The related model's foreign key to the content type."""
        return self._far(self.content_type_field_name)

    @property
    def typed_model(self) -> Any:
        """The model whose content type related objects have."""
        return self.model._meta.concrete_model if self.for_concrete_model else self.model

    @property
    def target_field(self) -> Any:
        """The field of this model that related objects hold the value of."""
        return self.model._meta.pk

    def steps(self) -> tuple[Step, ...]:
        """The join from the model to the objects that point at it."""
        return (
            Step(
                source=self.model,
                target=self.related_model,
                pairs=((self.model._meta.pk, self.object_id_field),),
                multi=True,
                nullable=True,
                key=(self, "generic"),
                restrict=(self.content_type_field, self.typed_model),
            ),
        )

    def reverse_steps(self) -> tuple[Step, ...]:
        """The join from the objects that point here to the model, for those of its type."""
        return (
            Step(
                source=self.related_model,
                target=self.model,
                pairs=((self.object_id_field, self.model._meta.pk),),
                multi=True,  # so that the model's table is joined: a key alone may be another's
                nullable=True,
                key=(self, "generic reverse"),
                restrict=(self.content_type_field, self.typed_model),
            ),
        )

    def restriction(self, keys: Sequence[Any]) -> dict[str, Any]:
        """Lookups for the related objects of some keys, without asking for a content type."""
        options = self.typed_model._meta
        return {
            f"{self.content_type_field_name}__app_label": options.app_label,
            f"{self.content_type_field_name}__model": options.model_name,
            f"{self.object_id_field_name}__in": keys,
        }

    def rows_pointing_at(self, objects: Iterable[Any]) -> Recording:
        """The rows that point at objects; they go when the objects are deleted."""
        keys = [obj.pk for obj in objects]
        return record_filter(Recording(self.related_model), (), self.restriction(keys))

    @property
    def prefetch_source(self) -> GenericRelatedSource:
        """How ``prefetch_related`` loads the relation."""
        return GenericRelatedSource(self)

    # As of a many-to-many field.
    @overload  # type: ignore[override]
    def __get__(self: GenericRelation[Unknown], instance: None, owner: Any = None) -> Any: ...
    @overload
    def __get__(self, instance: None, owner: Any = None) -> type[M]: ...
    @overload
    def __get__(self, instance: Any, owner: Any = None) -> GenericRelatedManager[M]: ...
    def __get__(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, instance: Any, owner: Any = None
    ) -> Any:
        if instance is None:
            return on_class(owner, self, self)
        return GenericRelatedManager.bind(
            self.related_model._default_manager, instance, self.name, _field=self
        )

    def __set__(self, instance: Any, value: Iterable[M]) -> None:
        self.__get__(instance).set(value)
