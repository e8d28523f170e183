"""Answers that other systems get wrong with two databases: right here, or refused (P1 to P14)."""

# ruff: noqa: PT012 - what a block of several statements does is the test

from __future__ import annotations

import operator

import pytest

import manybase
from manybase import models
from manybase.db import transaction
from manybase.errors import CrossDatabaseError, IntegrityError
from tests.behaviour.help import dive, names, on_pairs, person, pro, titles
from tests.behaviour.models import Book, Person

pytestmark = on_pairs


def refused(*aliases: str):
    """Expect a CrossDatabaseError that names the aliases and says what to write."""
    pattern = "".join(rf"(?=.*['\"]{alias}['\"])" for alias in aliases or ("default", "other"))
    return pytest.raises(CrossDatabaseError, match=f"(?s){pattern}")


@pytest.fixture
def twins() -> tuple[Person, Person]:
    """Two people with the same key, one in each database."""
    return person("Alice", "default", pk=1), person("Bob", "other", pk=1)


# P1: set operations


@pytest.mark.parametrize("word", ["union", "intersection", "difference"])
def test_set_operations_of_two_databases_are_refused(word: str) -> None:
    """P1: union, intersection and difference of two explicit places raise, empty or not."""
    one, two = Book.objects.using("default"), Book.objects.using("other")

    with refused():
        getattr(one, word)(two)
    with refused():
        getattr(one, word)(two.none())
    with refused():
        getattr(one.none(), word)(two)


@pytest.mark.parametrize("sign", [operator.or_, operator.and_, operator.xor])
def test_operators_between_two_databases_are_refused(sign) -> None:
    """P1: ``|``, ``&`` and ``^`` of two explicit places raise, also with none()."""
    one = Book.objects.using("default").filter(title="a")
    two = Book.objects.using("other").filter(title="b")

    with refused():
        sign(one, two)
    with refused():
        sign(one, two.none())
    with refused():
        sign(one.none(), two)


@pytest.mark.parametrize("sign", [operator.or_, operator.and_])
def test_operators_keep_the_one_explicit_place(sign) -> None:
    """One explicit and one unplaced queryset give a result in the explicit place."""
    dive()
    placed, free = Book.objects.using("other").all(), Book.objects.all()

    assert sign(placed, free).db == "other"
    assert sign(free, placed).db == "other"
    assert titles(sign(free, placed)) == ["Dive into Python"]


# P2: inner queries


def test_inner_queries_of_another_database_are_refused(twins) -> None:
    """P2: ``fk__in=`` and ``fk=`` a queryset that is placed elsewhere raise."""
    inner = Person.objects.using("other")
    placed = Book.objects.using("default")

    with refused():
        placed.filter(editor__in=inner)
    with refused():
        placed.filter(editor=inner.filter(pk=1)[:1])
    with refused():
        placed.filter(editor__in=inner.none())
    with refused():
        placed.exclude(editor__in=inner.values("pk"))
    with refused():
        placed.filter(models.Q(title="a") | ~models.Q(editor__in=inner))


def test_unplaced_inner_queries_adopt_the_outer_place() -> None:
    """P2: an inner queryset without a place runs where the outer one does."""
    for alias, name in (("default", "Alice"), ("other", "Bob")):
        dive(alias, editor=person(name, alias))
    inner = Person.objects.filter(name="Bob")

    assert titles(Book.objects.using("other").filter(editor__in=inner)) == ["Dive into Python"]
    assert titles(Book.objects.using("default").filter(editor__in=inner)) == []


def test_an_unplaced_outer_query_does_not_adopt_the_inner_place() -> None:
    """P2: the outer queryset runs by its own rules; a placed inner one elsewhere raises."""
    inner = Person.objects.using("other").filter(name="Bob")
    outer = Book.objects.filter(editor__in=inner)

    assert outer.db == "default"
    with refused():
        list(outer)
    with refused():
        outer.count()
    with refused():
        outer.exists()
    with refused():
        outer.update(pages=1)
    with refused():
        outer.delete()
    with refused():
        outer.using("default")
    assert list(outer.using("other")) == []


