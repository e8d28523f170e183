"""Saving, deleting, refreshing and checking objects, in both faces."""

# ruff: noqa: PT012 - what a block of several statements does is the test

from __future__ import annotations

import datetime
import decimal
import uuid

import pytest

from manybase.db import transaction
from manybase.errors import (
    IntegrityError,
    ObjectDoesNotExist,
    ProtectedError,
    RestrictedError,
    ValidationError,
)
from manybase.models import F
from tests.behaviour.help import Face, both, date, dive, names, person, pro, queries
from tests.behaviour.models import (
    Bar,
    Book,
    Category,
    Checked,
    Defaults,
    Grade,
    Guarded,
    Keyed,
    Loose,
    Member,
    Mood,
    Owner,
    Person,
    Pet,
    Place,
    Restaurant,
    Restrained,
    Review,
    Sample,
    SmallKey,
)

pytestmark = pytest.mark.transactional


@both
async def test_save_inserts_then_updates(face: Face) -> None:
    """The first save makes a row and a key, later ones change that row; one statement each."""
    book = Book(title="A", published=date("2020-01-01"))
    with queries(1):
        await face.call(book, "save")
    assert isinstance(book.pk, int)
    book.title = "B"
    with queries(1):
        await face.call(book, "save")

    assert await face.list(Book.objects.values_list("pk", "title")) == [(book.pk, "B")]


@both
async def test_save_with_a_given_key(face: Face) -> None:
    """A key that is given is updated if there, else inserted."""
    await face.call(Keyed(key="a", number=1), "save")
    await face.call(Keyed(key="a", number=2), "save")
    await face.call(Keyed(key="b", number=3), "save")

    assert await face.list(Keyed.objects.values_list("key", "number")) == [("a", 2), ("b", 3)]
    await face.call(Person(pk=77, name="P"), "save")
    assert (await face.call(Person.objects, "get", pk=77)).name == "P"


@both
async def test_forced_saves(face: Face) -> None:
    """force_insert never updates, force_update never inserts, both together are refused."""
    await face.call(Keyed.objects, "create", key="a")
    with pytest.raises(IntegrityError):
        if face.is_async:
            async with transaction.atomic("default"):
                await Keyed(key="a").asave(force_insert=True)
        else:
            with transaction.atomic("default"):
                Keyed(key="a").save(force_insert=True)
    with pytest.raises(Exception, match=r"(?i)update|changed no row"):
        await face.call(Keyed(key="z"), "save", force_update=True)
    with pytest.raises((ValueError, TypeError), match="force_insert"):
        await face.call(Keyed(key="z"), "save", force_insert=True, force_update=True)
    assert await face.call(Keyed.objects, "count") == 1


@both
async def test_update_fields(face: Face) -> None:
    """update_fields writes those alone; an empty list writes nothing; unknown names raise."""
    book = await face.call(Book.objects, "create", title="A", pages=1)
    book.title, book.pages = "B", 2

    await face.call(book, "save", update_fields=["pages"])
    again = await face.call(Book.objects, "get", pk=book.pk)
    assert (again.title, again.pages) == ("A", 2)
    with queries(0):
        await face.call(book, "save", update_fields=[])
    with pytest.raises(ValueError, match="titel"):
        await face.call(book, "save", update_fields=["titel"])
    person_made = await face.call(Person.objects, "create", name="P")
    book.editor = person_made
    await face.call(book, "save", update_fields=["editor"])
    assert (await face.call(Book.objects, "get", pk=book.pk)).editor_id == person_made.pk


@both
async def test_refresh(face: Face) -> None:
    """refresh_from_db() reads all or some fields and drops cached relations that changed."""
    ann = await face.call(Person.objects, "create", name="Ann")
    ben = await face.call(Person.objects, "create", name="Ben")
    book = await face.call(Book.objects, "create", title="A", editor=ann)
    await face.call(Book.objects.filter(pk=book.pk), "update", title="B", pages=9, editor=ben)

    await face.call(book, "refresh_from_db", fields=["pages"])
    assert (book.title, book.pages) == ("A", 9)
    await face.call(book, "refresh_from_db")
    assert (book.title, book.editor_id) == ("B", ben.pk)
    if not face.is_async:
        assert book.editor.name == "Ben"
    await face.call(Book.objects.filter(pk=book.pk), "delete")
    with pytest.raises(Book.DoesNotExist):
        await face.call(book, "refresh_from_db")


