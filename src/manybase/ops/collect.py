"""What a deletion takes with it: the rows that point at the deleted ones, and what happens to them.

The collector only reads; ``ops.delete`` carries out what it found. Everything happens on one
alias, chosen by the caller: a router is never asked for rows that are met on the way.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from manybase.errors import CrossDatabaseError, ProtectedError, RestrictedError
from manybase.meta.on_delete import (
    CASCADE,
    DO_NOTHING,
    PROTECT,
    RESTRICT,
    SET_DEFAULT,
    SET_NULL,
    SetValue,
)
from manybase.meta.signals import post_delete, pre_delete
from manybase.ops import fetch
from manybase.query.record import record_filter, record_values
from manybase.query.state import Recording
from manybase.routing.block import using
from manybase.routing.provenance import may_meet

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

#: Keys in one statement; below the limit of parameters of every database.
CHUNK = 500


class Collector:
    """The rows of one deletion, by model.

    Args:
        executor: What reads the database.
        alias: The database that all of it happens on.
        deferrable: Whether the database checks foreign keys at the end of a transaction.
    """

    def __init__(self, executor: Executor, alias: str, deferrable: bool) -> None:
        self.executor = executor
        self.alias = alias
        self.deferrable = deferrable
        self.rows: dict[Any, dict[Any, Any]] = {}
        self.generations: dict[Any, list[list[Any]]] = {}
        self.fast: list[Recording] = []
        self.updates: list[tuple[Recording, Any, Any]] = []
        self.dependencies: dict[Any, set[Any]] = {}
        self.restricted: dict[Any, dict[Any, set[Any]]] = {}

    async def collect_all(self, rows: Recording, keep_parents: bool = False) -> None:
        """Collect every row of a query, without loading them where nothing depends on them."""
        if self.can_delete_fast(rows.model):
            self.fast.append(rows)
            return
        found = await fetch.objects(self.executor, rows, self.alias)
        await self.collect(found, keep_parents=keep_parents)

    async def collect(
        self,
        objects: Sequence[Any],
        *,
        source: Any = None,
        nullable: bool = False,
        keep_parents: bool = False,
        top: bool = True,
    ) -> None:
        """Add objects of one model, what they inherit from and what depends on them.

        Args:
            objects: Objects of one model.
            source: The model whose deletion brings these along.
            nullable: Whether the key that brings them along can be null.
            keep_parents: Whether rows of parent models stay.
            top: Whether the deletion starts here, so that restrictions are judged at the end.

        Raises:
            ProtectedError: A row that points here is protected.
            RestrictedError: One is restricted and is not deleted as well.
        """
        new = self._add(objects, source=source, nullable=nullable)
        if not new:
            return
        model = type(new[0])
        if not keep_parents:
            self._add_parents(new)
        kept = set(model._meta.get_parent_list()) if keep_parents else set()
        await self._follow_relations(model, new, kept)
        await self._follow_generic(model, new)
        if top:
            await self._judge_restricted()

    def _add(self, objects: Iterable[Any], *, source: Any, nullable: bool) -> list[Any]:
        new: list[Any] = []
        for obj in objects:
            known = self.rows.setdefault(type(obj), {})
            if obj.pk not in known:
                known[obj.pk] = obj
                new.append(obj)
        if not new:
            return new
        model = type(new[0])
        self.generations.setdefault(model, []).append(new)
        if source is not None and not nullable:
            self._depends(source, model)
        return new

    def _depends(self, later: Any, earlier: Any) -> None:
        """Note that rows of one model can go only after those of another."""
        needed = self.dependencies.setdefault(later._meta.concrete_model, set())
        needed.add(earlier._meta.concrete_model)

    def _add_parents(self, objects: list[Any]) -> None:
        """Add the rows of parent models; what depends on them is met from the child."""
        model = type(objects[0])
        for parent, link in model._meta.concrete_model._meta.parents.items():
            if link is None:
                continue
            above = [as_parent(obj, parent, link) for obj in objects]
            new = self._add(above, source=None, nullable=False)
            self._depends(parent, model)
            if new:
                self._add_parents(new)

    async def _follow_relations(self, model: Any, objects: list[Any], kept: set[Any]) -> None:
        protected: dict[str, list[Any]] = {}
        for relation in model._meta.all_relations:
            if relation.many_to_many or relation.on_delete is DO_NOTHING:
                continue
            if relation.model in kept:
                continue
            for rows in self._pointing(relation, objects):
                await self._apply(relation, rows, protected)
        if protected:
            raise _protected(model, protected)

    def _pointing(self, relation: Any, objects: list[Any]) -> Iterator[Recording]:
        """Queries for the rows whose key is one of these objects."""
        name = relation.target_field.attname
        keys = [getattr(obj, name) for obj in objects]
        for start in range(0, len(keys), CHUNK):
            yield record_filter(
                Recording(relation.related_model),
                (),
                {f"{relation.field.name}__in": keys[start : start + CHUNK]},
            )

    async def _apply(self, relation: Any, rows: Recording, protected: dict[str, list[Any]]) -> None:
        """Do what ``on_delete`` says for one batch of rows."""
        rule, field, model = relation.on_delete, relation.field, relation.related_model
        if rule is SET_NULL:
            self.updates.append((rows, field, None))
        elif rule is SET_DEFAULT:
            self.updates.append((rows, field, field.get_default()))
        elif isinstance(rule, SetValue):
            await self._replace(rule, field, rows)
        elif rule is CASCADE and self.can_delete_fast(model, field):
            self.fast.append(rows)
        else:
            found = await fetch.objects(self.executor, rows, self.alias)
            if not found:
                return
            if rule is PROTECT:
                protected.setdefault(f"{model.__name__}.{field.name}", []).extend(found)
            elif rule is RESTRICT:
                by_field = self.restricted.setdefault(model, {})
                by_field.setdefault(relation, set()).update(found)
            else:
                await self._cascade(relation, rows, found)

    async def _replace(self, rule: SetValue, field: Any, rows: Recording) -> None:
        """Note a key's replacement; a function is asked only if there is a row, on this place."""
        if callable(rule.value) and not await fetch.exists(self.executor, rows, self.alias):
            return
        with using(self.alias):
            value = rule.resolve()
            if inspect.isawaitable(value):
                value = await value
        if hasattr(value, "_origin") and not may_meet(value, self.alias, rows.model):
            raise CrossDatabaseError(
                f"on_delete=SET(...) of '{field}' gave an object of database"
                f" '{value._origin.alias}' for a row of database '{self.alias}'",
                hint="Let its function read without using(): it runs on the row's database.",
            )
        self.updates.append((rows, field, value))

    async def _cascade(self, relation: Any, rows: Recording, found: list[Any]) -> None:
        if relation.field.null and not self.deferrable:
            # Where keys are checked at once, emptying them first frees the order of deletion.
            self.updates.append((rows, relation.field, None))
        await self.collect(
            found,
            source=relation.field.target_field.model,
            nullable=relation.field.null,
            top=False,
        )

    async def _follow_generic(self, model: Any, objects: list[Any]) -> None:
        for field in model._meta.all_private_fields:
            pointing = getattr(field, "rows_pointing_at", None)
            if pointing is None:
                continue
            for start in range(0, len(objects), CHUNK):
                rows = pointing(objects[start : start + CHUNK])
                found = await fetch.objects(self.executor, rows, self.alias)
                if found:
                    await self.collect(found, source=model, nullable=True, top=False)

    async def _judge_restricted(self) -> None:
        """Refuse where a restricted row is not itself deleted through another relation."""
        for model, by_relation in self.restricted.items():
            deleted = set(self.rows.get(model, ())) | await self._gone_fast(model, by_relation)
            left: dict[str, list[Any]] = {}
            target = None
            for relation, found in by_relation.items():
                staying = [obj for obj in found if obj.pk not in deleted]
                if staying:
                    left[f"{model.__name__}.{relation.field.name}"] = staying
                    target = relation.model
            if left:
                raise _restricted(target, left)

    async def _gone_fast(self, model: Any, by_relation: dict[Any, set[Any]]) -> set[Any]:
        """The keys of restricted rows that are among those deleted without being loaded."""
        keys = [obj.pk for found in by_relation.values() for obj in found]
        gone: set[Any] = set()
        for rows in self.fast:
            if rows.model is model:
                named = record_values(record_filter(rows, (), {"pk__in": keys}), ("pk",), "flat")
                gone.update(await fetch.rows(self.executor, named, self.alias))
        return gone

    def can_delete_fast(self, model: Any, from_field: Any = None) -> bool:
        """Whether rows can go by one DELETE: nobody listens and nothing depends on them.

        Args:
            model: The model of the rows.
            from_field: The foreign key over which the rows were met.
        """
        options = model._meta
        if pre_delete.has_listeners(model) or post_delete.has_listeners(model):
            return False
        links = options.concrete_model._meta.parents.values()
        return (
            all(link is from_field for link in links)
            and all(
                relation.many_to_many or relation.on_delete is DO_NOTHING
                for relation in options.all_relations
            )
            and not any(hasattr(f, "rows_pointing_at") for f in options.all_private_fields)
        )

    def in_order(self) -> list[Any]:
        """The models of the rows, those that others wait for first."""
        waiting, order = list(self.rows), list[Any]()
        done: set[Any] = set()
        while waiting:
            ready = [
                model
                for model in waiting
                if not (self._needed(model) - done - {model._meta.concrete_model})
            ]
            if not ready:
                # A circle of keys: only a database that checks at the end can do it.
                return [*order, *waiting]
            for model in ready:
                waiting.remove(model)
                done.add(model._meta.concrete_model)
            order.extend(ready)
        return order

    def _needed(self, model: Any) -> set[Any]:
        present = {m._meta.concrete_model for m in self.rows}
        return self.dependencies.get(model._meta.concrete_model, set()) & present


def as_parent(obj: Any, parent: Any, link: Any) -> Any:
    """Return the parent object of a multi-table child, made of the child's own values."""
    above = parent.__new__(parent)
    values = obj.__dict__
    for field in parent._meta.concrete_fields:
        if field.attname in values:
            above.__dict__[field.attname] = values[field.attname]
    key = link.target_field.attname
    above.__dict__.setdefault(key, getattr(obj, link.attname))
    above._origin = obj._origin
    return above


def _protected(model: Any, found: dict[str, list[Any]]) -> ProtectedError:
    names = ", ".join(f"'{name}'" for name in found)
    return ProtectedError(
        f"Cannot delete some instances of model '{model.__name__}' because they are"
        f" referenced through protected foreign keys: {names}.",
        [obj for objects in found.values() for obj in objects],
    )


def _restricted(model: Any, found: dict[str, list[Any]]) -> RestrictedError:
    names = ", ".join(f"'{name}'" for name in found)
    return RestrictedError(
        f"Cannot delete some instances of model '{model.__name__}' because they are"
        f" referenced through restricted foreign keys: {names}.",
        [obj for objects in found.values() for obj in objects],
    )
