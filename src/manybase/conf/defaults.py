"""The value of every setting that no source gives.

Plain data in Django's names; read by ``conf.settings`` only. A setting that is absent when nobody
gives it (so that ``getattr(settings, name, None)`` works) is listed in ``OPTIONAL`` instead.
"""

from __future__ import annotations

from typing import Any

DEFAULTS: dict[str, Any] = {
    # Databases and their routes
    "DATABASES": {},
    "DATABASE_ROUTERS": [],
    "DEFAULT_ALIAS": "default",
    "ALLOW_SYNC_IN_EVENT_LOOP": False,
    "FETCH_MODE": "one",
    # Models
    "INSTALLED_APPS": [],
    "DEFAULT_AUTO_FIELD": "manybase.models.BigAutoField",
    # Time
    "USE_TZ": True,
    "TIME_ZONE": "UTC",
    # Files
    "FIXTURE_DIRS": [],
    "MEDIA_ROOT": "",
    "MEDIA_URL": "",
    # Accounts
    "AUTH_USER_MODEL": "auth.User",
    "PASSWORD_HASHERS": [
        "manybase.contrib.auth.hashers.ScryptPasswordHasher",
        "manybase.contrib.auth.hashers.Argon2PasswordHasher",
        "manybase.contrib.auth.hashers.PBKDF2PasswordHasher",
        "manybase.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
    ],
}

OPTIONAL: frozenset[str] = frozenset({"AUTH_PROFILE_MODULE"})
"""Names that are known but absent until a source gives them."""

KNOWN: frozenset[str] = frozenset(DEFAULTS) | OPTIONAL
