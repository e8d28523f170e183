"""Which columns a SELECT reads, and what the generated function makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from manybase.dialects.base import Converter, Dialect, call
from manybase.errors import QueryError
from manybase.query.code import Column, Target, hydrate_objects, hydrate_values
from manybase.query.compile.build import Join
from manybase.query.compile.replay import Replay
from manybase.query.compile.terms import Term, Terms
from manybase.query.keys import column_parts
from manybase.query.kinds import is_window
from manybase.query.plan import Hydrate


def converters(dialect: Dialect, term: Term) -> tuple[Converter, ...]:
    """How a term's value becomes Python's, the field's own ``from_db_value`` last."""
    if term.read is not None:
        return (term.read,)
    if term.storage is None:
        return ()
    found = [dialect.reader(term.storage, computed=term.field is None)]
    field = term.field
    while field is not None and field.is_relation:
        field = field.target_field
    own = getattr(field, "from_db_value", None)
    if own is not None:
        found.append(call(lambda value: own(value, None, None), foreign=True))
    return tuple(c for c in found if c is not None)


class Results(NamedTuple):
    """What a SELECT's rows become.

    Args:
        names: The names of what is read.
        hydrate: Makes the generated function for rows of so many columns.
    """

    names: tuple[str, ...]
    hydrate: Callable[[int], Hydrate]


class Columns:
    """The selected columns of a replay, objects and joined objects."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.build = replay.build
        self.terms = Terms(self.build)
        self.sql: list[Any] = []
        self.plain = 0  # how many of them are columns of objects
        self.single: list[Any] = []  # values and annotations of single rows

    def results(self, told: bool) -> Results:
        """Select what the recording reads: objects or values.

        Args:
            told: Whether ``__init__`` runs for every object.
        """
        if self.replay.values is None:
            target = self.objects()
            names = tuple(c.name for c in target.columns)
            return Results(names, lambda width: hydrate_objects(target, width, told))
        chosen, mode = self.values()
        names = tuple(c.name for c in chosen)
        return Results(names, lambda width: hydrate_values(chosen, mode, width))

    def objects(self) -> Target:
        """Select the fields of the model, and of those that ``select_related`` names."""
        target = self._target(self.replay.model, self.build.root, "", None, None)
        tree: dict[str, Any] = {}
        for name in sorted(self.replay.related or ()):
            branch = tree
            for part in name.split("__"):
                branch = branch.setdefault(part, {})
        self._children(target, self.replay.model, self.build.root, tree, "")
        self.plain = len(self.sql)
        for name in self.replay.selected:
            term = self.build.annotations[name]
            column = Column(name, converters(self.build.dialect, term))
            target.extras.append((len(self.sql), column))
            self.sql.append(term.sql)
            if not (term.aggregate or name in self.replay.windowed):
                self.single.append(term.sql)
        return target

    def _target(
        self, model: Any, join: Join, prefix: str, cache: str | None, back: str | None
    ) -> Target:
        fields = [f for f in model._meta.concrete_fields if self.replay.loads(prefix, f)]
        first = len(self.sql)
        columns = []
        key, own = first, model._meta.pk_fields[0]
        for field in fields:
            if field is own:
                key = len(self.sql)
            sql = self.build.column(join, field)
            term = Term(sql, field.storage, True, frozenset(), field)
            self.sql.append(sql)
            found = converters(self.build.dialect, term)
            nullable = self.build.nullable(join, field)
            columns.append(Column(field.attname, found, nullable=nullable))
        return Target(model, columns, first, key, cache, back, join.outer)

    def _children(
        self, target: Target, model: Any, join: Join, tree: dict[str, Any], prefix: str
    ) -> None:
        for name, branch in tree.items():
            if not prefix and name in self.build.links:
                self._linked(target, name, branch)
                continue
            relation = model._meta.names[name]
            if relation.concrete and not self.replay.loads(prefix, relation):
                raise QueryError(
                    f"'{prefix}{name}' of model '{self.replay.model._meta.label}' cannot be both"
                    " deferred and followed by select_related()",
                    hint=f"Add '{prefix}{name}' to only().",
                )
            owner = relation.model._meta.concrete_model
            start = join
            if owner is not model._meta.concrete_model:
                start = self.build.follow(model._meta.steps_to_parent(owner), None, join)
            end = self.build.follow(relation.steps(), None, start)
            related = relation.related_model
            far = relation.remote_field
            back = far.cache_name if relation.one_to_one and _has_cache(far) else None
            child = self._target(related, end, f"{prefix}{name}__", relation.cache_name, back)
            target.children.append(child)
            self._children(child, related, end, branch, f"{prefix}{name}__")

    def _linked(self, target: Target, name: str, branch: dict[str, Any]) -> None:
        """Select the objects of a filtered relation; they become a plain attribute."""
        link = self.build.links[name][0]
        end = self.build.follow(link.steps())
        child = self._target(link.related_model, end, f"{name}__", name, None)
        target.children.append(child)
        self._children(child, link.related_model, end, branch, f"{name}__")

    def values(self) -> tuple[list[Column], str]:
        """Select what ``values()`` or ``values_list()`` names."""
        columns = []
        for name, node in self.replay.values or ():
            parts = self._key_parts(node)
            if parts is not None:
                columns.append(Column(name, (), parts))
                continue
            term = self.terms.node(node)
            self.sql.append(term.sql)
            if not (term.aggregate or is_window(node, self.replay.windowed)):
                self.single.append(term.sql)
            columns.append(Column(name, converters(self.build.dialect, term)))
        return columns, self.replay.mode

    def _key_parts(self, node: tuple[Any, ...]) -> list[Column] | None:
        """Select the columns of a key of several fields; None where a node is none."""
        nodes = column_parts(self.replay.model, node)
        if nodes == [node]:
            return None
        terms = [self.terms.node(part) for part in nodes]
        self.sql.extend(term.sql for term in terms)
        return [Column("part", converters(self.build.dialect, term)) for term in terms]


def _has_cache(far: Any) -> bool:
    return bool(far.concrete or far.get_accessor_name())
