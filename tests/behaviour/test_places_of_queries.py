"""Queries, relations and objects stay in their database when no router is asked (B1 to B29)."""

from __future__ import annotations

import pytest

from manybase.contrib.auth.models import User
from manybase.contrib.contenttypes.models import ContentType
from manybase.errors import CrossDatabaseError
from tests.behaviour.help import date, dive, names, on_pairs, person, pro, routed, titles
from tests.behaviour.models import Book, Person, Pet, Review, UserProfile
from tests.behaviour.routers import RecordingRouter

pytestmark = on_pairs


def test_querysets_and_managers_report_their_alias() -> None:
    """B1: ``.db`` is default, or the alias bound by using() or db_manager(), also after all()."""
    assert Book.objects.db == "default"
    assert Book.objects.all().db == "default"
    assert Book.objects.using("other").db == "other"
    assert Book.objects.using("other").all().db == "other"
    assert Book.objects.db_manager("other").db == "other"
    assert Book.objects.db_manager("other").all().db == "other"


def test_objects_of_default_are_not_on_other() -> None:
    """B2: what create() and save() make without an alias is on default only."""
    pro()
    book = Book()
    book.title = "Dive into Python"
    book.published = date("2009-05-04")
    book.save()

    for title in ("Pro Django", "Dive into Python"):
        assert Book.objects.get(title=title).title == title
        assert Book.objects.using("default").get(title=title)._state.db == "default"
        with pytest.raises(Book.DoesNotExist):
            Book.objects.using("other").get(title=title)


def test_objects_of_other_are_not_on_default() -> None:
    """B3: what create() on other and save(using=) make is on other only."""
    dive()
    book = Book(title="Pro Django", published=date("2008-12-16"))
    book.save(using="other")

    assert book._state.db == "other"
    for title in ("Pro Django", "Dive into Python"):
        assert Book.objects.using("other").get(title=title).title == title
        with pytest.raises(Book.DoesNotExist):
            Book.objects.get(title=title)
        with pytest.raises(Book.DoesNotExist):
            Book.objects.using("default").get(title=title)


def test_refresh_reads_the_place_of_the_object() -> None:
    """B4: refresh_from_db() reads the object's database; using= reads and ties elsewhere."""
    book = dive(pk=7)
    pro(pk=7)
    Book.objects.using("other").filter(pk=7).update(title="Dive deeper")

    book.refresh_from_db()
    assert (book.title, book._state.db) == ("Dive deeper", "other")

    book.refresh_from_db(using="default")
    assert (book.title, book._state.db) == ("Pro Django", "default")


def test_refresh_asks_the_router_once_with_the_instance() -> None:
    """B5: one question with ``instance`` for refresh_from_db()."""
    book = dive()
    router = RecordingRouter()

    with routed(router):
        book.refresh_from_db()

    assert len(router.reads) == 1
    model, hints = router.reads[0]
    assert model is Book
    assert hints["instance"] is book


def test_lookups_see_one_database() -> None:
    """B6: lookups and dates() find rows of the bound database alone."""
    dive()
    other, default = Book.objects.using("other"), Book.objects.using("default")

    for lookup in (
        {"published": date("2009-05-04")},
        {"title__icontains": "dive"},
        {"title__iexact": "dive INTO python"},
        {"published__year": 2009},
    ):
        found = other.get(**lookup)
        assert (found.title, found.published) == ("Dive into Python", date("2009-05-04"))
        with pytest.raises(Book.DoesNotExist):
            default.get(**lookup)
    assert list(other.dates("published", "year")) == [date("2009-01-01")]
    assert list(other.dates("published", "month")) == [date("2009-05-01")]
    assert list(default.dates("published", "year")) == []
    assert list(default.dates("published", "month")) == []


