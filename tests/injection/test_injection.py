"""Texts that would do harm as SQL, given to every place that takes a name, a word or a text."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manybase.errors import (
    DatabaseError,
    DataError,
    IntegrityError,
    ManybaseError,
    NotSupportedError,
    ObjectDoesNotExist,
)
from manybase.models import Q
from manybase.runtime.events import capture
from tests.databases import Databases
from tests.injection.places import ALIASES, LABELS, PLACES, UNKNOWN_TO_DATABASE
from tests.language.models import Title

pytestmark = pytest.mark.usefixtures("shop")

ATTACKS = [
    'x"; DROP TABLE language_title; --',
    "x'; DELETE FROM language_title WHERE '1'='1",
    "x` FROM language_title; --",
    'pages" AS "x", (SELECT 1) AS "y',
    "name) FROM language_title; --",
    "x y",
    "x/**/y",
    "x--",
    "x;",
    "x\\",
    "%s",
    "%(x)s",
    "$1",
    "?",
    ":x",
    "a.b",
    "crosstab(text)",
    "OR 1=1",
    "AND",
    "day FROM edited) --",
    "\x00",
    "",
]


QUOTED = {
    "sqlite": r"""'(?:''|[^'])*'|"(?:""|[^"])*\"""",
    "postgresql": r"""'(?:''|[^'])*'|"(?:""|[^"])*\"""",
    "mysql": r"""'(?:''|\\.|[^'\\])*'|"(?:""|[^"])*"|`(?:``|[^`])*`""",
}
#: Errors of the database that are about values and rows; a syntax error is none of them.
ABOUT_VALUES = (NotSupportedError, ObjectDoesNotExist, IntegrityError, DataError)


def attempt(name: str, text: str, kind: str) -> None:
    """Give a text to a place: refused before it reaches the database, or quoted, or bound."""
    _run(name, text, may_fail=name in UNKNOWN_TO_DATABASE)
    marked = f"q7{text}7q"
    for sql in _run(name, marked, may_fail=name in UNKNOWN_TO_DATABASE):
        bare = re.sub(QUOTED[kind], "", sql)
        if "q7" in bare or "7q" in bare:
            assert name in LABELS and marked.isidentifier(), f"{name}: {text!r} stands in {sql}"


def _run(name: str, text: str, may_fail: bool) -> list[str]:
    """What was sent for it."""
    with capture() as log:
        try:
            PLACES[name](text)
        except ABOUT_VALUES:
            pass
        except DatabaseError as error:
            if not may_fail:
                raise AssertionError(f"{name}: {text!r} reached the database: {error}") from error
        except ManybaseError:
            pass
    return log.sql


@pytest.mark.parametrize("name", PLACES)
def test_attacks_are_quoted_bound_or_refused(
    name: str, databases: Databases, shop: SimpleNamespace
) -> None:
    with databases.rolled_back():
        for text in ATTACKS:
            attempt(name, text, databases.kind)
    assert Title.objects.count() == 5


@pytest.mark.parametrize("name", ALIASES)
def test_aliases_must_be_identifiers(name: str, databases: Databases) -> None:
    """Refused at the call, with what is allowed; JSON keys are bound and may be anything."""
    if name == "JSONObject":
        return
    for text in (one for one in ATTACKS if not one.isidentifier()):
        with capture() as log, pytest.raises(ManybaseError, match=r"identifier|letters"):
            ALIASES[name](text)
        assert not log


def test_internal_keywords_of_conditions() -> None:
    """``filter(**user_input)`` takes names of fields only; nothing becomes a connector."""
    for name in ("_connector", "_negated"):
        for value in ("OR", True, "OR 1=1) --"):
            for call in (Title.objects.filter, Title.objects.exclude, Title.objects.get):
                with pytest.raises(ManybaseError, match=f"'{name}'"):
                    call(**{name: value, "name": "A"})
    for value in ("OR 1=1) --", "or", "", 1):
        with pytest.raises(ManybaseError, match="must be 'AND', 'OR' or 'XOR'"):
            Q(name="A", _connector=value)


def test_bound_texts_come_back_as_they_are(kind: str) -> None:
    """What is bound is compared, not run."""
    for text in (one for one in ATTACKS if "\x00" not in one):
        assert list(Title.objects.filter(name=text)) == []
        found = Title.objects.annotate(x=_value(text)).filter(name="A").get()
        assert found.x == text


def _value(text: str) -> Any:
    from manybase.models import Value

    return Value(text)


def test_delimiters_are_bound() -> None:
    from manybase.models import StringAgg, Value

    found = Title.objects.aggregate(x=StringAgg("name", Value("', '"), order_by="name"))
    assert found == {"x": "A', 'B', 'C', 'D', 'E"}


texts = st.one_of(
    st.text(max_size=12),
    st.lists(
        st.sampled_from(
            ["name", "pages", "data", "__", "'", '"', "`", ";", "--", "/*", ")", "(", " ", "%",
             "%s", "$1", "\\", " OR 1=1", "\x00", "é", ".", ",", "{", "}", "[", "]", ":"]
        ),
        min_size=1,
        max_size=6,
    ).map("".join),
)  # fmt: skip
EXAMPLES = {"sqlite": 400, "postgresql": 300, "mysql": 300}


def test_any_text_anywhere(databases: Databases, shop: SimpleNamespace) -> None:
    """Hypothesis makes the texts and chooses the places."""

    @settings(
        max_examples=EXAMPLES[databases.kind],
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(name=st.sampled_from(sorted(PLACES)), text=texts)
    def examine(name: str, text: str) -> None:
        with databases.rolled_back():
            attempt(name, text, databases.kind)

    examine()
    assert Title.objects.count() == 5
