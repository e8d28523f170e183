"""The design's rules of place: which database, adoption, crossing and transactions."""

# ruff: noqa: PT012 - what a block of several statements does is the test

from __future__ import annotations

import pytest

import manybase
from manybase.conf import settings
from manybase.db import connections, transaction
from manybase.errors import (
    CrossDatabaseError,
    NoPlace,
    TransactionManagementError,
    UnknownAlias,
)
from manybase.runtime.events import capture
from tests.behaviour.help import dive, names, person, pro, routed, titles
from tests.behaviour.models import Book, Elsewhere, Person, Pet, Restaurant
from tests.behaviour.routers import ReplicaRouter, WriteToOtherRouter

# Which database


def test_an_explicit_alias_wins_over_everything() -> None:
    """using() beats a block, a router, the model's own database and default."""
    with routed(ReplicaRouter()), manybase.using("other"):
        assert Book.objects.using("third").db == "third"
        assert Elsewhere.objects.using("default").db == "default"


def test_a_block_wins_over_routers_and_the_model() -> None:
    """Inside ``using("third")`` unplaced querysets are there, whatever routers say."""
    with routed(ReplicaRouter()), manybase.using("third"):
        assert Book.objects.db == "third"
        assert Book.objects.all().db == "third"
        assert Elsewhere.objects.all().db == "third"


def test_routers_win_over_the_model_s_own_database() -> None:
    """A router is asked before Meta.using."""

    class ToThird:
        def db_for_read(self, model, **hints):
            return "third"

    with routed(ToThird()):
        assert Elsewhere.objects.db == "third"


def test_a_model_can_have_its_own_database() -> None:
    """Meta.using is where the model's objects live when nothing else is said."""
    made = Elsewhere.objects.create(label="x")

    assert Elsewhere.objects.db == "other"
    assert made._state.db == "other"
    assert Elsewhere.objects.using("other").count() == 1


def test_the_block_in_which_a_queryset_was_made_counts() -> None:
    """A queryset made in a block stays in its database; one made before takes the block's."""
    dive("other")
    before = Book.objects.all()
    with manybase.using("other"):
        inside = Book.objects.filter(title__startswith="Dive")
        assert before.db == "other"

    assert before.db == "default"
    assert inside.db == "other"
    assert inside.order_by("pk").db == "other"
    assert titles(inside) == ["Dive into Python"]


def test_blocks_nest_and_end() -> None:
    """The innermost block counts and ends with its indentation, also by an error."""
    with manybase.using("other"):
        with pytest.raises(RuntimeError), manybase.using("third"):
            assert Book.objects.db == "third"
            raise RuntimeError
        assert Book.objects.db == "other"
    assert Book.objects.db == "default"


def test_work_of_a_tied_object_ignores_blocks() -> None:
    """An object of other saves, refreshes and follows relations there inside another block."""
    mark = person("Mark", "other")
    book = dive("other", editor=mark)
    with manybase.using("third"):
        book.title = "Dive deeper"
        book.save()
        book.refresh_from_db()
        assert book.editor == mark
        assert names(book.authors.all()) == []
        assert titles(mark.edited.all()) == ["Dive deeper"]
        mark.edited.create(title="New")
    assert Book.objects.using("other").count() == 2
    assert Book.objects.using("third").count() == 0


def test_a_value_never_chooses_the_route() -> None:
    """Filtering by an object of other does not send an unplaced queryset there."""
    mark = person("Mark", "other")

    assert Book.objects.filter(editor=mark).db == "default"


def test_reads_inside_a_transaction_of_the_program_stay_with_its_writer() -> None:
    """In a block that wrote to default, reads go to default, not to the replica."""
    with routed(ReplicaRouter()):
        assert Book.objects.db == "other"
        with transaction.atomic("default"):
            Book.objects.create(title="Fresh")
            assert titles(Book.objects.all()) == ["Fresh"]
        assert titles(Book.objects.all()) == []


