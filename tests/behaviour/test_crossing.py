# ruff: noqa: PT012 - what a block of several statements does is the test
"""Less usual ways for two databases to meet: each is refused, or right."""

from __future__ import annotations

import asyncio
import threading

import pytest

import manybase
from manybase import models
from manybase.db import connections, transaction
from manybase.errors import CrossDatabaseError
from tests.behaviour.help import date, dive, names, on_pairs, person, pro, titles
from tests.behaviour.models import (
    Bar,
    Book,
    Category,
    Joining,
    Loose,
    Owner,
    Person,
    Pet,
    Restaurant,
    Review,
)
from tests.behaviour.query_data import make_clubs

pytestmark = on_pairs


def refused():
    """Expect a CrossDatabaseError that names both databases."""
    return pytest.raises(CrossDatabaseError, match=r"(?s)(?=.*default)(?=.*other)")


@pytest.fixture
def twins() -> tuple[Person, Person]:
    """Alice on default and Bob on other, with the same key."""
    return person("Alice", "default", pk=1), person("Bob", "other", pk=1)


def test_removing_a_twin_of_another_database_is_refused(twins) -> None:
    """remove() of an object with the same key elsewhere must not take the link away."""
    alice, bob = twins
    book = pro("default", pk=3)
    book.authors.add(alice)
    twin = pro("other", pk=3)

    with refused():
        book.authors.remove(bob)
    with refused():
        alice.book_set.remove(twin)
    assert names(book.authors.all()) == ["Alice"]


def test_removing_a_review_of_another_database_is_refused() -> None:
    """The same for generic relations."""
    here, there = pro("default", pk=3), pro("other", pk=3)
    Review.objects.using("default").create(pk=9, source="a", content_object=here)
    twin = Review.objects.using("other").create(pk=9, source="b", content_object=there)

    with refused():
        here.reviews.remove(twin)
    assert here.reviews.count() == 1


def test_taking_a_book_of_another_database_from_its_editor_is_refused(twins) -> None:
    """The same for reverse foreign keys that may be null."""
    alice, bob = twins
    pro("default", pk=3, editor=alice)
    twin = pro("other", pk=3, editor=bob)

    with refused():
        alice.edited.remove(twin)
    assert titles(alice.edited.all()) == ["Pro Django"]


def test_sets_from_a_queryset_of_another_database_are_refused(twins) -> None:
    """set() and assignment of a queryset placed elsewhere raise."""
    book = pro("default")
    book.authors.add(twins[0])

    with refused():
        book.authors.set(Person.objects.using("other").all())
    with refused():
        book.authors = Person.objects.using("other").all()
    assert names(book.authors.all()) == ["Alice"]


def test_values_of_through_rows_are_checked() -> None:
    """through_defaults with an object of another database raises."""
    clubs = make_clubs("default")
    stranger = make_clubs("other").uma

    with refused():
        clubs.rowing.members.add(clubs.wes, through_defaults={"invited_by": stranger})
    with refused():
        clubs.rowing.members.set([clubs.wes], through_defaults={"invited_by": stranger})
    assert Joining.objects.using("default").count() == 3


def test_two_relations_to_two_places_refuse_the_save() -> None:
    """An untied object whose relations were saved in two databases cannot be stored."""
    one, two = Owner(name="one"), Owner(name="two")
    loose = Loose(by_null=one, by_value=two)
    one.save(using="default")
    two.save(using="other")

    with refused():
        loose.save()
    for alias in ("default", "other"):
        assert not Loose.objects.using(alias).exists()


def test_bulk_update_serves_each_object_in_its_place(twins) -> None:
    """Objects of several places are updated each in its own; a placed queryset refuses."""
    alice, bob = twins
    alice.name, bob.name = "Alicia", "Robert"

    assert Person.objects.bulk_update([alice, bob], ["name"]) == 2
    assert names(Person.objects.using("default")) == ["Alicia"]
    assert names(Person.objects.using("other")) == ["Robert"]
    with refused():
        Person.objects.using("default").bulk_update([alice, bob], ["name"])


def test_bulk_create_follows_relations_and_refuses_two_places(twins) -> None:
    """bulk_create() checks what its objects point at."""
    alice, bob = twins

    with refused():
        Pet.objects.using("default").bulk_create([Pet(name="x", owner=bob)])
    with refused():
        Pet.objects.bulk_create([Pet(name="x", owner=alice), Pet(name="y", owner=bob)])
    assert not Pet.objects.using("default").exists()
    assert not Pet.objects.using("other").exists()


