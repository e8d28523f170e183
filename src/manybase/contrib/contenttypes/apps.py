"""The configuration of the application ``contenttypes``; fills its table when tables are made."""

from __future__ import annotations

from manybase.apps import AppConfig
from manybase.models.signals import post_migrate


class ContentTypesConfig(AppConfig):
    """A row for each model of each application."""

    name = "manybase.contrib.contenttypes"
    label = "contenttypes"
    verbose_name = "Content Types"

    def ready(self) -> None:
        """Have a row made for each model of every application installed."""
        from manybase.contrib.contenttypes.creation import create_contenttypes

        post_migrate.connect(create_contenttypes, dispatch_uid="manybase.contrib.contenttypes")
