"""The save of a plain object of one table, worked out before anything is awaited.

Nearly every save is one: no parents, no signals, no routers, no related object that belongs
elsewhere, every value of its field's own type. Here are its place, its plans and what reads its
values, for bulk inserts too; ``None`` sends the caller to ``ops.save`` or the long way of
``ops.bulk``, which know everything. Nothing is executed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from manybase.meta.origin import ROWS, UNTIED, Origin, origin
from manybase.meta.signals import post_save, pre_save
from manybase.query.object_values import new_rows, object_values
from manybase.query.plan import Plan, insert_plan, update_plan
from manybase.query.repeated import FlatRows
from manybase.routing import decision
from manybase.routing.router import router
from manybase.routing.topology import topology

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect

Row = tuple[Any, ...]
Fields = tuple[Any, ...]
Values = Callable[[dict[str, Any]], Row | None]
Reader = Callable[[Sequence[Any], Origin], list[Any] | None]


class QuickPlan:
    """How objects of a class are saved on a dialect.

    Attributes:
        insert: The plan that inserts a row without its key; its parameters are the driver's.
        new: An object's values for it; None where it has a key, or keeps a related object that
            belongs elsewhere.
        update: The plan that writes the columns of the row with a key; see ``_is_better_asked``.
        changed: An object's values for it; None where a related object belongs elsewhere.
        key: The attribute of the key.
    """

    __slots__ = ("changed", "insert", "key", "new", "returns", "update")

    def __init__(self, cls: Any, dialect: Dialect) -> None:
        meta = cls._meta.concrete_model._meta
        fields = tuple(f for f in meta.local_concrete_fields if not f.primary_key)
        by_driver = dialect.features.last_key
        returning = () if by_driver else (meta.pk,)
        model = meta.concrete_model
        self.returns = not by_driver
        self.key: str = meta.pk.attname
        self.insert: Plan = insert_plan(model, fields, dialect, returning, bound=True)
        keys = _relations(cls)
        self.new: Values = object_values(fields, dialect, keys, self.key)
        same = tuple(f for f in fields if _is_better_asked(f, dialect))
        written = tuple(f for f in fields if f not in same)
        if not written:
            written, same = fields, ()
        self.update: Plan | None = (
            update_plan(model, written, dialect, bound=True, same=same) if written else None
        )
        self.changed: Values = object_values((*written, meta.pk, *same), dialect, keys)


def _relations(cls: Any) -> tuple[Any, ...]:
    """The relations to one object."""
    return tuple(f for f in cls._meta.concrete_fields if f.is_relation)


def _is_better_asked(field: Any, dialect: Dialect) -> bool:
    """Whether a column is left out of an UPDATE that asks whether it holds the value already.

    Where the database writes the index of every column that an UPDATE names, that is half of the
    price of a save, and keys to other rows hardly ever change. A row that holds another value is
    not found, and ``ops.save`` writes all columns: what is stored is the same in every case.
    """
    return bool(
        dialect.features.rewrites_indexes
        and field.is_relation
        and field.db_index
        and field.storage.family == "integer"
    )


def qualifies(cls: Any) -> bool:
    """Whether objects of a class can ever be saved quickly; looked up once for a class."""
    meta = cls._meta.concrete_model._meta
    if meta.parents or meta.order_with_respect_to or meta.select_on_save or meta.auto_created:
        return False
    if meta.abstract or not getattr(meta.pk, "is_auto", False) or meta.all_private_fields:
        return False
    return all(
        not (f.hooked or f.generated or f.has_db_default()) for f in meta.local_concrete_fields
    )


Way = tuple[object, str, QuickPlan]


class Quick:
    """What is known of a class.

    Attributes:
        keys: The relations to one object.
        plans: The plans by dialect.
        usable: Whether objects of the class can be saved quickly at all.
        readers: By dialect, the columns of a bulk insert and what reads new objects' values.
        updates: By the marks of stored objects, how they are saved: the mark of the epoch, the
            alias, the plan and what reads their values.
        ways: The same for all objects, with all plans.
    """

    __slots__ = ("keys", "plans", "readers", "updates", "usable", "ways")

    def __init__(self, cls: Any) -> None:
        self.keys = _relations(cls)
        self.usable = qualifies(cls)
        self.plans: dict[Any, QuickPlan] = {}
        self.readers: dict[Any, tuple[Fields, Reader]] = {}
        self.updates: dict[Origin, tuple[object, str, Plan, Values]] = {}
        self.ways: dict[Origin, Way] = {}


def quick_of(cls: Any) -> Quick:
    """What is known of a class; its options forget it when fields change."""
    quick: Quick | None = cls._meta._quick
    if quick is None:
        quick = cls._meta._quick = Quick(cls)
    return quick


def rows_of(
    cls: Any, dialect: Dialect, alias: str, objects: list[Any]
) -> tuple[Fields, FlatRows] | None:
    """The columns and rows of a bulk insert of plain new objects; None where they are more."""
    quick = quick_of(cls)
    if not quick.usable:
        return None
    found = quick.readers.get(dialect)
    if found is None:
        meta = cls._meta.concrete_model._meta
        fields = tuple(f for f in meta.local_concrete_fields if not f.primary_key)
        reader = new_rows(cls, fields, dialect, quick.keys, meta.pk.attname)
        found = quick.readers[dialect] = (fields, reader)
    fields, reader = found
    values = reader(objects, origin(alias, False)) if fields else None
    return None if values is None else (fields, FlatRows(values, len(fields)))


def keep_way(obj: Any, quick: Quick, tie: Origin, way: Way) -> Way:
    """Remember how an object was saved, where others that belong there are saved so too."""
    if (tie.alias is not None and router.shortcut) or decision.lasts(type(obj), way[1]):
        quick.ways[tie] = way
        mark, alias, plan = way
        if tie.stored and plan.update is not None:
            quick.updates[tie] = mark, alias, plan.update, plan.changed
    return way


def tie_of(obj: Any, using: str | None) -> Origin | None:
    """Where an object belongs, or is told to; None where it does not belong to what is named.

    Args:
        obj: The object.
        using: The database that the program names.
    """
    tie: Origin = obj._origin
    if using is None or tie.alias == using:
        return tie
    known = tie is UNTIED and using in topology().aliases  # by ==: it may be anything
    return origin(using, False) if known else None


def place(obj: Any, quick: Quick, tie: Origin) -> str | None:
    """The alias of a quick save; None where the object, or the moment, is not plain.

    Args:
        obj: The object.
        quick: What is known of its class.
        tie: Where it belongs.
    """
    if not quick.usable or pre_save._receivers or post_save._receivers:
        return None
    if not router.shortcut and router.routers:
        return None
    if tie.alias is None and tie.stored:
        return None  # the program says so; where, the rules know
    if tie.alias is not None:
        databases = topology()
        return tie.alias if tie.alias in databases and not databases.replica_of else None
    for key in quick.keys:  # it belongs where they do
        if getattr(obj, key.cache_name) is not None:
            return None
    return decision.write(type(obj))


def plan_on(obj: Any, quick: Quick, dialect: Dialect) -> QuickPlan:
    """The plans of the object's class on a dialect."""
    found = quick.plans.get(dialect)
    if found is None:
        found = quick.plans[dialect] = QuickPlan(type(obj), dialect)
    return found


def inserted(obj: Any, plan: QuickPlan, alias: str, rows: list[Any]) -> None:
    """Tie an object that was inserted and give it its key."""
    row = plan.insert.hydrate(rows, alias)[0] if plan.returns else rows[0]
    obj.__dict__[plan.key] = row[0]
    obj._origin = ROWS.get(alias) or origin(alias, True)
