"""The size check itself: what it refuses, what it only warns of, what it lets pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import check_sizes


def texts(source: str, path: str = "ops/save.py") -> list[str]:
    return [finding.text for finding in check_sizes.check_module(path, source)]


def test_a_module_needs_a_docstring_and_may_be_empty() -> None:
    assert texts("x = 1\n") == ["the module has no docstring"]
    assert texts("") == []


@pytest.mark.parametrize(("lines", "fails"), [(450, False), (501, True)])
def test_long_modules_are_warned_of_and_then_refused(lines: int, fails: bool) -> None:
    source = '"""What it is."""\n' + "x = 1\n" * (lines - 1)

    (finding,) = check_sizes.check_module("ops/save.py", source)

    assert finding.text == f"the module has {lines} lines (aim 400, stop 500)"
    assert finding.fails is fails


def test_a_docstring_does_not_count_as_length_of_a_function() -> None:
    head = '"""What it is."""\ndef save():\n    """' + "word\n" * 70 + '    """\n'

    assert texts(head + "    x = 1\n" * 39) == []
    assert texts(head + "    x = 1\n" * 60) == ["save() has 61 lines (aim 40, stop 60)"]


def test_twins_and_overloads_count_once_in_a_class() -> None:
    pairs = "".join(
        f"    def m{n}(self): pass\n    async def am{n}(self): pass\n" for n in range(25)
    )
    overloads = "    @overload\n    def m0(self): pass\n" * 5

    assert texts(f'"""What it is."""\nclass Face:\n{overloads}{pairs}') == []
    assert texts(f'"""What it is."""\nclass Face:\n{pairs}    def more(self): pass\n') == [
        "class Face has 26 methods (aim 25, stop 40)"
    ]


@pytest.mark.parametrize(
    "line",
    [
        'x = name == "postgresql"',
        "is_mysql = True",
        "import sqlite3",
        "y = a.sqlite",
        "def mysql(): 0",
    ],
)
def test_a_database_is_named_in_its_dialect_only(line: str) -> None:
    source = f'"""About mysql, which a docstring may say."""\n{line}\n'

    assert len(texts(source)) == 1
    assert texts(source, "dialects/base.py") == []


@pytest.mark.parametrize("line", ['x = "sqlite:///shop.db"', 'y = "PyMySQL"', "z = nosql"])
def test_urls_and_drivers_are_no_names_of_databases(line: str) -> None:
    assert texts(f'"""What it is."""\n{line}\n') == []


def test_the_command_tells_the_number_of_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "one.py").write_text("x = 1\n")

    assert check_sizes.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == (
        "one.py:1: error: the module has no docstring\nsizes: 1 errors, 0 warnings\n"
    )
