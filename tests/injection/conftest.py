"""The rows that must still be there afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from manybase.contrib.contenttypes.models import ContentType
from tests.databases import Databases
from tests.language.rows import make_shop


@pytest.fixture(scope="module")
def shop(databases: Databases) -> Iterator[SimpleNamespace]:
    """The rows of ``tests.language.rows``."""
    ContentType.objects.clear_cache()
    yield make_shop()
    databases.flush()
    ContentType.objects.clear_cache()
