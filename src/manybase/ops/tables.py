"""Creating the tables of models, for learning, for tests and for programs without migrations.

``models.create_tables`` calls it. The statements come from ``schema``; routing says which tables
belong on which database.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from manybase.meta.registry import registry
from manybase.routing.router import router
from manybase.routing.topology import topology

if TYPE_CHECKING:
    from manybase.runtime.executor import Executor

LOG = logging.getLogger("manybase.schema")
"""Tells what a database cannot hold of the models, when their tables are made."""


def chosen(models: Iterable[Any]) -> list[Any]:
    """The models whose tables are wanted: those given, or every one that has a table."""
    wanted = list(models) or list(registry.all_models())
    found: list[Any] = []
    for model in wanted:
        for one in (*_above(model), model._meta.concrete_model):
            if one._meta.managed and one not in found:
                found.append(one)
    return found


def _above(model: Any) -> list[Any]:
    """Parents' tables, furthest first: a child's row points at its parent's."""
    return list(reversed(model._meta.concrete_model._meta.get_parent_list()))


def places(aliases: Sequence[str]) -> list[str]:
    """The databases that get tables: those named, or all that are no replicas."""
    databases = topology()
    if aliases:
        return [databases.check(alias) for alias in aliases]
    return [alias for alias in databases.aliases if alias not in databases.replica_of]


async def create(
    executor: Executor,
    models: Iterable[Any] = (),
    aliases: Sequence[str] = (),
    *,
    if_not_exists: bool = True,
) -> dict[str, list[str]]:
    """Create tables; return the statements that were run, by alias.

    Args:
        executor: What reaches the databases.
        models: The models; all when empty.
        aliases: The databases; all that are no replicas when empty.
        if_not_exists: Whether tables that are there already are left as they are.

    Raises:
        UnknownAlias: A database is not configured.
        NotSupportedError: A database lacks what ``Meta.required_db_features`` names, or cannot
            make a column. Constraints and indexes that it cannot hold are told to the log.
    """
    # Tables load SQLAlchemy, which programs that make none need not.
    from manybase.schema.create import create_statements
    from manybase.schema.limits import limits, require

    wanted, run = chosen(models), {}
    for model in wanted:
        if model._meta.using is not None:
            topology().check(model._meta.using)
    for alias in places(aliases):
        here = [model for model in wanted if router.allow_migrate_model(alias, model)]
        dialect = await executor.dialect(alias)
        for model in here:
            require(model, alias, dialect)
            for limit in limits(model, dialect):
                LOG.warning("database '%s': %s", alias, limit)
        # Keys to tables that are there already become real constraints.
        there = (await executor.raw(alias, dialect.list_tables())).rows
        run[alias] = create_statements(
            here, dialect, if_not_exists=if_not_exists, existing=[name for name, *_ in there]
        )
        await executor.script(alias, run[alias])
    return run


async def drop(
    executor: Executor, models: Iterable[Any] = (), aliases: Sequence[str] = ()
) -> dict[str, list[str]]:
    """Drop tables; return the statements that were run, by alias."""
    from manybase.schema.create import drop_statements

    wanted, run = chosen(models), {}
    for alias in places(aliases):
        here = [model for model in wanted if router.allow_migrate_model(alias, model)]
        run[alias] = drop_statements(here, await executor.dialect(alias))
        await executor.script(alias, run[alias])
    return run
