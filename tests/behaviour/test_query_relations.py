"""Joins over every relation, in both directions, and what filter and exclude mean by many."""

from __future__ import annotations

import operator

import pytest

from manybase.models import Count, F, Q
from tests.behaviour.help import date, names, queries, titles
from tests.behaviour.models import (
    Badge,
    Book,
    Booking,
    Category,
    City,
    Club,
    Country,
    Joining,
    Member,
    Passport,
    Person,
    Pet,
    Place,
    Restaurant,
    Review,
)
from tests.behaviour.query_data import make_clubs, make_library


def found(*conditions: Q, **lookups: object) -> str:
    """The titles of the books found, in order, each as often as it is found."""
    return "".join(titles(Book.objects.filter(*conditions, **lookups)))


def left(*conditions: Q, **lookups: object) -> str:
    """The titles of the books that exclude() leaves."""
    return "".join(titles(Book.objects.exclude(*conditions, **lookups)))


@pytest.fixture
def library(places):
    return make_library()


@pytest.mark.parametrize(
    ("lookups", "expected"),
    [
        ({"editor__name": "Cat"}, "AC"),
        ({"editor__name__in": ["Cat", "Ben"]}, "ACE"),
        ({"editor__name__startswith": "C"}, "AC"),
        ({"editor": None}, "D"),
        ({"editor__isnull": True}, "D"),
        ({"editor__isnull": False}, "ABCE"),
        ({"editor__name": None}, "D"),
        ({"editor__name__isnull": True}, "D"),
        ({"editor__name__isnull": False}, "ABCE"),
        ({"authors__name": "Ann"}, "ADE"),
        ({"authors__name__in": ["Ann", "Ben"]}, "AABDEE"),
        ({"authors": None}, "C"),
        ({"authors__isnull": True}, "C"),
        ({"authors__isnull": False}, "AABDEEE"),
        ({"authors__name__isnull": True}, "C"),
        ({"authors__edited__title": "A"}, "E"),
        ({"authors__name": "Ann", "editor__name": "Ben"}, "E"),
        ({"editor__edited__title": "C"}, "AC"),
        ({"editor__book__title": "E"}, "ABCE"),
        ({"editor__name": F("authors__name")}, "E"),
        ({"authors": F("editor")}, "E"),
    ],
)
def test_filters_follow_relations(library, lookups, expected) -> None:
    """A filter over relations finds these books, once for each row that fits."""
    assert found(**lookups) == expected


@pytest.mark.parametrize(
    ("lookups", "expected"),
    [
        ({"editor__name": "Cat"}, "BDE"),
        ({"editor": None}, "ABCE"),
        ({"editor__isnull": True}, "ABCE"),
        ({"editor__name__isnull": True}, "ABCE"),
        ({"authors__name": "Ann"}, "BC"),
        ({"authors__name__in": ["Ann", "Ben"]}, "C"),
        ({"authors__isnull": True}, "ABDE"),
        ({"authors__name": "Ann", "editor__name": "Ben"}, "ABCD"),
        ({"authors__edited__title": "A"}, "ABCD"),
        ({"pages": 100}, "BCD"),
        ({"pages__in": []}, "ABCDE"),
        ({"editor__in": []}, "ABCDE"),
    ],
)
def test_exclude_leaves_what_has_no_such_relation(library, lookups, expected) -> None:
    """exclude() drops every book that has one fitting row, and keeps each other once."""
    assert left(**lookups) == expected


def test_one_filter_means_one_related_row() -> None:
    """Conditions of one filter() are about the same related row, of two calls about any."""
    clubs = make_clubs()

    together = Club.objects.filter(joining__member=clubs.uma, joining__since__year=2005)
    apart = Club.objects.filter(joining__member=clubs.uma).filter(joining__since__year=2005)

    assert names(together) == []
    assert names(apart) == ["chess"]


def test_one_exclude_means_any_related_rows(library) -> None:
    """Conditions of one exclude() over many are about any of the related rows each."""
    one_call = left(authors__name="Ann", authors__edited__title="A")

    # E alone has an author Ann and an author who edited A (Cat), though these are two people.
    assert one_call == "ABCD"


