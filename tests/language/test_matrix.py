"""The matrix of the documentation says what the tests of this folder found out."""

from __future__ import annotations

import json

import pytest

from tools import generate_matrix


def test_the_page_is_current() -> None:
    assert generate_matrix.main(["--check"]) == 0


def test_the_page_has_every_marked_part(request: pytest.FixtureRequest) -> None:
    """Parts that are marked on the collected tests stand in the matrix, on every database."""
    outcome = json.loads(generate_matrix.OUTCOME.read_text("utf-8"))
    marked = {m.args[0] for item in request.session.items for m in item.iter_markers("part")}

    assert marked <= outcome.keys()
    page = generate_matrix.PAGE.read_text("utf-8")
    assert "not shown" not in page
    assert "not written" not in page
    assert "cannot: |" not in page
