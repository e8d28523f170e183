"""A call that was made before is not resolved again, and still does what it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from manybase import models
from manybase.errors import CrossDatabaseError, FieldError, FieldValueError, QueryError
from manybase.models import Count, F, Max, Q, Sum, Tuple, Value
from manybase.query import branch
from tests.databases import Databases
from tests.speed.counting import frames_of
from tests.speed.models import Author, Book, Sample


@pytest.fixture
def books(db: Databases) -> list[Book]:
    author = Author.objects.create(name="Emily")
    prices = [None, Decimal("1.50"), Decimal("2.50"), Decimal("10.00")]
    for number, price in enumerate(prices, 1):
        Book.objects.create(title=f"Book {number}", pages=number, price=price, author=author)
    return list(Book.objects.order_by("pages"))


def _pages(rows: Any) -> list[int]:
    return [book.pages for book in rows.order_by("pages")]


def test_values_of_other_types_are_taken_as_what_they_are(books: list[Book]) -> None:
    for value in (2, "2", 2.0, Decimal(2), True, 3, "3", F("pages")):
        expected = {True: [1], 3: [3], "3": [3]}.get(value, [2])
        expected = [1, 2, 3, 4] if isinstance(value, F) else expected
        assert _pages(Book.objects.filter(pages=value)) == expected
        assert _pages(Book.objects.filter(Q(pages=value))) == expected
    for value in ("2.50", Decimal("2.5"), 2.5):
        assert _pages(Book.objects.filter(price=value)) == [3]
        assert Book.objects.get(price=value).pages == 3


def test_null_and_truth_change_the_query(books: list[Book]) -> None:
    for _ in range(2):
        assert _pages(Book.objects.filter(price=None)) == [1]
        assert _pages(Book.objects.filter(price=Decimal("1.5"))) == [2]
        assert _pages(Book.objects.filter(price__isnull=True)) == [1]
        assert _pages(Book.objects.filter(price__isnull=False)) == [2, 3, 4]
        assert _pages(Book.objects.filter(Q(price__isnull=True) | Q(pages=4))) == [1, 4]
        assert _pages(Book.objects.filter(Q(price__isnull=False) & Q(pages=4))) == [4]


def test_wrong_values_are_refused_after_right_ones(books: list[Book]) -> None:
    assert _pages(Book.objects.filter(pages="2")) == [2]
    with pytest.raises(FieldValueError, match=r"field 'speed\.Book\.pages' takes a whole number"):
        Book.objects.filter(pages="two")
    with pytest.raises(FieldError, match="Did you mean 'pages'"):
        Book.objects.filter(page=2)
    assert _pages(Book.objects.filter(pages="2")) == [2]


def test_connectors_and_negation_are_part_of_a_call(books: list[Book]) -> None:
    for _ in range(2):
        assert _pages(Book.objects.filter(Q(pages=1) | Q(title="Book 2"))) == [1, 2]
        assert _pages(Book.objects.filter(Q(pages=1) & Q(title="Book 2"))) == []
        assert _pages(Book.objects.filter(Q(pages=1) ^ Q(title="Book 2"))) == [1, 2]
        assert _pages(Book.objects.filter(~Q(pages=1), title="Book 2")) == [2]
        assert _pages(Book.objects.filter(~(Q(pages=1) | Q(title="Book 2")))) == [3, 4]
        assert _pages(Book.objects.exclude(pages=1, title="Book 1")) == [2, 3, 4]
        assert _pages(Book.objects.exclude(Q(pages=1) | Q(title="Book 2"))) == [3, 4]


def test_annotations_are_known_by_their_names_and_values(books: list[Book]) -> None:
    for number in (1, 2, 3):
        rows = Book.objects.annotate(more=F("pages") + Value(number)).filter(more=number + 2)
        assert [(book.pages, book.more) for book in rows] == [(2, number + 2)]
        found = Author.objects.annotate(n=Count("books"), top=Max("books__pages")).get(n=4)
        assert (found.n, found.top) == (4, 4)
        found = Author.objects.annotate(n=Count("books", distinct=True)).get(n=4)
        assert not hasattr(found, "top")
        total = Sum("books__pages", filter=Q(books__pages__gt=number))
        assert Author.objects.annotate(n=total).get().n == sum(range(number + 1, 5))


def test_annotations_after_a_slice_keep_the_values_in_order(books: list[Book]) -> None:
    for number in (1, 2):
        rows = Book.objects.order_by("pages")[number : number + 2]
        more = rows.annotate(more=F("pages") + Value(number * 10))
        assert [book.more for book in more] == [number * 11 + 1, number * 11 + 2]


def test_a_name_of_several_columns_is_not_mistaken_for_a_plain_one(books: list[Book]) -> None:
    pairs = Book.objects.alias(both=Tuple("pages", "title"))
    assert _pages(pairs.filter(pages=2)) == [2]
    assert _pages(pairs.filter(both=(2, "Book 2"))) == [2]
    assert _pages(Book.objects.filter(pages=2)) == [2]
    with pytest.raises(FieldError, match="both"):
        Book.objects.filter(both=(2, "Book 2"))
    with pytest.raises(QueryError, match="after a slice"):
        Book.objects.all()[:2].filter(pages=2)


def test_updates_are_known_by_their_values(books: list[Book]) -> None:
    for number in (1, 2):
        assert Book.objects.filter(pages=4).update(title=f"Four {number}") == 1
        assert Book.objects.filter(pages=4).update(price="7.25") == 1
        assert Book.objects.filter(pages=4).update(price=None, title=F("title")) == 1
        assert Book.objects.filter(pages__lt=3).update(price=F("pages") + Value(number)) == 2
        found = Book.objects.get(pages=4)
        assert (found.title, found.price) == (f"Four {number}", None)
        assert Book.objects.get(pages=1).price == number + 1
    with pytest.raises(FieldValueError, match="price"):
        Book.objects.update(price="dear")


def test_a_get_that_finds_too_little_or_too_much_says_so(books: list[Book]) -> None:
    for _ in range(2):
        assert Book.objects.get(pages=2).title == "Book 2"
        with pytest.raises(Book.DoesNotExist, match="on database 'default'"):
            Book.objects.get(pages=200)
        with pytest.raises(Book.MultipleObjectsReturned, match="it returned 4"):
            Book.objects.get(pages__gt=0)
        with pytest.raises(Book.DoesNotExist, match="on database 'other'"):
            Book.objects.using("other").get(pages=2)
        with pytest.raises(Book.DoesNotExist):
            Book.objects.none().get(pages=2)
        assert Book.objects.filter(title="Book 2").get(pages=2).pages == 2
        assert Book.objects.only("title").get(pages=2).get_deferred_fields()


def test_a_queryset_keeps_its_branch_when_models_are_added(books: list[Book]) -> None:
    rows = Book.objects.filter(pages__gt=1)
    assert _pages(rows.filter(pages__lt=4)) == [2, 3]

    class Later(models.Model):
        book = models.ForeignKey(Book, models.CASCADE, related_name="later")

        class Meta:
            app_label = "speed_later"
            managed = False

    assert _pages(rows.filter(pages__lt=4)) == [2, 3]
    assert "later" in str(rows.filter(later__isnull=True).query)


@pytest.mark.kinds("sqlite")
def test_branches_are_bounded(db: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branch, "LARGEST", 50)
    for number in range(120):
        assert list(Sample.objects.annotate(**{f"name{number}": F("number")})) == []
    assert len(branch.root(Sample).after) <= 51
    assert Sample.objects.filter(number=3).count() == 0


@pytest.mark.kinds("sqlite")
@pytest.mark.transactional
def test_a_known_call_resolves_no_name(books: list[Book]) -> None:
    def ask() -> None:
        asked = Book.objects.filter(Q(author__name="Emily") | Q(price__lt="3"), pages__gte=2)
        list(asked.values_list("author_id").annotate(n=Count("id"), top=Max("pages")).order_by("n"))
        Book.objects.filter(pages__gte=2).update(pages=F("pages") + 1)

    ask()
    entered = frames_of(ask)
    assert not [one for one in entered if one.endswith(("path.py:resolve", "recorder.py:__init__"))]
    assert len(entered) <= 96, "\n".join(entered)


def test_objects_as_values_keep_their_places(books: list[Book]) -> None:
    emily = Author.objects.get(name="Emily")
    anne = Author.objects.create(name="Anne")
    other = Author.objects.using("other").create(name="Emily")
    for _ in range(2):
        assert _pages(Book.objects.filter(author=emily)) == [1, 2, 3, 4]
        assert _pages(Book.objects.filter(author=anne)) == []
        assert _pages(Book.objects.filter(Q(author=emily) & Q(pages=2))) == [2]
        assert Book.objects.filter(author=other).using("other").count() == 0
        with pytest.raises(CrossDatabaseError, match=r"'default'.*'other'|'other'.*'default'"):
            Book.objects.filter(author=other).count()
        with pytest.raises(CrossDatabaseError, match=r"'default'.*'other'|'other'.*'default'"):
            Book.objects.using("default").filter(author=other)
        with pytest.raises(CrossDatabaseError, match=r"'default'.*'other'|'other'.*'default'"):
            Book.objects.filter(author=emily).get(author=other)
        assert Book.objects.filter(pages=4).update(author=anne) == 1
        with pytest.raises(CrossDatabaseError, match=r"'default'.*'other'|'other'.*'default'"):
            Book.objects.filter(pages=4).update(author=other)
        assert Book.objects.filter(pages=4).update(author=emily) == 1
        with pytest.raises(FieldValueError, match="without 'id' cannot be compared"):
            Book.objects.filter(author=Author(name="new"))
        with pytest.raises(FieldError, match=r"takes objects of 'speed\.Author'"):
            Book.objects.filter(author=books[0])


@pytest.mark.parametrize(
    "given",
    [
        [3, 4, 3, None],
        (3, 4, 4),
        {3, 4},
        {3, 4, None},
        frozenset({3, 4}),
        {3: "a", None: "b", 4: 1},
    ],
)
def test_lists_of_values_are_asked_for_once_each(books: list[Book], given: Any) -> None:
    for _ in range(2):
        rows = Book.objects.filter(pages__in=given).order_by("pages")
        assert [book.pages for book in rows] == [3, 4]
        assert sorted(rows.params[:2]) == [3, 4] and len(rows.params) == 2
    assert Book.objects.exclude(pages__in=given).count() == 2
