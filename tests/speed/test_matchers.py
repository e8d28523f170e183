"""Functions that are generated for calls that come often take what the words of a call take."""

from __future__ import annotations

import datetime
import enum
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manybase.errors import FieldValueError
from manybase.models import Avg, Count, F, Max, Q, Sum, Value
from manybase.query.branch import forget, root
from manybase.query.matcher import MATCHED_FROM, MOST_MATCHERS, matcher
from tests.databases import Databases
from tests.speed.counting import frames_of
from tests.speed.models import Book, Sample

OFTEN = MATCHED_FROM + 2
LOOKUPS: dict[str, list[Any]] = {
    "number": [1, 2, True, None, 2.5, Decimal(3), "7"],
    "number__gte": [1, 2.5, Decimal("2.5"), "3"],
    "text": ["a", "b", None],
    "text__startswith": ["a", ""],
    "price__lt": [Decimal("1.500"), Decimal("1.23456"), 2, 2.5, "3"],
    "day__gt": [datetime.date(2026, 1, 2), "2026-01-03"],
    "flag": [True, False, None],
    "raw__isnull": [True, False],
}
LEAVES = st.sampled_from(sorted(LOOKUPS)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(LOOKUPS[name]))
)


def _q(leaf: tuple[str, Any]) -> Q:
    return Q(**{leaf[0]: leaf[1]})


TREES = st.recursive(
    LEAVES.map(_q),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: two[0] | two[1]),
        st.tuples(inner, inner).map(lambda two: two[0] & two[1]),
        st.tuples(inner, inner).map(lambda two: two[0] ^ two[1]),
        inner.map(lambda one: ~one),
        inner.map(lambda one: Q(one, number=1)),
        st.just(Q()),
    ),
    max_leaves=5,
)
CALLS = st.tuples(st.lists(TREES, max_size=2), st.lists(LEAVES, max_size=3).map(dict))


