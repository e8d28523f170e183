"""``book.authors``: the manager of the objects that are linked to an object.

Serves both ends of a many-to-many relation. One-line faces of the coroutines of ``ops.links``.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, TypeVar

from manybase.errors import FieldValueError
from manybase.models.related.base import ManagerAccess, RelatedBase, Values, given, plainly
from manybase.models.related.sources import LinkedSource
from manybase.ops import links
from manybase.ops.links import Link
from manybase.query.attributes import on_class
from manybase.routing import decision
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync

M = TypeVar("M")


class ManyRelatedManager(RelatedBase[M]):
    """Objects that are linked to the owner.

    Example:
        >>> book.authors.add(mark, john)
        >>> book.authors.set([mark])
    """

    _field: Any
    _reverse: bool
    _ends: tuple[Any, Any]

    @property
    def through(self) -> Any:
        """The model of the table between."""
        return self._field.remote_field.through

    @property
    def _link(self) -> Link:
        source, target = self._ends
        return Link(
            owner=self._owner,
            model=self.model,
            through=self.through,
            source=source,
            target=target,
            reverse=self._reverse,
            symmetrical=self._field.remote_field.symmetrical,
            label=self._label,
            alias=self._db,
        )

    @property
    def _query_name(self) -> str:
        """The relation's name in filters on the related model."""
        if self._reverse:
            return str(self._field.name)
        return str(self._field.remote_field.name)

    def _restrict(self, queryset: Any) -> Any:
        return queryset._next_is_sticky().filter(**{self._query_name: _key(self._link)})

    def _changing(self) -> Link:
        """The link, once the owner has a key; prefetched results are dropped."""
        link = self._link
        _key(link)
        self._forget()
        return link

    def _writer(self) -> Any:
        """This manager on the database that a new related object goes to."""
        if self._db is not None:
            return self
        owner = self._owner
        return self.db_manager(decision.write(type(owner), None, None, {"instance": owner}))

    def add(self, *objs: M | Any, through_defaults: Values = None) -> None:
        """Link objects to the owner; what is linked already stays as it is.

        Args:
            objs: Objects of the owner's database, or keys.
            through_defaults: Values for new rows of the table between; functions are called.

        Raises:
            CrossDatabaseError: An object belongs to another database; nothing was written.
        """
        run_sync(links.add(sync, self._changing(), objs, through_defaults))

    async def aadd(self, *objs: M | Any, through_defaults: Values = None) -> None:
        """Link objects to the owner; see ``add``."""
        await links.add(aio, self._changing(), objs, through_defaults)

    def remove(self, *objs: M | Any) -> None:
        """Unlink objects from the owner; they stay as they are otherwise.

        Raises:
            CrossDatabaseError: An object belongs to another database.
        """
        run_sync(links.remove(sync, self._changing(), objs))

    async def aremove(self, *objs: M | Any) -> None:
        """Unlink objects from the owner; see ``remove``."""
        await links.remove(aio, self._changing(), objs)

    def clear(self) -> None:
        """Unlink everything from the owner."""
        run_sync(links.clear(sync, self._changing()))

    async def aclear(self) -> None:
        """Unlink everything from the owner."""
        await links.clear(aio, self._changing())

    def set(
        self,
        objs: Iterable[M | Any],
        *,
        clear: bool = False,
        through_defaults: Values = None,
    ) -> None:
        """Make exactly these objects linked to the owner.

        Args:
            objs: Objects of the owner's database, or keys.
            clear: Remove all links first, in the place of the difference only.
            through_defaults: Values for new rows of the table between.

        Raises:
            CrossDatabaseError: An object belongs to another database; nothing was written.
        """
        link = self._changing()
        run_sync(links.replace(sync, link, objs, clear_first=clear, defaults=through_defaults))

    async def aset(
        self,
        objs: Iterable[M | Any],
        *,
        clear: bool = False,
        through_defaults: Values = None,
    ) -> None:
        """Make exactly these objects linked to the owner; see ``set``."""
        link = self._changing()
        await links.replace(aio, link, objs, clear_first=clear, defaults=through_defaults)

    def create(self, /, *, through_defaults: Values = None, **values: Any) -> M:
        """Create an object on the owner's database and link it."""
        self._changing()
        made: M = plainly(ManyRelatedManager, self._writer()).create(**values)
        self.add(made, through_defaults=through_defaults)
        return made

    async def acreate(self, /, *, through_defaults: Values = None, **values: Any) -> M:
        """Create an object on the owner's database and link it."""
        self._changing()
        made: M = await plainly(ManyRelatedManager, self._writer()).acreate(**values)
        await self.aadd(made, through_defaults=through_defaults)
        return made

    def get_or_create(
        self, /, defaults: Values = None, *, through_defaults: Values = None, **values: Any
    ) -> tuple[M, bool]:
        """Return the linked object that these values match; created and linked if none does."""
        self._changing()
        found, made = plainly(ManyRelatedManager, self._writer()).get_or_create(
            **given(values, defaults=defaults)
        )
        if made:
            self.add(found, through_defaults=through_defaults)
        return found, made

    async def aget_or_create(
        self, /, defaults: Values = None, *, through_defaults: Values = None, **values: Any
    ) -> tuple[M, bool]:
        """Return the linked object that these values match; created and linked if none does."""
        self._changing()
        found, made = await plainly(ManyRelatedManager, self._writer()).aget_or_create(
            **given(values, defaults=defaults)
        )
        if made:
            await self.aadd(found, through_defaults=through_defaults)
        return found, made

    def update_or_create(
        self,
        /,
        defaults: Values = None,
        create_defaults: Values = None,
        *,
        through_defaults: Values = None,
        **values: Any,
    ) -> tuple[M, bool]:
        """Update the linked object that these values match, or create and link one."""
        self._changing()
        found, made = plainly(ManyRelatedManager, self._writer()).update_or_create(
            **given(values, defaults=defaults, create_defaults=create_defaults)
        )
        if made:
            self.add(found, through_defaults=through_defaults)
        return found, made

    async def aupdate_or_create(
        self,
        /,
        defaults: Values = None,
        create_defaults: Values = None,
        *,
        through_defaults: Values = None,
        **values: Any,
    ) -> tuple[M, bool]:
        """Update the linked object that these values match, or create and link one."""
        self._changing()
        found, made = await plainly(ManyRelatedManager, self._writer()).aupdate_or_create(
            **given(values, defaults=defaults, create_defaults=create_defaults)
        )
        if made:
            await self.aadd(found, through_defaults=through_defaults)
        return found, made


