"""Where the routers come from (B30, B31) and how their answers are combined (B32 to B45)."""

from __future__ import annotations

import pytest

from manybase.contrib.auth.models import User
from manybase.db import router
from manybase.errors import CrossDatabaseError
from manybase.routing.router import ConnectionRouter
from tests.behaviour.help import dive, names, person, pro, routed, titles
from tests.behaviour.models import Book, Person, Pet, Review, UserProfile
from tests.behaviour.routers import (
    AccountRouter,
    OnlyDefaultRouter,
    ReplicaRouter,
    SilentRouter,
    WriterRouter,
)

HERE = "tests.behaviour.routers"


def test_routers_come_from_the_settings() -> None:
    """B30: dotted paths in DATABASE_ROUTERS are made into routers, in order."""
    with routed(f"{HERE}.ReplicaRouter", f"{HERE}.WriterRouter"):
        chain = ConnectionRouter()

        assert [type(one).__name__ for one in chain.routers] == ["ReplicaRouter", "WriterRouter"]
        assert [type(one).__name__ for one in router.routers] == ["ReplicaRouter", "WriterRouter"]


def test_routers_come_from_an_argument() -> None:
    """B31: paths and instances may be given."""
    chain = ConnectionRouter([f"{HERE}.ReplicaRouter", WriterRouter()])

    assert [type(one).__name__ for one in chain.routers] == ["ReplicaRouter", "WriterRouter"]


def test_db_comes_from_the_read_route() -> None:
    """B32: an unbound queryset reads where the router says; an explicit alias wins."""
    with routed(ReplicaRouter()):
        assert Book.objects.db == "other"
        assert Book.objects.all().db == "other"
        assert Book.objects.using("default").db == "default"
        assert Book.objects.using("default").all().db == "default"
        assert Book.objects.db_manager("default").db == "default"
        assert Book.objects.db_manager("default").all().db == "default"


def test_the_first_opinion_on_migration_wins() -> None:
    """B33: allow_migrate is asked of one router after the other, in their order."""
    with routed(ReplicaRouter()):
        assert router.allow_migrate_model("default", User)
        assert router.allow_migrate_model("other", Book)
    with routed(WriterRouter()):
        assert router.allow_migrate_model("default", User)
        assert router.allow_migrate_model("other", Book)
    with routed(AccountRouter(), ReplicaRouter()):
        assert not router.allow_migrate_model("default", User)
        assert router.allow_migrate_model("other", User)
        assert router.allow_migrate_model("default", Book)
    with routed(ReplicaRouter(), AccountRouter()):
        assert router.allow_migrate_model("default", User)
    with routed(OnlyDefaultRouter()):
        assert router.allow_migrate("default", "behaviour")
        assert not router.allow_migrate("other", "behaviour")
        assert Book not in router.get_migratable_models("behaviour", "other")


def test_missing_methods_of_routers_are_passed_over() -> None:
    """B34: a router that lacks a method has no opinion; the next is asked."""
    with routed(SilentRouter(), WriterRouter(), ReplicaRouter()):
        assert router.db_for_read(Book) == "other"
        assert router.db_for_write(Book) == "writer"
        assert router.allow_relation(pro("default"), pro("other"))
        assert router.allow_migrate_model("default", User)


def test_reads_and_writes_take_their_routes() -> None:
    """B35: updates and deletions go to the write database, reads to the other, using= wins."""
    mark = person("Mark", "default", pk=3)
    person("Mark", "other", pk=3)
    pro("default", pk=11, editor=mark)
    with routed(ReplicaRouter()):
        assert not Book.objects.filter(title="Pro Django").exists()
        assert Book.objects.using("default").filter(title="Pro Django").exists()

        Book.objects.filter(title="Pro Django").update(pages=5)
        assert Book.objects.using("default").get().pages == 5

        again = Book.objects.using("default").get()
        assert again.editor._state.db == "default"
        assert titles(again.editor.edited.all()) == ["Pro Django"]

        book, made = Book.objects.get_or_create(title="Pro Django")
        assert (made, book._state.db) == (False, "default")
        book, made = Book.objects.get_or_create(title="Dive into Python")
        assert (made, book._state.db) == (True, "default")

        dive("other", pk=77)
        Book.objects.filter(title="Dive into Python").delete()
        assert titles(Book.objects.using("default")) == ["Pro Django"]
        assert titles(Book.objects.using("other")) == ["Dive into Python"]
        Book.objects.using("other").filter(pk=77).delete()
        assert titles(Book.objects.using("other")) == []


