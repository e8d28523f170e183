"""Random plain queries: from pieces of text they come to what SQLAlchemy makes of them whole.

Conditions, orders, slices and choices of columns over models with keys to themselves, two keys to
one table, inherited tables; on every dialect, and with the rows found on each database.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manybase.models import F, Q
from manybase.query.compile import compile_whole
from manybase.query.compile.plain import compile_plain
from manybase.runtime import sync
from tests.behaviour.models import Bar, Book, Category, Joining, Member, Person
from tests.databases import Databases
from tests.speed.plain import dialects, difference, is_plain, rows_of

TEXTS = {
    Category: ["name", "parent__name", "parent__parent__name", "parent__parent__parent__name"],
    Joining: ["member__name", "invited_by__name", "club__name"],
    Book: ["title", "editor__name"],
    Bar: ["name", "street", "chef__name"],
}
KEYS = {
    Category: ["pk", "parent", "parent_id", "parent__parent", "parent__pk"],
    Joining: ["pk", "member", "invited_by", "invited_by_id", "club__id"],
    Book: ["pk", "editor", "pages", "editor__pk"],
    Bar: ["pk", "taps", "chef"],
}
RELATED = {
    Category: ["parent", "parent__parent"],
    Joining: ["member", "club", "invited_by"],
    Book: ["editor"],
    Bar: ["chef"],
}

VERBS = ("select", "get", "count")

texts = st.one_of(
    st.tuples(
        st.sampled_from(["exact", "gt", "lte", "contains", "icontains", "startswith", "iendswith"]),
        st.sampled_from(["a", "B", "%"]),
    ),
    st.tuples(st.just("isnull"), st.booleans()),
    st.tuples(st.just("exact"), st.none()),
    st.tuples(st.just("in"), st.lists(st.sampled_from("abc"), min_size=1, max_size=6)),
)
numbers = st.one_of(
    st.tuples(st.sampled_from(["exact", "gt", "gte", "lt"]), st.integers(0, 5)),
    st.tuples(st.just("isnull"), st.booleans()),
    st.tuples(st.just("range"), st.just((1, 3))),
    st.tuples(st.just("in"), st.lists(st.integers(0, 5), min_size=1, max_size=7)),
)


def _leaves(model: Any) -> st.SearchStrategy[Q]:
    named = st.one_of(
        st.tuples(st.sampled_from(TEXTS[model]), texts),
        st.tuples(st.sampled_from(KEYS[model]), numbers),
    )
    return named.map(lambda one: Q(**{f"{one[0]}__{one[1][0]}": one[1][1]}))


def _conditions(model: Any) -> st.SearchStrategy[Q]:
    def joined(inner: Any) -> Any:
        return st.one_of(
            st.tuples(inner, inner).map(lambda two: two[0] & two[1]),
            st.tuples(inner, inner, inner).map(lambda some: some[0] | some[1] | some[2]),
            inner.map(lambda one: Q(one)),
        )

    return st.recursive(_leaves(model), joined, max_leaves=5)


def _orders(model: Any) -> st.SearchStrategy[list[Any]]:
    name = st.sampled_from([*TEXTS[model], *KEYS[model]])
    return st.lists(
        st.one_of(
            name,
            name.map("-{}".format),
            name.map(lambda one: F(one).desc(nulls_last=True)),
            name.map(lambda one: F(one).asc(nulls_first=True)),
        ),
        max_size=3,
    )


def _calls(model: Any) -> st.SearchStrategy[Any]:
    """One call on a queryset of objects."""
    return st.one_of(
        _conditions(model).map(lambda q: lambda rows: rows.filter(q)),
        _orders(model).map(lambda by: lambda rows: rows.order_by(*by)),
        st.just(lambda rows: rows.reverse()),
        st.sampled_from(RELATED[model]).map(lambda one: lambda rows: rows.select_related(one)),
        st.sampled_from(TEXTS[model][:1]).map(lambda one: lambda rows: rows.defer(one)),
    )


@st.composite
def plain_rows(draw: st.DrawFn) -> Any:
    """A queryset of a plain shape."""
    model = draw(st.sampled_from(list(TEXTS)))
    rows = model.objects.all()
    for call in draw(st.lists(_calls(model), max_size=5)):
        rows = call(rows)
    named = draw(st.lists(st.sampled_from([*TEXTS[model], *KEYS[model]]), max_size=4))
    rows = rows.values_list(*named) if named else rows
    bounds = draw(st.sampled_from([None, (None, 3), (1, 4), (2, None)]))
    return rows if bounds is None else rows[slice(*bounds)]


def checked(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


@checked(150)
@given(rows=plain_rows())
def test_texts_and_parameters(rows: Any) -> None:
    for dialect in dialects():
        assert is_plain(rows, "select", dialect)
        for verb in VERBS:
            assert difference(rows, verb, dialect) == ""


@pytest.fixture(scope="module")
def stored(databases: Databases) -> Iterator[None]:
    """Rows with keys that are null at every level."""
    people = [Person.objects.create(name=name) for name in "abB"]
    members = [Member.objects.create(name=name) for name in "abB"]
    above = None
    for number, name in enumerate("abBc%"):
        above = Category.objects.create(name=name, parent=above)
        Category.objects.create(name=name)
        owner = people[number] if number < 3 else None
        Book.objects.create(title=name, editor=owner, pages=number)
        Bar.objects.create(name=name, street="a", chef=owner, taps=number)
    club = members[0].clubs.create(name="a")
    club.members.add(members[1], through_defaults={"invited_by": members[0]})
    yield
    databases.flush()


def test_rows(databases: Databases, stored: None) -> None:
    @checked(60)
    @given(rows=plain_rows())
    def examine(rows: Any) -> None:
        dialect = sync.dialect("default")
        rows = rows if rows._calls("slice") else rows.order_by("pk")
        for verb in VERBS:
            plain = compile_plain(verb, rows.model, rows.shape, dialect)
            whole = compile_whole(verb, rows.model, rows.shape, dialect)
            if plain is not None:
                assert rows_of(plain, "default", rows) == rows_of(whole, "default", rows)

    examine()