def _key(link: Link) -> Any:
    key = link.key
    if key is None:
        raise FieldValueError(
            f"this {type(link.owner).__name__} instance needs to have a value for field"
            f' "{link.source.target_field.name}" before this many-to-many relationship'
            f" '{link.label}' can be used",
            hint="Save it first.",
        )
    return key


class Many(ManagerAccess):
    """The descriptor of either end of a many-to-many relation.

    Args:
        field: The many-to-many field.
        reverse: Whether this is the end that the field points at.
    """

    def __init__(self, field: Any, reverse: bool) -> None:
        self.field = field
        self.reverse = reverse

    def __reduce__(self) -> Any:
        return (Many, (self.field, self.reverse))  # the class of the short way has no name

    def __getattr__(self, name: str) -> Any:
        if name in ("field", "reverse", "_ends"):
            raise AttributeError(name)
        return getattr(self.field, name)

    @property
    def rel(self) -> Any:
        """The relation, seen from its target."""
        return self.field.remote_field

    @property
    def through(self) -> Any:
        """The model of the table between: ``Book.authors.through.objects``."""
        return self.field.remote_field.through

    @property
    def related_model(self) -> Any:
        """The model at the other end."""
        return self.rel.related_model if self.reverse else self.rel.model

    @property
    def _accessor(self) -> str:
        return str(self.rel.get_accessor_name() if self.reverse else self.field.name)

    @cached_property
    def prefetch_source(self) -> LinkedSource:
        """How ``prefetch_related`` loads the relation."""
        return LinkedSource(
            self._accessor,
            self.related_model,
            self.field.name if self.reverse else self.rel.name,
            self.through,
            *self._link_ends(),
        )

    def _link_ends(self) -> tuple[Any, Any]:
        """The keys of the table between, to this end and to the other; worked out once."""
        found: tuple[Any, Any] | None = self.__dict__.get("_ends")
        if found is None:
            found = self.field.m2m_source_field, self.field.m2m_target_field
            self._ends = found = found[::-1] if self.reverse else found
        return found

    def _from_class(self, owner: Any) -> Any:
        return on_class(owner, self, self.rel if self.reverse else self.field)

    def _bind(self) -> tuple[Any, Any]:
        model, ends = self.related_model, self._link_ends()
        kind = ManyRelatedManager.bound_kind(
            model._default_manager,
            self._accessor,
            _field=self.field,
            _reverse=self.reverse,
            _ends=ends,
            _own_key=ends[0].target_field.attname,
        )
        return model._manager_cache, kind