def test_a_route_can_be_explained() -> None:
    """explain_route() names the database, why, and the rules that were asked."""
    route = Book.objects.using("other").explain_route()
    assert route.alias == "other"
    assert "using" in route.why

    with routed(ReplicaRouter()):
        route = Book.objects.explain_route()
        assert route.alias == "other"
        assert "ReplicaRouter" in route.why or "ReplicaRouter" in str(route.steps)
    assert Book.objects.explain_route().alias == "default"


def test_unknown_aliases_are_refused_when_they_are_named() -> None:
    """using() with a slip of an alias lists the aliases and suggests one."""
    with pytest.raises(UnknownAlias, match="othr") as raised:
        list(Book.objects.using("othr"))
    assert "other" in str(raised.value)
    with pytest.raises(UnknownAlias), manybase.using("othr"):
        pass


# Tied and untied


def test_a_new_object_is_nowhere() -> None:
    """``_state.db`` is None until an object is saved, loaded or adopted."""
    book = Book(title="x")

    assert (book._state.db, book._state.adding) == (None, True)
    book.save()
    assert (book._state.db, book._state.adding) == ("default", False)


def test_adoption_works_in_both_directions_and_saves_nothing() -> None:
    """The untied side of a foreign key takes the place of the tied one."""
    book, mark = dive(), person("Mark", "other")
    chris, html = Person(name="Chris"), Book(title="HTML")

    book.editor = chris
    html.editor = mark
    water = Book(title="Water", editor=mark)

    assert [one._state.db for one in (chris, html, water)] == ["other"] * 3
    assert all(one._state.adding for one in (chris, html, water))
    assert names(Person.objects.using("other")) == ["Mark"]
    chris.save()
    html.save()
    water.save()
    assert names(Person.objects.using("other")) == ["Chris", "Mark"]
    assert Book.objects.using("other").count() == 3
    assert Person.objects.using("default").count() == 0


def test_two_untied_objects_stay_untied() -> None:
    """Relating two objects that are nowhere ties neither."""
    mark = Person(name="Mark")
    book = Book(title="x", editor=mark)

    assert (mark._state.db, book._state.db) == (None, None)
    mark.save(using="other")
    book.save()
    assert book._state.db == "other"
    assert book.editor_id == mark.pk


def test_saving_with_an_unsaved_relation_is_refused() -> None:
    """An object that points at one without a key cannot be stored yet."""
    book = Book(title="x", editor=Person(name="Mark"))

    with pytest.raises(ValueError, match="editor"):
        book.save()
    assert not Book.objects.exists()


def test_adoption_follows_the_write_route() -> None:
    """The write router is asked with the tied object as instance."""
    asked = []

    class Router(WriteToOtherRouter):
        def db_for_write(self, model, **hints):
            asked.append((model, hints.get("instance")))
            return "third"

        def allow_relation(self, one, two, **hints):
            return True

    mark = person("Mark", "other")
    with routed(Router()):
        book = Book(title="x", editor=mark)

    assert book._state.db == "third"
    assert asked == [(Book, mark)]


def test_foreign_copies_drop_cached_relations() -> None:
    """After save(using=) elsewhere the relations are read anew in the new place."""
    for alias, name in (("default", "Alice"), ("other", "Bob")):
        person(name, alias, pk=1)
    book = dive("other", pk=90, editor_id=1)
    assert book.editor.name == "Bob"

    book.save(using="default", copy=True)

    assert book.editor.name == "Alice"
    assert book.editor._state.db == "default"


def test_parents_are_inserted_with_a_copy_elsewhere() -> None:
    """Saving a child of another table elsewhere inserts the parents' rows too."""
    made = Restaurant.objects.using("other").create(pk=12, name="Roma", serves_pizza=True)

    made.save(using="default")

    found = Restaurant.objects.using("default").get(pk=12)
    assert (found.name, found.serves_pizza) == ("Roma", True)
    assert Restaurant.objects.using("other").count() == 1


# Crossing