@both
async def test_expressions_are_saved(face: Face) -> None:
    """A field set to F() is computed by the database at the save."""
    book = await face.call(Book.objects, "create", title="A", pages=10)
    book.pages = F("pages") + 5
    await face.call(book, "save")

    await face.call(book, "refresh_from_db")
    assert book.pages == 15


def test_defaults_of_every_kind() -> None:
    """Callables, constants, defaults of the database, and times set at a save."""
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=5)
    made = Defaults.objects.create()
    other = Defaults.objects.create()

    assert isinstance(made.key, uuid.UUID) and made.key != other.key
    assert (made.share, made.label, made.counter) == (decimal.Decimal("1.50"), "new", 7)
    assert made.made > before and made.changed >= made.made
    assert isinstance(made.day_made, datetime.date)
    first = made.made
    made.save()
    again = Defaults.objects.get(pk=made.pk)
    assert again.made == first
    assert again.changed > again.made
    assert Defaults.objects.get(label="new", pk=made.pk).counter == 7
    assert Defaults.objects.create(counter=1).counter == 1


def test_keys_of_several_sizes() -> None:
    """Auto keys number rows by themselves; objects.create(pk=) takes any."""
    one, two = SmallKey.objects.create(label="a"), SmallKey.objects.create(label="b")

    assert two.pk > one.pk
    assert SmallKey.objects.create(pk=400).pk == 400
    assert SmallKey.objects.count() == 3


def test_choices_have_labels() -> None:
    """get_X_display() gives the label; values compare with the enumeration's members."""
    sample = Sample.objects.create(mood=Mood.WILD, grade=Grade.HIGH)

    again = Sample.objects.get(mood=Mood.WILD)
    assert again == sample
    assert (again.mood, again.grade) == ("w", 2)
    assert again.mood == Mood.WILD
    assert again.get_mood_display() == "Wild and free"
    assert again.get_grade_display() == "Very high"
    assert Mood.choices == [("c", "Calm"), ("w", "Wild and free")]
    assert (Mood.WILD.label, Grade.LOW.label, Grade.values) == ("Wild and free", "Low", [1, 2])


@both
async def test_delete_an_object(face: Face) -> None:
    """delete() takes the row, says how many, and the object becomes unsaved."""
    book = await face.call(Book.objects, "create", title="A")

    assert await face.call(book, "delete") == (1, {"behaviour.Book": 1})
    assert book.pk is None
    assert await face.call(Book.objects, "count") == 0
    with pytest.raises(ValueError, match=r"(?i)key|None"):
        await face.call(book, "delete")


def test_cascades_reach_every_level() -> None:
    """Children of children go too; the counts tell of what."""
    root = Category.objects.create(name="root")
    child = Category.objects.create(name="child", parent=root)
    Category.objects.create(name="leaf", parent=child)
    Category.objects.create(name="apart")

    assert root.delete() == (3, {"behaviour.Category": 3})
    assert names(Category.objects.all()) == ["apart"]


def test_protected_objects_stay() -> None:
    """PROTECT and RESTRICT raise and name what points here."""
    owner = Owner.objects.create(name="o")
    guarded = Guarded.objects.create(owner=owner)

    with pytest.raises(ProtectedError, match="Guarded") as raised:
        owner.delete()
    assert raised.value.protected_objects == {guarded}
    guarded.delete()
    restrained = Restrained.objects.create(owner=owner)
    with pytest.raises(RestrictedError, match="Restrained") as stopped:
        owner.delete()
    assert stopped.value.restricted_objects == {restrained}
    restrained.delete()
    owner.delete()
    assert not Owner.objects.exists()


def test_keys_are_set_when_their_object_goes() -> None:
    """SET_NULL, SET() and SET_DEFAULT write their values."""
    owner = Owner.objects.create()
    loose = Loose.objects.create(by_null=owner, by_value=owner, by_default=owner)

    owner.delete()

    loose.refresh_from_db()
    assert (loose.by_null_id, loose.by_value_id, loose.by_default_id) == (None, None, None)


def test_deletion_of_links_and_generic_children() -> None:
    """Deleting a book takes its links and reviews; its authors and editor stay."""
    book, mark = pro(), person("Mark")
    book.authors.add(mark)
    book.editor = mark
    book.save()
    Review.objects.create(source="Weekly", content_object=book)

    total, by_label = book.delete()

    assert by_label["behaviour.Review"] == 1
    assert by_label["behaviour.Book_authors"] == 1
    assert total == 3
    assert Person.objects.get() == mark


