"""Plans: what a shape comes to on a dialect, and the cache that finds them again.

A plan is SQL, a function that puts parameters into the driver's order and form, and a function
that turns rows into objects. Known shapes find their plan with one dictionary look-up and load
nothing of SQLAlchemy; unknown ones are built by ``query.compile``. Nothing is executed here.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from manybase.meta.epoch import epoch
from manybase.meta.registry import registry

if TYPE_CHECKING:
    from manybase.dialects.base import Dialect
    from manybase.query.branch import Branch
    from manybase.query.state import Recording

Bind = Callable[[Sequence[Any]], Sequence[Any]]
Hydrate = Callable[[Sequence[Sequence[Any]], str], list[Any]]
LARGEST = 4096


class Plan:
    """A compiled shape.

    Attributes:
        sql: The text for the driver.
        bind: Parameters of a recording -> parameters of the driver.
        hydrate: Rows and the alias -> objects, tuples or dictionaries.
        model: The model whose rows they are.
        names: The names of the columns, where they have any.
        key: What it is found by in the cache.
        in_parts: Whether no code of the program has a part in ``hydrate``.
    """

    __slots__ = ("bind", "hydrate", "in_parts", "key", "model", "names", "returns_rows", "sql")

    def __init__(
        self,
        model: Any,
        sql: str,
        bind: Bind,
        hydrate: Hydrate,
        names: tuple[str, ...] = (),
        returns_rows: bool = True,
    ) -> None:
        self.model = model
        self.sql = sql
        self.bind = bind
        self.hydrate = hydrate
        self.names = names
        self.returns_rows = returns_rows
        self.key: Any = None
        self.in_parts: bool = getattr(hydrate, "in_parts", False)

    def __repr__(self) -> str:
        return f"<Plan {self.sql!r}>"


class PlanInfo(NamedTuple):
    """Counts of the plan cache."""

    hits: int
    misses: int
    size: int
    largest: int


class Plans:
    """The plans of a program by model, shape and dialect; bounded, safe for threads.

    Reading takes no lock: a dictionary's ``get`` is atomic, and a plan that is dropped while it
    is in use stays valid for whoever holds it.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self.largest = largest
        self._plans: dict[Any, Plan] = {}
        self._by_branch: dict[Any, Plan] = {}
        self._lock = threading.Lock()
        self._generation = -1
        self.hits = 0
        self.misses = 0

    def find(self, key: Any) -> Plan | None:
        """Return a known plan."""
        plan = self._plans.get(key)
        if plan is not None:
            self.hits += 1
        return plan

    def find_on(self, branch: Branch, verb: str, dialect: Dialect) -> Plan:
        """Return the plan of the shape at a branch; compile it where it is new."""
        key = (branch, verb, dialect)
        plan = self._by_branch.get(key)
        if plan is not None:
            self.hits += 1
            return plan
        plan = plan_of(branch.model, verb, branch.calls, dialect)
        if len(self._by_branch) >= self.largest:
            self._by_branch.clear()
        return self._by_branch.setdefault(key, plan)

    def keep(self, key: Any, plan: Plan) -> Plan:
        """Remember a plan; the oldest quarter goes when there are too many."""
        with self._lock:
            self.misses += 1
            if len(self._plans) >= self.largest:
                for old in list(self._plans)[: self.largest // 4]:
                    del self._plans[old]
                self._by_branch.clear()
            if isinstance(plan, Plan):
                plan.key = key
            return self._plans.setdefault(key, plan)

    def info(self) -> PlanInfo:
        """Count hits, misses and plans kept."""
        return PlanInfo(self.hits, self.misses, len(self._plans), self.largest)

    def clear(self) -> None:
        """Forget every plan and start counting again."""
        with self._lock:
            self._plans.clear()
            self._by_branch.clear()
            self.hits = self.misses = 0
        epoch.turn()

    def drop(self) -> None:
        """Forget every plan and keep counting; models have changed."""
        with self._lock:
            self._plans.clear()
            self._by_branch.clear()
        epoch.turn()


plans = Plans()
registry.on_change.append(plans.drop)


def plan_for(recording: Recording, verb: str, dialect: Dialect) -> Plan:
    """Return the plan of a recording for a verb: select, count, exists, update or delete."""
    return plans.find_on(recording.branch, verb, dialect)


def plan_of(model: Any, verb: str, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    """Return the plan of a shape that no recording was made for."""
    key = (model, verb, shape, dialect)
    plan = plans.find(key)
    if plan is None:
        plan = plans.keep(key, _compile(verb, model, shape, dialect))
    return plan


def beyond_plan(plan: Any) -> Plan | None:
    """Return the plan of the same statement for numbers that the driver refuses to take.

    It compares with them as mathematics says, and writes none. None where there is no such plan.
    """
    key = getattr(plan, "key", None)
    if key is None or key[1] in _INSERTS:
        return None
    model, verb, shape, dialect = key
    beyond = dialect.beyond
    return None if beyond is None else plan_of(model, verb, shape, beyond)


_INSERTS = frozenset({"insert", "insert_rows"})


def _compile(verb: str, *arguments: Any) -> Plan:
    # Loaded at the first new shape: SQLAlchemy is too heavy for the import of Manybase.
    compiler = importlib.import_module("manybase.query.compile")
    plan: Plan = compiler.compile_plan(verb, *arguments)
    return plan


def insert_plan(
    model: Any,
    fields: tuple[Any, ...],
    dialect: Dialect,
    returning: tuple[Any, ...] = (),
    rows: int = 1,
    conflict: Any = None,
    *,
    bound: bool = False,
) -> Plan:
    """Return the plan that inserts rows of ``fields`` into the model's own table.

    Its parameters are the prepared values, row after row; its rows are the values of
    ``returning``. ``conflict`` is None, ("ignore",) or ("update", columns, unique columns). With
    ``bound`` the parameters are the driver's already.
    """
    return _write("insert", model, (fields, returning, rows, conflict, bound), dialect)


def insert_rows_plan(
    model: Any,
    fields: tuple[Any, ...],
    dialect: Dialect,
    returning: tuple[Any, ...] = (),
    conflict: Any = None,
) -> Any:
    """Return the plan that inserts any number of rows; see ``query.repeated``.

    Its ``of(count)`` is the plan to run, ``params(rows)`` makes the parameters of rows whose
    values are the driver's already.
    """
    return _write("insert_rows", model, (fields, returning, conflict), dialect)


def update_plan(
    model: Any,
    fields: tuple[Any, ...],
    dialect: Dialect,
    *,
    bound: bool = False,
    returning: tuple[Any, ...] = (),
    same: tuple[Any, ...] = (),
) -> Plan:
    """Return the plan that writes ``fields`` of one row; parameters: the values, then the key.

    With ``bound`` they are the driver's already. Its rows are the values of ``returning``. The row
    is written only where the fields of ``same`` hold the values that follow the key.
    """
    return _write("update_one", model, (fields, bound, returning, same), dialect)


def delete_plan(model: Any, field: Any, count: int, dialect: Dialect) -> Plan:
    """Return the plan that deletes the rows whose ``field`` is one of ``count`` values."""
    return _write("delete_in", model, (field, count), dialect)


def delete_linked_plan(model: Any, links: tuple[tuple[Any, Any], ...], dialect: Dialect) -> Plan:
    """Return the plan that deletes the row of a key, and before it the rows that link to it.

    Its parameter is the key; its one row says how many rows of each link went, then of the model.
    Only where ``features.writes_in_with``.
    """
    return _write("delete_linked", model, (links,), dialect)


def probe_plan(
    model: Any, fields: tuple[Any, ...], shape: tuple[Any, ...], dialect: Dialect
) -> Plan:
    """Return the plan that works out a recording's conditions and values without a row.

    Its parameters are those of the recording, then the values of ``fields``.
    """
    return _write("probe", model, (fields, shape), dialect)


def _write(verb: str, model: Any, shape: tuple[Any, ...], dialect: Dialect) -> Plan:
    key = (model, verb, shape, dialect)
    plan = plans.find(key)
    if plan is None:
        plan = plans.keep(key, _compile(verb, model, shape, dialect))
    return plan
