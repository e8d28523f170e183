"""A generated function that makes objects and sorts them by the owner that each was read for.

Rows hold an object's values and, last, the key of its owner: what ``prefetch_related`` reads over
the links of a many-to-many relation. Called by ``models.related.sources``; executes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from manybase.meta.origin import origin
from manybase.query.code import Code, maker
from manybase.query.collector import without_collections

Groups = dict[Any, list[Any]]
Link = Callable[[Sequence[Sequence[Any]], str, Groups], list[Any]]
"""Puts the objects of rows into lists by owner; nothing is left over: it returns an empty list."""


def linker(model: Any, names: tuple[str, ...], kind: type[list[Any]], told: bool = False) -> Link:
    """Return the function that takes rows, an alias and lists of objects by owner.

    Args:
        model: The objects' class.
        names: The attributes of the values, in the order of the rows.
        kind: The class of the lists.
        told: Whether every object is made by its ``__init__``, which signals it.
    """
    known: dict[Any, Link] = model._meta.__dict__.setdefault("_linkers", {})
    plain = not told and model._plain_init and all(name.isidentifier() for name in names)
    found = known.get((names, kind, plain))
    if found is None:
        made: Any = _written(model, names, kind) if plain else _made_by_init(model, names, kind)
        found = known[names, kind, plain] = without_collections(made)
    return found


def _written(model: Any, names: tuple[str, ...], kind: type[list[Any]]) -> Link:
    code = Code()
    code.names.update(new=maker(model), origin=origin, Kind=kind, nobody=object())
    values = [f"c{i}" for i in range(len(names))]
    code.lines = [
        "def link(rows, alias, groups):",
        "    tie = origin(alias, True)",
        "    known, last = groups.get, nobody",
        f"    for {', '.join(values)}, owner in rows:",
        "        o = new()",
        *(f"        o.{name} = {value}" for name, value in zip(names, values, strict=True)),
        "        o._origin = tie",
        "        if owner != last:",  # rows of one owner mostly come one after the other
        "            last, group = owner, known(owner)",
        "            if group is None:",
        "                groups[owner] = group = Kind()",
        "            append = group.append",
        "        append(o)",
        "    return []",
    ]
    link: Link = code.finish("link")
    return link


def _made_by_init(model: Any, names: tuple[str, ...], kind: type[list[Any]]) -> Link:
    def link(rows: Sequence[Sequence[Any]], alias: str, groups: Groups) -> list[Any]:
        for row in rows:
            owner = row[-1]
            if owner not in groups:
                groups[owner] = kind()
            groups[owner].append(model.from_db(alias, list(names), row[:-1]))
        return []

    return link
