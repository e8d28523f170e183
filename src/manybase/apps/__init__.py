"""The installed applications and their models, in Django's words.

``setup()`` imports what ``INSTALLED_APPS`` names; ``apps`` answers which models there are. The
models themselves stand in ``meta.registry``, which this is the public face of.
"""

from __future__ import annotations

from manybase.apps.config import AppConfig
from manybase.apps.registry import Apps, apps, setup

__all__ = ["AppConfig", "Apps", "apps", "setup"]
