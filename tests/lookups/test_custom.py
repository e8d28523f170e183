"""Lookups and transforms of a program's own: registered, chained, on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from manybase import models
from manybase.errors import FieldError, FieldValueError, QueryError
from manybase.meta.lookups import on_change
from manybase.models import Case, F, Lookup, Q, Transform, Value, When
from manybase.models.functions import Length, Lower, Reverse, Upper
from tests.lookups.models import Document, Shelf


class NotEqual(Lookup):
    lookup_name = "ne"

    def sql(self, dialect: Any, left: Any, right: Any) -> Any:
        return left != right


class Near(Lookup):
    """A template; the value is a number whatever is compared."""

    lookup_name = "near"
    template = "abs(%(left)s - %(right)s) * 100 %% 1000 <= 100"


class LongerThan(Lookup):
    lookup_name = "longer_than"
    value_field = models.IntegerField()

    def sql(self, dialect: Any, left: Any, right: Any) -> Any:
        return dialect.function("length", left) > right


class OneOf(Lookup):
    lookup_name = "one_of"
    takes_list = True

    def sql(self, dialect: Any, left: Any, right: Any) -> Any:
        return left.in_(right)


class OneOfTemplate(Lookup):
    lookup_name = "one_of_t"
    takes_list = True
    template = "%(left)s IN (%(right)s)"


class Same(Lookup):
    """Equal, null with null as well."""

    lookup_name = "same"
    takes_none = True

    def sql(self, dialect: Any, left: Any, right: Any) -> Any:
        return left.is_not_distinct_from(right)


class Absolute(Transform):
    lookup_name = "abs"
    function = "ABS"


class Double(Transform):
    lookup_name = "double"
    template = "(2 * %(expressions)s)"


class Big(Transform):
    """Both sides in upper case."""

    lookup_name = "big"
    function = "UPPER"
    bilateral = True


class Remainder(Transform):
    lookup_name = "even"
    output_field = models.BooleanField()

    def sql(self, dialect: Any, value: Any) -> Any:
        return value % 2 == 0


@pytest.fixture(autouse=True)
def registry(db: Any) -> Iterator[None]:
    """Rows, and lookups that are taken away after the test."""
    given = [
        (models.Field, NotEqual),
        (models.IntegerField, Near),
        (models.CharField, LongerThan),
        (models.Field, OneOf),
        (models.Field, OneOfTemplate),
        (models.Field, Same),
        (models.IntegerField, Absolute),
        (models.IntegerField, Double),
        (models.IntegerField, Remainder),
        (models.CharField, Big),
        (models.CharField, Length),
        (models.CharField, Lower),
        (models.CharField, Reverse),
    ]
    for target, lookup in given:
        target.register_lookup(lookup)
    for name, number in (("Ann", 1), ("bob", -2), ("Cäsar", 3), ("d", None)):
        Document.objects.create(name=name, number=number, data={"n": number})
    yield
    for target, lookup in given:
        target.unregister_lookup(lookup)


def found(*conditions: Any, **lookups: Any) -> str:
    rows = Document.objects.filter(*conditions, **lookups).order_by("pk")
    return "".join(name[0] for name in rows.values_list("name", flat=True))


CASES: list[tuple[str, Any, str]] = [
    ("name__ne", "Ann", "bCd"),
    ("number__ne", 1, "bC"),
    ("number__ne", "1", "bC"),
    ("number__near", 2, "AC"),
    ("name__longer_than", 2, "AbC"),
    ("name__longer_than", "3", "C"),
    ("name__one_of", ["Ann", "d"], "Ad"),
    ("number__one_of_t", [1, 3], "AC"),
    ("number__same", None, "d"),
    ("number__same", 3, "C"),
    ("number__abs", 2, "b"),
    ("number__abs__gt", 1, "bC"),
    ("number__abs__in", [1, 2], "Ab"),
    ("number__abs__range", (2, 3), "bC"),
    ("number__abs__ne", 2, "AC"),
    ("number__abs__isnull", True, "d"),
    ("number__double", 6, "C"),
    ("number__double__abs", 4, "b"),
    ("number__abs__double__abs__lt", 5, "Ab"),
    ("number__even", True, "b"),
    ("number__even", False, "AC"),
    ("name__big", "aNN", "A"),
    ("name__big__contains", "nn", "A"),
    ("name__big__startswith", "B", "b"),
    ("name__big__in", ["ann", "BOB", "x"], "Ab"),
    ("name__big__range", ("a", "b"), "A"),
    ("name__big__one_of", ["aNN"], "A"),
    ("name__big__ne", "aNN", "bCd"),
    ("name__length", 3, "Ab"),
    ("name__length__gt", 3, "C"),
    ("name__length__double__gt", 7, "C"),
    ("name__lower__startswith", "a", "A"),
    ("name__reverse", "bob", "b"),
    ("name__reverse__lower__length__ne", 3, "Cd"),
]


@pytest.mark.parametrize(("lookup", "value", "letters"), CASES)
def test_a_lookup_finds(lookup: str, value: Any, letters: str) -> None:
    assert found(**{lookup: value}) == letters


@pytest.mark.parametrize(("lookup", "value", "letters"), CASES)
def test_the_rest_is_excluded(lookup: str, value: Any, letters: str) -> None:
    expected = "".join(letter for letter in "AbCd" if letter not in letters)
    assert found(~Q(**{lookup: value})) == expected


def test_right_hand_sides_may_be_expressions() -> None:
    assert found(number__ne=F("number")) == ""
    assert found(number__ne=F("number") + 1) == "AbC"
    assert found(number__abs=F("number")) == "AC"
    assert found(name__big=F("name")) == "AbCd"
    assert found(number__ne=Document.objects.filter(name="Ann").values("number")[:1]) == "bC"
    assert found(name__big=Value("ann")) == "A"


def test_across_relations_and_in_every_place() -> None:
    shelf = Shelf.objects.create(label="top")
    Document.objects.filter(number__isnull=False).update(shelf=shelf)
    assert Shelf.objects.filter(documents__number__abs=2).get() == shelf
    assert Shelf.objects.filter(documents__name__ne="Ann").distinct().count() == 1
    assert not Shelf.objects.exclude(documents__number__abs=2).exists()
    assert found(shelf__label__ne="low") == "AbC"
    rows = Document.objects.order_by("-number__abs").filter(number__isnull=False)
    assert list(rows.values_list("number__abs", flat=True)) == [3, 2, 1]
    assert Document.objects.filter(number=-2).values("number__double").get() == {
        "number__double": -4
    }
    shown = Document.objects.annotate(
        far=Case(When(number__abs__gt=1, then=Value("far")), default=Value("near"))
    )
    assert "".join(row.far[0] for row in shown.order_by("pk")) == "nffn"
    twice = Document.objects.annotate(twice=F("number") * 2)
    assert twice.filter(twice__abs=4).get().number == -2


def test_a_lookup_and_a_transform_as_expressions() -> None:
    assert found(NotEqual(F("number"), 1)) == "bC"
    assert found(~Q(NotEqual(F("number"), 1))) == "Ad"
    assert found(NotEqual("number", F("number") * 1)) == ""
    assert found(OneOf("name", ["Ann", "d"])) == "Ad"
    rows = Document.objects.annotate(size=Absolute("number")).filter(size__gt=1)
    assert [row.size for row in rows.order_by("pk")] == [2, 3]
    assert [row.e for row in Document.objects.annotate(e=Remainder("number")).order_by("pk")] == [
        False,
        True,
        False,
        None,
    ]


def test_one_field_may_have_a_lookup_of_its_own() -> None:
    field = Document._meta.get_field("name")
    field.register_lookup(Upper, "loud")
    try:
        assert found(name__loud="ANN") == "A"
        with pytest.raises(FieldError, match="unknown lookup 'loud' of 'label__loud'"):
            Shelf.objects.filter(label__loud="x")
        assert field.get_transform("loud") is Upper
        assert field.get_lookup("loud") is None
        assert field.get_lookup("ne") is NotEqual
        assert {"loud", "ne", "lower"} <= set(field.get_lookups())
    finally:
        field.unregister_lookup(Upper, "loud")
    with pytest.raises(FieldError, match="unknown lookup 'loud'"):
        found(name__loud="ANN")


def test_a_built_in_name_may_be_replaced_and_comes_back() -> None:
    class Anything(Lookup):
        lookup_name = "exact"
        template = "(%(left)s = %(right)s OR 1 = 1)"

    assert found(name="Ann") == "A"
    models.CharField.register_lookup(Anything)
    try:
        assert found(name="Ann") == "AbCd"
        assert found(name__exact="Ann") == "AbCd"
    finally:
        models.CharField.unregister_lookup(Anything)
    assert found(name="Ann") == "A"
    year = models.DateField().get_transform("year")
    models.DateField.unregister_lookup(year)
    try:
        with pytest.raises(FieldError, match="unknown lookup 'year' of 'day__year'"):
            found(day__year=2000)
    finally:
        models.DateField.register_lookup(year)
    assert found(day__year=2000) == ""


def test_a_decorator_gives_the_class_back() -> None:
    @models.CharField.register_lookup
    class Never(Lookup):
        template = "%(left)s <> %(left)s AND %(right)s IS NOT NULL"

    assert found(name__never="x") == ""
    models.CharField.unregister_lookup(Never)
    assert all(callable(call) for call in on_change)


def test_keys_of_documents_after_own_transforms_of_documents() -> None:
    @models.JSONField.register_lookup
    class Whole(Transform):
        lookup_name = "whole"

        def sql(self, dialect: Any, value: Any) -> Any:
            return value

    try:
        assert found(data__whole__n=1) == "A"
        assert found(data__n__ne=Value(None)) == ""
    finally:
        models.JSONField.unregister_lookup(Whole)


@pytest.mark.parametrize(
    ("lookups", "error", "message"),
    [
        ({"number__nee": 1}, FieldError, "unknown lookup 'nee' of 'number__nee'"),
        ({"number__abs__nee": 1}, FieldError, "unknown lookup 'nee' of 'number__abs__nee'"),
        ({"number__ne__abs": 1}, FieldError, "unknown lookup 'ne' of 'number__ne__abs'"),
        ({"name__longer_than": "x"}, FieldValueError, "'name__longer_than' takes a whole number"),
        ({"number__ne": "x"}, FieldValueError, "takes a whole number"),
        ({"number__ne": None}, FieldValueError, "'number__ne' cannot be compared with None"),
        ({"number__one_of": 3}, FieldValueError, "'number__one_of' takes a list of values"),
        ({"number__abs": "x"}, FieldValueError, "'number__abs' takes a whole number"),
        ({"name__abs": 1}, FieldError, "unknown lookup 'abs' of 'name__abs'"),
        ({"shelf__ne": 1}, FieldError, "'shelf__ne'"),
    ],
)
def test_mistakes_are_found_at_the_call(
    lookups: dict[str, Any], error: type[Exception], message: str
) -> None:
    if "shelf__ne" in lookups:
        assert Document.objects.filter(**lookups).count() == 0
        return
    with pytest.raises(error) as raised:
        Document.objects.filter(**lookups)
    assert message in str(raised.value)


def test_suggestions_know_what_is_registered() -> None:
    with pytest.raises(FieldError) as error:
        Document.objects.filter(name__longer_then=1)
    assert error.value.hint == "Did you mean 'longer_than'?"


def test_what_cannot_be_registered() -> None:
    class Nameless(Lookup):
        lookup_name = "a__b"

    with pytest.raises(QueryError, match="cannot be registered without a name"):
        models.Field.register_lookup(Nameless)
    with pytest.raises(QueryError, match="cannot be registered without a name"):
        models.Field.register_lookup(NotEqual, "x y")
    with pytest.raises(QueryError, match="takes a class"):
        models.Field.register_lookup(3)  # type: ignore[arg-type]
    with pytest.raises(FieldError, match="'ne' is not registered on DateField"):
        models.DateField.unregister_lookup(NotEqual)
    silent = type("Silent", (Lookup,), {})
    models.CharField.register_lookup(silent)
    try:
        with pytest.raises(QueryError, match="Silent does not say its SQL"):
            found(name__silent="x")
    finally:
        models.CharField.unregister_lookup(silent)