def test_a_placed_queryset_cannot_be_placed_again_with_its_values(twins) -> None:
    """using() checks the values that are there already."""
    queryset = Book.objects.using("other").filter(editor=twins[1])

    with refused():
        queryset.using("default")


def test_a_related_manager_may_be_read_elsewhere(twins) -> None:
    """The manager's own filter is no value of the program."""
    alice, bob = twins
    pro("default", editor=alice)

    assert titles(bob.edited.using("default")) == ["Pro Django"]
    assert names(pro("other").authors.using("default")) == []


def test_refreshing_elsewhere_drops_cached_relations(twins) -> None:
    """After refresh_from_db(using=) relations are those of the new place."""
    alice, bob = twins
    pro("default", pk=3, editor=alice)
    book = pro("other", pk=3, editor=bob)
    assert book.editor == bob

    book.refresh_from_db(using="default")

    assert book.editor == alice
    assert book.editor._state.db == "default"


def test_a_key_taken_away_makes_a_new_row() -> None:
    """The idiom of copying: no key, saved elsewhere, is an insert."""
    mark = person("Mark", "other", pk=5)

    mark.pk = None
    mark.save(using="default")

    assert mark._state.db == "default"
    assert names(Person.objects.using("default")) == ["Mark"]
    assert names(Person.objects.using("other")) == ["Mark"]


def test_children_of_other_tables_are_not_overwritten_elsewhere() -> None:
    """save(using=) elsewhere raises where only the parent's row is there."""
    bar = Bar.objects.using("other").create(pk=4, name="Inn", taps=2)
    Restaurant.objects.using("default").create(pk=4, name="Roma")

    with pytest.raises(Exception, match="default"), transaction.atomic("default"):
        bar.save(using="default")
    assert Restaurant.objects.using("default").get(pk=4).name == "Roma"
    assert not Bar.objects.using("default").exists()


def test_a_cached_relation_of_another_place_is_not_saved_silently(twins) -> None:
    """A relation cached from other cannot be written with a row of default."""
    _, bob = twins
    book = Book(title="x")
    book.editor = bob
    book._state.db = "default"

    with refused():
        book.save()
    assert not Book.objects.using("default").exists()


def test_querysets_in_lists_and_pickles_keep_their_checks(twins) -> None:
    """An ``in`` list of objects is checked for each of its objects."""
    alice, bob = twins
    placed = Book.objects.using("default")

    with refused():
        placed.filter(editor__in=[alice, bob])
    with refused():
        placed.filter(authors__in={bob})
    with refused():
        placed.filter(editor__in=(one for one in [bob]))
    with refused():
        placed.exclude(models.Q(editor__in=[alice]) & ~models.Q(authors=bob))


def test_get_or_create_checks_its_lookups(twins) -> None:
    """Lookups and defaults of get_or_create() and update_or_create() are values."""
    placed = Book.objects.using("default")

    with refused():
        placed.get_or_create(title="x", editor=twins[1])
    with refused():
        placed.update_or_create(title="x", defaults={"editor": twins[1]})
    assert not placed.exists()


def test_dates_and_values_keep_the_checks(twins) -> None:
    """values(), dates(), count() and the like after a filter are checked as the filter is."""
    unplaced = Book.objects.filter(editor=twins[1])

    for act in (
        lambda: list(unplaced.values("title")),
        lambda: list(unplaced.values_list("title", flat=True)),
        lambda: list(unplaced.dates("published", "year")),
        lambda: unplaced.get(),
        lambda: unplaced.in_bulk(),
        lambda: list(unplaced.iterator()),
        lambda: unplaced.earliest("published"),
        lambda: unplaced.last(),
        lambda: unplaced[0],
        lambda: list(unplaced[:3]),
        lambda: list(unplaced.order_by("pk").reverse().distinct()),
        lambda: list(Person.objects.filter(edited__in=unplaced)),
    ):
        with refused():
            act()


def test_relations_to_oneself_refuse_too() -> None:
    """Trees and friends have one place."""
    root = Category.objects.using("default").create(name="root")
    leaf = Category.objects.using("other").create(name="leaf")

    with refused():
        leaf.parent = root
    with refused():
        root.children.add(leaf)
    uma, far = make_clubs("default").uma, make_clubs("other").vic
    with refused():
        uma.friends.add(far)
    with refused():
        uma.follows.set([far])


