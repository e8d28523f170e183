"""mypy --strict and pyright accept the guide to types."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import pages

GUIDE = pages.ROOT / "docs" / "howto" / "typing.md"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("checker", ["mypy --strict", "pyright"])
def test_the_guide_to_types_is_right(checker: str, tmp_path: Path) -> None:
    files = []
    for session in pages.sessions(GUIDE):
        for block in (block for block in session.blocks if block.title):
            file = tmp_path / block.title
            file.parent.mkdir(exist_ok=True)
            file.write_text(block.source)
            files.append(block.title)

    search = f"{pages.ROOT}/src{os.pathsep}{tmp_path}"
    done = subprocess.run(
        [sys.executable, "-m", *checker.split(), *files],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": search, "PYTHONPATH": search},
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(files) == 4
    assert done.returncode == 0, done.stdout + done.stderr
