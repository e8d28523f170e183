"""Every kind of relation by every loader: how many statements, on every database and face.

The numbers are the same on all databases: no way to load a relation needs what one of them lacks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest

from manybase.contrib.contenttypes.models import ContentType
from manybase.errors import FieldError, FieldFetchBlocked, QueryError
from manybase.models import (
    FETCH_ONE,
    FETCH_PEERS,
    FETCH_RAISE,
    Prefetch,
    aprefetch_related_objects,
    prefetch_related_objects,
)
from manybase.runtime.events import capture
from tests.behaviour.help import Face, both
from tests.counts.relations import ALIAS, KINDS, NUMBER, Kind, make_rows
from tests.databases import Databases

pytestmark = pytest.mark.usefixtures("rows")

CHUNK = 2
LAZY = NUMBER
"""What following a relation from every object takes where nothing is loaded."""


@pytest.fixture(scope="module")
def rows(databases: Databases) -> Iterator[None]:
    """The rows, once for each kind of database."""
    ContentType.objects.clear_cache()
    make_rows()
    yield
    databases.flush()
    ContentType.objects.clear_cache()


async def chunks(face: Face, queryset: Any) -> AsyncIterator[Any]:
    """The objects of an iterator with small chunks."""
    if face.is_async:
        async for one in queryset.aiterator(CHUNK):
            yield one
        return
    for one in queryset.iterator(CHUNK):
        yield one


async def follow(face: Face, kind: Kind, obj: Any, name: str) -> None:
    """Read what an object has at a relation."""
    if getattr(type(obj), name, None) is None:
        found = getattr(obj, name)  # to_attr
    elif kind.many:
        found = await face.list(getattr(obj, name).all())
    else:
        found = await obj.afetch(name) if face.is_async else getattr(obj, name)
    assert found


Loader = Callable[[Face, Kind], Awaitable[tuple[list[Any], str]]]


async def lazily(face: Face, kind: Kind) -> tuple[list[Any], str]:
    return await face.list(kind.rows), kind.name


async def select_related(face: Face, kind: Kind) -> tuple[list[Any], str]:
    return await face.list(kind.rows.select_related(kind.name)), kind.name


async def prefetch_related(face: Face, kind: Kind) -> tuple[list[Any], str]:
    return await face.list(kind.rows.prefetch_related(kind.name)), kind.name


async def prefetch_ordered(face: Face, kind: Kind) -> tuple[list[Any], str]:
    lookup = Prefetch(kind.name, kind.related and kind.related.objects.order_by("-pk"))
    return await face.list(kind.rows.prefetch_related(lookup)), kind.name


async def prefetch_to_attr(face: Face, kind: Kind) -> tuple[list[Any], str]:
    lookup = Prefetch(kind.name, to_attr="loaded")
    return await face.list(kind.rows.prefetch_related(lookup)), "loaded"


async def iterator_alone(face: Face, kind: Kind) -> tuple[list[Any], str]:
    return [one async for one in chunks(face, kind.rows)], kind.name


async def iterator_with_prefetch(face: Face, kind: Kind) -> tuple[list[Any], str]:
    found = kind.rows.prefetch_related(kind.name)
    return [one async for one in chunks(face, found)], kind.name


async def objects_at_hand(face: Face, kind: Kind) -> tuple[list[Any], str]:
    found = await face.list(kind.rows)
    if face.is_async:
        await aprefetch_related_objects(found, kind.name)
    else:
        prefetch_related_objects(found, kind.name)
    return found, kind.name


async def fetch_one(face: Face, kind: Kind) -> tuple[list[Any], str]:
    return await face.list(kind.rows.fetch_mode(FETCH_ONE)), kind.name


async def fetch_peers(face: Face, kind: Kind) -> tuple[list[Any], str]:
    return await face.list(kind.rows.fetch_mode(FETCH_PEERS)), kind.name


def number(loader: Loader, kind: Kind) -> int:
    """The statements that a loader takes with everything followed."""
    if kind.there and loader in (lazily, iterator_alone, fetch_one, fetch_peers):
        return 1
    if loader in (lazily, iterator_alone, fetch_one):
        return 1 + LAZY
    if loader is fetch_peers:
        # A manager's rows are asked for by the program, so no mode is about them.
        return 1 + (LAZY if kind.many else kind.prefetched)
    if loader is select_related:
        return 1
    if loader is iterator_with_prefetch:
        # Each chunk of notes is about one model.
        return 1 + NUMBER // CHUNK
    return 1 + kind.prefetched


LOADERS: tuple[Loader, ...] = (
    lazily,
    select_related,
    prefetch_related,
    prefetch_ordered,
    prefetch_to_attr,
    iterator_alone,
    iterator_with_prefetch,
    objects_at_hand,
    fetch_one,
    fetch_peers,
)


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.__name__)
@both
async def test_loaders(face: Face, loader: Loader) -> None:
    """The rows come by one statement, what hangs on them as the loader says."""
    found: dict[str, Any] = {}
    wanted: dict[str, Any] = {}
    for name, kind in KINDS.items():
        if loader is select_related and (kind.many or kind.related is None):
            wanted[name] = "refused"
            with pytest.raises((QueryError, FieldError)):
                kind.rows.select_related(kind.name)
            found[name] = "refused"
            continue
        with capture() as log:
            objects, at = await loader(face, kind)
            assert len(objects) == NUMBER, name
            for one in objects:
                await follow(face, kind, one, at)
        found[name] = len(log)
        wanted[name] = number(loader, kind)
        assert {event.alias for event in log} == {ALIAS}
    assert found == wanted


def test_a_mode_that_fetches_nothing(databases: Databases) -> None:
    """FETCH_RAISE sends none but that of the rows; what a manager gives is asked for."""
    for name, kind in KINDS.items():
        with capture() as log:
            objects = list(kind.rows.fetch_mode(FETCH_RAISE))
            for one in objects:
                if kind.many:
                    assert list(getattr(one, kind.name).all())
                elif kind.there:
                    assert getattr(one, kind.name)
                else:
                    with pytest.raises(FieldFetchBlocked):
                        getattr(one, kind.name)
        assert len(log) == 1 + (LAZY if kind.many else 0), name


@both
async def test_what_several_tables_hold_is_read_at_once(face: Face) -> None:
    """The parents' columns come with the child's, also bit by bit and by key."""
    poets = KINDS["parent of several tables"].model.objects.using(ALIAS).order_by("pk")
    with capture() as log:
        found = await face.list(poets)
        names = [poet.name for poet in found]
        assert names == [poet.name async for poet in chunks(face, poets)]
        assert len(await face.call(poets, "in_bulk", [poet.pk for poet in found])) == NUMBER
    assert len(log) == 3
