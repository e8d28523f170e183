"""Two databases under random work, compared with a model of them in plain dictionaries.

Hypothesis makes people and books, saves, links, moves and deletes them in both databases, also
with objects of the wrong one; after each step both databases must hold what the model holds.
"""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from manybase.errors import CrossDatabaseError
from tests.behaviour.models import Book, Person
from tests.databases import Databases

ALIASES = ("default", "other")
aliases = st.sampled_from(ALIASES)
words = st.text(alphabet="abcäÖ %_'\\", min_size=1, max_size=6)

#: Keys overlap on purpose: most are the same numbers in both databases.
keys = st.integers(min_value=1, max_value=6)


class Model:
    """What one database should hold: names of people, and books as (title, editor, authors)."""

    def __init__(self) -> None:
        self.people: dict[int, str] = {}
        self.books: dict[int, tuple[str, int | None, frozenset[int]]] = {}


class Work(RuleBasedStateMachine):
    """The rules; each has its counterpart on the plain model."""

    database: Databases
    people = Bundle("people")
    books = Bundle("books")

    @initialize()
    def begin(self) -> None:
        self._stack = contextlib.ExitStack()
        self._stack.enter_context(self.database.rolled_back())
        self.model = {alias: Model() for alias in ALIASES}

    def teardown(self) -> None:
        if hasattr(self, "_stack"):
            self._stack.close()

    # Making

    @rule(target=people, alias=aliases, key=keys, name=words)
    def make_person(self, alias: str, key: int, name: str) -> Any:
        if key in self.model[alias].people:
            return multiple()
        Person.objects.using(alias).create(pk=key, name=name)
        self.model[alias].people[key] = name
        return (alias, key)

    @rule(target=books, alias=aliases, key=keys, title=words)
    def make_book(self, alias: str, key: int, title: str) -> Any:
        if key in self.model[alias].books:
            return multiple()
        book = Book(pk=key, title=title)
        book.save(using=alias)
        assert book._state.db == alias
        self.model[alias].books[key] = (title, None, frozenset())
        return (alias, key)

    @rule(target=books, person=people, key=keys, title=words)
    def adopt_book(self, person: tuple[str, int], key: int, title: str) -> Any:
        """A new book follows its editor."""
        alias, editor = person
        if editor not in self.model[alias].people or key in self.model[alias].books:
            return multiple()
        book = Book(pk=key, title=title, editor=self.person(person))
        assert book._state.db == alias
        book.save()
        self.model[alias].books[key] = (title, editor, frozenset())
        return (alias, key)

    # Changing

    @rule(person=people, name=words)
    def rename(self, person: tuple[str, int], name: str) -> None:
        alias, key = person
        if key not in self.model[alias].people:
            return
        found = self.person(person)
        found.name = name
        found.save()
        self.model[alias].people[key] = name

    @rule(book=books, person=people)
    def set_editor(self, book: tuple[str, int], person: tuple[str, int]) -> None:
        if not self.there(book, person):
            return
        (alias, key), (theirs, editor) = book, person
        found, value = self.book(book), self.person(person)
        if alias != theirs:
            with pytest.raises(CrossDatabaseError):
                found.editor = value
            with pytest.raises(CrossDatabaseError):
                Book.objects.using(alias).filter(pk=key).update(editor=value)
            with pytest.raises(CrossDatabaseError):
                value.edited.add(found)
            return
        found.editor = value
        found.save()
        title, _, authors = self.model[alias].books[key]
        self.model[alias].books[key] = (title, editor, authors)

    @rule(book=books)
    def clear_editor(self, book: tuple[str, int]) -> None:
        alias, key = book
        if key not in self.model[alias].books:
            return
        assert Book.objects.using(alias).filter(pk=key).update(editor=None) == 1
        title, _, authors = self.model[alias].books[key]
        self.model[alias].books[key] = (title, None, authors)

    @rule(book=books, person=people, reverse=st.booleans())
    def link(self, book: tuple[str, int], person: tuple[str, int], reverse: bool) -> None:
        if not self.there(book, person):
            return
        (alias, key), (theirs, author) = book, person
        found, value = self.book(book), self.person(person)
        add = (lambda: value.book_set.add(found)) if reverse else lambda: found.authors.add(value)
        if alias != theirs:
            with pytest.raises(CrossDatabaseError):
                add()
            return
        add()
        title, editor, authors = self.model[alias].books[key]
        self.model[alias].books[key] = (title, editor, authors | {author})

    @rule(book=books, person=people, reverse=st.booleans())
    def unlink(self, book: tuple[str, int], person: tuple[str, int], reverse: bool) -> None:
        if not self.there(book, person) or book[0] != person[0]:
            return
        alias, key = book
        if reverse:
            self.person(person).book_set.remove(self.book(book))
        else:
            self.book(book).authors.remove(self.person(person))
        title, editor, authors = self.model[alias].books[key]
        self.model[alias].books[key] = (title, editor, authors - {person[1]})

    @rule(book=books, chosen=st.sets(keys, max_size=3))
    def set_authors(self, book: tuple[str, int], chosen: set[int]) -> None:
        alias, key = book
        if key not in self.model[alias].books:
            return
        there = {one for one in chosen if one in self.model[alias].people}
        self.book(book).authors.set(Person.objects.using(alias).filter(pk__in=there))
        title, editor, _ = self.model[alias].books[key]
        self.model[alias].books[key] = (title, editor, frozenset(there))

    # Moving and deleting

    @rule(target=people, person=people)
    def save_elsewhere(self, person: tuple[str, int]) -> Any:
        """An explicit save in the other database inserts, or is refused."""
        alias, key = person
        if key not in self.model[alias].people:
            return multiple()
        there = ALIASES[1 - ALIASES.index(alias)]
        found = self.person(person)
        if key in self.model[there].people:
            with pytest.raises(Exception, match=there):
                found.save(using=there)
            found.save(using=there, copy=True)
        else:
            found.save(using=there)
        assert found._state.db == there
        self.model[there].people[key] = self.model[alias].people[key]
        return (there, key)

    @rule(person=consumes(people))
    def delete_person(self, person: tuple[str, int]) -> None:
        alias, key = person
        if key not in self.model[alias].people:
            return
        self.person(person).delete()
        del self.model[alias].people[key]
        for book, (title, editor, authors) in list(self.model[alias].books.items()):
            kept = None if editor == key else editor
            self.model[alias].books[book] = (title, kept, authors - {key})

    @rule(book=consumes(books))
    def delete_book(self, book: tuple[str, int]) -> None:
        alias, key = book
        if key not in self.model[alias].books:
            return
        assert Book.objects.using(alias).filter(pk=key).delete()[1]["behaviour.Book"] == 1
        del self.model[alias].books[key]

    @precondition(lambda self: any(self.model[alias].books for alias in ALIASES))
    @rule(alias=aliases, name=words)
    def ask(self, alias: str, name: str) -> None:
        """Joins see their own database alone."""
        model = self.model[alias]
        expected = sorted(
            key
            for key, (_, editor, _) in model.books.items()
            if editor is not None and model.people[editor] == name
        )
        found = Book.objects.using(alias).filter(editor__name=name).order_by("pk")
        assert [book.pk for book in found] == expected
        assert {book._state.db for book in found} <= {alias}

    # Comparing

    @invariant()
    def the_databases_hold_what_the_model_holds(self) -> None:
        for alias in ALIASES if hasattr(self, "model") else ():
            people = dict(Person.objects.using(alias).values_list("pk", "name"))
            assert people == self.model[alias].people
            books = {}
            for book in Book.objects.using(alias).prefetch_related("authors"):
                authors = frozenset(author.pk for author in book.authors.all())
                books[book.pk] = (book.title, book.editor_id, authors)
            assert books == self.model[alias].books

    # Helpers

    def person(self, which: tuple[str, int]) -> Person:
        return Person.objects.using(which[0]).get(pk=which[1])

    def book(self, which: tuple[str, int]) -> Book:
        return Book.objects.using(which[0]).get(pk=which[1])

    def there(self, book: tuple[str, int], person: tuple[str, int]) -> bool:
        return book[1] in self.model[book[0]].books and person[1] in self.model[person[0]].people


EXAMPLES = {"sqlite": 40, "postgresql": 12, "mysql": 12, "postgresql+mysql": 12}


@pytest.mark.parametrize("kind", list(EXAMPLES), indirect=True)
def test_two_databases_under_random_work(databases: Databases) -> None:
    """Whatever a program does, each database holds what a plain model of it holds."""

    class Here(Work):
        database = databases

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES[databases.kind],
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
