"""Plain shapes are put together from pieces: what they come to is what SQLAlchemy makes of them.

Compared by the text, the parameters and the names of the columns on every dialect, and by the rows
that both plans find.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from manybase import models
from manybase.dialects import dialect_for
from manybase.errors import QueryError
from manybase.models import Count, F, Q
from manybase.query.compile import compile_plan, compile_whole
from manybase.query.compile.pieces import MOST_KEPT, pieces_of
from manybase.query.compile.plain import compile_plain
from manybase.query.plan import plans
from manybase.runtime import sync
from tests.behaviour.models import (
    Badge,
    Bar,
    Book,
    Category,
    Chapter,
    City,
    Joining,
    Letter,
    Member,
    Novelist,
    Parcel,
    Person,
    Pet,
    Restaurant,
    Sample,
    UserProfile,
)
from tests.databases import Databases
from tests.speed.counting import frames_of
from tests.speed.plain import VERBS, dialects, difference, is_plain, rows_of

DAY = datetime.date(2001, 2, 3)
MOMENT = datetime.datetime(2001, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)
Query = Callable[[], Any]

PLAIN: dict[str, Query] = {
    "all": lambda: Book.objects.all(),
    "without order": lambda: Book.objects.order_by(),
    "one comparison": lambda: Book.objects.filter(pages__gte=3),
    "several in one call": lambda: Book.objects.filter(pages__gt=3, pages__lt=9, title="a"),
    "several calls": lambda: Book.objects.filter(pages__lte=3).filter(title="a"),
    "or": lambda: Book.objects.filter(Q(pages=3) | Q(title="a")),
    "or beside and": lambda: Book.objects.filter(Q(pages=3) | Q(title="a")).filter(pages=4),
    "and in or": lambda: Book.objects.filter(Q(pages=3, title="b") | Q(title="a")),
    "or in and in or": lambda: Book.objects.filter(
        Q(Q(pages=3) | Q(pages=4), title="b") | Q(title="a") | Q(Q(pages=5) | Q(pages=6))
    ),
    "null": lambda: Book.objects.filter(editor=None),
    "isnull": lambda: Book.objects.filter(editor__isnull=True, published__isnull=False),
    "list": lambda: Book.objects.filter(pages__in=[1, 2, 3]),
    "long list": lambda: Book.objects.filter(pages__in=range(40), title__in=list("abcdefg")),
    "range": lambda: Book.objects.filter(published__range=(DAY, DAY)),
    "order": lambda: Book.objects.order_by("-pages", "title", "pages"),
    "reversed": lambda: Book.objects.order_by("-pages", "title").reverse(),
    "the model's order reversed": lambda: Book.objects.reverse(),
    "order by expressions": lambda: Book.objects.order_by(
        F("pages").desc(nulls_last=True), F("title").asc(nulls_first=True), F("id").desc()
    ),
    "nulls reversed": lambda: Book.objects.order_by(F("pages").asc(nulls_last=True)).reverse(),
    "behind a key": lambda: Pet.objects.filter(owner__name="a"),
    "behind a key or not": lambda: Pet.objects.filter(Q(owner__name="a") | Q(name="b")),
    "behind an empty key": lambda: Book.objects.filter(editor__name="a"),
    "behind an empty key or not": lambda: Book.objects.filter(Q(editor__name="a") | Q(pages=1)),
    "either behind an empty key": lambda: Book.objects.filter(
        Q(editor__name="a") | Q(editor__name__startswith="b")
    ),
    "no row behind an empty key": lambda: Book.objects.filter(editor__name=None),
    "first left, then required": lambda: Book.objects.filter(
        Q(editor__name="a") | Q(pages=1)
    ).filter(editor__name__gt="b"),
    "order behind a key": lambda: Pet.objects.order_by("-owner__name", "name"),
    "order by a key": lambda: Book.objects.order_by("-editor", "editor_id"),
    "order behind an empty key": lambda: Book.objects.order_by("editor__name"),
    "the table itself": lambda: Category.objects.filter(parent__name="a"),
    "the table itself, twice": lambda: Category.objects.filter(
        Q(parent__name="a") | Q(parent__parent__name="b"), parent__parent__parent=None
    ).order_by("parent__parent__name"),
    "order by the table itself": lambda: Category.objects.order_by("parent"),
    "two keys to one table": lambda: Joining.objects.filter(
        member__name="a", invited_by__name="b", club__name="c"
    ).order_by("invited_by__name"),
    "a key to a name": lambda: Badge.objects.filter(holder="a", holder__name__gt="b"),
    "one to one": lambda: City.objects.filter(twin__name="b", twin__country__name__lt="c"),
    "a proxy": lambda: Novelist.objects.filter(name__gte="a"),
    "what a table inherits": lambda: Bar.objects.filter(name="a").order_by("chef__name").only("pk"),
    "a table that inherits": lambda: Bar.objects.filter(taps=1).select_related("chef"),
    "only what a table inherits": lambda: Bar.objects.only("name").filter(street="a"),
    "keys of a table that inherits": lambda: Restaurant.objects.filter(chef__name="a").order_by(),
    "abstract": lambda: Letter.objects.filter(creator__name="a"),
    "its own order of an abstract": lambda: Parcel.objects.filter(created__lt=DAY),
    "in the order of a relation": lambda: Chapter.objects.filter(book__title="a"),
    "by the order of a book": lambda: Chapter.objects.order_by("book"),
    "slice": lambda: Book.objects.filter(pages=3)[:5],
    "slice in the middle": lambda: Book.objects.filter(pages=3)[2:5],
    "slice to the end": lambda: Book.objects.filter(pages=3)[2:],
    "a slice filtered before": lambda: Book.objects.filter(title="x").order_by("pages")[1:2],
    "only": lambda: Book.objects.only("title").filter(pages=3),
    "defer": lambda: Book.objects.defer("title", "pages").defer("published"),
    "only, then defer": lambda: Book.objects.only("title", "pages").defer("pages"),
    "related": lambda: Book.objects.select_related("editor"),
    "related and required": lambda: Book.objects.select_related("editor").filter(
        editor__name="a"
    ),
    "related, nested": lambda: Joining.objects.select_related("club", "invited_by").order_by(
        "member__name"
    ),
    "related to itself": lambda: Category.objects.select_related("parent__parent").filter(
        Q(parent__name="a") | Q(name="b")
    ),
    "all related": lambda: Joining.objects.select_related(),
    "related, in part": lambda: Book.objects.select_related("editor").only("title", "editor__name"),
    "related to a user": lambda: UserProfile.objects.select_related("user").filter(flavor="x"),
    "values": lambda: Book.objects.values("title", "editor__name", "pk"),
    "all values": lambda: Book.objects.filter(pages=1).values(),
    "list of values": lambda: Category.objects.values_list("parent__name", "name"),
    "flat values": lambda: Book.objects.values_list("editor_id", flat=True)[:3],
    "named values": lambda: Book.objects.values_list("pages", "title", named=True),
    "names with odd letters": lambda: Sample.objects.filter(name__contains="50%_\\?"),
    "texts": lambda: Sample.objects.filter(
        Q(name__startswith="a") | Q(name__istartswith="b") | Q(name__iexact="c"),
        text__contains="d", slug__icontains="e", email__endswith="f", url__iendswith="g",
    ),
    "a text": lambda: Sample.objects.filter(name__startswith="a"),
    "a text as the last of one": lambda: Sample.objects.filter(name__iendswith="a"),
    "a text among others": lambda: Sample.objects.filter(Q(name__iendswith="a") | Q(integer=2)),
    "expressions of letters": lambda: Sample.objects.filter(name__regex="^a"),
    "a number as text": lambda: Sample.objects.filter(integer__contains="1", day__startswith="2"),
    "kinds": lambda: Sample.objects.filter(
        price__lt=Decimal("1.50"), real=1.5, flag=True, sure=False, day=DAY, moment__gt=MOMENT,
        clock=datetime.time(1), length=datetime.timedelta(1), code=uuid.UUID(int=1), blob=b"a",
    ),
    "addresses": lambda: Sample.objects.filter(address="::1", big__in=[1, 2, 3, 4, 5, 6]),
}  # fmt: skip

WHOLE: dict[str, Query] = {
    "exclude": lambda: Book.objects.exclude(pages=3),
    "not": lambda: Book.objects.filter(~Q(pages=3)),
    "xor": lambda: Book.objects.filter(Q(pages=3) ^ Q(pages=4)),
    "nothing": lambda: Book.objects.none(),
    "an empty list": lambda: Book.objects.filter(Q(pages__in=[]) | Q(pages=1)),
    "an expression": lambda: Book.objects.filter(pages=F("id")),
    "a transform": lambda: Book.objects.filter(published__year=2001),
    "to many": lambda: Book.objects.filter(authors__name="a"),
    "back": lambda: Person.objects.filter(edited__title="a"),
    "generic": lambda: Book.objects.filter(reviews__source="a"),
    "annotated": lambda: Book.objects.annotate(many=Count("authors")),
    "aliased": lambda: Book.objects.alias(twice=F("pages") * 2),
    "distinct": lambda: Book.objects.distinct(),
    "locked": lambda: Book.objects.select_for_update(),
    "joined": lambda: Book.objects.order_by().union(Book.objects.order_by()),
    "a query": lambda: Book.objects.filter(editor__in=Person.objects.filter(name="a")),
    "by chance": lambda: Book.objects.order_by("?"),
    "an order of expressions": lambda: Book.objects.order_by(F("pages") + 1),
    "a document": lambda: Sample.objects.filter(data={"a": 1}),
    "in a document": lambda: Sample.objects.filter(data__a=1),
    "days": lambda: Book.objects.dates("published", "year"),
    "values of expressions": lambda: Book.objects.values(F("pages")).annotate(n=Count("pk")),
    "values of many": lambda: Book.objects.values("authors__name"),
    "order of many": lambda: Book.objects.order_by("authors__name"),
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_shapes_come_to_the_same(name: str) -> None:
    rows = PLAIN[name]()
    for dialect in dialects():
        assert is_plain(rows, "select", dialect)
        for verb in VERBS:
            assert difference(rows, verb, dialect) == ""


@pytest.mark.parametrize("name", WHOLE)
def test_other_shapes_are_left_to_sqlalchemy(name: str) -> None:
    rows = WHOLE[name]()
    for dialect in dialects():
        assert not is_plain(rows, "select", dialect)


def test_a_text_like_a_parameter_is_left_to_sqlalchemy() -> None:
    """SQLite's condition holds '(?i)'."""
    rows = Sample.objects.filter(name__iregex="^a")
    assert not is_plain(rows, "select", dialect_for("sqlite"))
    assert is_plain(rows, "select", dialect_for("postgresql"))