def test_nulls_in_negations_are_kept(library) -> None:
    """exclude() of a value keeps rows where the value is null."""
    Book.objects.filter(title="B").update(editor=None)

    assert left(editor=library.cat) == "BDE"
    assert left(editor__name="Cat") == "BDE"
    assert left(editor__name__gt="A") == "BD"
    assert left(editor__name__in=["Cat"]) == "BDE"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Q(title="A") | Q(title="B"), "AB"),
        (Q(title="A") & Q(pages=100), "A"),
        (Q(title="A") ^ Q(pages=100), "E"),
        (Q(title="A") ^ Q(title="B") ^ Q(pages=100), "BE"),
        (~Q(title="A"), "BCDE"),
        (~Q(title="A") & ~Q(title="B"), "CDE"),
        (~(Q(title="A") | Q(title="B")), "CDE"),
        (~(Q(title="A") & Q(pages=100)), "BCDE"),
        (~~Q(title="A"), "A"),
        (Q(editor__name="Cat") | Q(title="D"), "ACD"),
        (Q(editor__name="Cat") | Q(editor=None), "ACD"),
        (Q(editor__name="Cat") & ~Q(title="A"), "C"),
        (~Q(editor__name="Cat") & Q(pages__gte=200), "BD"),
        (Q(authors__name="Cat") | Q(title="C"), "CE"),
        (Q(authors=None) | Q(authors__name="Cat"), "CE"),
        (Q(title="A") | ~Q(editor__name="Cat"), "ABDE"),
        (~Q(authors__name="Ann") & ~Q(authors__name="Ben"), "C"),
        (~Q(authors__name="Ann") | Q(title="A"), "ABC"),
        (Q(), "ABCDE"),
        (Q() & Q(title="A"), "A"),
        (Q() | Q(title="A"), "A"),
        (~Q(), "ABCDE"),
        (Q(("title", "A")), "A"),
        (Q(Q(title="A") | Q(title="B"), pages=200), "B"),
    ],
)
def test_conditions_combine(library, condition, expected) -> None:
    """Q objects with and, or, xor and not find these books."""
    assert "".join(titles(Book.objects.filter(condition).distinct())) == expected


def test_an_or_over_two_multi_valued_relations(library) -> None:
    """A book is found by either relation, though the other has no row."""
    book = Book.objects.get(title="C")
    Review.objects.create(source="Weekly", content_object=book)

    condition = Q(reviews__source="Weekly") | Q(authors__name="Cat")

    assert "".join(titles(Book.objects.filter(condition).distinct())) == "CE"


def test_querysets_combine(library) -> None:
    """``|``, ``&`` and ``^`` of querysets of one model."""
    ab = Book.objects.filter(title__in=["A", "B"])
    bc = Book.objects.filter(title__in=["B", "C"])

    assert titles(ab | bc) == ["A", "B", "C"]
    assert titles(ab & bc) == ["B"]
    assert titles(ab ^ bc) == ["A", "C"]
    assert titles(ab & Book.objects.none()) == []
    assert titles(ab | Book.objects.none()) == ["A", "B"]
    assert titles(Book.objects.none() | ab) == ["A", "B"]


@pytest.mark.parametrize("sign", [operator.or_, operator.and_])
def test_querysets_combine_over_joins(library, sign) -> None:
    """Combined querysets keep their joins."""
    one = Book.objects.filter(editor__name="Cat")
    two = Book.objects.filter(authors__name="Ann")
    expected = {operator.or_: ["A", "C", "D", "E"], operator.and_: ["A"]}[sign]

    assert titles(sign(one, two).distinct()) == expected


def test_relations_take_objects_keys_and_querysets(library) -> None:
    """A relation is compared with an object, a key, a list of either, or a queryset."""
    cat = library.cat

    for value in (cat, cat.pk, str(cat.pk)):
        assert found(editor=value) == "AC"
        assert found(authors=value) == "E"
    for values in ([cat], [cat.pk], {cat}, Person.objects.filter(name="Cat")):
        assert found(editor__in=values) == "AC"
    assert found(editor_id=cat.pk) == "AC"
    assert found(editor__pk=cat.pk) == "AC"
    assert found(editor__id__in=[cat.pk]) == "AC"
    assert found(editor__in=Person.objects.filter(name="Cat").values("pk")) == "AC"
    assert found(editor__in=Person.objects.filter(name="Cat").values_list("pk", flat=True)) == "AC"
    assert found(editor__name__in=Person.objects.filter(name="Cat").values("name")) == "AC"
    assert found(editor=Person.objects.filter(name="Cat")[:1]) == "AC"


