"""The number of statements that saves, bulk work, links and deletes take, on both faces.

A number is that of every database unless the table gives one database its own, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from manybase.contrib.contenttypes.models import ContentType
from manybase.runtime.events import capture
from tests.behaviour.help import Face, both
from tests.databases import Databases
from tests.language.models import Author, Chapter, Profile, Publisher, Remark, Stock, Title
from tests.language.rows import make_shop
from tests.relations.models import Poet

ALIAS = "other"


@pytest.fixture
def own(databases: Databases) -> Iterator[SimpleNamespace]:
    """Rows for one test that writes."""
    ContentType.objects.clear_cache()
    # Made before the transaction: what a transaction makes is not kept until its commit.
    ContentType.objects.db_manager(ALIAS).get_for_models(Author, Title)
    with databases.rolled_back():
        rows = make_shop(ALIAS)
        rows.new = Remark(text="new")
        rows.poet = Poet.objects.using(ALIAS).create(name="P", verses=1)
        rows.profile = Profile.objects.using(ALIAS).get()
        rows.kind = databases.kind
        yield rows
    ContentType.objects.clear_cache()


def on(model: Any) -> Any:
    return model.objects.using(ALIAS)


def new_title(own: SimpleNamespace) -> Title:
    return Title(name="N", published=own.A.published, publisher=own.orb)


def houses(number: int) -> list[Publisher]:
    return [Publisher(name=f"house {one}") for one in range(number)]


def kept(kind: str) -> dict[str, Any]:
    """What meets an existing row updates it; MariaDB cannot be told by which unique key."""
    values: dict[str, Any] = {"update_conflicts": True, "update_fields": ["amount"]}
    return values if kind == "mysql" else {**values, "unique_fields": ["code"]}


Call = tuple[Any, str, tuple[Any, ...], dict[str, Any]]


def call(target: Any, method: str, *args: Any, **values: Any) -> Call:
    return target, method, args, values


#: MariaDB checks a foreign key with each statement, not at the end: rows that will be deleted
#: too are first let loose from the one that goes before them.
LOOSENED = {"mysql": 7}

#: What is called, and how many statements that takes.
WRITES: dict[str, tuple[Callable[[SimpleNamespace], Call], int | dict[str, int]]] = {
    "create": (lambda own: call(on(Publisher), "create", name="New"), 1),
    "save a new object": (lambda own: call(new_title(own), "save"), 1),
    "save": (lambda own: call(own.A, "save"), 1),
    "save some fields": (lambda own: call(own.A, "save", update_fields=["pages"]), 1),
    "save nothing": (lambda own: call(own.A, "save", update_fields=[]), 0),
    "create in two tables": (lambda own: call(on(Poet), "create", name="Q", verses=2), 2),
    "save in two tables": (lambda own: call(own.poet, "save"), 2),
    "save in one table of two": (lambda own: call(own.poet, "save", update_fields=["verses"]), 1),
    "refresh_from_db": (lambda own: call(own.A, "refresh_from_db"), 1),
    "refresh some fields": (lambda own: call(own.A, "refresh_from_db", fields=["pages"]), 1),
    "bulk_create": (lambda own: call(on(Publisher), "bulk_create", houses(50)), 1),
    "bulk_create in batches": (
        lambda own: call(on(Publisher), "bulk_create", houses(50), batch_size=20),
        3,
    ),
    "bulk_create of nothing": (lambda own: call(on(Publisher), "bulk_create", []), 0),
    "bulk_create that ignores": (
        lambda own: call(on(Stock), "bulk_create", [Stock(code="a")], ignore_conflicts=True),
        1,
    ),
    "bulk_create that updates": (
        lambda own: call(on(Stock), "bulk_create", [Stock(code="a")], **kept(own.kind)),
        1,
    ),
    # One statement, which the driver is given with the values of each object.
    "bulk_update": (
        lambda own: call(on(Title), "bulk_update", [own.A, own.B, own.C], ["pages"]),
        1,
    ),
    "update": (lambda own: call(on(Publisher), "update", city="X"), 1),
    "update over a relation": (
        lambda own: call(on(Title).filter(publisher__name="Orb"), "update", pages=3),
        1,
    ),
    # The keys are read first, then each table is written.
    "update in two tables": (lambda own: call(on(Poet), "update", name="Z", verses=3), 3),
    "get_or_create, there": (lambda own: call(on(Publisher), "get_or_create", name="Orb"), 1),
    "get_or_create, new": (lambda own: call(on(Publisher), "get_or_create", name="New"), 2),
    "update_or_create, there": (
        lambda own: call(on(Publisher), "update_or_create", name="Orb", defaults={"city": "Y"}),
        2,
    ),
    "update_or_create, new": (
        lambda own: call(on(Publisher), "update_or_create", name="New", defaults={"city": "Y"}),
        2,
    ),
    # Links
    "link": (lambda own: call(own.C.authors, "add", own.ada, own.bob), 1),
    "link from the other end": (lambda own: call(own.ada.titles, "add", own.B, own.C), 1),
    "link both ways": (lambda own: call(own.dan.friends, "add", own.ada), 4),
    "unlink": (lambda own: call(own.A.authors, "remove", own.ada), 1),
    "unlink both ways": (lambda own: call(own.ada.friends, "remove", own.bob), 1),
    "set links": (lambda own: call(own.A.authors, "set", [own.bob, own.dan]), 3),
    "set links that are there": (lambda own: call(own.A.authors, "set", [own.ada, own.bob]), 1),
    "clear links": (lambda own: call(own.A.authors, "clear"), 1),
    "create and link": (lambda own: call(own.A.authors, "create", name="Eve"), 2),
    # The far end of a foreign key
    "adopt": (lambda own: call(own.orb.titles, "add", own.D), 1),
    "adopt by saving": (lambda own: call(own.orb.titles, "add", own.D, bulk=False), 1),
    "let go": (lambda own: call(own.orb.titles, "remove", own.A), 1),
    "set children": (lambda own: call(own.orb.titles, "set", [own.D, own.A]), 3),
    "clear children": (lambda own: call(own.orb.titles, "clear"), 1),
    "create a child": (
        lambda own: call(own.orb.titles, "create", name="M", published=own.A.published),
        1,
    ),
    # Generic relations
    "create a remark": (lambda own: call(own.A.remarks, "create", text="hm"), 1),
    "add a remark": (lambda own: call(own.A.remarks, "add", own.new, bulk=False), 1),
    "clear remarks": (lambda own: call(own.A.remarks, "clear"), 1),
    # Deletes: one statement where nothing depends, else those who depend go first or are found.
    "delete rows that nothing hangs on": (
        lambda own: call(on(Chapter).filter(number=2), "delete"),
        1,
    ),
    "delete": (lambda own: call(own.profile, "delete"), 1),
    # Its remarks are found; links, chapters, the title and the remarks are deleted.
    "delete with what hangs on it": (lambda own: call(own.A, "delete"), 5),
    # Found and deleted: a profile, links, friends both ways, remarks; pupils lose their mentor.
    "delete with everything": (lambda own: call(own.ada, "delete"), 8),
    # The titles are found, and their remarks; links and chapters go, the publisher, the titles.
    "delete over two levels": (lambda own: call(own.zed, "delete"), {"": 6, **LOOSENED}),
    "delete several with what hangs on them": (
        lambda own: call(on(Title).filter(name="E"), "delete"),
        5,
    ),
    "delete from two tables": (lambda own: call(own.poet, "delete"), 7),
}


@pytest.mark.parametrize("name", WRITES)
@both
async def test_writes(face: Face, name: str, own: SimpleNamespace, databases: Databases) -> None:
    make, number = WRITES[name]
    target, method, args, values = make(own)
    with capture() as log:
        await face.call(target, method, *args, **values)
    wanted = number if isinstance(number, int) else number.get(databases.kind, number[""])
    assert len(log) == wanted, "\n".join(log.sql)
    assert {event.alias for event in log} <= {ALIAS}