# P3: objects as values


def test_objects_of_another_database_are_no_values_of_a_filter(twins) -> None:
    """P3: filter, exclude, get and Q refuse an object of another database, in a list too."""
    alice, bob = twins
    dive("default", editor=alice)
    placed = Book.objects.using("default")

    for values in ({"editor": bob}, {"editor__in": [alice, bob]}):
        for method in (placed.filter, placed.exclude, placed.get):
            with refused():
                method(**values)
    with refused():
        placed.filter(models.Q(editor=bob) | models.Q(title="x"))
    with refused():
        placed.filter(~models.Q(editor=bob))
    with refused():
        placed.filter(editor__gt=bob)


def test_the_refusal_names_the_model_and_what_to_write(twins) -> None:
    """P3: the error says which models meet and gives a hint."""
    with refused() as raised:
        Book.objects.using("default").filter(editor=twins[1])

    assert "behaviour.Book" in str(raised.value)
    assert "editor" in str(raised.value)
    assert raised.value.hint
    assert "Bob" not in str(raised.value)


def test_unplaced_querysets_check_values_when_they_run(twins) -> None:
    """P3: without a place the check is made at each execution and at using()."""
    alice, bob = twins
    dive("default", editor=alice)
    unplaced = Book.objects.filter(editor=bob)

    for run in (list, lambda q: q.count(), lambda q: q.exists(), lambda q: q.first(), len, bool):
        with refused():
            run(unplaced.all())
    with refused():
        unplaced.using("default")
    assert titles(unplaced.using("other")) == []
    dive("other", editor=bob)
    with manybase.using("other"):
        assert titles(Book.objects.filter(editor=bob)) == ["Dive into Python"]


def test_raw_keys_carry_no_place(twins) -> None:
    """P3: a number is a number and cannot be checked."""
    dive("default", editor=twins[0])

    assert titles(Book.objects.using("default").filter(editor=twins[1].pk)) == ["Dive into Python"]


def test_untied_objects_with_a_key_are_accepted(twins) -> None:
    """P3: an object that is nowhere yet may be a value anywhere."""
    dive("default", editor=twins[0])

    assert titles(Book.objects.using("default").filter(editor=Person(pk=1))) == ["Dive into Python"]


def test_in_bulk_refuses_objects_of_another_database(twins) -> None:
    """P3: in_bulk() takes keys and objects of its own database."""
    alice, bob = twins

    with refused():
        Person.objects.using("default").in_bulk([bob])
    assert Person.objects.using("default").in_bulk([1]) == {1: alice}


def test_contains_refuses_objects_of_another_database(twins) -> None:
    """P3: contains() with an object of another database raises rather than answer."""
    alice, bob = twins

    assert Person.objects.using("default").contains(alice)
    with refused():
        Person.objects.using("default").contains(bob)


# P4: equality


def test_equality_takes_the_place_into_account(twins) -> None:
    """P4: equal keys in two databases are two objects; the hash is the key's."""
    alice, bob = twins

    assert alice != bob
    assert hash(alice) == hash(bob)
    assert len({alice, bob}) == 2
    assert alice.same_row(bob)
    assert alice == Person.objects.using("default").get(pk=1)
    assert not alice.same_row(Book(pk=1))


def test_untied_objects_equal_only_untied_ones(twins) -> None:
    """P4: an object that is nowhere equals another of its key that is nowhere."""
    assert Person(pk=1) == Person(pk=1)
    assert Person(pk=1) != twins[0]
    assert Person(pk=1).same_row(twins[0])
    draft = Person()
    assert draft == draft
    assert draft != Person()
    with pytest.raises(TypeError):
        hash(draft)


def test_the_hash_does_not_change_with_the_place() -> None:
    """P4: adoption, save and refresh leave the hash alone."""
    mark = Person(pk=17, name="Mark")
    before = hash(mark)

    mark.save(using="other")
    mark.refresh_from_db()

    assert hash(mark) == before


# P5: prefetching for objects of two databases


