"""What a model takes over from its bases: options, fields, links to parents' tables.

Abstract bases give copies of their fields; concrete ones are linked by a one-to-one field; a
proxy has its base's table. Called by the metaclass only.
"""

from __future__ import annotations

from typing import Any

from manybase.errors import ConfigurationError, FieldError
from manybase.fields import OneToOneField
from manybase.meta.on_delete import CASCADE


def merged_meta(cls: Any, declared: type | None) -> type | None:
    """Return the class's Meta with what it inherits from other Metas in one namespace."""
    source = declared if declared is not None else getattr(cls, "Meta", None)
    if source is None:
        return None
    values: dict[str, Any] = {}
    for one in reversed(source.__mro__[:-1]):
        values.update({k: v for k, v in vars(one).items() if not k.startswith("_")})
    # Being abstract is said anew by each class, never inherited.
    values.pop("abstract", None)
    if declared is not None and "abstract" in vars(declared):
        values["abstract"] = vars(declared)["abstract"]
    return type("Meta", (), values)


def inherit_options(cls: Any, above: Any) -> None:
    """Take ordering, get_latest_by and default managers' names from a concrete parent."""
    meta = cls._meta
    if above is None or above.abstract or meta.abstract:
        return
    if "ordering" not in meta.original_attrs:
        meta.ordering = above.ordering
    if "get_latest_by" not in meta.original_attrs:
        meta.get_latest_by = above.get_latest_by
    if "using" not in meta.original_attrs:
        meta.using = above.using


def inherit(cls: Any, parents: list[Any], own: frozenset[str]) -> None:
    """Take over fields and links from all bases.

    Args:
        cls: The new model.
        parents: Its direct bases that are models.
        own: The names that the class statement itself sets.
    """
    if cls._meta.proxy:
        _become_proxy(cls, parents)
    links = _declared_links(cls)
    taken = set(own)
    for base in cls.__mro__[1:]:
        if base not in parents or not hasattr(base, "_meta"):
            taken.update(vars(base))
        elif base._meta.abstract:
            _inherit_abstract(cls, base, taken)
        else:
            _inherit_concrete(cls, base, links, own)


def _become_proxy(cls: Any, parents: list[Any]) -> None:
    found = {
        parent._meta.concrete_model
        for parent in parents
        if hasattr(parent, "_meta") and not parent._meta.abstract
    }
    if len(found) != 1:
        raise ConfigurationError(
            f"proxy model '{cls.__name__}' needs one base that has a table",
            hint="Inherit from exactly one model that is not abstract.",
        )
    if cls._meta.local_fields or cls._meta.local_many_to_many:
        raise ConfigurationError(
            f"proxy model '{cls.__name__}' cannot have fields of its own",
            hint="Leave out proxy = True to give it a table for them.",
        )
    concrete = found.pop()
    cls._meta.concrete_model = concrete
    cls._meta.pk = concrete._meta.pk
    cls._meta.db_table = concrete._meta.db_table
    cls._meta.using = concrete._meta.using


def _declared_links(cls: Any) -> dict[Any, Any]:
    """The one-to-one fields that the class or its abstract bases declare as parent links."""
    links: dict[Any, Any] = {}
    for base in reversed(cls.__mro__):
        if hasattr(base, "_meta") and (base is cls or base._meta.abstract):
            for field in base._meta.local_fields:
                if isinstance(field, OneToOneField) and field.remote_field.parent_link:
                    target = field.remote_field.model
                    if not isinstance(target, str):
                        links[target._meta.concrete_model] = field
    return links


def _inherit_abstract(cls: Any, base: Any, taken: set[str]) -> None:
    meta = base._meta
    known = {f.name for f in _fields(cls)}
    for field in [*meta.local_fields, *meta.local_many_to_many]:
        if field.name not in known and field.name not in taken:
            cls.add_to_class(field.name, field.clone())
    for field in meta.private_fields:
        if field.name not in known and field.name not in taken:
            cls.add_to_class(field.name, _copied(field))
    for parent, link in meta.parents.items():
        if parent not in cls._meta.parents:
            own = cls._meta.forward_names.get(link.name) if link is not None else None
            cls._meta.parents[parent] = own
    cls._meta.forget()


def _copied(field: Any) -> Any:
    if hasattr(field, "clone"):
        return field.clone()
    copy = object.__new__(type(field))
    copy.__dict__.update(vars(field))
    return copy


def _inherit_concrete(cls: Any, base: Any, links: dict[Any, Any], own: frozenset[str]) -> None:
    meta = cls._meta
    if meta.proxy:
        meta.parents[base] = None
        meta.forget()
        return
    concrete = base._meta.concrete_model
    mine = {f.name for f in [*meta.local_fields, *meta.local_many_to_many]}
    for field in [*concrete._meta.fields, *concrete._meta.many_to_many]:
        if field.name in mine and field.name not in links:
            raise FieldError(
                f"field '{field.name}' of model '{cls.__name__}' clashes with the field of the"
                f" same name of its base '{concrete.__name__}'",
                hint="Rename it; a base with a table of its own already has that column.",
            )
    link = links.get(concrete)
    if link is None:
        link = _make_link(cls, concrete, own)
    elif link.model is not cls:
        link = meta.forward_names.get(link.name, link)
    meta.parents[concrete] = link
    meta.forget()


def _make_link(cls: Any, base: Any, own: frozenset[str]) -> Any:
    name = f"{base._meta.model_name}_ptr"
    if name in own:
        raise FieldError(
            f"'{name}' of model '{cls.__name__}' has the name of the link to its base",
            hint=f"Rename it, or make it OneToOneField({base.__name__}, parent_link=True, ...).",
        )
    link: Any = OneToOneField(base, on_delete=CASCADE, auto_created=True, parent_link=True)
    link.creation_counter = -1  # before the fields that the program declares
    cls.add_to_class(name, link)
    return link


def _fields(cls: Any) -> list[Any]:
    meta = cls._meta
    return [*meta.fields, *meta.many_to_many, *meta.all_private_fields]
