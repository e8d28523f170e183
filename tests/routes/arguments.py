"""What each public method is called with; the twin ``aget`` is called as ``get`` is."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from manybase.models import Count, Q
from tests.behaviour.help import date
from tests.behaviour.models import Book, Review

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
    "complex_filter": given({"pk": 1}),
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
    "exclude": given(pk=1),
    "exists": given(),
    "explain": given(),
    "explain_route": given(),
    "fetch_mode": given(None),
    "filter": given(Q(pk=1)),
    "first": given(),
    "get": given(pk=1),
    "get_or_create": given(pk=1),
    "in_bulk": given([1, 2]),
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
    "update_or_create": given(pk=1, defaults={"pages": 5}),
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
    "bulk_create": lambda world: (([Review(source="N", object_id=1, content_type_id=1)],), {}),
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