def test_inner_queries_may_be_sliced_and_nested(library) -> None:
    """``in`` takes a queryset with filters, its own inner queryset and a join."""
    editors = Person.objects.filter(edited__in=Book.objects.filter(pages__lt=150))

    assert found(editor__in=editors) == "ACE"
    assert left(editor__in=editors) == "BD"
    assert found(pk__in=Book.objects.filter(authors__name="Ann").exclude(title="D")) == "AE"


def test_reverse_relations_by_their_names(library) -> None:
    """related_name, the model's name and related_query_name are the names in filters."""
    assert names(Person.objects.filter(edited__title="B")) == ["Ann"]
    assert names(Person.objects.filter(book__title="B")) == ["Ben"]
    assert names(Person.objects.filter(edited__isnull=True)) == []
    assert names(Person.objects.filter(book__isnull=True)) == []
    assert names(Person.objects.exclude(edited__pages__gt=150)) == ["Ben"]
    Pet.objects.create(name="Rex", owner=library.ann)
    assert names(Person.objects.filter(pet__name="Rex")) == ["Ann"]
    assert names(Person.objects.filter(pet=None)) == ["Ben", "Cat"]
    land = Country.objects.create(name="France")
    City.objects.create(name="Paris", country=land)
    assert names(Country.objects.filter(city__name="Paris")) == ["France"]
    assert names(land.cities.all()) == ["Paris"]


def test_one_to_one_in_both_directions() -> None:
    """A one-to-one relation is followed by its name from either end."""
    clubs = make_clubs()
    Passport.objects.create(member=clubs.uma, number="X1")

    assert names(Member.objects.filter(passport__number="X1")) == ["Uma"]
    assert names(Member.objects.filter(passport__isnull=True)) == ["Vic", "Wes"]
    assert names(Member.objects.exclude(passport__number="X1")) == ["Vic", "Wes"]
    assert Passport.objects.get(member__name="Uma").number == "X1"
    assert clubs.uma.passport.number == "X1"
    with pytest.raises(Passport.DoesNotExist):
        Member.objects.get(name="Vic").passport  # noqa: B018 - reading is the act


def test_through_models_of_ones_own() -> None:
    """A relation with its own through model is followed by its name and by the model's."""
    clubs = make_clubs()

    assert names(Club.objects.filter(members=clubs.vic)) == ["chess", "rowing"]
    assert names(Member.objects.filter(clubs__name="chess")) == ["Uma", "Vic"]
    assert names(Member.objects.filter(joining__since=date("2005-01-01"))) == ["Vic"]
    assert names(Member.objects.filter(invitations__club__name="chess")) == ["Uma"]
    assert names(clubs.vic.clubs.all()) == ["chess", "rowing"]
    clubs.rowing.members.add(clubs.wes, through_defaults={"since": date("2010-01-01")})
    assert Joining.objects.get(member=clubs.wes).since == date("2010-01-01")
    clubs.chess.members.remove(clubs.vic)
    assert names(clubs.chess.members.all()) == ["Uma"]


def test_relations_to_oneself() -> None:
    """Parents and children, friends and followers."""
    root = Category.objects.create(name="root")
    child = Category.objects.create(name="child", parent=root)
    Category.objects.create(name="grandchild", parent=child)
    assert names(Category.objects.filter(parent__name="root")) == ["child"]
    assert names(Category.objects.filter(parent__parent__name="root")) == ["grandchild"]
    assert names(Category.objects.filter(children__children__name="grandchild")) == ["root"]
    assert names(Category.objects.filter(parent__parent=None)) == ["child", "root"]

    clubs = make_clubs()
    clubs.uma.friends.add(clubs.vic)
    assert names(clubs.vic.friends.all()) == ["Uma"]
    assert names(Member.objects.filter(friends=clubs.uma)) == ["Vic"]
    clubs.uma.follows.add(clubs.wes)
    assert names(clubs.wes.followers.all()) == ["Uma"]
    assert names(clubs.wes.follows.all()) == []
    assert names(Member.objects.filter(follows__name="Wes")) == ["Uma"]
    clubs.vic.friends.remove(clubs.uma)
    assert names(clubs.uma.friends.all()) == []


