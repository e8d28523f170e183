"""The parts of the language: their mark, the rows they ask for, and what was found out.

Each test says with ``part("QuerySet.annotate")`` what it shows. With ``MANYBASE_MATRIX_RESULTS``
set to a file's path each outcome is written there, for ``tools/generate_matrix.py``.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from manybase.contrib.contenttypes.models import ContentType
from manybase.errors import NotSupportedError
from manybase.runtime import sync as sync_face
from tests.databases import Databases
from tests.language.rows import make_shop

RESULTS = os.environ.get("MANYBASE_MATRIX_RESULTS")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "part(name): the part of the query language that is shown")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Iterator[None]:
    """Write down what a test found out about its part."""
    report: Any = yield
    parts = [mark.args[0] for mark in item.iter_markers("part")]
    if RESULTS and parts and (report.when == "call" or report.failed):
        found = dict(item.user_properties)
        params = getattr(item, "callspec", SimpleNamespace(params={})).params
        line = {
            "parts": parts,
            "kind": found.get("database", ""),
            "face": params.get("face", ""),
            "passed": report.passed,
            "cannot": found.get("cannot", ""),
        }
        with Path(RESULTS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return report


@pytest.fixture
def cannot(databases: Databases, request: pytest.FixtureRequest) -> Any:
    """``with cannot("distinct_on"):`` the block works, or is refused with the dialect's reason."""

    @contextlib.contextmanager
    def block(
        feature: str, error: type[Exception] = NotSupportedError, silently: bool = False
    ) -> Iterator[None]:
        features = sync_face.dialect("default").features
        if getattr(features, feature):
            yield
            return
        reason = features.why(feature)
        assert reason, f"the dialect gives no reason for the missing '{feature}'"
        request.node.user_properties.append(("cannot", feature))
        if silently:
            yield
            return
        with pytest.raises(error) as raised:
            yield
        assert reason in str(raised.value)

    return block


@pytest.fixture(scope="module")
def shop(databases: Databases) -> Iterator[SimpleNamespace]:
    """The rows of ``rows.make_shop``, for all tests of a module that only read."""
    ContentType.objects.clear_cache()
    yield make_shop()
    databases.flush()
    ContentType.objects.clear_cache()


@pytest.fixture
def fresh(databases: Databases) -> Iterator[SimpleNamespace]:
    """The same rows for one test that writes; the asynchronous face really has its own driver."""
    ContentType.objects.clear_cache()
    yield make_shop()
    databases.flush()
    ContentType.objects.clear_cache()


@pytest.fixture
def empty(databases: Databases) -> Iterator[Databases]:
    """No rows; what the test writes is taken away again."""
    yield databases
    databases.flush()