@pytest.mark.parametrize("verb", ["count", "exists"])
def test_sliced_counts_are_left_to_sqlalchemy(verb: str) -> None:
    assert is_plain(Book.objects.filter(pages=1), verb)
    assert not is_plain(Book.objects.filter(pages=1)[:3], verb)


def test_a_name_like_a_parameter_is_left_to_sqlalchemy() -> None:
    class Odd(models.Model):
        asked = models.IntegerField(db_column="a?")
        share = models.IntegerField(db_column="b%s")
        price = models.IntegerField(db_column="c$1")
        many = models.IntegerField(db_column="d % e")

    for name in ("asked", "share", "price", "many"):
        rows = Odd.objects.filter(**{name: 1}).only("pk").order_by(name)
        for dialect in dialects():
            assert difference(rows, "select", dialect) == ""
    kept = Odd.objects.filter(asked=1)
    assert not is_plain(kept, "count", dialect_for("sqlite"))
    assert is_plain(kept, "count", dialect_for("postgresql"))


def test_errors_are_those_of_every_shape() -> None:
    rows = Book.objects.select_related("editor").defer("editor")
    message = (
        "'editor' of model 'behaviour.Book' cannot be both deferred and followed by"
        " select_related()"
    )
    for compiled in (compile_plan, compile_plain, compile_whole):
        with pytest.raises(QueryError) as raised:
            compiled("select", Book, rows.shape, dialect_for("sqlite"))
        assert message in str(raised.value)