def test_a_refused_add_writes_nothing_at_all() -> None:
    """The check comes before the first statement and before a transaction is opened."""
    book, good, bad = dive(), person("Mark", "other"), person("Marty", "default")

    with capture() as log, pytest.raises(CrossDatabaseError):
        book.authors.add(good, bad)
    assert len(log) == 0
    with capture() as log, pytest.raises(CrossDatabaseError):
        bad.edited.set([pro("default"), book])
    assert not [line for line in map(str, log) if "UPDATE" in line]
    assert not book.authors.exists()


def test_constructor_and_create_refuse_objects_of_two_places() -> None:
    """create() on one database with an object of another, and vice versa."""
    marty = person("Marty", "default")

    with pytest.raises(CrossDatabaseError):
        Pet.objects.using("other").create(name="Rex", owner=marty)
    with pytest.raises(CrossDatabaseError):
        Pet.objects.using("other").get_or_create(name="Rex", owner=marty)
    with pytest.raises(CrossDatabaseError):
        marty.pet_set.db_manager("other").create(name="Rex")
    assert not Pet.objects.using("other").exists()


def test_allow_relation_opens_a_crossing_for_values() -> None:
    """A router that allows the relation allows the value in a query as well."""
    mark = person("Mark", "default", pk=1)
    person("Mark", "other", pk=1)
    dive("other", editor_id=1)

    with routed(ReplicaRouter()):
        assert titles(Book.objects.using("other").filter(editor=mark)) == ["Dive into Python"]


def test_a_prefetch_may_name_its_database() -> None:
    """``Prefetch(queryset=....using())`` is a statement of its own and reads there."""
    for alias in ("default", "other"):
        mark = person("Mark", alias, pk=1)
        dive(alias, pk=1, title=f"on {alias}").authors.add(mark)

    from manybase.models import Prefetch

    people = Person.objects.using("default").prefetch_related(
        Prefetch("book_set", queryset=Book.objects.using("other"))
    )
    assert [[book.title for book in one.book_set.all()] for one in people] == [["on other"]]
    people = Person.objects.using("other").prefetch_related("book_set")
    assert [[book.title for book in one.book_set.all()] for one in people] == [["on other"]]


def test_values_are_remembered_by_the_queryset_through_later_calls() -> None:
    """The place of a value is checked after further calls and copies too."""
    mark = person("Mark", "other")
    queryset = Book.objects.filter(editor=mark).exclude(title="x").order_by("-pk")

    for one in (queryset, queryset.all(), queryset.none()):
        with pytest.raises(CrossDatabaseError):
            one.using("default")


# Replicas


def test_replicas_of_one_primary_are_one_place() -> None:
    """Objects of a primary and of its declared replica are equal and may meet."""
    declared = {
        "default": "sqlite://",
        "other": {"URL": "sqlite://", "TEST": {"MIRROR": "default"}},
        "third": "sqlite://?role=replica&of=default",
        "apart": "sqlite://",
    }
    with settings.override(DATABASES=declared):
        marks = {alias: Person.from_db(alias, ["id", "name"], [1, "Mark"]) for alias in declared}
        book = Book.from_db("default", ["id"], [1])

        assert marks["default"] == marks["other"] == marks["third"]
        assert len(set(marks.values())) == 2
        assert marks["default"] != marks["apart"]
        book.editor = marks["other"]
        with pytest.raises(CrossDatabaseError):
            book.editor = marks["apart"]


# Transactions


@pytest.mark.transactional
def test_atomic_commits_and_rolls_back() -> None:
    """A block's work is kept at its end and undone by an error."""
    with transaction.atomic("other"):
        dive()
    with pytest.raises(RuntimeError), transaction.atomic("other"):
        dive(title="gone")
        raise RuntimeError
    assert titles(Book.objects.using("other")) == ["Dive into Python"]


@pytest.mark.transactional
def test_inner_blocks_are_savepoints() -> None:
    """An inner block of the same database can fail alone."""
    with transaction.atomic("other"):
        dive(title="kept")
        with pytest.raises(RuntimeError), transaction.atomic("other"):
            dive(title="gone")
            raise RuntimeError
        dive(title="kept too")
    assert titles(Book.objects.using("other")) == ["kept", "kept too"]


