"""``models.create_tables()``: the tables of models, without migrations.

For learning, tests and small programs; a program that lives longer uses migrations. What is done
stands in ``ops.tables``.
"""

from __future__ import annotations

from typing import Any

from manybase.ops import tables
from manybase.runtime.aio import aio
from manybase.runtime.loops import refuse_in_loop
from manybase.runtime.stepping import run_sync
from manybase.runtime.sync import sync

Statements = dict[str, list[str]]


def _aliases(using: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return () if using is None else (using,) if isinstance(using, str) else tuple(using)


def create_tables(
    *models: Any,
    using: str | tuple[str, ...] | list[str] | None = None,
    if_not_exists: bool = True,
) -> Statements:
    """Create the tables of models, with those of their links and parents.

    Args:
        *models: The models; every one that is defined when left out.
        using: An alias or several; every database that is no replica when left out. Routers'
            ``allow_migrate`` and ``Meta.using`` are heeded.
        if_not_exists: Whether a table that is there already is left as it is.

    Returns:
        The statements that were run, by alias.

    Example:
        >>> models.create_tables(Book, Person)
    """
    refuse_in_loop(twin="'await models.acreate_tables()'")
    work = tables.create(sync, models, _aliases(using), if_not_exists=if_not_exists)
    return run_sync(work)


async def acreate_tables(
    *models: Any,
    using: str | tuple[str, ...] | list[str] | None = None,
    if_not_exists: bool = True,
) -> Statements:
    """Create the tables of models; see ``create_tables``."""
    return await tables.create(aio, models, _aliases(using), if_not_exists=if_not_exists)


def drop_tables(*models: Any, using: str | tuple[str, ...] | list[str] | None = None) -> Statements:
    """Drop the tables of models with everything in them.

    Args:
        *models: The models; every one that is defined when left out.
        using: An alias or several; every database that is no replica when left out.
    """
    refuse_in_loop(twin="'await models.adrop_tables()'")
    return run_sync(tables.drop(sync, models, _aliases(using)))


async def adrop_tables(
    *models: Any, using: str | tuple[str, ...] | list[str] | None = None
) -> Statements:
    """Drop the tables of models; see ``drop_tables``."""
    return await tables.drop(aio, models, _aliases(using))