@pytest.fixture
def stored(db: Databases) -> None:
    """A few rows of each model, with nulls and with rows that nothing belongs to."""
    anne, emily = (Person.objects.create(name=name) for name in ("a", "b"))
    for number, editor in enumerate((anne, emily, None)):
        book = Book.objects.create(title="abc"[number], editor=editor, pages=number + 1)
        Chapter.objects.create(book=book, heading="a")
        Letter.objects.create(creator=editor)
        Parcel.objects.create(created=datetime.date(2000, 1, 1), weight=number)
        Restaurant.objects.create(name="abc"[number], chef=editor)
    Pet.objects.create(name="b", owner=anne)
    root = Category.objects.create(name="a")
    child = Category.objects.create(name="b", parent=root)
    Category.objects.create(name="c", parent=child)
    first, second = (Member.objects.create(name=name) for name in ("a", "b"))
    Badge.objects.create(holder=second, label="x")
    assert first.pk
    Sample.objects.create(name="a", text="d", slug="e", email="f", url="g", day=DAY, integer=1)
    Sample.objects.create(price=Decimal("1.25"), flag=True, moment=MOMENT, address="::1", real=1.5)


@pytest.mark.parametrize("name", PLAIN)
def test_plain_shapes_find_the_same(db: Databases, stored: None, name: str) -> None:
    rows = PLAIN[name]()
    dialect = sync.dialect("default")
    for verb in VERBS:
        plain = compile_plain(verb, rows.model, rows.shape, dialect)
        whole = compile_whole(verb, rows.model, rows.shape, dialect)
        if plain is not None:
            assert rows_of(plain, "default", rows) == rows_of(whole, "default", rows)


