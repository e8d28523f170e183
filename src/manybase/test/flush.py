"""Empties the tables of a test database and puts back what belongs into an empty one.

Called after each ``TransactionTestCase`` test; the words are the dialect's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from manybase.apps import apps
from manybase.errors import IntegrityError
from manybase.meta.registry import registry
from manybase.models.signals import post_migrate
from manybase.routing.router import router
from manybase.runtime.sync import dialect, raw, session

#: How many tables one statement asks for rows; databases limit the parts of a statement.
_PROBES = 100


def own_tables(alias: str) -> list[str]:
    """The tables of the program's models that are there in a database."""
    there = {row[0] for row in raw(alias, dialect(alias).list_tables()).rows}
    names = [model._meta.db_table for model in models_of(alias)]
    return [name for name in dict.fromkeys(names) if name in there]


def models_of(alias: str) -> list[Any]:
    """The models that have a table in a database, many-to-many links among them."""
    return [model for model in registry.all_models() if has_table(alias, model)]


def has_table(alias: str, model: Any) -> bool:
    """Whether a model has a table of its own in a database."""
    meta = model._meta
    return (
        meta.managed
        and not (meta.proxy or meta.abstract)
        and router.allow_migrate_model(alias, model)
    )


def filled_tables(alias: str) -> list[str]:
    """The tables of the program's models that hold a row."""
    quote = dialect(alias).quote
    probes = [
        f"SELECT * FROM (SELECT '{name}' AS held FROM {quote(name)} LIMIT 1) AS probe_{number}"
        for number, name in enumerate(own_tables(alias))
    ]
    held: list[str] = []
    for start in range(0, len(probes), _PROBES):
        sql = " UNION ALL ".join(probes[start : start + _PROBES])
        held.extend(row[0] for row in raw(alias, sql).rows)
    return held


def flush(alias: str, reset_sequences: bool = True) -> None:
    """Empty all tables of a database.

    Where rows need not be numbered from 1 again only the tables that hold rows are touched.
    """
    empty(alias, own_tables(alias) if reset_sequences else filled_tables(alias), reset_sequences)
    announce(alias)


def empty(alias: str, tables: Sequence[str], reset_sequences: bool = False) -> None:
    """Empty these tables of a database and tell nobody."""
    line = session().use(alias)
    for statement in line.dialect.flush(tables, reset_sequences):
        line.run(statement, None)


def check_references(alias: str) -> None:
    """Check now the foreign keys that are otherwise checked at a commit.

    Raises:
        IntegrityError: A row refers to one that is not there.
    """
    for statement in dialect(alias).check_constraints():
        rows = raw(alias, statement).rows
        if rows:
            raise IntegrityError(
                f"a row of the table '{rows[0][0]}' on '{alias}' refers to a row of"
                f" '{rows[0][2]}' that is not there"
            )


def announce(alias: str, verbosity: int = 0, interactive: bool = False) -> None:
    """Tell each application that a database's tables are there and empty."""
    for config in apps.get_app_configs():
        post_migrate.send(
            sender=config,
            app_config=config,
            verbosity=verbosity,
            interactive=interactive,
            using=alias,
            plan=[],
            apps=apps,
        )
