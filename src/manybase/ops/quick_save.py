"""The save of a plain object of one table, worked out before anything is awaited.

Nearly every save is one: no parents, no signals, no routers, no related object that could belong
elsewhere, every value of its field's own type. ``statement`` says which plan to run with which
parameters; ``None`` sends the caller to ``ops.save``, which knows everything. Nothing is executed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from manybase.meta.origin import origin
from manybase.meta.signals import post_save, pre_save
from manybase.query.code import object_values
from manybase.query.plan import Plan, insert_plan, update_plan
from manybase.routing import decision
from manybase.routing.router import router
from manybase.routing.topology import topology

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect

Values = Callable[[Any], tuple[Any, ...] | None]


class QuickPlan:
    """How objects of a class are saved on a dialect.

    Attributes:
        insert: The plan that inserts a row without its key; its parameters are the driver's.
        new: An object's values for it.
        update: The plan that writes all columns of the row with a key.
        changed: An object's values for it, the key last.
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
        self.update: Plan | None = (
            update_plan(model, fields, dialect, bound=True) if fields else None
        )
        self.new: Values = object_values(fields, dialect)
        self.changed: Values = object_values((*fields, meta.pk), dialect)


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


class Quick:
    """What is known of a class: the plans by dialect, the attributes that send it to ``ops.save``.

    Attributes:
        caches: Attributes that keep related objects.
        source: The fields that this was worked out from.
    """

    __slots__ = ("caches", "plans", "source")

    def __init__(self, cls: Any) -> None:
        fields = cls._meta.concrete_fields
        self.source = fields
        self.caches = [f.cache_name for f in fields if f.is_relation]
        self.plans: dict[Any, QuickPlan] | None = {} if qualifies(cls) else None


def quick_of(cls: Any) -> Quick:
    """What is known of a class."""
    known: Quick | None = cls._meta.__dict__.get("_quick")
    if known is None or known.source is not cls._meta.concrete_fields:
        known = cls._meta.__dict__["_quick"] = Quick(cls)
    return known


def place(obj: Any) -> str | None:
    """The alias of a quick save; None where the object, or the moment, is not plain."""
    if pre_save._receivers or post_save._receivers or router.routers:
        return None
    quick = quick_of(type(obj))
    if quick.plans is None:
        return None
    mark = obj._origin
    if not mark.stored and mark.alias is not None:
        return None
    values = obj.__dict__
    for name in quick.caches:
        if values.get(name) is not None:
            return None
    if mark.stored:
        alias: str | None = mark.alias
        return None if topology().replica_of else alias
    return decision.write(type(obj))


def plan_on(obj: Any, dialect: Dialect) -> QuickPlan:
    """The plans of the object's class on a dialect."""
    plans = quick_of(type(obj)).plans
    assert plans is not None
    found = plans.get(dialect)
    if found is None:
        found = plans[dialect] = QuickPlan(type(obj), dialect)
    return found


def inserted(obj: Any, quick: QuickPlan, alias: str, rows: list[Any]) -> None:
    """Tie an object that was inserted and give it its key."""
    row = quick.insert.hydrate(rows, alias)[0] if quick.returns else rows[0]
    obj.__dict__[quick.key] = row[0]
    obj._origin = origin(alias, True)
