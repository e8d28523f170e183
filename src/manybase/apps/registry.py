"""The public face of the registry of models, and the start-up that fills it.

``apps`` is the one instance; ``manybase.setup()`` populates it from ``INSTALLED_APPS``. Models are
registered by their metaclass whether or not an application is installed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from manybase.apps.config import AppConfig, load
from manybase.conf import settings
from manybase.errors import AppRegistryNotReady, ConfigurationError, UnknownModel, hint_for
from manybase.meta.registry import registry


class Apps:
    """The applications of a program by label, and their models."""

    def __init__(self) -> None:
        self.app_configs: dict[str, AppConfig] = {}
        self.ready = False
        self._entries: dict[str, AppConfig] = {}

    def populate(self, installed: Iterable[str]) -> None:
        """Import the applications that are not yet there, then their models.

        Labels of all are known before the first model is imported, so that models may be
        spread over several modules of a package.

        Raises:
            ConfigurationError: An entry cannot be imported or two have the same label.
        """
        added = []
        for entry in installed:
            if entry not in self._entries:
                config = load(entry)
                self._add(entry, config)
                added.append(config)
        for config in added:
            config.import_models()
        self.ready = True
        for config in added:
            config.ready()

    def _add(self, entry: str, config: AppConfig) -> None:
        other = self.app_configs.get(config.label)
        if other is not None and other.name != config.name:
            raise ConfigurationError(
                f"'INSTALLED_APPS' has two applications with the label {config.label!r}:"
                f" {other.name!r} and {config.name!r}",
                hint="Give one of them another label in an AppConfig of its own.",
            )
        self._entries[entry] = config
        self.app_configs[config.label] = config
        registry.labels[config.name] = config.label

    def get_app_configs(self) -> list[AppConfig]:
        """Return the installed applications in their order."""
        return list(self.app_configs.values())

    def get_app_config(self, label: str) -> AppConfig:
        """Return an installed application by its label.

        Raises:
            UnknownModel: No installed application has this label.
            AppRegistryNotReady: ``manybase.setup()`` has not run.
        """
        self._check_ready()
        found = self.app_configs.get(label)
        if found is None:
            raise UnknownModel(
                f"no installed application has the label {label!r}",
                hint=hint_for(label, self.app_configs),
            )
        return found

    def is_installed(self, name: str) -> bool:
        """Whether an application with this package name is installed."""
        return any(config.name == name for config in self.app_configs.values())

    def get_model(self, app_label: str, model_name: str | None = None) -> Any:
        """Return a model by ``"app.Model"``, or by label and name, in any case.

        Raises:
            UnknownModel: No such model is defined; the hint says which was meant.

        Example:
            >>> apps.get_model("shop.Book") is apps.get_model("shop", "book")
            True
        """
        return registry.get_model(app_label, model_name)

    def get_models(self, include_auto_created: bool = False) -> list[Any]:
        """Return every model that is defined, in the order of definition.

        Args:
            include_auto_created: Whether the models of links that declare none are among them.
        """
        found = [m for m in registry.all_models() if m._meta.swapped is None]
        return [m for m in found if include_auto_created or not m._meta.auto_created]

    def _check_ready(self) -> None:
        if not self.ready:
            raise AppRegistryNotReady(
                "the applications are not loaded yet", hint="Call manybase.setup() first."
            )


apps = Apps()
"""The applications of the process."""


def setup() -> None:
    """Import the models of every application in ``INSTALLED_APPS``.

    Call it once after the settings are there; programs that import their models themselves need
    not. A second call imports only what was added to the setting meanwhile.

    Raises:
        ConfigurationError: An entry of ``INSTALLED_APPS`` cannot be imported.
    """
    apps.populate(settings.INSTALLED_APPS)