def _said(args: list[Q], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    try:
        rows = Sample.objects.filter(*args, **kwargs)
        return rows.shape, rows.params, [type(value) for value in rows.params]
    except FieldValueError as error:
        return (str(error),)


@given(st.lists(CALLS, min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_a_call_that_comes_often_says_the_same(
    calls: list[tuple[list[Q], dict[str, Any]]],
) -> None:
    expected = []
    for call in calls:
        forget()
        expected.append(_said(*call))
    forget()
    for _ in range(OFTEN):
        found = [_said(*call) for call in calls]
    assert found == expected


def _often(make: Any) -> Any:
    for _ in range(OFTEN):
        made = make()
    return made


def test_other_kinds_of_values_are_told_apart(db: Databases) -> None:
    class Number(enum.IntEnum):
        ONE = 1

    class Text(str):
        __slots__ = ()

    for first in (1, True, None, "1", 1.0, Decimal(1), Number.ONE):
        forget()
        _often(lambda first=first: Sample.objects.filter(Q(number=first) | Q(text="a"), ratio=1.5))
        for other in (1, True, None, "1", 1.0, Decimal(1), Number.ONE):
            rows = Sample.objects.filter(Q(number=other) | Q(text=Text("a")), ratio=1.5)
            forget()
            fresh = Sample.objects.filter(Q(number=other) | Q(text=Text("a")), ratio=1.5)
            assert (rows.shape, rows.params) == (fresh.shape, fresh.params)


def test_values_are_checked_each_time(db: Databases) -> None:
    _often(lambda: Sample.objects.filter(Q(number="1") | Q(day="2026-01-02")))
    with pytest.raises(FieldValueError, match="number"):
        Sample.objects.filter(Q(number="one") | Q(day="2026-01-02"))
    with pytest.raises(FieldValueError, match="day"):
        Sample.objects.filter(Q(number="1") | Q(day="yesterday"))


def test_a_condition_that_was_changed_by_hand_is_looked_at(db: Databases) -> None:
    def rows(change: Any = None) -> Any:
        condition = Q(number=1) | Q(text="a")
        if change is not None:
            change(condition)
        return Sample.objects.filter(condition)

    known = _often(rows)
    assert known.params == (1, "a")
    assert rows(lambda q: q.children.append(("ratio", 2.5))).params == (1, "a", 2.5)
    assert rows(lambda q: q.children.pop()).params == (1,)
    assert rows(lambda q: setattr(q, "connector", "AND")).shape != known.shape
    assert rows(lambda q: setattr(q, "negated", True)).shape != known.shape
    assert rows(lambda q: q.children.reverse()).params == ("a", 1)
    with pytest.raises(Exception, match="list"):
        rows(lambda q: q.children.__setitem__(0, ["number", 1]))


def test_annotations_and_assignments_are_told_apart(db: Databases) -> None:
    calls: list[dict[str, Any]] = [
        {"n": Count("id")},
        {"n": Count("id", distinct=True)},
        {"n": Count("id", filter=Q(pages=1))},
        {"n": Sum("pages")},
        {"n": Sum("pages", default=0)},
        {"n": Max("pages")},
        {"n": Avg(F("pages") + 1)},
        {"n": Avg(F("pages") * 2)},
        {"n": F("pages") + 1},
        {"n": F("pages") + Value(1)},
        {"n": F("pages") - 1},
        {"n": 1 - F("pages")},
        {"n": F("title")},
    ]
    sets: list[dict[str, Any]] = [
        {"pages": 1},
        {"pages": F("pages") + 1},
        {"pages": F("pages") + 2},
        {"pages": F("pages") - 1},
        {"pages": F("id")},
        {"pages": Value(3)},
        {"title": "a", "pages": F("pages") + 1},
        {"title": F("title")},
    ]

    def said(call: dict[str, Any]) -> tuple[Any, ...]:
        rows = Book.objects.values_list("author_id").annotate(**call)
        return rows.shape, rows.params, dict(rows.annotations or {}).keys()

    def written(call: dict[str, Any]) -> tuple[Any, ...]:
        _, rows, _ = Book.objects.filter(pages=0)._recorded_update(call)
        return rows.shape, rows.params

    for say, given_calls in ((said, calls), (written, sets)):
        expected = []
        for call in given_calls:
            forget()
            expected.append(say(call))
        forget()
        found = [[say(call) for call in given_calls] for _ in range(OFTEN)][-1]
        assert found == expected


def test_a_call_that_comes_often_is_not_told_by_words(db: Databases) -> None:
    def rows() -> Any:
        return Sample.objects.filter(Q(number=1) | Q(text="a"), price__lt=Decimal("1.500"))

    forget()
    _often(rows)
    assert not [one for one in frames_of(rows) if "words.py" in one]


def test_few_functions_are_kept_for_the_same_names(db: Databases) -> None:
    forget()
    for kinds in range(2 * MOST_MATCHERS):
        condition = Q(number=1)
        for _ in range(kinds):
            condition = condition | Q(text="a")
        _often(lambda condition=condition: Sample.objects.filter(condition, ratio=1.5))
    ((_, kept),) = root(Sample).matchers.items()
    assert len(kept) == MOST_MATCHERS


def test_what_is_more_than_plain_has_no_function() -> None:
    assert matcher((Q(number=F("ratio")),), {}, ()) is None
    assert matcher((), {"number": [1]}, ()) is None
    assert matcher((Q(F("flag")),), {}, ()) is None


def test_wide_and_deep_calls_have_no_function() -> None:
    wide = Q()
    for number in range(60):
        wide = wide | Q(number=number, text="a")
    deep = Q(number=1)
    for _ in range(150):
        deep = ~Q(deep, text="a")
    assert matcher((wide,), {}, ()) is None
    assert matcher((deep,), {}, ()) is None
    assert matcher((), {f"name{i}": i for i in range(101)}, ()) is None
    assert matcher((Q(number=1) | Q(text="a"),), {}, ()) is not None


def test_truth_is_compared_in_the_form_of_the_field(db: Databases) -> None:
    Sample.objects.create(number=1, text="True")
    for _ in range(OFTEN):
        assert Sample.objects.filter(Q(number=True), text=True).count() == 1
