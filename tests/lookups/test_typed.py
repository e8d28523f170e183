"""Conditions made of attributes record the very keywords that they stand for."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import manybase
from manybase.errors import CrossDatabaseError, FieldError, FieldValueError, QueryError
from manybase.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from manybase.query.attributes import Attribute, RelatedAttribute
from tests.lookups.models import Document, Shelf

PAIRS: list[tuple[Any, Q]] = [
    (Document.name == "x", Q(name="x")),
    (Document.name != "x", ~Q(name="x")),
    (Document.name == None, Q(name=None)),  # noqa: E711
    (Document.number > 1, Q(number__gt=1)),
    (1 < Document.number, Q(number__gt=1)),  # noqa: SIM300
    (Document.number >= 1, Q(number__gte=1)),
    (Document.number < F("id"), Q(number__lt=F("id"))),
    (Document.number <= Document.id, Q(number__lte=F("id"))),
    (Document.number == Document.id + 1, Q(number=F("id") + 1)),
    (Document.number.in_([1, 2]), Q(number__in=[1, 2])),
    (Document.number.between(1, 2), Q(number__range=(1, 2))),
    (Document.number.isnull(), Q(number__isnull=True)),
    (Document.number.isnull(False), Q(number__isnull=False)),
    (Document.name.iexact("x"), Q(name__iexact="x")),
    (Document.name.contains("x"), Q(name__contains="x")),
    (Document.name.icontains("x"), Q(name__icontains="x")),
    (Document.name.startswith("x"), Q(name__startswith="x")),
    (Document.name.istartswith("x"), Q(name__istartswith="x")),
    (Document.name.endswith("x"), Q(name__endswith="x")),
    (Document.name.iendswith("x"), Q(name__iendswith="x")),
    (Document.name.regex("x"), Q(name__regex="x")),
    (Document.name.iregex("x"), Q(name__iregex="x")),
    (Document.day.year == 2000, Q(day__year=2000)),
    (Document.day.iso_week_day.in_([1, 2]), Q(day__iso_week_day__in=[1, 2])),
    (Document.data["owner"]["name"] == "x", Q(data__owner__name="x")),
    (Document.data["tags"][0].icontains("x"), Q(data__tags__0__icontains="x")),
    (Document.data.has_key("n"), Q(data__has_key="n")),
    (Document.data.has_keys(["n"]), Q(data__has_keys=["n"])),
    (Document.data.has_any_keys(["n"]), Q(data__has_any_keys=["n"])),
    (Document.data.contains({"n": 1}), Q(data__contains={"n": 1})),
    (Document.data["n"].contained_by([1]), Q(data__n__contained_by=[1])),
    (Document.shelf == 3, Q(shelf=3)),
    (Document.shelf != None, ~Q(shelf=None)),  # noqa: E711
    (Document.shelf.in_([1, 2]), Q(shelf__in=[1, 2])),
    (Document.shelf.isnull(), Q(shelf__isnull=True)),
    (Document.shelf_id == 3, Q(shelf_id=3)),
    (Document.shelf.pk > 3, Q(shelf__pk__gt=3)),
    (Document.shelf.label.startswith("x"), Q(shelf__label__startswith="x")),
    (Document.shelf.documents.name == "x", Q(shelf__documents__name="x")),
    (Document.shelf["label"] == "x", Q(shelf__label="x")),
    (~(Document.number > 1), ~Q(number__gt=1)),
    ((Document.number > 1) & (Document.name == "x"), Q(number__gt=1) & Q(name="x")),
    ((Document.number > 1) | Q(name="x"), Q(number__gt=1) | Q(name="x")),
    (Q(name="x") | (Document.number > 1), Q(name="x") | Q(number__gt=1)),
    ((Document.number > 1) ^ (Document.name == "x"), Q(number__gt=1) ^ Q(name="x")),
    (
        ~((Document.number > 1) & ~(Document.name == "x")) | (Document.id == 1),
        ~(Q(number__gt=1) & ~Q(name="x")) | Q(id=1),
    ),
]


@pytest.mark.parametrize(("condition", "keywords"), PAIRS, ids=[repr(pair[1]) for pair in PAIRS])
def test_a_condition_is_its_keyword(condition: Any, keywords: Q) -> None:
    """The same shape, so the same plan; and the same after pickling."""
    rows = Document.objects.all()
    for one in (condition, pickle.loads(pickle.dumps(condition))):
        for made, wanted in (
            (rows.filter(one), rows.filter(keywords)),
            (rows.exclude(one), rows.exclude(keywords)),
        ):
            assert (made.shape, made.params) == (wanted.shape, wanted.params)


def test_attributes_are_expressions() -> None:
    rows = Document.objects.all()
    assert rows.order_by(Document.name.desc()).shape == rows.order_by(F("name").desc()).shape
    assert rows.values(Document.name).shape == rows.values(F("name")).shape
    assert rows.annotate(n=Document.number * 2).shape == rows.annotate(n=F("number") * 2).shape
    assert rows.annotate(c=Count(Document.name)).shape == rows.annotate(c=Count("name")).shape
    assert rows.annotate(n=Document.name[:3]).shape == rows.annotate(n=F("name")[:3]).shape


def test_in_every_place_of_a_condition(db: Any) -> None:
    shelf = Shelf.objects.create(label="top")
    for name, number in (("a", 1), ("b", 2), ("c", None)):
        Document.objects.create(name=name, number=number, shelf=shelf if number else None)
    names = Document.objects.order_by(Document.name).values_list("name", flat=True)
    assert list(names.filter(Document.number > 1)) == ["b"]
    assert list(names.exclude(Document.number > 1)) == ["a", "c"]
    assert list(names.filter(~(Document.number > 1))) == ["a", "c"]
    assert list(names.filter(Document.number != 1)) == ["b", "c"]
    assert Document.objects.get(Document.name == "a").number == 1
    case = Case(When(Document.number > 1, then=Value("big")), default=Value("small"))
    assert list(names.annotate(size=case).values_list("size", flat=True)) == [
        "small",
        "big",
        "small",
    ]
    known = names.filter(Document.number.isnull(False)).annotate(big=Document.number > 1)
    assert list(known.values_list("big", flat=True)) == [False, True]
    assert Shelf.objects.filter(Shelf.documents.number == 2).get() == shelf
    assert Document.objects.aggregate(n=Count("pk", filter=Document.number > 1)) == {"n": 1}
    inner = Document.objects.filter(Document.shelf == OuterRef("pk"), Document.number > 1)
    assert Shelf.objects.filter(Exists(inner)).count() == 1
    assert Document.objects.filter(Document.number > 1).update(number=Document.number + 5) == 1
    assert Document.objects.filter(Document.shelf == shelf, Document.number == 7).count() == 1


def test_places_are_checked_as_for_keywords(db: Any) -> None:
    shelf = Shelf.objects.using("other").create(label="far")
    with pytest.raises(CrossDatabaseError):
        Document.objects.using("default").filter(Document.shelf == shelf)
    rows = Document.objects.filter(Document.shelf == shelf)
    assert dict(rows.places) == dict(Document.objects.filter(shelf=shelf).places)
    assert not rows.using("other").exists()
    with manybase.using("other"):
        assert not Document.objects.filter(Document.shelf == shelf).exists()


def test_attributes_know_their_field() -> None:
    assert isinstance(Document.name, Attribute)
    assert isinstance(Document.shelf, RelatedAttribute)
    assert Document.name.field is Document._meta.get_field("name")
    assert Document.name.max_length == 40
    assert Document.shelf.field is Document._meta.get_field("shelf")
    assert repr(Document.shelf.label) == "Document.shelf.label"
    assert Document.name in [Document.number, Document.name]
    assert Document.name not in [Document.number, Document.day]
    assert {Document.name: 1}[Document.name] == 1
    assert repr(Document.number > 1) == "<Condition: Document.number__gt=1>"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Shelf.objects.filter(Document.name == "x"), FieldError, "a condition on"),
        (lambda: Shelf.objects.filter(Q(Document.name == "x") | Q(pk=1)), FieldError, "a cond"),
        (lambda: Shelf.objects.order_by(Document.name), FieldError, "a condition on"),
        (lambda: Document.objects.filter(Document.number > "x"), FieldValueError, "whole number"),
        (lambda: Document.objects.filter(Document.number > None), FieldValueError, "None"),
        (lambda: Document.objects.filter(Document.number.in_(3)), FieldValueError, "a list"),
        (lambda: Document.name.lookup("nearly", 1), FieldError, "unknown lookup 'nearly'"),
        (lambda: Document.name.has_key("x"), FieldError, "unknown lookup 'has_key'"),
        (lambda: Document.shelf["labl"], FieldError, "has no field 'labl'"),
        (lambda: Document.shelf.labl, AttributeError, "Did you mean 'label'?"),
        (lambda: Document.data["a__b"], QueryError, "a key of a document is"),
        (lambda: Document.data[1.5], QueryError, "a key of a document is"),
        (lambda: 1 < Document.number < 3, QueryError, "neither true nor false"),
        (lambda: bool(Document.name == "x"), QueryError, "neither true nor false"),
        (lambda: Document.name.nothing, AttributeError, "nothing"),
        (lambda: iter(Document.shelf), TypeError, "not iterable"),
    ],
)
def test_mistakes_are_found_at_once(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message.replace("?", r"\?")):
        make()
