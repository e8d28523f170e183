"""QuerySet: related objects along, bit by bit, by key."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from manybase.runtime.events import capture
from tests.language.data import (
    Author,
    Chapter,
    Face,
    Profile,
    Publisher,
    Remark,
    Title,
    both,
    models,
    part,
)

pytestmark = pytest.mark.usefixtures("shop")
Prefetch = models.Prefetch


async def loaded(face: Face, queryset: Any, statements: int) -> list[Any]:
    """The rows, read by so many statements; nothing may be asked for afterwards."""
    with capture() as log:
        found = await face.list(queryset)
    assert len(log) == statements, "\n".join(map(str, log))
    return found


@part("QuerySet.select_related")
@both
async def test_select_related(face: Face) -> None:
    """Also over a nullable key."""
    rows = await loaded(face, Title.objects.select_related("publisher").order_by("name"), 1)
    with capture() as log:
        assert [t.publisher and t.publisher.name for t in rows] == [
            "Orb",
            "Orb",
            "Zed",
            None,
            "Zed",
        ]
    assert not log


@part("QuerySet.select_related to any depth")
@both
async def test_select_related_depth(face: Face) -> None:
    rows = await loaded(face, Author.objects.select_related("mentor__mentor").order_by("name"), 1)
    with capture() as log:
        assert rows[3].mentor.mentor.name == "Ada"
        assert rows[1].mentor.mentor is None
    assert not log
    chapter = await loaded(
        face, Chapter.objects.select_related("title__publisher").order_by("pk"), 1
    )
    assert chapter[0].title.publisher.name == "Orb"


@part("QuerySet.select_related of reverse one-to-one")
@both
async def test_select_related_reverse(face: Face) -> None:
    rows = await loaded(face, Author.objects.select_related("profile").order_by("name"), 1)
    with capture() as log:
        assert rows[0].profile.motto == "measure"
        assert rows[0].profile.author is rows[0]
        with pytest.raises(Profile.DoesNotExist):
            _ = rows[1].profile
    assert not log


@part("QuerySet.select_related with only and defer")
@both
async def test_select_related_with_only(face: Face) -> None:
    rows = Title.objects.select_related("publisher").only("name", "publisher__name")
    first = (await loaded(face, rows.order_by("name")[:1], 1))[0]
    assert "pages" in first.get_deferred_fields()
    assert first.publisher.get_deferred_fields() == {"city"}
    rows = Title.objects.select_related("publisher").defer("pages", "publisher__city")
    first = (await loaded(face, rows.order_by("name")[:1], 1))[0]
    assert first.get_deferred_fields() == {"pages"}
    assert first.publisher.get_deferred_fields() == {"city"}


@part("QuerySet.select_related(None)")
@both
async def test_select_related_cleared(face: Face) -> None:
    rows = Chapter.objects.select_related("title").select_related(None).order_by("pk")
    first = (await loaded(face, rows, 1))[0]
    assert "_title_cache" not in vars(first)
    whole = (await loaded(face, Chapter.objects.select_related().order_by("pk"), 1))[0]
    assert vars(whole)["_title_cache"].name == "A"


@part("QuerySet.only")
@both
async def test_only(face: Face) -> None:
    first = await face.call(Title.objects.only("name").order_by("pk"), "first")
    assert "name" in vars(first) and "pages" not in vars(first)


@part("QuerySet.defer")
@both
async def test_defer(face: Face) -> None:
    first = await face.call(Title.objects.defer("pages", "price").order_by("pk"), "first")
    assert first.get_deferred_fields() == {"pages", "price"}
    whole = await face.call(Title.objects.defer("pages").defer(None).order_by("pk"), "first")
    assert whole.get_deferred_fields() == set()


@part("QuerySet.prefetch_related")
@both
async def test_prefetch_related(face: Face) -> None:
    rows = Title.objects.prefetch_related("authors", "chapters", "publisher").order_by("name")
    found = await loaded(face, rows, 4)
    with capture() as log:
        assert [sorted(a.name for a in t.authors.all()) for t in found[:2]] == [
            ["Ada", "Bob"],
            ["Bob"],
        ]
        assert [c.number for c in found[0].chapters.all()] == [1, 2]
        assert found[0].publisher.name == "Orb"
    assert not log


@part("QuerySet.prefetch_related to any depth")
@both
async def test_prefetch_depth(face: Face) -> None:
    rows = Publisher.objects.prefetch_related("titles__authors__profile").order_by("name")
    found = await loaded(face, rows, 4)
    with capture() as log:
        ada = next(a for t in found[0].titles.all() for a in t.authors.all() if a.name == "Ada")
        assert ada.profile.motto == "measure"
    assert not log


@part("Prefetch(queryset=)")
@both
async def test_prefetch_queryset(face: Face) -> None:
    old = Author.objects.filter(age__gt=30)
    found = await loaded(
        face, Title.objects.prefetch_related(Prefetch("authors", old)).order_by("name"), 2
    )
    assert [[a.name for a in t.authors.all()] for t in found] == [["Ada"], [], [], ["Ada"], ["Ada"]]


@part("Prefetch(to_attr=)")
@both
async def test_prefetch_to_attr(face: Face) -> None:
    inner = Prefetch("authors", Author.objects.order_by("-name"), to_attr="writers")
    outer = Prefetch("titles", Title.objects.prefetch_related(inner).order_by("name"), "works")
    found = await loaded(face, Publisher.objects.prefetch_related(outer).order_by("name"), 3)
    assert [[a.name for a in t.writers] for t in found[1].works] == [[], ["Cyd", "Bob", "Ada"]]
    deep = Publisher.objects.prefetch_related(
        Prefetch("titles", to_attr="works"), "works__chapters"
    )
    found = await loaded(face, deep.order_by("name"), 3)
    assert sorted(c.heading for t in found[0].works for c in t.chapters.all()) == ["A1", "A2"]


@part("Prefetch(queryset=a slice)")
@both
async def test_prefetch_of_slices(face: Face) -> None:
    """Each object gets its own slice."""
    newest = Prefetch("titles", Title.objects.order_by("-name")[:1], to_attr="newest")
    found = await loaded(face, Publisher.objects.prefetch_related(newest).order_by("name"), 2)
    assert [[t.name for t in p.newest] for p in found] == [["B"], ["E"]]


@part("QuerySet.prefetch_related over generic relations")
@both
async def test_prefetch_generic(face: Face) -> None:
    rows = Title.objects.prefetch_related("remarks").order_by("name")
    found = await face.list(rows)
    with capture() as log:
        assert sorted(r.text for r in found[0].remarks.all()) == ["fine", "odd"]
        assert list(found[1].remarks.all()) == []
    assert not log
    about = await face.list(Remark.objects.prefetch_related("about").order_by("text"))
    with capture() as log:
        assert [type(r.about).__name__ for r in about] == ["Title", "Author", "Title"]
    assert not log


@part("prefetch_related_objects")
@both
async def test_prefetch_related_objects(face: Face) -> None:
    found = await face.list(Title.objects.order_by("name"))
    with capture() as log:
        if face.is_async:
            await models.aprefetch_related_objects(found, "authors", "publisher")
        else:
            models.prefetch_related_objects(found, "authors", "publisher")
    assert len(log) == 2
    with capture() as log:
        assert [len(t.authors.all()) for t in found] == [2, 1, 0, 1, 3]
    assert not log


@part("QuerySet.iterator")
@both
async def test_iterator(face: Face) -> None:
    rows = Title.objects.order_by("name")
    if face.is_async:
        found = [t.name async for t in rows.aiterator(chunk_size=2)]
    else:
        found = [t.name for t in rows.iterator(chunk_size=2)]
    assert found == list("ABCDE")
    assert rows._result_cache is None


@part("QuerySet.iterator with prefetch")
@both
async def test_iterator_with_prefetch(face: Face) -> None:
    rows = Title.objects.prefetch_related("authors").order_by("name")
    with capture() as log:
        if face.is_async:
            found = [t async for t in rows.aiterator(chunk_size=2)]
        else:
            found = list(rows.iterator(chunk_size=2))
    assert [len(t.authors.all()) for t in found] == [2, 1, 0, 1, 3]
    assert len(log) == 4, "one statement for the rows, one for each chunk"


@part("QuerySet.in_bulk")
@both
async def test_in_bulk(face: Face, shop: SimpleNamespace) -> None:
    found = await face.call(Title.objects, "in_bulk", [shop.A.pk, shop.E.pk, -1])
    assert {key: title.name for key, title in found.items()} == {shop.A.pk: "A", shop.E.pk: "E"}
    assert await face.call(Title.objects, "in_bulk", []) == {}
    assert len(await face.call(Title.objects, "in_bulk")) == 5


@part("QuerySet.in_bulk(field_name=)")
@both
async def test_in_bulk_by_a_field(face: Face) -> None:
    found = await face.call(Title.objects, "in_bulk", ["A", "B"], field_name="name")
    assert {name: title.pages for name, title in found.items()} == {"A": 100, "B": 200}


@part("QuerySet: known related objects stay identical")
@both
async def test_known_related_objects(face: Face, shop: SimpleNamespace) -> None:
    with capture() as log:
        found = await face.list(shop.orb.titles.all())
        assert all(title.publisher is shop.orb for title in found)
    assert len(log) == 1
    rows = Publisher.objects.prefetch_related("titles").order_by("name")
    orb = (await face.list(rows))[0]
    assert all(title.publisher is orb for title in orb.titles.all())


@both
async def test_slices_of_prefetched_links_with_more_than_fields(face: Face) -> None:
    """The slice is of each owner, whatever else its queryset asks for."""
    for queryset in (
        Author.objects.only("name"),
        Author.objects.select_related("mentor"),
        Author.objects.annotate(n=models.Count("friends", distinct=True)),
    ):
        for start, stop, expected in ((0, 1, ["E", "E", "E"]), (1, 3, ["DA", "BA", ""])):
            some = models.Prefetch("titles", Title.objects.order_by("-name")[start:stop], "some")
            found = await face.list(
                queryset.filter(titles__name="E").prefetch_related(some).order_by("pk")
            )
            assert ["".join(t.name for t in one.some) for one in found] == expected
        few = models.Prefetch("authors", queryset.order_by("-name")[:1], "few")
        found = await face.list(Title.objects.prefetch_related(few).order_by("pk"))
        assert ["".join(a.name for a in one.few) for one in found] == [
            "Bob",
            "Bob",
            "",
            "Ada",
            "Cyd",
        ]
        later = models.Prefetch("authors", queryset[1:2], "few")
        found = await face.list(Title.objects.prefetch_related(later).order_by("pk"))
        assert ["".join(a.name for a in one.few) for one in found] == ["Bob", "", "", "", "Bob"]
