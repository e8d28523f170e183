"""Every test of relations runs on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from manybase.contrib.contenttypes.models import ContentType
from tests.databases import Databases


@pytest.fixture(autouse=True)
def places(db: Databases) -> Iterator[Databases]:
    """The databases; content types found in an earlier test are forgotten."""
    ContentType.objects.clear_cache()
    yield db
    ContentType.objects.clear_cache()
