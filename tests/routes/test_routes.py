"""Every public method, called under a recording router: which database, and asked for what.

The methods are found by inspection; one without an entry in the table fails.
"""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from manybase import models
from manybase.contrib.contenttypes.models import ContentType
from manybase.test import override_settings
from tests import servers
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
AUTHORS: set[Question] = {("write", "Book_authors", "book")}
BOOK: set[Question] = {("write", "Book", "book")}
EDITED: set[Question] = {("write", "Book", "person")}
REVIEWS: set[Question] = {("write", "Review", "book")}
PERSON: set[Question] = {("write", "Person", "person")}
CHANGES = "add clear remove set"
CREATES = "create get_or_create update_or_create"

#: What has one statement asks once.
ONCE = ("QuerySet", "Manager", "RawQuerySet", "User.objects", "Group.objects")

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
    "book.authors": {
        **manager("Person", "book"),
        **entries(
            (CHANGES, AUTHORS, {WRITE_TO}),
            (CREATES, {("write", "Book", "book")} | AUTHORS, {WRITE_TO}),
            ("bulk_update", PERSON, {WRITE_TO}),
            ("get_queryset", set(), set()),
            ("get_by_natural_key", {("read", "Person", "book")}, {READ_FROM}),
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
    "User.objects": entries(
        ("create_user create_superuser", {("write", "User", "the object")}, {WRITE_TO}),
        ("get_by_natural_key", {("read", "User", None)}, {READ_FROM}),
        ("normalize_email", set(), set()),
    ),
    "Group.objects": entries(("get_by_natural_key", {("read", "Group", None)}, {READ_FROM})),
    "Permission.objects": entries(
        ("get_by_natural_key", {("read", "Permission", None)}, {READ_FROM})
    ),
    "ContentType.objects": entries(
        ("clear_cache", set(), set()),
        (
            "get_by_natural_key get_for_id get_for_model get_for_models",
            {("read", "ContentType", None)},
            {READ_FROM},
        ),
    ),
    "User": entries(
        (
            "get_email_field_name get_full_name get_short_name get_username has_usable_password"
            " natural_key normalize_username set_password set_unusable_password check_password",
            set(),
            set(),
        ),
        ("get_next_by_date_joined get_previous_by_date_joined", set(), {READ_FROM}),
        (
            "get_all_permissions get_group_permissions get_user_permissions has_module_perms"
            " has_perm has_perms",
            {("read", "Permission", "user")},
            {READ_FROM},
        ),
        ("get_profile", {("read", "UserProfile", "user")}, {READ_FROM}),
    ),
    "ContentType": entries(
        ("get_all_objects_for_this_type model_class natural_key", set(), set()),
        ("get_object_for_this_type", {("read", "Book", None)}, {READ_FROM}),
    ),
    "functions": entries(
        ("prefetch_related_objects", {("read", "Person", "book")}, {READ_FROM}),
        ("load", set(), {READ_FROM}),
        ("dump", set(), {WRITE_TO}),
    ),
}


#: Both faces' methods run on each kind, and on two kinds at once.
on_kinds = pytest.mark.parametrize("kind", [*servers.KINDS, "postgresql+mysql"], indirect=True)


SETTINGS = {
    "AUTH_PROFILE_MODULE": "behaviour.UserProfile",
    "PASSWORD_HASHERS": ["manybase.contrib.auth.hashers.MD5PasswordHasher"],
}


@pytest.fixture(scope="module")
def made(databases: Databases) -> Iterator[SimpleNamespace]:
    """The rows, once for each kind; every call is undone and gets objects of its own."""
    with databases.rolled_back(), override_settings(**SETTINGS):
        ContentType.objects.clear_cache()
        yield make_world()
    ContentType.objects.clear_cache()


@on_kinds
@pytest.mark.parametrize("target", TARGETS)
def test_every_method_asks_for_its_route(
    databases: Databases, made: SimpleNamespace, target: str
) -> None:
    """The questions and the databases are those of the table; nothing is asked twice over."""
    assert not list(_wrong(databases, made, target))


def _wrong(databases: Databases, made: SimpleNamespace, target: str) -> Iterator[str]:
    get, known = TARGETS[target]
    table = TABLE[target]
    for name in public_methods(target, get(made)):
        base = base_name(name, known)
        if base not in known or base not in table:
            yield f"{name} has no entry in the table"
            continue
        with databases.rolled_back():
            ContentType.objects.clear_cache()
            world = copy.deepcopy(made)
            work = functools.partial(call, get(world), name, known[base], world)
            seen = observe(work, types=target.startswith("ContentType"))
        found = set(seen.named(world)), seen.aliases
        if found != table[base]:
            yield f"{name}: {found}, not {table[base]}"
        elif target in ONCE and len(seen.asked) > 1:
            yield f"{name} asked {len(seen.asked)} times"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_method_without_an_entry_is_found(
    databases: Databases, made: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table itself would notice what is new, on every class that has it."""
    monkeypatch.setattr(models.QuerySet, "fresh", lambda self: None, raising=False)
    monkeypatch.setattr(models.Manager, "fresh", lambda self: None, raising=False)
    monkeypatch.setattr(models.Model, "afresh", lambda self: None, raising=False)
    told = {
        target: [words for words in _wrong(databases, made, target) if "no entry" in words]
        for target in ("QuerySet", "person.book_set", "Model")
    }
    assert told == {
        "QuerySet": ["fresh has no entry in the table"],
        "person.book_set": ["fresh has no entry in the table"],
        "Model": ["afresh has no entry in the table"],
    }


@pytest.mark.parametrize("target", TARGETS)
def test_the_table_names_what_there_is(target: str) -> None:
    """An entry of a method that is gone would show nothing."""
    names = {name for name in TABLE[target] if re.fullmatch(r"\w+", name)}

    assert names <= TARGETS[target][1].keys()


@on_kinds
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
