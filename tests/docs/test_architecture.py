"""What ARCHITECTURE.md and the explanations name is there: packages, modules, functions."""

from __future__ import annotations

import importlib
import re
import tomllib

import pytest

from tests.docs.pages import ROOT

SOURCE = ROOT / "src" / "manybase"
PACKAGES = sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))
TEXTS = [
    "ARCHITECTURE.md",
    *(f"docs/explanation/{p.name}" for p in sorted((ROOT / "docs/explanation").iterdir())),
]


def named(page: str) -> list[str]:
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text("utf-8"), flags=re.DOTALL)
    first = "|".join([*PACKAGES, "errors"])
    words = re.findall(r"`([^`\n]+)`", text)
    return sorted({word for word in words if re.fullmatch(rf"(?:{first})(?:[/.][\w/.]*)?", word)})


@pytest.mark.parametrize("page", TEXTS)
def test_what_is_named_exists(page: str) -> None:
    for name in named(page):
        assert _exists(name), f"{page} names {name}"


def _exists(name: str) -> bool:
    if "/" in name:
        path = SOURCE / name
        return path.is_file() if name.endswith(".py") else path.is_dir()
    if (SOURCE / name).is_dir():
        return True
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(["manybase", *parts[:size]]))
        except ModuleNotFoundError:
            continue
        for part in parts[size:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


def test_enough_is_named_to_be_worth_the_check() -> None:
    assert len(named("ARCHITECTURE.md")) > 100


def test_every_package_has_a_place_in_the_layers() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d) \| ([^|]+) \|", text, flags=re.MULTILINE)
    told = [set(re.findall(r"`(\w+)`", names)) for _, names in rows]

    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = [
        {name for name in re.findall(r"\w+", line) if name in PACKAGES or name == "errors"}
        for line in contract["contracts"][0]["layers"]
    ]

    assert [number for number, _ in rows] == list("9876543210")
    assert told == layers
