"""The configuration of the application ``auth``; makes the permissions when tables are made."""

from __future__ import annotations

from manybase.apps import AppConfig
from manybase.models.signals import post_migrate


class AuthConfig(AppConfig):
    """Users, groups and permissions."""

    name = "manybase.contrib.auth"
    label = "auth"
    verbose_name = "Authentication and Authorization"

    def ready(self) -> None:
        """Have permissions made for the models of every application installed."""
        from manybase.contrib.auth.creation import create_permissions

        post_migrate.connect(create_permissions, dispatch_uid="manybase.contrib.auth.permissions")