def test_lists_of_new_objects_adopt_their_owner(twins) -> None:
    """add(bulk=False) of an untied object stores it with its owner."""
    bob = twins[1]
    book = Book(title="new", published=date("2020-01-01"))

    bob.edited.add(book, bulk=False)

    assert book._state.db == "other"
    assert titles(Book.objects.using("other")) == ["new"]


# Threads and tasks


@pytest.mark.transactional
def test_blocks_belong_to_their_thread() -> None:
    """A using() block of one thread is not seen by another."""
    seen: list[str] = []

    def look() -> None:
        seen.append(Book.objects.db)
        connections.close_all()

    with manybase.using("other"):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        assert Book.objects.db == "other"
    assert seen == ["default"]


@pytest.mark.transactional
async def test_blocks_belong_to_their_task() -> None:
    """Tasks that run at the same time have blocks of their own."""

    async def work(alias: str) -> list[str]:
        with manybase.using(alias):
            for number in range(5):
                await Person.objects.acreate(name=f"{alias} {number}")
                await asyncio.sleep(0)
            return [one._state.db async for one in Person.objects.all()]

    found = await asyncio.gather(*(work(alias) for alias in ("default", "other", "third")))

    assert found == [[alias] * 5 for alias in ("default", "other", "third")]


@pytest.mark.transactional
async def test_transactions_belong_to_their_task(places) -> None:
    """A task that fails undoes its own work and not that of a task beside it."""
    if places.kind == "sqlite":
        aliases = ("default", "other")  # one writer at a time in one file
    else:
        aliases = ("default", "default")

    async def work(alias: str, name: str, fail: bool) -> None:
        async with transaction.atomic(alias):
            await Person.objects.using(alias).acreate(name=name)
            await asyncio.sleep(0.01)
            if fail:
                raise RuntimeError("stop")

    done = await asyncio.gather(
        work(aliases[0], "kept", False), work(aliases[1], "gone", True), return_exceptions=True
    )

    assert [type(one).__name__ for one in done] == ["NoneType", "RuntimeError"]
    left = {one.name for alias in set(aliases) for one in await _all(alias)}
    assert left == {"kept"}


async def _all(alias: str) -> list[Person]:
    return [one async for one in Person.objects.using(alias)]


@pytest.mark.transactional
async def test_a_transaction_of_a_task_is_seen_by_its_own_queries() -> None:
    """Inside async with atomic() every statement uses the same connection."""
    async with transaction.atomic("other"):
        mark = await Person.objects.using("other").acreate(name="Mark")
        book = await mark.edited.acreate(title="x")
        await book.authors.aadd(mark)
        assert await Book.objects.using("other").filter(authors=mark).acount() == 1
    assert await Book.objects.using("other").acount() == 1


# Bare transactions


@pytest.mark.transactional
def test_a_bare_block_is_bound_by_an_explicit_block_inside() -> None:
    """An explicit block inside a bare one binds it at its entry."""
    with pytest.raises(RuntimeError), transaction.atomic():
        with transaction.atomic("other"):
            dive("other")
        raise RuntimeError
    assert titles(Book.objects.using("other")) == []


@pytest.mark.transactional
def test_bare_blocks_nest() -> None:
    """A bare block inside a bound bare block is a savepoint of the same database."""
    with transaction.atomic():
        dive("other", title="kept")
        with pytest.raises(RuntimeError), transaction.atomic():
            dive("other", title="gone")
            raise RuntimeError
    assert titles(Book.objects.using("other")) == ["kept"]


@pytest.mark.transactional
def test_a_block_can_be_marked_to_roll_back() -> None:
    """set_rollback(True) undoes the block at its end without an error."""
    with transaction.atomic("other"):
        dive("other")
        assert not transaction.get_rollback(using="other")
        transaction.set_rollback(True, using="other")
    assert titles(Book.objects.using("other")) == []


@pytest.mark.transactional
def test_a_broken_block_refuses_statements() -> None:
    """After a database error inside a block only a savepoint helps."""
    with transaction.atomic("other"):
        person("Mark", "other", pk=1)
        with pytest.raises(Exception, match=r"(?i)unique|duplicate"), transaction.atomic("other"):
            Person(pk=1, name="again").save(using="other", force_insert=True)
        person("Ann", "other")
    assert names(Person.objects.using("other")) == ["Ann", "Mark"]
