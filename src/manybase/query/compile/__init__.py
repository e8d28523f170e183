"""From shapes to plans; the only part of ``query`` that imports SQLAlchemy.

Loaded by ``query.plan`` when a shape is seen for the first time. It builds a SQLAlchemy Core
statement from the shape alone, has the dialect compile it, and generates the functions that bind
parameters and build objects. It never executes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manybase.query.compile import (  # noqa: F401 - they register kinds of nodes
    expressions,
    functions,
    keys,
)
from manybase.query.compile.aggregate import compile_aggregate
from manybase.query.compile.change import compile_delete, compile_update
from manybase.query.compile.plain import VERBS as PLAIN_VERBS
from manybase.query.compile.plain import compile_plain
from manybase.query.compile.probe import compile_probe
from manybase.query.compile.rows import (
    compile_delete_in,
    compile_delete_linked,
    compile_insert,
    compile_insert_rows,
    compile_update_one,
)
from manybase.query.compile.verbs import (
    compile_count,
    compile_exists,
    compile_get,
    compile_get_told,
    compile_select,
    compile_select_told,
)
from manybase.query.plan import Plan

_VERBS: dict[str, Callable[..., Plan]] = {
    "select": compile_select,
    "select_told": compile_select_told,
    "get": compile_get,
    "get_told": compile_get_told,
    "count": compile_count,
    "aggregate": compile_aggregate,
    "exists": compile_exists,
    "probe": compile_probe,
    "update": compile_update,
    "delete": compile_delete,
    "insert": compile_insert,
    "insert_rows": compile_insert_rows,
    "update_one": compile_update_one,
    "delete_in": compile_delete_in,
    "delete_linked": compile_delete_linked,
}


def compile_plan(verb: str, model: Any, shape: tuple[Any, ...], dialect: Any) -> Plan:
    """Build the plan of a shape for a verb on a dialect."""
    plan = compile_plain(verb, model, shape, dialect) if verb in PLAIN_VERBS else None
    return plan or compile_whole(verb, model, shape, dialect)


def compile_whole(verb: str, model: Any, shape: tuple[Any, ...], dialect: Any) -> Plan:
    """Build the plan by way of SQLAlchemy; ``compile_plain`` makes the same of plain shapes."""
    return _VERBS[verb](model, shape, dialect)