def test_reverse_set_refuses_what_is_not_in_the_write_database() -> None:
    """B36: set() of an object of another database says that it must be saved first."""
    marty = person("Marty", "default", pk=21)
    one, two = pro("default", pk=50), dive("other", pk=60)

    with routed(ReplicaRouter()), pytest.raises(ValueError, match="bulk=False"):
        marty.edited.set([one, two])


def test_foreign_keys_may_cross_allowed_databases() -> None:
    """B37: assignment ties nothing anew, save() moves to the write database."""
    two = dive("other", pk=50)
    marty = person("Marty", "default", pk=20)
    with routed(ReplicaRouter()):
        two.editor = marty
        assert (two._state.db, marty._state.db) == ("other", "default")
        two.save()
        assert two._state.db == "default"
        again = Book.objects.using("default").get(pk=50)
        assert again.editor == marty

        one = pro("other", pk=51)
        marty.edited.set([one], bulk=False)
        assert one._state.db == "default"
        assert titles(marty.edited.all()) == ["Pro Django"]
        html = dive("other", pk=52, title="Dive into HTML5")
        marty.edited.add(html, bulk=False)
        assert html._state.db == "default"
        assert Book.objects.using("default").get(pk=52).editor_id == 20


def test_unsaved_objects_take_the_write_database_of_allowed_relations() -> None:
    """B37: adoption asks for the write route of the tied object."""
    two = dive("other", pk=50)
    mark = person("Mark", "other", pk=70)
    person("Mark", "default", pk=70)
    with routed(ReplicaRouter()):
        chris = Person(name="Chris", pk=80)
        html = Book(title="Dive into HTML5")
        two.editor = chris
        html.editor = mark
        water = Book(title="Dive into Water", editor=mark)

        assert chris._state.db == "default"
        assert html._state.db == "default"
        assert water._state.db == "default"
        chris.save()
        html.save()
        water.save()
        assert names(Person.objects.using("default")) == ["Chris", "Mark"]
        assert titles(Book.objects.using("default")) == ["Dive into HTML5", "Dive into Water"]

        cheese = mark.edited.create(title="Cheese")
        assert cheese._state.db == "default"
        puddles, made = mark.edited.get_or_create(title="Puddles")
        assert (made, puddles._state.db) == (True, "default")


def _copies():
    """A person and a book as a primary and its replica have them: equal rows on both."""
    for alias in ("default", "other"):
        person("Mark", alias, pk=30)
        dive(alias, pk=40)
    return (
        Person.objects.using("default").get(pk=30),
        Book.objects.using("other").get(pk=40),
    )


def test_many_to_many_may_cross_allowed_databases() -> None:
    """B38: objects keep their place, links are written to the write database alone."""
    mark, book = _copies()
    through = Book.authors.through
    with routed(ReplicaRouter()):
        mark.book_set.set([book])
        assert (mark._state.db, book._state.db) == ("default", "other")
        assert through.objects.using("default").count() == 1
        assert through.objects.using("other").count() == 0
        through.objects.using("default").delete()

        mark.book_set.add(book)
        assert through.objects.using("default").count() == 1
        through.objects.using("default").delete()
        book.authors.set([mark])
        assert through.objects.using("default").count() == 1
        through.objects.using("default").delete()
        book.authors.add(mark)
        assert through.objects.using("default").count() == 1
        assert through.objects.using("other").count() == 0
        assert (mark._state.db, book._state.db) == ("default", "other")

        alice = book.authors.create(name="Alice", pk=31)
        assert alice._state.db == "default"
        bob, made = book.authors.get_or_create(name="Bob", defaults={"pk": 32})
        assert (made, bob._state.db) == (True, "default")
        assert through.objects.using("default").count() == 3