def test_many_to_many_rows_are_separate() -> None:
    """B7: through rows, joins and both managers belong to one database."""
    one, two = pro(), dive()
    marty, mark = person("Marty"), person("Mark", "other")

    one.authors.set([marty])
    two.authors.set([mark])

    through = Book.authors.through
    assert through.objects.using("default").count() == 1
    assert through.objects.using("other").count() == 1
    for alias, name, expected in (
        ("default", "Marty", ["Pro Django"]),
        ("other", "Marty", []),
        ("default", "Mark", []),
        ("other", "Mark", ["Dive into Python"]),
    ):
        assert titles(Book.objects.using(alias).filter(authors__name=name)) == expected
    again = Book.objects.using("other").get(title="Dive into Python")
    assert names(again.authors.all()) == ["Mark"]
    assert titles(Person.objects.using("other").get(name="Mark").book_set.all()) == [
        "Dive into Python"
    ]


def test_forward_many_to_many_work_stays_at_the_origin() -> None:
    """B8: add, remove, clear and create without an alias happen in the object's database."""
    book, mark = dive(), person("Mark", "other")
    book.authors.set([mark])
    john = person("John", "other")
    by = Book.objects.using("other")

    book.authors.add(john)
    assert titles(by.filter(authors__name="John")) == ["Dive into Python"]
    book.authors.remove(john)
    assert titles(by.filter(authors__name="John")) == []
    assert titles(by.filter(authors__name="Mark")) == ["Dive into Python"]
    book.authors.clear()
    assert titles(by.filter(authors__name="Mark")) == []
    jane = book.authors.create(name="Jane")
    assert jane._state.db == "other"
    assert titles(by.filter(authors__name="Jane")) == ["Dive into Python"]
    assert not Person.objects.using("default").exists()
    assert not Book.authors.through.objects.using("default").exists()


def test_reverse_many_to_many_work_stays_at_the_origin() -> None:
    """B9: the same through ``book_set``."""
    book, mark = dive(), person("Mark", "other")
    book.authors.set([mark])
    grease = dive(title="Greasemonkey Hacks")
    by = Person.objects.using("other")

    mark.book_set.add(grease)
    assert names(by.filter(book__title="Greasemonkey Hacks")) == ["Mark"]
    mark.book_set.remove(grease)
    assert names(by.filter(book__title="Greasemonkey Hacks")) == []
    assert names(by.filter(book__title="Dive into Python")) == ["Mark"]
    mark.book_set.clear()
    assert names(by.filter(book__title="Dive into Python")) == []
    html = mark.book_set.create(title="Dive into HTML5")
    assert html._state.db == "other"
    assert names(by.filter(book__title="Dive into HTML5")) == ["Mark"]
    assert not Book.objects.using("default").exists()


def _refused(*aliases: str):
    """Expect a CrossDatabaseError that names these aliases."""
    pattern = "".join(rf"(?=.*['\"]{alias}['\"])" for alias in aliases or ("default", "other"))
    return pytest.raises(CrossDatabaseError, match=f"(?s){pattern}")


def test_many_to_many_refuses_objects_of_another_database() -> None:
    """B10: set() and add() of both ends raise, name both databases and write nothing."""
    one, two = pro(), dive()
    marty, mark = person("Marty"), person("Mark", "other")

    with _refused():
        marty.book_set.set([one, two])
    with _refused():
        marty.book_set.add(two)
    with _refused():
        marty.edited.set([one, two])
    with _refused():
        two.authors.add(marty)
    with _refused():
        two.authors.set([mark, marty])
    for alias in ("default", "other"):
        assert not Book.authors.through.objects.using(alias).exists()
    assert Book.objects.get(pk=one.pk).editor is None


def test_delete_takes_through_rows_of_its_database_only() -> None:
    """B11: deleting either end takes its links there; the far end and other databases stay."""
    through = Book.authors.through
    for alias in ("default", "other"):
        pro(alias).authors.set([person("Marty", alias)])
        dive(alias).authors.set([person("Mark", alias)])

    Person.objects.using("other").get(name="Mark").delete(using="other")
    assert names(Person.objects.using("other")) == ["Marty"]
    assert titles(Book.objects.using("other")) == ["Dive into Python", "Pro Django"]
    assert (through.objects.using("other").count(), through.objects.count()) == (1, 2)

    Book.objects.using("other").get(title="Pro Django").delete(using="other")
    assert names(Person.objects.using("other")) == ["Marty"]
    assert titles(Book.objects.using("other")) == ["Dive into Python"]
    assert (through.objects.using("other").count(), through.objects.count()) == (0, 2)


