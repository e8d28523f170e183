"""Whatever text a program is given, it is a value or is refused; it is never part of SQL."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manybase.errors import ManybaseError
from manybase.models import Case, F, Func, RawSQL, StringAgg, TextField, Value, When
from manybase.models.functions import (
    Collate,
    Concat,
    Extract,
    JSONArray,
    JSONObject,
    LPad,
    Replace,
    StrIndex,
    Trunc,
)
from manybase.models.lookups import Contains, Exact, In
from tests.functions.models import Piece

EVIL = st.sampled_from(
    ["'", '"', "`", "\\", "%s", "%(a)s", "%%", "?", ":p0", "$1", "--", "/*", "*/", ";", "')", "\\'"]
)
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00", max_codepoint=0x1F600)
PARTS = st.lists(st.one_of(EVIL, st.text(LETTERS, max_size=3)), min_size=1, max_size=4)
TEXTS = PARTS.map("".join).filter(bool)
FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def pieces(places: Any) -> None:
    """Two rows, a and b."""
    Piece.objects.create(name="a")
    Piece.objects.create(name="b")


@FEW
@given(text=TEXTS)
@pytest.mark.usefixtures("pieces")
def test_texts_come_back(text: str) -> None:
    """Values, delimiters, keys of JSON, fill texts and parameters come back as they were given."""
    rows = Piece.objects.annotate(
        plain=Concat(Value(text), "name"),
        keys=JSONObject(**{text: "name"}),
        listed=JSONArray(Value(text)),
        padded=LPad("name", len(text) + 1, Value(text)),
        replaced=Replace(Value(f"{text}a"), "name", Value(text)),
        place=StrIndex(Concat("name", Value(text)), Value(text)),
        raw=RawSQL("%s", (text,), output_field=TextField()),
        composed=Func(Value(text), template="COALESCE(%(expressions)s, '%%')"),
        chosen=Case(When(Exact(Value(text), text), then=Value(text))),
    )
    row = rows.get(name="a")
    assert row.plain == f"{text}a"
    assert row.keys == {text: "a"}
    assert row.listed == [text]
    assert row.padded == f"{text}a"
    assert row.raw == row.composed == row.chosen == text
    assert row.replaced == f"{text}a".replace("a", text)
    assert row.place == f"a{text}".index(text) + 1
    assert rows.filter(Contains("plain", text), In("raw", [text, "-"])).count() == 2
    joined = Piece.objects.aggregate(x=StringAgg("name", text, order_by="name"))["x"]
    assert joined == f"a{text}b"


@FEW
@given(text=TEXTS)
@pytest.mark.usefixtures("pieces")
def test_words_are_refused(text: str) -> None:
    """Parts, kinds, zones, names of functions, collations and fields are known, or refused."""
    for make in (
        lambda: Extract("moment", text),
        lambda: Trunc("moment", text),
        lambda: Trunc("moment", "day", tzinfo=text),
        lambda: Func("name", function=f"{text}("),
        lambda: Collate("name", f"{text} "),
        lambda: Piece.objects.annotate(x=F(f"{text} ")),
        lambda: Piece.objects.annotate(x=StringAgg("name", ",", order_by=f"{text} ")),
        lambda: Piece.objects.annotate(**{f"{text} ": F("name")}),
    ):
        with pytest.raises(ManybaseError):
            make()
    assert Piece.objects.count() == 2
