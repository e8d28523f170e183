"""Which manager a model has by default, and which one the library itself uses.

Called by the metaclass, for ``Model._default_manager`` and ``Model._base_manager``. The managers
themselves are in ``models.manager``.
"""

from __future__ import annotations

from typing import Any

from manybase.errors import ConfigurationError, hint_for
from manybase.models.manager import Manager


def provide(cls: Any) -> None:
    """Give a model that declares no manager one called ``objects``."""
    if cls._meta.managers_by_name:
        return
    if "objects" in cls._meta.forward_names:
        raise ConfigurationError(
            f"model '{cls._meta.label}' has a field 'objects' and no manager",
            hint="Declare a manager under another name, or rename the field.",
        )
    manager: Any = Manager()
    manager.auto_created = True
    cls.add_to_class("objects", manager)


def default(cls: Any) -> Any:
    """The first manager, or the one that ``Meta.default_manager_name`` names."""
    cache = _cache(cls)
    if "default" not in cache:
        name = _inherited_name(cls, "default_manager_name")
        if name:
            cache["default"] = _named(cls, name, "default_manager_name")
        else:
            cache["default"] = next(iter(cls._meta.managers), None)
    return cache["default"]


def base(cls: Any) -> Any:
    """A manager without conditions, or the one that ``Meta.base_manager_name`` names."""
    cache = _cache(cls)
    if "base" not in cache:
        name = _inherited_name(cls, "base_manager_name")
        cache["base"] = _named(cls, name, "base_manager_name") if name else _plain(cls)
    return cache["base"]


def forget(cls: Any) -> None:
    """Work the managers out anew; the class has got another one."""
    _cache(cls).clear()  # related managers look whether it is empty
    cls._manager_cache = {}
    cls._meta.forget()


def _cache(cls: Any) -> dict[str, Any]:
    cache: dict[str, Any] | None = vars(cls).get("_manager_cache")
    if cache is None:
        cls._manager_cache = cache = {}
    return cache


def _plain(cls: Any) -> Any:
    manager: Any = Manager()
    manager.name = "_base_manager"
    manager.model = cls
    manager.auto_created = True
    return manager


def _inherited_name(cls: Any, option: str) -> str | None:
    """The option of the class, or of its nearest base where the class has no managers."""
    found: str | None = getattr(cls._meta, option)
    if found is None and (option == "base_manager_name" or not cls._meta.local_managers):
        for above in cls.__mro__[1:]:
            if hasattr(above, "_meta"):
                inherited: str | None = getattr(above._meta, option)
                return inherited
    return found


def _named(cls: Any, name: str, option: str) -> Any:
    if name not in cls._meta.managers_by_name:
        raise ConfigurationError(
            f"{option} of model '{cls._meta.label}' names '{name}', which is no manager of it",
            hint=hint_for(name, cls._meta.managers_by_name),
        )
    return getattr(cls, name)
