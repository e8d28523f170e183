"""Users, groups, permissions and their passwords: the application ``manybase.contrib.auth``.

Imports no model, so that it may be listed in ``INSTALLED_APPS``; ``auth.models`` has them and
``auth.hashers`` the passwords.
"""

from __future__ import annotations

from typing import Any

from manybase.conf import settings
from manybase.meta.registry import registry


def get_user_model() -> Any:
    """Return the model that ``AUTH_USER_MODEL`` names; ``auth.User`` unless it is set.

    Raises:
        UnknownModel: No model of that label is defined.
    """
    return registry.get_model(settings.AUTH_USER_MODEL)