def test_prefetch_serves_each_object_from_its_own_database(twins) -> None:
    """P5: objects of two databases in one list each get their own related objects."""
    alice, bob = twins
    books = [
        Book.objects.using("default").get(pk=dive("default", editor=alice).pk),
        Book.objects.using("other").get(pk=dive("other", editor=bob).pk),
    ]

    models.prefetch_related_objects(books, "editor")

    assert [book.editor.name for book in books] == ["Alice", "Bob"]
    assert [book.editor._state.db for book in books] == ["default", "other"]


def test_prefetch_of_many_serves_each_object_from_its_own_database(twins) -> None:
    """P5: the same for the managers of many, at the second level too."""
    for which, alias in zip(twins, ("default", "other"), strict=True):
        book = dive(alias, title=f"Book on {alias}", pk=4)
        book.authors.add(which)
        which.pet_set.create(name=f"pet on {alias}")
    books = [Book.objects.using(alias).get(pk=4) for alias in ("default", "other")]

    models.prefetch_related_objects(books, "authors__pet_set")

    seen = [[(a.name, [p.name for p in a.pet_set.all()]) for a in b.authors.all()] for b in books]
    assert seen == [[("Alice", ["pet on default"])], [("Bob", ["pet on other"])]]


# P6: writes with objects of another database


def test_writing_with_an_object_of_another_database_is_refused(twins) -> None:
    """P6: create(), update() and save(using=) with a foreign object write nothing."""
    alice, bob = twins
    book = dive("default", editor=alice)

    with refused():
        Book.objects.using("default").create(title="x", editor=bob)
    with refused():
        Book.objects.using("default").filter(pk=book.pk).update(editor=bob)
    with refused():
        Book(title="x", editor=bob).save(using="default")
    with refused():
        Book.objects.using("default").get_or_create(title="x", defaults={"editor": bob})
    assert titles(Book.objects.using("default")) == ["Dive into Python"]
    assert Book.objects.using("default").get().editor == alice
    assert not Book.objects.using("other").exists()


def test_two_related_places_refuse_an_untied_save(twins) -> None:
    """P6: an untied object follows its tied relations; two places among them raise."""
    from tests.behaviour.models import Letter, Restaurant

    letter = Letter(creator=twins[1])
    assert letter._state.db == "other"
    letter.save()
    assert Letter.objects.using("other").count() == 1
    place = Restaurant(name="x", chef=twins[1])
    with refused():
        place.save(using="default")
    assert not Restaurant.objects.using("default").exists()


# P7: saving elsewhere


def test_saving_elsewhere_never_overwrites(twins) -> None:
    """P7: save(using=) of a stored object inserts; a row of its key there raises."""
    bob = twins[1]

    with (
        pytest.raises((CrossDatabaseError, IntegrityError)) as raised,
        transaction.atomic("default"),
    ):
        bob.save(using="default")

    assert "default" in str(raised.value)
    assert Person.objects.using("default").get(pk=1).name == "Alice"
    assert bob._state.db == "other"


def test_saving_elsewhere_inserts_where_the_key_is_free() -> None:
    """P7: afterwards the object belongs to the new place, and the old row stays."""
    mark = person("Mark", "other", pk=44)

    mark.save(using="default")

    assert mark._state.db == "default"
    assert Person.objects.using("default").get(pk=44).name == "Mark"
    assert Person.objects.using("other").filter(pk=44).exists()


def test_saving_elsewhere_with_copy_overwrites(twins) -> None:
    """P7: ``copy=True`` says that the row there is to be replaced."""
    bob = twins[1]

    bob.save(using="default", copy=True)

    assert Person.objects.using("default").get(pk=1).name == "Bob"
    assert bob._state.db == "default"


def test_saving_elsewhere_refuses_updates(twins) -> None:
    """P7: update_fields and force_update of a row stored elsewhere raise."""
    bob = twins[1]

    with refused():
        bob.save(using="default", update_fields=["name"])
    with refused():
        bob.save(using="default", force_update=True)
    with refused():
        bob.delete(using="default")
    assert Person.objects.using("default").get(pk=1).name == "Alice"