@pytest.mark.kinds("sqlite")
def test_a_new_shape_of_known_pieces_is_cheap(db: Databases) -> None:
    """Nothing of SQLAlchemy is built, and no text is compiled."""
    list(Book.objects.filter(pages__gte=1).filter(title="a").order_by("-title")[:3])
    list(Book.objects.filter(title="a").order_by("pages"))
    list(Book.objects.filter(pages__gte=1))
    before = plans.info().misses
    rows = Book.objects.filter(title="a").filter(pages__gte=1).order_by("-title", "pages")
    entered = frames_of(lambda: list(rows))
    assert plans.info().misses == before + 1
    assert not [one for one in entered if "sqlalchemy" in one]
    assert len(entered) <= 110, "\n".join(entered)


def test_generated_functions_of_one_text_are_compiled_once() -> None:
    one, other = Book.objects.filter(published=DAY), Sample.objects.filter(day=DAY)
    binds: list[Any] = [
        compile_plan("count", rows.model, rows.shape, dialect_for("sqlite")).bind
        for rows in (one, other)
    ]
    assert binds[0] is not binds[1]
    assert binds[0].__code__ is binds[1].__code__


def test_pieces_are_bounded_and_forgotten_with_their_models(monkeypatch: Any) -> None:
    class Short(models.Model):
        number = models.IntegerField()

    dialect = dialect_for("sqlite")
    pieces = pieces_of(Short, dialect)
    assert pieces_of(Short, dialect) is pieces
    monkeypatch.setattr("manybase.query.compile.pieces.MOST_KEPT", 5)
    for length in range(1, 30):
        assert is_plain(Short.objects.filter(number__in=range(length)))
        assert len(pieces._kept) <= 5 < MOST_KEPT

    class Another(models.Model):
        number = models.IntegerField()

    assert pieces_of(Short, dialect) is not pieces
    assert is_plain(Another.objects.all())
