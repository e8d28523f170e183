"""Where settings come from, and which databases they declare.

``settings`` carries Django's setting names; ``databases()`` is the parsed form of ``DATABASES``.
Sources, strongest first: the program, the environment, a settings module, ``pyproject.toml``, the
defaults. Nothing here opens a connection or imports a driver; every layer may read it.
"""

from __future__ import annotations

from manybase.conf.changes import subscribe
from manybase.conf.database import DatabaseSettings
from manybase.conf.declared import configure, databases
from manybase.conf.settings import Settings, settings

__all__ = [
    "DatabaseSettings",
    "Settings",
    "configure",
    "databases",
    "settings",
    "subscribe",
]