def test_deletion_of_a_key_s_target_sets_null() -> None:
    """A book stays when its editor goes."""
    mark = person("Mark", "other")
    book = dive(editor=mark)

    mark.delete()

    book.refresh_from_db()
    assert book.editor is None


def test_an_error_in_a_deletion_undoes_it() -> None:
    """A deletion of several statements is done wholly or not at all."""
    mark = person("Mark")
    for number in range(3):
        Pet.objects.create(name=str(number), owner=mark)
    from manybase.models import signals

    def stop(**values) -> None:
        raise RuntimeError("stop")

    signals.post_delete.connect(stop, sender=Person)
    try:
        with pytest.raises(RuntimeError, match="stop"):
            mark.delete()
    finally:
        signals.post_delete.disconnect(stop, sender=Person)
    assert Pet.objects.count() == 3


# Inheritance


@both
async def test_children_of_another_table(face: Face) -> None:
    """A child's row has a row in each parent's table; all of them are one object."""
    bar = await face.call(
        Bar.objects, "create", name="Pub", street="Main", serves_pizza=True, taps=3
    )

    place = await face.call(Place.objects, "get", pk=bar.pk)
    assert (place.name, place.street) == ("Pub", "Main")
    bar.name, bar.taps = "Inn", 5
    await face.call(bar, "save")
    found = await face.call(Bar.objects, "get", taps=5)
    assert (found.name, found.serves_pizza) == ("Inn", True)
    assert (await face.call(Restaurant.objects, "get")).name == "Inn"
    assert await face.call(Bar.objects.filter(name="Inn"), "update", name="Tavern", taps=6) == 1
    assert (await face.call(Place.objects, "get")).name == "Tavern"
    assert await face.call(Place.objects.filter(restaurant__bar__taps=6), "count") == 1
    await face.call(found, "delete")
    assert await face.call(Place.objects, "count") == 0


def test_children_are_reached_from_their_parents() -> None:
    """A parent's object gives its child by the child's name, or raises."""
    Restaurant.objects.create(name="Roma", serves_pizza=True)
    Place.objects.create(name="Park")

    assert Place.objects.get(name="Roma").restaurant.serves_pizza is True
    with pytest.raises(Restaurant.DoesNotExist):
        Place.objects.get(name="Park").restaurant  # noqa: B018 - reading is the act
    assert issubclass(Restaurant.DoesNotExist, Place.DoesNotExist)
    assert issubclass(Place.DoesNotExist, ObjectDoesNotExist)
    assert names(Restaurant.objects.all()) == ["Roma"]


def test_proxies_share_the_table() -> None:
    """A proxy reads the rows of its model with its own order and methods."""
    from tests.behaviour.models import Novelist

    person("Ann")
    Novelist.objects.create(name="Ben")

    assert names(Novelist.objects.all()) == ["Ben", "Ann"]
    assert names(Person.objects.all()) == ["Ann", "Ben"]
    assert Novelist.objects.get(name="Ben").shout() == "BEN"
    assert Novelist.objects.get(name="Ann") == Person.objects.get(name="Ann")
    assert Novelist._meta.concrete_model is Person


def test_abstract_models_give_fields_and_options() -> None:
    """Fields, related names, ordering and methods come from the abstract model."""
    from tests.behaviour.models import Letter, Parcel

    ann = person("Ann")
    Letter.objects.create(creator=ann, body="x")
    Parcel.objects.create(creator=ann, weight=2)
    Parcel.objects.create(weight=9)

    assert ann.letters_made.count() == 1
    assert ann.parcels_made.get().weight == 2
    assert [p.weight for p in Parcel.objects.all()] == [9, 2]
    assert Letter.objects.get().age(date("2020-01-31")) == 30


# Validation


def test_full_clean_finds_every_fault() -> None:
    """full_clean() gives the errors by field."""
    sample = Sample(email="nobody", url="no url", mood="x", slug="a b", positive=-1)

    with pytest.raises(ValidationError) as raised:
        sample.full_clean()

    faults = raised.value.message_dict
    assert {"email", "url", "mood", "slug", "positive"} <= set(faults)
    assert "text" in faults  # blank


