"""The command line: what it prints and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from manybase.cli import main as command_line
from manybase.conf import Settings
from manybase.meta.registry import registry

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    own_settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Run ``manybase`` with these words; returns its exit code and what it printed."""
    monkeypatch.setattr(registry, "_waiting", {})
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("MANYBASE_SETTINGS_MODULE", "")

    def call(*words: str) -> tuple[int, str, str]:
        code = command_line.main(list(words))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def test_version_names_python_and_the_drivers(run: Run) -> None:
    code, out, _ = run("version")

    assert code == 0
    assert out.split()[0] == "manybase"
    assert "SQLAlchemy" in out


def test_help_lists_every_command(run: Run) -> None:
    code, out, _ = run("--help")

    assert code == 0
    for name in command_line.COMMANDS:
        assert name in out


def test_a_misspelled_command_is_answered_with_the_right_one(run: Run) -> None:
    code, _, err = run("chek")

    assert code == 2
    assert "no command 'chek'. Did you mean 'check'?" in err


def test_check_without_settings_says_what_to_type(run: Run) -> None:
    code, _, err = run("check")

    assert code == 2
    assert "ConfigurationError MB-C001" in err
    assert "no database is configured" in err
    assert 'Type manybase.configure("sqlite:///shop.db")' in err


def test_check_shows_the_databases_without_passwords(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://ann:secret@db.example/shop")

    code, out, err = run("check")

    assert code == 0
    assert "postgresql://ann:***@db.example/shop" in out
    assert "secret" not in out + err


def test_check_finds_a_relation_to_a_model_that_nobody_defines(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_waiting", {("shop", "autor"): []})
    monkeypatch.setenv("DATABASE_URL", "sqlite://")

    code, out, _ = run("check")

    assert code == 1
    assert "a relation names the model 'shop.autor', which is not defined." in out


def test_a_settings_module_can_be_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings_of_cli.py").write_text("DATABASES = {'eu': 'sqlite:///eu.db'}\n")
    monkeypatch.syspath_prepend(tmp_path)

    code, out, _ = run("--settings", "settings_of_cli", "check")

    assert code == 0
    assert "sqlite:///eu.db" in out


def test_a_defect_is_shown_with_its_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr("manybase.cli.version.installed", fail)

    code, _, err = run("version")

    assert code == 3
    assert "nothing to divide by" in err
    assert "this is not an error that Manybase expects" in err


def test_the_traceback_of_an_error_can_be_asked_for(run: Run) -> None:
    code, _, err = run("--traceback", "check")

    assert code == 2
    assert "Traceback (most recent call last)" in err
