"""Generated modules are current."""

from __future__ import annotations

import pytest

from manybase.models import Manager
from tools import generate_manager_methods


def test_methods_of_managers_are_those_of_querysets(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate_manager_methods.main(["--check"]) == 0, capsys.readouterr().out


def test_methods_that_type_checkers_see_exist() -> None:
    shown = {
        method.name
        for source in generate_manager_methods._sources()
        for owner in source.classes
        if owner.name in ("Building", "Answering", "Reading", "Writing")
        for method in generate_manager_methods._methods(owner)
    }

    assert {"filter", "aget", "bulk_create", "iterator"} <= shown
    assert [name for name in sorted(shown) if not hasattr(Manager, name)] == []


def test_a_module_that_is_not_current_is_named(
    tmp_path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "manager_methods.py"
    monkeypatch.setattr(generate_manager_methods, "TARGET", target)

    assert generate_manager_methods.main(["--check"]) == 1
    assert "run python tools/generate_manager_methods.py" in capsys.readouterr().out
    assert not target.exists()
    assert generate_manager_methods.main([]) == 0
    assert generate_manager_methods.main(["--check"]) == 0
    assert "class ReadingMethods" in target.read_text()
