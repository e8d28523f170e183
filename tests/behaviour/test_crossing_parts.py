"""Every part of the query language that takes a value, given one of another database.

Each part is tried on a queryset that names its database (refused at the call) and on one that names
none (refused before the statement), on both faces. The objects have the same keys in both
databases, so that a crossing that went through would find the wrong rows and tell nobody.
"""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from manybase import models
from manybase.contrib.contenttypes.models import ContentType
from manybase.db import transaction
from manybase.errors import CrossDatabaseError, FieldValueError
from manybase.models import (
    Case,
    Coalesce,
    Count,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from manybase.models.lookups import Exact, In
from tests.behaviour.help import Face, both, on_pairs, person, pro, routed
from tests.behaviour.models import Book, Person, Restaurant, Review, Sample

pytestmark = on_pairs
World = SimpleNamespace


@contextlib.contextmanager
def refused(part: str = "") -> Iterator[None]:
    """Expect a CrossDatabaseError that names both databases."""
    try:
        with pytest.raises(CrossDatabaseError, match=r"(?s)(?=.*default)(?=.*other)"):
            yield
    except BaseException as error:
        error.add_note(f"the part: {part}")
        raise


@pytest.fixture
def world(db: Any) -> World:
    """Alice and her book A on default, Bob and his book B on other; the keys are the same."""
    alice, bob = person("Alice", "default", pk=1), person("Bob", "other", pk=1)
    here, there = pro("default", pk=1, editor=alice), pro("other", pk=1, editor=bob)
    here.authors.add(alice)
    there.authors.add(bob)
    return World(
        alice=alice,
        bob=bob,
        here=here,
        there=there,
        review=Review.objects.using("other").create(source="x", content_object=there),
        type=ContentType.objects.db_manager("other").get_for_model(Book),
        thin=Person.objects.using("other").only("pk").get(),
    )


def people() -> Any:
    return Person.objects.using("other")


def books() -> Any:
    return Book.objects.using("other")


def key() -> Subquery:
    """One key, read on other."""
    return Subquery(people().values("pk")[:1])


def by_editor(w: World) -> Case:
    """A Case whose condition names Bob."""
    return Case(When(editor=w.bob, then=1), default=2)


READS: dict[str, Callable[[Any, World], Any]] = {
    "an object": lambda r, w: r.filter(editor=w.bob),
    "an object for a key": lambda r, w: r.filter(editor_id=w.bob),
    "an object for the key of a relation": lambda r, w: r.filter(editor__pk=w.bob),
    "an object as own key": lambda r, w: r.filter(pk=w.there),
    "an object in a list": lambda r, w: r.filter(editor__in=[w.alice, w.bob]),
    "an object in a range": lambda r, w: r.filter(editor__range=(w.alice, w.bob)),
    "exclude": lambda r, w: r.exclude(editor=w.bob),
    "a relation to many": lambda r, w: r.filter(authors=w.bob),
    "Q in Q": lambda r, w: r.filter(Q(title="x") | ~(Q(editor=w.bob) & Q(title="y"))),
    "complex_filter": lambda r, w: r.complex_filter({"editor": w.bob}),
    "a typed condition": lambda r, w: r.filter(Book.editor == w.bob),
    "a typed negation": lambda r, w: r.filter(Book.editor != w.bob),
    "a lookup as an expression": lambda r, w: r.filter(Exact(F("editor"), w.bob)),
    "In as an expression": lambda r, w: r.filter(In(F("editor"), [w.bob])),
    "In of a queryset": lambda r, w: r.filter(In(F("editor"), people())),
    "an annotated relation": lambda r, w: r.annotate(e=F("editor")).filter(e=w.bob),
    "an annotated relation, in": lambda r, w: r.alias(e=F("editor")).filter(e__in=[w.bob]),
    "Tuple": lambda r, w: r.alias(t=models.Tuple("editor", "pages")).filter(t=(w.bob, 1)),
    "When": lambda r, w: r.annotate(x=Case(When(Q(editor=w.bob), then=1))),
    "the default of Case": lambda r, w: r.annotate(x=Case(When(pages=1, then=1), default=key())),
    "the value of When": lambda r, w: r.annotate(x=Case(When(pages=1, then=key()))),
    "Q as an expression": lambda r, w: r.annotate(
        x=models.ExpressionWrapper(Q(editor=w.bob), models.BooleanField())
    ),
    "Func": lambda r, w: r.annotate(x=Coalesce(key(), 1)),
    "Func of a queryset": lambda r, w: r.annotate(x=Coalesce(people().values("pk")[:1], 1)),
    "Func of a condition": lambda r, w: r.annotate(x=Coalesce(Q(editor=w.bob), Value(True))),
    "arithmetic": lambda r, w: r.annotate(x=F("pages") + key()),
    "Cast": lambda r, w: r.annotate(x=models.Cast(key(), models.IntegerField())),
    "JSONObject": lambda r, w: r.annotate(x=models.JSONObject(a=key())),
    "RawSQL": lambda r, w: r.annotate(x=models.RawSQL("%s", (key(),), models.IntegerField())),
    "alias": lambda r, w: r.alias(x=Exists(people())),
    "Exists": lambda r, w: r.filter(Exists(people())),
    "not Exists": lambda r, w: r.filter(~Exists(people())),
    "Exists of nothing": lambda r, w: r.filter(Exists(people().none())),
    "Subquery": lambda r, w: r.annotate(
        x=Subquery(people().filter(pk=OuterRef("editor")).values("name")[:1])
    ),
    "OuterRef twice": lambda r, w: r.filter(
        Exists(
            Person.objects.filter(
                Exists(
                    Book.objects.filter(
                        editor=OuterRef("pk"), pk=OuterRef(OuterRef("pk")), authors=w.bob
                    )
                )
            )
        )
    ),
    "a queryset": lambda r, w: r.filter(editor__in=people()),
    "a queryset in a queryset": lambda r, w: r.filter(
        editor__in=Person.objects.filter(pk__in=books().values("editor"))
    ),
    "a slice": lambda r, w: r.filter(editor=people()[:1]),
    "a union inside": lambda r, w: r.filter(editor__in=people().union(people())),
    "text of a queryset": lambda r, w: r.filter(title__contains=people().values("name")[:1]),
    "a part of a date": lambda r, w: r.filter(published__year=people().values("pk")[:1]),
    "a range of expressions": lambda r, w: r.filter(pages__range=(key(), 5)),
    "an expression in a list": lambda r, w: r.filter(pages__in=[1, key()]),
    "FilteredRelation": lambda r, w: r.annotate(
        x=FilteredRelation("authors", condition=Q(authors=w.bob))
    ).filter(x__name="x"),
    "FilteredRelation, further": lambda r, w: r.annotate(
        x=FilteredRelation("authors", condition=Q(authors__book=w.there))
    ).filter(x__name="x"),
    "Count(filter=)": lambda r, w: r.annotate(x=Count("authors", filter=Q(authors=w.bob))),
    "Sum(default=)": lambda r, w: r.annotate(x=Sum("pages", default=key())),
    "StringAgg(order_by=)": lambda r, w: r.annotate(
        x=models.StringAgg("authors__name", Value(","), order_by=Exists(people()))
    ),
    "Window(partition_by=)": lambda r, w: r.annotate(
        x=Window(Sum("pages"), partition_by=[by_editor(w)])
    ),
    "Window(order_by=)": lambda r, w: r.annotate(
        x=Window(models.RowNumber(), order_by=Exists(people()))
    ),
    "order_by": lambda r, w: r.order_by(key()),
    "order_by, turned": lambda r, w: r.order_by(Exists(people()).desc()),
    "order_by of a Case": lambda r, w: r.order_by(by_editor(w)),
    "values": lambda r, w: r.values(x=key()),
    "values_list": lambda r, w: r.values_list(Exists(people())),
    "values after it": lambda r, w: r.filter(editor=w.bob).values("title"),
    "dates after it": lambda r, w: r.filter(editor=w.bob).dates("published", "year"),
    "distinct after it": lambda r, w: r.filter(editor=w.bob).distinct(),
    "a slice after it": lambda r, w: r.filter(editor=w.bob)[:3],
    "select_related after it": lambda r, w: r.filter(editor=w.bob).select_related("editor"),
    "union": lambda r, w: r.union(Book.objects.filter(editor=w.bob)),
    "intersection": lambda r, w: r.intersection(Book.objects.filter(editor=w.bob)),
    "difference": lambda r, w: r.difference(Book.objects.filter(editor=w.bob)),
    "|": lambda r, w: r | Book.objects.filter(editor=w.bob),
    "&": lambda r, w: r & Book.objects.filter(editor=w.bob),
    "^": lambda r, w: r ^ Book.objects.filter(editor=w.bob),
    "| of a slice": lambda r, w: r | Book.objects.filter(editor=w.bob)[:2],
    "after none()": lambda r, w: r.none().filter(editor=w.bob),
    "using() afterwards": lambda r, w: Book.objects.filter(editor=w.bob).using("default"),
    "a generic relation": lambda r, w: r.filter(reviews=w.review),
    "a pickled object": lambda r, w: r.filter(editor=pickle.loads(pickle.dumps(w.bob))),
    "an object with one column": lambda r, w: r.filter(editor=w.thin),
}


@both
async def test_parts_that_read(face: Face, world: World) -> None:
    """Placed: refused by the call itself. Unplaced: refused when it runs, and by count() too."""
    for part, call in READS.items():
        with refused(part):
            call(Book.objects.using("default"), world)
        with refused(part):
            await face.list(call(Book.objects.all(), world))
        with refused(part):
            await face.call(call(Book.objects.all(), world), "count")


ANSWERS: dict[str, tuple[str, Callable[[World], Any]]] = {
    "get": ("get", lambda w: {"editor": w.bob}),
    "aggregate(filter=)": ("aggregate", lambda w: {"x": Count("pk", filter=Q(editor=w.bob))}),
    "aggregate of a subquery": ("aggregate", lambda w: {"x": models.Max(key())}),
    "aggregate(default=)": ("aggregate", lambda w: {"x": models.Max("pages", default=key())}),
    "in_bulk": ("in_bulk", lambda w: {"id_list": [w.here, w.there]}),
    "contains": ("contains", lambda w: {"obj": w.there}),
    "update of a relation": ("update", lambda w: {"editor": w.bob}),
    "update of a key": ("update", lambda w: {"editor_id": w.bob}),
    "update to a queryset": ("update", lambda w: {"editor": people()[:1]}),
    "update to an expression": ("update", lambda w: {"pages": F("pages") + key()}),
    "update to a Case": ("update", lambda w: {"pages": by_editor(w)}),
    "get_or_create, found": ("get_or_create", lambda w: {"title": "x", "editor": w.bob}),
    "get_or_create(defaults=)": (
        "get_or_create",
        lambda w: {"title": "x", "defaults": {"editor": w.bob}},
    ),
    "update_or_create(defaults=)": (
        "update_or_create",
        lambda w: {"pk": 1, "defaults": {"editor": w.bob}},
    ),
    "update_or_create to an expression": (
        "update_or_create",
        lambda w: {"pk": 1, "defaults": {"pages": by_editor(w)}},
    ),
    "update_or_create(create_defaults=)": (
        "update_or_create",
        lambda w: {"title": "x", "create_defaults": {"editor": w.bob}},
    ),
}


@both
async def test_parts_that_answer_or_write(face: Face, world: World) -> None:
    """Refused, and no row is different afterwards, in neither database."""
    for part, (method, values) in ANSWERS.items():
        with refused(part):
            await face.call(Book.objects.using("default"), method, **values(world))
        if "create" not in method:
            with refused(part):
                await face.call(Book.objects.filter(pages__gt=0), method, **values(world))
    for alias in ("default", "other"):
        found = Book.objects.using(alias).values_list("pk", "editor", "pages")
        assert await face.list(found) == [(1, 1, 100)]


@both
async def test_expressions_in_objects_are_values(face: Face, world: World) -> None:
    """save() and bulk_update() of an object that holds an expression over another database."""
    roma = await face.call(Restaurant.objects.using("default"), "create", name="Roma")
    for obj, name, made in (
        (world.here, "pages", key()),
        (world.here, "pages", by_editor(world)),
        (roma, "name", Subquery(people().values("name")[:1])),  # a column of a parent's table
    ):
        setattr(obj, name, made)
        with refused():
            await face.call(obj, "save")
        with refused():
            await face.call(obj, "save", update_fields=[name])
        with refused():
            await face.call(type(obj).objects, "bulk_update", [obj], [name])
    # Nothing was sent, so an open transaction goes on.
    assert await face.call(Book.objects.using("default").filter(pages=100), "count") == 1
    assert await face.call(Restaurant.objects.using("default").filter(name="Roma"), "exists")


PREFETCHES: dict[str, Callable[[World], Any]] = {
    "a foreign key": lambda w: Book.objects.using("default").prefetch_related(
        Prefetch("editor", Person.objects.filter(edited=w.there))
    ),
    "a reverse foreign key": lambda w: Person.objects.using("default").prefetch_related(
        Prefetch("edited", Book.objects.filter(editor=w.bob))
    ),
    "many to many": lambda w: Person.objects.using("default").prefetch_related(
        Prefetch("book_set", Book.objects.filter(editor=w.bob))
    ),
    "many to many by links": lambda w: Person.objects.using("default").prefetch_related(
        Prefetch("book_set", Book.objects.filter(editor=w.bob).only("title"))
    ),
    "a slice": lambda w: Person.objects.using("default").prefetch_related(
        Prefetch("edited", Book.objects.filter(editor=w.bob)[:2])
    ),
    "nested": lambda w: Book.objects.using("default").prefetch_related(
        Prefetch(
            "editor",
            Person.objects.prefetch_related(Prefetch("edited", Book.objects.filter(editor=w.bob))),
        )
    ),
    "a subquery": lambda w: Book.objects.using("default").prefetch_related(
        Prefetch("editor", Person.objects.filter(Exists(books())))
    ),
    "a generic relation": lambda w: Book.objects.using("default").prefetch_related(
        Prefetch("reviews", Review.objects.filter(content_type=w.type))
    ),
}


@both
async def test_querysets_of_prefetch(face: Face, world: World) -> None:
    """Unplaced, they run where the objects are, and their values must be of there."""
    for part, call in PREFETCHES.items():
        with refused(part):
            await face.list(call(world))


@both
async def test_contains_of_rows_that_were_read(face: Face, world: World) -> None:
    """The answer is no statement, and still the object must be of the same place."""
    rows = Book.objects.using("default").all()
    assert await face.list(rows) == [world.here]
    with refused():
        await face.call(rows, "contains", world.there)
    assert await face.call(rows, "contains", world.here)


def test_conditions_of_constraints_are_values(world: World) -> None:
    """An object in a constraint's condition, and in limit_choices_to, has a place as well."""

    class Limited(models.Model):
        editor = models.ForeignKey(
            Person, on_delete=models.CASCADE, limit_choices_to={"edited": world.there}
        )
        name = models.CharField(max_length=10)

        class Meta:
            app_label = "behaviour"
            constraints = [
                models.CheckConstraint(condition=Q(editor=world.bob), name="limited_check")
            ]

    limited = Limited(editor=world.alice, name="x")
    with refused():
        limited.validate_constraints()
    with refused():
        limited.full_clean(validate_constraints=False, validate_unique=False)


PLAIN: dict[str, Callable[[Any, World], Any]] = {
    "Value": lambda r, w: r.annotate(x=Value(w.bob)),
    "Value of a relation": lambda r, w: r.filter(editor=Value(w.bob)),
    "Case": lambda r, w: r.annotate(x=Case(When(pages=1, then=w.bob))),
    "arithmetic": lambda r, w: r.annotate(x=F("pages") + w.bob),
    "Func": lambda r, w: r.annotate(x=Coalesce(w.bob, F("pages"))),
    "RawSQL": lambda r, w: r.annotate(x=models.RawSQL("%s", (w.bob,), models.IntegerField())),
    "update": lambda r, w: r.update(editor=Value(w.bob)),
    "raw": lambda r, w: list(Book.objects.raw("SELECT * FROM behaviour_book WHERE 1=%s", [w.bob])),
    "raw by name": lambda r, w: list(
        Book.objects.raw("SELECT * FROM behaviour_book WHERE 1=%(x)s", {"x": w.bob})
    ),
}


def test_objects_are_no_plain_values(world: World) -> None:
    """Where only plain values can stand an object is refused before a driver sees it."""
    for call in PLAIN.values():
        with pytest.raises(FieldValueError, match=r"object of 'behaviour.Person'(?s:.*)obj\.pk"):
            call(Book.objects.using("default"), world)


def test_expressions_are_no_plain_values(db: Any) -> None:
    for value in (F("pages"), Book.objects.all(), Q(pages=1)):
        with pytest.raises(FieldValueError, match=r"is no plain value(?s:.*)without Value"):
            Book.objects.annotate(x=Value(value))


def test_documents_take_no_objects(world: World) -> None:
    with pytest.raises(FieldValueError, match=r"'data' takes what can be written as JSON"):
        Sample.objects.using("default").filter(data=world.bob)
    with refused():
        Sample.objects.using("default").filter(data__x=people().values("pk")[:1])


class PeopleMayMeet:
    """Allows relations of people, and has no opinion about others."""

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        return True if isinstance(one, Person) or isinstance(other, Person) else None


def test_a_value_that_a_router_allows_does_not_hide_others(world: World) -> None:
    """Each model met in another database is judged by itself, and querysets are never allowed."""
    with routed(PeopleMayMeet()):
        for rows in (Book.objects.using("default"), Book.objects.all()):
            allowed = rows.filter(editor=world.bob)
            assert list(allowed.using("default")) == [world.here]
            for call in (
                lambda rows=allowed: list(rows.filter(pk=world.there)),
                lambda rows=allowed: list(rows.filter(pk__in=books())),
                lambda rows=allowed: list(rows.annotate(x=Exists(people()))),
                lambda rows=allowed: list(rows.filter(pk__in=Book.objects.filter(pk=world.there))),
                lambda rows=allowed: list(rows.union(Book.objects.filter(pk=world.there))),
                lambda rows=allowed: list(rows | Book.objects.filter(pk=world.there)),
                lambda rows=rows: list(rows.filter(editor=world.bob, pk=world.there)),
            ):
                with refused():
                    call()


def test_a_refused_save_leaves_its_transaction_usable(world: World) -> None:
    """Places are checked before anything is sent, so the block around goes on."""
    with transaction.atomic("default"):
        world.here.pages = key()
        with refused():
            world.here.save()
        with refused():
            Book.objects.bulk_update([world.here], ["pages"])
        assert Book.objects.using("default").count() == 1
