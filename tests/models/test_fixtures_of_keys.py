"""Composite keys and generated columns in fixtures: written and read back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from manybase import fixtures
from tests.constraints.models import Box, Hall, Seat


@pytest.mark.usefixtures("db")
def test_written_and_read_back(tmp_path: Path) -> None:
    hall = Hall.objects.create(name="main")
    Seat.objects.create(hall=hall, number=7, taken_by="Ann")
    Box.objects.create(width=3, height=4)
    path = tmp_path / "things.json"
    path.write_text(
        fixtures.dump("constraining.Hall", "constraining.Seat", "constraining.Box", using="default")
    )
    records = {record["model"]: record for record in json.loads(path.read_text())}
    assert records["constraining.seat"]["pk"] == [hall.pk, 7]
    assert "area" not in records["constraining.box"]["fields"]

    fixtures.load(str(path), using="other")
    seat = Seat.objects.using("other").get()
    assert (seat.pk, seat.taken_by) == ((hall.pk, 7), "Ann")
    assert Box.objects.using("other").get().area == 12
