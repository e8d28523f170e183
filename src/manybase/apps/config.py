"""One installed application: its label, its package, its models module.

Made from an entry of ``INSTALLED_APPS`` by ``apps.registry``; subclassed by applications that
want another label or a ``ready()`` of their own.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from manybase.errors import ConfigurationError
from manybase.meta.registry import registry


class AppConfig:
    """What is known of an application; subclass it in ``apps.py`` to say more.

    Example:
        >>> class ShopConfig(AppConfig):
        ...     name = "company.shop"
        ...     label = "store"
    """

    name: str = ""
    label: str = ""
    verbose_name: str = ""
    default: bool = False

    def __init__(self, app_name: str, app_module: ModuleType | None) -> None:
        self.name = app_name
        self.module = app_module
        self.label = type(self).label or app_name.rpartition(".")[2]
        self.verbose_name = type(self).verbose_name or self.label.replace("_", " ").title()
        self.models_module: ModuleType | None = None
        folders = list(getattr(app_module, "__path__", ()))
        self.path = str(Path(folders[0])) if folders else ""

    def import_models(self) -> None:
        """Import ``<package>.models`` where there is one; an error inside it is not hidden."""
        name = f"{self.name}.models"
        if hasattr(self.module, "__path__") and importlib.util.find_spec(name) is not None:
            self.models_module = importlib.import_module(name)

    def ready(self) -> None:
        """Run after all models are imported; does nothing unless a subclass says."""

    def get_models(self, include_auto_created: bool = False) -> Iterator[Any]:
        """Yield the models of this application in the order of their definition.

        One that the settings swap for another is left out.

        Args:
            include_auto_created: Whether the models of links that declare none are among them.
        """
        for model in registry.all_models():
            meta = model._meta
            if meta.app_label != self.label or meta.swapped is not None:
                continue
            if include_auto_created or not meta.auto_created:
                yield model

    def get_model(self, name: str) -> Any:
        """Return a model of this application by its name, in any case."""
        return registry.get_model(self.label, name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.label}>"


def load(entry: str) -> AppConfig:
    """Make the configuration that an entry of ``INSTALLED_APPS`` names.

    Args:
        entry: A package, or the path of an ``AppConfig`` class.

    Raises:
        ConfigurationError: There is no such package or class.
    """
    module = _import(entry)
    if module is not None:
        own = _declared_in(entry, module)
        return own(own.name or entry, module) if own else AppConfig(entry, module)
    package, _, class_name = entry.rpartition(".")
    parent = _import(package) if package else None
    found = getattr(parent, class_name, None)
    if parent is None or not (isinstance(found, type) and issubclass(found, AppConfig)):
        raise ConfigurationError(
            f"'INSTALLED_APPS' names {entry!r}, which cannot be imported", hint=_hint(parent)
        )
    if not found.name:
        raise ConfigurationError(
            f"{entry!r} has no name", hint='Write name = "the.package" in the class.'
        )
    return found(found.name, _import(found.name))


def _import(name: str) -> ModuleType | None:
    """Import a module; None where it is this very name that cannot be found."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        return None


def _declared_in(entry: str, module: ModuleType) -> type[AppConfig] | None:
    """Return the one ``AppConfig`` of ``<package>/apps.py``, or the one marked ``default``."""
    name = f"{entry}.apps"
    if not hasattr(module, "__path__") or importlib.util.find_spec(name) is None:
        return None
    declared = [
        value
        for value in vars(importlib.import_module(name)).values()
        if isinstance(value, type) and issubclass(value, AppConfig) and value.name == entry
    ]
    marked = [value for value in declared if value.default] or declared
    return marked[0] if len(marked) == 1 else None


def _hint(parent: ModuleType | None) -> str:
    classes = (
        [
            name
            for name, value in vars(parent).items()
            if isinstance(value, type) and issubclass(value, AppConfig) and value is not AppConfig
        ]
        if parent is not None
        else []
    )
    if classes:
        return f"Classes there are: {', '.join(sorted(classes))}."
    return "Write the dotted name of a package that the program can import."
