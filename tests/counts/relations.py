"""One relation of every kind, four objects with it, and the ways to load it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from manybase.contrib.contenttypes.models import ContentType
from tests.behaviour.models import Category
from tests.relations.models import Circle, Note, Novel, Poet, Portrait, Reading, Ring, Writer

NUMBER = 4
ALIAS = "other"


@dataclass(frozen=True)
class Kind:
    """A relation as the table knows it.

    Args:
        model: Where it is followed from; each of four objects has something there.
        name: Its name there.
        related: What it leads to; None for a generic key.
        many: Whether it leads to several.
        prefetched: How many statements bring what four objects have there.
        there: Whether the row of the object itself brings it.
        which: Lookups of the four objects, where the model has more.
    """

    model: Any
    name: str
    related: Any
    many: bool = False
    prefetched: int = 1
    there: bool = False
    which: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> Any:
        """The four objects."""
        return self.model.objects.using(ALIAS).filter(**self.which).order_by("pk")


KINDS: dict[str, Kind] = {
    "foreign key": Kind(Novel, "editor", Writer),
    "reverse foreign key": Kind(Writer, "edited", Novel, many=True),
    "foreign key to itself": Kind(Category, "parent", Category, which={"parent__isnull": False}),
    "reverse foreign key to itself": Kind(
        Category, "children", Category, many=True, which={"parent__isnull": True}
    ),
    "foreign key by a name": Kind(Ring, "circle", Circle),
    "reverse foreign key by a name": Kind(Circle, "rings", Ring, many=True),
    "one-to-one": Kind(Portrait, "writer", Writer),
    "reverse one-to-one": Kind(Writer, "portrait", Portrait),
    "many-to-many": Kind(Novel, "writers", Writer, many=True),
    "reverse many-to-many": Kind(Writer, "novel_set", Novel, many=True),
    "many-to-many to itself": Kind(Circle, "near", Circle, many=True),
    "one-way many-to-many to itself": Kind(Circle, "above", Circle, many=True),
    "its other end": Kind(Circle, "below", Circle, many=True),
    "many-to-many through a model": Kind(Novel, "readers", Writer, many=True),
    "reverse many-to-many through a model": Kind(Writer, "read", Novel, many=True),
    "the rows of that model": Kind(Novel, "reading_set", Reading, many=True),
    # Two of the four notes are about novels, two about writers.
    "generic key": Kind(Note, "about", None, prefetched=2, which={"text": "both"}),
    "generic relation": Kind(Novel, "notes", Note, many=True),
    "parent of several tables": Kind(Poet, "writer_ptr", Writer, there=True),
    "child of several tables": Kind(Writer, "poet", Poet),
}


def make_rows() -> None:
    """Four objects for each relation, all on one database."""
    using: Callable[[Any], Any] = lambda model: model.objects.using(ALIAS)  # noqa: E731
    poets = [using(Poet).create(name=f"W{n}") for n in range(NUMBER)]
    writers = [using(Writer).get(pk=poet.pk) for poet in poets]
    novels = [using(Novel).create(title=f"N{n}", editor=w) for n, w in enumerate(writers)]
    above = [using(Category).create(name=f"C{n}") for n in range(NUMBER)]
    circles = [using(Circle).create(name=f"O{n}") for n in range(NUMBER)]
    for number, (novel, writer, circle) in enumerate(zip(novels, writers, circles, strict=True)):
        novel.writers.add(writer)
        using(Reading).create(novel=novel, writer=writer)
        using(Portrait).create(writer=writer, colour="red")
        using(Category).create(name=f"D{number}", parent=above[number])
        using(Ring).create(circle=circle, size=number)
        circle.near.add(circles[(number + 1) % NUMBER])
        circle.above.add(circles[(number + 1) % NUMBER])
    for about in (*novels[:2], *writers[:2]):
        using(Note).create(text="both", about=about)
    for about in novels[2:]:
        using(Note).create(text="more", about=about)
    for model in (Novel, Writer):
        ContentType.objects.db_manager(ALIAS).get_for_model(model)
