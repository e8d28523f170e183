"""Names that become attributes of objects and words of generated functions: refused or harmless."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from manybase.db import models
from manybase.errors import ConfigurationError, FieldError, ManybaseError, QueryError
from manybase.models import F, FilteredRelation, Prefetch, Q, Sum
from manybase.runtime.events import capture
from tests.databases import Databases
from tests.language.models import Title

pytestmark = pytest.mark.usefixtures("shop")
ROWS = Title.objects.order_by("name")

#: Python would spell these in another way, or not at all.
UNSPELLED = ["class", "None", "__class__", "__dict__", "µ", "ﬁ", "ª", "e\u0301"]
#: Objects keep their place, their methods and their related objects under these.
KEPT = ["_origin", "_state", "_meta", "_publisher_cache", "_prefetched_objects_cache",
        "_kept_relations", "save", "delete", "objects", "DoesNotExist", "__x"]  # fmt: skip


@pytest.mark.parametrize("name", [*UNSPELLED, *KEPT])
def test_annotations_of_objects_cannot_have_every_name(name: str) -> None:
    """Refused at the call: generated code would break, or an object would lose its place."""
    words = "no attribute can have" if name in UNSPELLED else "conflicts with an attribute"
    relation = FilteredRelation("authors", condition=Q(authors__age=36))
    with capture() as log:
        for expression in (F("flags"), relation):
            with pytest.raises(QueryError, match=f"'{name}'.*{words}"):
                ROWS.annotate(**{name: expression})
        with pytest.raises(ManybaseError, match="attribute"):
            list(ROWS.prefetch_related(Prefetch("authors", to_attr=name)))
    assert len(log) <= 1  # a to_attr that objects keep is known when the rows are there


@pytest.mark.parametrize("name", ["class", "save", "_origin", "µ", "e\u0301", "select", "order"])
def test_dictionaries_can_have_every_name(name: str) -> None:
    """What is read as a dictionary is no attribute."""
    assert ROWS.values(**{name: F("flags")})[0] == {name: 5}
    assert ROWS.aggregate(**{name: Sum("flags")}) == {name: 14}
    grouped = Title.objects.order_by().values("printed").annotate(**{name: Sum("flags")})
    assert sorted(row[name] for row in grouped) == [6, 8]


def test_names_that_stand_for_something_else() -> None:
    with pytest.raises(QueryError, match="cannot be named 'pk'"):
        ROWS.annotate(pk=F("flags"))
    with pytest.raises(QueryError, match="'x__y' holds '__'"):
        ROWS.annotate(x__y=FilteredRelation("authors"))
    with pytest.raises(QueryError, match="'x__y' holds '__'"):
        ROWS.alias(x__y=models.Tuple("flags", "pages"))
    with pytest.raises(QueryError, match=r"to_attr of Prefetch\('authors'\) must be the name"):
        Prefetch("authors", to_attr="a b'")


def test_properties_are_not_written_to() -> None:
    class Shown(models.Model):
        number = models.IntegerField()

        class Meta:
            app_label = "language"

        @property
        def twice(self) -> int:
            return self.number * 2

    with pytest.raises(QueryError, match=r"'twice' conflicts with an attribute of every"):
        Shown.objects.annotate(twice=F("number"))


def test_columns_of_raw_rows_cannot_have_every_name(databases: Databases) -> None:
    """A column called like the place of an object would take it away."""
    sign = "`" if databases.kind == "mysql" else '"'
    for name in ("_origin", "_state", "pk", "save", "_publisher_cache", "__class__"):
        sql = f"SELECT id, 5 AS {sign}{name}{sign} FROM language_title"
        with pytest.raises(FieldError, match=f"column '{name}' of a raw query"):
            list(Title.objects.raw(sql))
    filled = Title.objects.raw(
        f"SELECT id, 5 AS {sign}save{sign} FROM language_title", translations={"save": "pages"}
    )
    assert {one.pages for one in filled} == {5}


def test_named_rows_cannot_have_every_name() -> None:
    for names, wrong in (
        (["name", "name"], "name"),
        (["data__a'b"], "data__a'b"),
        (["data___x", "_x"], "_x"),
    ):
        rows = ROWS.alias(_x=F("flags"))
        with pytest.raises(QueryError, match=f"named=True cannot give a row the name '{wrong}'"):
            rows.values_list(*names, named=True)


def test_fields_cannot_have_every_name() -> None:
    for name in ("from", "a b", "µ", "None", "_origin", "_meta", "_state", ""):
        attributes = {
            "__module__": __name__,
            name: models.IntegerField(),
            "Meta": type("Meta", (), {"app_label": "language"}),
        }
        with pytest.raises(ConfigurationError, match=f"field name '{name}' cannot be used"):
            type("Odd", (models.Model,), attributes)


CALLS: dict[str, Callable[[], Any]] = {
    "filter": lambda: ROWS.filter(self=1),
    "exclude": lambda: ROWS.exclude(self=1),
    "get": lambda: Title.objects.get(self=1),
    "create": lambda: Title.objects.create(self=1),
    "Model": lambda: Title(self=1),
    "update": lambda: ROWS.update(self=1),
    "get_or_create": lambda: ROWS.get_or_create(self=1),
    "update_or_create": lambda: ROWS.update_or_create(self=1),
    "explain": lambda: ROWS.explain(self=True),
    "Q": lambda: ROWS.filter(Q(self=1)),
}


@pytest.mark.parametrize("name", CALLS)
def test_self_is_a_name_like_others(name: str) -> None:
    """``filter(**user_input)`` says that there is no such field, whatever the word."""
    with pytest.raises(ManybaseError, match="'self'"):
        CALLS[name]()


@pytest.mark.parametrize("stem", ["a" * 70, "é" * 40, "b" * 300])
def test_long_names_are_kept_apart(stem: str) -> None:
    """Databases cut names, PostgreSQL at 63 bytes; values stay under the names that were given."""
    one, two = f"{stem}1", f"{stem}2"
    rows = ROWS.annotate(**{one: F("flags"), two: F("flags") * 10})
    assert [(getattr(o, one), getattr(o, two)) for o in rows[:2]] == [(5, 50), (3, 30)]
    assert list(rows.order_by(f"-{two}", "pk").values_list(two, one)[:2]) == [(60, 6), (50, 5)]
    assert rows.aggregate(**{two: Sum(one), one: Sum(two)}) == {two: 14, one: 140}
    assert rows[:2].aggregate(x=Sum(one), y=Sum(two)) == {"x": 8, "y": 80}
    assert rows.filter(**{f"{one}__gt": 3, f"{two}__lt": 60}).count() == 1
    assert rows.order_by().distinct().values(one, two).count() == 4
    pair = rows.order_by().values_list(one, two)
    assert list(pair.union(pair).order_by(two)) == [(0, 0), (3, 30), (5, 50), (6, 60)]
    links = ROWS.annotate(
        **{
            one: FilteredRelation("publisher", condition=Q(publisher__name="Orb")),
            two: FilteredRelation("publisher", condition=Q(publisher__name="Zed")),
        }
    )
    found = list(links.values_list(f"{one}__name", f"{two}__name")[1:3])
    assert found == [("Orb", None), (None, "Zed")]
