"""``_meta``: everything a model says about itself beside its values.

Filled by the metaclass while a class is made, read by every layer above. It answers questions
about fields and relations; it runs no query.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from manybase.conf import settings
from manybase.errors import ConfigurationError, FieldDoesNotExist, FieldError, hint_for
from manybase.meta.registry import Registry, registry
from manybase.meta.steps import Step

META_NAMES = {
    "abstract": False,
    "app_label": None,
    "base_manager_name": None,
    "constraints": (),
    "db_table": "",
    "db_table_comment": "",
    "default_manager_name": None,
    "default_permissions": ("add", "change", "delete", "view"),
    "default_related_name": None,
    "get_latest_by": None,
    "indexes": (),
    "managed": True,
    "order_with_respect_to": None,
    "ordering": (),
    "permissions": (),
    "proxy": False,
    "required_db_features": (),
    "select_on_save": False,
    "swappable": None,
    "unique_together": (),
    "using": None,
    "verbose_name": None,
    "verbose_name_plural": None,
}


class Options:
    """The options of one model, with its fields and relations."""

    registry: Registry = registry

    def __init__(self, model: Any, meta: type | None, app_label: str) -> None:
        self.model = model
        self.object_name: str = model.__name__
        self.model_name: str = self.object_name.lower()
        self.local_fields: list[Any] = []
        self.local_many_to_many: list[Any] = []
        self.private_fields: list[Any] = []
        self.local_managers: list[Any] = []
        self.parents: dict[Any, Any] = {}
        self.pk: Any = None
        self.auto_created: Any = False
        self.concrete_model: Any = model
        self._read(meta, app_label)

    def _read(self, meta: type | None, app_label: str) -> None:
        given = {k: v for k, v in vars(meta).items() if not k.startswith("_")} if meta else {}
        for name in given:
            if name not in META_NAMES:
                raise ConfigurationError(
                    f"Meta of '{self.object_name}' has no option '{name}'",
                    hint=hint_for(name, META_NAMES),
                )
        values = {**META_NAMES, **given}
        self.original_attrs = given
        self.abstract: bool = values["abstract"]
        self.app_label: str = values["app_label"] or app_label
        self.base_manager_name: str | None = values["base_manager_name"]
        self.default_manager_name: str | None = values["default_manager_name"]
        self.default_permissions: tuple[str, ...] = tuple(values["default_permissions"])
        self.default_related_name: str | None = values["default_related_name"]
        self.db_table: str = values["db_table"] or f"{self.app_label}_{self.model_name}"
        self.db_table_comment: str = values["db_table_comment"]
        self.get_latest_by: Any = values["get_latest_by"]
        self.managed: bool = values["managed"]
        self.order_with_respect_to: Any = values["order_with_respect_to"]
        self.ordering: tuple[Any, ...] = tuple(values["ordering"])
        self.permissions: tuple[Any, ...] = tuple(values["permissions"])
        self.proxy: bool = values["proxy"]
        self.required_db_features: tuple[str, ...] = tuple(values["required_db_features"])
        self.select_on_save: bool = values["select_on_save"]
        self.swappable: str | None = values["swappable"]
        self.using: str | None = values["using"]
        self.unique_together = _together(values["unique_together"])
        self.constraints: list[Any] = [self._named(c) for c in values["constraints"]]
        self.indexes: list[Any] = [self._named(i) for i in values["indexes"]]
        self.verbose_name: str = values["verbose_name"] or _words(self.object_name)
        self.verbose_name_plural: str = values["verbose_name_plural"] or f"{self.verbose_name}s"

    def _named(self, item: Any) -> Any:
        if self.abstract or not item.name or "%(" not in item.name:
            return item
        return item.clone(
            item.name % {"app_label": self.app_label.lower(), "class": self.model_name}
        )

    # Names

    @property
    def label(self) -> str:
        """``"app.Model"``."""
        return f"{self.app_label}.{self.object_name}"

    @property
    def label_lower(self) -> str:
        """``"app.model"``."""
        return f"{self.app_label}.{self.model_name}"

    @property
    def swapped(self) -> str | None:
        """The label of the model that the settings name instead of this one, or None.

        Links of a swapped model are swapped with it.
        """
        if self.auto_created:
            owner: str | None = self.auto_created._meta.swapped
            return owner
        if self.swappable is None:
            return None
        named = getattr(settings, self.swappable, None)
        other = bool(named) and str(named).lower() != self.label_lower
        return str(named) if other else None

    def __repr__(self) -> str:
        return f"<Options for {self.object_name}>"

    def __reduce__(self) -> Any:
        return (_unpickle, (self.model,))

    # Filling

    def add_field(self, field: Any, private: bool = False) -> None:
        """Take in a field, at the place that its order of definition gives."""
        if private:
            self.private_fields.append(field)
        elif field.is_relation and field.many_to_many:
            bisect.insort(self.local_many_to_many, field)
        else:
            bisect.insort(self.local_fields, field)
            if field.primary_key:
                self._set_pk(field)
        self.forget()

    def _set_pk(self, field: Any) -> None:
        if self.pk is not None and self.pk.primary_key and self.pk in self.local_fields:
            raise ConfigurationError(
                f"model '{self.label}' has two primary keys, '{self.pk.name}' and '{field.name}'",
                hint="Keep primary_key=True on one field only.",
            )
        self.pk = field

    _quick: Any = None
    """How objects are saved, as ``ops.quick_save`` found out."""

    def forget(self) -> None:
        """Drop what was worked out from the fields; they have changed."""
        for name in _CACHED:
            self.__dict__.pop(name, None)

    # Fields

    @cached_property
    def fields(self) -> tuple[Any, ...]:
        """Every forward field that is no many-to-many, parents' first."""
        found: list[Any] = []
        for parent in self.parents:
            found.extend(f for f in parent._meta.fields if f not in found)
        found.extend(self.local_fields)
        return tuple(found)

    @cached_property
    def concrete_fields(self) -> tuple[Any, ...]:
        """Fields with a column, parents' first."""
        return tuple(f for f in self.fields if f.column is not None)

    @cached_property
    def local_concrete_fields(self) -> tuple[Any, ...]:
        """Fields with a column in the model's own table."""
        return tuple(f for f in self.local_fields if f.column is not None)

    @cached_property
    def many_to_many(self) -> tuple[Any, ...]:
        """Every many-to-many field, parents' first."""
        found: list[Any] = []
        for parent in self.parents:
            found.extend(f for f in parent._meta.many_to_many if f not in found)
        found.extend(self.local_many_to_many)
        return tuple(found)

    @cached_property
    def all_private_fields(self) -> tuple[Any, ...]:
        """Generic keys and relations, parents' first."""
        found = [f for parent in self.parents for f in parent._meta.all_private_fields]
        own = {f.name for f in self.private_fields}
        return (*(f for f in found if f.name not in own), *self.private_fields)

    @property
    def all_relations(self) -> list[Any]:
        """Reverse relations of the model and its parents, hidden ones too."""
        generation = self.registry.generation
        cached: tuple[int, list[Any]] | None = self.__dict__.get("_relations")
        if cached is not None and cached[0] == generation:
            return cached[1]
        found = list(self.registry.relations_to(self.model))
        for parent, link in self.parents.items():
            found.extend(
                r
                for r in parent._meta.all_relations
                if r not in found and not (r.parent_link and r.field is link)
            )
        self.__dict__["_relations"] = (generation, found)
        return found

    @property
    def related_objects(self) -> tuple[Any, ...]:
        """Reverse relations that have an accessor."""
        return tuple(r for r in self.all_relations if not r.hidden)

    @property
    def auto_field(self) -> Any:
        """The field that the database numbers, or None."""
        for field in self.local_fields:
            if getattr(field, "is_auto", False):
                return field
        return None

    @property
    def pk_fields(self) -> tuple[Any, ...]:
        """The fields of the primary key: one, or those of a CompositePrimaryKey."""
        fields: tuple[Any, ...] = self.pk.fields if self.pk.composite else (self.pk,)
        return fields

    def key_values(self, obj: Any) -> tuple[Any, ...]:
        """The prepared values of an object's primary key, one for each field of it."""
        return tuple([f.prepare(getattr(obj, f.attname)) for f in self.pk_fields])

    @cached_property
    def written(self) -> dict[str, Any]:
        """Concrete fields that a save writes, by the name of their attribute."""
        return {f.attname: f for f in self.concrete_fields if not f.generated}

    @cached_property
    def attnames(self) -> dict[str, Any]:
        """Concrete fields by the name of their attribute."""
        return {f.attname: f for f in self.concrete_fields}

    @cached_property
    def forward_names(self) -> dict[str, Any]:
        """Forward fields, many-to-many and private ones by name and attname."""
        named = {f.attname: f for f in self.fields}
        named.update({f.name: f for f in self.fields})
        named.update({f.name: f for f in self.many_to_many})
        named.update({f.name: f for f in self.all_private_fields})
        return named

    @property
    def names(self) -> dict[str, Any]:
        """Everything that ``get_field`` knows: forward fields and reverse relations by name."""
        generation = self.registry.generation
        cached: tuple[int, dict[str, Any]] | None = self.__dict__.get("_names")
        if cached is not None and cached[0] == generation:
            return cached[1]
        named = {r.name: r for r in self.all_relations}
        named.update(self.forward_names)
        self.__dict__["_names"] = (generation, named)
        return named

    def get_field(self, name: str) -> Any:
        """Return the field or reverse relation of this name.

        Raises:
            FieldDoesNotExist: No such name; the hint says which was meant.
        """
        found = self.forward_names.get(name)
        if found is None:
            found = self.names.get(name)
        if found is None:
            raise FieldDoesNotExist(
                f"model '{self.label}' has no field '{name}'",
                hint=hint_for(name, self.public_names()),
            )
        return found

    def public_names(self) -> list[str]:
        """The names that a query may use, for suggestions."""
        names = {n for n, f in self.names.items() if not (f.is_relation and f.hidden)}
        return sorted(names | {"pk"})

    def get_fields(
        self, include_parents: bool = True, include_hidden: bool = False
    ) -> tuple[Any, ...]:
        """Return reverse relations, fields, many-to-many and private fields, in this order."""
        if include_parents:
            forward = [*self.fields, *self.many_to_many, *self.all_private_fields]
            reverse: Iterable[Any] = self.all_relations
        else:
            forward = [*self.local_fields, *self.local_many_to_many, *self.private_fields]
            reverse = self.registry.relations_to(self.model)
        return (*(r for r in reverse if include_hidden or not r.hidden), *forward)

    # Inheritance

    @property
    def proxy_for_model(self) -> Any:
        """The model that a proxy stands for, which may be a proxy too; else None."""
        if not self.proxy:
            return None
        bases = self.model.__mro__[1:]
        return next(b for b in bases if hasattr(b, "_meta") and not b._meta.abstract)

    @property
    def all_parents(self) -> tuple[Any, ...]:
        """All concrete ancestors, nearest first."""
        return tuple(self.get_parent_list())

    def get_parent_list(self) -> list[Any]:
        """All concrete ancestors, nearest first."""
        found = list(self.parents)
        for parent in self.parents:
            found.extend(p for p in parent._meta.get_parent_list() if p not in found)
        return found

    def get_ancestor_link(self, ancestor: Any) -> Any:
        """The one-to-one field that leads to an ancestor, or None."""
        for parent, link in self.parents.items():
            if parent is ancestor:
                return link
            if parent._meta.get_ancestor_link(ancestor) is not None:
                return link or parent._meta.get_ancestor_link(ancestor)
        return None

    def steps_to_parent(self, ancestor: Any) -> tuple[Step, ...]:
        """The joins from this model's table to an ancestor's."""
        target = ancestor._meta.concrete_model
        opts = self.concrete_model._meta
        if target is self.concrete_model:
            return ()
        for parent, link in opts.parents.items():
            concrete = parent._meta.concrete_model
            if concrete is target or target in concrete._meta.get_parent_list():
                own: tuple[Step, ...] = link.steps() if link is not None else ()
                return own + tuple(concrete._meta.steps_to_parent(target))
        raise FieldError(f"model '{self.label}' does not inherit from '{target._meta.label}'")

    # Managers

    @property
    def default_manager(self) -> Any:
        """The manager that other parts of a program use where none is named."""
        return self.model._default_manager

    @property
    def base_manager(self) -> Any:
        """The manager that follows relations to this model."""
        return self.model._base_manager

    @cached_property
    def managers_by_name(self) -> dict[str, Any]:
        """Managers by name; a class's own hide those of its bases."""
        found: dict[str, Any] = {}
        for base in reversed(self.model.__mro__):
            if hasattr(base, "_meta"):
                for manager in base._meta.local_managers:
                    found.pop(manager.name, None)
                    found[manager.name] = manager
        return found

    @property
    def managers(self) -> tuple[Any, ...]:
        """All managers, in the order of definition."""
        return tuple(
            getattr(self.model, name)
            for name, _ in sorted(
                self.managers_by_name.items(), key=lambda item: item[1].creation_counter
            )
        )


_CACHED = [name for name, value in vars(Options).items() if isinstance(value, cached_property)] + [
    "_names",
    "_quick",
    "_quick_deletes",
    "_relations",
]


def _together(value: Any) -> tuple[tuple[str, ...], ...]:
    if not value:
        return ()
    if isinstance(value[0], str):
        return (tuple(value),)
    return tuple(tuple(names) for names in value)


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).lower()


def _unpickle(model: Any) -> Any:
    return model._meta
