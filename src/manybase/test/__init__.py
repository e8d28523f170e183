"""The test kit: test cases that keep databases apart and clean, and tools beside them.

Run with unittest or pytest. ``test.utils`` makes the test databases; nothing that runs in
production imports this package.
"""

from __future__ import annotations

from manybase.test.atomic import TestCase
from manybase.test.overriding import modify_settings, override_router, override_settings
from manybase.test.queries import CaptureQueriesContext
from manybase.test.simple import SimpleTestCase
from manybase.test.skips import skipIfDBFeature, skipUnlessDBFeature, tag
from manybase.test.transactions import TransactionTestCase

__all__ = [
    "CaptureQueriesContext",
    "SimpleTestCase",
    "TestCase",
    "TransactionTestCase",
    "modify_settings",
    "override_router",
    "override_settings",
    "skipIfDBFeature",
    "skipUnlessDBFeature",
    "tag",
]
