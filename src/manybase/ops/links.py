"""Many-to-many links: adding, removing, clearing and setting rows of the table between.

Called by the many-to-many managers on either face. Objects of two places are refused before a
transaction opens; the alias is the one that routing gives for the table between, asked with the
owner as ``instance``; signals carry it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from manybase.errors import FieldValueError, QueryError
from manybase.meta.signals import m2m_changed
from manybase.ops import fetch, write
from manybase.ops.delete import delete
from manybase.ops.relate import check_all, tie
from manybase.query.q import Q
from manybase.query.record import record_filter, record_values
from manybase.query.state import Placed, Recording
from manybase.routing import decision
from manybase.routing.provenance import check_values

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

Defaults = Mapping[str, Any] | None


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Link:
    """One end of a many-to-many relation, seen from an object.

    Args:
        owner: The object at this end.
        model: The model at the other end.
        through: The model of the table between.
        source: The foreign key of the table between that points at the owner.
        target: The one that points at the other end.
        reverse: Whether the relation is declared at the other end.
        symmetrical: Whether each link counts in both directions.
        label: The relation's name, as ``"library.Book.authors"``.
        alias: The database asked for on the manager, or None.
    """

    owner: Any
    model: Any
    through: Any
    source: Any
    target: Any
    reverse: bool
    symmetrical: bool
    label: str
    alias: str | None

    @property
    def key(self) -> Any:
        """The value of the owner that rows of the table between hold."""
        return getattr(self.owner, self.source.target_field.attname)

    def write_alias(self) -> str:
        """The database that changes of the links go to."""
        if self.alias is not None:
            return self.alias
        alias: str = decision.write(self.through, None, None, {"instance": self.owner})
        return alias

    def rows(self, keys: Iterable[Any] | None = None) -> Recording:
        """The rows of the table between that start at the owner, all or those to some keys."""
        found = record_filter(Recording(self.through), (), {self.source.attname: self.key})
        if keys is not None:
            found = record_filter(found, (), {f"{self.target.attname}__in": list(keys)})
        return found

    def rows_both_ways(self, keys: Iterable[Any] | None = None) -> Recording:
        """Like ``rows``, for a symmetrical relation with the rows that end at the owner."""
        if not self.symmetrical:
            return self.rows(keys)
        start, end = {self.source.attname: self.key}, {self.target.attname: self.key}
        if keys is not None:
            start[f"{self.target.attname}__in"] = list(keys)
            end[f"{self.source.attname}__in"] = start[f"{self.target.attname}__in"]
        return record_filter(Recording(self.through), (Q(**start) | Q(**end),), {})

    def turned(self) -> Link:
        """The same links written in the other direction, for a symmetrical relation."""
        return dataclasses.replace(self, source=self.target, target=self.source)


async def add(
    executor: Executor, link: Link, objects: Iterable[Any], defaults: Defaults = None
) -> None:
    """Link objects or keys to the owner; those that are linked already stay as they are.

    Raises:
        CrossDatabaseError: An object belongs to another database.
        QueryError: An object is of another model.
        ValueError: An object has no key yet.
    """
    keys = target_keys(link, objects)
    alias = link.write_alias()
    _check_places(link, alias, defaults)
    if not keys:
        return
    if not link.symmetrical and _needs_no_look(link, defaults):
        await _insert(executor, link, alias, keys, defaults)
        return
    async with executor.atomic(alias, savepoint=False):
        await _add_missing(executor, link, alias, keys, defaults, tell=True)
        if link.symmetrical:
            await _add_missing(executor, link.turned(), alias, keys, defaults, tell=False)


async def remove(executor: Executor, link: Link, objects: Iterable[Any]) -> None:
    """Unlink objects or keys from the owner; the objects themselves stay."""
    keys = target_keys(link, objects, "remove")
    alias = link.write_alias()
    if not keys:
        return
    async with executor.atomic(alias, savepoint=False):
        await _tell(executor, link, alias, "pre_remove", keys)
        await delete(executor, link.rows_both_ways(keys), alias)
        await _tell(executor, link, alias, "post_remove", keys)


async def clear(executor: Executor, link: Link) -> None:
    """Unlink everything from the owner."""
    alias = link.write_alias()
    async with executor.atomic(alias, savepoint=False):
        await _tell(executor, link, alias, "pre_clear", None)
        await delete(executor, link.rows_both_ways(), alias)
        await _tell(executor, link, alias, "post_clear", None)


async def replace(
    executor: Executor,
    link: Link,
    objects: Iterable[Any],
    *,
    clear_first: bool = False,
    defaults: Defaults = None,
) -> None:
    """Make the owner linked to exactly these objects or keys.

    Args:
        executor: What reaches the database.
        link: The end that is set.
        objects: Objects of the related model, or keys.
        clear_first: Remove all links and add these, in the place of removing the difference.
        defaults: Values for new rows of the table between.
    """
    keys = target_keys(link, await listed(executor, objects), "set")
    alias = link.write_alias()
    _check_places(link, alias, defaults)
    async with executor.atomic(alias, savepoint=False):
        if clear_first:
            await clear(executor, link)
            await add(executor, link, keys, defaults)
            return
        linked = set(await _linked_keys(executor, link, alias))
        gone = [key for key in linked if key not in keys]
        await remove(executor, link, gone)
        await add(executor, link, [key for key in keys if key not in linked], defaults)


async def listed(executor: Executor, objects: Iterable[Any]) -> list[Any]:
    """Return objects as a list; a queryset is read from its own database."""
    if isinstance(objects, Recording) and getattr(objects, "_result_cache", None) is None:
        queryset: Any = objects
        alias = queryset._read_alias()
        return await fetch.objects(executor, objects, alias)
    return list(objects)


def target_keys(link: Link, objects: Iterable[Any], verb: str = "add") -> dict[Any, None]:
    """Return the keys of objects in their order, each once, after all places were checked."""
    given = list(objects)
    values = [obj for obj in given if hasattr(obj, "_meta")]
    for obj in values:
        if not isinstance(obj, link.model._meta.concrete_model):
            raise QueryError(
                f"'{link.model._meta.object_name}' instance expected for '{link.label}',"
                f" not {type(obj).__name__}"
            )
    check_all(link.owner, values, link.label, verb)
    wanted = link.target.target_field
    keys: dict[Any, None] = {}
    for obj in given:
        if not hasattr(obj, "_meta"):
            keys[wanted.prepare(obj)] = None
            continue
        key = getattr(obj, wanted.attname)
        if key is None:
            raise FieldValueError(
                f"cannot {verb} a {type(obj).__name__} to '{link.label}':"
                f' the value for field "{link.target.name}" is None',
                hint="Save the object first.",
            )
        tie(link.owner, obj)
        keys[key] = None
    return keys


def _needs_no_look(link: Link, defaults: Defaults) -> bool:
    """Whether the database can pass over links that exist, and nobody wants to hear of them."""
    return (
        bool(link.through._meta.auto_created)
        and not defaults
        and not m2m_changed.has_listeners(link.through)
    )


async def _linked_keys(
    executor: Executor, link: Link, alias: str, keys: Iterable[Any] | None = None
) -> list[Any]:
    rows = record_values(link.rows(keys), (link.target.attname,), "flat")
    found: list[Any] = await fetch.rows(executor, rows, alias)
    return found


async def _add_missing(
    executor: Executor,
    link: Link,
    alias: str,
    keys: Iterable[Any],
    defaults: Defaults,
    tell: bool,
) -> None:
    linked = set(await _linked_keys(executor, link, alias, keys))
    missing = {key: None for key in keys if key not in linked}
    if tell:
        await _tell(executor, link, alias, "pre_add", missing)
    if missing:
        await _insert(executor, link, alias, missing, defaults)
    if tell:
        await _tell(executor, link, alias, "post_add", missing)


async def _insert(
    executor: Executor, link: Link, alias: str, keys: Iterable[Any], defaults: Defaults
) -> None:
    through = link.through
    fields = [
        field
        for field in through._meta.local_concrete_fields
        if not getattr(field, "is_auto", False)
    ]
    rows = [_row(link, key, fields, defaults) for key in keys]
    conflict = "ignore" if through._meta.auto_created else None
    await write.insert_many(executor, alias, through, fields, rows, conflict=conflict)


def _row(link: Link, key: Any, fields: list[Any], defaults: Defaults) -> tuple[Any, ...]:
    """The values of one row of the table between, defaults and callables worked out."""
    given = {
        name: value() if callable(value) else value for name, value in (defaults or {}).items()
    }
    if link.through._meta.auto_created:
        ends = {link.source: link.key, link.target: key}
        return tuple(ends[field] for field in fields)
    _check_places(link, link.write_alias(), given)
    row = link.through(**given)
    row.__dict__[link.source.attname] = link.key
    row.__dict__[link.target.attname] = key
    return tuple(field.prepare(field.pre_save(row, True)) for field in fields)


def _check_places(link: Link, alias: str, values: Defaults) -> None:
    """Refuse objects of another database as values of new rows of the table between."""
    for name, value in (values or {}).items():
        place = value._origin.alias if hasattr(value, "_origin") else None
        if place is not None:
            found = {place: Placed(f"the value of '{name}'", value)}
            check_values(found, alias, link.through)


async def _tell(
    executor: Executor, link: Link, alias: str, action: str, keys: Iterable[Any] | None
) -> None:
    if not m2m_changed.has_listeners(link.through):
        return
    await executor.send(
        m2m_changed,
        link.through,
        action=action,
        instance=link.owner,
        reverse=link.reverse,
        model=link.model,
        pk_set=None if keys is None else set(keys),
        using=alias,
    )