def test_full_clean_checks_uniqueness_where_the_object_is() -> None:
    """Unique fields, unique_together, constraints and unique_for_date, in one database."""
    Member.objects.create(name="Uma")
    with pytest.raises(ValidationError, match="already exists"):
        Member(name="Uma").full_clean()
    Member(name="Vic").full_clean()
    twin = Member(name="Uma")
    twin._state.db = "other"
    twin.full_clean()

    Checked.objects.create(name="a", low=1, high=2, title="t")
    with pytest.raises(ValidationError, match=r"(?i)name.*low"):
        Checked(name="a", low=1, high=3, title="u").full_clean()
    with pytest.raises(ValidationError):
        Checked(name="a", low=2, high=2, title="u").full_clean()
    with pytest.raises(ValidationError, match="title") as raised:
        Checked(name="b", title="t").full_clean()
    assert "title" in raised.value.message_dict
    Checked(name="b", title="t", day=date("2021-01-01")).full_clean()
    assert Checked.objects.get().full_clean() is None


def test_validation_of_keys() -> None:
    """A key that points at no row is an error of its field."""
    with pytest.raises(ValidationError) as raised:
        Pet(name="Rex", owner_id=4711).full_clean()

    assert "owner" in raised.value.message_dict


def test_constraints_of_the_database_hold() -> None:
    """What validation would find the database refuses too."""
    Member.objects.create(name="Uma")
    with pytest.raises(IntegrityError), transaction.atomic("default"):
        Member.objects.create(name="Uma")
    Checked.objects.create(name="a", low=1)
    with pytest.raises(IntegrityError), transaction.atomic("default"):
        Checked.objects.create(name="a", low=1, high=5)
    with pytest.raises(IntegrityError), transaction.atomic("default"):
        Pet.objects.create(name="Rex", owner_id=4711)
    with pytest.raises(IntegrityError), transaction.atomic("default"):
        Book.objects.create(title=None)


# Relations


@both
async def test_links_in_both_faces(face: Face) -> None:
    """add, remove, set, clear, create and their twins."""
    book = await face.call(Book.objects, "create", title="A")
    ann = await face.call(Person.objects, "create", name="Ann")
    ben = await face.call(Person.objects, "create", name="Ben")

    async def linked():
        return [one.name for one in await face.list(book.authors.all())]

    await face.call(book.authors, "add", ann, ben.pk)
    assert await linked() == ["Ann", "Ben"]
    await face.call(book.authors, "add", ann)
    assert await linked() == ["Ann", "Ben"]
    await face.call(book.authors, "remove", ben)
    assert await linked() == ["Ann"]
    await face.call(book.authors, "set", [ben])
    assert await linked() == ["Ben"]
    await face.call(book.authors, "set", [ann, ben], clear=True)
    assert await linked() == ["Ann", "Ben"]
    await face.call(book.authors, "clear")
    assert await linked() == []
    await face.call(book.authors, "create", name="Cat")
    assert await linked() == ["Cat"]
    await face.call(book.authors, "get_or_create", name="Cat")
    await face.call(book.authors, "update_or_create", name="Dan", defaults={})
    assert await linked() == ["Cat", "Dan"]
    await face.call(ann.edited, "add", book)
    assert (await face.call(Book.objects, "get", pk=book.pk)).editor_id == ann.pk
    await face.call(ann.edited, "set", [])
    assert (await face.call(Book.objects, "get", pk=book.pk)).editor_id is None


def test_sets_may_be_assigned() -> None:
    """The older spelling: a list assigned to either end replaces the set."""
    book, mark, ann = pro(), person("Mark"), person("Ann")

    book.authors = [mark]
    assert names(book.authors.all()) == ["Mark"]
    ann.book_set = [book]
    assert names(book.authors.all()) == ["Ann", "Mark"]
    mark.edited = [book]
    assert Book.objects.get().editor == mark
    Review.objects.create(source="w", content_object=dive("default"))
    book.reviews = Review.objects.all()
    assert book.reviews.get().source == "w"


def test_wrong_objects_are_refused_by_relations() -> None:
    """A relation takes objects of its model."""
    book = pro()

    with pytest.raises((ValueError, TypeError), match="Person"):
        book.editor = book
    with pytest.raises((ValueError, TypeError), match="Person"):
        book.authors.add(book)
    with pytest.raises((ValueError, TypeError)):
        Book(title="unsaved").authors.add(person("Mark"))


def test_equality_and_hash_of_unsaved_objects() -> None:
    """Objects without a key equal only themselves; of other models never."""
    one, two = Book(title="a"), Book(title="a")

    assert one != two
    assert one == one
    assert pro(pk=1) != person("x", pk=1)
    assert str(one) == "a"
    assert repr(one) == "<Book: a>"