def test_one_to_one_may_cross_allowed_databases() -> None:
    """B39: reverse assignment is allowed; save() goes to the write database."""
    alice = User.objects.db_manager("default").create_user("alice", pk=5)
    User.objects.db_manager("other").create_user("alice", pk=5)
    profile = UserProfile.objects.using("other").create(pk=8, flavor="frog")
    with routed(ReplicaRouter()):
        alice.userprofile = profile
        assert (alice._state.db, profile._state.db) == ("default", "other")
        profile.save()
        assert profile._state.db == "default"
        assert UserProfile.objects.using("default").get(pk=8).user_id == 5


def test_generic_keys_may_cross_allowed_databases() -> None:
    """B40: assignment and add() are allowed; what is saved goes to the write database."""
    book = dive("other", pk=2)
    dive("default", pk=2)
    monthly = Review.objects.using("default").create(source="Monthly", content_object=pro())
    with routed(ReplicaRouter()):
        monthly.content_object = book
        assert (monthly._state.db, book._state.db) == ("default", "other")
        monthly.save()
        assert Review.objects.using("default").get().object_id == 2

        daily = Review(source="Daily")
        daily.content_object = book
        assert daily._state.db == "default"
        daily.save()
        assert Review.objects.using("default").count() == 2

        made = book.reviews.create(source="Yearly")
        assert made._state.db == "default"
        assert Review.objects.using("other").count() == 0


def test_many_to_many_managers_have_a_db() -> None:
    """B41: ``.db`` and db_manager() of both ends."""
    book, mark = pro("other", pk=1), person("Mark", "other", pk=1)
    with routed(ReplicaRouter()):
        for manager in (book.authors, mark.book_set):
            assert manager.db == "other"
            assert manager.db_manager("default").db == "default"
            assert manager.db_manager("default").all().db == "default"


def test_reverse_foreign_key_managers_have_a_db() -> None:
    """B42: ``.db`` and db_manager() of the manager of a reverse foreign key."""
    mark = person("Mark", "other", pk=1)
    with routed(ReplicaRouter()):
        assert mark.edited.db == "other"
        assert mark.edited.db_manager("default").db == "default"
        assert mark.edited.db_manager("default").all().db == "default"


def test_generic_managers_have_a_db() -> None:
    """B43: ``.db`` and db_manager() of a generic manager."""
    book = pro("other", pk=1)
    with routed(ReplicaRouter()):
        assert book.reviews.db == "other"
        assert book.reviews.db_manager("default").db == "default"
        assert book.reviews.db_manager("default").all().db == "default"


def test_unbound_subqueries_adopt_the_outer_database() -> None:
    """B44: the inner queryset runs where the outer one does; showing the SQL forces nothing."""
    mark = person("Mark", "other", pk=1)
    dive("other", editor=mark)
    with routed(ReplicaRouter()):
        inner = Person.objects.filter(name="Mark")
        outer = Book.objects.filter(editor__in=inner)
        assert str(outer.query)
        assert titles(outer) == ["Dive into Python"]
        assert titles(outer.using("other")) == ["Dive into Python"]
        assert titles(Book.objects.using("default").filter(editor__in=inner)) == []


def test_deferred_fields_come_from_the_origin() -> None:
    """B45: a deferred field loads from the object's database; a copy is written complete."""
    dive("other", pk=9)
    with routed(ReplicaRouter()):
        book = Book.objects.using("other").defer("title").get()
        assert book.title == "Dive into Python"
        assert book.get_deferred_fields() == set()

        book = Book.objects.using("other").only("published").get()
        book.save(using="default")
        copy = Book.objects.using("default").get()
        assert (copy.title, copy.pages) == ("Dive into Python", 100)


def test_a_forbidden_relation_names_both_databases() -> None:
    """Where no router allows it, the refusal names both aliases and the relation."""
    two, marty = dive("other"), person("Marty", "default")

    with routed(AccountRouter()), pytest.raises(CrossDatabaseError) as raised:
        two.editor = marty

    for word in ("'default'", "'other'", "editor"):
        assert word in str(raised.value)
    assert raised.value.hint


def test_pets_follow_their_owner() -> None:
    """An object made through a reverse manager is stored with its owner."""
    owner = person("Mark", "other")

    pet = owner.pet_set.create(name="Wilbur")

    assert pet._state.db == "other"
    assert Pet.objects.using("other").get().owner == owner
