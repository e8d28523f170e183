"""Fills a new instance from arguments: defaults, positional values, keywords.

A class that leaves ``__init__`` to the library gets one of its own, generated at its first
instance, for the commonest case: plain keywords and nobody who listens. ``Model.__init__`` does
everything else with the plan made here and ``fill``. Nothing is saved or queried.
"""

from __future__ import annotations

import keyword
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from manybase.errors import QueryError, UnexpectedKeyword, hint_for
from manybase.meta.field import Field
from manybase.meta.origin import UNTIED
from manybase.meta.signals import post_init, pre_init
from manybase.models.state import DEFERRED
from manybase.query.code import Code


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


def plan_for(cls: Any, general: Any) -> InitPlan:
    """Make the plan of a class and keep it there; give the class its own ``__init__``.

    Args:
        cls: The class.
        general: ``Model.__init__``, which takes everything.

    Raises:
        QueryError: The model is abstract.
    """
    if cls._meta.abstract:
        raise QueryError(
            f"'{cls.__name__}' is abstract and has no instances",
            hint="Make an instance of a model that inherits from it.",
        )
    cls._init_plan = plan = InitPlan(cls)
    names = tuple(plan.constants)
    if all(map(_is_usual, names)) and not plan.guarded and is_general(cls, general):
        cls.__init__ = _generated(cls, plan, general)
    return plan


def _is_usual(name: str) -> bool:
    """Whether a name can be that of a parameter."""
    return name.isidentifier() and not keyword.iskeyword(name)


def is_general(cls: Any, general: Any) -> bool:
    """Whether the program leaves ``__init__`` to the library."""
    return cls.__init__ is general or cls.__init__ in _made


def lay_out(cls: Any) -> None:
    """Make an instance that has every attribute, and drop it.

    Python keeps the names of attributes once for a class, as its first instances have them.
    An attribute that comes after the thirtieth costs every later instance a dictionary.
    """
    apart = guarded(cls)
    obj: Any = object.__new__(cls)
    for field in cls._meta.concrete_fields:
        if field.attname not in apart:
            object.__setattr__(obj, field.attname, None)
    for field in cls._meta.concrete_fields:
        if field.is_relation:
            object.__setattr__(obj, field.cache_name, None)
    obj._kept_relations = None
    obj._origin = UNTIED


def forget_plan(cls: Any) -> None:
    """Drop the plan of a class, which is about to get another field."""
    cls._init_plan = None
    if vars(cls).get("__init__") in _made:
        del cls.__init__


_made: weakref.WeakSet[Any] = weakref.WeakSet()


def _generated(cls: Any, plan: InitPlan, general: Any) -> Any:
    """The ``__init__`` of one class, with a parameter for each column.

    Arguments that Python collects in a dictionary, and values that go into an instance as one,
    cost more than all the rest.
    """
    code = Code()
    code.names.update(
        left__out=object(),
        pre__init=pre_init,
        post__init=post_init,
        own__class=cls,
        general__init=general,
        un__tied=UNTIED,
        kind__of=type,  # a field may be called "type"
        put__=setattr,
        related__={f.name for f in cls._meta.concrete_fields if f.is_relation} - plan.plain,
    )
    names = tuple(plan.constants)
    factories = {attname: code.give(make, "make__") for attname, make in plan.factories}
    code.lines = [
        f"def __init__(self__, /, *args__, {''.join(f'{n}=left__out, ' for n in names)}**more__):",
        "    if (args__ or pre__init._receivers or post__init._receivers",
        "        or kind__of(self__) is not own__class",
        "        or (more__ and not related__.issuperset(more__))):",
        f"        given__ = ({', '.join(f'({name!r}, {name})' for name in names)},)",
        "        more__.update([one for one in given__ if one[1] is not left__out])",
        "        return general__init(self__, *args__, **more__)",
    ]
    for name, constant in plan.constants.items():
        made = factories.get(name)
        default = code.give(constant, "default__") if made is None else f"{made}()"
        code.lines.append(f"    self__.{name} = {default} if {name} is left__out else {name}")
    code.lines.append("    self__._origin = un__tied")
    code.lines += [
        "    if more__:",  # in the program's order: the first decides where the object belongs
        "        for name__, value__ in more__.items():",
        "            put__(self__, name__, value__)",
    ]
    init = code.finish("__init__")
    init.__qualname__ = general.__qualname__
    init.__doc__ = general.__doc__
    _made.add(init)
    return init


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
