"""Makes a model out of a class statement: options, fields, inheritance, managers, accessors.

``ModelBase`` gives the order of the steps; what each does stands in ``inheritance``,
``accessors``, ``managers``, ``through`` and ``checks``. Runs no query and needs no settings but
``DEFAULT_AUTO_FIELD``.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from manybase.errors import (
    ConfigurationError,
    DatabaseError,
    MultipleObjectsReturned,
    ObjectDoesNotExist,
    ObjectNotUpdated,
)
from manybase.meta.field import Field
from manybase.meta.options import Options
from manybase.meta.registry import registry
from manybase.meta.signals import class_prepared
from manybase.models import (
    accessors,
    checks,
    construct,
    inheritance,
    managers,
    order_wrt,
    primary_keys,
    through,
    twins,
)
from manybase.query.attributes import Attribute

if TYPE_CHECKING:
    from manybase.models.class_types import ClassOrRelation
else:
    ClassOrRelation = type


class ModelBase(ClassOrRelation):
    """The metaclass of all models."""

    _meta: Options
    if TYPE_CHECKING:
        # A model may say "class Meta(Base.Meta)", and may leave "(Base.Meta)" out.
        Meta: type[Any]

    def __new__(
        mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwargs: Any
    ) -> Any:
        parents = [base for base in bases if isinstance(base, ModelBase)]
        if not parents:
            return super().__new__(mcs, name, bases, attrs, **kwargs)
        declared = attrs.pop("Meta", None)
        contributed = {key: value for key, value in attrs.items() if _contributes(value)}
        plain = {key: value for key, value in attrs.items() if key not in contributed}
        cls: Any = super().__new__(mcs, name, bases, plain, **kwargs)
        cls._init_plan = None
        _set_options(cls, declared)
        if not cls._meta.abstract:
            _refuse_namesake(cls)
            _give_exceptions(cls, parents)
        for key, value in contributed.items():
            cls.add_to_class(key, value)
        inheritance.inherit(cls, parents, frozenset(attrs))
        if not cls._meta.abstract:
            cls._prepare()
        return cls

    def add_to_class(cls: Any, name: str, value: Any) -> None:
        """Set an attribute; fields and managers take part in the model by it."""
        if not _contributes(value):
            setattr(cls, name, value)
            return
        value.contribute_to_class(cls, name)
        construct.forget_plan(cls)
        managers.forget(cls)
        if isinstance(value, Field):
            accessors.install(cls, value)
            if "_prepared" in vars(cls):
                if value.many_to_many:
                    through.provide(cls, value)
                registry.touch()  # plans and paths of the class are of another shape now

    def _prepare(cls: Any) -> None:
        primary_keys.provide(cls)
        order_wrt.provide(cls)
        managers.provide(cls)
        checks.check_names(cls)
        cls._prepared = True
        cls._plain_init = _is_plain(cls)
        construct.lay_out(cls)
        cls._missing_twins = twins.missing(cls)
        if cls.__doc__ is None:
            names = ", ".join(field.name for field in cls._meta.fields)
            cls.__doc__ = f"{cls.__name__}({names})"
        registry.register(cls)
        for field in cls._meta.local_many_to_many:
            through.provide(cls, field)
        class_prepared.send(sender=cls)

    # Hidden from type checkers: Model tells them more, and any name would pass.
    if not TYPE_CHECKING:

        def __getattr__(cls, name):
            """Give the attribute of a field: ``Book.title``, to make conditions of.

            Fields stand in no class's dictionary, so that an instance's values are found, and
            stored, without a look at a descriptor.
            """
            meta = cls.__dict__.get("_meta")
            field = None if meta is None else meta.forward_names.get(name)
            if field is not None and field.column is not None:
                return Attribute(cls, name, field)
            if meta is not None and name in meta.managers_by_name:
                # Again, for the error itself: an abstract or a swapped model has no managers.
                return inspect.getattr_static(cls, name).__get__(None, cls)
            raise AttributeError(f"type object '{cls.__name__}' has no attribute '{name}'")

        @property
        def _default_manager(cls):
            """The manager that the library uses where the program names none."""
            return managers.default(cls)

        @property
        def _base_manager(cls):
            """The manager that related objects and refreshes are fetched with."""
            return managers.base(cls)

    def __repr__(cls) -> str:
        return f"<class '{cls.__module__}.{cls.__qualname__}'>"


def _contributes(value: Any) -> bool:
    return not inspect.isclass(value) and hasattr(value, "contribute_to_class")


def _set_options(cls: Any, declared: type | None) -> None:
    meta = inheritance.merged_meta(cls, declared)
    above = getattr(cls, "_meta", None)
    label = registry.label_for(cls.__module__)
    cls._meta = Options(cls, meta, label)
    cls._meta.auto_created = vars(cls).get("_auto_created_for", False)
    inheritance.inherit_options(cls, above)
    if cls._meta.abstract:
        cls.Meta = declared


def _give_exceptions(cls: Any, parents: list[Any]) -> None:
    """Give the class its own ``DoesNotExist`` and the like, under those of its parents."""
    for name, bases in (
        ("DoesNotExist", (ObjectDoesNotExist,)),
        ("MultipleObjectsReturned", (MultipleObjectsReturned,)),
        ("NotUpdated", (ObjectNotUpdated, DatabaseError)),
    ):
        above = tuple(
            getattr(parent, name)
            for parent in parents
            if hasattr(parent, "_meta") and not parent._meta.abstract
        )
        attributes = {
            "__module__": cls.__module__,
            "__qualname__": f"{cls.__qualname__}.{name}",
            "__doc__": f"{name} of {cls.__name__}.",
        }
        setattr(cls, name, type(name, above or bases, attributes))


def _refuse_namesake(cls: Any) -> None:
    """Refuse a second model of a label, unless it is the same class statement run again."""
    meta = cls._meta
    other = registry.models.get((meta.app_label, meta.model_name))
    if other is None or "<locals>" in other.__qualname__ or "<locals>" in cls.__qualname__:
        return
    if (other.__module__, other.__qualname__) != (cls.__module__, cls.__qualname__):
        raise ConfigurationError(
            f"there are two models '{meta.label}': in '{other.__module__}'"
            f" and in '{cls.__module__}'",
            hint="Rename one, or give it another app_label in its Meta.",
        )


def _is_plain(cls: Any) -> bool:
    """Whether rows may become instances without ``__init__`` and ``from_db`` of the program."""
    root: Any = next(base for base in reversed(cls.__mro__) if isinstance(base, ModelBase))
    return (
        construct.is_general(cls, root.__init__)
        and cls.from_db.__func__ is vars(root)["from_db"].__func__
        and cls.__new__ is object.__new__
        and cls.__setattr__ is object.__setattr__
        and not construct.guarded(cls)
    )
