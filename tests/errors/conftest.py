"""The tests of errors that need a database run on each kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from manybase.contrib.contenttypes.models import ContentType
from tests.databases import Databases


@pytest.fixture
def places(db: Databases) -> Iterator[Databases]:
    """The databases of the test."""
    ContentType.objects.clear_cache()
    yield db
    ContentType.objects.clear_cache()