def test_foreign_keys_are_separate() -> None:
    """B12: values, joins and the reverse manager belong to one database."""
    one, two = pro(), dive()
    george, chris = person("George"), person("Chris", "other")
    one.editor = george
    one.save()
    two.editor = chris
    two.save()

    assert Book.objects.using("default").get(pk=one.pk).editor.name == "George"
    assert Book.objects.using("other").get(pk=two.pk).editor.name == "Chris"
    for alias, title, expected in (
        ("default", "Pro Django", ["George"]),
        ("other", "Pro Django", []),
        ("default", "Dive into Python", []),
        ("other", "Dive into Python", ["Chris"]),
    ):
        assert names(Person.objects.using(alias).filter(edited__title=title)) == expected
    again = Person.objects.using("other").get(name="Chris")
    assert list(again.edited.values_list("title", flat=True)) == ["Dive into Python"]


def test_reverse_foreign_key_work_stays_at_the_origin() -> None:
    """B13: add, remove, clear and create of ``edited`` happen in the object's database."""
    chris = person("Chris", "other")
    dive(editor=chris)
    html = dive(title="Dive into HTML5")

    chris.edited.add(html)
    assert titles(chris.edited.all()) == ["Dive into HTML5", "Dive into Python"]
    chris.edited.remove(html)
    assert titles(chris.edited.all()) == ["Dive into Python"]
    chris.edited.clear()
    assert titles(chris.edited.all()) == []
    water = chris.edited.create(title="Dive into Water")
    assert water._state.db == "other"
    assert names(Person.objects.using("other").filter(edited__title="Dive into Water")) == ["Chris"]
    assert Book.objects.using("other").count() == 3
    assert not Book.objects.using("default").exists()


def test_foreign_keys_refuse_objects_of_another_database() -> None:
    """B14: assignment, reverse set() and reverse add() raise ValueError with both aliases."""
    one, two, marty = pro(), dive(), person("Marty")

    with _refused():
        two.editor = marty
    with _refused():
        marty.edited.set([one, two])
    with _refused():
        marty.edited.add(two)
    assert issubclass(CrossDatabaseError, ValueError)
    assert two.editor_id is None
    assert not Book.objects.using("default").filter(editor=marty).exists()


def test_cascades_run_in_the_database_of_the_object() -> None:
    """B15: deleting a person takes its pets there, and nobody's elsewhere."""
    for alias in ("default", "other"):
        owner = person("Mark", alias)
        Pet.objects.using(alias).create(name="Wilbur", owner=owner)

    Person.objects.using("other").get(name="Mark").delete()

    assert not Pet.objects.using("other").exists()
    assert Pet.objects.using("default").count() == 1


def test_validation_of_a_key_reads_the_database_of_the_object() -> None:
    """B16: full_clean() looks for the related row where the object is."""
    mark = person("Mark", "other", pk=91)
    Pet(name="Rover", owner=mark).full_clean()

    pet = Pet(name="Rover", owner_id=91)
    pet._state.db = "other"
    pet.full_clean()


def test_clean_of_a_key_asks_the_router_with_the_model() -> None:
    """B17: ``field.clean(value, None)`` routes a read of the related model."""
    mark = person("Mark", "other")
    asked = []

    class ToOther:
        def db_for_read(self, model, **hints):
            asked.append(model)
            return "other"

    with routed(ToOther()):
        assert Pet._meta.get_field("owner").clean(mark.pk, None) == mark.pk
    assert asked == [Person]


def _users():
    alice = User.objects.db_manager("default").create_user("alice", "alice@example.com")
    bob = User.objects.db_manager("other").create_user("bob", "bob@example.com")
    return alice, bob


