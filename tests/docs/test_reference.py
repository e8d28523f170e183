"""The reference is complete: what is public stands on its page."""

from __future__ import annotations

import inspect
import re

import pytest

from manybase import errors, models
from manybase.conf.defaults import KNOWN
from manybase.meta.options import META_NAMES
from manybase.query.path import LOOKUPS, TRANSFORMS
from manybase.query.state import Placement
from tests.docs.pages import ROOT

FIELDS = sorted(
    name
    for name in models.__all__
    if name.endswith(("Field", "ForeignKey")) and name not in ("Field", "RelatedField")
)
OPTIONS = sorted(
    set(inspect.signature(models.Field.__init__).parameters)
    - {"self", "name", "max_length", "auto_created"}
)
EXPRESSIONS = sorted(
    name
    for name in models.__all__
    if isinstance(getattr(models, name), type)
    and issubclass(getattr(models, name), (models.Expression, models.When))
    and name != "Expression"
)
FUNCTIONS = [
    name
    for name in EXPRESSIONS
    if getattr(models, name).__module__.startswith("manybase.query.functions.")
]
ERRORS = [
    (name, one)
    for name, one in vars(errors).items()
    if isinstance(one, type) and issubclass(one, errors.ManybaseError)
]


def words(page: str) -> set[str]:
    """Return what stands between backticks on a page, calls and paths cut to their names."""
    text = re.sub(
        r"```.*?```", "", (ROOT / "docs/reference" / page).read_text("utf-8"), flags=re.DOTALL
    )
    return {name for code in re.findall(r"`([^`\n]+)`", text) for name in re.findall(r"\w+", code)}


def terminals() -> list[str]:
    names = [name for name, value in inspect.getmembers(models.QuerySet) if name[0] != "_"]
    state = {name for one in models.QuerySet.__mro__ for name in getattr(one, "__slots__", ())}
    state.update(Placement._fields)
    return [n for n in names if n not in state and not (n[0] == "a" and n[1:] in names)]


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("fields.md", FIELDS),
        ("fields.md", OPTIONS),
        ("fields.md", sorted(META_NAMES)),
        ("fields.md", ["create_tables", "drop_tables"]),
        ("querysets.md", sorted(set(terminals()) - {"is_sliced", "shape"})),
        ("querysets.md", sorted({*EXPRESSIONS} - {*FUNCTIONS})),
        ("functions.md", FUNCTIONS),
        ("lookups.md", sorted(LOOKUPS.union(*TRANSFORMS.values()))),
        ("settings.md", sorted(KNOWN)),
        ("errors.md", sorted(name for name, _ in ERRORS)),
    ],
    ids=[
        "fields",
        "options",
        "meta",
        "tables",
        "querysets",
        "expressions",
        "functions",
        "lookups",
        "settings",
        "errors",
    ],
)
def test_the_reference_names_everything(page: str, names: list[str]) -> None:
    missing = set(names) - words(page)

    assert not missing, f"docs/reference/{page} does not tell of {', '.join(sorted(missing))}"


def test_errors_are_told_with_their_codes() -> None:
    text = (ROOT / "docs/reference/errors.md").read_text("utf-8")
    told = re.findall(r"^\| `(\w+)`[^|]*\|([^|]*)\| `(MB-\w+)` \|", text, flags=re.MULTILINE)

    for name, others, code in told:
        one = getattr(errors, name)
        assert one.code == code, name
        bases = {base.__name__ for base in one.__mro__}
        assert set(re.findall(r"\w+", others.replace("`", ""))) <= bases, name
    assert {name for name, _, _ in told} >= {one.__name__ for _, one in ERRORS}


def test_only_settings_that_there_are_stand_in_the_table() -> None:
    text = (ROOT / "docs/reference/settings.md").read_text("utf-8").split("## A database")[0]

    assert set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)) == set(KNOWN)


def test_only_calls_that_there_are_stand_in_the_tables_of_querysets() -> None:
    text = (ROOT / "docs/reference/querysets.md").read_text("utf-8")
    tables = [part for part in text.split("\n## ") if part.startswith("Calls that")]
    cells = re.findall(r"^\| (`\w+\(.*?) \|", "\n".join(tables), flags=re.MULTILINE)
    calls = {name for cell in cells for name in re.findall(r"(?<![\w.])(\w+)\(", cell)}

    assert len(calls) > 30
    assert {name for name in calls if not hasattr(models.QuerySet, name)} == set()


def test_parameters_of_calls_are_told_as_they_are() -> None:
    text = (ROOT / "docs/reference/querysets.md").read_text("utf-8")

    for name in terminals():
        for told in re.findall(rf"`{name}\(([^`]*)\)`", text):
            known = inspect.signature(getattr(models.QuerySet, name)).parameters
            assert set(re.findall(r"(\w+)=", told)) <= set(known), name
