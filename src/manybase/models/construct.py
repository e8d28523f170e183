"""Fills a new instance from arguments: defaults, positional values, keywords.

``Model.__init__`` does the commonest case (plain keywords) itself with the plan made here; ``fill``
does the rest. Nothing is saved or queried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from manybase.errors import QueryError, UnexpectedKeyword, hint_for
from manybase.meta.field import Field
from manybase.models.state import DEFERRED


class InitPlan:
    """What a class's constructor needs to know, worked out once.

    Attributes:
        constants: Defaults that are the same for every instance, by attname.
        factories: Attnames with the functions that make their defaults.
        plain: Names whose values go into the instance as they are.
        positional: Attnames in the order of positional arguments.
        guarded: Attnames whose values go through a descriptor, such as files.
    """

    __slots__ = ("constants", "factories", "guarded", "plain", "positional")

    def __init__(self, cls: Any) -> None:
        constants: dict[str, Any] = {}
        factories: list[tuple[str, Callable[[], Any]]] = []
        for field in cls._meta.concrete_fields:
            if field.generated:
                continue  # there is no value before the database has made it
            if _makes_defaults(field):
                factories.append((field.attname, field.get_default))
                constants[field.attname] = None  # keeps the order of the fields
            else:
                constants[field.attname] = None if field.is_relation else field.get_default()
        self.constants = constants
        self.factories = tuple(factories)
        self.positional = tuple(field.attname for field in cls._meta.concrete_fields)
        self.guarded = guarded(cls)
        self.plain = frozenset(constants) - self.guarded


def _makes_defaults(field: Any) -> bool:
    if field.has_default():
        return callable(field.default) or type(field).get_default is not Field.get_default
    return type(field).get_default is not Field.get_default and not field.is_relation


def guarded(cls: Any) -> frozenset[str]:
    """Attnames of a class whose values go through a descriptor of their own."""
    return frozenset(f.attname for f in cls._meta.concrete_fields if _is_guarded(cls, f.attname))


def _is_guarded(cls: Any, attname: str) -> bool:
    for base in cls.__mro__:
        if attname in vars(base):
            return hasattr(type(vars(base)[attname]), "__set__")
    return False


def plan_for(cls: Any) -> InitPlan:
    """Make the plan of a class and keep it there.

    Raises:
        QueryError: The model is abstract.
    """
    if cls._meta.abstract:
        raise QueryError(
            f"'{cls.__name__}' is abstract and has no instances",
            hint="Make an instance of a model that inherits from it.",
        )
    cls._init_plan = plan = InitPlan(cls)
    return plan


def fill(obj: Any, plan: InitPlan, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """Set an instance's values where there are positional ones or relations."""
    given = _positional(obj, plan, args)
    later = {}
    for name, value in kwargs.items():
        if name in given:
            raise UnexpectedKeyword(
                f"'{type(obj).__name__}' was given '{name}' twice", hint="Give it by name only."
            )
        if name in plan.plain:
            given[name] = value
        else:
            _check_name(type(obj), name)
            later[name] = value
    values = obj.__dict__
    values.update(plan.constants)
    values.update(given)
    for attname, make in plan.factories:
        if attname not in given and attname not in later:
            values[attname] = make()
    for attname, value in given.items():
        if value is DEFERRED:
            del values[attname]
    for attname in plan.guarded:
        if attname in values and attname not in later:
            setattr(obj, attname, values.pop(attname))
    for name, value in later.items():
        setattr(obj, name, value)


def _positional(obj: Any, plan: InitPlan, args: tuple[Any, ...]) -> dict[str, Any]:
    if len(args) > len(plan.positional):
        raise UnexpectedKeyword(
            f"'{type(obj).__name__}' takes {len(plan.positional)} values, {len(args)} were given",
            hint=f"They are: {', '.join(plan.positional)}.",
        )
    return dict(zip(plan.positional, args, strict=False))


def _check_name(cls: Any, name: str) -> None:
    meta = cls._meta
    field = meta.forward_names.get(name)
    if name == "pk" or isinstance(getattr(cls, name, None), property):
        return
    if field is None:
        known = [*meta.forward_names, "pk"]
        raise UnexpectedKeyword(
            f"model '{meta.label}' has no field '{name}' to be made with",
            hint=hint_for(name, known),
        )
    if field.many_to_many or field.one_to_many:
        raise UnexpectedKeyword(
            f"'{name}' of model '{meta.label}' is a relation to many objects",
            hint=f"Save the object first, then write obj.{name}.set([...]).",
        )
