"""``person.edited``: the manager of the objects whose foreign keys point at an object.

One-line faces of the coroutines of ``ops.children``. Where the key cannot be null the manager
has no ``remove`` and ``clear``: nothing could take their place.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, TypeVar

from manybase.models.related.base import ManagerAccess, RelatedBase, Values, given, plainly
from manybase.models.related.sources import ReverseManySource
from manybase.ops import children
from manybase.ops.children import Children
from manybase.query.attributes import on_class
from manybase.runtime.aio import aio
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync

M = TypeVar("M")


class RelatedManager(RelatedBase[M]):
    """Objects that point at the owner.

    Example:
        >>> person.edited.add(book)
        >>> person.edited.create(title="Emma")
    """

    _field: Any

    def _children(self) -> Children:
        return Children(self._owner, self.model, self._field, self._label, self._db)

    def _restrict(self, queryset: Any) -> Any:
        key = self._children().key
        owned = queryset._next_is_sticky().filter(**{self._field.attname: key})
        owned._known_related = (self._field.cache_name, self._owner)
        return owned

    def _keys(self, values: dict[str, Any]) -> dict[str, Any]:
        _ = self._children().key
        self._forget()
        return {**values, self._field.name: self._owner}

    def _writer(self) -> Any:
        return self.db_manager(self._children().write_alias())

    def add(self, *objs: M, bulk: bool = True) -> None:
        """Point objects at the owner.

        Args:
            objs: Objects of the owner's database.
            bulk: Write all by one UPDATE; otherwise each is saved.

        Raises:
            CrossDatabaseError: An object belongs to another database.
            ValueError: With ``bulk`` an object is not saved yet.
        """
        self._forget()
        run_sync(children.add(sync, self._children(), objs, bulk=bulk))

    async def aadd(self, *objs: M, bulk: bool = True) -> None:
        """Point objects at the owner; see ``add``."""
        self._forget()
        await children.add(aio, self._children(), objs, bulk=bulk)

    def set(self, objs: Iterable[M], *, bulk: bool = True, clear: bool = False) -> None:
        """Make exactly these objects point at the owner.

        Args:
            objs: Objects of the owner's database.
            bulk: See ``add``.
            clear: Let all go first, in the place of the difference only.

        Raises:
            CrossDatabaseError: An object belongs to another database; nothing was written.
        """
        self._forget()
        run_sync(
            children.replace(
                sync,
                self._children(),
                objs,
                bulk=bulk,
                clear_first=clear,
                keep=self._keeps,
            )
        )

    async def aset(self, objs: Iterable[M], *, bulk: bool = True, clear: bool = False) -> None:
        """Make exactly these objects point at the owner; see ``set``."""
        self._forget()
        await children.replace(
            aio, self._children(), objs, bulk=bulk, clear_first=clear, keep=self._keeps
        )

    _keeps = True

    def create(self, /, **values: Any) -> M:
        """Create an object that points at the owner, on the owner's database."""
        values = self._keys(values)
        found: M = plainly(RelatedManager, self._writer()).create(**values)
        return found

    async def acreate(self, /, **values: Any) -> M:
        """Create an object that points at the owner, on the owner's database."""
        values = self._keys(values)
        found: M = await plainly(RelatedManager, self._writer()).acreate(**values)
        return found

    def get_or_create(self, /, defaults: Values = None, **values: Any) -> tuple[M, bool]:
        """Return the owner's object that these values match, created if there is none."""
        values = self._keys(given(values, defaults=defaults))
        found: tuple[M, bool] = plainly(RelatedManager, self._writer()).get_or_create(**values)
        return found

    async def aget_or_create(self, /, defaults: Values = None, **values: Any) -> tuple[M, bool]:
        """Return the owner's object that these values match, created if there is none."""
        values = self._keys(given(values, defaults=defaults))
        found: tuple[M, bool] = await plainly(RelatedManager, self._writer()).aget_or_create(
            **values
        )
        return found

    def update_or_create(
        self, /, defaults: Values = None, create_defaults: Values = None, **values: Any
    ) -> tuple[M, bool]:
        """Update the owner's object that these values match, or create one."""
        values = self._keys(given(values, defaults=defaults, create_defaults=create_defaults))
        found: tuple[M, bool] = plainly(RelatedManager, self._writer()).update_or_create(**values)
        return found

    async def aupdate_or_create(
        self, /, defaults: Values = None, create_defaults: Values = None, **values: Any
    ) -> tuple[M, bool]:
        """Update the owner's object that these values match, or create one."""
        values = self._keys(given(values, defaults=defaults, create_defaults=create_defaults))
        found: tuple[M, bool] = await plainly(RelatedManager, self._writer()).aupdate_or_create(
            **values
        )
        return found


class NullableRelatedManager(RelatedManager[M]):
    """Objects that point at the owner and can stop doing so."""

    _keeps = False

    def remove(self, *objs: M, bulk: bool = True) -> None:
        """Empty the keys of objects that point at the owner.

        Args:
            objs: Objects that the manager lists.
            bulk: Write all by one UPDATE; otherwise each is saved.

        Raises:
            DoesNotExist: An object does not point at the owner.
        """
        self._forget()
        run_sync(children.remove(sync, self._children(), objs, bulk=bulk))

    async def aremove(self, *objs: M, bulk: bool = True) -> None:
        """Empty the keys of objects that point at the owner; see ``remove``."""
        self._forget()
        await children.remove(aio, self._children(), objs, bulk=bulk)

    def clear(self, *, bulk: bool = True) -> None:
        """Empty the keys of all objects that point at the owner."""
        self._forget()
        run_sync(children.clear(sync, self._children(), bulk=bulk))

    async def aclear(self, *, bulk: bool = True) -> None:
        """Empty the keys of all objects that point at the owner."""
        self._forget()
        await children.clear(aio, self._children(), bulk=bulk)


class ReverseMany(ManagerAccess):
    """The descriptor at the far end of a foreign key.

    Args:
        rel: The relation, seen from here.
    """

    def __init__(self, rel: Any) -> None:
        self.rel = rel
        self.field = rel.field

    def __reduce__(self) -> Any:
        return (ReverseMany, (self.rel,))  # the class of the short way has no name

    @property
    def related_model(self) -> Any:
        """The model at the other end."""
        return self.rel.related_model

    @cached_property
    def prefetch_source(self) -> ReverseManySource:
        """How ``prefetch_related`` loads the relation."""
        return ReverseManySource(self.rel)

    def _from_class(self, owner: Any) -> Any:
        return on_class(owner, self, self.rel)

    def _bind(self) -> tuple[Any, Any]:
        model, field = self.rel.related_model, self.field
        kind = NullableRelatedManager if field.null else RelatedManager
        bound = kind.bound_kind(
            model._default_manager,
            self.rel.get_accessor_name(),
            _field=field,
            _own_key=field.target_field.attname,
            _own_cache=field.cache_name,
        )
        return model._manager_cache, bound