def test_saving_elsewhere_refuses_keys_of_objects_that_stay_behind(twins) -> None:
    """P7: a foreign key that is not null and whose object is elsewhere raises."""
    book = dive("other", pk=60, editor=twins[1])

    with refused():
        book.save(using="default")
    assert not Book.objects.using("default").exists()

    book.save(using="default", copy=True)
    assert Book.objects.using("default").get(pk=60).editor.name == "Alice"


def test_bulk_create_refuses_objects_of_another_database(twins) -> None:
    """P7: bulk_create() of stored objects elsewhere overwrites nothing."""
    bob = twins[1]

    with pytest.raises((CrossDatabaseError, IntegrityError)), transaction.atomic("default"):
        Person.objects.using("default").bulk_create([bob])
    assert Person.objects.using("default").get(pk=1).name == "Alice"


# P8: on_commit


@pytest.mark.transactional
def test_on_commit_is_dropped_with_the_block_that_fails() -> None:
    """P8: a bare on_commit inside ``atomic("other")`` never runs when the block rolls back."""
    done: list[str] = []

    with pytest.raises(RuntimeError, match="stop"), transaction.atomic("other"):
        transaction.on_commit(lambda: done.append("ran"))
        raise RuntimeError("stop")

    assert done == []


@pytest.mark.transactional
def test_on_commit_waits_for_every_open_block() -> None:
    """P8: it runs after the last of the blocks open at that moment has committed."""
    done: list[str] = []

    with transaction.atomic("default"):
        with transaction.atomic("other"):
            transaction.on_commit(lambda: done.append("ran"))
            assert done == []
        assert done == []
    assert done == ["ran"]


@pytest.mark.transactional
def test_on_commit_is_dropped_when_an_outer_block_fails() -> None:
    """P8: the inner block commits, the outer one rolls back: it does not run."""
    done: list[str] = []

    with pytest.raises(RuntimeError, match="stop"), transaction.atomic("default"):
        with transaction.atomic("other"):
            transaction.on_commit(lambda: done.append("all"))
            transaction.on_commit(lambda: done.append("other"), using="other")
        raise RuntimeError("stop")

    assert done == ["other"]


@pytest.mark.transactional
def test_on_commit_outside_blocks_runs_at_once() -> None:
    """P8: with no block open there is nothing to wait for."""
    done: list[str] = []

    transaction.on_commit(lambda: done.append("ran"))

    assert done == ["ran"]


# P13, P14: objects keep to their database


@pytest.mark.transactional
async def test_async_work_from_an_object_stays_with_it() -> None:
    """P13: reading from other, following relations and asave() all stay there."""
    bob = await Person.objects.using("other").acreate(pk=1, name="Bob")
    await Person.objects.using("default").acreate(pk=1, name="Alice")
    await Book.objects.using("other").acreate(title="Dive", editor=bob)

    book = await Book.objects.using("other").select_related("editor").aget()
    book.editor.name = "Robert"
    await book.editor.asave()
    found = [one.title async for one in book.editor.edited.all()]
    await book.authors.aadd(bob)
    await book.arefresh_from_db()

    assert found == ["Dive"]
    assert book._state.db == "other"
    assert (await Person.objects.using("default").aget()).name == "Alice"
    assert (await Person.objects.using("other").aget()).name == "Robert"
    assert await Book.authors.through.objects.using("other").acount() == 1
    assert await Book.authors.through.objects.using("default").acount() == 0


def test_objects_keep_the_place_of_the_block_they_were_read_in() -> None:
    """P14: leaving the ``using`` block does not move an object."""
    person("Mark", "other", pk=5)
    with manybase.using("other"):
        mark = Person.objects.get(pk=5)

    mark.name = "Marcus"
    mark.save()

    assert names(Person.objects.using("other")) == ["Marcus"]
    assert not Person.objects.using("default").exists()


def test_objects_made_in_a_block_are_stored_there() -> None:
    """P14: create() inside a block writes to its database; a queryset made there stays there."""
    pro("default")
    with manybase.using("other"):
        made = Book.objects.create(title="Here")
        books = Book.objects.all()

    assert made._state.db == "other"
    assert books.db == "other"
    assert titles(books) == ["Here"]
