"""``manybase loaddata`` on two databases of a program with its own application."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent.parent / "src"

MODELS = """
from manybase import models


class Book(models.Model):
    title = models.CharField(max_length=50)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A program with one application, tables in two databases, and fixtures."""
    (tmp_path / "shop" / "fixtures").mkdir(parents=True)
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "models.py").write_text(MODELS)
    (tmp_path / "pyproject.toml").write_text(
        "[tool.manybase]\ninstalled_apps = ['shop']\n[tool.manybase.databases]\n"
        "default = 'sqlite:///default.sqlite3'\neu = 'sqlite:///eu.sqlite3'\n"
    )
    for name, title in [("books", "Emma"), ("books.eu", "Agnes Grey")]:
        text = f'[{{"model": "shop.book", "fields": {{"title": "{title}"}}}}]'
        (tmp_path / "shop" / "fixtures" / f"{name}.json").write_text(text)
    make = (
        "import manybase; manybase.setup(); from shop.models import Book\n"
        "manybase.models.create_tables(Book); manybase.models.create_tables(Book, using='eu')\n"
    )
    done = run(tmp_path, "-c", make)
    assert done.stderr == ""
    return tmp_path


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATABASE_URL", "MANYBASE_SETTINGS"))
    }
    return subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(SOURCE), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def titles(folder: Path, alias: str) -> list[str]:
    connection = sqlite3.connect(folder / f"{alias}.sqlite3")
    try:
        return [title for (title,) in connection.execute("select title from shop_book order by 1")]
    finally:
        connection.close()


def test_each_database_gets_its_fixtures(shop: Path) -> None:
    done = run(shop, "-m", "manybase.cli", "loaddata", "books")

    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "Installed 3 object(s) from 2 fixture(s)",
        "default: 1 object(s)",
        "eu: 2 object(s)",
    ]
    assert titles(shop, "default") == ["Emma"]
    assert titles(shop, "eu") == ["Agnes Grey", "Emma"]


def test_one_database_may_be_named(shop: Path) -> None:
    done = run(shop, "-m", "manybase.cli", "loaddata", "books", "--database", "default")

    assert done.returncode == 0
    assert titles(shop, "eu") == []


def test_a_misspelled_fixture_is_refused_with_the_right_name(shop: Path) -> None:
    done = run(shop, "-m", "manybase.cli", "loaddata", "boks")

    assert done.returncode == 1
    assert "FixtureError MB-X001" in done.stderr
    assert "books" in done.stderr