def test_keys_to_another_field() -> None:
    """A foreign key with to_field holds and compares that field's values."""
    clubs = make_clubs()
    badge = Badge.objects.create(holder=clubs.uma, label="gold")

    assert badge.holder_id == "Uma"
    assert Badge.objects.get(holder="Uma") == badge
    assert Badge.objects.get(holder=clubs.uma) == badge
    assert Badge.objects.get(holder__pk=clubs.uma.pk) == badge
    assert Badge.objects.get().holder == clubs.uma
    assert list(clubs.uma.badges.all()) == [badge]
    assert names(Member.objects.filter(badges__label="gold")) == ["Uma"]
    assert list(Badge.objects.filter(holder__in=[clubs.uma, clubs.vic])) == [badge]


def test_generic_relations_are_followed(library) -> None:
    """A generic relation joins only the rows of its own content type."""
    Review.objects.create(source="Weekly", content_object=library.A)
    Review.objects.create(source="Weekly", content_object=library.ann)

    assert found(reviews__source="Weekly") == "A"
    assert left(reviews__source="Weekly") == "BCDE"
    assert found(reviews__isnull=True) == "BCDE"
    assert [r.source for r in library.A.reviews.all()] == ["Weekly"]
    assert library.A.reviews.count() == 1


def test_the_key_of_a_relation_needs_no_join(library) -> None:
    """Comparing the key itself reads the column of the table alone."""
    with queries(1) as log:
        list(Book.objects.filter(editor=library.cat, editor__pk=library.cat.pk))

    assert "JOIN" not in str(log[0]).upper()


def test_related_managers_filter_further(library) -> None:
    """A related manager is a manager: filter, exclude, order_by, count, get and more."""
    ann = library.ann

    assert titles(ann.book_set.filter(pages__gt=100)) == ["D"]
    assert titles(ann.book_set.exclude(title="A")) == ["D", "E"]
    assert titles(ann.book_set.order_by("-title")) == ["E", "D", "A"]
    assert ann.book_set.count() == 3
    assert ann.book_set.get(title="D").pages == 400
    assert ann.edited.exists()
    # The manager's own condition and the first filter() after it are about one author.
    assert titles(ann.book_set.filter(authors__name="Ben")) == []
    assert titles(ann.book_set.filter(authors__name="Ann")) == ["A", "D", "E"]
    assert titles(ann.book_set.all().filter(pages__gt=1).filter(authors__name="Ben")) == ["A", "E"]
    assert titles(library.cat.edited.all()[:1]) == ["A"]
    assert ann.book_set.first().title == "A"
    assert ann.book_set.contains(library.D)


def test_a_child_is_ordered_by_its_key_not_as_its_parent_is():
    """ "pk" is a column, also where it is the link to a parent that has an order."""
    zoe, ann = [Restaurant.objects.create(name=name) for name in ("Zoe", "Ann")]
    Booking.objects.create(restaurant=ann, guest="late")
    Booking.objects.create(restaurant=zoe, guest="early")

    assert list(Restaurant.objects.order_by("pk")) == [zoe, ann]
    assert list(Restaurant.objects.order_by("-pk")) == [ann, zoe]
    assert list(Restaurant.objects.order_by("place_ptr")) == [ann, zoe]  # a relation: by its order
    bookings = Booking.objects.order_by("restaurant__pk").values_list("guest", flat=True)
    assert list(bookings) == ["early", "late"]
    counted = Restaurant.objects.annotate(n=Count("bookings")).order_by("-n", "pk")
    assert list(counted.values_list("pk", "n")) == [(zoe.pk, 1), (ann.pk, 1)]


def test_an_object_of_a_parent_stands_for_the_child_with_its_key():
    zoe = Restaurant.objects.create(name="Zoe")
    other = Place.objects.create(name="Park")
    Booking.objects.create(restaurant=zoe, guest="Kim")
    place = Place.objects.get(name="Zoe")

    assert Booking.objects.filter(restaurant=place).count() == 1
    assert Booking.objects.filter(restaurant__in=[place, other]).count() == 1
    assert Booking.objects.exclude(restaurant=other).count() == 1