def test_one_to_one_values_are_separate() -> None:
    """B18: values, joins and both accessors belong to one database."""
    alice, bob = _users()
    UserProfile.objects.using("default").create(user=alice, flavor="chocolate")
    UserProfile.objects.using("other").create(user=bob, flavor="frog")

    again = User.objects.using("default").get(username="alice")
    assert again.userprofile.flavor == "chocolate"
    again = User.objects.using("other").get(username="bob")
    assert again.userprofile.flavor == "frog"
    for alias, flavor, expected in (
        ("default", "chocolate", ["alice"]),
        ("other", "chocolate", []),
        ("default", "frog", []),
        ("other", "frog", ["bob"]),
    ):
        users = User.objects.using(alias).filter(userprofile__flavor=flavor)
        assert list(users.values_list("username", flat=True)) == expected
    profile = UserProfile.objects.using("other").get()
    assert profile.user.username == "bob"


def test_one_to_one_refuses_and_adopts() -> None:
    """B19: reverse assignment across databases raises; unsaved objects take either side's."""
    alice, bob = _users()
    alice_profile = UserProfile.objects.using("default").create(user=alice, flavor="chocolate")

    with _refused():
        bob.userprofile = alice_profile

    bob_profile = UserProfile(flavor="frog")
    assert bob_profile._state.db is None
    bob.userprofile = bob_profile
    assert bob_profile._state.db == "other"
    assert not UserProfile.objects.using("other").exists()
    bob_profile.save()
    assert UserProfile.objects.using("other").get().user == bob

    charlie = User(username="charlie")
    charlie.set_unusable_password()
    new_profile = UserProfile.objects.using("other").create(flavor="tutti")
    new_profile.user = charlie
    assert charlie._state.db == "other"
    charlie.save()
    new_profile.save()

    david = User.objects.using("other").create(username="david")
    made = UserProfile(user=david, flavor="mint")
    assert made._state.db == "other"
    made.save()
    assert UserProfile.objects.using("other").count() == 3
    assert UserProfile.objects.using("default").count() == 1
    assert User.objects.using("default").count() == 1


def test_generic_keys_are_separate() -> None:
    """B20: the object of a review is read in the review's database."""
    Review.objects.create(source="Monthly", content_object=pro())
    Review.objects.using("other").create(source="Weekly", content_object=dive())

    assert Review.objects.get(source="Monthly").content_object.title == "Pro Django"
    weekly = Review.objects.using("other").get(source="Weekly")
    assert weekly.content_object.title == "Dive into Python"
    assert weekly.content_object._state.db == "other"
    again = Book.objects.using("other").get()
    assert list(again.reviews.values_list("source", flat=True)) == ["Weekly"]


def test_generic_work_stays_at_the_origin() -> None:
    """B21: add, remove, clear and create of ``reviews`` happen in the object's database."""
    book, temp = dive(), dive(title="Temp")
    weekly = Review.objects.using("other").create(source="Weekly", content_object=book)
    monthly = Review.objects.using("other").create(source="Monthly", content_object=temp)

    def sources(alias):
        found = Review.objects.using(alias).filter(object_id=book.pk)
        return list(found.values_list("source", flat=True))

    assert (sources("default"), sources("other")) == ([], ["Weekly"])
    book.reviews.add(monthly)
    assert (sources("default"), sources("other")) == ([], ["Monthly", "Weekly"])
    book.reviews.remove(weekly)
    assert (sources("default"), sources("other")) == ([], ["Monthly"])
    book.reviews.clear()
    assert (sources("default"), sources("other")) == ([], [])
    made = book.reviews.create(source="Daily")
    assert made._state.db == "other"
    assert (sources("default"), sources("other")) == ([], ["Daily"])


def test_generic_keys_refuse_and_adopt() -> None:
    """B22: foreign objects are refused; an unsaved review takes the object's database."""
    one, two = pro(), dive()
    monthly = Review.objects.create(source="Monthly", content_object=one)
    Review.objects.using("other").create(source="Weekly", content_object=two)

    with _refused():
        monthly.content_object = two
    with _refused():
        two.reviews.add(monthly)

    daily = Review(source="Daily")
    assert daily._state.db is None
    daily.content_object = two
    assert daily._state.db == "other"
    assert Review.objects.using("other").count() == 1
    daily.save()
    assert Review.objects.using("other").count() == 2
    assert Review.objects.using("default").count() == 1


