"""What each public method is called with; the twin ``aget`` is called as ``get`` is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from manybase.models import Count, Q
from tests import behaviour
from tests.behaviour.help import date
from tests.behaviour.models import Book, Person, Review

#: Keys far above those that the databases give by themselves.
ONE, TWO, THREE = 1_000_001, 1_000_002, 1_000_003

Arguments = Callable[[SimpleNamespace], tuple[tuple[Any, ...], dict[str, Any]]]


def given(*args: Any, **values: Any) -> Arguments:
    """The same values in every world."""
    return lambda world: (args, values)


def objects(*names: str, **values: Any) -> Arguments:
    """Objects of the world."""
    return lambda world: (tuple(getattr(world, name) for name in names), values)


def listed(*names: str, **values: Any) -> Arguments:
    """Objects of the world in a list."""
    return lambda world: (([getattr(world, name) for name in names],), values)


NEW = {"title": "N", "published": date("2003-01-01")}

#: Called on ``Book.objects.all()`` and, where it has them, on ``Book.objects``.
QUERYSET: dict[str, Arguments] = {
    "aggregate": given(n=Count("pk")),
    "alias": given(n=Count("pk")),
    "all": given(),
    "annotate": given(n=Count("pk")),
    "bulk_create": lambda world: (([Book(**NEW)],), {}),
    "bulk_update": listed("book", fields=["title"]),
    "complex_filter": given({"pk": ONE}),
    "contains": objects("book"),
    "count": given(),
    "create": given(**NEW),
    "dates": given("published", "year"),
    "datetimes": given("when", "day"),
    "defer": given("title"),
    "delete": given(),
    "difference": lambda world: ((Book.objects.all(),), {}),
    "distinct": given(),
    "earliest": given("published"),
    "exclude": given(pk=ONE),
    "exists": given(),
    "explain": given(),
    "explain_route": given(),
    "fetch_mode": given(None),
    "filter": given(Q(pk=ONE)),
    "first": given(),
    "get": given(pk=ONE),
    "get_or_create": given(pk=ONE),
    "in_bulk": given([ONE, TWO]),
    "intersection": lambda world: ((Book.objects.all(),), {}),
    "iterator": given(),
    "last": given(),
    "latest": given("published"),
    "none": given(),
    "only": given("title"),
    "order_by": given("title"),
    "prefetch_related": given("authors"),
    "raw": given("SELECT * FROM behaviour_book"),
    "reverse": given(),
    "select_for_update": given(),
    "select_related": given("editor"),
    "union": lambda world: ((Book.objects.all(),), {}),
    "update": given(pages=5),
    "update_or_create": given(pk=ONE, defaults={"pages": 5}),
    "using": given("third"),
    "values": given("title"),
    "values_list": given("title"),
}

#: Called on ``person.book_set``, besides what every manager has.
LINKED: dict[str, Arguments] = {
    **QUERYSET,
    "add": objects("other_book"),
    "clear": given(),
    "create": given(**NEW),
    "get_or_create": given(**NEW),
    "get_queryset": given(),
    "remove": objects("book"),
    "set": listed("other_book"),
    "update_or_create": given(**NEW),
}

#: Called on ``book.authors``, the end of the links that has the field.
FORWARD: dict[str, Arguments] = {
    **LINKED,
    "add": objects("second"),
    "bulk_create": lambda world: (([Person(name="N")],), {}),
    "bulk_update": listed("person", fields=["name"]),
    "contains": objects("person"),
    "create": given(name="N"),
    "dates": given("joined", "year"),
    "defer": given("name"),
    "difference": lambda world: ((Person.objects.all(),), {}),
    "earliest": given("name"),
    "get_by_natural_key": given("Ann"),
    "get_or_create": given(name="N"),
    "intersection": lambda world: ((Person.objects.all(),), {}),
    "latest": given("name"),
    "only": given("name"),
    "order_by": given("name"),
    "prefetch_related": given("edited"),
    "raw": given("SELECT * FROM behaviour_person"),
    "remove": objects("person"),
    "select_related": given(None),
    "set": listed("second"),
    "union": lambda world: ((Person.objects.all(),), {}),
    "update": given(name="T"),
    "update_or_create": given(name="N"),
    "values": given("name"),
    "values_list": given("name"),
}

#: Called on ``person.edited``.
REVERSE: dict[str, Arguments] = {
    **LINKED,
    "add": objects("default_book"),
    "remove": objects("default_edited"),
    "set": listed("default_book"),
}

#: Called on ``book.reviews``.
GENERIC: dict[str, Arguments] = {
    **REVERSE,
    "add": objects("default_review"),
    "bulk_create": lambda world: (
        (
            [
                Review(
                    source="N", object_id=ONE, content_type_id=world.default_review.content_type_id
                )
            ],
        ),
        {},
    ),
    "bulk_update": listed("review", fields=["source"]),
    "contains": objects("review"),
    "create": given(source="New"),
    "defer": given("source"),
    "difference": lambda world: ((Review.objects.all(),), {}),
    "earliest": given("source"),
    "get_or_create": given(source="New"),
    "intersection": lambda world: ((Review.objects.all(),), {}),
    "latest": given("source"),
    "only": given("source"),
    "order_by": given("source"),
    "prefetch_related": given("content_object"),
    "raw": given("SELECT * FROM behaviour_review"),
    "remove": objects("default_review"),
    "select_related": given("content_type"),
    "set": listed("default_review"),
    "union": lambda world: ((Review.objects.all(),), {}),
    "update": given(source="T"),
    "update_or_create": given(source="New"),
    "values": given("source"),
    "values_list": given("source"),
}

#: Called on ``book``.
MODEL: dict[str, Arguments] = {
    "afetch": given("editor"),
    "clean": given(),
    "clean_fields": given(),
    "date_error_message": given("date", "title", "published"),
    "delete": given(),
    "full_clean": given(),
    "get_chapter_order": given(),
    "get_constraints": given(),
    "get_deferred_fields": given(),
    "get_next_by_published": given(),
    "get_previous_by_published": given(),
    "refresh_from_db": given(),
    "same_row": objects("other_book"),
    "save": given(),
    "save_base": given(),
    "set_chapter_order": given([]),
    "serializable_value": given("editor"),
    "unique_error_message": lambda world: ((Book, ("title",)), {}),
    "validate_constraints": given(),
    "validate_unique": given(),
}

RAW: dict[str, Arguments] = {
    "iterator": given(),
    "prefetch_related": given("authors"),
    "using": given("third"),
}

#: Called on ``User.objects``, besides what every manager has.
USERS: dict[str, Arguments] = {
    "create_superuser": given("new", "new@example.com", "secret"),
    "create_user": given("new", "new@example.com", "secret"),
    "get_by_natural_key": given("user 2002"),
    "normalize_email": given("new@EXAMPLE.com"),
}

GROUPS: dict[str, Arguments] = {"get_by_natural_key": given("readers")}

PERMISSIONS: dict[str, Arguments] = {"get_by_natural_key": given("add_group", "auth", "group")}

#: Called on ``ContentType.objects``, besides what every manager has.
TYPES: dict[str, Arguments] = {
    "clear_cache": given(),
    "get_by_natural_key": given("behaviour", "book"),
    "get_for_id": lambda world: ((world.review.content_type_id,), {}),
    "get_for_model": given(Book),
    "get_for_models": given(Book, Person),
}

#: Called on ``user``, besides what every object has.
USER: dict[str, Arguments] = {
    "check_password": given("secret"),
    "get_all_permissions": given(),
    "get_email_field_name": given(),
    "get_full_name": given(),
    "get_group_permissions": given(),
    "get_next_by_date_joined": given(),
    "get_previous_by_date_joined": given(),
    "get_profile": given(),
    "get_short_name": given(),
    "get_user_permissions": given(),
    "get_username": given(),
    "has_module_perms": given("auth"),
    "has_perm": given("auth.add_user"),
    "has_perms": given(["auth.add_user"]),
    "has_usable_password": given(),
    "natural_key": given(),
    "normalize_username": given("ann"),
    "set_password": given("other"),
    "set_unusable_password": given(),
}

#: Called on the content type of books, besides what every object has.
TYPE: dict[str, Arguments] = {
    "get_all_objects_for_this_type": given(title="A"),
    "get_object_for_this_type": given(title="A"),
    "model_class": given(),
    "natural_key": given(),
}

#: The functions of ``manybase.models``, ``manybase.fixtures`` and ``manybase``.
FUNCTIONS: dict[str, Arguments] = {
    "dump": given("behaviour.person"),
    "load": given(str(Path(behaviour.__file__).parent / "fixtures" / "lines.jsonl"), using="other"),
    "prefetch_related_objects": lambda world: (([world.book], "authors"), {}),
}

#: Names that are no calls, belong to the making of classes, or only refuse (``extra``).
NOT_CALLS = {
    "as_manager",
    "auto_created",
    "bind",
    "bound_kind",
    "contribute_to_class",
    "creation_counter",
    "extra",
    "db_manager",
    "from_db",
    "from_queryset",
    "use_in_migrations",
}

#: Functions that ask for no rows: settings, classes, and tables (tests/schema has those).
NOT_FOR_ROWS = {"SET", "configure", "create_tables", "drop_tables", "setup"}
