"""What runners of tests import, under Django's names; the work is in ``databases``."""

from __future__ import annotations

from manybase.test.databases import setup_databases, teardown_databases
from manybase.test.overriding import modify_settings, override_router, override_settings
from manybase.test.queries import CaptureQueriesContext

__all__ = [
    "CaptureQueriesContext",
    "modify_settings",
    "override_router",
    "override_settings",
    "setup_databases",
    "teardown_databases",
]