def test_deletion_takes_generic_children_of_its_database() -> None:
    """B23: deleting a book takes its reviews there and leaves those of equal keys elsewhere."""
    book, twin = dive(pk=5), pro(pk=5)
    Review.objects.using("other").create(source="Weekly", content_object=book)
    Review.objects.create(source="Monthly", content_object=twin)

    book.delete(using="other")

    assert not Book.objects.using("other").exists()
    assert not Review.objects.using("other").exists()
    assert Review.objects.using("default").count() == 1


def test_neighbours_are_of_the_same_database() -> None:
    """B24: get_next_by and get_previous_by ignore rows of other databases."""
    pro()
    book = dive()
    learn = dive(title="Learning Python", published=date("2008-07-16"))

    assert learn.get_next_by_published().title == "Dive into Python"
    assert book.get_previous_by_published().title == "Learning Python"
    with pytest.raises(Book.DoesNotExist):
        book.get_next_by_published()


def test_raw_queries_run_where_they_are_bound() -> None:
    """B25: raw() through db_manager() and through using() yields rows of that database."""
    book = dive()
    sql = f'SELECT id FROM "{Book._meta.db_table}"'

    assert [found.pk for found in Book.objects.db_manager("other").raw(sql)] == [book.pk]
    found = list(Book.objects.raw(sql).using("other"))
    assert [one.pk for one in found] == [book.pk]
    assert (found[0]._state.db, found[0].title) == ("other", "Dive into Python")
    assert list(Book.objects.raw(sql)) == []


def test_select_related_objects_carry_the_alias() -> None:
    """B26: related objects of the same row belong to the same database."""
    mark = person("Mark", "other")
    dive(editor=mark)

    book = Book.objects.using("other").select_related("editor").get()

    assert book.editor._state.db == "other"
    assert book.editor.name == "Mark"


def test_subquery_of_another_database_is_refused() -> None:
    """B27: an inner queryset bound elsewhere raises, when shown and when run."""
    inner = Person.objects.using("other").filter(name="Mark")

    with _refused():
        Book.objects.using("default").filter(editor__in=inner)
    unplaced = Book.objects.filter(editor__in=inner)
    with _refused():
        str(unplaced.query)
    with _refused():
        list(unplaced)
    assert list(Book.objects.using("other").filter(editor__in=inner)) == []


def test_related_managers_use_the_methods_of_the_model_s_manager() -> None:
    """B28: an overridden create() and get_or_create() of the default manager are called."""
    mark = person("Mark")

    one = mark.edited.create(title="a", loud=True)
    two, made = mark.edited.get_or_create(title="b", loud=True)
    three = mark.book_set.create(title="c", loud=True)
    four, _ = mark.book_set.get_or_create(title="d", loud=True)

    assert [one.title, two.title, three.title, four.title] == ["A", "B", "C", "D"]
    assert made
    assert {book.pk for book in mark.edited.all()} == {one.pk, two.pk}
    assert {book.pk for book in mark.book_set.all()} == {three.pk, four.pk}


def test_content_types_read_their_objects_by_the_router() -> None:
    """B29: get_object_for_this_type() follows the router, or using=."""
    book = dive(pk=31)
    twin = pro(pk=31)
    kind = ContentType.objects.get_for_model(Book)

    class ToOther:
        def db_for_read(self, model, **hints):
            return "other"

    assert kind.get_object_for_this_type(pk=31).title == twin.title
    assert kind.get_object_for_this_type(using="other", pk=31).title == book.title
    with routed(ToOther()):
        assert kind.get_object_for_this_type(pk=31).title == book.title
        assert [o.title for o in kind.get_all_objects_for_this_type(pk=31)] == [book.title]
        assert kind.get_object_for_this_type(using="default", pk=31).title == twin.title