@pytest.mark.transactional
def test_a_bare_block_binds_to_its_first_statement() -> None:
    """With several databases ``atomic()`` belongs to the one it is first used on."""
    with pytest.raises(RuntimeError), transaction.atomic():
        dive("other")
        raise RuntimeError
    assert titles(Book.objects.using("other")) == []

    with transaction.atomic():
        dive("other")
        with pytest.raises(TransactionManagementError, match="default"):
            pro("default")
    assert titles(Book.objects.using("default")) == []


@pytest.mark.transactional
def test_a_block_may_be_given_several_databases() -> None:
    """``atomic("default", "other")`` takes statements of both and undoes both."""
    with pytest.raises(RuntimeError), transaction.atomic("default", "other"):
        pro("default")
        dive("other")
        raise RuntimeError
    assert titles(Book.objects.using("default")) == titles(Book.objects.using("other")) == []

    with transaction.atomic("default", "other"):
        pro("default")
        dive("other")
    assert titles(Book.objects.using("default")) == ["Pro Django"]
    assert titles(Book.objects.using("other")) == ["Dive into Python"]


@pytest.mark.transactional
def test_an_empty_block_sends_nothing() -> None:
    """A bare block in which nothing happens opens no transaction."""
    with capture() as log, transaction.atomic():
        pass
    assert len(log) == 0


@pytest.mark.transactional
def test_atomic_decorates_functions() -> None:
    """``@atomic`` and ``@atomic("other")`` run each call in a block."""

    @transaction.atomic("other")
    def fail() -> None:
        dive()
        raise RuntimeError

    @transaction.atomic
    def work() -> str:
        return dive().title

    with pytest.raises(RuntimeError):
        fail()
    assert titles(Book.objects.using("other")) == []
    assert work() == "Dive into Python"


@pytest.mark.transactional
def test_a_durable_block_must_be_the_outermost() -> None:
    """``durable=True`` inside another block raises."""
    with transaction.atomic("other", durable=True):
        pass
    outer = transaction.atomic("other")
    with outer, pytest.raises(RuntimeError), transaction.atomic("other", durable=True):
        pass


@pytest.mark.transactional
async def test_async_blocks_commit_and_roll_back() -> None:
    """``async with atomic()`` does on the asynchronous face what ``with`` does."""
    async with transaction.atomic("other"):
        await Book.objects.using("other").acreate(title="kept")
    with pytest.raises(RuntimeError):
        async with transaction.atomic("other"):
            await Book.objects.using("other").acreate(title="gone")
            raise RuntimeError
    assert [b.title async for b in Book.objects.using("other")] == ["kept"]


def test_connections_are_the_aliases() -> None:
    """Iterating ``connections`` gives the configured aliases."""
    assert list(connections) == ["default", "other", "third"]
    assert connections["other"].alias == "other"
    assert "other" in connections


# Losing a place


def test_an_object_that_lost_its_values_goes_nowhere() -> None:
    """Values that are put back without the mark do not make an object of another database."""
    old = Book.objects.using("other").create(title="Emma", pages=1)
    kept = {name: value for name, value in vars(old).items() if not name.startswith("_")}
    old.__dict__.clear()
    old.__dict__.update(kept)

    with capture() as sent:
        for act in (old.save, old.delete, old.refresh_from_db, lambda: old._state.db):
            with pytest.raises(NoPlace, match="__dict__ was replaced or emptied") as caught:
                act()
            assert "Keep '_origin'" in str(caught.value)
    assert not sent
    assert titles(Book.objects.all()) == []


def test_an_object_that_is_made_anew_is_untied() -> None:
    """Calling __init__ again on a row makes it an object of no database."""
    book = Book.objects.using("other").create(title="Emma", pages=1)
    for again in (lambda: book.__init__(title="New"), lambda: book.__init__(None, "New")):
        again()
        assert (book._state.db, book._state.adding) == (None, True)
    book.save()
    assert book._state.db == "default"
    assert titles(Book.objects.using("other")) == ["Emma"]
