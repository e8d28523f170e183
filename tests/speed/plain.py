"""Both ways to the plan of a plain shape, side by side: from pieces, and by SQLAlchemy whole."""

from __future__ import annotations

from typing import Any

from manybase.dialects import dialect_for
from manybase.query.compile import compile_whole
from manybase.query.compile.plain import compile_plain
from manybase.query.state import Recording

VERBS = ("select", "get", "select_told", "get_told", "count", "exists")


def dialects() -> list[Any]:
    """Every kind of database and of parameter: ``?``, ``%s``, ``$1``."""
    return [
        dialect_for("sqlite"),
        dialect_for("sqlite", use_tz=False),
        dialect_for("postgresql"),
        dialect_for("mysql"),
        dialect_for("mysql", (8, 0, 40), mariadb=False),
    ]


def is_plain(rows: Recording, verb: str = "select", dialect: Any = None) -> bool:
    """Whether a queryset's plan is made from pieces."""
    chosen = dialect or dialect_for("sqlite")
    return compile_plain(verb, rows.model, rows.shape, chosen) is not None


def difference(rows: Recording, verb: str, dialect: Any) -> str:
    """How the two plans of a queryset differ; nothing where they are the same or there is one."""
    plain = compile_plain(verb, rows.model, rows.shape, dialect)
    if plain is None:
        return ""
    whole = compile_whole(verb, rows.model, rows.shape, dialect)
    if plain.sql != whole.sql:
        return f"{plain.sql}\n{whole.sql}"
    if (plain.names, plain.model) != (whole.names, whole.model):
        return f"{plain.sql}: {plain.names}, not {whole.names}"
    if plain.returns_rows != whole.returns_rows:
        return f"{plain.sql}: returns_rows"
    given, wanted = list(plain.bind(rows.params)), list(whole.bind(rows.params))
    if repr(given) != repr(wanted):
        return f"{plain.sql}: {given}, not {wanted}"
    return ""


def rows_of(plan: Any, alias: str, rows: Recording) -> list[Any]:
    """What a plan finds, in full: objects with all that they hold, values as they are."""
    from manybase.runtime import sync

    found = plan.hydrate(sync.fetch(alias, plan, rows.params), alias)
    return [_shown(one) for one in found]


def _shown(one: Any) -> Any:
    if not hasattr(one, "_meta"):
        return type(one).__name__, one
    return type(one), {key: _shown(value) for key, value in vars(one).items()}
