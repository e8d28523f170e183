"""Every example of the documentation runs and prints what the page shows; links lead somewhere."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from manybase.cli.main import COMMANDS
from tests.docs.pages import ROOT, Block, Session, pages, sessions
from tests.docs.session import commands

PAGES = pages()
SESSIONS = [session for page in PAGES for session in sessions(page)]
BLOCKS = [(s.page, b) for s in SESSIONS for b in s.blocks if b.language == "console"]
_LINK = re.compile(r"\[[^\]]+\]\((?P<target>[^)\s]+)\)")


@pytest.mark.parametrize("session", SESSIONS, ids=str)
def test_the_examples_of_a_page_run_as_shown(session: Session, tmp_path: Path) -> None:
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("DATABASE_URL", "MANYBASE_", "PYTEST_"))
    }

    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-m",
            "tests.docs.session",
            session.page,
            f"{session.number}",
        ],
        cwd=tmp_path,
        env={**environment, "PYTHONUTF8": "1", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize(("page", "block"), BLOCKS, ids=lambda v: getattr(v, "line", v))
def test_commands_that_are_shown_exist(page: str, block: Block) -> None:
    shown = commands(block.source)

    assert shown, f"{page}, line {block.line}: a command begins with '$ '"
    for command, _ in shown:
        assert _exists(shlex.split(command)), f"{page}, line {block.line}: {command}"


def _exists(words: list[str]) -> bool:
    if words[0].startswith("scripts/"):
        return os.access(ROOT / words[0], os.X_OK)
    if words[0] == "manybase":
        return next(word for word in words[1:] if not word.startswith("-")) in COMMANDS
    if words[:2] == ["pip", "install"]:
        known = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        extras = re.findall(r"\[([\w,]+)\]", " ".join(words))
        return all(
            e in known["optional-dependencies"] for names in extras for e in names.split(",")
        )
    return words[0] in ("python", "export", "git", "cd", "pytest")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_to_a_page_and_a_heading(page: Path) -> None:
    for target in _links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page

        assert file.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in _anchors(file), f"{page.name} links to {target}"


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    reached = {(index.parent / target.partition("#")[0]).resolve() for target in _links(index)}

    assert {p for p in PAGES if p.is_relative_to(index.parent)} - reached == {index}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_page_names_no_place_of_one_machine(page: Path) -> None:
    text = page.read_text("utf-8")

    assert not re.search(r"(?<![\w.])/(?:home|tmp|work|root|Users)/", text)


def _links(page: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for match in _LINK.finditer(text):
        if "://" not in match["target"]:
            yield match["target"]


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}
