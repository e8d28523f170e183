"""Every public method, called under a recording router: which database, and asked for what.

The methods are found by inspection; one without an entry in the table fails.
"""

from __future__ import annotations

import re

import pytest

from manybase.contrib.contenttypes.models import ContentType
from tests.databases import Databases
from tests.routes.targets import TARGETS, base_name, call, public_methods
from tests.routes.world import READ_FROM, WRITE_TO, make_world, observe

BUILDS = """alias all annotate complex_filter dates datetimes defer difference distinct exclude
    fetch_mode filter intersection none only order_by prefetch_related raw reverse select_for_update
    select_related union using values values_list"""
READS = """aggregate contains count earliest exists explain explain_route first get in_bulk iterator
    last latest"""

#: What a method asks: the verb, the model and the object that is given as hint.
Question = tuple[str, str, str | None]
Entry = tuple[set[Question], set[str]]


def entries(*groups: tuple[str, set[Question], set[str]]) -> dict[str, Entry]:
    """The table of one target: for each name the questions and the databases of statements."""
    return {name: (asked, where) for names, asked, where in groups for name in names.split()}


def manager(model: str, owner: str | None) -> dict[str, Entry]:
    """What every queryset and manager does alike."""
    read, write = {("read", model, owner)}, {("write", model, owner)}
    return entries(
        (BUILDS, set(), set()),
        (READS, read, {READ_FROM}),
        ("explain_route", read, set()),
        ("get_or_create update update_or_create bulk_create delete", write, {WRITE_TO}),
    )


THROUGH: set[Question] = {("write", "Book_authors", "person")}
BOOK: set[Question] = {("write", "Book", "book")}
EDITED: set[Question] = {("write", "Book", "person")}
REVIEWS: set[Question] = {("write", "Review", "book")}
PERSON: set[Question] = {("write", "Person", "person")}
CHANGES = "add clear remove set"
CREATES = "create get_or_create update_or_create"

TABLE: dict[str, dict[str, Entry]] = {
    "QuerySet": {
        **manager("Book", None),
        **entries(
            ("create", {("write", "Book", "the object")}, {WRITE_TO}),
            ("bulk_update", BOOK, {WRITE_TO}),
        ),
    },
    "Manager": {
        **manager("Book", None),
        **entries(
            ("create", {("write", "Book", "the object")}, {WRITE_TO}),
            ("bulk_update", BOOK, {WRITE_TO}),
            ("get_queryset", set(), set()),
        ),
    },
    "person.book_set": {
        **manager("Book", "person"),
        **entries(
            (CHANGES, THROUGH, {WRITE_TO}),
            (CREATES, PERSON | THROUGH, {WRITE_TO}),
            ("bulk_update", BOOK, {WRITE_TO}),
            ("get_queryset", set(), set()),
        ),
    },
    "person.edited": {
        **manager("Book", "person"),
        **entries(
            (f"{CHANGES} {CREATES}", EDITED, {WRITE_TO}),
            ("bulk_update", BOOK, {WRITE_TO}),
            ("get_queryset", set(), set()),
        ),
    },
    "book.reviews": {
        **manager("Review", "book"),
        **entries(
            (f"{CHANGES} {CREATES}", REVIEWS, {WRITE_TO}),
            ("bulk_update", {("write", "Review", "review")}, {WRITE_TO}),
            ("get_queryset", set(), set()),
        ),
    },
    "Model": entries(
        (
            "clean date_error_message get_constraints get_deferred_fields same_row"
            " serializable_value unique_error_message validate_constraints validate_unique",
            set(),
            set(),
        ),
        # The neighbours and the order are those of the object's own database.
        ("get_next_by_published get_previous_by_published get_chapter_order", set(), {READ_FROM}),
        ("set_chapter_order", set(), set()),
        ("clean_fields full_clean", {("read", "Person", "book")}, {READ_FROM}),
        ("afetch", {("read", "Person", "book")}, {READ_FROM}),
        ("refresh_from_db", {("read", "Book", "book")}, {READ_FROM}),
        ("save save_base delete", BOOK, {WRITE_TO}),
    ),
    "RawQuerySet": entries(
        ("iterator", {("read", "Book", None)}, {READ_FROM}),
        ("using prefetch_related", set(), set()),
    ),
}


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("target", TARGETS)
def test_every_method_asks_for_its_route(databases: Databases, target: str) -> None:
    """The questions and the databases are those of the table; nothing is asked twice over."""
    get, known = TARGETS[target]
    table = TABLE[target]
    wrong = []
    for name in _names(databases, target):
        base = base_name(name, known)
        if base not in known or base not in table:
            wrong.append(f"{name} has no entry in the table")
            continue
        with databases.rolled_back():
            ContentType.objects.clear_cache()
            world = make_world()
            seen = observe(lambda: call(get(world), name, known[base], world))  # noqa: B023
            found = set(seen.named(world)), seen.aliases
            if found != table[base]:
                wrong.append(f"{name}: {found}, not {table[base]}")
            elif target in ("QuerySet", "Manager", "RawQuerySet") and len(seen.asked) > 1:
                wrong.append(f"{name} asked {len(seen.asked)} times")
    ContentType.objects.clear_cache()
    assert not wrong, "\n".join(wrong)


def _names(databases: Databases, target: str) -> list[str]:
    with databases.rolled_back():
        ContentType.objects.clear_cache()
        return list(public_methods(TARGETS[target][0](make_world())))


@pytest.mark.parametrize("target", TARGETS)
def test_the_table_names_what_there_is(target: str) -> None:
    """An entry of a method that is gone would show nothing."""
    names = {name for name in TABLE[target] if re.fullmatch(r"\w+", name)}

    assert names <= TARGETS[target][1].keys()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_route_is_explained_as_it_is_taken(databases: Databases) -> None:
    """``explain_route`` tells the database and the rule for the very route that is taken."""
    from tests.behaviour.help import routed
    from tests.behaviour.models import Book
    from tests.routes.world import Recorder

    with databases.rolled_back(), routed(Recorder()):
        route = Book.objects.all().explain_route()
        placed = Book.objects.using("third").explain_route()

    assert (route.alias, route.why) == (READ_FROM, "router Recorder says so")
    assert (placed.alias, placed.why) == ("third", "asked for with using()")
